module Mixtures.Tests.NaturalStepTests

open System
open Xunit
open Mixtures

let private s (x: float) = Tensor.scalar x

/// A model whose site is a prior's draw, without data.
let private modelOf prior =
    ProgramModel.ofProgram (
        bayesian {
            let! _ = latent "x" prior
            return ()
        }
    )

let private guides: (string * Guide * (string * Tensor) list) list =
    let t (values: float list) = Tensor.ofArray (List.toArray values)
    let ones = Tensor.ones [| 2 |]
    let real = modelOf (Normal.distribution (Tensor.zeros [| 2 |]) ones)
    let positive = modelOf (Gamma.distribution ones ones)
    let unit = modelOf (Beta.distribution ones ones)
    let simplex = modelOf (Dirichlet.distribution (Tensor.ones [| 3 |]))
    let one family model = Guide.structured [ "x", family ] model

    [
        "normal", one GuideFamily.Normal real, [ "x.location", t [ 0.3; -2.0 ]; "x.scale", t [ 0.7; 4.0 ] ]
        "log-normal", one GuideFamily.LogNormal positive, [ "x.location", t [ 0.3; -2.0 ]; "x.scale", t [ 0.7; 0.04 ] ]
        "gamma", one GuideFamily.Gamma positive, [ "x.shape", t [ 0.3; 500.0 ]; "x.rate", t [ 2.0; 40.0 ] ]
        "inverse-gamma",
        one GuideFamily.InverseGamma positive,
        [ "x.shape", t [ 2.3; 50.0 ]; "x.scale", t [ 2.0; 40.0 ] ]
        "beta", one GuideFamily.Beta unit, [ "x.a", t [ 0.3; 50.0 ]; "x.b", t [ 2.0; 4.0 ] ]
        "dirichlet", one GuideFamily.Dirichlet simplex, [ "x.concentrations", t [ 0.3; 5.0; 900.0 ] ]
        "free normal", one GuideFamily.FreeNormal simplex, [ "x.location", t [ 0.3; 5.0 ]; "x.scale", t [ 0.2; 1.4 ] ]
        "full rank",
        Guide.fullRank (modelOf (Normal.distribution (Tensor.zeros [| 3 |]) (s 1.0))),
        [
            "location", t [ 0.3; 5.0; -1.0 ]
            "factor", Tensor.ofShape [| 3; 3 |] [| 0.8; 0.0; 0.0; -0.5; 1.5; 0.0; 0.2; 0.4; 0.3 |]
        ]
    ]

/// The Fisher information of a guide's one factor, in the parameters' own numbers: the Hessian of the divergence.
let private information (guide: Guide) (numbers: float[]) =
    let factor = guide.Factors[0]
    let here = factor.Make(guide.Split(Tensor.ofArray numbers))

    let divergence p =
        Tensor.sum (Distribution.kullbackLeibler here (factor.Make(guide.Split p)))

    (Tensor.hessian divergence (Tensor.ofArray numbers)).ToArray2D()

/// Catches a wrong element of any family's Fisher information: a short step s has F s = rate g.
[<Fact>]
let ``a short step is along the natural gradient`` () =
    for name, guide, parameters in guides do
        let numbers =
            guide.Join(guide.Constrain(Tensor.ofArray (Guide.vectorOf guide parameters)))

        let stream = (RandomKey.ofSeed 3).Stream()
        let fisher = information guide numbers
        let n = numbers.Length
        // above the diagonal of a factor nothing moves
        let isFree i = fisher[i, i] > 0.0

        let gradient =
            Array.init n (fun i ->
                if isFree i then
                    stream.NextNormal() * sqrt fisher[i, i]
                else
                    0.0)

        let rate = 1e-7
        let moved = guide.NaturalStep rate numbers gradient
        let steps = Array.map2 (fun (a: float) b -> (a - b) / rate) moved numbers

        for i in 0 .. n - 1 do
            if isFree i then
                let received = Seq.init n (fun j -> fisher[i, j] * steps[j]) |> Seq.sum
                let size = Seq.init n (fun j -> abs (fisher[i, j] * steps[j])) |> Seq.sum

                if not (abs (received - gradient[i]) <= 1e-4 * size + 1e-4 * abs gradient[i]) then
                    Assert.Fail $"{name}, parameter {i}: F s is {received}, expected {gradient[i]}"
            else
                Assert.Equal(numbers[i], moved[i])

/// Catches steps that leave the parameters' range, whatever the gradient.
[<Fact>]
let ``the longest steps stay in range`` () =
    for name, guide, parameters in guides do
        let numbers =
            guide.Join(guide.Constrain(Tensor.ofArray (Guide.vectorOf guide parameters)))

        let stream = (RandomKey.ofSeed 4).Stream()

        for size in [ 1.0; 1e3; 1e8 ] do
            for _ in 1..20 do
                let gradient = numbers |> Array.map (fun _ -> size * stream.NextNormal())
                let moved = guide.NaturalStep 1.0 numbers gradient
                // raises where a parameter is out of its support
                let vector = (guide.Unconstrain(guide.Split(Tensor.ofArray moved))).ToArray()
                Assert.True(vector |> Array.forall Double.IsFinite, name)

/// Catches natural gradients that are not those of conjugate models, where a step of rate 1 is the exact answer: for a
/// gamma prior with exponential data, the gradient of the bound by closed forms.
[<Fact>]
let ``a step of rate 1 solves a conjugate model`` () =
    let prior = Gamma.distribution (s 3.0) (s 2.0)
    let guide = Guide.structured [ "x", GuideFamily.Gamma ] (modelOf prior)
    let count, total = 7.0, 11.5

    // E log p(data | x) = count E log x - total E x
    let bound (p: Tensor) =
        let q = Gamma.distribution (Tensor.select 0 0 p) (Tensor.select 0 1 p)
        let a, b = Tensor.select 0 0 p, Tensor.select 0 1 p

        count * (Tensor.digamma a - Tensor.log b)
        - total * a / b
        - Distribution.kullbackLeibler q prior

    let numbers = [| 5.0; 8.0 |]
    let gradient = (Tensor.grad bound (Tensor.ofArray numbers)).ToArray()
    let moved = guide.NaturalStep 1.0 numbers gradient
    Assert.Equal(3.0 + count, moved[0], 1e-9)
    Assert.Equal(2.0 + total, moved[1], 1e-9)
