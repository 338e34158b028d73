namespace Mixtures

open System

/// The negative binomial distribution of the number of failures before a number of successes, each trial having the same
/// probability of success. The number of successes is any positive real: a Poisson count whose rate is gamma of that shape
/// and of rate p / (1 - p).
[<RequireQualifiedAccess>]
module NegativeBinomial =
    let internal check (successes: float) (probability: float) =
        Parameter.positive (nameof successes) successes
        Parameter.positiveProbability (nameof probability) probability

    /// The log-density without a check of the parameters.
    let internal kernel (successes: float) (probability: float) (x: float) =
        if x = 0.0 then
            if probability > 0.5 then
                successes * SpecialFunctions.log1p -(1.0 - probability)
            else
                successes * log probability
        elif Whole.isCount x && probability < 1.0 then
            Deviance.logBetaPower successes x probability (1.0 - probability) - log x
        else
            Double.NegativeInfinity

    /// The log-probability of x in nats; minus infinity where x is not a whole number of at least 0.
    let logDensity (successes: float) (probability: float) (x: float) =
        check successes probability
        kernel successes probability x

    let private cdfOf (successes: float) (probability: float) (x: float) =
        if x >= 0.0 then
            let struct (p, _) =
                IncompleteBeta.bothOf successes (Math.Floor x + 1.0) probability (1.0 - probability)

            p
        else
            0.0

    /// The probability that a draw is at most x.
    let cdf (successes: float) (probability: float) (x: float) =
        check successes probability

        if Double.IsPositiveInfinity x then
            1.0
        else
            cdfOf successes probability x

    /// The mean: r (1 - p) / p.
    let mean (successes: float) (probability: float) =
        check successes probability
        successes * ((1.0 - probability) / probability)

    /// The variance: r (1 - p) / p².
    let variance (successes: float) (probability: float) =
        check successes probability
        successes * ((1.0 - probability) / probability) / probability

    /// The least whole number that a draw does not exceed with at least the given level; plus infinity at 1.
    let quantile (successes: float) (probability: float) (level: float) =
        check successes probability
        Parameter.probability (nameof level) level

        let guess =
            mean successes probability
            + ErrorFunction.normalQuantile level * sqrt (variance successes probability)

        Whole.quantile (cdfOf successes probability) Double.PositiveInfinity guess level

    /// A draw.
    let sample (successes: float) (probability: float) (stream: RandomStream) =
        check successes probability

        if probability = 1.0 then
            0.0
        else
            let logRate =
                Gamma.sampleLogStandard successes stream + SpecialFunctions.log1p -probability
                - log probability

            Poisson.sampleUnchecked (min Double.MaxValue (exp logRate)) stream

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (successes: Tensor) (probability: Tensor) (x: Tensor) : Tensor =
        let density (x: Tensor) =
            Tensor.lgamma (x + successes)
            - Tensor.lgamma successes
            - Tensor.lgamma (x + 1.0)
            + successes * Tensor.log probability
            + Lifted.xlogComplement x probability

        Lifted.within (Lifted.satisfies Whole.isCount x) 0.0 density x

    /// Negative binomial distributions as values, of the failures before the given number of successes.
    let distribution (successes: Tensor) (probability: Tensor) : IDistribution =
        TensorParameter.positive (nameof successes) successes
        TensorParameter.positiveProbability (nameof probability) probability
        let batch = Lifted.batchOf [| successes; probability |]

        let mean () =
            successes * ((1.0 - probability) / probability)

        Distribution.ofParts
            {
                Name = "negative-binomial"
                Parameters = [| successes; probability |]
                Support = Support.NonNegativeInteger
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity successes probability
                Sample = Lifted.each batch [| successes; probability |] (fun p -> sample p[0] p[1])
                Mean = mean
                Variance = fun () -> mean () / probability
                Entropy = ValueNone
                KullbackLeibler =
                    ValueSome(fun q ->
                        if Lifted.sameNumbers successes q[0] then
                            ValueSome(
                                successes * Tensor.log (probability / q[1])
                                + Lifted.xlogComplement (mean ()) probability
                                - Lifted.xlogComplement (mean ()) q[1]
                            )
                        else
                            ValueNone)
            }
