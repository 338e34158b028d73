module Mixtures.Tests.SviTests

open System
open System.Text.Json
open System.Threading
open Xunit
open Mixtures
open Mixtures.Tests.EmReferenceTests
open Mixtures.Tests.ElboTests

let private s (x: float) = Tensor.scalar x

let private parameter (fit: SviFit) name : float[] =
    (fit.Parameters |> List.find (fun (n, _) -> n = name) |> snd).ToArray()

let private first fit name = (parameter fit name)[0]

let private near what tolerance (expected: float) (received: float) =
    if not (abs (received - expected) <= tolerance) then
        Assert.Fail $"{what}: {received}, expected {expected} within {tolerance}"

/// Catches a guide that holds the posterior and does not find it: then the bound is the evidence, and k-hat small.
[<Theory>]
[<InlineData(false, 0)>]
[<InlineData(true, 0)>]
[<InlineData(true, 4)>]
let ``a conjugate posterior is found`` perRow batch =
    let guide = Guide.structured [ "rate", GuideFamily.Gamma ] poisson

    let fit =
        Svi.fit
            { Svi.defaults with
                DrawsPerRow = perRow
                BatchRows = batch
                Draws = 20
                Method = NaturalGradient(Schedule.constant (if batch > 0 then 0.05 else 0.2))
                Seed = 3
            }
            guide
            poisson

    let shape, rate = 3.0 + Array.sum counts, 2.0 + float counts.Length
    Assert.Equal(Converged, fit.Termination)
    near "mean" (0.01 * shape / rate) (shape / rate) (first fit "rate.shape" / first fit "rate.rate")
    near "shape" (0.1 * shape) shape (first fit "rate.shape")

    let evidence =
        3.0 * log 2.0 - SpecialFunctions.logGamma 3.0 + SpecialFunctions.logGamma shape
        - shape * log rate
        - (counts |> Array.sumBy SpecialFunctions.logFactorial)

    near "bound" (0.01 + 4.0 * fit.ElboStandardError) evidence fit.Elbo
    Assert.True(fit.ParetoK < 0.5, $"k-hat {fit.ParetoK}")

/// Catches Adam on a softplus scale or in free parameters that does not reach the same posterior.
[<Fact>]
let ``Adam finds a conjugate posterior`` () =
    let guide =
        Guide.structuredBy Positivity.Exponential [ "rate", GuideFamily.Gamma ] poisson

    let fit =
        Svi.fit
            { Svi.adam (Schedule.cosine 1500 0.002 0.05) with
                Draws = 10
                Steps = 1500
                Restarts = 1
            }
            guide
            poisson

    let shape, rate = 3.0 + Array.sum counts, 2.0 + float counts.Length
    near "mean" (0.01 * shape / rate) (shape / rate) (first fit "rate.shape" / first fit "rate.rate")
    near "shape" (0.15 * shape) shape (first fit "rate.shape")

let private correlated =
    let factor =
        Tensor.ofShape [| 3; 3 |] [| 2.0; 0.0; 0.0; -1.0; 0.5; 0.0; 0.3; 0.4; 0.1 |]

    ProgramModel.ofProgram (
        bayesian {
            let! _ =
                latent "x" (MultivariateNormal.distribution (Tensor.ofArray [| 1.0; -2.0; 5.0 |]) factor)

            return ()
        }
    )

/// Catches a full-rank guide that does not find correlations, and a mean-field one that does not find the best independent
/// normals, whose precisions are those of the diagonal of the inverse covariance.
[<Fact>]
let ``normals find a correlated normal`` () =
    let options =
        { Svi.defaults with
            Draws = 20
            Method = NaturalGradient(Schedule.constant 0.1)
            Restarts = 1
        }

    let full = Svi.fit options (Guide.fullRank correlated) correlated
    let factor = parameter full "factor"

    Array.iteri2 (fun i e r -> near $"factor {i}" 0.06 e r) [| 2.0; 0.0; 0.0; -1.0; 0.5; 0.0; 0.3; 0.4; 0.1 |] factor

    Array.iteri2 (fun i e r -> near $"location {i}" 0.08 e r) [| 1.0; -2.0; 5.0 |] (parameter full "location")
    near "evidence of nothing" (0.01 + 4.0 * full.ElboStandardError) 0.0 full.Elbo
    Assert.True(full.ParetoK < 0.5, $"k-hat {full.ParetoK}")

    let mean = Svi.fit options (Guide.meanField correlated) correlated
    // the diagonal of (L Lᵀ)⁻¹: columns of L⁻¹ squared
    let inverse =
        Tensor.solveLower (Tensor.ofShape [| 3; 3 |] [| 2.0; 0.0; 0.0; -1.0; 0.5; 0.0; 0.3; 0.4; 0.1 |]) (Tensor.eye 3)

    let precisions = (Tensor.sumOver [| 0 |] false (Tensor.square inverse)).ToArray()

    Array.iteri2 (fun i p r -> near $"scale {i}" (0.05 / sqrt p) (1.0 / sqrt p) r) precisions (parameter mean "x.scale")

    Assert.True(mean.Elbo < -0.5)
    Assert.True(mean.ParetoK > full.ParetoK)

