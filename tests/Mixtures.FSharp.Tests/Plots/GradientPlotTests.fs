module Mixtures.Tests.GradientPlotTests

open System
open Xunit
open Mixtures

let private field name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Numbers values) -> values
    | Some _
    | None -> [||]

let private waiting = lazy (EmReferenceTests.faithful.Value.Select [ "waiting" ])

let private adam =
    lazy
        (Gradient.fit
            { Gradient.adam 0.2 with
                Steps = 80
                KeepParameters = true
            }
            (Gaussian.spec CovarianceStructure.Diagonal 2)
            waiting.Value)

/// Catches losses or norms of other steps than the axis says, and a best step marked in the wrong place.
[<Fact>]
let ``losses are drawn above their least, with the norms and the best step`` () =
    let fit = adam.Value
    let figure = Plot.losses fit
    let least = Array.min fit.Losses
    Assert.Equal(81, fit.Losses.Length)
    Assert.Equal<float>([| 0.0 .. 80.0 |], field "x" figure.Data[0])
    Assert.Equal<float>(fit.Losses, field "customdata" figure.Data[0])
    let drawn = field "y" figure.Data[0]

    for step in 0..80 do
        if fit.Losses[step] > least then
            Assert.Equal(fit.Losses[step] - least, drawn[step])
        else
            Assert.True(Double.IsNaN drawn[step])

    Assert.Equal<float>(fit.GradientNorms, field "y" figure.Data[1])
    let mark = List.last figure.Data
    Assert.Equal<float>([| float fit.BestStep |], field "x" mark)
    Assert.Equal<float>([| fit.GradientNorms[fit.BestStep] |], field "y" mark)

    for name in [ "yaxis.type"; "yaxis2.type" ] do
        Assert.Equal(Some(PlotValue.Text "log"), Figure.tryLayout name figure)

    Assert.Contains($"step {fit.BestStep}", Figure.trySummary figure |> Option.get)

/// Catches charts that fail on runs without a step, or of hundreds of thousands.
[<Fact>]
let ``runs of any length are drawn`` () =
    Assert.NotEmpty (Charts.losses 0 [| 3.0 |] [| 1.0 |]).Data
    Assert.NotEmpty (Charts.losses 1 [| nan; 2.0 |] [| infinity; 0.0 |]).Data

    let long =
        Charts.losses 7 (Array.init 200001 (fun i -> 1.0 / float (i + 1))) (Array.create 200001 1.0)

    Assert.InRange((field "x" long.Data[0]).Length, 1000, 5000)

    Assert.Throws<ArgumentException>(fun () -> Charts.losses 2 [| 1.0; 2.0 |] [| 1.0; 1.0 |] |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> Charts.losses 0 [| 1.0; 2.0 |] [| 1.0 |] |> ignore)
    |> ignore

/// Catches frames of other steps than asked for, or that are not the densities of their step.
[<Fact>]
let ``an animation has the density of each chosen step`` () =
    let fit = adam.Value
    let figure = Plot.animation [ 0; 5; 80 ] waiting.Value fit

    let names =
        match Figure.tryLayout "sliders" figure with
        | Some(PlotValue.List [ slider ]) ->
            match PlotValue.tryField "steps" slider with
            | Some(PlotValue.List steps) -> steps |> List.map (PlotValue.tryField "label")
            | Some _
            | None -> []
        | Some _
        | None -> []

    Assert.Equal<PlotValue option list>([ "0"; "5"; "80" ] |> List.map (PlotValue.Text >> Some), names)
    let grid = field "x" figure.Data[0]

    for step, frame in List.zip [ 0; 5; 80 ] figure.Frames do
        let mixture = fit.MixtureAt step

        match PlotValue.tryField "data" frame with
        | Some(PlotValue.List traces) ->
            Assert.Equal(3, traces.Length)
            let total = field "y" traces[2]
            let density = Mixture.logDensity mixture (Dataset.ofColumn grid) |> Array.map exp

            for i in 0 .. grid.Length - 1 do
                Assert.Equal(density[i], total[i], 1e-12)
        | Some _
        | None -> Assert.Fail "a frame without traces"

    // what a frame replaces comes first, and the histogram stays
    Assert.Equal(Some(PlotValue.Text "bar"), PlotValue.tryField "type" (List.last figure.Data))
    Assert.Equal(fit.Mixture.Weights[0], (fit.MixtureAt fit.BestStep).Weights[0], 1e-12)
    Assert.Equal(60, (Plot.animation [] waiting.Value fit).Frames.Length)

    Assert.Throws<ArgumentException>(fun () -> Plot.animation [ 81 ] waiting.Value fit |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> fit.MixtureAt -1 |> ignore) |> ignore

    let without =
        Gradient.fit { Gradient.defaults with Restarts = 1 } (Gaussian.spec CovarianceStructure.Full 2) waiting.Value

    let error =
        Assert.Throws<ArgumentException>(fun () -> Plot.animation [] waiting.Value without |> ignore)

    Assert.Contains("KeepParameters", error.Message)

    Assert.Throws<InvalidOperationException>(fun () -> without.MixtureAt 0 |> ignore)
    |> ignore

