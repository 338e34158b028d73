namespace Mixtures

open System

/// The von Mises distribution of angles in radians: exp(concentration cos(x - location)) / (2π I₀(concentration)), a density
/// over one turn. Angles count modulo 2π: any finite number is one.
[<RequireQualifiedAccess>]
module VonMises =
    [<Literal>]
    let private LogTwoPi = 1.8378770664093454836

    let internal check (location: float) (concentration: float) =
        Parameter.finite (nameof location) location
        Parameter.nonNegative (nameof concentration) concentration

    /// The log-density without a check of the parameters; logScaledI0 is Bessel.logScaledI0 of the concentration.
    let internal kernel (location: float) (concentration: float) (logScaledI0: float) (x: float) =
        if Double.IsFinite x then
            let sine = sin (0.5 * (x - location))
            // cos d - 1 = -2 sin²(d / 2), so that large concentrations do not cancel
            -2.0 * concentration * sine * sine - logScaledI0 - LogTwoPi
        else
            Double.NegativeInfinity

    /// The log-density in nats per radian; minus infinity where x is infinite or not a number.
    let logDensity (location: float) (concentration: float) (x: float) =
        check location concentration
        kernel location concentration (Bessel.logScaledI0 concentration) x

    /// The mean direction: the location as an angle from -π to π.
    let mean (location: float) (concentration: float) =
        check location concentration
        Math.IEEERemainder(location, 2.0 * Math.PI)

    /// The circular variance 1 - I₁(concentration) / I₀(concentration), from 0 to 1.
    let variance (location: float) (concentration: float) =
        check location concentration
        Bessel.ratioComplement concentration

    /// The differential entropy in nats: log(2π I₀(κ)) - κ I₁(κ) / I₀(κ).
    let entropy (location: float) (concentration: float) =
        check location concentration

        LogTwoPi
        + Bessel.logScaledI0 concentration
        + concentration * Bessel.ratioComplement concentration

    /// A draw, an angle from -π to π (Best & Fisher 1979, rearranged so that large and small concentrations keep their
    /// digits).
    let sample (location: float) (concentration: float) (stream: RandomStream) =
        check location concentration

        let deviation =
            if concentration < 1e-100 then
                Math.PI * (2.0 * stream.NextDouble() - 1.0)
            else
                // their r = (1 + √(1 + 4κ²)) / 2κ, here less one
                let h = 0.5 / concentration

                let excess =
                    if h > 1e8 then
                        2.0 * h - 1.0
                    else
                        h + h * h / (1.0 + sqrt (1.0 + h * h))

                let mutable result = nan

                while Double.IsNaN result do
                    let half = 0.5 * Math.PI * stream.NextDouble()
                    let sine, cosine = sin half, cos half
                    // g = 1 - f, the wrapped Cauchy draw's 1 - cos
                    let g = excess * 2.0 * sine * sine / (excess + 2.0 * cosine * cosine)
                    let c = concentration * (excess + g)

                    if log c + 1.0 - c >= -(stream.NextExponential()) then
                        let angle = 2.0 * asin (min 1.0 (sqrt (0.5 * g)))
                        result <- if stream.NextDouble() < 0.5 then -angle else angle

                result

        Math.IEEERemainder(location + deviation, 2.0 * Math.PI)

    /// The log-density as a tensor function of parameters and x, which broadcast; the parameters are not checked.
    let tensorLogDensity (location: Tensor) (concentration: Tensor) (x: Tensor) : Tensor =
        let density (x: Tensor) =
            let sine = Tensor.sin (0.5 * (x - location))

            -2.0 * concentration * Tensor.square sine
            - Tensor.logScaledBesselI0 concentration
            - LogTwoPi

        Lifted.within (Lifted.isFinite x) 0.0 density x

    /// KL of two von Mises distributions, in forms that do not cancel for large concentrations.
    let private divergence (m1: Tensor) (k1: Tensor) (m2: Tensor) (k2: Tensor) : Tensor =
        let away = 2.0 * Tensor.square (Tensor.sin (0.5 * (m1 - m2)))

        Tensor.logScaledBesselI0 k2 - Tensor.logScaledBesselI0 k1 + k2 * away
        - Tensor.besselRatioComplement k1 * (k1 - k2 * (1.0 - away))

    /// Von Mises distributions as values; the variance is the circular one, 1 - I₁ / I₀.
    let distribution (location: Tensor) (concentration: Tensor) : IDistribution =
        TensorParameter.finite (nameof location) location
        TensorParameter.nonNegative (nameof concentration) concentration
        let batch = Lifted.batchOf [| location; concentration |]

        Distribution.ofParts
            {
                Name = "von-mises"
                Parameters = [| location; concentration |]
                Support = Support.Angle
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity location concentration
                Sample = Lifted.each batch [| location; concentration |] (fun p -> sample p[0] p[1])
                Mean = fun () -> Lifted.stretch batch (location - Lifted.wholeTurns location)
                Variance = fun () -> Lifted.stretch batch (Tensor.besselRatioComplement concentration)
                Entropy =
                    ValueSome(fun () ->
                        Tensor.logScaledBesselI0 concentration
                        + concentration * Tensor.besselRatioComplement concentration
                        + LogTwoPi
                        |> Lifted.stretch batch)
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence location concentration q[0] q[1]))
            }
