namespace Mixtures

open System

/// The Poisson distribution of counts, by its rate (the mean), which may be 0.
[<RequireQualifiedAccess>]
module Poisson =
    let internal check (rate: float) =
        Parameter.nonNegative (nameof rate) rate

    /// The log-density without a check of the parameters.
    let internal kernel (rate: float) (x: float) =
        if Whole.isCount x then
            Deviance.logPoisson x rate
        else
            Double.NegativeInfinity

    /// The log-probability of x in nats (Loader 2000); minus infinity where x is not a whole number of at least 0.
    let logDensity (rate: float) (x: float) =
        check rate
        kernel rate x

    let private cdfOf (rate: float) (x: float) =
        if x >= 0.0 then
            IncompleteGamma.upper (Math.Floor x + 1.0) rate
        else
            0.0

    /// The probability that a draw is at most x.
    let cdf (rate: float) (x: float) =
        check rate
        if Double.IsPositiveInfinity x then 1.0 else cdfOf rate x

    /// The least whole number that a draw does not exceed with at least the given level; plus infinity at 1.
    let quantile (rate: float) (level: float) =
        check rate
        Parameter.probability (nameof level) level
        let guess = rate + ErrorFunction.normalQuantile level * sqrt rate
        Whole.quantile (cdfOf rate) Double.PositiveInfinity guess level

    /// The mean: the rate.
    let mean (rate: float) =
        check rate
        rate

    /// The variance: the rate.
    let variance (rate: float) =
        check rate
        rate

    /// A draw for a rate below 10: arrivals of exponential distances are counted.
    let private byArrivals (rate: float) (stream: RandomStream) =
        let mutable count = 0.0
        let mutable time = stream.NextExponential()

        while time < rate do
            count <- count + 1.0
            time <- time + stream.NextExponential()

        count

    /// A draw for a rate of at least 10: transformed rejection (Hörmann 1993, algorithm PTRS).
    let private byRejection (rate: float) (stream: RandomStream) =
        let b = 0.931 + 2.53 * sqrt rate
        let a = -0.059 + 0.02483 * b
        let logInverseAlpha = log (1.1239 + 1.1328 / (b - 3.4))
        let square = 0.9277 - 3.6224 / (b - 2.0)
        let mutable result = nan

        while Double.IsNaN result do
            let u = stream.NextDouble() - 0.5
            let v = stream.NextDouble()
            let us = 0.5 - abs u
            let k = Math.Floor((2.0 * a / us + b) * u + rate + 0.43)

            if us >= 0.07 && v <= square then
                result <- k
            elif k >= 0.0 && (us >= 0.013 || v <= us) then
                if log v + logInverseAlpha - log (a / (us * us) + b) <= Deviance.logPoisson k rate then
                    result <- k

        result

    let internal sampleUnchecked (rate: float) (stream: RandomStream) =
        if rate < 10.0 then
            byArrivals rate stream
        else
            byRejection rate stream

    /// A draw.
    let sample (rate: float) (stream: RandomStream) =
        check rate
        sampleUnchecked rate stream

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (rate: Tensor) (x: Tensor) : Tensor =
        let density (x: Tensor) =
            Tensor.xlogy x rate - rate - Tensor.lgamma (x + 1.0)

        Lifted.within (Lifted.satisfies Whole.isCount x) 0.0 density x

    /// Poisson distributions as values, by rate.
    let distribution (rate: Tensor) : IDistribution =
        TensorParameter.nonNegative (nameof rate) rate
        let batch = Lifted.batchOf [| rate |]

        Distribution.ofParts
            {
                Name = "poisson"
                Parameters = [| rate |]
                Support = Support.NonNegativeInteger
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity rate
                Sample = Lifted.each batch [| rate |] (fun p -> sample p[0])
                Mean = fun () -> rate
                Variance = fun () -> rate
                Entropy = ValueNone
                KullbackLeibler =
                    ValueSome(fun q -> ValueSome(Tensor.xlogy rate rate - Tensor.xlogy rate q[0] - rate + q[0]))
            }
