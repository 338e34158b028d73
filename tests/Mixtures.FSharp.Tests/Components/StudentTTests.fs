module Mixtures.Tests.StudentTTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmLaws

let private families =
    [
        Families.studentT CovarianceStructure.Full DegreesOfFreedom.Estimated
        Families.studentT CovarianceStructure.Diagonal DegreesOfFreedom.Estimated
        Families.studentT CovarianceStructure.Full (DegreesOfFreedom.Fixed 4.0)
    ]

let private structureOf (family: IComponentFamily) =
    (CovarianceStructure.tryParse family.Structure).Value

let private isFixed (family: IComponentFamily) =
    obj.ReferenceEquals(family, families[2])

let private random (family: IComponentFamily) k d (stream: RandomStream) =
    let structure = structureOf family

    Families.studentTMixture
        family
        (randomWeights k stream)
        (Array.init k (fun _ -> Array.init d (fun _ -> 4.0 * stream.NextNormal())))
        (randomCovariances structure k d 1.0 stream)
        (Array.init k (fun _ ->
            if isFixed family then
                4.0
            else
                3.0 + 10.0 * stream.NextDouble()))

let private forFamilies count (property: IComponentFamily -> RandomStream -> unit) =
    for family in families do
        forSeeds count (property family)

/// Catches a wrong constant, distance or power in the kernel, at every width.
[<Fact>]
let ``log-densities are those of the multivariate t distribution`` () =
    forFamilies 10 (fun family stream ->
        let d, k = between 1 4 stream, between 1 4 stream
        let mixture = random family k d stream
        let data = draw 50 stream mixture
        let struct (locations, scales, degrees) = Families.studentTParameters mixture
        let densities = Mixture.componentLogDensities mixture data

        for j in 0 .. k - 1 do
            let flat = Array.init (d * d) (fun at -> scales[j].[at / d, at % d])
            let factor = (Cholesky.tryFactor d (ReadOnlySpan flat)).Value

            for i in 0 .. data.Count - 1 do
                let expected =
                    MultivariateStudentT.logDensity degrees[j] locations[j] factor (ReadOnlySpan(data.Row i))

                near 1e-11 (10.0 + abs expected) expected densities[i, j] $"row {i}")

/// Catches an M-step that is no step up.
[<Fact>]
let ``the log-likelihood never falls, weighted or not`` () =
    forFamilies 60 (fun family stream ->
        let d, k = between 1 3 stream, between 1 3 stream
        let data = draw (between 40 150 stream) stream (random family k d stream)

        let data =
            if stream.NextDouble() < 0.5 then
                data.WithWeights(randomRowWeights data.Count stream)
            else
                data

        let fit = iterate (random family k d stream) 40 data

        // which knows what rounding makes of nearly singular components
        Assert.Equal(0, fit.Certificate.MonotonicityViolations)

        if fit.Certificate.Components |> Array.forall (fun c -> c.ConditionNumber < 1e6) then
            for i in 1 .. fit.History.Length - 1 do
                Assert.True(
                    fit.History[i] >= fit.History[i - 1] - 1e-9 * (1.0 + abs fit.History[i]),
                    $"{fit.History[i - 1]:R} then {fit.History[i]:R}"
                )

        near 1e-11 (100.0 + abs fit.LogLikelihood) (Mixture.score fit.Mixture data) fit.LogLikelihood "score")

/// Catches wrong derivatives: kernels' against differences, tensors' against kernels', and a fixed point that is none.
[<Fact>]
let ``gradients equal central differences, tensors the kernels, and vanish at the fixed point`` () =
    forFamilies 4 (fun family stream ->
        let d = between 1 3 stream
        let mixture = random family 2 d stream
        let data = draw 60 stream mixture
        let likelihood = LikelihoodFunction.create mixture.Spec data
        let x = likelihood.OfMixture mixture
        let struct (value, gradient) = Tensor.valueAndGrad likelihood.LogLikelihood x

        let struct (composedValue, composed) = Tensor.valueAndGrad likelihood.Composed x

        near 1e-11 (1.0 + abs (value.ToScalar())) (value.ToScalar()) (composedValue.ToScalar()) "value"
        let numbers, a, b = x.ToArray(), gradient.ToArray(), composed.ToArray()

        for i in 0 .. numbers.Length - 1 do
            near 1e-9 (10.0 + abs a[i]) a[i] b[i] $"tensor gradient {i}"
            let h = 1e-5

            let at delta =
                let moved = Array.copy numbers
                moved[i] <- moved[i] + delta
                (likelihood.LogLikelihood(Tensor.ofArray moved)).ToScalar()

            near 1e-5 (10.0 + abs a[i]) ((at h - at -h) / (2.0 * h)) a[i] $"gradient {i}"

        let fit =
            Em.fit
                { Em.defaults with
                    Start = GivenModel mixture
                    Tolerance = 1e-13
                    MaxIterations = 20000
                }
                mixture.Spec
                data

        if
            fit.Termination = Converged
            && not (fit.Certificate.Components |> Array.exists _.Spurious)
        then
            Assert.InRange(fit.Certificate.LargestGradient, 0.0, 1e-4))

