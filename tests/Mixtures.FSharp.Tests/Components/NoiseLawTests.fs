/// The laws of mixtures with noise.
module Mixtures.Tests.NoiseLawTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmLaws

// Noise is put under the laws with every kind of kernel beside it: Gaussian of each structure, Student-t, counts, a numerical
// M-step, and a product.

/// A random mixture with noise, and whether its columns are independent ones.
let private randomNoisy name k d (stream: RandomStream) : Mixture =
    let withNoise low high mixture =
        Noise.create (0.1 + 0.3 * stream.NextDouble()) (Array.create d low) (Array.create d high) mixture

    let independent (case: FamilyCases.Case) low high =
        FamilyCases.randomMixture case k d stream |> withNoise low high

    match name with
    | "student-t" ->
        let m = randomMixture CovarianceStructure.Full k d 0.0 4.0 1.0 stream

        let struct (means, covariances) =
            (Gaussian.view m).Means, (Gaussian.view m).Covariances

        Families.studentTMixture
            (Families.studentT CovarianceStructure.Full DegreesOfFreedom.Estimated)
            m.Weights
            means
            covariances
            (Array.create k 6.0)
        |> withNoise -12.0 12.0
    | "poisson" -> independent FamilyCases.poisson 0.0 60.0
    | "gamma" -> independent FamilyCases.gamma 0.0 60.0
    | "weibull" -> independent FamilyCases.weibull 0.0 60.0
    | structure ->
        let structure = (CovarianceStructure.tryParse structure).Value
        randomMixture structure k d 0.0 4.0 1.0 stream |> withNoise -12.0 12.0

let private kinds =
    [
        "full"
        "tied"
        "diagonal"
        "spherical"
        "known"
        "student-t"
        "poisson"
        "gamma"
        "weibull"
    ]

let private forKinds count (property: string -> RandomStream -> unit) =
    for kind in kinds do
        forSeeds count (property kind)

let private problem kind (stream: RandomStream) =
    let d = between 1 3 stream
    let k = between 1 3 stream
    let truth = randomNoisy kind k d stream
    let data = draw (between 60 200 stream) stream truth
    // the same known covariances, where they are known
    let start =
        if kind = "known" then
            truth
        else
            randomNoisy kind k d stream

    start, data

/// Weights, then each component's mean and covariance, the noise's too.
let numbers (m: Mixture) =
    [|
        yield! m.Weights

        for k in 0 .. m.Count - 1 do
            yield! m.Components.Mean k

            for i in 0 .. m.Dimension - 1 do
                (m.Components.Covariance k)[i, i]
    |]

/// Catches a density that is not the formula's: π_noise / V inside the box, nothing of it outside.
[<Fact>]
let ``the density is that of the components and a constant inside the box`` () =
    forSeeds 20 (fun stream ->
        let inner = randomMixture CovarianceStructure.Full 2 3 1.0 2.0 1.0 stream
        let noisy = Noise.create 0.2 [| -3.0; -2.0; 0.0 |] [| 3.0; 4.0; 5.0 |] inner

        let rows =
            Array.init 50 (fun _ -> Array.init 3 (fun _ -> 3.0 * stream.NextNormal()))

        let data = Dataset.ofSeq rows
        let densities = Mixture.logDensity inner data
        let received = Mixture.logDensity noisy data
        let each = Mixture.componentLogDensities noisy data

        for i in 0 .. rows.Length - 1 do
            let x = rows[i]

            let inside =
                abs x[0] <= 3.0 && x[1] >= -2.0 && x[1] <= 4.0 && x[2] >= 0.0 && x[2] <= 5.0

            let constant = if inside then -log(6.0 * 6.0 * 5.0) else -infinity
            let expected = LogSumExp.ofArray [| log 0.8 + densities[i]; log 0.2 + constant |]
            near 1e-13 (1.0 + abs expected) expected received[i] "log-density"
            Assert.Equal(Double.IsNegativeInfinity constant, Double.IsNegativeInfinity each[i, 2])

            if inside then
                near 1e-14 1.0 constant each[i, 2] "noise"

            near 1e-13 (1.0 + abs expected) expected (Mixture.logDensityOfRow noisy x) "single row")

