module Mixtures.Tests.WarmupTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SampleChains

/// The windows of the Stan Reference Manual, section 15.2: 75, then 25, 50, 100, 200 and 500, then 50. Catches windows that
/// overlap, leave gaps or reach into the end.
[<Fact>]
let ``windows are Stan's`` () =
    let ends warmup =
        let struct (first, ends) = WarmupWindows.ends warmup
        first, List.ofArray ends

    Assert.Equal((75, [ 99; 149; 249; 449; 949 ]), ends 1000)
    Assert.Equal((75, [ 99; 149; 249; 449 ]), ends 500)
    Assert.Equal((75, [ 99 ]), ends 150)
    Assert.Equal((15, [ 89 ]), ends 100)
    Assert.Equal((19, []), ends 19)

    for warmup in 20..3000 do
        let first, ends = ends warmup
        Assert.True(first < ends.Head && List.last ends < warmup - 1)
        Assert.Equal<int list>(List.sort ends, ends)

/// Catches an update that runs away or settles elsewhere: where acceptance is exp(-ε), 0.8 is at -log 0.8.
[<Fact>]
let ``dual averaging finds the step size of the target`` () =
    let stream = (RandomKey.ofSeed 4).Stream()
    let mutable state = DualAveraging.start 3.0

    for _ in 1..2000 do
        let noise = 0.1 * stream.NextNormal()
        state <- DualAveraging.update 0.8 (max 0.0 (exp -state.StepSize + noise)) state

    Assert.InRange(state.Final, -0.93 * log 0.8, -1.07 * log 0.8)
    close 1e-12 1.5 (DualAveraging.start 3.0).Final

/// Against sums over all points. Catches a scatter about the wrong mean.
[<Fact>]
let ``running covariances are those of all points`` () =
    forSeeds 20 (fun stream ->
        let d = between 1 5 stream
        let n = between 2 40 stream

        let points =
            Array.init n (fun _ -> Array.init d (fun i -> 100.0 + float i * stream.NextNormal()))

        let mean = Array.init d (fun i -> points |> Array.averageBy (fun x -> x[i]))

        let scatter i j =
            points |> Array.sumBy (fun x -> (x[i] - mean[i]) * (x[j] - mean[j]))

        for shape in [ DiagonalMass; DenseMass ] do
            let running =
                (RunningCovariance.empty shape d, points)
                ||> Array.fold (fun running x -> RunningCovariance.add x running)

            Assert.Equal(n, running.Count)
            let mass = (RunningCovariance.toMass shape running).Values

            for i in 0 .. d - 1 do
                for j in 0 .. d - 1 do
                    let drawn =
                        float n / (float n + 5.0) * scatter i j / float (n - 1)
                        + (if i = j then 0.005 / (float n + 5.0) else 0.0)

                    match shape with
                    | DenseMass -> close 1e-9 drawn mass[i * d + j]
                    | DiagonalMass when i = j -> close 1e-9 drawn mass[i]
                    | DiagonalMass -> ())

/// Catches momenta of covariance M⁻¹ instead of M, and a velocity that is not M⁻¹ p.
[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``momenta have the covariance of the mass`` (dense: bool) =
    let stream = (RandomKey.ofSeed 6).Stream()

    let mass =
        if dense then
            InverseMass.create DenseMass 2 [| 4.0; 1.2; 1.2; 1.0 |]
        else
            InverseMass.create DiagonalMass 2 [| 4.0; 0.25 |]

    let p = Array.zeroCreate 2
    let v = Array.zeroCreate 2
    let count = 100000
    // of v = M⁻¹ p with p ~ N(0, M), the covariance is M⁻¹
    let covariance = Array2D.zeroCreate 2 2

    for _ in 1..count do
        InverseMass.momentum mass stream p
        InverseMass.velocity mass p v

        for i in 0..1 do
            for j in 0..1 do
                covariance[i, j] <- covariance[i, j] + v[i] * v[j] / float count

    let expected = if dense then [| 4.0; 1.2; 1.0 |] else [| 4.0; 0.0; 0.25 |]
    Assert.InRange(covariance[0, 0], expected[0] - 0.1, expected[0] + 0.1)
    Assert.InRange(covariance[0, 1], expected[1] - 0.03, expected[1] + 0.03)
    Assert.InRange(covariance[1, 1], expected[2] - 0.03, expected[2] + 0.03)

[<Fact>]
let ``metrics that are none are refused`` () =
    let message shape dimension values =
        Assert.Throws<ArgumentException>(fun () -> InverseMass.create shape dimension values |> ignore).Message

    Assert.Contains("expected 2 numbers", message DiagonalMass 2 [| 1.0 |])
    Assert.Contains("received 0", message DiagonalMass 2 [| 1.0; 0.0 |])
    Assert.Contains("received NaN", message DiagonalMass 1 [| nan |])
    Assert.Contains("positive definite", message DenseMass 2 [| 1.0; 2.0; 2.0; 1.0 |])
