namespace Mixtures

open System

/// The inverse gamma distribution on the positive reals, of 1 / G where G is gamma of the same shape and of rate scale:
/// scaleˢʰᵃᵖᵉ / Γ(shape) x⁻ˢʰᵃᵖᵉ⁻¹ exp(-scale / x).
[<RequireQualifiedAccess>]
module InverseGamma =
    let internal check (shape: float) (scale: float) =
        Parameter.positive (nameof shape) shape
        Parameter.positive (nameof scale) scale

    /// The log-density without a check of the parameters.
    let internal kernel (shape: float) (scale: float) (x: float) =
        if x > 0.0 && Double.IsFinite x then
            Gamma.logPower shape (scale / x) (log scale) -(log x) - log x
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity outside the positive reals.
    let logDensity (shape: float) (scale: float) (x: float) =
        check shape scale
        kernel shape scale x

    /// The probability that a draw is at most x.
    let cdf (shape: float) (scale: float) (x: float) =
        check shape scale

        if x <= 0.0 then
            0.0
        else
            IncompleteGamma.upper shape (scale / x)

    /// The x that a draw does not exceed with the given probability.
    let quantile (shape: float) (scale: float) (probability: float) =
        check shape scale
        Parameter.probability (nameof probability) probability
        scale / IncompleteGamma.inverseUpper shape probability

    /// The mean scale / (shape - 1); plus infinity for shapes of at most 1.
    let mean (shape: float) (scale: float) =
        check shape scale

        if shape > 1.0 then
            scale / (shape - 1.0)
        else
            Double.PositiveInfinity

    /// The variance scale² / ((shape - 1)² (shape - 2)); plus infinity for shapes of at most 2.
    let variance (shape: float) (scale: float) =
        check shape scale

        if shape > 2.0 then
            let mean = scale / (shape - 1.0)
            mean * mean / (shape - 2.0)
        else
            Double.PositiveInfinity

    /// The differential entropy in nats: shape + log scale + log Γ(shape) - (1 + shape) ψ(shape).
    let entropy (shape: float) (scale: float) =
        check shape scale

        shape + log scale + SpecialFunctions.logGamma shape
        - (1.0 + shape) * SpecialFunctions.digamma shape

    /// The logarithm of a draw.
    let sampleLog (shape: float) (scale: float) (stream: RandomStream) =
        check shape scale
        log scale - Gamma.sampleLogStandard shape stream

    /// A draw; one that overflows is given as the largest number (sampleLog has it).
    let sample (shape: float) (scale: float) (stream: RandomStream) =
        Draw.positive (exp (sampleLog shape scale stream))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (shape: Tensor) (scale: Tensor) (x: Tensor) : Tensor =
        let density x =
            shape * Tensor.log scale
            - (shape + 1.0) * Tensor.log x
            - scale / x
            - Tensor.lgamma shape

        Lifted.within (Lifted.isPositive x) 1.0 density x

    /// Inverse gamma distributions as values, by shape and scale; draws are differentiable in both, once.
    let distribution (shape: Tensor) (scale: Tensor) : IDistribution =
        TensorParameter.positive (nameof shape) shape
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| shape; scale |]

        Distribution.ofParts
            {
                Name = "inverse-gamma"
                Parameters = [| shape; scale |]
                Support = Support.Positive
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity shape scale
                Sample =
                    fun stream ->
                        Tensor.log scale - Gamma.tensorSampleLog (Lifted.stretch batch shape) stream
                        |> Gamma.tensorOfLog
                Mean =
                    fun () ->
                        let above = Tensor.gt shape Lifted.unit

                        scale / (Tensor.where above shape (Tensor.scalar 2.0) - 1.0)
                        |> Lifted.otherwise Double.PositiveInfinity above
                Variance =
                    fun () ->
                        let above = Tensor.gt shape (Tensor.scalar 2.0)
                        let shape = Tensor.where above shape (Tensor.scalar 3.0)

                        Tensor.square (scale / (shape - 1.0)) / (shape - 2.0)
                        |> Lifted.otherwise Double.PositiveInfinity above
                Entropy =
                    ValueSome(fun () ->
                        shape + Tensor.log scale + Tensor.lgamma shape
                        - (1.0 + shape) * Tensor.digamma shape)
                KullbackLeibler = ValueSome(fun q -> ValueSome(Gamma.divergence shape scale q[0] q[1]))
            }