/// Catches counts whose noise is a density: probabilities of whole numbers in the box sum to one.
[<Fact>]
let ``noise of counts is one over how many whole numbers there are`` () =
    let inner = Families.create Families.poisson [| 1.0 |] [| [| [| 3.0 |] |] |]
    let noisy = Noise.create 0.5 [| 2.0 |] [| 11.0 |] inner
    let each = Mixture.componentLogDensities noisy (Dataset.ofColumn [| 0.0 .. 20.0 |])
    Assert.Equal(1.0, Seq.sum (seq { for i in 0..20 -> exp each[i, 1] }), 1e-14)
    Assert.Equal(-log 10.0, each[2, 1], 1e-14)
    Assert.True(Double.IsNegativeInfinity each[1, 1])
    Assert.Equal(6.5, (noisy.Components.Mean 1)[0])
    Assert.Equal(99.0 / 12.0, (noisy.Components.Covariance 1)[0, 0], 1e-13)
    Assert.Equal(0.3, noisy.Components.Cdf(1, 4.5), 1e-14)
    let drawn = (Mixture.sample (RandomKey.ofSeed 1) 4000 noisy)
    let labels = (nonNull drawn.Labels).Codes.ToArray()

    let noise =
        [|
            for i in 0 .. drawn.Count - 1 do
                if labels[i] = 1 then
                    (drawn.Row i)[0]
        |]

    Assert.Equal(2.0, Array.min noise)
    Assert.Equal(11.0, Array.max noise)
    Assert.All(noise, (fun v -> Assert.Equal(v, floor v)))
    Assert.Equal(6.5, Array.average noise, 4.0 * sqrt (99.0 / 12.0 / float noise.Length))

/// Catches marginals and conditionals that forget the noise, or its box: p(x) = p(x_1) p(x_2, x_3 | x_1).
[<Fact>]
let ``marginal and conditional make up the whole`` () =
    forSeeds 20 (fun stream ->
        let noisy = randomNoisy "full" 2 3 stream
        let x = Array.init 3 (fun _ -> 6.0 * stream.NextNormal())
        let whole = Mixture.logDensityOfRow noisy x
        let first = Mixture.logDensityOfRow (Mixture.marginal [ 0 ] noisy) [| x[0] |]

        let rest =
            Mixture.logDensityOfRow (Mixture.conditional [ 0, x[0] ] noisy) [| x[1]; x[2] |]

        near 1e-11 (1.0 + abs whole) whole (first + rest) "log-density"
        let single = Mixture.marginal [ 1 ] noisy
        let q = Mixture.quantile 0.3 single
        Assert.Equal(0.3, Mixture.cdf q single, 1e-12))

[<Fact>]
let ``the log-likelihood never falls, and the box holds every row`` () =
    forKinds 8 (fun kind stream ->
        let start, data = problem kind stream

        let data = weighted data stream
        let fit = iterate start 40 data

        // a component at the floor, of a few rows on a line, has distances of condition 1e9: 2e-7 of each such row is rounding
        if fit.Certificate.Components |> Array.forall (fun c -> not c.Spurious) then
            Assert.Equal(0, fit.Certificate.MonotonicityViolations)
            neverFalls 1e-11 kind fit
        else
            neverFalls 1e-9 kind fit

        near 1e-11 (abs fit.LogLikelihood + 100.0) (Mixture.score fit.Mixture data) fit.LogLikelihood kind
        let struct (lower, upper) = Noise.box fit.Mixture

        for c in 0 .. data.Dimension - 1 do
            let kept =
                data.Column c
                |> Array.indexed
                |> Array.filter (fun (i, _) -> not data.HasWeights || data.Weights.Span[i] > 0.0)
                |> Array.map snd

            Assert.Equal(Array.min kept, lower[c])
            Assert.Equal(Array.max kept, upper[c]))

