module Mixtures.Tests.ChartsTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures

let private traceText name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Text text) -> text
    | Some _
    | None -> ""

let private numbers name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Numbers values) -> values
    | Some _
    | None -> [||]

let private inLegend (figure: Figure) =
    figure.Data
    |> List.filter (fun trace -> PlotValue.tryField "showlegend" trace <> Some(PlotValue.Bool false))
    |> List.map (traceText "name")

let private markers (figure: Figure) =
    figure.Data |> List.filter (fun trace -> traceText "mode" trace = "markers")

let private sample name =
    SampleFigures.all |> List.find (fun (other, _) -> other = name) |> snd

let private title figure =
    Figure.tryTitle figure |> Option.defaultValue ""

/// Catches ellipses that are not the covariance's: every point has Mahalanobis distance r.
[<Fact>]
let ``ellipse points satisfy the quadratic form`` () =
    let input =
        gen {
            let! numbers = Gen.arrayOfLength 5 (Gen.choose (-1000, 1000))
            let! radius = Gen.elements [ 0.5; 1.0; 2.0; 3.0 ]
            return numbers |> Array.map (fun n -> float n / 100.0), radius
        }

    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 300,
        Prop.forAll (Arb.fromGen input) (fun (v, radius) ->
            // Σ = L L' with a diagonal away from zero
            let a, b, c = abs v[0] + 0.1, v[1], abs v[2] + 0.1
            let covariance = array2D [ [ a * a; a * b ]; [ a * b; b * b + c * c ] ]
            let mean = [| v[3]; v[4] |]
            let x, y = CovarianceEllipse.points radius 60 0 1 mean covariance
            let determinant = (a * c) ** 2.0

            let form i =
                let dx, dy = x[i] - mean[0], y[i] - mean[1]

                (covariance[1, 1] * dx * dx - 2.0 * covariance[0, 1] * dx * dy
                 + covariance[0, 0] * dy * dy)
                / determinant

            x.Length = 61
            && x[0] = x[60]
            && y[0] = y[60]
            && Seq.forall
                (fun i -> abs (form i - radius * radius) < 1e-6 * radius * radius * (1.0 + (b / c) ** 2.0))
                [ 0..60 ])
    )

/// Catches rows and columns of the covariance that are mixed up: two columns of many give their own ellipse.
[<Fact>]
let ``an ellipse in two of many columns uses their entries`` () =
    let wide = SampleFigures.components (SampleFigures.wide 5)
    let s = wide.Covariances[1]
    let small = array2D [ [ s[1, 1]; s[1, 3] ]; [ s[3, 1]; s[3, 3] ] ]
    let mean = wide.Means[1]

    Assert.Equal(
        CovarianceEllipse.points 2.0 24 0 1 [| mean[1]; mean[3] |] small,
        CovarianceEllipse.points 2.0 24 1 3 mean s
    )

/// Catches a total that is not the sum of the components, bars that are not of area one, and legends without weights.
[<Fact>]
let ``a density chart has bars, components and their total`` () =
    let density = SampleFigures.density
    let figure = Charts.density1D density
    Assert.Equal<string list>([ "data"; "component 1 (0.36)"; "component 2 (0.64)"; "total" ], inLegend figure)
    let bars = figure.Data.Head
    Assert.Equal(1.0, Seq.sum (Seq.map2 (*) (numbers "y" bars) (numbers "width" bars)), 9)
    let curve index = numbers "y" figure.Data[index]
    Assert.Equal<float>(Array.map2 (+) (curve 1) (curve 2), curve 3)

    let single =
        Charts.density1D
            { density with
                Curves = [| density.Curves[0] |]
                Names = [| "setosa" |]
                Weights = [| 1.0 |]
            }

    Assert.Equal<string list>([ "data"; "setosa (1.00)" ], inLegend single)

/// Catches rows that are lost or drawn under another component, and row numbers that start at 0.
[<Fact>]
let ``a scatter draws each row once under its component`` () =
    let rows = SampleFigures.rows [| "a"; "b" |] 300 1 SampleFigures.geyser
    let figure = Charts.scatter2D (SampleFigures.components SampleFigures.geyser) rows

    let points =
        markers figure
        |> List.filter (fun trace -> PlotValue.tryField "customdata" trace <> None)

    Assert.Equal(2, points.Length)

    points
    |> List.iteri (fun k trace ->
        let own = Array.init 300 id |> Array.filter (fun row -> rows.Labels[row] = k)
        Assert.Equal<float>(own |> Array.map (fun row -> rows.Values[0][row]), numbers "x" trace)

        match PlotValue.tryField "customdata" trace with
        | Some(PlotValue.List(PlotValue.Numbers first :: _)) ->
            Assert.Equal<float>([| float (own[0] + 1); Math.Round(rows.Uncertainty[own[0]], 4) |], first)
        | Some _
        | None -> Assert.Fail "expected a row number and an uncertainty for each point")

    Assert.Equal<string list>([ "component 1 (0.36)"; "component 2 (0.64)" ], inLegend figure)

