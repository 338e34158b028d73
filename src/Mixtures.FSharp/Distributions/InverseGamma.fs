namespace Mixtures

open System

/// The inverse gamma distribution on the positive reals, of 1 / G where G is gamma of the same shape and of rate scale:
/// scaleˢʰᵃᵖᵉ / Γ(shape) x⁻ˢʰᵃᵖᵉ⁻¹ exp(-scale / x).
[<RequireQualifiedAccess>]
module InverseGamma =
    let internal check (shape: float) (scale: float) =
        Parameter.positive (nameof shape) shape
        Parameter.positive (nameof scale) scale

    /// The log-density without a check of the parameters.
    let internal kernel (shape: float) (scale: float) (x: float) =
        if x > 0.0 && Double.IsFinite x then
            Gamma.logPower shape (scale / x) (log scale) -(log x) - log x
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity outside the positive reals.
    let logDensity (shape: float) (scale: float) (x: float) =
        check shape scale
        kernel shape scale x

    /// The probability that a draw is at most x.
    let cdf (shape: float) (scale: float) (x: float) =
        check shape scale

        if x <= 0.0 then
            0.0
        else
            IncompleteGamma.upper shape (scale / x)

    /// The x that a draw does not exceed with the given probability.
    let quantile (shape: float) (scale: float) (probability: float) =
        check shape scale
        Parameter.probability (nameof probability) probability
        scale / IncompleteGamma.inverseUpper shape probability

    /// The mean scale / (shape - 1); plus infinity for shapes of at most 1.
    let mean (shape: float) (scale: float) =
        check shape scale

        if shape > 1.0 then
            scale / (shape - 1.0)
        else
            Double.PositiveInfinity

    /// The variance scale² / ((shape - 1)² (shape - 2)); plus infinity for shapes of at most 2.
    let variance (shape: float) (scale: float) =
        check shape scale

        if shape > 2.0 then
            let mean = scale / (shape - 1.0)
            mean * mean / (shape - 2.0)
        else
            Double.PositiveInfinity

    /// The differential entropy in nats: shape + log scale + log Γ(shape) - (1 + shape) ψ(shape).
    let entropy (shape: float) (scale: float) =
        check shape scale

        shape + log scale + SpecialFunctions.logGamma shape
        - (1.0 + shape) * SpecialFunctions.digamma shape

    /// The logarithm of a draw.
    let sampleLog (shape: float) (scale: float) (stream: RandomStream) =
        check shape scale
        log scale - Gamma.sampleLogStandard shape stream

    /// A draw; one that overflows is given as the largest number (sampleLog has it).
    let sample (shape: float) (scale: float) (stream: RandomStream) =
        Draw.positive (exp (sampleLog shape scale stream))
