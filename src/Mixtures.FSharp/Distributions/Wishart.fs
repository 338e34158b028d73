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

    /// The log-density as a tensor function of parameters and x, matrices in the last two axes; the parameters are not checked.
    let tensorLogDensity (degreesOfFreedom: Tensor) (factor: Tensor) (x: Tensor) : Tensor =
        let d = factor.Dims[factor.Rank - 1]

        let density x =
            let own = Tensor.cholesky x

            (degreesOfFreedom - float (d + 1)) * Lifted.logDiagonal own
            - 0.5 * Lifted.traceOfRatio factor own
            - degreesOfFreedom * (Lifted.logDiagonal factor + 0.5 * float d * LogTwo)
            - Lifted.logMultivariateGamma d (0.5 * degreesOfFreedom)

        Lifted.withinMatrices (Lifted.isPositiveDefinite d x) d density x

    /// KL of two Wishart distributions, given the logarithms of the determinants of their factors and tr V₂⁻¹ V₁.
    let internal divergence d (nu1: Tensor) (logDet1: Tensor) (nu2: Tensor) (logDet2: Tensor) (trace: Tensor) : Tensor =
        let half = 0.5 * nu1

        0.5 * nu1 * (trace - float d)
        + nu2 * (logDet2 - logDet1)
        + Lifted.logMultivariateGamma d (0.5 * nu2)
        - Lifted.logMultivariateGamma d half
        + 0.5 * (nu1 - nu2) * Lifted.multivariateDigamma d half

    /// The dimension and the batch of checked degrees of freedom (batch) and lower factors (batch x D x D).
    let internal shapeOf (degreesOfFreedom: Tensor) (factor: Tensor) : struct (int * int[]) =
        let d = if factor.Rank < 2 then 0 else factor.Dims[factor.Rank - 1]
        TensorParameter.factors (nameof factor) (max 1 d) factor

        for nu in degreesOfFreedom.ToArray() do
            Parameter.above (float (d - 1)) (nameof degreesOfFreedom) nu

        struct (d, Shape.broadcast "distribution" degreesOfFreedom.Dims (Lifted.batchBefore 2 factor))

    /// Wishart distributions as values: degrees of freedom (batch) and lower factors (batch x D x D) of V.
    let distribution (degreesOfFreedom: Tensor) (factor: Tensor) : IDistribution =
        let struct (d, batch) = shapeOf degreesOfFreedom factor
        let nu = degreesOfFreedom |> Tensor.unsqueeze -1 |> Tensor.unsqueeze -1

        Distribution.ofParts
            {
                Name = "wishart"
                Parameters = [| degreesOfFreedom; factor |]
                Support = Support.PositiveDefinite d
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity degreesOfFreedom factor
                Sample =
                    Lifted.eachBlock batch [| d; d |] [| struct (degreesOfFreedom, 0); struct (factor, 2) |] (fun p ->
                        sample (Array.head p[0]) p[1])
                Mean = fun () -> nu * Lifted.square factor
                Variance =
                    fun () ->
                        let v = Lifted.square factor
                        nu * (Tensor.square v + Lifted.diagonalProducts v)
                Entropy =
                    ValueSome(fun () ->
                        let half = 0.5 * degreesOfFreedom

                        float (d + 1) * (Lifted.logDiagonal factor + 0.5 * float d * LogTwo)
                        + Lifted.logMultivariateGamma d half
                        - 0.5 * (degreesOfFreedom - float (d + 1)) * Lifted.multivariateDigamma d half
                        + half * float d)
                KullbackLeibler =
                    ValueSome(fun q ->
                        let trace = Lifted.traceOfRatio q[1] factor

                        ValueSome(
                            divergence
                                d
                                degreesOfFreedom
                                (Lifted.logDiagonal factor)
                                q[0]
                                (Lifted.logDiagonal q[1])
                                trace
                        ))
            }
