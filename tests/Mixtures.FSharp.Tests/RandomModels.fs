/// Random models and data for property tests: everything comes from one seed.
module Mixtures.Tests.RandomModels

open System
open FsCheck
open FsCheck.FSharp
open Mixtures

let structures =
    [
        CovarianceStructure.Full
        CovarianceStructure.Tied
        CovarianceStructure.Diagonal
        CovarianceStructure.Spherical
        CovarianceStructure.Known
    ]

let internal widths = [ SimdWidth.Scalar; SimdWidth.Vector256; SimdWidth.Vector512 ]

/// A random integer from low to high.
let between low high (stream: RandomStream) = low + stream.NextInt32(high - low + 1)

/// Checks a property of random seeds.
let forSeeds count (property: RandomStream -> unit) =
    let config = Config.QuickThrowOnFailure.WithMaxTest count

    Check.One(
        config,
        Prop.forAll (Arb.fromGen (Gen.choose (Int32.MinValue, Int32.MaxValue))) (fun seed ->
            property ((RandomKey.ofSeed seed).Stream()))
    )

/// A well-conditioned random covariance, row by row: L Lᵀ with a random lower factor.
let randomCovariance d (scale: float) (stream: RandomStream) =
    let l =
        Array2D.init d d (fun i j ->
            if j > i then 0.0
            elif i = j then scale * (0.5 + stream.NextDouble())
            else 0.5 * scale * stream.NextNormal() / sqrt (float d))

    Array2D.init d d (fun i j -> Seq.sum (seq { for m in 0 .. min i j -> l[i, m] * l[j, m] }))

/// Positive weights that sum to one.
let randomWeights k (stream: RandomStream) =
    let raw = Array.init k (fun _ -> 0.2 + stream.NextExponential())
    let total = Array.sum raw
    raw |> Array.map (fun w -> w / total)

/// Random covariances that suit the structure, one a component.
let randomCovariances structure k d scale (stream: RandomStream) : float[,][] =
    let diagonal (variances: float[]) =
        Array2D.init d d (fun i j -> if i = j then variances[i] else 0.0)

    let variance () =
        scale * scale * (0.25 + stream.NextDouble())

    match structure with
    | CovarianceStructure.Full
    | CovarianceStructure.Known -> Array.init k (fun _ -> randomCovariance d scale stream)
    | CovarianceStructure.Tied -> Array.create k (randomCovariance d scale stream)
    | CovarianceStructure.Diagonal -> Array.init k (fun _ -> diagonal (Array.init d (fun _ -> variance ())))
    | CovarianceStructure.Spherical -> Array.init k (fun _ -> diagonal (Array.create d (variance ())))

/// A random mixture whose means spread around an offset.
let randomMixture structure k d offset spread scale (stream: RandomStream) =
    let means =
        Array.init k (fun _ -> Array.init d (fun _ -> offset + spread * stream.NextNormal()))

    Gaussian.create structure (randomWeights k stream) means (randomCovariances structure k d scale stream)

/// Rows drawn from a mixture, without labels.
let draw count (stream: RandomStream) mixture =
    let labelled =
        Mixture.sample (RandomKey.ofSeed (int (stream.NextUInt64() >>> 33))) count mixture

    Dataset.FromRows(Array2D.init count labelled.Dimension (fun i j -> labelled.Row(i)[j]))

/// Weights of which some are zero.
let randomRowWeights count (stream: RandomStream) =
    Array.init count (fun i ->
        if i > 0 && stream.NextDouble() < 0.2 then
            0.0
        else
            0.1 + 2.0 * stream.NextDouble())

/// The specification that a mixture answers; known covariances stay as they are.
let specOf (mixture: Mixture) = mixture.Spec

/// |a - b| relative to a magnitude; infinite numbers must be the same, as variances of Student-t components may be.
let near tolerance magnitude (expected: float) (actual: float) what =
    if
        expected <> actual
        && not (abs (expected - actual) <= tolerance * max magnitude 1e-300)
    then
        Xunit.Assert.Fail
            $"{what}: expected {expected:R}, received {actual:R}, difference {abs (expected - actual):g3} against {magnitude:g3}"
