module Mixtures.Tests.FamilyDensityTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.FamilyCases

let private forCases count (property: Case -> RandomStream -> unit) =
    for case in all do
        forSeeds count (property case)

/// log p of one column's value by the distribution of that name.
let private reference (family: IComponentFamily) (p: float[]) (x: float) =
    match family.Name with
    | "poisson" -> Poisson.logDensity p[0] x
    | "geometric" -> Geometric.logDensity p[0] x
    | "binomial" -> Binomial.logDensity 12 p[0] x
    | "zero-inflated-poisson" ->
        if x = 0.0 then
            log (p[1] + (1.0 - p[1]) * exp -p[0])
        else
            log (1.0 - p[1]) + Poisson.logDensity p[0] x
    | "categorical" -> log p[int x]
    | "exponential" -> Exponential.logDensity p[0] x
    | "gamma" -> Gamma.logDensity p[0] p[1] x
    | "negative-binomial" -> NegativeBinomial.logDensity p[0] p[1] x
    | "weibull" -> Weibull.logDensity p[0] p[1] x
    | "log-normal" -> LogNormal.logDensity p[0] p[1] x
    | "beta" -> Beta.logDensity p[0] p[1] x
    | "von-mises" -> VonMises.logDensity p[0] p[1] x
    | name -> invalidArg (nameof family) name

/// Catches a wrong carrier, constant or natural parameter in a kernel.
[<Fact>]
let ``log-densities are those of the distributions`` () =
    forCases 15 (fun case stream ->
        let d = dimension case stream
        let mixture = randomMixture case (between 1 5 stream) d stream
        let data = draw (between 1 70 stream) stream mixture
        let parameters = Families.parameters mixture
        let densities = Mixture.componentLogDensities mixture data

        for i in 0 .. data.Count - 1 do
            let row = data.Row i

            for k in 0 .. mixture.Count - 1 do
                let expected =
                    Seq.sum (seq { for c in 0 .. d - 1 -> reference case.Family parameters[k].[c] row[c] })

                near 1e-12 (20.0 + abs expected) expected densities[i, k] $"{case.Family.Name} row {i}")

/// Catches a density that is none: sums and integrals that are not one, means and variances that do not belong to it.
[<Fact>]
let ``densities sum or integrate to one, with their mean, variance and entropy`` () =
    forCases 4 (fun case stream ->
        let three =
            randomMixture case 1 (if case.Family.Name = "categorical" then 3 else 1) stream

        let mixture =
            if three.Dimension = 1 then
                three
            else
                Mixture.marginal [ 0 ] three

        let points, weights =
            if case.Whole then
                [| case.Low .. case.High |], Array.create (int (case.High - case.Low) + 1) 1.0
            else
                // midpoints of substitutions that crowd the points where a density may be steep
                let n = 20_000
                let u = Array.init n (fun i -> (float i + 0.5) / float n)

                if case.Family.Name = "beta" then
                    u |> Array.map (fun u -> u * u * u * (10.0 - 15.0 * u + 6.0 * u * u)),
                    u |> Array.map (fun u -> 30.0 * u * u * (1.0 - u) * (1.0 - u) / float n)
                elif case.Family.Name = "von-mises" then
                    u |> Array.map (fun u -> case.Low + (case.High - case.Low) * u),
                    Array.create n ((case.High - case.Low) / float n)
                else
                    u |> Array.map (fun u -> case.High * pown u 5),
                    u |> Array.map (fun u -> 5.0 * case.High * pown u 4 / float n)

        let densities =
            Mixture.logDensity mixture (Dataset.ofColumn points) |> Array.map exp

        let integral f =
            Seq.sum (Seq.map3 (fun x p w -> if p > 0.0 then f x p * p * w else 0.0) points densities weights)

        let name = case.Family.Name
        near 1e-7 1.0 1.0 (integral (fun _ _ -> 1.0)) name
        let entropy = mixture.Components.Entropy 0
        near 1e-5 (1.0 + abs entropy) (integral (fun _ p -> -(log p))) entropy $"entropy of {name}"

        if name <> "von-mises" then
            let mean = integral (fun x _ -> x)
            near 1e-6 (1.0 + abs mean) mean (Mixture.mean mixture).[0] $"mean of {name}"
            let variance = integral (fun x _ -> (x - mean) * (x - mean))
            near 1e-5 (1.0 + variance) variance (Mixture.covariance mixture).[0, 0] $"variance of {name}")

/// Catches a sampler or a distribution function of other parameters than the density's.
[<Fact>]
let ``draws follow the distribution function`` () =
    forCases 3 (fun case stream ->
        let three =
            randomMixture case 2 (if case.Family.Name = "categorical" then 3 else 1) stream

        let mixture =
            if three.Dimension = 1 then
                three
            else
                Mixture.marginal [ 0 ] three

        let n = 4000
        let values = (draw n stream mixture).Column 0 |> Array.sort

        if case.Family.Name <> "von-mises" then
            for q in [ 0.1; 0.3; 0.5; 0.7; 0.9 ] do
                let x = values[int (q * float n)]
                let below = values |> Array.filter (fun v -> v <= x) |> Array.length |> float
                let expected = Mixture.cdf x mixture
                Assert.InRange(below / float n - expected, -0.035, 0.035))