/// Catches a k-hat that does not see the two labellings and the heavy tails of five points.
[<Fact>]
let ``normal guides miss the posterior of five points, and k-hat tells`` () =
    for guide in [ Guide.meanField FivePoints.model; Guide.fullRank FivePoints.model ] do
        let fit =
            Svi.fit
                { Svi.defaults with
                    Draws = 20
                    Method = NaturalGradient(Schedule.constant 0.1)
                    Seed = 1
                }
                guide
                FivePoints.model

        Assert.True(fit.ParetoK > 0.7, $"{guide.Name}: k-hat {fit.ParetoK}")
        Assert.Contains(fit.Warnings, (fun w -> w.Contains "k-hat"))
        // a bound of the evidence
        let evidence =
            FivePoints.reference.Value
                .GetProperty("posterior")
                .GetProperty("values")
                .GetProperty("log_evidence")
                .GetDouble()

        Assert.True(fit.Elbo < evidence + 4.0 * fit.ElboStandardError, $"{guide.Name}: {fit.Elbo}")

let private reference = lazy (ReferenceFile.json "tfp_bayesian_gmm.json")

/// The model of data/tfp_bayesian_gmm.json.
let private clusters =
    lazy
        (let x = Dataset.ofCsv (ReferenceFile.path "tfp-mixture.csv")

         let rows =
             Array.init x.Count x.Row |> Array.concat |> Tensor.ofShape [| x.Count; 2 |]

         ProgramModel.ofProgram (
             bayesian {
                 let! theta = latent "theta" (Dirichlet.distribution (Tensor.full [| 3 |] 2.0))
                 let! mu = latent "mu" (Normal.distribution (Tensor.zeros [| 3; 2 |]) (s 1.0))
                 let! tau = latent "tau" (Gamma.distribution (Tensor.full [| 3; 2 |] 5.0) (s 5.0))
                 do! observeMixture "x" theta (DiagonalNormal.distribution mu (Tensor.power -0.5 tau)) rows
             }
         ))

let private families =
    [
        "theta", GuideFamily.Dirichlet
        "mu", GuideFamily.Normal
        "tau", GuideFamily.Gamma
    ]

let private flat (element: JsonElement) =
    [|
        for row in element.EnumerateArray() do
            if row.ValueKind = JsonValueKind.Array then
                for e in row.EnumerateArray() do
                    yield e.GetDouble()
            else
                yield row.GetDouble()
    |]

/// Catches a fit from a random start that stops short of the optimum of the bound with the assignments summed out, or of
/// any of its parameters by more than 10 %.
[<Fact>]
let ``the optimum of a Bayesian mixture of 3000 points`` () =
    let model = clusters.Value
    let guide = Guide.structured families model

    let options =
        { Svi.defaults with
            DrawsPerRow = true
            Seed = 1
        }

    let fit = Svi.fit options guide model
    Assert.Equal(Converged, fit.Termination)
    Assert.True(fit.ParetoK < 0.5, $"k-hat {fit.ParetoK}")
    // 3000 x 2 x 300 draws
    let struct (bound, error) =
        Svi.elbo
            { options with
                FinalDraws = 300
                Seed = 2
            }
            guide
            model
            fit.Vector

    Assert.True(error < 0.01)
    Assert.True(bound >= -11806.80, $"bound {bound}, standard error {error}")
    let best = reference.Value.GetProperty "post_elbo_optimum"
    let locations = flat (best.GetProperty "locs")
    let found = parameter fit "mu.location"

    // components in the reference's order, each by the first of its locations that is nearest
    let order =
        Array.init 3 (fun k ->
            [ 0..2 ]
            |> List.minBy (fun j ->
                Double.Hypot(found[2 * j] - locations[2 * k], found[2 * j + 1] - locations[2 * k + 1])))

    let compare name (field: string) width =
        let expected = flat (best.GetProperty field)
        let received = parameter fit name

        for k in 0..2 do
            for d in 0 .. width - 1 do
                let e = expected[width * k + d]
                near $"{name} {k} {d}" (0.1 * abs e) e received[width * order[k] + d]

    compare "mu.location" "locs" 2
    compare "mu.scale" "scales" 2
    compare "tau.shape" "alpha" 2
    compare "tau.rate" "beta" 2
    compare "theta.concentrations" "counts" 1

