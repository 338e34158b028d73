namespace Mixtures

open System

/// The exponential distribution on the non-negative reals, by its rate (the reciprocal of the mean).
[<RequireQualifiedAccess>]
module Exponential =
    let internal check (rate: float) = Parameter.positive (nameof rate) rate

    /// The log-density without a check of the parameters.
    let internal kernel (rate: float) (x: float) =
        if x >= 0.0 then
            log rate - rate * x
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity below 0.
    let logDensity (rate: float) (x: float) =
        check rate
        kernel rate x

    /// The probability that a draw is at most x.
    let cdf (rate: float) (x: float) =
        check rate

        if x <= 0.0 then
            0.0
        else
            -(SpecialFunctions.expm1 (-rate * x))

    /// The x that a draw does not exceed with the given probability.
    let quantile (rate: float) (probability: float) =
        check rate
        Parameter.probability (nameof probability) probability
        -(SpecialFunctions.log1p -probability) / rate

    /// The mean: 1 / rate.
    let mean (rate: float) =
        check rate
        1.0 / rate

    /// The variance: 1 / rate².
    let variance (rate: float) =
        check rate
        1.0 / rate / rate

    /// The differential entropy in nats: 1 - log rate.
    let entropy (rate: float) =
        check rate
        1.0 - log rate

    /// A draw.
    let sample (rate: float) (stream: RandomStream) =
        check rate
        min Double.MaxValue (stream.NextExponential() / rate)

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (rate: Tensor) (x: Tensor) : Tensor =
        Lifted.within (Lifted.isNonNegative x) 1.0 (fun x -> Tensor.log rate - rate * x) x

    /// Exponential distributions as values, by rate.
    let distribution (rate: Tensor) : IDistribution =
        TensorParameter.positive (nameof rate) rate
        let batch = Lifted.batchOf [| rate |]

        Distribution.ofParts
            {
                Name = "exponential"
                Parameters = [| rate |]
                Support = Support.NonNegative
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity rate
                Sample = fun stream -> Lifted.noise batch _.NextExponential() stream / rate
                Mean = fun () -> 1.0 / rate
                Variance = fun () -> 1.0 / rate / rate
                Entropy = ValueSome(fun () -> 1.0 - Tensor.log rate)
                KullbackLeibler =
                    ValueSome(fun q ->
                        let ratio: Tensor = q[0] / rate
                        ValueSome(ratio - 1.0 - Tensor.log ratio))
            }
