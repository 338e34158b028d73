module Mixtures.Tests.MarginalPlotTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.MarginalFigures

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

let private figure name =
    all |> List.find (fun (other, _) -> other = name) |> snd

/// The traces of a panel, by their axis.
let private panel (axis: string) (figure: Figure) =
    figure.Data |> List.filter (fun t -> traceText "xaxis" t = axis)

let private named (name: string) traces =
    traces
    |> List.find (fun t -> (traceText "name" t).StartsWith(name, StringComparison.Ordinal))

/// Catches shares that do not sum to one, and probabilities that are not the mixture's.
[<Fact>]
let ``counts are shares of the rows under probabilities at whole numbers`` () =
    let traces = (figure "marginal-counts").Data
    Assert.Equal(4, traces.Length)
    let data = named "data" traces
    Assert.Equal("bar", traceText "type" data)
    let x = numbers "x" data
    Assert.Equal<float>([| Array.head x .. Array.last x |], x)
    Assert.Equal(1.0, Array.sum (numbers "y" data), 1e-12)
    let column = countRows.Column 0
    let threes = column |> Array.filter ((=) 3.0) |> Array.length
    Assert.Equal(float threes / 600.0, (numbers "y" data)[Array.IndexOf(x, 3.0)], 1e-12)

    for k, weight, rate in [ 1, 0.4, 2.0; 2, 0.6, 9.0 ] do
        let y = numbers "y" (named $"component {k}" traces)

        for i in 0 .. x.Length - 1 do
            Assert.Equal(weight * exp (Poisson.logDensity rate x[i]), y[i], 1e-13)

    let total = numbers "y" (named "total" traces)

    for i in 0 .. x.Length - 1 do
        Assert.Equal(exp (Mixture.logDensityOfRow counts [| x[i] |]), total[i], 1e-13)

/// Catches weights in what is meant without, bars over each other, and a mark beside its bar.
[<Fact>]
let ``levels are bars side by side of each component's own probabilities`` () =
    let traces = (figure "marginal-levels").Data
    Assert.Equal(4, traces.Length)
    let own = numbers "y" (named "component 1" traces)
    Assert.Equal<float>([| 0.7; 0.1; 0.1; 0.1 |], own |> Array.map (fun v -> Math.Round(v, 12)))
    let total = named "total" traces
    Assert.Equal(0.3 * 0.7 + 0.7 * 0.1, (numbers "y" total)[0], 1e-12)
    Assert.Equal<float>(numbers "x" (named "data" traces), numbers "x" total)
    let bars = traces |> List.filter (fun t -> traceText "type" t = "bar")
    let first = bars |> List.map (fun t -> (numbers "x" t)[0])
    let gaps = first |> List.pairwise |> List.map (fun (a, b) -> b - a)
    Assert.All(gaps, (fun g -> Assert.Equal(0.28, g, 1e-12)))

/// Catches a column that is drawn by another's family, or beyond where it has values.
[<Fact>]
let ``a product has a panel for each column, drawn on its own support`` () =
    let figure = figure "marginals"

    let kind c = ColumnMarginal.kind mixed.Components c

    Assert.Equal(ColumnKind.Counts, kind 1)
    Assert.Equal(ColumnKind.Numbers(0.0, 1.0), kind 3)
    Assert.Equal(ColumnKind.Angles, kind 4)
    Assert.Equal(ColumnKind.Levels 4, kind 5)
    Assert.Equal(ColumnKind.Levels 2, kind 6)
    let axes = figure.Data |> List.map (traceText "xaxis") |> List.distinct
    Assert.Equal<string list>([ "x"; "x2"; "x3"; "x4"; "x5"; "x6"; "x7" ], axes)
    // every component is in the legend once
    let shown =
        figure.Data
        |> List.filter (fun t -> PlotValue.tryField "showlegend" t = Some(PlotValue.Bool true))

    Assert.Equal(5, shown.Length)

    for column in 0..6 do
        let traces = panel (if column = 0 then "x" else $"x{column + 1}") figure
        let total = named "total" traces
        let alone = Mixture.marginal [ column ] mixed
        let y = numbers "y" total

        let x =
            match kind column with
            // marks stand on the bars of the data
            | ColumnKind.Levels levels -> Array.init levels float
            | _ -> numbers "x" total

        for i in 0 .. x.Length - 1 do
            Assert.Equal(exp (Mixture.logDensityOfRow alone [| x[i] |]), y[i], 1e-12 * (1.0 + y[i]))

    let income = numbers "x" (named "total" (panel "x3" figure))
    Assert.True(Array.min income > 0.0)
    let share = numbers "x" (named "total" (panel "x4" figure))
    Assert.True(Array.min share > 0.0 && Array.max share < 1.0)
    let angle = numbers "x" (named "total" (panel "x5" figure))
    Assert.Equal(-Math.PI, Array.head angle)
    Assert.Equal(Math.PI, Array.last angle)