/// Catches a sample that is too large, uneven or not admitted, and points that the browser cannot draw in time.
[<Fact>]
let ``many rows are thinned evenly and the title says so`` () =
    let figure = sample "scatter-many"
    Assert.Contains("20,000 of 60,000 rows drawn", title figure)
    Assert.All(figure.Data, (fun trace -> Assert.Equal("scattergl", traceText "type" trace)))

    let drawn =
        figure.Data
        |> List.filter (fun trace -> PlotValue.tryField "customdata" trace <> None)
        |> List.sumBy (fun trace -> (numbers "x" trace).Length)

    Assert.Equal(20000, drawn)
    let thinned = PlotParts.evenRows 20000 59999
    Assert.Equal(20000, Array.distinct thinned |> Array.length)
    Assert.Equal(0, thinned[0])
    Assert.All(Array.pairwise thinned, (fun (a, b) -> Assert.InRange(b - a, 2, 3)))
    Assert.Equal<int>([| 0..9 |], PlotParts.evenRows 10 10)
    Assert.DoesNotContain("drawn", title (sample "scatter"))

/// Catches components without rows or without a finite covariance that vanish from the legend or break the figure.
[<Fact>]
let ``a component without rows stays in the legend, and what is not finite is not drawn`` () =
    let rows = SampleFigures.rows [| "a"; "b" |] 50 1 SampleFigures.geyser
    let components = SampleFigures.components SampleFigures.geyser
    let first = { rows with Labels = Array.create 50 0 }

    Assert.Equal<string list>(
        [ "component 1 (0.36)"; "component 2 (0.64)" ],
        inLegend (Charts.scatter2D components first)
    )

    let broken =
        { components with
            Means = [| components.Means[0]; [| nan; 1.0 |] |]
        }

    let figure = Charts.scatter2D broken first

    for trace in figure.Data do
        Assert.True(numbers "x" trace |> Array.exists Double.IsFinite)

/// Catches a matrix with missing panels, or one that hides columns without a word.
[<Fact>]
let ``a matrix has a panel for each pair and says what it leaves out`` () =
    let panels figure =
        figure.Data
        |> List.map (fun trace -> traceText "xaxis" trace, traceText "yaxis" trace)
        |> List.distinct
        |> List.length

    Assert.Equal(4 + 6, panels (sample "pairs"))
    Assert.Equal(6 + 15, panels (sample "pairs-many"))
    Assert.Contains("first 6 of 8 columns", title (sample "pairs-many"))
    Assert.Contains("of 30,000 rows drawn", title (sample "pairs-many"))
    Assert.Equal("Components in pairs of columns", title (sample "pairs"))
    Assert.Equal(3, (inLegend (sample "pairs")).Length)

/// Catches uncertainties out of order, and a histogram on the diagonal that a caller's own densities do not reach.
[<Fact>]
let ``uncertainty ascends and a family's own marginals are drawn`` () =
    let lines = (sample "uncertainty").Data |> List.map (numbers "y")
    Assert.Equal(272, lines |> List.sumBy _.Length)

    for line in lines do
        Assert.Equal<float>(Array.sort line, line)

    let many = (sample "uncertainty-many").Data |> List.map (numbers "x")
    Assert.InRange(many |> List.sumBy _.Length, 19900, 20012)
    Assert.All(many, (fun shares -> Assert.Equal(100.0, Array.last shares)))

    let rows = SampleFigures.rows [| "a"; "b"; "c" |] 40 1 (SampleFigures.wide 3)

    let components =
        { SampleFigures.components (SampleFigures.wide 3) with
            Marginal =
                Some(fun column grid -> Array.init 3 (fun k -> grid |> Array.map (fun _ -> float (10 * column + k))))
        }

    let constant =
        (Charts.pairs components rows).Data
        |> List.filter (fun trace -> traceText "fill" trace = "tozeroy")
        |> List.map (fun trace -> (numbers "y" trace)[0])

    Assert.Equal<float list>([ 0.0; 1.0; 2.0; 10.0; 11.0; 12.0; 20.0; 21.0; 22.0 ], constant)

/// Catches the wrong start in front, and iterations that start at 1.
[<Fact>]
let ``the best start is in front and named from 1`` () =
    let figure =
        Charts.logLikelihood
            1
            [|
                [| -9.0; -5.0 |]
                [| -8.0; -4.0; -3.0 |]
                [| -7.0; Double.NegativeInfinity |]
            |]

    let best = List.last figure.Data
    Assert.Equal("best (start 2)", traceText "name" best)
    Assert.Equal<float>([| 0.0; 1.0; 2.0 |], numbers "x" best)
    Assert.Equal<string list>([ "other starts"; "best (start 2)" ], inLegend figure)
    Assert.Contains("-3.00 in 2 iterations", Figure.trySummary figure |> Option.defaultValue "")

