module Mixtures.Tests.MultivariateTensorTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.TensorGradientTests

/// A random lower factor, D x D row by row.
let private randomFactor d (stream: RandomStream) =
    Array.init (d * d) (fun at ->
        let i, j = at / d, at % d

        if j > i then 0.0
        elif i = j then 0.5 + stream.NextDouble()
        else 0.5 * stream.NextNormal())

/// A family of vectors or matrices: parameters as arrays with their event shapes, plain and tensor forms.
type private Family =
    {
        Name: string
        Draw: int -> RandomStream -> (float[] * int[])[]
        LogDensity: float[][] -> float[] -> float
        Sample: float[][] -> RandomStream -> float[]
        Distribution: Tensor[] -> IDistribution
        Entropy: (float[][] -> float) voption
    }

let private vector d (stream: RandomStream) =
    Array.init d (fun _ -> stream.NextNormal()), [| d |]

let private factor d stream = randomFactor d stream, [| d; d |]
let private number (v: float) : float[] * int[] = [| v |], [||]

let private families =
    [
        {
            Name = "diagonal"
            Draw = fun d s -> [| vector d s; Array.init d (fun _ -> 0.5 + s.NextDouble()), [| d |] |]
            LogDensity = fun p x -> DiagonalNormal.logDensity p[0] p[1] (ReadOnlySpan x)
            Sample = fun p -> DiagonalNormal.sample p[0] p[1]
            Distribution = fun p -> DiagonalNormal.distribution p[0] p[1]
            Entropy = ValueSome(fun p -> DiagonalNormal.entropy p[0] p[1])
        }
        {
            Name = "normal"
            Draw = fun d s -> [| vector d s; factor d s |]
            LogDensity = fun p x -> MultivariateNormal.logDensity p[0] p[1] (ReadOnlySpan x)
            Sample = fun p -> MultivariateNormal.sample p[0] p[1]
            Distribution = fun p -> MultivariateNormal.distribution p[0] p[1]
            Entropy = ValueSome(fun p -> MultivariateNormal.entropy p[0] p[1])
        }
        {
            Name = "t"
            Draw = fun d s -> [| number (2.5 + 5.0 * s.NextDouble()); vector d s; factor d s |]
            LogDensity = fun p x -> MultivariateStudentT.logDensity p[0].[0] p[1] p[2] (ReadOnlySpan x)
            Sample = fun p -> MultivariateStudentT.sample p[0].[0] p[1] p[2]
            Distribution = fun p -> MultivariateStudentT.distribution p[0] p[1] p[2]
            Entropy = ValueSome(fun p -> MultivariateStudentT.entropy p[0].[0] p[1] p[2])
        }
        {
            Name = "Dirichlet"
            Draw = fun d s -> [| Array.init (d + 1) (fun _ -> 0.3 + 3.0 * s.NextDouble()), [| d + 1 |] |]
            LogDensity = fun p x -> Dirichlet.logDensity p[0] (ReadOnlySpan x)
            Sample = fun p -> Dirichlet.sample p[0]
            Distribution = fun p -> Dirichlet.distribution p[0]
            Entropy = ValueSome(fun p -> Dirichlet.entropy p[0])
        }
        {
            Name = "Wishart"
            Draw = fun d s -> [| number (float d + 3.0 * s.NextDouble()); factor d s |]
            LogDensity = fun p x -> Wishart.logDensity p[0].[0] p[1] (ReadOnlySpan x)
            Sample = fun p -> Wishart.sample p[0].[0] p[1]
            Distribution = fun p -> Wishart.distribution p[0] p[1]
            Entropy = ValueNone
        }
        {
            Name = "inverse Wishart"
            Draw = fun d s -> [| number (float d + 4.0 + 3.0 * s.NextDouble()); factor d s |]
            LogDensity = fun p x -> InverseWishart.logDensity p[0].[0] p[1] (ReadOnlySpan x)
            Sample = fun p -> InverseWishart.sample p[0].[0] p[1]
            Distribution = fun p -> InverseWishart.distribution p[0] p[1]
            Entropy = ValueNone
        }
        {
            Name = "normal-inverse-Wishart"
            Draw =
                fun d s ->
                    [|
                        vector d s
                        number (0.5 + s.NextDouble())
                        number (float d + 4.0 + 3.0 * s.NextDouble())
                        factor d s
                    |]
            LogDensity =
                fun p x ->
                    let d = p[0].Length

                    NormalInverseWishart.logDensity
                        p[0]
                        p[1].[0]
                        p[2].[0]
                        p[3]
                        (ReadOnlySpan(x, 0, d))
                        (ReadOnlySpan(x, d, d * d))
            Sample =
                fun p s ->
                    let struct (mean, covariance) =
                        NormalInverseWishart.sample p[0] p[1].[0] p[2].[0] p[3] s

                    Array.append mean covariance
            Distribution = fun p -> NormalInverseWishart.distribution p[0] p[1] p[2] p[3]
            Entropy = ValueNone
        }
        {
            Name = "normal-gamma"
            Draw =
                fun _ s ->
                    [|
                        number (s.NextNormal())
                        number (0.5 + s.NextDouble())
                        number (3.0 + 3.0 * s.NextDouble())
                        number (0.5 + s.NextDouble())
                    |]
            LogDensity = fun p x -> NormalGamma.logDensity p[0].[0] p[1].[0] p[2].[0] p[3].[0] x[0] x[1]
            Sample =
                fun p s ->
                    let struct (mean, precision) =
                        NormalGamma.sample p[0].[0] p[1].[0] p[2].[0] p[3].[0] s

                    [| mean; precision |]
            Distribution = fun p -> NormalGamma.distribution p[0] p[1] p[2] p[3]
            Entropy = ValueNone
        }
    ]

