module Mixtures.Tests.SamplerTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.Univariate

let private count = 100000

/// The largest distance of the draws' distribution function from the given one, in units of 1 / √n (Kolmogorov and
/// Smirnov): above 1.95 once in a thousand samples. Conservative where values repeat. The largest number stands for
/// draws beyond it.
let private distance (cdf: float -> float) (draws: float[]) =
    let sorted = Array.sort draws
    let n = float sorted.Length
    let mutable largest = 0.0

    for i in 0 .. sorted.Length - 1 do
        let isLast = i = sorted.Length - 1 || sorted[i + 1] > sorted[i]

        if isLast && sorted[i] < Double.MaxValue then
            largest <- max largest (abs (float (i + 1) / n - cdf sorted[i]))

    largest * sqrt n

/// Mean and variance within five standard errors; that of the variance from the draws' fourth moment.
let private checkMoments what (mean: float) (variance: float) (draws: float[]) =
    let n = float draws.Length
    let received = Array.average draws
    let standardError = sqrt (variance / n)

    if
        Double.IsFinite variance
        && not (abs (received - mean) <= 5.0 * standardError + 1e-13 * abs mean)
    then
        Assert.Fail $"{what}: mean {received}, expected {mean} within 5 x {standardError}"

    if Double.IsFinite variance && variance > 0.0 then
        let squares =
            draws
            |> Array.map (fun x -> ((x - mean) / sqrt variance) * ((x - mean) / sqrt variance))

        let spread = Array.average squares
        let fourth = squares |> Array.averageBy (fun s -> (s - spread) * (s - spread))

        if not (abs (spread - 1.0) <= 5.0 * sqrt (fourth / n) + 1e-12) then
            Assert.Fail $"{what}: variance {spread * variance}, expected {variance}, standard error {sqrt (fourth / n)}"

/// Catches a sampler of another distribution, at ordinary and extreme parameters.
[<Fact>]
let ``draws follow the distribution function, and their moments`` () =
    let mutable child = 0

    for distribution in continuous @ [ bernoulli ] @ discrete do
        for parameters in distribution.Cases do
            child <- child + 1
            let stream = ((RandomKey.ofSeed 41).Child child).Stream()
            let draws = Array.init count (fun _ -> distribution.Sample parameters stream)
            Assert.True(draws |> Array.forall Double.IsFinite)

            Assert.True(
                draws
                |> Array.forall (fun x -> distribution.LogDensity parameters x > -infinity)
            )

            let d = distance (distribution.Cdf parameters) draws

            if not (d < 1.95) then
                Assert.Fail $"{describe distribution parameters}: √n times the largest distance is {d}"

            // rare huge draws make up the moments of the smallest shapes
            let isWild =
                (distribution.Name = "NegativeBinomial" || distribution.Name = "Gamma")
                && parameters[0] < 0.01

            // none of the counts is expected to differ from 0
            let isRare =
                List.exists (fun (d: Univariate) -> d.Name = distribution.Name) (bernoulli :: discrete)
                && distribution.Mean parameters * float count < 1e-3

            if not (isWild || isRare) then
                checkMoments
                    (describe distribution parameters)
                    (distribution.Mean parameters)
                    (distribution.Variance parameters)
                    draws

/// Catches a von Mises sampler of another concentration: mean direction, resultant length, and the draws' distribution
/// against the density summed up.
[<Fact>]
let ``von Mises draws`` () =
    let mutable child = 0

    for parameters in vonMises.Cases do
        child <- child + 1
        let stream = ((RandomKey.ofSeed 42).Child child).Stream()
        let location, concentration = parameters[0], parameters[1]

        let draws =
            Array.init count (fun _ -> VonMises.sample location concentration stream)

        Assert.True(draws |> Array.forall (fun x -> abs x <= Math.PI))
        // E 2 sin²(d/2) = 1 - A
        let squares =
            draws |> Array.map (fun x -> 2.0 * Math.Pow(sin (0.5 * (x - location)), 2.0))

        let complement = VonMises.variance location concentration
        let mean = Array.average squares

        let error =
            sqrt (squares |> Array.averageBy (fun s -> (s - mean) * (s - mean)))
            / sqrt (float count)

        Assert.InRange(mean, complement - 5.0 * error, complement + 5.0 * error)
        let sines = draws |> Array.averageBy (fun x -> sin (x - location))

        let sineError =
            sqrt (0.5 / float count) * sqrt (min 1.0 (2.0 / (concentration + 1e-300)))

        Assert.InRange(sines, -5.0 * sineError, 5.0 * sineError)

        if concentration < 1e3 then
            let cells = 20000
            let step = 2.0 * Math.PI / float cells

            let cumulative =
                Array.init cells (fun i ->
                    step
                    * exp (VonMises.logDensity location concentration (-Math.PI + (float i + 0.5) * step)))
                |> Array.scan (+) 0.0

            let cdf x =
                cumulative[int (Math.Round((x + Math.PI) / step))]

            let d = distance cdf draws

            if not (d < 1.95 + 0.3) then
                Assert.Fail $"{describe vonMises parameters}: {d}"