/// Catches a fit that outliers drag along.
[<Fact>]
let ``one gross outlier in a hundred rows moves locations by less than 0.1 sd, the Gaussian's by more than 1`` () =
    let stream = (RandomKey.ofSeed 3).Stream()
    let clean = Array.init 99 (fun _ -> [| stream.NextNormal(); stream.NextNormal() |])
    let outlier = Array.append clean [| [| 150.0; -150.0 |] |]

    let locations family rows =
        let fit =
            Em.fit { Em.defaults with Restarts = 2 } (MixtureSpec.Create(family, 1)) (Dataset.ofSeq rows)

        Assert.Equal(Converged, fit.Termination)
        fit.Mixture.Components.Mean 0

    let distance (a: float[]) (b: float[]) =
        sqrt (Array.sum (Array.map2 (fun x y -> (x - y) * (x - y)) a b))

    for family in families do
        Assert.InRange(distance (locations family clean) (locations family outlier), 0.0, 0.1)

    let gaussian = (Gaussian.spec CovarianceStructure.Full 1).Family
    Assert.True(distance (locations gaussian clean) (locations gaussian outlier) > 1.0)

/// Catches biased estimates, of degrees of freedom above all.
[<Fact>]
let ``20 000 rows of a known mixture give the parameters back within 4 standard errors`` () =
    for family in families do
        let stream = (RandomKey.ofSeed 17).Stream()
        let structure = structureOf family

        let truth =
            Families.studentTMixture
                family
                [| 0.6; 0.4 |]
                [| [| 0.0; 0.0 |]; [| 8.0; -6.0 |] |]
                (randomCovariances structure 2 2 1.0 stream)
                (if isFixed family then [| 4.0; 4.0 |] else [| 3.0; 8.0 |])

        let data = draw 20000 stream truth

        let fit =
            Em.fit { Em.defaults with Restarts = 3 } (MixtureSpec.Create(family, 2)) data

        Assert.Equal(Converged, fit.Termination)
        let spec = MixtureSpec.Create(family, 2)
        let estimates = StandardErrors.ofMixture spec data fit.Mixture
        let expected = StandardErrors.ofMixture spec data truth

        for i in 0 .. estimates.Length - 1 do
            let estimate: ParameterEstimate = estimates[i]

            Assert.True(
                abs (estimate.Value - expected[i].Value) <= 4.0 * estimate.StandardError,
                $"{estimate.Name} is {estimate.Value:R}, truth {expected[i].Value:R}, standard error {estimate.StandardError:g3}"
            )

/// Catches results that depend on the number of threads.
[<Fact>]
let ``a fit has the same bits on 1, 2 and 7 threads`` () =
    for family in families do
        let stream = (RandomKey.ofSeed 4).Stream()
        let data = draw 20000 stream (random family 2 3 stream)

        let run threads =
            let fit =
                Em.fit
                    { Em.defaults with
                        Restarts = 2
                        Threads = threads
                        MaxIterations = 4
                        BlockRows = 64
                    }
                    (MixtureSpec.Create(family, 2))
                    data

            let struct (locations, _, degrees) = Families.studentTParameters fit.Mixture
            Array.concat [ Array.concat locations; degrees; fit.History ]

        let one = run 1
        Assert.Equal<float>(one, run 2)
        Assert.Equal<float>(one, run 7)

/// Catches marginals and conditionals that do not belong to the joint density.
[<Fact>]
let ``the joint density is the marginal's times the conditional's`` () =
    forFamilies 6 (fun family stream ->
        let mixture = random family 2 3 stream
        let data = draw 5 stream mixture
        let joint = Mixture.logDensity mixture data
        let marginal = Mixture.marginal [ 1 ] mixture

        for i in 0 .. data.Count - 1 do
            let row = data.Row i
            let rest = Mixture.conditional [ 1, row[1] ] mixture

            // a diagonal t is not a product: only its joint scale matrix is diagonal
            let sum =
                Mixture.logDensityOfRow marginal [| row[1] |]
                + Mixture.logDensityOfRow rest [| row[0]; row[2] |]

            near 1e-10 (10.0 + abs joint[i]) joint[i] sum $"row {i}")
