module Mixtures.Tests.PosteriorPlotTests

open System
open System.Text.Json
open Xunit
open Mixtures

let private field name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Numbers values) -> values
    | Some _
    | None -> [||]

let private named name (figure: Figure) =
    figure.Data
    |> List.filter (fun trace -> PlotValue.tryField "name" trace = Some(PlotValue.Text name))

let private figure name =
    PosteriorFigures.all |> List.find (fun (other, _) -> other = name) |> snd

let private summary name =
    figure name |> Figure.trySummary |> Option.get

/// Catches figures that are no Plotly figures, without a title or a summary.
[<Fact>]
let ``pictures of draws are figures in Plotly's schema`` () =
    for name, figure in PosteriorFigures.all do
        use parsed = JsonDocument.Parse(Figure.toJson figure)
        let root = parsed.RootElement
        Assert.NotEqual(0, root.GetProperty("data").GetArrayLength())

        for trace in root.GetProperty("data").EnumerateArray() do
            let kind = nonNull (trace.GetProperty("type").GetString())
            Assert.Contains(kind, [ "scatter"; "scattergl"; "bar"; "heatmap"; "contour" ])

            if kind <> "heatmap" && kind <> "contour" then
                Assert.Equal(trace.GetProperty("x").GetArrayLength(), trace.GetProperty("y").GetArrayLength())

        Assert.True((Figure.tryTitle figure).IsSome, name)
        Assert.True((Figure.trySummary figure).IsSome, name)
        Assert.DoesNotContain("<script", Figure.toJson figure)

/// Catches draws of other chains or parameters than the names say, and divergences at other draws.
[<Fact>]
let ``traces are the chains' draws`` () =
    let drawn = named "chain 2" (figure "trace")
    Assert.Equal(3, drawn.Length)
    Assert.Equal<float[]>(Array.item 1 (Draws.parameter "b" PosteriorFigures.draws), field "y" drawn[1])
    Assert.Equal<float[]>([| 1.0 .. 500.0 |], field "x" drawn[1])
    let marks = named "divergent" (figure "trace-divergent")

    let expected =
        [|
            for chain in PosteriorFigures.divergent do
                for s in 0..499 do
                    if chain[s] then
                        float (s + 1)
        |]

    Assert.NotEmpty expected
    Assert.Equal<float[]>(expected, field "x" marks.Head)
    let long = named "chain 1" (figure "trace-long")
    Assert.Equal(2000, (field "x" long.Head).Length)
    Assert.Contains("30,000 draws, every 15 or so drawn", summary "trace-long")

/// Catches ranks within chains instead of among all draws, and bins that lose draws.
[<Fact>]
let ``ranks of a chain that is elsewhere lean to one side`` () =
    for c in 1..4 do
        let counts = named $"chain {c}" (figure "ranks") |> List.head |> field "y"
        Assert.Equal(500.0, Array.sum counts)
        let upper = Array.sum counts[10..]

        if c = 4 then
            Assert.True(upper > 400.0)
        else
            Assert.True(upper < 250.0)

/// Catches quantiles of another parameter, and histograms without unit area.
[<Fact>]
let ``histograms have unit area, the median and the interval`` () =
    let shown = figure "histograms"
    let bars = named "data" shown
    Assert.Equal(3, bars.Length)

    for bar in bars do
        let area =
            Array.fold2 (fun sum w y -> sum + w * y) 0.0 (field "width" bar) (field "y" bar)

        Assert.Equal(1.0, area, 9)

    let medians = named "median" shown
    let b = Draws.parameter "b" PosteriorFigures.draws |> Array.concat |> Array.sort
    Assert.Equal(0.5 * (b[999] + b[1000]), Array.head (field "x" medians[1]), 12)
    Assert.Contains("Medians with the intervals of 90 %: a ", summary "histograms")

/// The rows of numbers in a field of a trace.
let rowsOf name (trace: PlotValue) : float[] list =
    match PlotValue.tryField name trace with
    | Some(PlotValue.List rows) ->
        rows
        |> List.map (fun row ->
            match row with
            | PlotValue.Numbers values -> values
            | _ -> [||])
    | _ -> []