/// Catches small shapes whose draws all round to zero: the logarithm of a Gamma(a) draw has mean ψ(a) and variance ψ′(a),
/// the log-odds of a Beta draw those of both.
[<Fact>]
let ``logarithms of draws of tiny shapes`` () =
    for shape in [ 1e-10; 1e-3; 0.3; 2.0; 1e6 ] do
        let stream = (RandomKey.ofSeed 43).Stream()
        let logs = Array.init count (fun _ -> Gamma.sampleLog shape 1.0 stream)
        let mean, variance = SpecialFunctions.digamma shape, SpecialFunctions.trigamma shape
        checkMoments $"log Gamma({shape})" mean variance logs
        let logits = Array.init count (fun _ -> Beta.sampleLogit shape 2.0 stream)

        checkMoments
            $"logit Beta({shape}, 2)"
            (mean - SpecialFunctions.digamma 2.0)
            (variance + SpecialFunctions.trigamma 2.0)
            logits

        Assert.True(Gamma.sample shape 1.0 stream > 0.0)
        let x = Beta.sample shape shape stream
        Assert.True(x > 0.0 && x < 1.0)
        let logs = Dirichlet.sampleLog [| shape; shape; 1.0 |] stream
        Assert.Equal(0.0, LogSumExp.ofArray logs, 1e-13)

let private checkMatrixMoments what (mean: float[]) (variance: float[]) (draws: float[][]) =
    for i in 0 .. mean.Length - 1 do
        checkMoments $"{what} {i}" mean[i] variance[i] (draws |> Array.map (fun x -> x[i]))

let private factor = [| 2.0; 0.0; 0.0; 0.5; 1.5; 0.0; -1.0; 0.25; 0.75 |]
let private location = [| 1.0; -2.0; 0.5 |]

/// The mean of products of two coordinates against a covariance.
let private checkCovariance what (mean: float[]) (covariance: float[]) (draws: float[][]) =
    let d = mean.Length

    for i in 0 .. d - 1 do
        for j in 0..i do
            let products = draws |> Array.map (fun x -> (x[i] - mean[i]) * (x[j] - mean[j]))
            let average = Array.average products
            let spread = products |> Array.averageBy (fun p -> (p - average) * (p - average))
            let error = sqrt (spread / float draws.Length)
            let expected = covariance[i * d + j]

            if not (abs (average - expected) <= 5.0 * error) then
                Assert.Fail $"{what} ({i}, {j}): {average}, expected {expected} within 5 x {error}"

