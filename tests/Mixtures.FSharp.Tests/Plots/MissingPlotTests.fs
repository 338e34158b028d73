/// Pictures of data with missing cells: every number that is drawn is one, and rows are missing only where they lack a value.
module Mixtures.Tests.MissingPlotTests

open System
open Xunit
open Mixtures

let private field name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Numbers values) -> values
    | Some _
    | None -> [||]

let private textOf name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Text value) -> value
    | Some _
    | None -> ""

/// Two groups of 200 rows; of the first so many columns, every fifth cell is missing, and so is the whole of row 9.
let private rows (columns: int) =
    let stream = (RandomKey.ofSeed 11).Stream()

    Array.init 200 (fun i ->
        Array.init columns (fun c ->
            let value = float (i % 2 * 6) + stream.NextNormal()
            if i = 9 || (i * columns + c) % 5 = 0 then nan else value))

let private names columns =
    Array.init columns (fun c -> $"c{c + 1}")

let private data columns =
    Dataset.FromRows(rows columns, names columns, MissingCells.Keep)

let private fit columns =
    Em.fit { Em.defaults with Restarts = 1 } (Gaussian.spec CovarianceStructure.Full 2) (data columns)

/// Bars, curves and points of a figure must be numbers; ellipses have a gap between the inner and the outer one.
let private assertNumbers (figure: Figure) =
    for trace in figure.Data do
        let isCurve = textOf "mode" trace = "lines" && (field "x" trace).Length > 150

        if isCurve || textOf "type" trace = "bar" || textOf "mode" trace = "markers" then
            for name in [ "x"; "y" ] do
                Assert.NotEmpty(field name trace)
                Assert.All(field name trace, fun v -> Assert.True(Double.IsFinite v, textOf "name" trace))

    Assert.DoesNotContain("NaN", PlotValue.toJson (Figure.toValue figure))

/// The points on a pair of axes, all components together.
let private points x y (figure: Figure) =
    [
        for trace in figure.Data do
            if
                textOf "mode" trace = "markers"
                && textOf "symbol" trace = ""
                && (textOf "xaxis" trace, textOf "yaxis" trace) = (x, y)
                && (PlotValue.tryField "customdata" trace).IsSome
            then
                yield! Array.zip (field "x" trace) (field "y" trace)
    ]
    |> List.sort

let private complete (values: float[][]) first second =
    [
        for row in values do
            if Double.IsFinite row[first] && Double.IsFinite row[second] then
                row[first], row[second]
    ]
    |> List.sort

/// Catches a histogram or a grid of points that is spoiled by one missing cell.
[<Fact>]
let ``one column`` () =
    let figure = Plot.density (data 1) (fit 1)
    assertNumbers figure
    Assert.Contains("159 values", Option.get (Figure.trySummary figure))
    let bars = figure.Data |> List.find (fun t -> textOf "type" t = "bar")
    let area = Array.map2 (*) (field "y" bars) (field "width" bars) |> Array.sum
    Assert.Equal(1.0, area, 1e-9)

    // weights stay with their rows
    let weights = Array.init 200 (fun i -> if i % 2 = 0 then 0.0 else 1.0)
    let weighted = Plot.mixture ((data 1).WithWeights weights) (fit 1).Mixture
    assertNumbers weighted
    let bars = weighted.Data |> List.find (fun t -> textOf "type" t = "bar")
    Assert.All(field "x" bars, fun x -> Assert.True(x > 1.5))

/// Catches rows that are drawn without a place, or left out of panels whose columns they have.
[<Fact>]
let ``two columns`` () =
    let figure = Plot.density (data 2) (fit 2)
    assertNumbers figure
    Assert.Equal<(float * float) list>(complete (rows 2) 0 1, points "x" "y" figure)
    Assert.Contains("left out", Option.get (Figure.trySummary figure))

/// As for two columns, panel by panel.
[<Fact>]
let ``pairs of columns`` () =
    let figure = Plot.density (data 3) (fit 3)
    assertNumbers figure

    for x, y, first, second in [ "x", "y2", 0, 1; "x", "y3", 0, 2; "x2", "y3", 1, 2 ] do
        let expected = complete (rows 3) first second
        Assert.InRange(expected.Length, 100, 180)
        Assert.Equal<(float * float) list>(expected, points x y figure)

