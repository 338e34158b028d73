module Mixtures.Tests.MixtureDistributionTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.TensorGradientTests

let private t = Tensor.scalar

/// A gamma, a normal and a t component.
let private varied logWeights =
    MixtureDistribution.create
        logWeights
        [
            Gamma.distribution (t 3.0) (t 2.0)
            Normal.distribution (t -1.0) (t 0.5)
            StudentT.distribution (t 5.0) (t 2.0) (t 0.3)
        ]

let private weights = [| 0.2; 0.5; 0.3 |]

let private logWeights =
    Tensor.ofArray (weights |> Array.map (fun w -> log w + 3.0))

/// Catches weights that are not normalised, and a sum that is not a log-sum-exp.
[<Fact>]
let ``the density of a mixture is the weighted sum`` () =
    let mixture = varied logWeights
    let x = [| -2.0; -1.0; 0.0; 0.5; 2.0; 30.0; -30.0; nan |]
    let received = (mixture.LogDensity(Tensor.ofArray x)).ToArray()

    for i in 0 .. x.Length - 1 do
        let logs =
            [|
                log weights[0] + Gamma.logDensity 3.0 2.0 x[i]
                log weights[1] + Normal.logDensity -1.0 0.5 x[i]
                log weights[2] + StudentT.logDensity 5.0 2.0 0.3 x[i]
            |]

        let expected = LogSumExp.ofArray logs

        if Double.IsInfinity expected then
            Assert.Equal(expected, received[i])
        else
            Assert.Equal(expected, received[i], 1e-13 * (1.0 + abs expected))

    Assert.Equal(Support.Real, mixture.Support)

/// Catches a mean of variances without the variance of the means, and a sampler that ignores the weights.
[<Fact>]
let ``moments and draws of a mixture`` () =
    let mixture = varied logWeights
    let stream = (RandomKey.ofSeed 91).Stream()
    let draws = (Distribution.sampleMany 50000 mixture stream).ToArray()
    let mean, variance = mixture.Mean.ToScalar(), mixture.Variance.ToScalar()
    Assert.Equal(0.2 * 1.5 - 0.5 + 0.3 * 2.0, mean, 1e-14)

    let second =
        0.2 * (0.75 + 2.25) + 0.5 * (0.25 + 1.0) + 0.3 * (0.09 * 5.0 / 3.0 + 4.0)

    Assert.Equal(second - mean * mean, variance, 1e-13)
    let average = Array.average draws
    Assert.InRange(average, mean - 5.0 * sqrt (variance / 5e4), mean + 5.0 * sqrt (variance / 5e4))
    let sorted = Array.sort draws

    let cdf x =
        0.2 * Gamma.cdf 3.0 2.0 x
        + 0.5 * Normal.cdf -1.0 0.5 x
        + 0.3 * StudentT.cdf 5.0 2.0 0.3 x

    let d =
        sorted |> Array.mapi (fun i x -> abs (float (i + 1) / 5e4 - cdf x)) |> Array.max

    Assert.True(d * sqrt 5e4 < 1.95, $"√n times the largest distance is {d * sqrt 5e4}")

/// Catches a gradient that does not reach the weights or the components.
[<Fact>]
let ``gradients reach weights and components`` () =
    let stream = (RandomKey.ofSeed 92).Stream()
    let x = normals [| 20 |] stream

    let f (v: Tensor) =
        let part start count = Tensor.slice 0 start count v

        let components = Normal.distribution (part 2 2) (Tensor.exp (part 4 2))

        Tensor.sum ((MixtureDistribution.ofBatch (part 0 2) components).LogDensity x)

    let v = normals [| 6 |] stream
    let expected = central (f >> Tensor.toScalar) v
    Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, 1e-7 * (1.0 + abs e))) expected ((Tensor.grad f v).ToArray())

