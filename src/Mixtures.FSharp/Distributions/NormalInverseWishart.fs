namespace Mixtures

open System

/// The normal-inverse-Wishart distribution of a mean vector m (D numbers) and a covariance matrix S (D x D row by row), the
/// conjugate prior of a normal distribution: S is inverse Wishart of ν degrees of freedom and scale matrix Ψ, and m given S
/// is normal about the location with covariance S / strength. Ψ is given by its lower Cholesky factor.
[<RequireQualifiedAccess>]
module NormalInverseWishart =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    let private check (location: float[]) (strength: float) (degreesOfFreedom: float) (factor: float[]) =
        if location.Length = 0 then
            invalidArg (nameof location) "expected at least one number, received none"

        Parameter.allFinite (nameof location) location
        Parameter.positive (nameof strength) strength
        Parameter.factor (nameof factor) location.Length factor
        Parameter.above (float (location.Length - 1)) (nameof degreesOfFreedom) degreesOfFreedom

    /// The log-density in nats of a mean (D numbers) and a covariance (D x D, by its lower triangle); minus infinity where
    /// that is not symmetric and positive definite, or the mean is not finite.
    let logDensity
        (location: float[])
        (strength: float)
        (degreesOfFreedom: float)
        (factor: float[])
        (mean: ReadOnlySpan<float>)
        (covariance: ReadOnlySpan<float>)
        =
        check location strength degreesOfFreedom factor
        let d = location.Length
        Parameter.length (nameof mean) d mean.Length
        Parameter.length (nameof covariance) (d * d) covariance.Length

        match Triangular.tryFactor d covariance with
        | ValueSome own when Triangular.isFinite mean ->
            InverseWishart.logDensity degreesOfFreedom factor covariance
            - 0.5 * strength * Triangular.distance d own location mean
            - 0.5 * Cholesky.logDeterminant d own
            + float d * (0.5 * log strength - HalfLogTwoPi)
        | _ -> Double.NegativeInfinity

    /// The means of both: the location, and Ψ / (ν - D - 1), which is NaN where ν is at most D + 1.
    let mean (location: float[]) (strength: float) (degreesOfFreedom: float) (factor: float[]) =
        check location strength degreesOfFreedom factor
        struct (Array.copy location, InverseWishart.mean degreesOfFreedom factor)

    /// A draw: a mean, D numbers, and a covariance, D x D row by row.
    let sample
        (location: float[])
        (strength: float)
        (degreesOfFreedom: float)
        (factor: float[])
        (stream: RandomStream)
        : struct (float[] * float[]) =
        check location strength degreesOfFreedom factor
        let d = location.Length
        let a = Wishart.sampleStandardFactor d degreesOfFreedom stream
        let covariance = InverseWishart.sampleGiven factor a
        // m = location + L A⁻ᵀ z / √strength has covariance L A⁻ᵀ A⁻¹ Lᵀ / strength
        let z = Array.init d (fun _ -> stream.NextNormal() / sqrt strength)
        Cholesky.solveUpper d a (Span z)
        Triangular.multiply d factor z
        struct (Array.map2 (+) location z, covariance)