/// Catches a bound that is not the reference's at given parameters: those that coordinate ascent reached, and the post's.
[<Fact>]
let ``the bound at given parameters`` () =
    let model = clusters.Value
    let guide = Guide.structured families model

    for field, draws in [ "cavi_optimum", 60; "post_reported", 300 ] do
        let at = reference.Value.GetProperty field

        let matrix (name: string) =
            Tensor.ofShape [| 3; 2 |] (flat (at.GetProperty name))

        let vector =
            Guide.vectorOf
                guide
                [
                    "theta.concentrations", Tensor.ofArray (flat (at.GetProperty "counts"))
                    "mu.location", matrix "locs"
                    "mu.scale", matrix "scales"
                    "tau.shape", matrix "alpha"
                    "tau.rate", matrix "beta"
                ]

        let struct (bound, error) =
            Svi.elbo
                { Svi.defaults with
                    DrawsPerRow = true
                    FinalDraws = draws
                }
                guide
                model
                vector

        let expected = at.GetProperty("post_elbo_F2").GetProperty("elbo").GetDouble()
        near $"bound at {field}, standard error {error}" (4.5 * error) expected bound
        Assert.True(error < 2.0)

/// Catches a normal guide that k-hat condemns where the posterior is nearly normal.
[<Fact>]
let ``a normal guide suits separated clusters`` () =
    let model = clusters.Value

    let fit =
        Svi.fit
            { Svi.defaults with
                DrawsPerRow = true
                Seed = 1
                FinalDraws = 20
            }
            (Guide.meanField model)
            model

    Assert.True(fit.ParetoK < 0.5, $"k-hat {fit.ParetoK}")
    Assert.True(fit.Elbo > -11807.1, $"bound {fit.Elbo}")

/// Catches a fit that goes on after it was told to stop, or loses what it had.
[<Fact>]
let ``a cancelled fit returns what was reached`` () =
    use source = new CancellationTokenSource()
    let seen = ResizeArray<SviProgress>()

    let watch (p: SviProgress) =
        seen.Add p

        if p.Step = 7 then
            source.Cancel()

    let guide = Guide.suited poisson

    let fit =
        Svi.fitWith watch source.Token { Svi.defaults with Restarts = 1 } guide poisson

    Assert.Equal(Interrupted, fit.Termination)
    Assert.Equal(7, fit.Steps)
    Assert.Equal<int[]>([| 1..7 |], seen.ToArray() |> Array.map _.Step)
    Assert.True(Double.IsFinite fit.Elbo)

/// Catches a fit that calls itself converged although it never moved far enough.
[<Fact>]
let ``a fit that has not converged says so`` () =
    let guide = Guide.suited poisson
    let start = [ "rate.shape", s 1.0; "rate.rate", s 10.0 ]

    let fit =
        Svi.fit
            { Svi.adam (Schedule.constant 1e-4) with
                Steps = 200
                Start = start
            }
            guide
            poisson

    Assert.Equal(IterationLimit, fit.Termination)
    Assert.False fit.Report.IsStationary
    Assert.Contains(fit.Warnings, (fun w -> w.Contains "Not converged"))

