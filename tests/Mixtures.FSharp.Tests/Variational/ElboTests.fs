module Mixtures.Tests.ElboTests

open System
open Xunit
open Mixtures

let private s (x: float) = Tensor.scalar x

/// Counts with a gamma prior of their rate: the posterior is a gamma distribution.
let counts = [| 3.0; 1.0; 4.0; 1.0; 5.0; 9.0; 2.0; 6.0; 5.0; 3.0; 5.0; 8.0 |]

let poisson =
    ProgramModel.ofProgram (
        bayesian {
            let! rate = latent "rate" (Gamma.distribution (s 3.0) (s 2.0))
            do! observe "x" (Poisson.distribution rate) (Tensor.ofArray counts)
        }
    )

let private mixtureRows =
    let stream = (RandomKey.ofSeed 17).Stream()

    Array.init 120 (fun i ->
        [|
            (if i % 3 = 0 then -2.0 else 1.5) + stream.NextNormal()
            stream.NextNormal()
        |])
    |> Array.concat
    |> Tensor.ofShape [| 60; 4 |]
    |> Tensor.reshape [| 120; 2 |]

/// A mixture of two components in two dimensions, whose sites may have a leading axis.
let mixture =
    ProgramModel.ofProgram (
        bayesian {
            let! theta = latent "theta" (Dirichlet.distribution (Tensor.full [| 2 |] 2.0))
            let! mu = latent "mu" (Normal.distribution (Tensor.zeros [| 2; 2 |]) (s 3.0))
            let! tau = latent "tau" (Gamma.distribution (Tensor.full [| 2; 2 |] 5.0) (s 5.0))
            do! observeMixture "x" theta (DiagonalNormal.distribution mu (Tensor.power -0.5 tau)) mixtureRows
        }
    )

let private plan rows perRow antithetic seed : ElboPlan =
    {
        Rows = rows
        Draws = 1
        IsPerRow = perRow
        IsAntithetic = antithetic
        Key = RandomKey.ofSeed seed
    }

let private within what (expected: float) (values: float[]) =
    let mean = Array.average values
    let n = float values.Length

    let error =
        sqrt ((values |> Array.sumBy (fun v -> (v - mean) * (v - mean))) / (n * (n - 1.0)))

    if not (abs (mean - expected) <= 4.5 * error + 1e-9 * abs expected) then
        Assert.Fail $"{what}: {mean}, expected {expected} within 4.5 x {error}"

/// The bound of a Gamma(a, b) guide on the counts, in closed form.
let private closedBound (p: Tensor) =
    let a, b = Tensor.exp (Tensor.select 0 0 p), Tensor.exp (Tensor.select 0 1 p)
    let logFactorials = counts |> Array.sumBy SpecialFunctions.logFactorial
    let q = Gamma.distribution a b

    Array.sum counts * (Tensor.digamma a - Tensor.log b)
    - float counts.Length * a / b
    - logFactorials
    - Distribution.kullbackLeibler q (Gamma.distribution (s 3.0) (s 2.0))

/// Catches a bound or a gradient that is biased: by draws for all rows and for each row, of all rows and of batches,
/// antithetic or not.
[<Fact>]
let ``the noisy bound and its gradient are unbiased`` () =
    let guide = Guide.structured [ "rate", GuideFamily.Gamma ] poisson
    let vector = [| log 6.0; log 1.5 |]

    let struct (value, gradient) =
        Tensor.valueAndGrad closedBound (Tensor.ofArray vector)

    for perRow in [ false; true ] do
        for antithetic in [ false; true ] do
            for batch in [ false; true ] do
                let elbo = Elbo(poisson, guide, 1)
                Assert.True elbo.IsClosed

                let results =
                    Array.init 3000 (fun i ->
                        let stream = ((RandomKey.ofSeed 5).Child i).Stream()

                        let rows =
                            if batch then
                                ValueSome(Array.init 5 (fun _ -> stream.NextInt32 counts.Length))
                            else
                                ValueNone

                        let struct (v, g) =
                            elbo.ValueAndGradient (plan rows perRow antithetic (i + 1)) guide.Constrain vector

                        struct (v, g[0], g[1]))

                let what = $"per row {perRow}, antithetic {antithetic}, batch {batch}"
                within $"bound, {what}" (value.ToScalar()) (results |> Array.map (fun struct (v, _, _) -> v))
                let expected = gradient.ToArray()
                within $"by shape, {what}" expected[0] (results |> Array.map (fun struct (_, g, _) -> g))
                within $"by rate, {what}" expected[1] (results |> Array.map (fun struct (_, _, g) -> g))