/// Catches a factor used transposed, or scales for variances.
[<Fact>]
let ``draws of vectors`` () =
    let stream = (RandomKey.ofSeed 44).Stream()

    let draw sampler =
        Array.init count (fun _ -> sampler stream)

    let covariance = MultivariateNormal.covariance location factor
    let normal = draw (MultivariateNormal.sample location factor)
    checkCovariance "normal" location covariance normal
    Assert.True(distance (Normal.cdf 0.5 (sqrt covariance[8])) (normal |> Array.map (fun x -> x[2])) < 1.95)
    let t = draw (MultivariateStudentT.sample 9.0 location factor)
    checkCovariance "t" location (MultivariateStudentT.covariance 9.0 location factor) t
    Assert.True(distance (StudentT.cdf 9.0 0.5 (sqrt covariance[8])) (t |> Array.map (fun x -> x[2])) < 1.95)
    let diagonal = draw (DiagonalNormal.sample location [| 1.0; 0.1; 3.0 |])
    checkCovariance "diagonal" location [| 1.0; 0.0; 0.0; 0.0; 0.01; 0.0; 0.0; 0.0; 9.0 |] diagonal
    let a = [| 0.5; 2.0; 7.0 |]
    let dirichlet = draw (Dirichlet.sample a)
    checkCovariance "Dirichlet" (Dirichlet.mean a) (Dirichlet.covariance a) dirichlet
    Assert.True(distance (Beta.cdf 2.0 7.5) (dirichlet |> Array.map (fun x -> x[1])) < 1.95)
    let p = [| 0.1; 0.0; 0.6; 0.3 |]
    let indices = draw (Categorical.sample p)
    let logits = p |> Array.map (fun p -> log p + 5.0)
    let more = draw (Categorical.sampleOfLogits logits)

    for i in 0..3 do
        let expected = float count * p[i]
        let slack = 5.0 * sqrt (float count * p[i] * (1.0 - p[i]))

        for drawn in [ indices; more ] do
            let received = drawn |> Array.filter ((=) i) |> Array.length |> float
            Assert.InRange(received, expected - slack, expected + slack)

/// Catches Bartlett's factor multiplied from the wrong side, degrees of freedom that count upwards, and an inverse
/// Wishart draw of the inverse scale.
[<Fact>]
let ``draws of matrices`` () =
    let stream = (RandomKey.ofSeed 45).Stream()

    let draw sampler =
        Array.init count (fun _ -> sampler stream)

    let v = MultivariateNormal.covariance location factor
    let wishart = draw (Wishart.sample 4.5 factor)
    checkMatrixMoments "Wishart" (Wishart.mean 4.5 factor) (Wishart.variance 4.5 factor) wishart
    Assert.True(distance (Gamma.cdf 2.25 (0.5 / v[8])) (wishart |> Array.map (fun x -> x[8])) < 1.95)
    let inverse = draw (InverseWishart.sample 12.0 factor)
    checkMatrixMoments "inverse" (InverseWishart.mean 12.0 factor) (InverseWishart.variance 12.0 factor) inverse
    Assert.True(distance (InverseGamma.cdf 5.0 (0.5 * v[8])) (inverse |> Array.map (fun x -> x[8])) < 1.95)
    Assert.True(distance (InverseGamma.cdf 5.0 (0.5 * v[0])) (inverse |> Array.map (fun x -> x[0])) < 1.95)

    let both =
        draw (fun stream ->
            let struct (mean, covariance) =
                NormalInverseWishart.sample location 2.5 12.0 factor stream

            Array.append mean covariance)

    Assert.True(distance (InverseGamma.cdf 5.0 (0.5 * v[8])) (both |> Array.map (fun x -> x[11])) < 1.95)
    // the mean's marginal distribution is t of ν - D + 1 degrees of freedom
    let scale = sqrt (v[8] / (2.5 * 10.0))
    Assert.True(distance (StudentT.cdf 10.0 0.5 scale) (both |> Array.map (fun x -> x[2])) < 1.95)
    // the mean's covariance is Ψ / (strength (ν - D - 1)), correlated as Ψ is
    checkCovariance "mean" location (v |> Array.map (fun x -> x / (2.5 * 8.0))) (both |> Array.map (Array.take 3))

    // given the covariance S, strength (m - location)ᵀ S⁻¹ (m - location) is χ² of D degrees of freedom
    let squares =
        both
        |> Array.map (fun x ->
            let l = (Cholesky.tryFactor 3 (ReadOnlySpan(x, 3, 9))).Value
            2.5 * Triangular.distance 3 l location (ReadOnlySpan(x, 0, 3)))

    Assert.True(distance (Gamma.cdf 1.5 0.5) squares < 1.95)

/// Catches draws that depend on anything but the key.
[<Fact>]
let ``the same key gives the same draws`` () =
    for distribution in all do
        for parameters in distribution.Cases do
            let draws () =
                let stream = (RandomKey.ofSeed 46).Stream()
                Array.init 20 (fun _ -> distribution.Sample parameters stream)

            Assert.Equal<float[]>(draws (), draws ())
