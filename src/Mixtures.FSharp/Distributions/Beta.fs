namespace Mixtures

open System

/// The beta distribution on the unit interval, of density x^(a-1) (1-x)^(b-1) / B(a, b).
[<RequireQualifiedAccess>]
module Beta =
    let internal check (a: float) (b: float) =
        Parameter.positive (nameof a) a
        Parameter.positive (nameof b) b

    /// The log-density at the end of the interval where the exponent is shape - 1.
    let private atEnd shape other =
        if shape < 1.0 then Double.PositiveInfinity
        elif shape = 1.0 then log other
        else Double.NegativeInfinity

    /// The log-density without a check of the parameters.
    let internal kernel (a: float) (b: float) (x: float) =
        if x > 0.0 && x < 1.0 then
            Deviance.logBetaPower a b x (1.0 - x) - log x - SpecialFunctions.log1p -x
        elif x = 0.0 then
            atEnd a b
        elif x = 1.0 then
            atEnd b a
        else
            Double.NegativeInfinity

    /// The log-density in nats; at an end of the interval it is plus infinity where that end's shape is below 1.
    let logDensity (a: float) (b: float) (x: float) =
        check a b
        kernel a b x

    /// The probability that a draw is at most x.
    let cdf (a: float) (b: float) (x: float) =
        check a b

        if x <= 0.0 then 0.0
        elif x >= 1.0 then 1.0
        else IncompleteBeta.lower a b x

    /// The x that a draw does not exceed with the given probability.
    let quantile (a: float) (b: float) (probability: float) =
        check a b
        Parameter.probability (nameof probability) probability
        IncompleteBeta.inverse a b probability

    /// The mean: a / (a + b).
    let mean (a: float) (b: float) =
        check a b
        a / (a + b)

    /// The variance: a b / ((a + b)² (a + b + 1)).
    let variance (a: float) (b: float) =
        check a b
        let total = a + b
        a / total * (b / total) / (total + 1.0)

    /// The differential entropy in nats.
    let entropy (a: float) (b: float) =
        check a b

        SpecialFunctions.logBeta a b
        - (a - 1.0) * SpecialFunctions.digamma a
        - (b - 1.0) * SpecialFunctions.digamma b
        + (a + b - 2.0) * SpecialFunctions.digamma (a + b)

    /// The log-odds log(x / (1 - x)) of a draw, which keep the draws that round to an end of the interval.
    let sampleLogit (a: float) (b: float) (stream: RandomStream) =
        check a b
        let left = Gamma.sampleLogStandard a stream
        left - Gamma.sampleLogStandard b stream

    /// A draw, by two gamma draws; one that rounds to 0 or 1 is given as the nearest number between (sampleLogit has it).
    let sample (a: float) (b: float) (stream: RandomStream) =
        Draw.unit (SpecialFunctions.sigmoid (sampleLogit a b stream))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (a: Tensor) (b: Tensor) (x: Tensor) : Tensor =
        let density x =
            Tensor.xlogy (a - 1.0) x + Lifted.xlogComplement (b - 1.0) x
            - Lifted.logBeta a b

        Lifted.within (Lifted.isBetween 0.0 1.0 x) 0.5 density x

    /// KL of two beta distributions.
    let private divergence (a1: Tensor) (b1: Tensor) (a2: Tensor) (b2: Tensor) : Tensor =
        Lifted.logBeta a2 b2 - Lifted.logBeta a1 b1
        + (a1 - a2) * Tensor.digamma a1
        + (b1 - b2) * Tensor.digamma b1
        - (a1 - a2 + b1 - b2) * Tensor.digamma (a1 + b1)

    /// Beta distributions as values; draws are differentiable in both parameters, once.
    let distribution (a: Tensor) (b: Tensor) : IDistribution =
        TensorParameter.positive (nameof a) a
        TensorParameter.positive (nameof b) b
        let batch = Lifted.batchOf [| a; b |]
        let total = a + b

        Distribution.ofParts
            {
                Name = "beta"
                Parameters = [| a; b |]
                Support = Support.UnitInterval
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity a b
                Sample =
                    fun stream ->
                        let logs t =
                            Gamma.tensorSampleLog (Lifted.stretch batch t) stream

                        let left = logs a

                        Tensor.sigmoid (left - logs b) |> Tensor.clamp Double.Epsilon Draw.BelowOne
                Mean = fun () -> a / total
                Variance = fun () -> a / total * (b / total) / (total + 1.0)
                Entropy =
                    ValueSome(fun () ->
                        Lifted.logBeta a b - (a - 1.0) * Tensor.digamma a - (b - 1.0) * Tensor.digamma b
                        + (total - 2.0) * Tensor.digamma total)
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence a b q[0] q[1]))
            }