let private tensors (parameters: (float[] * int[])[]) =
    parameters |> Array.map (fun (values, shape) -> Tensor.ofShape shape values)

/// The parameters of several distributions, each stacked.
let private stacked (several: (float[] * int[])[][]) =
    Array.init several[0].Length (fun i ->
        several
        |> Array.map (fun p -> Tensor.ofShape (snd p[i]) (fst p[i]))
        |> Tensor.stack 0)

let private near (tolerance: float) (expected: float) (received: float) (what: string) =
    if
        not (
            expected = received
            || abs (expected - received) <= tolerance * (1.0 + abs expected)
        )
    then
        Assert.Fail $"{what}: expected {expected:R}, received {received:R}"

/// Catches a batch whose factors and residuals do not meet, and constants that differ: N rows against K distributions.
[<Fact>]
let ``tensor log-densities of vectors and matrices equal the plain ones`` () =
    for family in families do
        for d in 1..4 do
            let stream = (RandomKey.ofSeed (60 + d)).Stream()
            let several = Array.init 3 (fun _ -> family.Draw d stream)
            let plain k = several[k] |> Array.map fst
            let distribution = family.Distribution(stacked several)
            Assert.Equal<int[]>([| 3 |], distribution.BatchShape)
            let x = Array.init 5 (fun i -> family.Sample (plain (i % 3)) stream)
            let event = distribution.EventShape
            let rows = Tensor.ofShape (Array.append [| 5; 1 |] event) (Array.concat x)
            let table = distribution.LogDensity rows
            Assert.Equal<int[]>([| 5; 3 |], table.Shape)

            for i in 0..4 do
                for k in 0..2 do
                    near 1e-11 (family.LogDensity (plain k) x[i]) (table.Value(i, k)) $"{family.Name} {d}"

            // one distribution and many rows; many distributions and one row
            let one = family.Distribution(tensors several[0])

            let column =
                one.LogDensity(Tensor.ofShape (Array.append [| 5 |] event) (Array.concat x))

            near 1e-11 (table.Value(4, 0)) (column.Value 4) family.Name
            let row = distribution.LogDensity(Tensor.ofShape event x[2])
            near 1e-11 (table.Value(2, 1)) (row.Value 1) family.Name
            Assert.Equal<int[]>(Array.append [| 3 |] event, (distribution.Sample stream).Shape)
            Assert.Equal<int[]>(Array.append [| 3 |] event, distribution.Mean.Shape)
            Assert.Equal<int[]>(Array.append [| 3 |] event, distribution.Variance.Shape)

            match family.Entropy with
            | ValueSome entropy ->
                let received = (Distribution.entropy distribution).ToArray()

                received
                |> Array.iteri (fun k r -> near 1e-11 (entropy (plain k)) r $"{family.Name} entropy")
            | ValueNone -> ()

