namespace Mixtures

open System

/// Student's t distribution on the reals: location + scale T with the given degrees of freedom. Scale is not the standard
/// deviation, which is scale √(ν / (ν - 2)).
[<RequireQualifiedAccess>]
module StudentT =
    [<Literal>]
    let private HalfLogPi = 0.57236494292470008707

    let internal check (degreesOfFreedom: float) (location: float) (scale: float) =
        Parameter.positive (nameof degreesOfFreedom) degreesOfFreedom
        Parameter.finite (nameof location) location
        Parameter.positive (nameof scale) scale

    /// log Γ((ν + d) / 2) - log Γ(ν / 2) - d/2 log(νπ): the constant of the density in d dimensions, for d > 0.
    let internal logConstant (dimension: float) (degreesOfFreedom: float) =
        -(SpecialFunctions.logGammaRatio (0.5 * dimension) (0.5 * degreesOfFreedom))
        - dimension * (0.5 * log degreesOfFreedom + HalfLogPi)

    /// The log-density without a check of the parameters.
    let internal kernel (degreesOfFreedom: float) (location: float) (scale: float) (x: float) =
        if Double.IsFinite x then
            let z = abs (x - location) / scale / sqrt degreesOfFreedom

            let logZ =
                if z < 1e8 then
                    0.0
                elif Double.IsFinite z then
                    log z
                else
                    log (abs (0.5 * x - 0.5 * location)) + log 2.0
                    - log scale
                    - 0.5 * log degreesOfFreedom

            logConstant 1.0 degreesOfFreedom
            - log scale
            - 0.5 * (degreesOfFreedom + 1.0) * HalfCauchy.logOnePlusSquare z logZ
        else
            Double.NegativeInfinity

    /// The log-density in nats; minus infinity where x is infinite or not a number.
    let logDensity (degreesOfFreedom: float) (location: float) (scale: float) (x: float) =
        check degreesOfFreedom location scale
        kernel degreesOfFreedom location scale x

    /// The probability that a standard draw exceeds z ≥ 0: ½ I(ν / (ν + z²); ν/2, ½).
    let private upperTail (degreesOfFreedom: float) (z: float) =
        let a = 0.5 * degreesOfFreedom
        let s = z / sqrt degreesOfFreedom

        if s > 1e150 then
            0.5 * exp (-degreesOfFreedom * log s - SpecialFunctions.logScaledBeta a 0.5)
        else
            let square = s * s

            let y =
                if Double.IsPositiveInfinity square then
                    1.0
                else
                    square / (1.0 + square)

            let struct (p, _) = IncompleteBeta.bothOf a 0.5 (1.0 / (1.0 + square)) y
            0.5 * p

    /// The probability that a draw is at most x.
    let cdf (degreesOfFreedom: float) (location: float) (scale: float) (x: float) =
        check degreesOfFreedom location scale
        let z = Normal.standardise location scale x

        if z <= 0.0 then
            upperTail degreesOfFreedom -z
        else
            1.0 - upperTail degreesOfFreedom z

    /// The z > 0 that a standard draw exceeds with probability p < ½.
    let private upperQuantile (degreesOfFreedom: float) (p: float) =
        let a = 0.5 * degreesOfFreedom
        let root = sqrt degreesOfFreedom
        // where the tail is a pure power
        let logX = (log (2.0 * p) + SpecialFunctions.logScaledBeta a 0.5) / a

        if logX < -600.0 then
            root * exp (-0.5 * logX)
        else
            let struct (x, y) = IncompleteBeta.inverseBoth a 0.5 (2.0 * p) (1.0 - 2.0 * p)
            root * sqrt (y / x)

    /// The x that a draw does not exceed with the given probability.
    let quantile (degreesOfFreedom: float) (location: float) (scale: float) (probability: float) =
        check degreesOfFreedom location scale
        Parameter.probability (nameof probability) probability

        let z =
            if probability = 0.0 then
                Double.NegativeInfinity
            elif probability = 0.5 then
                0.0
            elif probability < 0.5 then
                -(upperQuantile degreesOfFreedom probability)
            elif probability < 1.0 then
                upperQuantile degreesOfFreedom (1.0 - probability)
            else
                Double.PositiveInfinity

        location + scale * z

    /// The mean: the location. NaN, for it does not exist, where the degrees of freedom are at most 1.
    let mean (degreesOfFreedom: float) (location: float) (scale: float) =
        check degreesOfFreedom location scale
        if degreesOfFreedom > 1.0 then location else nan

    /// The variance scale² ν / (ν - 2): plus infinity for ν from 1 to 2, NaN, for it does not exist, for ν of at most 1.
    let variance (degreesOfFreedom: float) (location: float) (scale: float) =
        check degreesOfFreedom location scale

        if degreesOfFreedom > 2.0 then
            scale * scale * (degreesOfFreedom / (degreesOfFreedom - 2.0))
        elif degreesOfFreedom > 1.0 then
            Double.PositiveInfinity
        else
            nan

    /// The differential entropy in nats: (ν+1)/2 (ψ((ν+1)/2) - ψ(ν/2)) + log √ν B(ν/2, ½) + log scale.
    let entropy (degreesOfFreedom: float) (location: float) (scale: float) =
        check degreesOfFreedom location scale
        let half = 0.5 * degreesOfFreedom

        (half + 0.5)
        * (SpecialFunctions.digamma (half + 0.5) - SpecialFunctions.digamma half)
        - logConstant 1.0 degreesOfFreedom
        + log scale

    /// The logarithm of √(ν / χ²): what a normal draw is multiplied by.
    let internal sampleLogStretch (degreesOfFreedom: float) (stream: RandomStream) =
        let half = 0.5 * degreesOfFreedom
        0.5 * (log half - Gamma.sampleLogStandard half stream)

    /// A draw; one that overflows is given as the largest number of its sign.
    let sample (degreesOfFreedom: float) (location: float) (scale: float) (stream: RandomStream) =
        check degreesOfFreedom location scale
        let normal = stream.NextNormal()
        let stretch = Draw.positive (exp (sampleLogStretch degreesOfFreedom stream))
        Draw.real (location + Draw.real (scale * normal * stretch))

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (degreesOfFreedom: Tensor) (location: Tensor) (scale: Tensor) (x: Tensor) : Tensor =
        let density x =
            let z = (x - location) / (scale * Tensor.sqrt degreesOfFreedom)

            Lifted.logGammaStep 1 (0.5 * degreesOfFreedom)
            - 0.5 * Tensor.log degreesOfFreedom
            - Tensor.log scale
            - 0.5 * (degreesOfFreedom + 1.0) * Lifted.logOnePlusSquare z
            - HalfLogPi

        Lifted.within (Lifted.isFinite x) 0.0 density x

    /// Student's t distributions as values.
    let distribution (degreesOfFreedom: Tensor) (location: Tensor) (scale: Tensor) : IDistribution =
        TensorParameter.positive (nameof degreesOfFreedom) degreesOfFreedom
        TensorParameter.finite (nameof location) location
        TensorParameter.positive (nameof scale) scale
        let batch = Lifted.batchOf [| degreesOfFreedom; location; scale |]
        let half = 0.5 * degreesOfFreedom

        let above (limit: float) =
            Tensor.gt degreesOfFreedom (Tensor.scalar limit)

        Distribution.ofParts
            {
                Name = "student-t"
                Parameters = [| degreesOfFreedom; location; scale |]
                Support = Support.Real
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity degreesOfFreedom location scale
                Sample = Lifted.each batch [| degreesOfFreedom; location; scale |] (fun p -> sample p[0] p[1] p[2])
                Mean = fun () -> Lifted.stretch batch location |> Lifted.otherwise nan (above 1.0)
                Variance =
                    fun () ->
                        let nu = Tensor.where (above 2.0) degreesOfFreedom (Tensor.scalar 3.0)

                        Tensor.square scale * (nu / (nu - 2.0))
                        |> Lifted.otherwise Double.PositiveInfinity (above 2.0)
                        |> Lifted.otherwise nan (above 1.0)
                        |> Lifted.stretch batch
                Entropy =
                    ValueSome(fun () ->
                        (half + 0.5) * (Tensor.digamma (half + 0.5) - Tensor.digamma half)
                        - Lifted.logGammaStep 1 half
                        + 0.5 * Tensor.log degreesOfFreedom
                        + Tensor.log scale
                        + HalfLogPi
                        |> Lifted.stretch batch)
                KullbackLeibler = ValueNone
            }