/// Catches bad input that is not refused with the culprit's name.
[<Fact>]
let ``bad input is named`` () =
    let guide = Guide.structured families clusters.Value

    let refused (parts: string list) (action: unit -> 'T) =
        let error = Assert.ThrowsAny<ArgumentException>(fun () -> action () |> ignore)

        for part in parts do
            Assert.Contains(part, error.Message)

    let fit options =
        fun () -> Svi.fit options guide clusters.Value

    refused [ "Draws"; "received 0" ] (fit { Svi.defaults with Draws = 0 })
    refused [ "FinalDraws" ] (fit { Svi.defaults with FinalDraws = 0 })
    refused [ "BatchRows"; "3000" ] (fit { Svi.defaults with BatchRows = 4000 })
    refused [ "BatchRows" ] (fit { Svi.defaults with BatchRows = -1 })
    refused [ "ParetoDraws" ] (fit { Svi.defaults with ParetoDraws = 5 })

    refused
        [ "at most 1"; "received 1.5" ]
        (fit
            { Svi.defaults with
                Method = NaturalGradient(Schedule.constant 1.5)
            })

    refused
        [ "mu.locatoin" ]
        (fit
            { Svi.defaults with
                Start = [ "mu.locatoin", s 1.0 ]
            })

    refused
        [ "theta.concentrations" ]
        (fit
            { Svi.defaults with
                Start = [ "mu.location", Tensor.zeros [| 3; 2 |] ]
            })

    refused [ "guide of the model's sites"; "rate" ] (fun () -> Svi.fit Svi.defaults guide poisson)
    let rows = { Svi.defaults with BatchRows = 1 }
    refused [ "no common rows" ] (fun () -> Svi.fit rows (Guide.suited correlated) correlated)

    let structured families =
        fun () -> Guide.structured families clusters.Value

    refused [ "covers every site"; "tau" ] (structured [ "theta", GuideFamily.Dirichlet; "mu", GuideFamily.Normal ])
    refused [ "2 for mu" ] (structured (("mu", GuideFamily.Normal) :: families))
    refused [ "received one for nu" ] (structured (("nu", GuideFamily.Normal) :: families))
    refused [ "site tau"; "real numbers" ] (structured [ "tau", GuideFamily.Normal ])
    refused [ "site mu"; "positive numbers" ] (structured [ "mu", GuideFamily.Gamma ])
    refused [ "site theta" ] (structured [ "theta", GuideFamily.Beta ])

    let other = Site.create "rate" [| 2 |] Support.Positive

    refused [ "site rate"; "shape" ] (fun () ->
        Guide.ofFactors poisson [ GuideFactor.ofFamily Positivity.Exponential GuideFamily.Gamma other ])

/// A guide of one's own: Weibull draws for a rate.
[<Fact>]
let ``a factor of one's own, by Adam`` () =
    let site = poisson.Sites[0]

    let factor =
        GuideFactor.create
            "squared normal"
            site
            [|
                Site.create "location" [||] Support.Real
                Site.create "scale" [||] Support.Positive
            |]
            (fun p -> LogNormal.distribution p[0] p[1])
            (fun value -> [| Tensor.log value; s 0.2 |])

    let guide = Guide.ofFactors poisson [ factor ]

    let natural =
        Assert.Throws<ArgumentException>(fun () -> Svi.fit Svi.defaults guide poisson |> ignore)

    Assert.Contains("Adam", natural.Message)

    let fit =
        Svi.fit
            { Svi.adam (Schedule.constant 0.02) with
                Draws = 10
                Steps = 600
            }
            guide
            poisson

    let mean = (3.0 + Array.sum counts) / (2.0 + float counts.Length)
    near "median" (0.05 * mean) mean (exp (first fit "location"))

/// Catches a bound that is not finite and does not say why.
[<Fact>]
let ``a term that is not finite is named`` () =
    let model =
        ProgramModel.ofProgram (
            bayesian {
                let! a = latent "a" (Normal.distribution (s 0.0) (s 1.0))
                do! Program.factor "root" (Tensor.log (a - 100.0))
            }
        )

    let error =
        Assert.Throws<SviException>(fun () -> Svi.fit Svi.defaults (Guide.suited model) model |> ignore)

    Assert.Contains("root", error.Message)
    Assert.Contains("NaN", error.Message)

/// Catches guides over free numbers that leave the supports they map to.
[<Fact>]
let ``guides over free numbers draw values of their supports`` () =
    let model =
        ProgramModel.ofProgram (
            bayesian {
                let! _ = latent "p" (Dirichlet.distribution (Tensor.ones [| 4; 3 |]))
                let! _ = latent "u" (Uniform.distribution (s 2.0) (s 5.0))
                let! _ = latent "v" (InverseGamma.distribution (s 3.0) (s 2.0))
                return ()
            }
        )

    for guide in [ Guide.meanField model; Guide.fullRank model ] do
        let fit =
            Svi.fit
                { Svi.defaults with
                    Draws = 5
                    Steps = 200
                    Restarts = 1
                }
                guide
                model

        let stream = (RandomKey.ofSeed 1).Stream()
        let values = fit.Draw stream
        Site.check model.Sites values
        let many = fit.DrawMany 7 stream
        Assert.Equal<int[]>([| 7; 4; 3 |], many[0].Shape)
        Assert.Equal<int[]>([| 7 |], many[1].Shape)
        // no data: the evidence is 1
        Assert.InRange(fit.Elbo, -2.0, 4.0 * fit.ElboStandardError)

/// Catches passes of a specification's kernels that get in each other's way, a posterior elsewhere than the maximum of the
/// likelihood of so many rows, and draws for each row where kernels take one for all.
[<Fact>]
let ``the posterior of a specification`` () =
    let spec = Gaussian.spec CovarianceStructure.Full 2
    let model = SpecModel.withDefaults spec faithful.Value

    let options =
        { Svi.defaults with
            Draws = 10
            Seed = 1
        }

    let fits =
        [ 1; 2; 7 ]
        |> List.map (fun threads -> Svi.fit { options with Threads = threads } (Guide.suited model) model)

    for fit in fits.Tail do
        Assert.Equal<float[]>(fits.Head.Vector, fit.Vector)
        Assert.Equal(fits.Head.ParetoK, fit.ParetoK)

    Assert.Equal(Converged, fits.Head.Termination)
    let em = faithful.Value |> Em.fit Em.defaults spec
    let means = (Gaussian.view em.Mixture).Means |> Array.sortBy (fun m -> m[0])
    let at = parameter fits.Head "means.location"
    let scales = parameter fits.Head "means.scale"

    let found =
        Array.init 2 (fun k -> [| at[2 * k]; at[2 * k + 1] |])
        |> Array.sortBy (fun m -> m[0])

    for k in 0..1 do
        for d in 0..1 do
            near $"mean {k} {d}" scales[2 + d] means[k].[d] found[k].[d]

    let full = Svi.fit options (Guide.fullRank model) model
    Assert.True(full.Elbo > fits.Head.Elbo - 4.0 * (full.ElboStandardError + fits.Head.ElboStandardError))
    Assert.True(full.ParetoK < 0.7, $"k-hat {full.ParetoK}")

/// A program whose likelihood does not take an axis of draws is refused, not fitted to something else.
[<Fact>]
let ``draws of each row need a likelihood that takes them`` () =
    let model =
        bayesian {
            let! means = latent "means" (Distribution.expand [| 2 |] (Prior.normal 0.0 1.0))
            do! observe "x" (Normal.distribution (Tensor.sum means) (s 1.0)) (Tensor.ofArray [| 0.1; 0.4; 1.2 |])
        }
        |> ProgramModel.ofProgram

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Svi.fit { Svi.defaults with DrawsPerRow = true } (Guide.suited model) model
            |> ignore)

    Assert.Contains("one draw for each row", error.Message)