/// Catches a factor that is differentiated beyond its triangle, and a mask that cuts a derivative off.
[<Fact>]
let ``gradients of log-densities of vectors and matrices equal central differences`` () =
    for family in families do
        let stream = (RandomKey.ofSeed 65).Stream()
        let d = 3
        let parameters = family.Draw d stream
        let x = family.Sample (parameters |> Array.map fst) stream
        let inputs = tensors parameters
        let event = (family.Distribution inputs).EventShape
        let at = Tensor.ofShape event x

        for i in 0 .. inputs.Length do
            // steps of a factor stay in its triangle, those of a matrix keep its symmetry
            let isFactor = i < inputs.Length && inputs[i].Rank = 2

            let f (v: Tensor) =
                let v = if isFactor then Tensor.tril 0 v else v

                if i = inputs.Length then
                    let v =
                        if event.Length = 2 then 0.5 * (v + Tensor.transpose v)
                        elif family.Name = "Dirichlet" then v / Tensor.sum v
                        else v

                    let v =
                        if family.Name = "normal-inverse-Wishart" then
                            let matrix = Tensor.reshape [| d; d |] (Tensor.slice 0 d (d * d) v)

                            Tensor.concatenate
                                0
                                [
                                    Tensor.slice 0 0 d v
                                    Tensor.reshape [| d * d |] (0.5 * (matrix + Tensor.transpose matrix))
                                ]
                        else
                            v

                    (family.Distribution inputs).LogDensity v
                else
                    let moved = Array.copy inputs
                    moved[i] <- v
                    (family.Distribution moved).LogDensity at

            let point = if i = inputs.Length then at else inputs[i]
            let expected = central (f >> Tensor.toScalar) point
            let received = (Tensor.grad f point).ToArray()
            let scale = expected |> Array.fold (fun m e -> max m (abs e)) 1.0

            for j in 0 .. expected.Length - 1 do
                Assert.True(
                    abs (expected[j] - received[j]) <= 1e-7 * scale,
                    $"{family.Name}, input {i}, element {j}: central differences {expected[j]}, received {received[j]}"
                )

/// Catches a divergence or entropy with a sign or a transposed factor: averages over 20000 draws, within five standard errors;
/// and moments of the same draws.
[<Fact>]
let ``divergences, entropies and moments of vectors and matrices equal averages over draws`` () =
    let count = 20000

    for family in families do
        let stream = (RandomKey.ofSeed 66).Stream()
        let p = family.Distribution(tensors (family.Draw 2 stream))
        let q = family.Distribution(tensors (family.Draw 2 stream))
        let draws = Distribution.sampleMany count p stream

        let within what (expected: float) (values: float[]) =
            let mean = Array.average values

            let error =
                sqrt ((values |> Array.averageBy (fun v -> (v - mean) * (v - mean))) / float count)

            if not (abs (mean - expected) <= 5.0 * error + 1e-12) then
                Assert.Fail $"{family.Name}, {what}: average {mean}, expected {expected} within 5 x {error}"

        let logP = p.LogDensity draws
        within "entropy" ((Distribution.entropy p).ToScalar()) ((-logP).ToArray())

        if family.Name <> "t" then
            let divergence = (Distribution.kullbackLeibler p q).ToScalar()
            Assert.True(divergence > 0.0)
            within "divergence" divergence ((logP - q.LogDensity draws).ToArray())
            Assert.Equal(0.0, (Distribution.kullbackLeibler p p).ToScalar(), 1e-12)

        let mean, variance = p.Mean.ToArray(), p.Variance.ToArray()
        let width = mean.Length
        let numbers = draws.ToArray()

        for j in 0 .. width - 1 do
            let column = Array.init count (fun i -> numbers[i * width + j])
            within $"mean {j}" mean[j] column
            within $"variance {j}" variance[j] (column |> Array.map (fun v -> (v - mean[j]) * (v - mean[j])))

