namespace Mixtures

open System

/// The Wishart distribution of positive definite matrices, D x D row by row: of the sum of x xᵀ over ν normal vectors of
/// covariance V = L Lᵀ; ν may be any number above D - 1. Given by ν and the lower Cholesky factor L of V; the mean is ν V.
[<RequireQualifiedAccess>]
module Wishart =
    [<Literal>]
    let private LogTwo = 0.69314718055994530942

    let internal check (degreesOfFreedom: float) (factor: float[]) =
        let d = Parameter.dimensionOf (nameof factor) factor
        Parameter.factor (nameof factor) d factor
        Parameter.above (float (d - 1)) (nameof degreesOfFreedom) degreesOfFreedom
        d

    /// log of 2^(νD/2) Γ_D(ν/2), which the Wishart and the inverse Wishart density share.
    let internal logNormaliser (dimension: int) (degreesOfFreedom: float) =
        0.5 * degreesOfFreedom * float dimension * LogTwo
        + SpecialFunctions.logMultivariateGamma dimension (0.5 * degreesOfFreedom)

    /// The log-density in nats with respect to the lower triangle of the matrix; minus infinity where that is not symmetric
    /// (within 1e-8 of its largest element) and positive definite.
    let logDensity (degreesOfFreedom: float) (factor: float[]) (matrix: ReadOnlySpan<float>) =
        let d = check degreesOfFreedom factor
        Parameter.length (nameof matrix) (d * d) matrix.Length

        match Triangular.tryFactor d matrix with
        | ValueNone -> Double.NegativeInfinity
        | ValueSome own ->
            0.5 * (degreesOfFreedom - float d - 1.0) * Cholesky.logDeterminant d own
            - 0.5 * Triangular.traceOfRatio d factor own
            - 0.5 * degreesOfFreedom * Cholesky.logDeterminant d factor
            - logNormaliser d degreesOfFreedom

    /// The mean ν V, D x D row by row.
    let mean (degreesOfFreedom: float) (factor: float[]) =
        let d = check degreesOfFreedom factor
        Triangular.square d factor |> Array.map (fun v -> degreesOfFreedom * v)

    /// The variance of each element, D x D row by row: ν (Vᵢⱼ² + Vᵢᵢ Vⱼⱼ).
    let variance (degreesOfFreedom: float) (factor: float[]) =
        let d = check degreesOfFreedom factor
        let v = Triangular.square d factor

        Array.init (d * d) (fun at ->
            let i, j = at / d, at % d
            degreesOfFreedom * (v[at] * v[at] + v[i * d + i] * v[j * d + j]))

    /// The lower factor A of a draw A Aᵀ with V the identity (Bartlett 1933): normal below, roots of χ² on the diagonal.
    let internal sampleStandardFactor (dimension: int) (degreesOfFreedom: float) (stream: RandomStream) =
        let d = dimension
        let a = Array.zeroCreate (d * d)

        for i in 0 .. d - 1 do
            for j in 0 .. i - 1 do
                a[i * d + j] <- stream.NextNormal()

            let half = 0.5 * (degreesOfFreedom - float i)

            a[i * d + i] <- Draw.positive (exp (0.5 * (LogTwo + Gamma.sampleLogStandard half stream)))

        a

    /// The lower Cholesky factor of a draw, D x D row by row: L A with Bartlett's A.
    let sampleFactor (degreesOfFreedom: float) (factor: float[]) (stream: RandomStream) =
        let d = check degreesOfFreedom factor
        let a = sampleStandardFactor d degreesOfFreedom stream

        Array.init (d * d) (fun at ->
            let i, j = at / d, at % d
            let mutable sum = 0.0

            for m in j..i do
                sum <- sum + factor[i * d + m] * a[m * d + j]

            sum)

    /// A draw, D x D row by row.
    let sample (degreesOfFreedom: float) (factor: float[]) (stream: RandomStream) =
        let drawn = sampleFactor degreesOfFreedom factor stream
        Triangular.square (Parameter.dimensionOf (nameof factor) factor) drawn
