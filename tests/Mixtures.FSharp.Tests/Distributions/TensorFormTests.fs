module Mixtures.Tests.TensorFormTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.Lifts
open Mixtures.Tests.TensorGradientTests

let private near (tolerance: float) (expected: float) (received: float) (what: string) =
    let same = expected = received || (Double.IsNaN expected && Double.IsNaN received)

    if not (same || abs (expected - received) <= tolerance * (1.0 + abs expected)) then
        Assert.Fail $"{what}: expected {expected:R}, received {received:R}"

/// Catches a tensor form with another parametrisation, another support or a lost term; and a batch that is mixed up.
[<Fact>]
let ``tensor log-densities and moments equal the plain ones`` () =
    for lift in all do
        let stream = (RandomKey.ofSeed 51).Stream()
        let plain = lift.Plain
        let parameters = Array.init 200 (fun _ -> lift.Draw stream)
        let distribution = lift.Distribution(columns parameters)
        Assert.Equal<int[]>([| 200 |], distribution.BatchShape)
        let x = parameters |> Array.map (fun p -> plain.Sample p stream)
        let odd = [| 0.0; 1.0; -1.5; 0.5; 3.0; nan; infinity; -infinity; 1e300 |]

        for values in Array.append [| x |] (odd |> Array.map (fun v -> Array.create 200 v)) do
            let received = (distribution.LogDensity(Tensor.ofArray values)).ToArray()

            for i in 0..199 do
                let expected = plain.LogDensity parameters[i] values[i]
                near 2e-13 expected received[i] $"{Univariate.describe plain parameters[i]} at {values[i]}"

        let mean, variance = distribution.Mean.ToArray(), distribution.Variance.ToArray()

        for i in 0..199 do
            near 1e-12 (plain.Mean parameters[i]) mean[i] $"{Univariate.describe plain parameters[i]} mean"
            near 1e-11 (plain.Variance parameters[i]) variance[i] $"{Univariate.describe plain parameters[i]} variance"

        match lift.Entropy with
        | ValueSome entropy ->
            let received = (Distribution.entropy distribution).ToArray()

            for i in 0..199 do
                near 1e-12 (entropy parameters[i]) received[i] $"{Univariate.describe plain parameters[i]} entropy"
        | ValueNone ->
            let error =
                Assert.Throws<NotSupportedException>(fun () -> Distribution.entropy distribution |> ignore)

            Assert.Contains(distribution.Name, error.Message)

/// Catches shapes that do not broadcast as documented: N rows against K distributions, and draws of the batch's shape.
[<Fact>]
let ``rows and batches broadcast`` () =
    for lift in all do
        let stream = (RandomKey.ofSeed 52).Stream()
        let parameters = Array.init 3 (fun _ -> lift.Draw stream)
        let distribution = lift.Distribution(columns parameters)
        let x = Array.init 5 (fun i -> lift.Plain.Sample parameters[i % 3] stream)
        let table = distribution.LogDensity(Tensor.unsqueeze 1 (Tensor.ofArray x))
        Assert.Equal<int[]>([| 5; 3 |], table.Shape)

        for i in 0..4 do
            for k in 0..2 do
                near 2e-13 (lift.Plain.LogDensity parameters[k] x[i]) (table.Value(i, k)) lift.Plain.Name

        Assert.Equal<int[]>([| 3 |], (distribution.Sample stream).Shape)
        Assert.Equal<int[]>([| 7; 3 |], (Distribution.sampleMany 7 distribution stream).Shape)
        let one = lift.Distribution(scalars parameters[0])
        Assert.Equal<int[]>([||], one.BatchShape)
        Assert.Equal<int[]>([||], (one.Sample stream).Shape)
        Assert.Equal<int[]>([| 5 |], (one.LogDensity(Tensor.ofArray x)).Shape)

