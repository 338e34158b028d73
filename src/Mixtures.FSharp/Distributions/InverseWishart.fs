namespace Mixtures

open System

/// The inverse Wishart distribution of positive definite matrices, D x D row by row: of W⁻¹ where W is Wishart of ν degrees
/// of freedom and V = Ψ⁻¹. Given by ν > D - 1 and the lower Cholesky factor of the scale matrix Ψ; the density is proportional
/// to |X|^(-(ν+D+1)/2) exp(-½ tr Ψ X⁻¹).
[<RequireQualifiedAccess>]
module InverseWishart =
    /// The log-density in nats with respect to the lower triangle of the matrix; minus infinity where that is not symmetric
    /// (within 1e-8 of its largest element) and positive definite.
    let logDensity (degreesOfFreedom: float) (factor: float[]) (matrix: ReadOnlySpan<float>) =
        let d = Wishart.check degreesOfFreedom factor
        Parameter.length (nameof matrix) (d * d) matrix.Length

        match Triangular.tryFactor d matrix with
        | ValueNone -> Double.NegativeInfinity
        | ValueSome own ->
            0.5 * degreesOfFreedom * Cholesky.logDeterminant d factor
            - 0.5 * (degreesOfFreedom + float d + 1.0) * Cholesky.logDeterminant d own
            - 0.5 * Triangular.traceOfRatio d own factor
            - Wishart.logNormaliser d degreesOfFreedom

    /// The mean Ψ / (ν - D - 1), D x D row by row. NaN, for it does not exist, where ν is at most D + 1.
    let mean (degreesOfFreedom: float) (factor: float[]) =
        let d = Wishart.check degreesOfFreedom factor
        let divisor = degreesOfFreedom - float d - 1.0

        Triangular.square d factor
        |> Array.map (fun v -> if divisor > 0.0 then v / divisor else nan)

    /// The variance of each element, D x D row by row. NaN, for it does not exist or is not finite, where ν is at most D + 3.
    let variance (degreesOfFreedom: float) (factor: float[]) =
        let d = Wishart.check degreesOfFreedom factor
        let psi = Triangular.square d factor
        let e = degreesOfFreedom - float d

        Array.init (d * d) (fun at ->
            if e > 3.0 then
                let i, j = at / d, at % d

                ((e + 1.0) * psi[at] * psi[at] + (e - 1.0) * psi[i * d + i] * psi[j * d + j])
                / (e * (e - 1.0) * (e - 1.0) * (e - 3.0))
            else
                nan)

    /// The draw B Bᵀ with B = L A⁻ᵀ, given the factor A of a standard Wishart draw A Aᵀ.
    let internal sampleGiven (factor: float[]) (a: float[]) =
        let d = Parameter.dimensionOf (nameof factor) factor
        // rows of B solve A bᵀ = (row of L)ᵀ
        let b = Array.copy factor

        for i in 0 .. d - 1 do
            for j in i + 1 .. d - 1 do
                b[i * d + j] <- 0.0

            Cholesky.solveLower d a (Span(b, i * d, d))

        Array.init (d * d) (fun at ->
            let i, j = at / d, at % d
            let mutable sum = 0.0

            for m in 0 .. d - 1 do
                sum <- sum + b[i * d + m] * b[j * d + m]

            sum)

    /// A draw, D x D row by row.
    let sample (degreesOfFreedom: float) (factor: float[]) (stream: RandomStream) =
        let d = Wishart.check degreesOfFreedom factor
        sampleGiven factor (Wishart.sampleStandardFactor d degreesOfFreedom stream)

    /// The log-density as a tensor function of parameters and x, matrices in the last two axes; the parameters are not checked.
    let tensorLogDensity (degreesOfFreedom: Tensor) (factor: Tensor) (x: Tensor) : Tensor =
        let d = factor.Dims[factor.Rank - 1]

        let density x =
            let own = Tensor.cholesky x

            degreesOfFreedom * (Lifted.logDiagonal factor - 0.5 * float d * log 2.0)
            - (degreesOfFreedom + float (d + 1)) * Lifted.logDiagonal own
            - 0.5 * Lifted.traceOfRatio own factor
            - Lifted.logMultivariateGamma d (0.5 * degreesOfFreedom)

        Lifted.withinMatrices (Lifted.isPositiveDefinite d x) d density x

    /// The differential entropy of inverse Wishart distributions.
    let internal tensorEntropy (degreesOfFreedom: Tensor) (factor: Tensor) : Tensor =
        let d = factor.Dims[factor.Rank - 1]
        let half = 0.5 * degreesOfFreedom

        Lifted.logMultivariateGamma d half
        + half * float d
        + float (d + 1) * (Lifted.logDiagonal factor - 0.5 * float d * log 2.0)
        - 0.5 * (degreesOfFreedom + float (d + 1)) * Lifted.multivariateDigamma d half

    /// KL of two inverse Wishart distributions: that of the Wishart distributions of the inverses.
    let internal divergence (nu1: Tensor) (l1: Tensor) (nu2: Tensor) (l2: Tensor) : Tensor =
        let d = l1.Dims[l1.Rank - 1]
        let trace = Lifted.traceOfRatio l1 l2
        Wishart.divergence d nu1 -(Lifted.logDiagonal l1) nu2 -(Lifted.logDiagonal l2) trace

    /// Inverse Wishart distributions as values: degrees of freedom (batch) and lower factors (batch x D x D) of Ψ.
    let distribution (degreesOfFreedom: Tensor) (factor: Tensor) : IDistribution =
        let struct (d, batch) = Wishart.shapeOf degreesOfFreedom factor
        let nu = degreesOfFreedom |> Tensor.unsqueeze -1 |> Tensor.unsqueeze -1
        let excess = nu - float d

        Distribution.ofParts
            {
                Name = "inverse-wishart"
                Parameters = [| degreesOfFreedom; factor |]
                Support = Support.PositiveDefinite d
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity degreesOfFreedom factor
                Sample =
                    Lifted.eachBlock batch [| d; d |] [| struct (degreesOfFreedom, 0); struct (factor, 2) |] (fun p ->
                        sample (Array.head p[0]) p[1])
                Mean =
                    fun () ->
                        let exists = Tensor.gt excess Lifted.unit

                        Lifted.square factor / (Tensor.where exists excess (Tensor.scalar 2.0) - 1.0)
                        |> Lifted.otherwise nan exists
                Variance =
                    fun () ->
                        let exists = Tensor.gt excess (Tensor.scalar 3.0)
                        let e = Tensor.where exists excess (Tensor.scalar 4.0)
                        let psi = Lifted.square factor

                        ((e + 1.0) * Tensor.square psi + (e - 1.0) * Lifted.diagonalProducts psi)
                        / (e * Tensor.square (e - 1.0) * (e - 3.0))
                        |> Lifted.otherwise nan exists
                Entropy = ValueSome(fun () -> tensorEntropy degreesOfFreedom factor)
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence degreesOfFreedom factor q[0] q[1]))
            }