/// A specification with draws of each row comes to the bound of draws for all rows, with less noise of as many draws.
[<Fact>]
let ``a specification takes draws of each row`` () =
    let model =
        SpecModel.withDefaults (Gaussian.spec CovarianceStructure.Diagonal 2) faithful.Value

    let fit perRow =
        Svi.fit
            { Svi.defaults with
                DrawsPerRow = perRow
                Draws = if perRow then 1 else 10
                Steps = 200
                Tolerance = 0.0
                Restarts = 2
                Seed = 1
            }
            (Guide.suited model)
            model

    let alone, together = fit true, fit false
    near "the bound" 0.5 together.Elbo alone.Elbo

    let noise (fit: SviFit) =
        let late = Array.skip 150 fit.History
        let mean = Array.average late
        late |> Array.averageBy (fun bound -> (bound - mean) * (bound - mean)) |> sqrt

    Assert.True(noise alone < noise together, $"{noise alone} of one draw a row, {noise together} of ten a step")

/// Natural gradients of one pair of draws overshoot where a guide's factors are correlated in the posterior, as shape and rate of a
/// gamma distribution are: catches a fit that runs away from them (its bound came to -895 and less), and draws that cannot be
/// evaluated, which end it.
[<Fact>]
let ``steps that overshoot are shortened`` () =
    let stream = (RandomKey.ofSeed 9).Stream()
    let data = Dataset.ofColumn (Array.init 150 (fun _ -> Gamma.sample 20.0 2.0 stream))
    let spec = MixtureSpec.Create(Families.gamma, 1)
    let model = SpecModel.withDefaults spec data
    // the best bound of a product of gammas is about -337.8
    for seed in 0..2 do
        let fit = Svi.fit { Svi.defaults with Seed = seed } (Guide.suited model) model
        let late = fit.History |> Array.skip (fit.Steps - 100) |> Array.average
        Assert.True(late > -345.0, $"seed {seed}: {late}")
        Assert.Contains(fit.Warnings, (fun w -> w.Contains "overshot"))

    let faithfulModel =
        SpecModel.withDefaults (Gaussian.spec CovarianceStructure.Full 2) faithful.Value

    let single =
        Svi.fit { Svi.defaults with Antithetic = false } (Guide.suited faithfulModel) faithfulModel

    Assert.True(single.Elbo > -1171.0, $"{single.Elbo}")
