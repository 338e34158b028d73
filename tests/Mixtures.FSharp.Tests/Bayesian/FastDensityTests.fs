/// The fast evaluation of log joint densities against tensors alone.
module Mixtures.Tests.FastDensityTests

open System
open Xunit
open Mixtures
open Mixtures.Tests
open Mixtures.Tests.RandomModels

let private agrees (what: string) (model: BayesianModel) (stream: RandomStream) =
    for _ in 1..5 do
        let u = Array.init model.Dimension (fun _ -> 1.5 * stream.NextNormal())
        let struct (value, gradient) = model.Evaluate u

        let struct (expected, slopes) =
            Tensor.valueAndGrad model.LogJointUnconstrained (Tensor.ofArray u)

        let expected, slopes = expected.ToScalar(), slopes.ToArray()
        Assert.True(abs (expected - value) <= 1e-11 * (1.0 + abs expected), $"{what}: {value}, expected {expected}")
        let size = slopes |> Array.fold (fun most s -> max most (abs s)) 1.0

        Array.iter2
            (fun (e: float) a -> Assert.True(abs (e - a) <= 1e-10 * size, $"{what}: gradient {a}, expected {e}"))
            slopes
            gradient

/// Catches a map, a Jacobian, a prior or a derivative that is another than the tensors'.
[<Fact>]
let ``value and gradient are those of tensors alone`` () =
    forSeeds 4 (fun stream ->
        agrees "five points" FivePoints.model stream
        agrees "five points as a specification" (SpecModel.ofSpec FivePoints.spec FivePoints.data) stream

        for case in FamilyCases.all do
            let mixture =
                FamilyCases.randomMixture case 3 (FamilyCases.dimension case stream) stream

            let data = FamilyCases.draw 25 stream mixture
            agrees case.Family.Name (SpecModel.withDefaults (MixtureSpec.Create(case.Family, 3)) data) stream

        for structure in structures do
            let mixture = randomMixture structure 2 2 1.0 4.0 1.0 stream
            let data = draw 25 stream mixture

            let spec =
                (if structure = CovarianceStructure.Known then
                     Gaussian.known (KnownCovariance.StandardDeviation(1.0, 2)) 3
                 else
                     Gaussian.spec structure 3)
                    .WithPriors
                    { Priors.None with
                        Weights = DirichletProcess 0.7
                    }

            agrees (CovarianceStructure.name structure) (SpecModel.withDefaults spec data) stream)

[<Fact>]
let ``every plain prior, and one that depends on another site`` () =
    let priors =
        [
            Prior.normal 0.3 2.0
            Prior.logNormal 0.1 0.7
            Prior.halfNormal 1.3
            Prior.halfCauchy 0.8
            Prior.exponential 1.7
            Prior.gamma 2.5 1.5
            Prior.inverseGamma 3.0 2.0
            Prior.beta 2.0 3.5
            Prior.uniform -1.0 2.0
            Prior.studentT 4.0 0.5 1.2
            Prior.dirichlet [| 0.5; 2.0; 1.0 |]
        ]

    let stream = (RandomKey.ofSeed 9).Stream()

    for prior in priors do
        let model =
            ProgramModel.ofProgram (
                bayesian {
                    let! a = latent "a" prior
                    let! scale = latent "scale" (Prior.logNormal 0.0 1.0)
                    let! b = latent "b" (Normal.distribution (Tensor.sum a) scale)
                    do! observe "x" (Normal.distribution b (Tensor.scalar 1.0)) (Tensor.ofArray [| 0.5; 1.5 |])
                }
            )

        agrees prior.Name model stream

[<Fact>]
let ``beyond the edge of a support there is no density, and no error`` () =
    for far in [ 800.0; -800.0 ] do
        for i in 0..3 do
            let u = Array.create 4 0.1
            u[i] <- far

            for model in [ FivePoints.model; SpecModel.ofSpec FivePoints.spec FivePoints.data ] do
                let struct (value, gradient) = model.Evaluate u
                Assert.False(Double.IsNaN value)
                Assert.True(value < -1e3)
                Assert.True(gradient |> Array.forall (Double.IsNaN >> not))

/// Catches buffers that chains of a sampler share.
[<Fact>]
let ``several threads evaluate one model at once`` () =
    for model in [ FivePoints.model; SpecModel.ofSpec FivePoints.spec FivePoints.data ] do
        let points =
            Array.init 400 (fun i -> Array.init 4 (fun j -> sin (float (i * 4 + j))))

        let expected = points |> Array.map model.Evaluate
        let found = points |> Array.Parallel.map model.Evaluate

        Array.iter2
            (fun (struct (a: float, ga: float[])) (struct (b: float, gb: float[])) ->
                Assert.Equal(a, b)
                Assert.Equal<float[]>(ga, gb))
            expected
            found
