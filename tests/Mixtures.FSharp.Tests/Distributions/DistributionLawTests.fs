module Mixtures.Tests.DistributionLawTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.Univariate

let private nodes =
    [|
        -0.906179845938664
        -0.5384693101056831
        0.0
        0.5384693101056831
        0.906179845938664
    |]

let private weights =
    [|
        0.23692688505618908
        0.47862867049936647
        0.5688888888888889
        0.47862867049936647
        0.23692688505618908
    |]

/// The integral over u by Gauss and Legendre's rule of five points on many panels, where u is x, its logarithm (where
/// both ends have one sign and are far apart) or its log-odds (between 0 and 1).
let private integrate (f: float -> float) (low: float) (high: float) =
    let sign = if high <= 0.0 then -1.0 else 1.0

    // u of x, x of u, and dx/du
    let inward, outward, jacobian =
        if low > 0.0 && high < 1.0 then
            (fun x -> log x - SpecialFunctions.log1p -x),
            SpecialFunctions.sigmoid,
            (fun u -> SpecialFunctions.sigmoid u * SpecialFunctions.sigmoid -u)
        elif low * high > 0.0 && (high / low > 2.0 || low / high > 2.0) then
            (fun x -> log (sign * x)), (fun u -> sign * exp u), (fun u -> sign * exp u)
        else
            id, id, (fun _ -> 1.0)

    let panels = 400
    let a, b = inward low, inward high
    let half = 0.5 * (b - a) / float panels
    let mutable sum = 0.0

    for i in 0 .. panels - 1 do
        let centre = a + half * (2.0 * float i + 1.0)

        for j in 0..4 do
            let u = centre + half * nodes[j]
            sum <- sum + weights[j] * half * jacobian u * f (outward u)

    sum

/// Catches a density and a distribution function of different parameters, and a wrong constant.
[<Fact>]
let ``densities integrate to the distribution function`` () =
    for distribution in continuous do
        for parameters in distribution.Cases do
            let levels = [| 1e-5; 1e-3; 0.05; 0.2; 0.4; 0.6; 0.8; 0.95; 0.999; 0.99999 |]
            let points = levels |> Array.map (distribution.Quantile parameters)

            for i in 0 .. levels.Length - 2 do
                let low, high = points[i], points[i + 1]

                // where the quantiles are in the range of doubles
                if abs low > 1e-290 && abs high < 1e290 && high > low then
                    let probability = integrate (distribution.LogDensity parameters >> exp) low high

                    let expected = distribution.Cdf parameters high - distribution.Cdf parameters low

                    let error = abs (probability - expected)

                    if not (error <= 1e-9) then
                        Assert.Fail
                            $"{describe distribution parameters}: from {low} to {high} expected {expected}, received {probability}"

/// Catches a wrong constant of the von Mises density: the sum over a turn, exact for the trapezoidal rule.
[<Fact>]
let ``the von Mises density integrates to one over a turn`` () =
    for concentration in [ 0.0; 1e-9; 0.3; 2.0; 19.0; 21.0; 500.0; 1e4 ] do
        let n = 20000

        let total =
            Seq.sum (
                seq {
                    for i in 0 .. n - 1 ->
                        exp (VonMises.logDensity 1.0 concentration (2.0 * Math.PI * float i / float n))
                }
            )

        Assert.Equal(1.0, total * 2.0 * Math.PI / float n, 1e-12)

/// Catches probabilities that do not sum to one, and a distribution function that counts one too many or too few.
[<Fact>]
let ``probabilities sum to the distribution function`` () =
    for distribution in discrete do
        for parameters in distribution.Cases do
            let sd = sqrt (distribution.Variance parameters)
            let mean = distribution.Mean parameters
            let first = max 0.0 (floor (mean - 12.0 * sd))

            let mutable sum =
                if first = 0.0 then
                    0.0
                else
                    distribution.Cdf parameters (first - 1.0)

            let mutable k = first

            while k - first < 30000.0 && sum < 1.0 - 1e-13 do
                sum <- sum + exp (distribution.LogDensity parameters k)
                let cdf = distribution.Cdf parameters k

                if not (abs (sum - cdf) <= 1e-11) then
                    Assert.Fail $"{describe distribution parameters} at {k}: sum {sum}, cdf {cdf}"

                k <- k + 1.0

            if sd < 2000.0 then
                Assert.Equal(1.0, sum, 1e-11)

/// Catches a quantile that is not the inverse: cdf(quantile p) = p, to the rounding of the quantile.
[<Fact>]
let ``distribution functions undo quantiles`` () =
    let stream = (RandomKey.ofSeed 21).Stream()

    for distribution in continuous do
        for parameters in distribution.Cases do
            for _ in 1..200 do
                let p =
                    if stream.NextDouble() < 0.5 then
                        stream.NextDouble()
                    else
                        Math.Pow(10.0, -100.0 * stream.NextDouble())

                let x = distribution.Quantile parameters p

                if Double.IsNormal x && abs x < 1e300 then
                    let density = exp (distribution.LogDensity parameters x)
                    let received = distribution.Cdf parameters x
                    // the quantile is rounded, and so is the logarithm that some are exponentials of
                    let rounding = abs x * density * (1.0 + abs (log (abs x)))
                    let slack = 1e-12 * p + 4e-16 * (rounding + received)

                    if not (abs (received - p) <= slack) then
                        Assert.Fail $"{describe distribution parameters}: cdf of quantile of {p} is {received}, at {x}"