[<Fact>]
let ``permuting rows or components, and weights for repeated rows, change nothing beyond rounding`` () =
    forKinds 5 (fun kind stream ->
        let start, data = problem kind stream
        let fitted = (iterate start 4 data).Mixture
        sameFit $"{kind}, rows" 1e-7 data numbers fitted (iterate start 4 (shuffled data stream)).Mixture
        let k = start.Count - 1

        let order =
            Array.append ([| 0 .. k - 1 |] |> Array.sortBy (fun _ -> stream.NextDouble())) [| k |]

        let permute (m: Mixture) =
            Mixture.create None (order |> Array.map (fun j -> m.Weights[j])) (m.Components.Choose order)

        sameFit $"{kind}, components" 1e-7 data numbers (permute fitted) (iterate (permute start) 4 data).Mixture

        let struct (rowsTwice, weightsTwo) = repeated data stream
        let a = iterate start 4 rowsTwice
        let b = iterate start 4 weightsTwo
        sameFit $"{kind}, weights" 1e-7 weightsTwo numbers a.Mixture b.Mixture
        Assert.Equal(a.Bic, b.Bic, 1e-9 * (1.0 + abs a.Bic)))

/// Catches a box that rows of weight zero widen.
[<Fact>]
let ``rows of weight zero do not matter`` () =
    forKinds 4 (fun kind stream ->
        let start, data = problem kind stream

        let weighted = withWildRows data stream
        sameFit kind 1e-7 data numbers (iterate start 4 data).Mixture (iterate start 4 weighted).Mixture)

[<Fact>]
let ``EM's fixed point has zero gradient, and other points do not`` () =
    forKinds 6 (fun kind stream ->
        let start, data = problem kind stream

        let fit = converge start data
        let sound = fit.Certificate.Components |> Array.forall (fun c -> not c.Spurious)

        if fit.Termination = Converged && sound && kind <> "student-t" then
            Assert.True(
                fit.Certificate.LargestGradient < 5e-5,
                $"{kind}: gradient {fit.Certificate.LargestGradient:g3} after {fit.Iterations} iterations"
            )

        if kind <> "weibull" then
            Assert.True((iterate start 0 data).Certificate.LargestGradient > 1e-4, kind))

/// Catches a gradient by the kernels that is not the one by tensors, and a tensor density that is not the kernels'.
[<Fact>]
let ``value and gradient by kernels are those by tensor operations`` () =
    forKinds 4 (fun kind stream ->
        let mixture, data = problem kind stream
        let f = LikelihoodFunction.create mixture.Spec data
        let at = f.OfMixture mixture
        let struct (value, gradient) = Tensor.valueAndGrad f.LogLikelihood at
        let struct (composed, tensors) = Tensor.valueAndGrad f.Composed at
        near 1e-11 (1.0 + abs (composed.ToScalar())) (composed.ToScalar()) (value.ToScalar()) kind
        let magnitude = 1.0 + (tensors.ToArray() |> Array.map abs |> Array.max)

        for e, a in Array.zip (tensors.ToArray()) (gradient.ToArray()) do
            near 1e-9 magnitude e a kind)

[<Fact>]
let ``a fit has the same bits on 1, 2 and 7 threads, and as a file`` () =
    for kind in kinds do
        let stream = (RandomKey.ofSeed 3).Stream()
        let truth = randomNoisy kind 2 2 stream
        let data = draw 8000 stream truth

        let run threads =
            Em.fit
                { Em.defaults with
                    Restarts = 2
                    Threads = threads
                    MaxIterations = 3
                    BlockRows = 64
                }
                truth.Spec
                data

        let bits (fit: MixtureFit) =
            Array.concat [ numbers fit.Mixture; fit.History; [| fit.Certificate.LargestGradient |] ]

        let one = run 1
        Assert.Equal<float>(bits one, bits (run 2))
        Assert.Equal<float>(bits one, bits (run 7))
        let saved = ModelFile.ofJson (ModelFile.toJson (Some one.Summary) one.Mixture)
        Assert.Equal(one.Mixture.Family.Name, saved.Mixture.Family.Name)
        Assert.Equal<float>(numbers one.Mixture, numbers saved.Mixture)
        Assert.Equal<float>(Mixture.logDensity one.Mixture data, Mixture.logDensity saved.Mixture data)
