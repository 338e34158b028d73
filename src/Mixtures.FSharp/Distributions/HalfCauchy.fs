namespace Mixtures

open System

/// The half-Cauchy distribution on the non-negative reals: the absolute value of a Cauchy variable, of density
/// 2 / (π scale (1 + (x / scale)²)); scale is the median.
[<RequireQualifiedAccess>]
module HalfCauchy =
    [<Literal>]
    let private LogTwoOverPi = -0.45158270528945486473

    let internal check (scale: float) = Parameter.positive (nameof scale) scale

    /// log(1 + z²) for z ≥ 0, given log z for where the square is out of range.
    let internal logOnePlusSquare (z: float) (logZ: float) =
        if z < 1e8 then
            SpecialFunctions.log1p (z * z)
        else
            2.0 * logZ

    /// The log-density without a check of the parameters.
    let internal kernel (scale: float) (x: float) =
        if x >= 0.0 then
            LogTwoOverPi - log scale - logOnePlusSquare (x / scale) (log x - log scale)
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity below 0.
    let logDensity (scale: float) (x: float) =
        check scale
        kernel scale x

    /// The probability that a draw is at most x: 2/π atan(x / scale).
    let cdf (scale: float) (x: float) =
        check scale
        if x <= 0.0 then 0.0 else 2.0 / Math.PI * atan (x / scale)

    /// The x that a draw does not exceed with the given probability: scale tan(π/2 probability).
    let quantile (scale: float) (probability: float) =
        check scale
        Parameter.probability (nameof probability) probability

        if probability <= 0.5 then
            scale * Double.TanPi(0.5 * probability)
        else
            scale / Double.TanPi(0.5 * (1.0 - probability))

    /// The mean: plus infinity.
    let mean (scale: float) =
        check scale
        Double.PositiveInfinity

    /// The variance: plus infinity.
    let variance (scale: float) =
        check scale
        Double.PositiveInfinity

    /// The differential entropy in nats: log(2π scale).
    let entropy (scale: float) =
        check scale
        log (2.0 * Math.PI) + log scale

    /// A draw.
    let sample (scale: float) (stream: RandomStream) =
        check scale
        Draw.positive (quantile scale (stream.NextDouble()))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (scale: Tensor) (x: Tensor) : Tensor =
        let density x =
            LogTwoOverPi - Tensor.log scale - Lifted.logOnePlusSquare (x / scale)

        Lifted.within (Lifted.isNonNegative x) 1.0 density x

    /// Half-Cauchy distributions as values.
    let distribution (scale: Tensor) : IDistribution =
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| scale |]

        Distribution.ofParts
            {
                Name = "half-cauchy"
                Parameters = [| scale |]
                Support = Support.NonNegative
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity scale
                Sample = fun stream -> scale * Lifted.noise batch (sample 1.0) stream
                Mean = fun () -> Tensor.full batch Double.PositiveInfinity
                Variance = fun () -> Tensor.full batch Double.PositiveInfinity
                Entropy = ValueSome(fun () -> Tensor.log scale + log (2.0 * Math.PI))
                KullbackLeibler =
                    ValueSome(fun q ->
                        let ratio: Tensor = q[0] / scale
                        ValueSome(2.0 * Tensor.log (0.5 * (1.0 + ratio)) - Tensor.log ratio))
            }