/// Catches axes exchanged: the densest cell is where most draws are, and no draw is lost.
[<Fact>]
let ``contours count every draw in its place`` () =
    let trace = (figure "joint").Data.Head

    let rows = rowsOf "customdata" trace
    Assert.Equal(2000.0, rows |> List.sumBy Array.sum)
    let xs, ys = field "x" trace, field "y" trace
    // the means of the counts are those of the draws, to a bin
    let mean (values: float[]) (weights: float[]) =
        Array.fold2 (fun sum v w -> sum + v * w) 0.0 values weights / Array.sum weights

    let a = Draws.parameter "a" PosteriorFigures.draws |> Array.concat |> Array.average
    let b = Draws.parameter "b" PosteriorFigures.draws |> Array.concat |> Array.average
    let columns = Array.init 40 (fun j -> rows |> List.sumBy (fun row -> row[j]))
    Assert.Equal(a, mean xs columns, 1)
    Assert.Equal(b, mean ys (rows |> List.map Array.sum |> List.toArray), 1)

/// Catches divergent draws drawn among the others, or not at all.
[<Fact>]
let ``pairs mark the draws that diverged`` () =
    let shown = figure "posterior-pairs"

    let lost =
        PosteriorFigures.divergent |> Array.sumBy (Array.filter id >> Array.length)

    let marks = named "divergent" shown
    Assert.Equal(3, marks.Length)

    for mark in marks do
        Assert.Equal(lost, (field "x" mark).Length)

    for points in named "draws" shown do
        Assert.Equal(2000 - lost, (field "x" points).Length)

    // the second row is b over a, the third has scale
    Assert.All(field "y" marks[1], (fun scale -> Assert.True(scale < 10.0)))
    Assert.Contains($"{lost} that diverged", summary "posterior-pairs")

/// Catches rows that do not follow their clusters.
[<Fact>]
let ``co-assignments are drawn by cluster`` () =
    let labels = PosteriorFigures.partition.Labels
    let order = [| 0 .. labels.Length - 1 |] |> Array.sortBy (fun i -> labels[i], i)

    match PlotValue.tryField "z" (figure "coassignment").Data.Head with
    | Some(PlotValue.List rows) ->
        rows
        |> List.iteri (fun a row ->
            match row with
            | PlotValue.Numbers values ->
                for b in 0 .. order.Length - 1 do
                    Assert.Equal(PosteriorFigures.matrix[order[a], order[b]], values[b])
            | _ -> failwith "expected numbers")
    | _ -> failwith "expected rows"

/// Catches panels exchanged: components change places above, and not below.
[<Fact>]
let ``labels switch above and not below`` () =
    let shown = figure "label-switching"
    let first = named "component 1" shown
    let spread values = Array.max values - Array.min values
    Assert.Equal(2, first.Length)
    Assert.True(spread (field "y" first[0]) > 3.0)
    Assert.True(spread (field "y" first[1]) < 3.0)

/// Catches silence on bad input.
[<Fact>]
let ``what cannot be drawn is named`` () =
    let message (action: unit -> Figure) =
        Assert.Throws<ArgumentException>(fun () -> action () |> ignore).Message

    let draws = PosteriorFigures.draws
    Assert.Contains("received c", message (fun () -> Plot.trace [ "c" ] draws))
    Assert.Contains("at least 2 parameters", message (fun () -> Plot.posteriorPairs [ "a" ] [||] draws))
    Assert.Contains("at least 1 draw", message (fun () -> Plot.ranks "a" (Draws.create [| "a" |] [| [||] |])))

    Assert.Contains(
        "one number for each row",
        message (fun () -> CoassignmentChart.create [| 0 |] (Array2D.create 2 2 1.0))
    )

    Assert.Contains(
        "from 0 to 0, received 1",
        message (fun () -> Plot.labelSwitching 1 PosteriorFigures.mixture PosteriorFigures.relabelled)
    )

    let nothing = Draws.create [| "a"; "b" |] [| [| nan; nan |] |]
    Assert.Contains("finite draws", message (fun () -> Plot.histograms [] nothing))
    Assert.Contains("finite", message (fun () -> Plot.joint "a" "b" nothing))
