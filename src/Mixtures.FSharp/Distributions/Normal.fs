namespace Mixtures

open System

/// The normal distribution N(location, scale²) on the reals: scale is the standard deviation.
[<RequireQualifiedAccess>]
module Normal =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    let internal check (location: float) (scale: float) =
        Parameter.finite (nameof location) location
        Parameter.positive (nameof scale) scale

    /// (x - location) / scale, also where the difference overflows.
    let inline internal standardise (location: float) (scale: float) (x: float) =
        let difference = x - location

        if Double.IsInfinity difference then
            (0.5 * x - 0.5 * location) / (0.5 * scale)
        else
            difference / scale

    /// The log-density without a check of the parameters.
    let inline internal kernel (location: float) (scale: float) (x: float) =
        let z = standardise location scale x
        -0.5 * z * z - log scale - HalfLogTwoPi

    /// The log-density in nats; minus infinity where x is infinite or not a number.
    let logDensity (location: float) (scale: float) (x: float) =
        check location scale

        if Double.IsFinite x then
            kernel location scale x
        else
            Double.NegativeInfinity

    /// The probability that a draw is at most x.
    let cdf (location: float) (scale: float) (x: float) =
        check location scale
        ErrorFunction.normalCdf (standardise location scale x)

    /// The x that a draw does not exceed with the given probability.
    let quantile (location: float) (scale: float) (probability: float) =
        check location scale
        Parameter.probability (nameof probability) probability
        location + scale * ErrorFunction.normalQuantile probability

    /// The mean: the location.
    let mean (location: float) (scale: float) =
        check location scale
        location

    /// The variance: scale².
    let variance (location: float) (scale: float) =
        check location scale
        scale * scale

    /// The differential entropy in nats: ½ log(2πe scale²).
    let entropy (location: float) (scale: float) =
        check location scale
        0.5 + HalfLogTwoPi + log scale

    /// A draw (Marsaglia's polar method).
    let sample (location: float) (scale: float) (stream: RandomStream) =
        check location scale
        Draw.real (location + scale * stream.NextNormal())

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (location: Tensor) (scale: Tensor) (x: Tensor) : Tensor =
        // beyond 1e150 standard deviations squares overflow
        let z = (x.Detach() - location.Detach()) / scale.Detach()
        let mask = Lifted.isBetween -1e150 1e150 z * Lifted.isFinite x
        let z = (Tensor.where mask x location - location) / scale
        Lifted.otherwise Double.NegativeInfinity mask (-0.5 * Tensor.square z - Tensor.log scale - HalfLogTwoPi)

    /// KL of two normal distributions by their locations and scales.
    let internal divergence (l1: Tensor) (s1: Tensor) (l2: Tensor) (s2: Tensor) : Tensor =
        let ratio = s1 / s2

        0.5 * (Tensor.square ratio + Tensor.square ((l1 - l2) / s2) - 1.0)
        - Tensor.log ratio

    /// Normal distributions as values; scale is the standard deviation.
    let distribution (location: Tensor) (scale: Tensor) : IDistribution =
        TensorParameter.finite (nameof location) location
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| location; scale |]

        Distribution.ofParts
            {
                Name = "normal"
                Parameters = [| location; scale |]
                Support = Support.Real
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity location scale
                Sample = fun stream -> location + scale * Lifted.noise batch _.NextNormal() stream
                Mean = fun () -> Lifted.stretch batch location
                Variance = fun () -> Lifted.stretch batch (Tensor.square scale)
                Entropy = ValueSome(fun () -> Lifted.stretch batch (Tensor.log scale + (0.5 + HalfLogTwoPi)))
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence location scale q[0] q[1]))
            }
