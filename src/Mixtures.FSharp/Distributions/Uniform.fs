namespace Mixtures

open System

/// The uniform distribution on the interval from low to high, both included.
[<RequireQualifiedAccess>]
module Uniform =
    let internal check (low: float) (high: float) =
        Parameter.finite (nameof low) low
        Parameter.above low (nameof high) high

    /// log(high - low), also where the difference overflows.
    let internal logWidth (low: float) (high: float) =
        let width = high - low

        if Double.IsFinite width then
            log width
        else
            log (0.5 * high - 0.5 * low) + log 2.0

    /// The log-density without a check of the parameters.
    let internal kernel (low: float) (high: float) (x: float) =
        if x >= low && x <= high then
            -(logWidth low high)
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity outside the interval.
    let logDensity (low: float) (high: float) (x: float) =
        check low high
        kernel low high x

    /// The probability that a draw is at most x.
    let cdf (low: float) (high: float) (x: float) =
        check low high

        if x <= low then 0.0
        elif x >= high then 1.0
        else (0.5 * x - 0.5 * low) / (0.5 * high - 0.5 * low)

    /// The x that a draw does not exceed with the given probability.
    let quantile (low: float) (high: float) (probability: float) =
        check low high
        Parameter.probability (nameof probability) probability
        low * (1.0 - probability) + high * probability

    /// The mean: the interval's middle.
    let mean (low: float) (high: float) =
        check low high
        0.5 * low + 0.5 * high

    /// The variance: (high - low)² / 12.
    let variance (low: float) (high: float) =
        check low high
        let width = high - low
        width * width / 12.0

    /// The differential entropy in nats: log(high - low).
    let entropy (low: float) (high: float) =
        check low high
        logWidth low high

    /// A draw.
    let sample (low: float) (high: float) (stream: RandomStream) = quantile low high (stream.NextDouble())

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (low: Tensor) (high: Tensor) (x: Tensor) : Tensor =
        let mask = Tensor.ge x low * Tensor.le x high
        Lifted.otherwise Double.NegativeInfinity mask -(Tensor.log (high - low))

    /// Uniform distributions as values. The support of several is the interval that holds all of theirs.
    let distribution (low: Tensor) (high: Tensor) : IDistribution =
        TensorParameter.finite (nameof low) low
        TensorParameter.finite (nameof high) high

        if (Tensor.min (high.Detach() - low.Detach())).ToScalar() <= 0.0 then
            invalidArg (nameof high) "expected numbers above low, received one that is not"

        let batch = Lifted.batchOf [| low; high |]
        let width = high - low

        Distribution.ofParts
            {
                Name = "uniform"
                Parameters = [| low; high |]
                Support = Support.Interval((Tensor.min low).ToScalar(), (Tensor.max high).ToScalar())
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity low high
                Sample = fun stream -> low + width * Lifted.noise batch _.NextDouble() stream
                Mean = fun () -> 0.5 * low + 0.5 * high
                Variance = fun () -> Tensor.square width / 12.0
                Entropy = ValueSome(fun () -> Tensor.log width)
                KullbackLeibler =
                    ValueSome(fun q ->
                        let inside = Tensor.ge low q[0] * Tensor.le high q[1]
                        ValueSome(Lifted.otherwise Double.PositiveInfinity inside (Tensor.log ((q[1] - q[0]) / width))))
            }
