module Mixtures.Tests.DivergenceTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.Lifts

/// E f(x) under a family's distribution: by quadrature over levels, u = σ(π sinh t), for a continuum; by a sum for whole
/// numbers; over a turn for angles.
let private expectation (lift: Lift) (parameters: float[]) (f: float -> float) =
    if lift.Plain.Name = "VonMises" then
        let n = 4000

        Seq.sum (
            seq {
                for i in 0 .. n - 1 do
                    let x = 2.0 * Math.PI * float i / float n
                    2.0 * Math.PI / float n * exp (lift.Plain.LogDensity parameters x) * f x
            }
        )
    elif lift.IsDiscrete then
        let last = if lift.Plain.Name = "Bernoulli" then 1 else 3000

        Seq.sum (
            seq {
                for k in 0..last do
                    let p = exp (lift.Plain.LogDensity parameters (float k))

                    if p > 0.0 then
                        p * f (float k)
            }
        )
    else
        let step = 1.0 / 128.0

        Seq.sum (
            seq {
                for i in -380 .. 380 do
                    let t = float i * step
                    let s = Math.PI * sinh t
                    let u = SpecialFunctions.sigmoid s
                    let weight = Math.PI * cosh t * u * SpecialFunctions.sigmoid -s
                    let x = lift.Plain.Quantile parameters u
                    // levels that round to an end of the support
                    if u < 1.0 && Double.IsFinite(lift.Plain.LogDensity parameters x) then
                        step * weight * f x
            }
        )

let private close (tolerance: float) (expected: float) (received: float) what =
    if not (abs (expected - received) <= tolerance * (1.0 + abs expected)) then
        Assert.Fail $"{what}: expected {expected:R}, received {received:R}"

/// Catches a wrong sign, a swapped p and q, or a term that only vanishes for equal parameters.
[<Fact>]
let ``divergences equal integrals, are not negative, and vanish for equal distributions`` () =
    for lift in all do
        let stream = (RandomKey.ofSeed 71).Stream()

        for _ in 1..5 do
            let a = lift.Draw stream
            let b = lift.Draw stream

            // uniform distributions must lie within the other; binomial and negative binomial ones share their first parameter
            let b =
                match lift.Plain.Name with
                | "Uniform" -> [| a[0] - abs b[0]; a[1] + abs b[1] |]
                | "Binomial"
                | "NegativeBinomial" -> [| a[0]; b[1] |]
                | _ -> b

            let p, q = lift.Distribution(scalars a), lift.Distribution(scalars b)

            if lift.Plain.Name = "StudentT" then
                Assert.True((p.KullbackLeibler q).IsNone)
            else
                let divergence = (Distribution.kullbackLeibler p q).ToScalar()
                Assert.True(divergence >= 0.0)
                close 1e-12 0.0 ((Distribution.kullbackLeibler p p).ToScalar()) lift.Plain.Name

                let integral =
                    expectation lift a (fun x -> lift.Plain.LogDensity a x - lift.Plain.LogDensity b x)

                close 1e-8 integral divergence $"{Univariate.describe lift.Plain a} to {b[0]}, …"

/// Catches an entropy of another parametrisation.
[<Fact>]
let ``entropies equal integrals`` () =
    for lift in all do
        let stream = (RandomKey.ofSeed 72).Stream()

        for _ in 1..5 do
            let a = lift.Draw stream

            match (lift.Distribution(scalars a)).Entropy with
            | ValueSome entropy ->
                let integral = expectation lift a (fun x -> -(lift.Plain.LogDensity a x))
                close 1e-8 integral (entropy.ToScalar()) $"{Univariate.describe lift.Plain a} entropy"
            | ValueNone -> Assert.True lift.IsDiscrete

/// Catches infinite divergences given as numbers, and pairs that are not comparable.
[<Fact>]
let ``divergences where one is infinite or has no closed form`` () =
    let t = Tensor.scalar

    let inner, outer =
        Uniform.distribution (t 0.0) (t 1.0), Uniform.distribution (t 0.0) (t 2.0)

    Assert.Equal(infinity, (Distribution.kullbackLeibler outer inner).ToScalar())
    let certain, fair = Bernoulli.distribution (t 1.0), Bernoulli.distribution (t 0.5)
    Assert.Equal(log 2.0, (Distribution.kullbackLeibler certain fair).ToScalar(), 1e-15)
    Assert.Equal(infinity, (Distribution.kullbackLeibler fair certain).ToScalar())

    let error =
        Assert.Throws<NotSupportedException>(fun () -> Distribution.kullbackLeibler inner fair |> ignore)

    Assert.Contains("from a uniform to a bernoulli distribution", error.Message)

    let few, many =
        Binomial.distribution (t 3.0) (t 0.5), Binomial.distribution (t 4.0) (t 0.5)

    Assert.True((few.KullbackLeibler many).IsNone)

/// Whether the gradient of a draw is that at a fixed probability, not at fixed noise: ImplicitDrawTests has these.
let private isImplicit name =
    List.contains name [ "gamma"; "inverse-gamma"; "beta"; "dirichlet" ]

/// Catches draws that are not differentiable where they say so: E x by the gradient of a draw's mean.
[<Fact>]
let ``draws of location and scale families carry gradients`` () =
    for lift in all do
        let stream = (RandomKey.ofSeed 73).Stream()
        let a = lift.Draw stream
        let distribution = lift.Distribution(scalars a)

        let draw (p: Tensor) =
            (lift.Distribution(Array.init a.Length (fun i -> Tensor.select 0 i p)))
                .Sample((RandomKey.ofSeed 74).Stream())

        let gradient = Tensor.grad draw (Tensor.ofArray a)

        if isImplicit distribution.Name then
            Assert.True distribution.IsReparametrised
        elif distribution.IsReparametrised then
            let expected =
                TensorGradientTests.central (draw >> Tensor.toScalar) (Tensor.ofArray a)

            Array.iter2 (fun (e: float) (r: float) -> close 1e-8 e r lift.Plain.Name) expected (gradient.ToArray())
            Assert.Contains(true, gradient.ToArray() |> Array.map (fun g -> g <> 0.0))
        else
            Assert.All(gradient.ToArray(), (fun g -> Assert.Equal(0.0, g)))
