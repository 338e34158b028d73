namespace Mixtures

open System

/// The gamma distribution on the positive reals, by shape and rate (the reciprocal of the scale):
/// rateˢʰᵃᵖᵉ / Γ(shape) xˢʰᵃᵖᵉ⁻¹ exp(-rate x).
[<RequireQualifiedAccess>]
module Gamma =
    let internal check (shape: float) (rate: float) =
        Parameter.positive (nameof shape) shape
        Parameter.positive (nameof rate) rate

    /// shape log m - m - log Γ(shape), with m given and its logarithm as a sum for where m is out of range.
    let internal logPower (shape: float) (m: float) (logA: float) (logB: float) =
        if Double.IsNormal m || Double.IsPositiveInfinity m then
            Deviance.logPoisson shape m + log shape
        else
            shape * (logA + logB) - SpecialFunctions.logGamma1p shape + log shape

    /// The log-density without a check of the parameters.
    let internal kernel (shape: float) (rate: float) (x: float) =
        if x > 0.0 && Double.IsFinite x then
            logPower shape (rate * x) (log rate) (log x) - log x
        elif x = 0.0 && shape <= 1.0 then
            if shape = 1.0 then log rate else Double.PositiveInfinity
        else
            Double.NegativeInfinity

    /// The log-density in nats; at 0 it is plus infinity for shapes below 1 and log rate for shape 1.
    let logDensity (shape: float) (rate: float) (x: float) =
        check shape rate
        kernel shape rate x

    /// The probability that a draw is at most x.
    let cdf (shape: float) (rate: float) (x: float) =
        check shape rate

        if x <= 0.0 then
            0.0
        else
            IncompleteGamma.lower shape (rate * x)

    /// The x that a draw does not exceed with the given probability.
    let quantile (shape: float) (rate: float) (probability: float) =
        check shape rate
        Parameter.probability (nameof probability) probability
        IncompleteGamma.inverseLower shape probability / rate

    /// The mean: shape / rate.
    let mean (shape: float) (rate: float) =
        check shape rate
        shape / rate

    /// The variance: shape / rate².
    let variance (shape: float) (rate: float) =
        check shape rate
        shape / rate / rate

    /// The differential entropy in nats: shape - log rate + log Γ(shape) + (1 - shape) ψ(shape).
    let entropy (shape: float) (rate: float) =
        check shape rate

        shape - log rate
        + SpecialFunctions.logGamma shape
        + (1.0 - shape) * SpecialFunctions.digamma shape

    /// A draw of shape at least 1 and rate 1 (Marsaglia & Tsang 2000).
    let private standard (shape: float) (stream: RandomStream) =
        let d = shape - 1.0 / 3.0
        let c = 1.0 / sqrt (9.0 * d)
        let mutable result = nan

        while Double.IsNaN result do
            let x = stream.NextNormal()
            let root = 1.0 + c * x

            if root > 0.0 then
                let v = root * root * root
                let bound = 0.5 * x * x + d - d * v + d * log v

                if -(stream.NextExponential()) < bound then
                    result <- d * v

        result

    /// The logarithm of a draw of rate 1, which keeps the draws of small shapes that round to zero: below shape 1,
    /// a draw of shape + 1 times uniform^(1/shape).
    let internal sampleLogStandard (shape: float) (stream: RandomStream) =
        if shape >= 1.0 then
            log (standard shape stream)
        else
            log (standard (shape + 1.0) stream) - stream.NextExponential() / shape

    /// The logarithm of a draw.
    let sampleLog (shape: float) (rate: float) (stream: RandomStream) =
        check shape rate
        sampleLogStandard shape stream - log rate

    /// A draw (Marsaglia & Tsang 2000); one that rounds to zero is given as the least positive number (sampleLog has it).
    let sample (shape: float) (rate: float) (stream: RandomStream) =
        check shape rate

        if shape >= 1.0 then
            Draw.positive (standard shape stream / rate)
        else
            Draw.positive (exp (sampleLogStandard shape stream - log rate))

    /// The logarithms of draws of rate 1 for shapes, differentiable in these.
    let internal tensorSampleLog (shape: Tensor) (stream: RandomStream) : Tensor =
        ImplicitDraw.logGamma sampleLogStandard shape stream

    /// The exponential of logarithms of draws, within the range of positive numbers.
    let internal tensorOfLog (logs: Tensor) : Tensor =
        Tensor.exp logs |> Tensor.clamp Double.Epsilon Double.MaxValue

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (shape: Tensor) (rate: Tensor) (x: Tensor) : Tensor =
        let density x =
            Tensor.xlogy (shape - 1.0) x + shape * Tensor.log rate
            - rate * x
            - Tensor.lgamma shape

        Lifted.within (Lifted.isNonNegative x) 1.0 density x

    /// KL of two gamma distributions by their shapes and rates.
    let internal divergence (a1: Tensor) (b1: Tensor) (a2: Tensor) (b2: Tensor) : Tensor =
        (a1 - a2) * Tensor.digamma a1 - Tensor.lgamma a1
        + Tensor.lgamma a2
        + a2 * Tensor.log (b1 / b2)
        + a1 * ((b2 - b1) / b1)

    /// Gamma distributions as values, by shape and rate; draws are differentiable in both, once.
    let distribution (shape: Tensor) (rate: Tensor) : IDistribution =
        TensorParameter.positive (nameof shape) shape
        TensorParameter.positive (nameof rate) rate
        let batch = Lifted.batchOf [| shape; rate |]

        Distribution.ofParts
            {
                Name = "gamma"
                Parameters = [| shape; rate |]
                Support = Support.Positive
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity shape rate
                Sample =
                    fun stream ->
                        tensorSampleLog (Lifted.stretch batch shape) stream - Tensor.log rate
                        |> tensorOfLog
                Mean = fun () -> shape / rate
                Variance = fun () -> shape / rate / rate
                Entropy =
                    ValueSome(fun () ->
                        shape - Tensor.log rate
                        + Tensor.lgamma shape
                        + (1.0 - shape) * Tensor.digamma shape)
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence shape rate q[0] q[1]))
            }
