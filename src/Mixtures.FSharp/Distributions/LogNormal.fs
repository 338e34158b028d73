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

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (location: Tensor) (scale: Tensor) (x: Tensor) : Tensor =
        let mask = Lifted.isPositive x

        let density x =
            let logX = Tensor.log x
            Normal.tensorLogDensity location scale logX - logX

        Lifted.within mask 1.0 density x

    /// Log-normal distributions as values.
    let distribution (location: Tensor) (scale: Tensor) : IDistribution =
        TensorParameter.finite (nameof location) location
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| location; scale |]

        Distribution.ofParts
            {
                Name = "log-normal"
                Parameters = [| location; scale |]
                Support = Support.Positive
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity location scale
                Sample =
                    fun stream ->
                        Tensor.exp (location + scale * Lifted.noise batch _.NextNormal() stream)
                        |> Tensor.clamp Double.Epsilon Double.MaxValue
                Mean = fun () -> Tensor.exp (location + 0.5 * Tensor.square scale)
                Variance =
                    fun () ->
                        let s = Tensor.square scale
                        Tensor.exp (2.0 * location + s + Tensor.log1p (-(Tensor.exp -s)) + s)
                Entropy = ValueSome(fun () -> location + Tensor.log scale + Normal.entropy 0.0 1.0)
                KullbackLeibler = ValueSome(fun q -> ValueSome(Normal.divergence location scale q[0] q[1]))
            }
