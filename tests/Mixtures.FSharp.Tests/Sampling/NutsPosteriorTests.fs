module Mixtures.Tests.NutsPosteriorTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SamplingTargets

let private sample options (target: SamplingTarget) =
    Nuts.sample options target (SamplingTarget.randomStarts (RandomKey.ofSeed 2) 2.0 options.Chains target)

/// Within so many Monte Carlo standard errors of a known value.
let private within (errors: float) (known: float) (found: float) (mcse: float) (what: string) =
    Assert.True(
        abs (found - known) <= errors * mcse,
        FormattableString.Invariant $"{what}: expected {known}, received {found} ± {mcse}"
    )

/// Catches a wrong metric, a trajectory that is not reversible, weights of the wrong sign: all means, variances and
/// covariances of neighbours.
[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``moments of a correlated normal of 50 dimensions are right`` (dense: bool) =
    let d = 50
    let mean = Array.init d (fun i -> float i - 25.0)
    // autoregressive correlations, scales from 0.1 to 10
    let scale i =
        10.0 ** (2.0 * float i / float (d - 1) - 1.0)

    let covariance =
        Array2D.init d d (fun i j -> scale i * scale j * 0.8 ** float (abs (i - j)))

    let target = normal mean covariance

    let run =
        sample
            { Nuts.defaults with
                Mass = if dense then DenseMass else DiagonalMass
                Seed = 3
            }
            target

    Assert.Equal(0, run.Divergences)

    let check what known (quantity: float[] -> float) =
        let s = PosteriorSummary.ofChains what (Draws.quantity quantity run.Draws)
        Assert.True(s.RHat.Value <= 1.01, $"{what}: R-hat {s.RHat.Value}")
        within 4.5 known s.Mean s.McseMean what

    for i in 0 .. d - 1 do
        check $"mean {i}" mean[i] (fun x -> x[i])
        check $"variance {i}" covariance[i, i] (fun x -> (x[i] - mean[i]) ** 2.0)

        if i > 0 then
            check $"covariance {i}" covariance[i, i - 1] (fun x -> (x[i] - mean[i]) * (x[i - 1] - mean[i - 1]))

    Assert.Empty(Nuts.warnings run)

/// Catches a Jacobian of the target taken twice or not at all: moments on the simplex.
[<Fact>]
let ``a Dirichlet distribution has its moments on the simplex`` () =
    let alpha = [| 0.5; 1.0; 3.0; 10.0 |]
    let total = Array.sum alpha

    let run =
        sample
            { Nuts.defaults with
                Draws = 4000
                TargetAcceptance = 0.9
            }
            (dirichlet alpha)

    for k in 0..3 do
        let share = alpha[k] / total
        let variance = share * (1.0 - share) / (total + 1.0)

        let mean =
            PosteriorSummary.ofChains "share" (Draws.quantity (fun x -> (dirichletShares x)[k]) run.Draws)

        within 4.5 share mean.Mean mean.McseMean $"share {k}"
        within 4.5 (sqrt variance) mean.Sd mean.McseSd $"sd {k}"

/// Catches a sampler that loses the neck: the funnel in its non-centred form, with scales from e^-4 to e^4.
[<Fact>]
let ``a funnel in non-centred form is found whole`` () =
    let run = sample { Nuts.defaults with Draws = 4000 } (standard 10)

    let funnel =
        run.Draws
        |> Draws.map [| "v"; "x" |] (fun z -> [| 3.0 * z[0]; z[1] * exp (1.5 * z[0]) |])

    let v = PosteriorSummary.ofChains "v" (Draws.parameter "v" funnel)
    within 4.5 0.0 v.Mean v.McseMean "mean"
    within 4.5 3.0 v.Sd v.McseSd "sd"
    within 4.5 0.0 (PosteriorSummary.ofChains "x" (Draws.parameter "x" funnel)).Median 0.02 "median"

    let tails =
        Draws.parameter "v" funnel
        |> Array.map (Array.map (fun v -> if v < -6.0 then 1.0 else 0.0))

    let low = PosteriorSummary.ofChains "v below -6" tails
    within 4.5 (ErrorFunction.normalCdf -2.0) low.Mean low.McseMean "neck"
    Assert.Empty(Nuts.warnings run)

/// Catches warnings that do not come: a centred funnel cannot be sampled at one step size.
[<Fact>]
let ``a centred funnel is flagged`` () =
    let run = sample Nuts.defaults centredFunnel
    let warnings = String.concat " " (Nuts.warnings run)
    Assert.True(run.Divergences > 0)
    Assert.Contains("diverged", warnings)
    Assert.Contains("non-centred", warnings)

/// Catches warnings that do not come: chains that stay in the mode that they began in.
[<Fact>]
let ``two modes are flagged`` () =
    let starts =
        [| [| -10.0; 0.0 |]; [| 10.0; 0.0 |]; [| -9.0; 1.0 |]; [| 9.0; 1.0 |] |]

    let run = Nuts.sample Nuts.defaults bimodal starts
    Assert.True((Array.head (Nuts.summary run)).RHat.Value > 1.5)
    Assert.Contains("The chains do not agree: R-hat is above 1.01 for x[1] (", String.concat " " (Nuts.warnings run))

/// Catches warnings of energies and of trees that do not come.
[<Fact>]
let ``low trees and slow energies are flagged`` () =
    let scales = normal [| 0.0; 0.0 |] (array2D [ [ 1.0; 0.999 ]; [ 0.999; 1.0 ] ])

    let run = sample { Nuts.defaults with MaxTreeDepth = 2 } scales

    Assert.Contains("reached the tree depth 2", String.concat " " (Nuts.warnings run))

    // a Student distribution of 1 degree of freedom in 20 coordinates: energies that no momentum can cross
    let heavy =
        SamplingTarget.create 20 (fun x ->
            let q = 1.0 + Array.sumBy (fun v -> v * v) x
            struct (-10.5 * log q, x |> Array.map (fun v -> -21.0 * v / q)))

    let run = sample Nuts.defaults heavy
    Assert.Contains("E-BFMI below 0.3", String.concat " " (Nuts.warnings run))

let private posterior =
    lazy (ReferenceFile.json "pyro_gmm.json" |> ReferenceFile.at "posterior/values")

let private exact (path: string list) =
    (posterior.Value, path)
    ||> List.fold (fun element (name: string) -> element.GetProperty name)
    |> _.GetDouble()

/// The issue's numbers on the five-point model of the seed: everything that does not depend on labels within four Monte
/// Carlo standard errors of the exact posterior (quadrature), R-hat at most 1.01, bulk effective draws at least 2000 (of the
/// short run 500).
[<Theory>]
[<InlineData(4000, 500.0)>]
[<InlineData(20000, 2000.0)>]
let ``the five-point posterior is the exact one`` (draws: int, least: float) =
    let run =
        sample
            { Nuts.defaults with
                Draws = draws
                TargetAcceptance = 0.95
                Seed = 7
            }
            fivePoints

    let found =
        run.Draws
        |> Draws.map fivePointsNames fivePointsInvariant
        |> PosteriorSummary.ofDraws

    for s in found do
        Assert.True(s.RHat.Value <= 1.01, $"{s.Name}: R-hat {s.RHat.Value}")
        Assert.True(s.EssBulk >= least, $"{s.Name}: {s.EssBulk} effective draws")
        within 4.0 (exact [ s.Name + "_mean" ]) s.Mean s.McseMean (s.Name + " mean")
        within 4.0 (exact [ "quantiles"; s.Name; "0.5" ]) s.Median s.McseMedian (s.Name + " median")

/// Ranks of the parameters that data were simulated from among posterior draws are uniform (Talts et al. 2018). Normal data
/// with unknown mean and log-scale, of which the sampler knows nothing but the log-density. Catches almost any error.
let private calibration simulations =
    let kept = 63
    let thin = 4
    let ranks = Array.init 2 (fun _ -> Array.zeroCreate 8)

    for simulation in 0 .. simulations - 1 do
        let stream = ((RandomKey.ofSeed 77).Child simulation).Stream()
        let truth = [| stream.NextNormal(); 0.5 * stream.NextNormal() |]
        let y = Array.init 5 (fun _ -> truth[0] + exp truth[1] * stream.NextNormal())

        let target =
            SamplingTarget.create 2 (fun x ->
                let precision = exp (-2.0 * x[1])
                let mutable value = -0.5 * x[0] * x[0] - 2.0 * x[1] * x[1] - 5.0 * x[1]
                let mutable dMean = -x[0]
                let mutable dScale = -4.0 * x[1] - 5.0

                for v in y do
                    let r = v - x[0]
                    value <- value - 0.5 * r * r * precision
                    dMean <- dMean + r * precision
                    dScale <- dScale + r * r * precision

                struct (value, [| dMean; dScale |]))

        let run =
            sample
                { Nuts.defaults with
                    Chains = 1
                    Warmup = 300
                    Draws = kept * thin
                    Seed = simulation
                }
                target

        for j in 0..1 do
            let below =
                (Draws.parameterAt j run.Draws)[0]
                |> Seq.indexed
                |> Seq.filter (fun (s, x) -> s % thin = 0 && x < truth[j])
                |> Seq.length

            ranks[j].[below / 8] <- ranks[j].[below / 8] + 1

    let expected = float simulations / 8.0

    for counts in ranks do
        let chi = counts |> Array.sumBy (fun n -> (float n - expected) ** 2.0 / expected)

        // the 99.9 % quantile of 7 degrees of freedom
        Assert.True(chi < 24.32, $"chi-square {chi} of {counts}")

[<Fact>]
let ``simulation-based calibration of 200 simulations passes`` () = calibration 200

[<Fact>]
[<Trait("Category", "slow")>]
let ``simulation-based calibration of 5000 simulations passes`` () = calibration 5000