/// Catches batches that are not scaled to all rows: over the batches of an epoch, under the same draws, the mean is the
/// bound of all rows.
[<Fact>]
let ``batches of an epoch average to all rows`` () =
    let guide = Guide.suited mixture
    let parameters = guide.Around(mixture.DrawStart((RandomKey.ofSeed 2).Stream()))
    let elbo = Elbo(mixture, guide, 1)
    let whole = elbo.Value (plan ValueNone false true 7) parameters
    let batches = ShuffledBatches(120, 40, RandomKey.ofSeed 8)

    let mean =
        Array.init 3 (fun _ -> elbo.Value (plan (ValueSome(batches.Next())) false true 7) parameters)
        |> Array.average

    Assert.Equal(whole, mean, 1e-9 * abs whole)

/// Catches batches in which rows are missing or twice as often as others.
[<Fact>]
let ``every row is in a batch once an epoch`` () =
    let batches = ShuffledBatches(10, 4, RandomKey.ofSeed 1)
    let drawn = Array.init 5 (fun _ -> batches.Next()) |> Array.concat
    Assert.Equal<int[]>(Array.init 10 id, Array.sort drawn[..9])
    Assert.Equal<int[]>(Array.init 10 id, Array.sort drawn[10..])
    Assert.NotEqual<int[]>(drawn[..9], drawn[10..])

/// Catches sums that depend on the threads.
[<Fact>]
let ``the same bits at any number of threads`` () =
    let guide = Guide.suited mixture

    let fits =
        [ 1; 2; 7 ]
        |> List.map (fun threads ->
            Svi.fit
                { Svi.defaults with
                    DrawsPerRow = true
                    BatchRows = 100
                    Steps = 30
                    Restarts = 2
                    CheckEvery = 10
                    FinalDraws = 20
                    ParetoDraws = 50
                    Threads = threads
                }
                guide
                mixture)

    for fit in fits.Tail do
        Assert.Equal<float[]>(fits.Head.Vector, fit.Vector)
        Assert.Equal<float[]>(fits.Head.History, fit.History)
        Assert.Equal(fits.Head.Elbo, fit.Elbo)
        Assert.Equal(fits.Head.ParetoK, fit.ParetoK)

/// Catches draws for each row that are not those rows': the sum over rows under their own draws.
[<Fact>]
let ``rows under their own draws`` () =
    let guide = Guide.suited mixture
    let parameters = guide.Around(mixture.DrawStart((RandomKey.ofSeed 2).Stream()))
    Elbo(mixture, guide, 1).RequirePerRow parameters

    let crossed =
        ProgramModel.ofProgram (
            bayesian {
                let! p = latent "p" (Beta.distribution (s 2.0) (s 2.0))
                let! mu = latent "mu" (Normal.distribution (Tensor.zeros [| 2 |]) (s 3.0))
                // the axis of draws comes last
                do!
                    observeMixture
                        "x"
                        (Tensor.stack 0 [ p; 1.0 - p ])
                        (Normal.distribution mu (s 1.0))
                        (Tensor.ofArray counts)
            }
        )

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Svi.fit { Svi.defaults with DrawsPerRow = true } (Guide.suited crossed) crossed
            |> ignore)

    Assert.Contains("leading axis", error.Message)
