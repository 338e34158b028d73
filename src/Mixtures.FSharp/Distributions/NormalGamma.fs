namespace Mixtures

open System

/// A normal mean and a gamma precision together: the precision τ is gamma of shape and rate, the mean given it normal
/// around the location with precision strength · τ (Bernardo & Smith 2000, section 3.2.5). Conjugate to a normal column
/// of unknown mean and precision. A value is two numbers: the mean, then the precision.
[<RequireQualifiedAccess>]
module NormalGamma =

    let private HalfLogTwoPi = 0.5 * log (2.0 * Math.PI)

    let private check location strength shape rate =
        Parameter.finite (nameof location) location
        Parameter.positive (nameof strength) strength
        Parameter.positive (nameof shape) shape
        Parameter.positive (nameof rate) rate

    /// The log-density in nats of a mean and a precision; minus infinity for a precision that is not positive.
    let logDensity (location: float) (strength: float) (shape: float) (rate: float) (mean: float) (precision: float) =
        check location strength shape rate

        if not (precision > 0.0 && Double.IsFinite precision && Double.IsFinite mean) then
            Double.NegativeInfinity
        else
            let gap = mean - location

            0.5 * log (strength * precision)
            - HalfLogTwoPi
            - 0.5 * strength * precision * gap * gap
            + Gamma.logDensity shape rate precision

    /// A draw: a mean and a precision.
    let sample (location: float) (strength: float) (shape: float) (rate: float) (stream: RandomStream) =
        check location strength shape rate
        let precision = Gamma.sample shape rate stream
        struct (location + stream.NextNormal() / sqrt (strength * precision), precision)

    /// The log-density as a tensor function of parameters and x, a mean and a precision in the last axis; the parameters are
    /// not checked.
    let tensorLogDensity (location: Tensor) (strength: Tensor) (shape: Tensor) (rate: Tensor) (x: Tensor) : Tensor =
        let mean = Tensor.select -1 0 x
        let precision = Tensor.select -1 1 x

        let mask =
            Tensor.gt precision (Tensor.scalar 0.0)
            * Lifted.isFinite precision
            * Lifted.isFinite mean

        let safeMean = Tensor.where mask mean (Tensor.scalar 0.0)
        let safe = Tensor.where mask precision (Tensor.scalar 1.0)

        let density =
            0.5 * Tensor.log (strength * safe)
            - HalfLogTwoPi
            - 0.5 * strength * safe * Tensor.square (safeMean - location)
            + Gamma.tensorLogDensity shape rate safe

        Tensor.where mask density (Tensor.scalar Double.NegativeInfinity)

    /// Normal-gamma distributions as values. A value is one vector: a mean, then a precision.
    let distribution (location: Tensor) (strength: Tensor) (shape: Tensor) (rate: Tensor) : IDistribution =
        TensorParameter.finite (nameof location) location
        TensorParameter.positive (nameof strength) strength
        TensorParameter.positive (nameof shape) shape
        TensorParameter.positive (nameof rate) rate

        let batch =
            [| location.Dims; strength.Dims; shape.Dims; rate.Dims |]
            |> Array.reduce (Shape.broadcast "distribution")

        let pair (mean: Tensor) (precision: Tensor) =
            Tensor.stack -1 [| Lifted.stretch batch mean; Lifted.stretch batch precision |]

        let precisions = Gamma.distribution shape rate

        Distribution.ofParts
            {
                Name = "normal-gamma"
                Parameters = [| location; strength; shape; rate |]
                Support = Support.Product [ Support.Real; Support.Positive ]
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity location strength shape rate
                Sample =
                    Lifted.eachBlock
                        batch
                        [| 2 |]
                        [|
                            struct (location, 0)
                            struct (strength, 0)
                            struct (shape, 0)
                            struct (rate, 0)
                        |]
                        (fun p stream ->
                            let struct (mean, precision) =
                                sample (Array.head p[0]) (Array.head p[1]) (Array.head p[2]) (Array.head p[3]) stream

                            [| mean; precision |])
                Mean = fun () -> pair location precisions.Mean
                Variance =
                    fun () ->
                        // of the mean: E 1/τ over the strength, where it exists
                        let exists = Tensor.gt shape (Tensor.scalar 1.0)
                        let less = Tensor.where exists (shape - 1.0) (Tensor.scalar 1.0)
                        let own = Tensor.where exists (rate / (strength * less)) (Tensor.scalar nan)
                        pair own precisions.Variance
                Entropy =
                    ValueSome(fun () ->
                        Distribution.entropy precisions + 0.5 + HalfLogTwoPi
                        - 0.5 * (Tensor.log strength + Tensor.digamma shape - Tensor.log rate)
                        |> Lifted.stretch batch)
                KullbackLeibler =
                    ValueSome(fun q ->
                        let ratio = q[1] / strength

                        let normal =
                            0.5
                            * (ratio - 1.0 - Tensor.log ratio
                               + q[1] * shape / rate * Tensor.square (location - q[0]))

                        ValueSome(normal + Distribution.kullbackLeibler precisions (Gamma.distribution q[2] q[3])))
            }
