namespace Mixtures

open System

/// The Weibull distribution on the non-negative reals, by shape and scale: P(X > x) = exp(-(x / scale)ˢʰᵃᵖᵉ).
[<RequireQualifiedAccess>]
module Weibull =
    [<Literal>]
    let private EulerGamma = 0.57721566490153286061

    let internal check (shape: float) (scale: float) =
        Parameter.positive (nameof shape) shape
        Parameter.positive (nameof scale) scale

    /// (x / scale)ˢʰᵃᵖᵉ, given the ratio's logarithm for where that is out of range.
    let private power (shape: float) (scale: float) (x: float) (logZ: float) =
        let z = x / scale

        if Double.IsNormal z then
            Math.Pow(z, shape)
        else
            exp (shape * logZ)

    /// The log-density without a check of the parameters.
    let internal kernel (shape: float) (scale: float) (x: float) =
        if x > 0.0 && Double.IsFinite x then
            let logZ = Deviance.logRatio x scale
            log shape - log scale + (shape - 1.0) * logZ - power shape scale x logZ
        elif x = 0.0 && shape <= 1.0 then
            if shape = 1.0 then
                -(log scale)
            else
                Double.PositiveInfinity
        else
            Double.NegativeInfinity

    /// The log-density in nats; at 0 it is plus infinity for shapes below 1 and -log scale for shape 1.
    let logDensity (shape: float) (scale: float) (x: float) =
        check shape scale
        kernel shape scale x

    /// The probability that a draw is at most x.
    let cdf (shape: float) (scale: float) (x: float) =
        check shape scale

        if x <= 0.0 then
            0.0
        else
            -(SpecialFunctions.expm1 -(power shape scale x (Deviance.logRatio x scale)))

    /// The x that a draw does not exceed with the given probability.
    let quantile (shape: float) (scale: float) (probability: float) =
        check shape scale
        Parameter.probability (nameof probability) probability
        scale * Math.Pow(-(SpecialFunctions.log1p -probability), 1.0 / shape)

    /// The mean: scale Γ(1 + 1 / shape).
    let mean (shape: float) (scale: float) =
        check shape scale
        scale * exp (SpecialFunctions.logGamma1p (1.0 / shape))

    /// The variance: scale² (Γ(1 + 2 / shape) - Γ(1 + 1 / shape)²).
    let variance (shape: float) (scale: float) =
        check shape scale
        let h = 1.0 / shape
        let logMean = SpecialFunctions.logGamma1p h

        // log Γ(1 + 2h) - 2 log Γ(1 + h), by the series Σ ζ(n) (-1)ⁿ (2ⁿ - 2) hⁿ / n where the difference loses digits
        let gap =
            if h > 0.01 then
                SpecialFunctions.logGamma1p (2.0 * h) - 2.0 * logMean
            else
                h
                * h
                * (1.6449340668482264
                   - h
                     * (2.4041138063191885
                        - h
                          * (3.7881313179889835
                             - h
                               * (6.2215665308602199
                                  - h * (10.51254497383931 - h * (18.150286992874612 - h * 31.879456059284735))))))

        exp (2.0 * (log scale + logMean) + log (SpecialFunctions.expm1 gap))

    /// The differential entropy in nats: γ (1 - 1 / shape) + log(scale / shape) + 1.
    let entropy (shape: float) (scale: float) =
        check shape scale
        EulerGamma * (1.0 - 1.0 / shape) + log scale - log shape + 1.0

    /// A draw; one out of the range of doubles is given as the nearest positive number.
    let sample (shape: float) (scale: float) (stream: RandomStream) =
        check shape scale
        Draw.positive (exp (log scale + log (stream.NextExponential()) / shape))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (shape: Tensor) (scale: Tensor) (x: Tensor) : Tensor =
        let density x =
            // at 0 the power and its derivatives are 0
            let isPositive = Tensor.gt x Lifted.nothing
            let z = Tensor.where isPositive x Lifted.unit / scale
            let power = Tensor.where isPositive (Tensor.pow z shape) Lifted.nothing

            Tensor.log shape - shape * Tensor.log scale + Tensor.xlogy (shape - 1.0) x
            - power

        Lifted.within (Lifted.isNonNegative x) 1.0 density x

    /// KL of two Weibull distributions by their shapes and scales (Bauckhage 2013).
    let private divergence (k1: Tensor) (s1: Tensor) (k2: Tensor) (s2: Tensor) : Tensor =
        let logRatio = Tensor.log (s1 / s2)

        Tensor.log (k1 / k2) - k2 * logRatio - (k1 - k2) * (EulerGamma / k1)
        + Tensor.exp (k2 * logRatio + Tensor.lgamma (k2 / k1 + 1.0))
        - 1.0

    /// Weibull distributions as values, by shape and scale.
    let distribution (shape: Tensor) (scale: Tensor) : IDistribution =
        TensorParameter.positive (nameof shape) shape
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| shape; scale |]
        let moment (order: float) = Tensor.lgamma (order / shape + 1.0)

        Distribution.ofParts
            {
                Name = "weibull"
                Parameters = [| shape; scale |]
                Support = Support.NonNegative
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity shape scale
                Sample =
                    fun stream ->
                        Tensor.exp (
                            Tensor.log scale
                            + Lifted.noise batch (fun stream -> log (stream.NextExponential())) stream / shape
                        )
                        |> Tensor.clamp Double.Epsilon Double.MaxValue
                Mean = fun () -> scale * Tensor.exp (moment 1.0)
                Variance =
                    fun () ->
                        Tensor.square scale
                        * Tensor.exp (2.0 * moment 1.0)
                        * Tensor.expm1 (moment 2.0 - 2.0 * moment 1.0)
                Entropy = ValueSome(fun () -> EulerGamma * (1.0 - 1.0 / shape) + Tensor.log (scale / shape) + 1.0)
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence shape scale q[0] q[1]))
            }
