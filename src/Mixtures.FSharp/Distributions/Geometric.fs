namespace Mixtures

open System

/// The geometric distribution of the number of failures before the first success: support 0, 1, …; by the probability of
/// a success.
[<RequireQualifiedAccess>]
module Geometric =
    let internal check (probability: float) =
        Parameter.positiveProbability (nameof probability) probability

    /// The log-density without a check of the parameters.
    let internal kernel (probability: float) (x: float) =
        if x = 0.0 then
            log probability
        elif Whole.isCount x then
            log probability + x * SpecialFunctions.log1p -probability
        else
            Double.NegativeInfinity

    /// The log-probability of x in nats; minus infinity where x is not a whole number of at least 0.
    let logDensity (probability: float) (x: float) =
        check probability
        kernel probability x

    let private cdfOf (probability: float) (x: float) =
        if x >= 0.0 then
            -(SpecialFunctions.expm1 ((Math.Floor x + 1.0) * SpecialFunctions.log1p -probability))
        else
            0.0

    /// The probability that a draw is at most x.
    let cdf (probability: float) (x: float) =
        check probability
        cdfOf probability x

    /// The least whole number that a draw does not exceed with at least the given level; plus infinity at 1.
    let quantile (probability: float) (level: float) =
        check probability
        Parameter.probability (nameof level) level

        let guess =
            SpecialFunctions.log1p -level / SpecialFunctions.log1p -probability - 1.0

        Whole.quantile (cdfOf probability) Double.PositiveInfinity guess level

    /// The mean: (1 - p) / p.
    let mean (probability: float) =
        check probability
        (1.0 - probability) / probability

    /// The variance: (1 - p) / p².
    let variance (probability: float) =
        check probability
        (1.0 - probability) / probability / probability

    /// The entropy in nats: that of one trial, over p.
    let entropy (probability: float) =
        check probability
        Bernoulli.entropy probability / probability

    /// A draw.
    let sample (probability: float) (stream: RandomStream) =
        check probability

        if probability = 1.0 then
            0.0
        else
            min Double.MaxValue (Math.Floor(stream.NextExponential() / -(SpecialFunctions.log1p -probability)))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (probability: Tensor) (x: Tensor) : Tensor =
        let density x =
            Tensor.log probability + Lifted.xlogComplement x probability

        Lifted.within (Lifted.satisfies Whole.isCount x) 0.0 density x

    /// Geometric distributions as values, of the failures before the first success.
    let distribution (probability: Tensor) : IDistribution =
        TensorParameter.positiveProbability (nameof probability) probability
        let batch = Lifted.batchOf [| probability |]
        let mean () = (1.0 - probability) / probability

        Distribution.ofParts
            {
                Name = "geometric"
                Parameters = [| probability |]
                Support = Support.NonNegativeInteger
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity probability
                Sample = Lifted.each batch [| probability |] (fun p -> sample p[0])
                Mean = mean
                Variance = fun () -> mean () / probability
                Entropy =
                    ValueSome(fun () ->
                        -(Tensor.log probability)
                        - mean () * Lifted.xlogComplement Lifted.unit probability
                        |> Lifted.otherwise 0.0 (Tensor.lt probability Lifted.unit))
                KullbackLeibler =
                    ValueSome(fun q ->
                        ValueSome(
                            Tensor.log (probability / q[0]) + Lifted.xlogComplement (mean ()) probability
                            - Lifted.xlogComplement (mean ()) q[0]
                        ))
            }
