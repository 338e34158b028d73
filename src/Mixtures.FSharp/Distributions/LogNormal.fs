namespace Mixtures

open System

/// The log-normal distribution on the positive reals: the logarithm is normal with mean location and standard deviation
/// scale.
[<RequireQualifiedAccess>]
module LogNormal =
    /// The log-density without a check of the parameters.
    let internal kernel (location: float) (scale: float) (x: float) =
        if x > 0.0 && Double.IsFinite x then
            let logX = log x
            Normal.kernel location scale logX - logX
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity outside the positive reals.
    let logDensity (location: float) (scale: float) (x: float) =
        Normal.check location scale
        kernel location scale x

    /// The probability that a draw is at most x.
    let cdf (location: float) (scale: float) (x: float) =
        Normal.check location scale

        if x <= 0.0 then
            0.0
        else
            ErrorFunction.normalCdf ((log x - location) / scale)

    /// The x that a draw does not exceed with the given probability.
    let quantile (location: float) (scale: float) (probability: float) =
        exp (Normal.quantile location scale probability)

    /// The mean: exp(location + scale² / 2).
    let mean (location: float) (scale: float) =
        Normal.check location scale
        exp (location + 0.5 * scale * scale)

    /// The variance: (exp(scale²) - 1) exp(2 location + scale²).
    let variance (location: float) (scale: float) =
        Normal.check location scale
        let s = scale * scale
        // in one exponential, so that neither factor overflows alone
        exp (2.0 * location + s + SpecialFunctions.log1mExp -s + s)

    /// The differential entropy in nats: location + ½ log(2πe scale²).
    let entropy (location: float) (scale: float) =
        location + Normal.entropy location scale

    /// A draw; one out of the range of doubles is given as the nearest positive number.
    let sample (location: float) (scale: float) (stream: RandomStream) =
        Draw.positive (exp (Normal.sample location scale stream))
