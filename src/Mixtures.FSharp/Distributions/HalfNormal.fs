namespace Mixtures

open System

/// The half-normal distribution on the non-negative reals: the absolute value of a normal variable of mean 0 and standard
/// deviation scale.
[<RequireQualifiedAccess>]
module HalfNormal =
    [<Literal>]
    let private RootTwo = 1.4142135623730950488

    [<Literal>]
    let private LogTwo = 0.69314718055994530942

    let internal check (scale: float) = Parameter.positive (nameof scale) scale

    /// The log-density without a check of the parameters.
    let internal kernel (scale: float) (x: float) =
        if x >= 0.0 then
            LogTwo + Normal.kernel 0.0 scale x
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity below 0.
    let logDensity (scale: float) (x: float) =
        check scale
        kernel scale x

    /// The probability that a draw is at most x.
    let cdf (scale: float) (x: float) =
        check scale

        if x <= 0.0 then
            0.0
        else
            ErrorFunction.erf (x / scale / RootTwo)

    /// The x that a draw does not exceed with the given probability.
    let quantile (scale: float) (probability: float) =
        check scale
        Parameter.probability (nameof probability) probability
        scale * RootTwo * ErrorFunction.erfInv probability

    /// The mean: scale √(2/π).
    let mean (scale: float) =
        check scale
        scale * sqrt (2.0 / Math.PI)

    /// The variance: scale² (1 - 2/π).
    let variance (scale: float) =
        check scale
        scale * scale * (1.0 - 2.0 / Math.PI)

    /// The differential entropy in nats: ½ log(πe scale² / 2).
    let entropy (scale: float) = Normal.entropy 0.0 scale - LogTwo

    /// A draw.
    let sample (scale: float) (stream: RandomStream) =
        check scale
        min Double.MaxValue (scale * abs (stream.NextNormal()))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (scale: Tensor) (x: Tensor) : Tensor =
        let inside = Normal.tensorLogDensity Lifted.nothing scale x + LogTwo
        Lifted.otherwise Double.NegativeInfinity (Lifted.isNonNegative x) inside

    /// Half-normal distributions as values.
    let distribution (scale: Tensor) : IDistribution =
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| scale |]

        Distribution.ofParts
            {
                Name = "half-normal"
                Parameters = [| scale |]
                Support = Support.NonNegative
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity scale
                Sample = fun stream -> scale * Lifted.noise batch (fun stream -> abs (stream.NextNormal())) stream
                Mean = fun () -> scale * sqrt (2.0 / Math.PI)
                Variance = fun () -> Tensor.square scale * (1.0 - 2.0 / Math.PI)
                Entropy = ValueSome(fun () -> Tensor.log scale + Normal.entropy 0.0 1.0 - LogTwo)
                KullbackLeibler =
                    ValueSome(fun q -> ValueSome(Normal.divergence Lifted.nothing scale Lifted.nothing q[0]))
            }
