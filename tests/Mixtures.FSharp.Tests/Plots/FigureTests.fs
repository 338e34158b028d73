module Mixtures.Tests.FigureTests

open System.IO
open System.Text.Json
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures

/// Catches figures that are no Plotly figures: not JSON, or without data and layout.
[<Fact>]
let ``every chart is a figure in Plotly's schema`` () =
    for name, figure in SampleFigures.all do
        use parsed = JsonDocument.Parse(Figure.toJson figure)
        let root = parsed.RootElement
        Assert.NotEqual(0, root.GetProperty("data").GetArrayLength())

        for trace in root.GetProperty("data").EnumerateArray() do
            let kind = nonNull (trace.GetProperty("type").GetString())
            Assert.Contains(kind, [ "scatter"; "scattergl"; "bar"; "heatmap" ])

            if kind <> "heatmap" then
                Assert.Equal(trace.GetProperty("x").GetArrayLength(), trace.GetProperty("y").GetArrayLength())

        let layout = root.GetProperty "layout"
        Assert.NotEqual<string>("", nonNull (layout.GetProperty("title").GetProperty("text").GetString()))
        Assert.True(layout.TryGetProperty("template") |> fst, name)
        Assert.Equal(name.StartsWith "animated", root.TryGetProperty("frames") |> fst)
        Assert.True((Figure.trySummary figure).IsSome, name)

/// Catches titles whose markup is obeyed by Plotly, or that do not read back.
[<Fact>]
let ``titles are plain texts`` () =
    Check.One(
        Config.QuickThrowOnFailure,
        fun (NonEmptyString title) ->
            let figure = Figure.ofTraces [] |> Figure.withTitle title

            let drawn =
                match Figure.tryLayout "title.text" figure with
                | Some(PlotValue.Text text) -> text
                | Some _
                | None -> "<"

            not (drawn.Contains '<') && Figure.tryTitle figure = Some title
    )

/// Catches a change of one figure that shows in another, and settings that are lost on the way.
[<Fact>]
let ``figures are values`` () =
    let first = Figure.ofTraces [ PlotValue.Object [] ] |> Figure.withTitle "first"

    let second =
        first
        |> Figure.withTitle "second"
        |> Figure.withSummary "s"
        |> Figure.withAspect 1.5
        |> Figure.withMinimumWidth 400
        |> Figure.withAxisTitles "a" "b"
        |> Figure.addTraces [ PlotValue.Object [] ]

    Assert.Equal(Some "first", Figure.tryTitle first)
    Assert.Equal(None, Figure.trySummary first)
    Assert.Equal(1, first.Data.Length)
    Assert.Equal(Some "second", Figure.tryTitle second)
    Assert.Equal(Some "s", Figure.trySummary second)
    Assert.Equal(Some 1.5, Figure.tryAspect second)
    Assert.Equal(Some 400.0, Figure.tryMinimumWidth second)
    Assert.Equal(Some(PlotValue.Text "b"), Figure.tryLayout "yaxis.title.text" second)
    Assert.Equal(2, second.Data.Length)

/// Catches a file that differs from the text, and temporary files that stay.
[<Fact>]
let ``a figure is saved as it is written`` () =
    let directory = Directory.CreateTempSubdirectory "mixtures-figure-"

    try
        let path = Path.Combine(directory.FullName, "figure.json")
        let figure = Charts.density1D SampleFigures.density
        Figure.saveJson path figure
        Assert.Equal(Figure.toJson figure, File.ReadAllText path)
        Assert.Equal<string>([| path |], Directory.GetFiles directory.FullName)
    finally
        directory.Delete true

/// Catches colours that are no colours, and components beyond the last colour that look like earlier ones.
[<Fact>]
let ``components look different from each other`` () =
    let looks =
        [
            for k in 0..49 do
                Assert.Matches("^#[0-9A-F]{6}$", Palette.colour k)
                Palette.colour k, Palette.symbol k
        ]

    Assert.Equal(50, looks |> List.distinct |> List.length)

    Assert.Equal(
        50,
        [ for k in 0..49 -> Palette.colour k, Palette.dash k ]
        |> List.distinct
        |> List.length
    )

    Assert.Equal("rgba(0,114,178,0.5)", Palette.withOpacity 0.5 (Palette.colour 0))