/// Catches kernels that differ between widths of vectors.
[<Fact>]
let ``every width of vector gives the same densities and statistics to rounding`` () =
    forCases 5 (fun case stream ->
        let d = dimension case stream
        let mixture = randomMixture case 3 d stream
        let data = draw 100 stream mixture

        let run width =
            let pass =
                RowPass(
                    data,
                    {
                        Threads = 1
                        BlockRows = 32
                        Width = width
                    }
                )

            let kernel = mixture.Components.Kernel(KernelRequest.Plain(d, int width))
            pass.EStep(kernel, mixture.WeightArray)

        let expected = run SimdWidth.Scalar

        for width in widths do
            let step = run width
            near 1e-12 (1.0 + abs expected.LogLikelihood) expected.LogLikelihood step.LogLikelihood case.Family.Name

            match expected.Statistics, step.Statistics with
            | (:? ExponentialStatistics as a), (:? ExponentialStatistics as b) ->
                for i in 0 .. a.Sums.Length - 1 do
                    near 1e-11 (100.0 + abs a.Sums[i]) a.Sums[i] b.Sums[i] case.Family.Name
            | (:? GaussianStatistics as a), (:? GaussianStatistics as b) ->
                for i in 0 .. a.Sums.Length - 1 do
                    near 1e-11 (100.0 + abs a.Sums[i]) a.Sums[i] b.Sums[i] case.Family.Name
            | _ -> Assert.Fail "other statistics")

/// Catches statistics that are not a commutative monoid, or that depend on where the data are cut.
[<Fact>]
let ``statistics merge in any order and however the data are cut`` () =
    forCases 5 (fun case stream ->
        let d = dimension case stream
        let mixture = randomMixture case 2 d stream
        let data = draw 90 stream mixture

        let collect (rows: int[]) =
            let pass = RowPass(data.Take rows, { Execution.Default with Threads = 1 })
            let kernel = mixture.Components.Kernel(KernelRequest.Plain(d, int SimdWidth.best))
            pass.EStep(kernel, mixture.WeightArray).Statistics

        let cut = between 1 44 stream
        let a = collect [| 0 .. cut - 1 |]
        let b = collect [| cut..44 |]
        let c = collect [| 45..89 |]

        let sums (s: IStatistics) =
            match s with
            | :? ExponentialStatistics as s -> Array.append s.Counts s.Sums
            | :? GaussianStatistics as s -> Array.concat [ s.Counts; s.Sums; s.SecondMoments ]
            | _ -> [||]

        let whole = sums (collect [| 0..89 |])

        for merged in [ (a.Merge b).Merge c; a.Merge(b.Merge c); (c.Merge a).Merge b ] do
            let merged = sums merged
            Assert.Equal(whole.Length, merged.Length)

            for i in 0 .. whole.Length - 1 do
                near 1e-12 (10.0 + abs whole[i]) whole[i] merged[i] case.Family.Name)

/// Catches derivatives that are not those of the log-likelihood: kernels' against differences, tensors' against kernels'.
[<Fact>]
let ``gradients equal central differences, and tensors the kernels`` () =
    forCases 4 (fun case stream ->
        let d = dimension case stream
        let mixture = randomMixture case 2 d stream
        let data = draw 40 stream mixture
        let likelihood = LikelihoodFunction.create mixture.Spec data
        let x = likelihood.OfMixture mixture
        let struct (value, gradient) = Tensor.valueAndGrad likelihood.LogLikelihood x

        near
            1e-11
            (1.0 + abs (Mixture.score mixture data))
            (Mixture.score mixture data)
            (value.ToScalar())
            case.Family.Name

        let struct (composedValue, composedGradient) =
            Tensor.valueAndGrad likelihood.Composed x

        near 1e-11 (1.0 + abs (value.ToScalar())) (value.ToScalar()) (composedValue.ToScalar()) case.Family.Name
        let numbers, a, b = x.ToArray(), gradient.ToArray(), composedGradient.ToArray()

        for i in 0 .. numbers.Length - 1 do
            near 1e-9 (10.0 + abs a[i]) a[i] b[i] $"{case.Family.Name}: tensor gradient {i}"
            let h = 1e-5

            let at delta =
                let moved = Array.copy numbers
                moved[i] <- moved[i] + delta
                (likelihood.LogLikelihood(Tensor.ofArray moved)).ToScalar()

            near 1e-5 (10.0 + abs a[i]) ((at h - at -h) / (2.0 * h)) a[i] $"{case.Family.Name}: gradient {i}")

/// Catches an M-step that is not the maximum of the expected log-likelihood.
[<Fact>]
let ``no parameters near the M-step's are better`` () =
    forCases 6 (fun case stream ->
        let d = dimension case stream
        let truth = randomMixture case 1 d stream

        let data =
            (draw 60 stream truth).WithWeights(Array.init 60 (fun _ -> stream.NextExponential()))

        // one component: the M-step is the weighted maximum-likelihood estimate, at once or (where there is no closed
        // form) after some rounds
        let closed =
            case.Family.Name <> "negative-binomial" && case.Family.Name <> "weibull"

        let fit =
            Em.fit
                { Em.defaults with
                    Start = GivenModel truth
                    MaxIterations = if closed then 1 else 20000
                    Tolerance = if closed then 0.0 else 1e-14
                }
                truth.Spec
                data

        let likelihood = LikelihoodFunction.create truth.Spec data
        let best = (likelihood.OfMixture fit.Mixture).ToArray()

        let value (v: float[]) =
            (likelihood.LogLikelihood(Tensor.ofArray v)).ToScalar()

        let most = value best

        for i in 1 .. best.Length - 1 do
            for delta in [ 1e-3; -1e-3; 0.1; -0.1 ] do
                let moved = Array.copy best
                moved[i] <- moved[i] + delta
                Assert.True(value moved <= most + 1e-10 * abs most, $"{case.Family.Name}: real {i}"))
