module Mixtures.Tests.ParetoSmoothingTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SampleChains

/// Values of a naive program in Python after Zhang & Stephens (2009) and Vehtari et al. (2024). Catches a wrong tail, a
/// wrong quantile or prior of the shape.
[<Fact>]
let ``smoothed weights have the values of the definitions`` () =
    let heavy = uniforms 5 500 |> Array.map (fun u -> -0.65 * log u)
    let smoothed = ParetoSmoothing.smooth heavy
    close 1e-10 0.7995182805659043 smoothed.KHat
    close 1e-10 88.00985714511877 smoothed.EffectiveDraws
    close 1e-10 -6.8394343234352775 smoothed.LogWeights[0]
    close 1e-10 -4.926888234269686 smoothed.LogWeights[17]
    close 1e-10 -2.595742001216123 (Array.max smoothed.LogWeights)
    let light = ParetoSmoothing.smooth (uniforms 6 500)
    close 1e-10 -0.7955580827093632 light.KHat
    close 1e-10 460.9221588397296 light.EffectiveDraws

/// Catches a fit of another distribution: shapes of many exceedances are found again.
[<Theory>]
[<InlineData(-0.3)>]
[<InlineData(0.2)>]
[<InlineData(0.7)>]
[<InlineData(1.2)>]
let ``the shape of a generalised Pareto sample is found`` (k: float) =
    let stream = (RandomKey.ofSeed 31).Stream()

    let sample =
        Array.init 20000 (fun _ -> ParetoSmoothing.quantile k 2.0 (stream.NextDouble()))
        |> Array.sort

    let struct (shape, scale) = ParetoSmoothing.fitTail sample
    Assert.InRange(shape, k - 0.03, k + 0.03)
    Assert.InRange(scale, 1.9, 2.1)

/// Catches weights that lose their order or their sum.
[<Fact>]
let ``smoothing keeps order, sum and scale`` () =
    forSeeds 20 (fun stream ->
        let ratios = Array.init (between 30 800 stream) (fun _ -> 2.0 * stream.NextNormal())
        let smoothed = ParetoSmoothing.smooth ratios
        close 1e-12 1.0 (smoothed.LogWeights |> Array.sumBy exp)
        let order = [| 0 .. ratios.Length - 1 |] |> Array.sortBy (fun i -> ratios[i])

        for a, b in Array.pairwise order do
            Assert.True(smoothed.LogWeights[a] <= smoothed.LogWeights[b] + 1e-12)

        // by a power of two's multiple nothing but rounding changes
        let moved = ParetoSmoothing.smooth (ratios |> Array.map (fun r -> r + 700.0))
        close 1e-6 smoothed.KHat moved.KHat)

/// Catches NaN where weights are equal, few, zero or overwhelming.
[<Fact>]
let ``odd weights give numbers`` () =
    let equal = ParetoSmoothing.smooth (Array.create 100 -3.0)
    Assert.Equal(Double.NegativeInfinity, equal.KHat)
    close 1e-12 100.0 equal.EffectiveDraws
    Assert.Equal(Double.PositiveInfinity, ParetoSmoothing.kHat [| 0.0; 1.0; 2.0 |])

    let one =
        ParetoSmoothing.smooth (Array.init 1000 (fun i -> if i = 3 then 0.0 else -1e6))

    Assert.Equal(Double.PositiveInfinity, one.KHat)
    close 1e-12 1.0 one.EffectiveDraws

    let half =
        ParetoSmoothing.smooth (Array.init 1000 (fun i -> if i % 2 = 0 then float (i % 7) else -infinity))

    Assert.True(Array.forall (Double.IsNaN >> not) half.LogWeights)
    let normal = (RandomKey.ofSeed 2).Stream()
    // log weights of variance 9: no estimate can be trusted
    Assert.True(ParetoSmoothing.kHat (Array.init 4000 (fun _ -> 3.0 * normal.NextNormal())) > 0.7)
    Assert.True(ParetoSmoothing.kHat (Array.init 4000 (fun _ -> 0.3 * normal.NextNormal())) < 0.5)

/// Catches silence on bad input.
[<Fact>]
let ``bad ratios are named`` () =
    let message (action: unit -> obj) =
        Assert.Throws<ArgumentException>(fun () -> action () |> ignore).Message

    Assert.Contains("received NaN as ratio 2", message (fun () -> ParetoSmoothing.smooth [| 0.0; nan |]))
    Assert.Contains("at least one ratio", message (fun () -> ParetoSmoothing.smooth [||]))
    Assert.Contains("greater than 0", message (fun () -> ParetoSmoothing.smooth [| -infinity |]))
    Assert.Contains("efficiency", message (fun () -> ParetoSmoothing.smoothDependent 0.0 [| 1.0 |]))