/// Catches an ellipse around noise, and curves that leave it out.
[<Fact>]
let ``noise has its name and no ellipse`` () =
    let traces = (figure "noise").Data
    let names = traces |> List.map (traceText "name") |> List.distinct
    Assert.Contains(names, fun n -> n.StartsWith("noise", StringComparison.Ordinal))

    let ellipses name =
        traces
        |> List.filter (fun t ->
            traceText "mode" t = "lines"
            && (numbers "x" t) |> Array.exists Double.IsFinite
            && (traceText "legendgroup" t) = name)

    Assert.NotEmpty(ellipses "component-0")
    Assert.Empty(ellipses "component-2")
    let flat = named "noise" (panel "x" (figure "noise-marginals"))
    let inside = numbers "y" flat |> Array.filter (fun v -> v > 0.0)
    Assert.All(inside, (fun v -> Assert.Equal(0.02, v, 1e-12)))

/// Catches a density without bound that flattens everything else, and data that a panel cannot bin.
[<Fact>]
let ``hostile columns are drawn`` () =
    let steep = Families.create Families.gamma [| 1.0 |] [| [| [| 0.01; 1.0 |] |] |]

    let tiny = Dataset.ofColumn [| 1e-300; 1e-9; 0.5; 1.0; 2.0 |]
    let drawn = Plot.marginals tiny steep

    match Figure.tryLayout "yaxis.range" drawn with
    | Some(PlotValue.Numbers [| 0.0; top |]) -> Assert.True(Double.IsFinite top && top < 100.0)
    | other -> Assert.Fail $"range %A{other}"

    let one = Dataset.ofColumn [| 4.0; 4.0; 4.0 |]
    Assert.Equal(4, (Plot.marginals one counts).Data.Length)
    let far = Dataset.ofColumn [| 0.0; 1.0; 1e6 |]
    Assert.NotEmpty((Plot.marginals far counts).Data)
    // weights of zero hide a value that would stretch the panel
    let weighted =
        (Dataset.ofColumn [| 1.0; 2.0; 90.0 |]).WithWeights [| 1.0; 3.0; 0.0 |]

    let data = named "data" (Plot.marginals weighted counts).Data
    Assert.Equal<float>([| 0.25; 0.75 |], numbers "y" data)
    let many = Array.init 14 (fun _ -> [| 2.0 |])
    let wide = Families.create Families.poisson [| 1.0 |] [| many |]
    let figure = Plot.marginals (Mixture.sample (RandomKey.ofSeed 1) 30 wide) wide
    Assert.Equal("Columns one by one (first 12 of 14)", (Figure.tryTitle figure).Value)

    let known =
        Component.ofLogDensity "laplace" [ "location", 2 ] (fun point _ -> point) (fun p rows ->
            -(Tensor.sumOver [| 1 |] false (Tensor.abs (rows - p))))

    let unknown =
        Mixture.create None [| 1.0 |] (Component.create known 2 [| [| 0.0; 0.0 |] |])

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Plot.marginals (Dataset.ofSeq [ [| 1.0; 2.0 |]; [| 2.0; 1.0 |] ]) unknown
            |> ignore)

    Assert.Contains("laplace", error.Message)