/// Catches a search that ends one beside: the least k whose distribution function reaches the level.
[<Fact>]
let ``discrete quantiles are the least that reach the level`` () =
    let stream = (RandomKey.ofSeed 22).Stream()

    for distribution in discrete do
        for parameters in distribution.Cases do
            for _ in 1..100 do
                let level = stream.NextDouble()
                let k = distribution.Quantile parameters level
                Assert.True(distribution.Cdf parameters k >= level)
                Assert.True(k = 0.0 || distribution.Cdf parameters (k - 1.0) < level)
                // a level that is reached exactly
                let reached = distribution.Cdf parameters k
                Assert.True(distribution.Quantile parameters reached <= k)

    Assert.Equal(infinity, Poisson.quantile 3.0 1.0)
    Assert.Equal(9.0, Binomial.quantile 9 0.3 1.0)
    Assert.Equal(0.0, Poisson.quantile 3.0 0.0)

/// Catches NaN, and a density where there is none.
[<Fact>]
let ``outside the support the log-density is minus infinity, and never not-a-number`` () =
    let odd =
        [ nan; infinity; -infinity; -0.5; 0.5; 1e308; -1e308; 5e-324; 0.0; 1.0; 1e16 ]

    for distribution in all do
        for parameters in distribution.Cases do
            for x in odd do
                let value = distribution.LogDensity parameters x

                if Double.IsNaN value then
                    Assert.Fail $"{describe distribution parameters} at {x}: not a number"

                if not (Double.IsFinite x) then
                    Assert.Equal(-infinity, value)

    let outside (distribution: Univariate) parameters x =
        Assert.Equal(-infinity, distribution.LogDensity parameters x)

    for distribution in [ halfNormal; halfCauchy; exponential; poisson; geometric ] do
        outside distribution [| 0.5 |] -1e-300

    for distribution in [ logNormal; gamma; inverseGamma; weibull; beta; negativeBinomial ] do
        outside distribution [| 0.5; 0.5 |] -1e-300

    outside logNormal [| 0.0; 1.0 |] 0.0
    outside inverseGamma [| 1.0; 1.0 |] 0.0
    outside beta [| 2.0; 2.0 |] 1.0
    outside beta [| 2.0; 2.0 |] (1.0 + 1e-15)
    outside uniform [| 0.0; 1.0 |] 1.0000001
    outside poisson [| 2.0 |] 1.5
    outside poisson [| 0.0 |] 1.0
    outside bernoulli [| 0.5 |] 0.5
    outside bernoulli [| 0.0 |] 1.0
    outside binomial [| 3.0; 0.5 |] 4.0
    outside binomial [| 3.0; 0.0 |] 1.0
    outside geometric [| 1.0 |] 1.0
    Assert.Equal(infinity, Gamma.logDensity 0.5 1.0 0.0)
    Assert.Equal(log 2.0, Gamma.logDensity 1.0 2.0 0.0)
    Assert.Equal(infinity, Beta.logDensity 0.5 2.0 0.0)
    Assert.Equal(log 2.0, Beta.logDensity 1.0 2.0 0.0)
    Assert.Equal(-log 2.0, Weibull.logDensity 1.0 2.0 0.0)
    Assert.Equal(0.0, Poisson.logDensity 0.0 0.0)
    Assert.Equal(0.0, Binomial.logDensity 0 0.5 0.0)
    Assert.Equal(0.0, Binomial.logDensity 3 1.0 3.0)

/// Catches probabilities of log-odds that go through one minus a probability.
[<Fact>]
let ``logits and probabilities agree, and logits go further`` () =
    for logit in [ -30.0; -2.0; 0.0; 0.7; 30.0 ] do
        for x in [ 0.0; 1.0 ] do
            Assert.Equal(
                Bernoulli.logDensity (SpecialFunctions.sigmoid logit) x,
                Bernoulli.logDensityOfLogit logit x,
                1e-14 + 1e-16 * exp (abs logit)
            )

    Assert.Equal(-1e4, Bernoulli.logDensityOfLogit 1e4 0.0)
    Assert.Equal(-0.0, Bernoulli.logDensityOfLogit 1e4 1.0)
    Assert.Equal(0.0, Bernoulli.logDensityOfLogit infinity 1.0)
    Assert.Equal(-infinity, Bernoulli.logDensityOfLogit infinity 0.0)
    let logits = [| 1000.0; 1001.0; -infinity |]
    Assert.Equal(-log(1.0 + exp 1.0), Categorical.logDensityOfLogits logits 0, 1e-13)
    Assert.Equal(-infinity, Categorical.logDensityOfLogits logits 2)
    Assert.Equal(-infinity, Categorical.logDensityOfLogits logits 3)
    let p = Categorical.probabilitiesOfLogits logits
    Assert.Equal(log p[1], Categorical.logDensity p 1)
    Assert.Equal(-infinity, Categorical.logDensity p -1)