/// Catches an exception or NaN from values that are not in the support, beside ones that are.
[<Fact>]
let ``values outside the support have no density and no gradient`` () =
    let check (distribution: Tensor -> IDistribution) (parameter: Tensor) (good: float[]) (bad: float[]) =
        let event = (distribution parameter).EventShape
        let both = Tensor.ofShape (Array.append [| 2 |] event) (Array.append good bad)
        let values = ((distribution parameter).LogDensity both).ToArray()
        Assert.True(Double.IsFinite values[0])
        Assert.Equal(-infinity, values[1])

        let gradient (x: float[]) =
            (Tensor.grad (fun t -> Tensor.sum ((distribution t).LogDensity(Tensor.ofShape event x))) parameter)
                .ToArray()

        Assert.All(gradient good, (fun g -> Assert.True(Double.IsFinite g)))
        Assert.All(gradient bad, (fun g -> Assert.Equal(0.0, g)))

    let identity = [| 1.0; 0.0; 0.0; 1.0 |]
    let nu = Tensor.scalar 4.0
    check (Wishart.distribution nu) (Tensor.eye 2) identity [| 1.0; 2.0; 2.0; 1.0 |]
    check (Wishart.distribution nu) (Tensor.eye 2) identity [| 1.0; nan; nan; 1.0 |]
    check (InverseWishart.distribution nu) (Tensor.eye 2) identity [| 1.0; 0.5; 0.0; 1.0 |]
    let zero = Tensor.ofArray [| 0.0; 0.0 |]
    check (fun l -> MultivariateNormal.distribution l (Tensor.eye 2)) zero [| 1.0; 2.0 |] [| nan; 1.0 |]
    check (fun l -> MultivariateStudentT.distribution nu l (Tensor.eye 2)) zero [| 1.0; 2.0 |] [| 1.0; infinity |]
    check (fun l -> DiagonalNormal.distribution l (Tensor.ones [| 2 |])) zero [| 1.0; 2.0 |] [| 1.0; infinity |]
    let a = Tensor.ofArray [| 2.0; 0.5 |]
    check Dirichlet.distribution a [| 0.25; 0.75 |] [| 0.25; 0.5 |]
    check Dirichlet.distribution a [| 0.25; 0.75 |] [| 0.0; 1.0 |]

    check
        (fun l -> NormalInverseWishart.distribution l (Tensor.scalar 1.0) nu (Tensor.eye 2))
        zero
        (Array.append [| 1.0; 2.0 |] identity)
        [| 1.0; 2.0; 1.0; 2.0; 2.0; 1.0 |]

    let normalGamma location =
        NormalGamma.distribution location (Tensor.scalar 1.5) nu (Tensor.scalar 2.0)

    check normalGamma (Tensor.scalar 0.0) [| 1.0; 2.0 |] [| 1.0; -2.0 |]
    check normalGamma (Tensor.scalar 0.0) [| 1.0; 2.0 |] [| nan; 2.0 |]

/// Catches a categorical distribution that gathers from the wrong axis.
[<Fact>]
let ``categorical distributions as values`` () =
    let stream = (RandomKey.ofSeed 67).Stream()
    let rows = Array.init 3 (fun _ -> Array.init 4 (fun _ -> stream.NextNormal()))
    let logits = Tensor.ofShape [| 3; 4 |] (Array.concat rows)
    let byLogits = Categorical.distributionOfLogits logits
    let byProbabilities = Categorical.distribution (Tensor.softmax -1 logits)
    let x = Tensor.ofShape [| 6; 1 |] [| 0.0; 3.0; 2.0; 4.0; -1.0; 1.5 |]
    let a, b = byLogits.LogDensity x, byProbabilities.LogDensity x
    Assert.Equal<int[]>([| 6; 3 |], a.Shape)

    for i in 0..5 do
        for k in 0..2 do
            let index = x.Value(i, 0)

            let expected =
                if index = floor index then
                    Categorical.logDensityOfLogits rows[k] (int index)
                else
                    -infinity

            near 1e-14 expected (a.Value(i, k)) "logits"
            near 1e-13 expected (b.Value(i, k)) "probabilities"

    let draws = Distribution.sampleMany 20000 byLogits stream
    let share = Tensor.meanOver [| 0 |] false (Tensor.eq draws (Tensor.scalar 2.0))
    let expected = Tensor.select 1 2 (Tensor.softmax -1 logits)

    for k in 0..2 do
        near 0.02 (expected.Value k) (share.Value k) "share"

        near
            1e-13
            (Categorical.entropy (Categorical.probabilitiesOfLogits rows[k]))
            ((Distribution.entropy byLogits).Value k)
            "entropy"

    let p, q =
        byProbabilities, Categorical.distribution (Tensor.ofArray [| 0.1; 0.2; 0.3; 0.4 |])

    let weights = Tensor.softmax -1 logits

    let byHand =
        Tensor.sumOver [| -1 |] false (weights * Tensor.log (weights / Tensor.ofArray [| 0.1; 0.2; 0.3; 0.4 |]))

    Array.iter2
        (fun (e: float) r -> Assert.Equal(e, r, 1e-12))
        (byHand.ToArray())
        ((Distribution.kullbackLeibler p q).ToArray())
    // a probability of 0 has no infinite trace in the gradient of another
    let f p =
        Tensor.sum (Categorical.tensorLogDensity p (Tensor.scalar 0.0))

    Assert.Equal<float[]>([| 2.0; 0.0; 0.0 |], (Tensor.grad f (Tensor.ofArray [| 0.5; 0.5; 0.0 |])).ToArray())
