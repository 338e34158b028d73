module Mixtures.Tests.GuidePlotTests

open System
open Xunit
open Mixtures

let private field name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Numbers values) -> values
    | Some _
    | None -> [||]

let private fit =
    lazy
        (Svi.fit
            { Svi.defaults with
                DrawsPerRow = true
                Steps = 200
                FinalDraws = 20
                ParetoDraws = 0
            }
            (Guide.suited ElboTests.mixture)
            ElboTests.mixture)

/// The pictures of a guide, by name.
let figures =
    lazy
        ([
            "elbo", Plot.elbo fit.Value
            "posterior", Plot.posterior 2000 "mu" fit.Value
            "joint-posterior", Plot.jointPosterior 2000 ("mu", 0) ("tau", 3) fit.Value
        ])

/// Catches a smoothed line that is not the mean of its neighbours, and a final bound drawn elsewhere.
[<Fact>]
let ``the bound by step`` () =
    let fit = fit.Value
    let figure = Plot.elbo fit
    Assert.Equal<float[]>(fit.History, field "y" figure.Data[0])
    let smooth = field "y" figure.Data[1]
    let reach = max 2 (fit.Steps / 50)
    let middle = fit.Steps / 2
    Assert.Equal(Array.average fit.History[middle - reach .. middle + reach], smooth[middle], 1e-7)
    Assert.Equal(Array.average fit.History[..reach], smooth[0], 1e-7)
    Assert.Equal<float[]>([| fit.Elbo; fit.Elbo |], field "y" figure.Data[2])
    Assert.Contains("evidence lower bound", Figure.trySummary figure |> Option.get)
    Assert.NotEmpty (Charts.elbo 1 -3.0 [| -4.0 |]).Data
    Assert.NotEmpty (Charts.elbo 0 nan [| nan; -4.0 |]).Data
    let long = Charts.elbo 5 0.0 (Array.init 100001 (fun i -> -1.0 / float (i + 1)))
    Assert.Equal(5000, (field "y" long.Data[0]).Length)

    Assert.Throws<ArgumentException>(fun () -> Charts.elbo 0 0.0 [||] |> ignore)
    |> ignore

/// Catches densities that do not integrate to one or sit elsewhere than the draws, and names that are not the numbers'.
[<Fact>]
let ``posterior densities`` () =
    let figure = Plot.posterior 4000 "mu" fit.Value
    Assert.Equal(4, figure.Data.Length)
    Assert.Equal(Some(PlotValue.Text "mu[2,1]"), PlotValue.tryField "name" figure.Data[2])

    let location =
        (fit.Value.Parameters |> List.find (fun (n, _) -> n = "mu.location") |> snd).ToArray()

    let scale =
        (fit.Value.Parameters |> List.find (fun (n, _) -> n = "mu.scale") |> snd).ToArray()

    for k in 0..3 do
        let x, y = field "x" figure.Data[k], field "y" figure.Data[k]
        let step = x[1] - x[0]
        Assert.Equal(1.0, step * Array.sum y, 1e-9)
        Assert.Equal(location[k], step * (Array.map2 (*) x y |> Array.sum), 0.1 * scale[k])
        let peak = 1.0 / (scale[k] * sqrt (2.0 * Math.PI))
        Assert.InRange(Array.max y, 0.9 * peak, 1.1 * peak)

    Assert.Throws<ArgumentException>(fun () -> Plot.posterior 100 "nu" fit.Value |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> Charts.posterior "x" [| "x" |] [| [| 1.0; nan |] |] |> ignore)
    |> ignore

    Assert.NotEmpty (Charts.posterior "x" [| "x" |] [| Array.create 10 3.0 |]).Data

/// Catches contours that do not hold the share of draws that they say.
[<Fact>]
let ``joint posterior`` () =
    let stream = (RandomKey.ofSeed 3).Stream()
    let xs = Array.init 20000 (fun _ -> stream.NextNormal())

    let ys =
        xs |> Array.map (fun x -> 5.0 + 3.0 * (0.6 * x + 0.8 * stream.NextNormal()))

    let figure = Charts.jointPosterior ("a", xs) ("b", ys)
    let gridX, gridY = field "x" figure.Data[0], field "y" figure.Data[0]

    let regions =
        match PlotValue.tryField "z" figure.Data[0] with
        | Some(PlotValue.List rows) ->
            rows
            |> List.map (function
                | PlotValue.Numbers row -> row
                | _ -> [||])
            |> List.toArray
        | _ -> [||]

    let nearest (grid: float[]) v =
        int (Math.Round(Math.Clamp((v - grid[0]) / (grid[1] - grid[0]), 0.0, float (grid.Length - 1))))

    for share in [ 0.3; 0.5; 0.9 ] do
        let inside =
            Array.map2
                (fun x y ->
                    if regions[nearest gridY y][nearest gridX x] <= share then
                        1.0
                    else
                        0.0)
                xs
                ys
            |> Array.average

        Assert.InRange(inside, share - 0.04, share + 0.04)

    Assert.NotEmpty (Plot.jointPosterior 1000 ("mu", 0) ("tau", 3) fit.Value).Data

    Assert.Throws<ArgumentException>(fun () -> Plot.jointPosterior 100 ("mu", 9) ("tau", 3) fit.Value |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> Charts.jointPosterior ("a", [| 1.0; 2.0 |]) ("b", [| 1.0 |]) |> ignore)
    |> ignore