/// Catches a wrong rule in a special function or a mask that cuts a derivative off: first and second derivatives in the
/// parameters, and in x where it is from a continuum.
[<Fact>]
let ``gradients of log-densities equal central differences, twice`` () =
    for lift in all do
        for seed in 1..3 do
            let stream = (RandomKey.ofSeed seed).Stream()
            let parameters = lift.Draw stream
            let x = lift.Plain.Sample parameters stream
            let n = parameters.Length
            // trials are whole numbers, and the ends of an interval jump
            let fixedCount =
                match lift.Plain.Name with
                | "Binomial" -> 1
                | _ -> 0

            let inputs =
                if lift.IsDiscrete then
                    parameters
                else
                    Array.append parameters [| x |]

            let free = inputs[fixedCount..]

            let f (v: Tensor) =
                let all =
                    Array.init inputs.Length (fun i ->
                        if i < fixedCount then
                            Tensor.scalar inputs[i]
                        else
                            Tensor.select 0 (i - fixedCount) v)

                let at = if lift.IsDiscrete then Tensor.scalar x else all[n]
                (lift.Distribution all[.. n - 1]).LogDensity at

            let v = Tensor.ofArray free

            let compare name (expected: float[]) (received: Tensor) tolerance =
                let scale = expected |> Array.fold (fun m e -> max m (abs e)) 1.0
                let received = received.ToArray()

                for i in 0 .. expected.Length - 1 do
                    if not (abs (expected[i] - received[i]) <= tolerance * scale) then
                        Assert.Fail
                            $"{Univariate.describe lift.Plain parameters} at {x}, {name} {i}: central differences {expected[i]}, received {received[i]}"

            compare "derivative" (central (f >> Tensor.toScalar) v) (Tensor.grad f v) 1e-7
            let direction = normals [| free.Length |] stream

            let slope v =
                Tensor.sum (Tensor.grad f v * direction)

            compare "second derivative" (central (slope >> Tensor.toScalar) v) (Tensor.grad slope v) 1e-6

/// Catches NaN in gradients where there is no density, or where squares overflow.
[<Fact>]
let ``outside the support gradients are zero, and never not-a-number`` () =
    for lift in all do
        let stream = (RandomKey.ofSeed 53).Stream()
        let parameters = lift.Draw stream

        for x in [ nan; infinity; -infinity; -0.5; 0.5; 1e300; 1e-300; 0.0; 1.0 ] do
            let f (v: Tensor) =
                let inputs = Array.init parameters.Length (fun i -> Tensor.select 0 i v)
                (lift.Distribution inputs).LogDensity(Tensor.scalar x)

            // a responsibility of 0, as a mixture gives a component that is infinitely far
            let weightless v =
                0.0 * Tensor.maximum (f v) (Tensor.scalar -1e300)

            let g = (Tensor.grad f (Tensor.ofArray parameters)).ToArray()
            let value = lift.Plain.LogDensity parameters x

            for d in g do
                Assert.False(Double.IsNaN d, $"{Univariate.describe lift.Plain parameters} at {x}")

                if Double.IsNegativeInfinity value && not (Double.IsFinite x) then
                    Assert.Equal(0.0, d)

            let g = (Tensor.grad weightless (Tensor.ofArray parameters)).ToArray()
            Assert.DoesNotContain(nan, g)

    let scale = Tensor.scalar 1e-150

    let f location =
        (Normal.distribution location scale).LogDensity(Tensor.scalar 1e10)

    Assert.Equal(-infinity, (f (Tensor.scalar 0.0)).ToScalar())
    Assert.Equal(0.0, (Tensor.grad f (Tensor.scalar 0.0)).ToScalar())

/// Catches constructors that let parameters through which the plain functions refuse.
[<Fact>]
let ``parameters of distributions are checked by name`` () =
    let refused name (action: unit -> IDistribution) =
        let error = Assert.Throws<ArgumentException>(fun () -> action () |> ignore)
        Assert.Equal(name, error.ParamName)

    let t (values: float list) = Tensor.ofArray (List.toArray values)
    refused "scale" (fun () -> Normal.distribution (t [ 0.0; 1.0 ]) (t [ 1.0; 0.0 ]))
    refused "rate" (fun () -> Gamma.distribution (t [ 1.0 ]) (t [ nan ]))
    refused "high" (fun () -> Uniform.distribution (t [ 0.0; 1.0 ]) (t [ 1.0; 0.5 ]))
    refused "probability" (fun () -> Bernoulli.distribution (t [ 1.5 ]))
    refused "trials" (fun () -> Binomial.distribution (t [ 1.5 ]) (t [ 0.5 ]))
    refused "probabilities" (fun () -> Categorical.distribution (t [ 0.5; 0.4 ]))
    refused "concentrations" (fun () -> Dirichlet.distribution (t [ 0.5; -0.4 ]))
    refused "factor" (fun () -> MultivariateNormal.distribution (t [ 0.5; -0.4 ]) (t [ 0.5; -0.4 ]))
    refused "factor" (fun () -> MultivariateNormal.distribution (t [ 0.5; -0.4 ]) (-1.0 * Tensor.eye 2))
    refused "degreesOfFreedom" (fun () -> Wishart.distribution (Tensor.scalar 0.5) (Tensor.eye 2))

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            (Dirichlet.distribution (t [ 1.0; 2.0 ])).LogDensity(t [ 0.2; 0.3; 0.5 ])
            |> ignore)

    Assert.Contains("expected values whose last axes are 2, received shape 3", error.Message)