let private rows = [| -1.2; 0.3; 0.8; 1.9; 4.5 |]

let private means =
    [|
        for seed in [ 21; 22 ] -> autoregressive seed 120 0.5 0.0 |> Array.map (fun x -> 0.8 * x / 3.0 + 1.0)
    |]

let private logLikelihoods =
    let all = Array.concat means
    Array2D.init all.Length rows.Length (fun s i -> ErrorFunction.logNormalDensity (rows[i] - all[s]))

/// Values of the naive program. Catches rows and draws exchanged, relative efficiencies left out, a variance over n.
[<Fact>]
let ``WAIC and leave-one-out have the values of the definitions`` () =
    let loo = PredictiveAccuracy.loo 2 logLikelihoods
    close 1e-9 -18.212328602357502 loo.Elpd
    close 1e-9 7.696792757995625 loo.StandardError
    close 1e-9 6.039523797036917 loo.EffectiveParameters
    close 1e-9 0.9322158925631796 loo.RowReliability[0]
    close 1e-9 0.32960125711361227 loo.RowReliability[3]
    Assert.Contains("3 rows with a k-hat above 0.58", loo.Warnings[0])
    let waic = PredictiveAccuracy.waic logLikelihoods
    close 1e-10 -18.44097440451213 waic.Elpd
    close 1e-10 7.986932074257227 waic.StandardError
    close 1e-10 6.268169599191545 waic.EffectiveParameters
    Assert.Equal(36.88194880902426, waic.Deviance, 9)
    Assert.Contains("use leave-one-out", waic.Warnings[0])
    let struct (gain, error) = PredictiveAccuracy.difference loo waic
    close 1e-10 (loo.Elpd - waic.Elpd) gain
    Assert.True(error > 0.0)

/// In a conjugate normal model the leave-one-out density of each row is known. Catches weights of the wrong sign.
[<Fact>]
let ``leave-one-out finds the known predictive densities`` () =
    let stream = (RandomKey.ofSeed 8).Stream()
    let y = Array.init 30 (fun _ -> 1.0 + stream.NextNormal())
    let n = float y.Length

    let draws =
        Array.init 8000 (fun _ -> Array.average y + stream.NextNormal() / sqrt n)

    let loo =
        PredictiveAccuracy.looOf 4 y.Length (fun i ->
            draws |> Array.map (fun m -> ErrorFunction.logNormalDensity (y[i] - m)))

    let mutable excess = 0.0

    for i in 0 .. y.Length - 1 do
        // without row i the mean is normal about the others' mean with variance 1 / (n - 1)
        let others = (Array.sum y - y[i]) / (n - 1.0)
        let sd = sqrt (1.0 + 1.0 / (n - 1.0))
        let known = ErrorFunction.logNormalDensity ((y[i] - others) / sd) - log sd
        Assert.InRange(loo.Rows[i], known - 0.03, known + 0.03)
        let whole = sqrt (1.0 + 1.0 / n)

        excess <-
            excess + ErrorFunction.logNormalDensity ((y[i] - Array.average y) / whole)
            - log whole
            - known

    Assert.InRange(loo.EffectiveParameters, excess - 0.1, excess + 0.1)
    Assert.Empty loo.Warnings

/// Catches silence on bad input.
[<Fact>]
let ``bad log-likelihoods are named`` () =
    let message (action: unit -> PredictiveAccuracy) =
        Assert.Throws<ArgumentException>(fun () -> action () |> ignore).Message

    let bad = Array2D.copy logLikelihoods
    bad[7, 2] <- -infinity
    Assert.Contains("for row 3 in draw 8", message (fun () -> PredictiveAccuracy.loo 2 bad))
    Assert.Contains("for row 3 in draw 8", message (fun () -> PredictiveAccuracy.waic bad))
    Assert.Contains("at least 1 row", message (fun () -> PredictiveAccuracy.waic (Array2D.zeroCreate 10 0)))
    Assert.Contains("at least 2 draws", message (fun () -> PredictiveAccuracy.waic (Array2D.zeroCreate 1 3)))
    Assert.Contains("240 draws of 7 chains", message (fun () -> PredictiveAccuracy.loo 7 logLikelihoods))
