namespace Mixtures

open System

/// The binomial distribution of the number of successes in a number of independent trials, each of the same probability.
[<RequireQualifiedAccess>]
module Binomial =
    let internal check (trials: int) (probability: float) =
        Parameter.count (nameof trials) trials
        Parameter.probability (nameof probability) probability

    /// The log-density without a check of the parameters.
    let internal kernel (trials: float) (probability: float) (x: float) =
        if Whole.isCount x && x <= trials then
            Deviance.logBinomial trials x probability (1.0 - probability)
        else
            Double.NegativeInfinity

    /// The log-probability of x in nats (Loader 2000); minus infinity where x is not a whole number from 0 to trials.
    let logDensity (trials: int) (probability: float) (x: float) =
        check trials probability
        kernel (float trials) probability x

    let private cdfOf (trials: float) (probability: float) (x: float) =
        let k = Math.Floor x

        if not (k >= 0.0) then
            0.0
        elif k >= trials then
            1.0
        else
            let struct (p, _) =
                IncompleteBeta.bothOf (trials - k) (k + 1.0) (1.0 - probability) probability

            p

    /// The probability that a draw is at most x.
    let cdf (trials: int) (probability: float) (x: float) =
        check trials probability
        cdfOf (float trials) probability x

    /// The least whole number that a draw does not exceed with at least the given level.
    let quantile (trials: int) (probability: float) (level: float) =
        check trials probability
        Parameter.probability (nameof level) level
        let n = float trials

        let guess =
            n * probability
            + ErrorFunction.normalQuantile level
              * sqrt (n * probability * (1.0 - probability))

        Whole.quantile (cdfOf n probability) n guess level

    /// The mean: n p.
    let mean (trials: int) (probability: float) =
        check trials probability
        float trials * probability

    /// The variance: n p (1 - p).
    let variance (trials: int) (probability: float) =
        check trials probability
        float trials * probability * (1.0 - probability)

    /// A draw for n p < 10 and p ≤ ½: trials are passed over by geometric gaps (Devroye 1986, X.4.3).
    let private byGaps (n: float) (p: float) (stream: RandomStream) =
        let rate = -(SpecialFunctions.log1p -p)
        let mutable successes = 0.0
        let mutable at = Math.Floor(stream.NextExponential() / rate) + 1.0

        while at <= n do
            successes <- successes + 1.0
            at <- at + Math.Floor(stream.NextExponential() / rate) + 1.0

        successes

    /// A draw for n p ≥ 10 and p ≤ ½: transformed rejection (Hörmann 1993, algorithm BTRS).
    let private byRejection (n: float) (p: float) (stream: RandomStream) =
        let spread = sqrt (n * p * (1.0 - p))
        let b = 1.15 + 2.53 * spread
        let a = -0.0873 + 0.0248 * b + 0.01 * p
        let c = n * p + 0.5
        let square = 0.92 - 4.2 / b
        let alpha = (2.83 + 5.1 / b) * spread
        let logMode = kernel n p (Math.Floor((n + 1.0) * p))
        let mutable result = nan

        while Double.IsNaN result do
            let u = stream.NextDouble() - 0.5
            let v = stream.NextDouble()
            let us = 0.5 - abs u
            let k = Math.Floor((2.0 * a / us + b) * u + c)

            if k >= 0.0 && k <= n then
                if us >= 0.07 && v <= square then
                    result <- k
                elif log (v * alpha / (a / (us * us) + b)) <= kernel n p k - logMode then
                    result <- k

        result

    let internal sampleUnchecked (n: float) (probability: float) (stream: RandomStream) =
        let p = min probability (1.0 - probability)

        let successes =
            if p = 0.0 then 0.0
            elif n * p < 10.0 then byGaps n p stream
            else byRejection n p stream

        if probability > 0.5 then n - successes else successes

    /// A draw.
    let sample (trials: int) (probability: float) (stream: RandomStream) =
        check trials probability
        sampleUnchecked (float trials) probability stream

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (trials: Tensor) (probability: Tensor) (x: Tensor) : Tensor =
        let mask = Lifted.satisfies Whole.isCount x * Tensor.le x trials
        // 0 is a possible count whatever the trials
        let density (x: Tensor) =
            let failures = trials - x

            Tensor.lgamma (trials + 1.0)
            - Tensor.lgamma (x + 1.0)
            - Tensor.lgamma (failures + 1.0)
            + Tensor.xlogy x probability
            + Lifted.xlogComplement failures probability

        Lifted.within mask 0.0 density x

    /// Binomial distributions as values; trials are whole numbers. The support of several goes to the most trials.
    let distribution (trials: Tensor) (probability: Tensor) : IDistribution =
        TensorParameter.probability (nameof probability) probability

        for n in trials.ToArray() do
            if not (Whole.isCount n && n <= float Int32.MaxValue) then
                invalidArg (nameof trials) $"expected whole numbers of at least 0, received {Wording.number n}"

        let batch = Lifted.batchOf [| trials; probability |]
        let mean () = trials * probability

        Distribution.ofParts
            {
                Name = "binomial"
                Parameters = [| trials; probability |]
                Support = Support.IntegerRange(0, int ((Tensor.max trials).ToScalar()))
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity trials probability
                Sample = Lifted.each batch [| trials; probability |] (fun p -> sampleUnchecked p[0] p[1])
                Mean = mean
                Variance = fun () -> mean () * (1.0 - probability)
                Entropy = ValueNone
                KullbackLeibler =
                    ValueSome(fun q ->
                        if Lifted.sameNumbers trials q[0] then
                            ValueSome(trials * Bernoulli.divergence probability q[1])
                        else
                            ValueNone)
            }