/// Catches intervals drawn from zero or on the wrong side, and a bound that is called a log-likelihood.
[<Fact>]
let ``weights of a guide have intervals, and its bound a line for each start`` () =
    let stream = (RandomKey.ofSeed 2).Stream()

    let data =
        Dataset.ofColumn (Seq.init 90 (fun i -> (if i % 3 = 0 then 5.0 else -1.0) + stream.NextNormal()))

    for weights in [ Dirichlet [| 1.0 |]; DirichletProcess 1.0 ] do
        let fit =
            Cavi.fit
                { Cavi.defaults with Restarts = 3 }
                ((Gaussian.spec CovarianceStructure.Full 3).WithPriors { Weights = weights; Parameters = [] })
                data

        let figure = Plot.posteriorWeights fit
        let bars = List.exactlyOne figure.Data
        Assert.Equal("bar", traceText "type" bars)
        let means = numbers "y" bars
        Assert.Equal<float[]>(WeightsPosterior.means fit.Weights, means)

        match PlotValue.tryField "error_y" bars with
        | Some error ->
            let up, down = numbers "array" error, numbers "arrayminus" error
            // sds of about .05 for a third of 90 rows
            Assert.True(up[0] > 0.03 && up[0] < 0.2)
            Assert.Equal(3, down.Length)
            Array.iter2 (fun d m -> Assert.True(d >= 0.0 && d <= m)) down means
        | None -> Assert.Fail "no intervals"

        let bound = Plot.lowerBound fit

        Assert.Equal(
            2,
            bound.Data
            |> List.filter (fun t -> traceText "legendgroup" t = "others")
            |> List.length
        )

        Assert.Equal<float[]>(fit.History, numbers "y" (List.last bound.Data))
        Assert.Contains("lower bound", Figure.trySummary bound |> Option.defaultValue "")

    let refused =
        Assert.Throws<ArgumentException>(fun () ->
            Charts.guideWeights [| "a" |] [| 1.0 |] [| 0.5; 0.5 |] [| 1.0 |] |> ignore)

    Assert.Contains("low", refused.Message)

/// Catches a failed candidate that is called the best, and candidates in the order in which they were tried.
[<Fact>]
let ``the lowest candidate is marked`` () =
    let candidate structure components value =
        {
            Structure = structure
            Components = components
            Value = value
        }

    let figure =
        Charts.selection
            "ICL"
            [
                candidate "full" 2 10.0
                candidate "full" 1 12.0
                candidate "tied" 1 Double.NegativeInfinity
                candidate "tied" 2 9.0
                candidate "tied" 3 nan
            ]

    Assert.Equal<string list>([ "full"; "tied"; "lowest: tied, 2 components" ], inLegend figure)
    Assert.Equal<float>([| 1.0; 2.0 |], numbers "x" figure.Data.Head)
    Assert.Equal(Some(PlotValue.Text "ICL (smaller is better)"), Figure.tryLayout "yaxis.title.text" figure)
    Assert.Equal(0, (Charts.selection "BIC" []).Data.Length)

/// Catches frames that the slider does not reach.
[<Fact>]
let ``the slider has a step for each frame`` () =
    let figure = sample "animated"
    Assert.Equal(16, figure.Frames.Length)

    let frames = figure.Frames |> List.map (traceText "name")

    let steps =
        match Figure.tryLayout "sliders" figure with
        | Some(PlotValue.List [ slider ]) ->
            match PlotValue.tryField "steps" slider with
            | Some(PlotValue.List steps) -> steps
            | Some _
            | None -> []
        | Some _
        | None -> []

    let targets =
        steps
        |> List.map (fun step ->
            match PlotValue.tryField "args" step with
            | Some(PlotValue.List(PlotValue.List [ PlotValue.Text target ] :: _)) -> target
            | Some _
            | None -> "")

    Assert.Equal<string list>(frames, targets)
    Assert.Equal(frames.Length, (List.distinct frames).Length)

/// Catches arrays of the wrong length or labels out of range that are drawn askew instead of refused.
[<Fact>]
let ``what does not fit together is refused by name`` () =
    let rows = SampleFigures.rows [| "a"; "b" |] 10 1 SampleFigures.geyser
    let components = SampleFigures.components SampleFigures.geyser

    let refuses (name: string) (action: unit -> Figure) =
        Assert.Equal(name, Assert.Throws<ArgumentException>(name, Action(fun () -> action () |> ignore)).ParamName)

    refuses "Labels" (fun () -> Charts.scatter2D components { rows with Labels = Array.create 10 2 })

    refuses "Values" (fun () ->
        Charts.scatter2D
            components
            { rows with
                Values = [| [| 1.0 |]; [| 1.0 |] |]
            })

    refuses "Uncertainty" (fun () -> Charts.scatter2D components { rows with Uncertainty = [||] })

    refuses "Means" (fun () ->
        Charts.scatter2D
            { components with
                Means = [| [| 1.0 |] |]
            }
            rows)

    refuses "rows" (fun () ->
        Charts.scatter2D components (SampleFigures.rows [| "a"; "b"; "c" |] 5 1 (SampleFigures.wide 3)))

    refuses "Curves" (fun () ->
        Charts.density1D
            { SampleFigures.density with
                Grid = [| 1.0 |]
            })

    refuses "best" (fun () -> Charts.logLikelihood 3 [| [| 1.0 |] |])
    refuses "uncertainty" (fun () -> Charts.uncertainty [| "a" |] [| 0 |] [||])
