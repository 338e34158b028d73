namespace Mixtures

open System

/// The normal-inverse-Wishart distribution of a mean vector m (D numbers) and a covariance matrix S (D x D row by row), the
/// conjugate prior of a normal distribution: S is inverse Wishart of ν degrees of freedom and scale matrix Ψ, and m given S
/// is normal about the location with covariance S / strength. Ψ is given by its lower Cholesky factor.
[<RequireQualifiedAccess>]
module NormalInverseWishart =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    let private check (location: float[]) (strength: float) (degreesOfFreedom: float) (factor: float[]) =
        if location.Length = 0 then
            invalidArg (nameof location) "expected at least one number, received none"

        Parameter.allFinite (nameof location) location
        Parameter.positive (nameof strength) strength
        Parameter.factor (nameof factor) location.Length factor
        Parameter.above (float (location.Length - 1)) (nameof degreesOfFreedom) degreesOfFreedom

    /// The log-density in nats of a mean (D numbers) and a covariance (D x D, by its lower triangle); minus infinity where
    /// that is not symmetric and positive definite, or the mean is not finite.
    let logDensity
        (location: float[])
        (strength: float)
        (degreesOfFreedom: float)
        (factor: float[])
        (mean: ReadOnlySpan<float>)
        (covariance: ReadOnlySpan<float>)
        =
        check location strength degreesOfFreedom factor
        let d = location.Length
        Parameter.length (nameof mean) d mean.Length
        Parameter.length (nameof covariance) (d * d) covariance.Length

        match Triangular.tryFactor d covariance with
        | ValueSome own when Triangular.isFinite mean ->
            InverseWishart.logDensity degreesOfFreedom factor covariance
            - 0.5 * strength * Triangular.distance d own location mean
            - 0.5 * Cholesky.logDeterminant d own
            + float d * (0.5 * log strength - HalfLogTwoPi)
        | _ -> Double.NegativeInfinity

    /// The means of both: the location, and Ψ / (ν - D - 1), which is NaN where ν is at most D + 1.
    let mean (location: float[]) (strength: float) (degreesOfFreedom: float) (factor: float[]) =
        check location strength degreesOfFreedom factor
        struct (Array.copy location, InverseWishart.mean degreesOfFreedom factor)

    /// A draw: a mean, D numbers, and a covariance, D x D row by row.
    let sample
        (location: float[])
        (strength: float)
        (degreesOfFreedom: float)
        (factor: float[])
        (stream: RandomStream)
        : struct (float[] * float[]) =
        check location strength degreesOfFreedom factor
        let d = location.Length
        let a = Wishart.sampleStandardFactor d degreesOfFreedom stream
        let covariance = InverseWishart.sampleGiven factor a
        // m = location + L A⁻ᵀ z / √strength has covariance L A⁻ᵀ A⁻¹ Lᵀ / strength
        let z = Array.init d (fun _ -> stream.NextNormal() / sqrt strength)
        Cholesky.solveUpper d a (Span z)
        Triangular.multiply d factor z
        struct (Array.map2 (+) location z, covariance)

    /// A value as one vector in the last axis: the mean, then the covariance row by row.
    let private parts (d: int) (x: Tensor) : struct (Tensor * Tensor) =
        let mean = Tensor.slice -1 0 d x
        let rest = Tensor.slice -1 d (d * d) x
        struct (mean, Tensor.reshape (Array.append (Lifted.batchBefore 1 x) [| d; d |]) rest)

    /// The log-density as a tensor function of parameters and x, vectors of a mean and then a covariance row by row in the
    /// last axis; the parameters are not checked.
    let tensorLogDensity
        (location: Tensor)
        (strength: Tensor)
        (degreesOfFreedom: Tensor)
        (factor: Tensor)
        (x: Tensor)
        : Tensor =
        let d = location.Dims[location.Rank - 1]
        let struct (mean, covariance) = parts d x

        let mask =
            Lifted.isPositiveDefinite d covariance
            * Tensor.minOver [| -1 |] false (Lifted.isFinite mean)

        let safe = Tensor.where (Tensor.unsqueeze -1 mask) mean Lifted.nothing

        let density covariance =
            let own = Tensor.cholesky covariance

            InverseWishart.tensorLogDensity degreesOfFreedom factor covariance
            - 0.5 * strength * Lifted.squaredNorms own (safe - location)
            - Lifted.logDiagonal own
            + float d * (0.5 * Tensor.log strength - HalfLogTwoPi)

        Lifted.withinMatrices mask d density covariance

    /// KL of two normal-inverse-Wishart distributions, both by location, strength, degrees of freedom and factor.
    let private divergence (p: Tensor[]) (q: Tensor[]) : Tensor =
        let d = float p[0].Dims[p[0].Rank - 1]
        let ratio = q[1] / p[1]

        0.5
        * (d * (ratio - 1.0 - Tensor.log ratio)
           + q[1] * p[2] * Lifted.squaredNorms p[3] (p[0] - q[0]))
        + InverseWishart.divergence p[2] p[3] q[2] q[3]

    /// Normal-inverse-Wishart distributions as values: locations (batch x D), strengths and degrees of freedom (batch), lower factors (batch x D x D) of Ψ. A value is one vector: a mean, then a covariance row by row.
    let distribution (location: Tensor) (strength: Tensor) (degreesOfFreedom: Tensor) (factor: Tensor) : IDistribution =
        TensorParameter.vectors (nameof location) 1 location
        TensorParameter.finite (nameof location) location
        TensorParameter.positive (nameof strength) strength
        let d = location.Dims[location.Rank - 1]
        TensorParameter.factors (nameof factor) d factor

        for nu in degreesOfFreedom.ToArray() do
            Parameter.above (float (d - 1)) (nameof degreesOfFreedom) nu

        let batch =
            [|
                Lifted.batchBefore 1 location
                strength.Dims
                degreesOfFreedom.Dims
                Lifted.batchBefore 2 factor
            |]
            |> Array.reduce (Shape.broadcast "distribution")

        let scatter = InverseWishart.distribution degreesOfFreedom factor
        // vectors of both parts side by side
        let join (left: Tensor) (right: Tensor) =
            Tensor.concatenate
                -1
                [
                    Lifted.stretch (Array.append batch [| d |]) left
                    right
                    |> Lifted.stretch (Array.append batch [| d; d |])
                    |> Tensor.reshape (Array.append batch [| d * d |])
                ]


        Distribution.ofParts
            {
                Name = "normal-inverse-wishart"
                Parameters = [| location; strength; degreesOfFreedom; factor |]
                Support = Support.Product [ Support.RealVector d; Support.PositiveDefinite d ]
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity location strength degreesOfFreedom factor
                Sample =
                    Lifted.eachBlock
                        batch
                        [| d + d * d |]
                        [|
                            struct (location, 1)
                            struct (strength, 0)
                            struct (degreesOfFreedom, 0)
                            struct (factor, 2)
                        |]
                        (fun p stream ->
                            let struct (mean, covariance) =
                                sample p[0] (Array.head p[1]) (Array.head p[2]) p[3] stream

                            Array.append mean covariance)
                Mean = fun () -> join location scatter.Mean
                Variance =
                    fun () ->
                        // the mean's covariance is E S / strength
                        let own = Tensor.diagonal scatter.Mean / Tensor.unsqueeze -1 strength
                        join own scatter.Variance
                Entropy =
                    ValueSome(fun () ->
                        let logDeterminant =
                            2.0 * Lifted.logDiagonal factor
                            - float d * log 2.0
                            - Lifted.multivariateDigamma d (0.5 * degreesOfFreedom)

                        InverseWishart.tensorEntropy degreesOfFreedom factor
                        + 0.5 * logDeterminant
                        + float d * (0.5 + HalfLogTwoPi - 0.5 * Tensor.log strength)
                        |> Lifted.stretch batch)
                KullbackLeibler =
                    ValueSome(fun q -> ValueSome(divergence [| location; strength; degreesOfFreedom; factor |] q))
            }