/// Catches pictures of a family of one's own that ask for means and covariances, or evaluate it where it is not defined.
[<Fact>]
let ``families of one's own are drawn without ellipses`` () =
    // a log-normal density is not defined below zero
    let logNormal =
        Component.ofLogDensity
            "my-log-normal"
            [ "mean", 1; "log-scale", 1 ]
            (fun point _ -> [| log point[0]; -1.0 |])
            (fun p rows ->
                let y = Tensor.log (Tensor.select 1 0 rows)
                let z = (y - Tensor.select 0 0 p) * Tensor.exp -(Tensor.select 0 1 p)
                -0.5 * Tensor.square z - Tensor.select 0 1 p - y - 0.5 * log Math.Tau)

    let data = Dataset.ofColumn [| for i in 1..60 -> 0.001 + float (i * i) / 100.0 |]

    let one =
        Em.fit
            { Em.defaults with
                Restarts = 1
                MaxIterations = 3
            }
            (MixtureSpec.Create(logNormal, 2))
            data

    let figure = Plot.density data one
    Assert.All(field "y" (List.last figure.Data), fun y -> Assert.True(Double.IsFinite y && y >= 0.0))
    Assert.NotEmpty (Plot.uncertainty data one).Data

    let square columns =
        Component.ofLogDensity "blob" [ "centre", columns ] (fun point _ -> point) (fun p rows ->
            -0.5 * Tensor.sumOver [| 1 |] false (Tensor.square (rows - p)))

    for columns in [ 2; 3 ] do
        let stream = (RandomKey.ofSeed 3).Stream()

        let rows =
            Dataset.ofSeq [ for _ in 1..80 -> Array.init columns (fun _ -> 3.0 * stream.NextNormal()) ]

        let fit =
            Gradient.fit { Gradient.defaults with Restarts = 1 } (MixtureSpec.Create(square columns, 2)) rows

        let figure = Plot.density rows fit.Fit
        let summary = Figure.trySummary figure |> Option.get
        Assert.DoesNotContain("Ellipses", summary)

        Assert.DoesNotContain(figure.Data, fun trace -> PlotValue.tryField "mode" trace = Some(PlotValue.Text "lines"))

        let report = Plot.gradientReport rows None fit
        Assert.Contains("2 blob components", report.Head.Paragraphs.Head)
        Assert.Equal(Some "Loss and gradient by step", (List.last report).Figure |> Option.bind Figure.tryTitle)

/// Catches a search that fits by another learner than the one given.
[<Fact>]
let ``a selection runs with any learner`` () =
    let specs =
        Selection.gaussians [ CovarianceStructure.Tied; CovarianceStructure.Diagonal ] [ 1; 2 ]

    let search learner =
        Selection.fitBy learner (fun _ -> FitMonitor.None) Criterion.Bic specs waiting.Value

    let byGradient = search (Learner.gradient { Gradient.defaults with Restarts = 3 })
    let byEm = search (Learner.em { Em.defaults with Restarts = 3 })
    Assert.Equal("gradient", byGradient.Best.Summary.Method)
    Assert.Equal("em", byEm.Best.Summary.Method)
    Assert.Equal(byEm.Best.Bic, byGradient.Best.Bic, 1e-3)
    Assert.Equal(4, byGradient.Candidates.Length)

/// Catches a best step beyond the last, where the line search found no way on from a kink.
[<Fact>]
let ``the best step of a fit that ends at a kink is one of its steps`` () =
    let fit =
        Gradient.fit Gradient.defaults (MixtureSpec.Create(LogDensityFileTests.laplace, 2)) waiting.Value

    Assert.InRange(fit.BestStep, 0, fit.Losses.Length - 1)
    Assert.Equal(fit.BestLoss, fit.Losses[fit.BestStep])
    Assert.NotEmpty (Plot.losses fit).Data