/// Catches panels of single columns, lines of uncertainty and reports that fail, or have other than numbers.
[<Fact>]
let ``marginals, uncertainty and reports`` () =
    for columns in 1..3 do
        let fit, data = fit columns, data columns
        assertNumbers (Plot.marginals data fit.Mixture)
        let classified = Plot.uncertainty data fit

        for trace in classified.Data do
            Assert.All(field "y" trace, fun u -> Assert.InRange(u, 0.0, 0.5))

        Assert.Equal(200, classified.Data |> List.sumBy (fun t -> (field "y" t).Length))
        Assert.NotEmpty(Plot.report data None fit)

/// Catches counts and levels without a value that are counted, or fail; and levels that are shown as codes.
[<Fact>]
let ``counts and levels`` () =
    let count =
        Array.init 120 (fun i -> if i % 4 = 0 then nan else float (i % 2 * 9 + i % 3))

    let kind =
        Array.init 120 (fun i ->
            if i % 7 = 0 then ""
            elif i % 2 = 0 then "a<b"
            else "c")

    let data =
        Dataset
            .FromColumn(count, "count", MissingCells.Keep)
            .WithTexts("kind", Seq.map (fun t -> t: string | null) kind)

    let groups = [ [ "count" ], Families.poisson; [ "kind" ], Families.categorical ]

    for spec in [ Schema.spec groups 2; MixtureSpec.withNoise (Schema.spec groups 2) ] do
        let mixture = (Em.fit { Em.defaults with Restarts = 1 } spec data).Mixture
        let figure = Plot.mixture data mixture
        assertNumbers figure
        let shares = figure.Data |> List.filter (fun t -> textOf "name" t = "data")
        Assert.Equal(2, shares.Length)
        Assert.All(shares, fun t -> Assert.Equal(1.0, Array.sum (field "y" t), 1e-12))

        match PlotValue.tryPath [ "xaxis2"; "ticktext" ] figure.Layout with
        | Some(PlotValue.List [ PlotValue.Text first; PlotValue.Text second ]) ->
            Assert.Equal(("a&lt;b", "c"), (first, second))
        | other -> Assert.Fail $"no ticks: {other}"

/// Catches pictures of other data, of which a column has no value at all, that fail.
[<Fact>]
let ``a column without any value`` () =
    for columns in 1..3 do
        let mixture = (fit columns).Mixture

        let empty =
            Dataset.FromRows(
                rows columns |> Array.map (Array.mapi (fun c v -> if c = 0 then nan else v)),
                names columns,
                MissingCells.Keep
            )

        for figure in [ Plot.mixture empty mixture; Plot.classification empty mixture ] do
            Assert.DoesNotContain("NaN", PlotValue.toJson (Figure.toValue figure))

        let figure = Plot.marginals empty mixture
        Assert.DoesNotContain("NaN", PlotValue.toJson (Figure.toValue figure))

/// Catches an animation whose points are spoiled by one missing cell.
[<Fact>]
let ``animations`` () =
    let options =
        { Gradient.defaults with
            KeepParameters = true
            Restarts = 1
        }

    let fit = Gradient.fit options (Gaussian.spec CovarianceStructure.Full 2) (data 1)

    let figure = Plot.animation [] (data 1) fit
    assertNumbers figure

    for frame in figure.Frames do
        let json = PlotValue.toJson frame
        Assert.DoesNotContain("null", json)

/// Catches images with missing pixels whose colours are lost.
[<Fact>]
let ``reconstructions`` () =
    let figure = Plot.reconstructions 1 [| 0; 1; 2 |] (data 2) (fit 2).Mixture

    match PlotValue.tryField "zmax" figure.Data[0] with
    | Some(PlotValue.Number high) -> Assert.InRange(high, 1.0, 20.0)
    | other -> Assert.Fail $"no scale: {other}"