/// Catches a mixture over the last axis that differs from one of a list, for numbers, vectors and matrices, with batches.
[<Fact>]
let ``a batch of components is a list of them`` () =
    let stream = (RandomKey.ofSeed 93).Stream()
    let logWeights = normals [| 4; 3 |] stream
    let location = normals [| 3; 2 |] stream

    let factor =
        Array.init 3 (fun _ -> Tensor.cholesky (spd [||] 2 stream)) |> Tensor.stack 0

    let nu = Tensor.ofArray [| 5.0; 6.0; 7.5 |]

    let pairs =
        [
            Normal.distribution (Tensor.select 1 0 location) (t 0.7),
            List.init 3 (fun k -> Normal.distribution (Tensor.select 0 k (Tensor.select 1 0 location)) (t 0.7))
            MultivariateNormal.distribution location factor,
            List.init 3 (fun k ->
                MultivariateNormal.distribution (Tensor.select 0 k location) (Tensor.select 0 k factor))
            Wishart.distribution nu factor,
            List.init 3 (fun k -> Wishart.distribution (Tensor.select 0 k nu) (Tensor.select 0 k factor))
        ]

    for batch, several in pairs do
        let a = MixtureDistribution.ofBatch logWeights batch
        let b = MixtureDistribution.create logWeights several
        Assert.Equal<int[]>([| 4 |], a.BatchShape)
        Assert.Equal<int[]>([| 4 |], b.BatchShape)
        let x = Distribution.sampleMany 6 a stream
        Assert.Equal<int[]>(Array.append [| 6; 4 |] batch.EventShape, x.Shape)
        Assert.Equal<int[]>(Array.append [| 4 |] batch.EventShape, (b.Sample stream).Shape)
        let left, right = a.LogDensity x, b.LogDensity x
        Assert.Equal<int[]>([| 6; 4 |], left.Shape)
        Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, 1e-12)) (left.ToArray()) (right.ToArray())
        Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, 1e-12)) (a.Mean.ToArray()) (b.Mean.ToArray())
        Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, 1e-11)) (a.Variance.ToArray()) (b.Variance.ToArray())
        // a draw's place in the batch follows that place's weights
        let heavy =
            Tensor.ofShape [| 2; 3 |] [| 0.0; -infinity; -infinity; -infinity; -infinity; 0.0 |]

        let sure = MixtureDistribution.ofBatch heavy batch
        let draws = Distribution.sampleMany 2000 sure stream
        let means = (Tensor.meanOver [| 0 |] false draws).ToArray()
        let expected = sure.Mean.ToArray()
        let errors = (Tensor.sqrt (sure.Variance / 2000.0)).ToArray()

        Array.iteri
            (fun i (m: float) -> Assert.InRange(m, expected[i] - 5.0 * errors[i], expected[i] + 5.0 * errors[i]))
            means

        let also = MixtureDistribution.create heavy several
        let draws = Distribution.sampleMany 2000 also stream
        let means = (Tensor.meanOver [| 0 |] false draws).ToArray()

        Array.iteri
            (fun i (m: float) -> Assert.InRange(m, expected[i] - 5.0 * errors[i], expected[i] + 5.0 * errors[i]))
            means

/// Catches NaN from a component of weight 0 or a row that none explains, and mixtures of what cannot be mixed.
[<Fact>]
let ``weights of zero, far rows and bad input`` () =
    let dead = Tensor.ofArray [| 0.0; -infinity |]

    let mixture =
        MixtureDistribution.create dead [ Beta.distribution (t 2.0) (t 2.0); Beta.distribution (t 0.5) (t 0.5) ]

    Assert.Equal(-infinity, (mixture.LogDensity(t 0.0)).ToScalar())
    Assert.Equal(log 1.5, (mixture.LogDensity(t 0.5)).ToScalar(), 1e-14)

    let f (w: Tensor) =
        (MixtureDistribution.create w [ Gamma.distribution (t 2.0) (t 2.0); Exponential.distribution (t 1.0) ])
            .LogDensity(t -1.0)

    Assert.All((Tensor.grad f (Tensor.ofArray [| 0.3; 0.1 |])).ToArray(), (fun g -> Assert.Equal(0.0, g)))

    let refused (text: string) (action: unit -> IDistribution) =
        let error = Assert.Throws<ArgumentException>(fun () -> action () |> ignore)
        Assert.Contains(text, error.Message)

    let normal = Normal.distribution (t 0.0) (t 1.0)
    refused "at least one component" (fun () -> MixtureDistribution.create dead [])
    refused "expected 1 log-weights" (fun () -> MixtureDistribution.create dead [ normal ])

    refused "received scalar and 2" (fun () ->
        MixtureDistribution.create dead [ normal; Dirichlet.distribution (Tensor.ones [| 2 |]) ])

    refused "whole numbers" (fun () -> MixtureDistribution.create dead [ normal; Poisson.distribution (t 1.0) ])
    refused "received NaN" (fun () -> MixtureDistribution.create (Tensor.ofArray [| nan; 0.0 |]) [ normal; normal ])
    refused "received a single distribution" (fun () -> MixtureDistribution.ofBatch dead normal)
