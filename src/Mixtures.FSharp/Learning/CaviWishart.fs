namespace Mixtures

open System

/// Wishart distributions of precision matrices by degrees of freedom ν and inverse scale matrix Ψ: E Λ = ν Ψ⁻¹. Of one
/// dimension, gamma distributions of shape ν/2 and rate Ψ/2.
[<RequireQualifiedAccess>]
module internal CaviWishart =

    let private factorOf p (psi: ReadOnlySpan<float>) =
        match Cholesky.tryFactor p psi with
        | ValueSome l -> l
        | ValueNone -> invalidArg (nameof psi) "expected positive definite scale matrices, received one that is not"

    /// E log |Λ| - log |E Λ|, which depends on ν alone.
    let logGap p (nu: float) =
        let mutable sum = float p * log (2.0 / nu)

        for i in 0 .. p - 1 do
            sum <- sum + SpecialFunctions.digamma (0.5 * (nu - float i))

        sum

    let private logMultivariateGamma p (x: float) =
        let mutable sum = 0.25 * float (p * (p - 1)) * log Math.PI

        for i in 0 .. p - 1 do
            sum <- sum + SpecialFunctions.logGamma (x - 0.5 * float i)

        sum

    /// The divergence from (ν, Ψ) to the prior (ν₀, Ψ₀), in nats.
    let divergence p (nu: float) (psi: ReadOnlySpan<float>) (nu0: float) (psi0: ReadOnlySpan<float>) : float =
        let l, l0 = factorOf p psi, factorOf p psi0
        let logPsi, logPsi0 = Cholesky.logDeterminant p l, Cholesky.logDeterminant p l0
        let logPrecision = logGap p nu + float p * log nu - logPsi

        // tr(Ψ₀ Ψ⁻¹) = |L⁻¹ L₀|²
        let mutable trace = 0.0

        for c in 0 .. p - 1 do
            let column = Array.init p (fun i -> l0[i * p + c])
            Cholesky.solveLower p l (Span column)
            trace <- trace + Array.sumBy (fun v -> v * v) column

        0.5 * (nu - nu0) * (logPrecision - float p * log 2.0) - 0.5 * nu * float p
        + 0.5 * nu * trace
        + 0.5 * nu * logPsi
        - 0.5 * nu0 * logPsi0
        - logMultivariateGamma p (0.5 * nu)
        + logMultivariateGamma p (0.5 * nu0)

    /// xᵀ Ψ⁻¹ x.
    let quadratic p (psi: ReadOnlySpan<float>) (x: float[]) : float =
        let z = Array.copy x
        Cholesky.solveLower p (factorOf p psi) (Span z)
        Array.sumBy (fun v -> v * v) z

    /// A drawn covariance Λ⁻¹, p x p.
    let sampleCovariance p (nu: float) (psi: float[]) (stream: RandomStream) : float[] =
        InverseWishart.sample nu (factorOf p (ReadOnlySpan psi)) stream
