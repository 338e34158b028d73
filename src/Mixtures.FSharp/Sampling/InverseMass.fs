namespace Mixtures

open System
open System.Numerics

/// The shape of a sampler's mass matrix.
type MassShape =
    /// One number a coordinate: scales.
    | DiagonalMass
    /// A whole matrix: scales and correlations.
    | DenseMass

/// A sampler's metric M⁻¹, an estimate of the posterior's covariance: D variances, or a D x D matrix with its factor.
[<NoEquality; NoComparison>]
type InverseMass =
    private
        {
            size: int
            shape: MassShape
            values: float[]
            /// Of momenta: 1/√v, or the Cholesky factor L of M⁻¹.
            root: float[]
        }

    /// The number of coordinates.
    member mass.Dimension = mass.size

    /// Diagonal or dense.
    member mass.Shape = mass.shape

    /// The D variances, or the D x D matrix, row by row; not to be changed.
    member mass.Values = mass.values

    member internal mass.Root = mass.root

/// Metrics of samplers.
[<RequireQualifiedAccess>]
module InverseMass =

    /// A metric from D variances or a D x D covariance matrix, row by row. Raises ArgumentException where these are not
    /// positive (definite) and finite.
    let create (shape: MassShape) (dimension: int) (values: float[]) : InverseMass =
        let expected =
            match shape with
            | DiagonalMass -> dimension
            | DenseMass -> dimension * dimension

        if values.Length <> expected then
            invalidArg (nameof values) $"expected {expected} numbers, received {values.Length}"

        match shape with
        | DiagonalMass ->
            match values |> Array.tryFind (fun v -> not (v > 0.0 && Double.IsFinite v)) with
            | Some v -> invalidArg (nameof values) $"expected positive variances, received {Wording.number v}"
            | None -> ()

            {
                size = dimension
                shape = shape
                values = values
                root = values |> Array.map (fun v -> 1.0 / sqrt v)
            }
        | DenseMass ->
            match Cholesky.tryFactor dimension (ReadOnlySpan values) with
            | ValueSome factor ->
                {
                    size = dimension
                    shape = shape
                    values = values
                    root = factor
                }
            | ValueNone ->
                invalidArg (nameof values) "expected a positive definite matrix, received one without a factor"

    /// The identity.
    let identity (shape: MassShape) (dimension: int) : InverseMass =
        match shape with
        | DiagonalMass -> create shape dimension (Array.create dimension 1.0)
        | DenseMass ->
            Array.init (dimension * dimension) (fun i -> if i / dimension = i % dimension then 1.0 else 0.0)
            |> create shape dimension

    /// Writes the velocity M⁻¹ p.
    let internal velocity (mass: InverseMass) (momentum: float[]) (result: float[]) =
        let d = mass.size
        let values = mass.values

        match mass.shape with
        | DiagonalMass ->
            let lanes = Vector<float>.Count
            let mutable i = 0

            while i <= d - lanes do
                (Vector<float>(values, i) * Vector<float>(momentum, i)).CopyTo(result, i)
                i <- i + lanes

            while i < d do
                result[i] <- values[i] * momentum[i]
                i <- i + 1
        | DenseMass ->
            for i in 0 .. d - 1 do
                result[i] <- Sums.dot (ReadOnlySpan(values, i * d, d)) (ReadOnlySpan momentum)

    /// Draws a momentum from N(0, M).
    let internal momentum (mass: InverseMass) (stream: RandomStream) (result: float[]) =
        for i in 0 .. mass.size - 1 do
            result[i] <- stream.NextNormal()

        match mass.shape with
        | DiagonalMass ->
            for i in 0 .. mass.size - 1 do
                result[i] <- result[i] * mass.root[i]
        // with M⁻¹ = L Lᵀ, L⁻ᵀ z has covariance M
        | DenseMass -> Cholesky.solveUpper mass.size mass.root (Span result)
