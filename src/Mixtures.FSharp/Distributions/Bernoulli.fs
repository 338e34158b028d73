namespace Mixtures

open System

/// The Bernoulli distribution on 0 and 1, by the probability of 1 or by its log-odds (logit).
[<RequireQualifiedAccess>]
module Bernoulli =
    let internal check (probability: float) =
        Parameter.probability (nameof probability) probability

    /// The log-density without a check of the parameters.
    let internal kernel (probability: float) (x: float) =
        if x = 1.0 then log probability
        elif x = 0.0 then SpecialFunctions.log1p -probability
        else Double.NegativeInfinity

    /// The log-density without a check of the parameters.
    let internal logitKernel (logit: float) (x: float) =
        if x = 1.0 then -(SpecialFunctions.softplus -logit)
        elif x = 0.0 then -(SpecialFunctions.softplus logit)
        else Double.NegativeInfinity

    /// The log-probability of x in nats; minus infinity where x is neither 0 nor 1.
    let logDensity (probability: float) (x: float) =
        check probability
        kernel probability x

    /// The log-probability of x in nats given the log-odds, which keep probabilities near 0 and 1 apart from them.
    let logDensityOfLogit (logit: float) (x: float) =
        Parameter.logit (nameof logit) logit
        logitKernel logit x

    /// The probability that a draw is at most x.
    let cdf (probability: float) (x: float) =
        check probability

        if x < 0.0 then 0.0
        elif x < 1.0 then 1.0 - probability
        else 1.0

    /// The mean: the probability.
    let mean (probability: float) =
        check probability
        probability

    /// The variance: p (1 - p).
    let variance (probability: float) =
        check probability
        probability * (1.0 - probability)

    /// The entropy in nats.
    let entropy (probability: float) =
        check probability
        let other = 1.0 - probability

        (if probability = 0.0 then
             0.0
         else
             -probability * log probability)
        - (if other = 0.0 then
               0.0
           else
               other * SpecialFunctions.log1p -probability)

    /// A draw, 0 or 1.
    let sample (probability: float) (stream: RandomStream) =
        check probability
        if stream.NextDouble() < probability then 1.0 else 0.0

    /// A draw, 0 or 1, given the log-odds.
    let sampleOfLogit (logit: float) (stream: RandomStream) =
        Parameter.logit (nameof logit) logit
        sample (SpecialFunctions.sigmoid logit) stream

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (probability: Tensor) (x: Tensor) : Tensor =
        let density (x: Tensor) =
            Tensor.xlogy x probability + Lifted.xlogComplement (1.0 - x) probability

        Lifted.within (Lifted.isOneOf 0.0 1.0 x) 0.0 density x

    /// The same by log-odds.
    let tensorLogDensityOfLogits (logits: Tensor) (x: Tensor) : Tensor =
        Lifted.within (Lifted.isOneOf 0.0 1.0 x) 0.0 (fun x -> -(Tensor.softplus ((1.0 - 2.0 * x) * logits))) x

    /// KL of two Bernoulli distributions by their probabilities.
    let internal divergence (p: Tensor) (q: Tensor) : Tensor =
        Tensor.xlogy p p - Tensor.xlogy p q + Lifted.xlogComplement (1.0 - p) p
        - Lifted.xlogComplement (1.0 - p) q

    let private ofProbability (probability: Tensor) (logDensity: Tensor -> Tensor) : IDistribution =
        Distribution.ofParts
            {
                Name = "bernoulli"
                Parameters = [| probability |]
                Support = Support.Boolean
                BatchShape = probability.Dims
                IsReparametrised = false
                LogDensity = logDensity
                Sample = Lifted.each probability.Dims [| probability |] (fun p -> sample p[0])
                Mean = fun () -> probability
                Variance = fun () -> probability * (1.0 - probability)
                Entropy =
                    ValueSome(fun () ->
                        -(Tensor.xlogy probability probability)
                        - Lifted.xlogComplement (1.0 - probability) probability)
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence probability q[0]))
            }

    /// Bernoulli distributions as values, by the probability of 1.
    let distribution (probability: Tensor) : IDistribution =
        TensorParameter.probability (nameof probability) probability
        ofProbability probability (tensorLogDensity probability)

    /// Bernoulli distributions as values, by log-odds. Their parameter, mean and entropy go through the probability.
    let distributionOfLogits (logits: Tensor) : IDistribution =
        TensorParameter.logit (nameof logits) logits
        ofProbability (Tensor.sigmoid logits) (tensorLogDensityOfLogits logits)