/// Catches a parameter that is not checked, and a message that does not name it.
[<Fact>]
let ``parameters are checked by name`` () =
    let refused name (action: unit -> float) =
        let error = Assert.Throws<ArgumentException>(fun () -> action () |> ignore)
        Assert.Equal(name, error.ParamName)
        Assert.StartsWith("expected ", error.Message)
        Assert.Contains("received ", error.Message)

    refused "scale" (fun () -> Normal.logDensity 0.0 0.0 0.0)
    refused "scale" (fun () -> Normal.cdf 0.0 nan 0.0)
    refused "location" (fun () -> Normal.logDensity infinity 1.0 0.0)
    refused "probability" (fun () -> Normal.quantile 0.0 1.0 1.5)
    refused "shape" (fun () -> Gamma.logDensity -1.0 1.0 1.0)
    refused "rate" (fun () -> Gamma.mean 1.0 infinity)
    refused "scale" (fun () -> InverseGamma.logDensity 1.0 0.0 1.0)
    refused "rate" (fun () -> Exponential.logDensity 0.0 1.0)
    refused "shape" (fun () -> Weibull.logDensity nan 1.0 1.0)
    refused "scale" (fun () -> HalfNormal.logDensity -2.0 1.0)
    refused "scale" (fun () -> HalfCauchy.logDensity 0.0 1.0)
    refused "degreesOfFreedom" (fun () -> StudentT.logDensity 0.0 0.0 1.0 1.0)
    refused "b" (fun () -> Beta.logDensity 1.0 -1.0 0.5)
    refused "high" (fun () -> Uniform.logDensity 1.0 1.0 1.0)
    refused "concentration" (fun () -> VonMises.logDensity 0.0 -1.0 0.0)
    refused "probability" (fun () -> Bernoulli.logDensity 1.1 1.0)
    refused "logit" (fun () -> Bernoulli.logDensityOfLogit nan 1.0)
    refused "trials" (fun () -> Binomial.logDensity -1 0.5 0.0)
    refused "probability" (fun () -> Geometric.logDensity 0.0 1.0)
    refused "successes" (fun () -> NegativeBinomial.logDensity 0.0 0.5 1.0)
    refused "rate" (fun () -> Poisson.logDensity -1.0 1.0)
    refused "probabilities" (fun () -> Categorical.logDensity [| 0.5; 0.4 |] 0)
    refused "probabilities" (fun () -> Categorical.logDensity [| 1.5; -0.5 |] 0)
    refused "logits" (fun () -> Categorical.logDensityOfLogits [| -infinity |] 0)
    refused "concentrations" (fun () -> (Dirichlet.mean [| 1.0; 0.0 |])[0])
    refused "scales" (fun () -> (DiagonalNormal.mean [| 1.0; 0.0 |] [| 1.0 |])[0])
    refused "factor" (fun () -> (MultivariateNormal.mean [| 1.0; 0.0 |] [| 1.0; 0.0; 0.0; -1.0 |])[0])
    refused "degreesOfFreedom" (fun () -> (Wishart.mean 0.9 [| 1.0; 0.0; 0.0; 1.0 |])[0])
    refused "factor" (fun () -> (Wishart.mean 2.0 [| 1.0; 0.0; 0.0 |])[0])

/// Entropies of scipy.stats 1.10.1. Catches a sign, a scale or a base.
[<Fact>]
let ``entropies`` () =
    let same (expected: float) (received: float) = Assert.Equal(expected, received, 1e-10)
    same 2.3352292650788278 (Normal.entropy -3.5 2.5)
    same 4.126988734306883 (HalfNormal.entropy 30.0)
    same 4.305232894324563 (LogNormal.entropy 1.5 4.0)
    same 1.2818283004910616 (Gamma.entropy 7.5 3.0)
    same -0.6911373403938685 (InverseGamma.entropy 3.0 0.5)
    same 4.912023005428146 (Exponential.entropy 0.02)
    same -2.87696292788504 (Weibull.entropy 8.0 0.1)
    same 5.0567528912775455 (HalfCauchy.entropy 25.0)
    same 1.0803303913033453 (StudentT.entropy 3.0 -2.0 0.5)
    same -0.7003516907365112 (Beta.entropy 2.0 7.0)
    same 2.0794415416798357 (Uniform.entropy -3.0 5.0)
    same 0.8087594178266033 (VonMises.entropy 1.0 4.0)
    same 0.6108643020548935 (Bernoulli.entropy 0.3)
    same 2.0362143401829433 (Geometric.entropy 0.3)
    same -1.9146769909858068 (Dirichlet.entropy [| 0.5; 2.0; 3.0 |])
    same 0.0 (Bernoulli.entropy 0.0)
    same 0.0 (Categorical.entropy [| 1.0; 0.0 |])
