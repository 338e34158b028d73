namespace Mixtures

open System

/// The multivariate t distribution by its degrees of freedom ν, its location and the lower Cholesky factor L of its scale
/// matrix L Lᵀ (D x D row by row), which is not the covariance: that is ν / (ν - 2) times as large.
[<RequireQualifiedAccess>]
module MultivariateStudentT =
    let private check (degreesOfFreedom: float) (location: float[]) (factor: float[]) =
        Parameter.positive (nameof degreesOfFreedom) degreesOfFreedom
        MultivariateNormal.check location factor

    /// The log-density in nats at x (D numbers); minus infinity where one of them is not finite.
    let logDensity (degreesOfFreedom: float) (location: float[]) (factor: float[]) (x: ReadOnlySpan<float>) =
        check degreesOfFreedom location factor
        let d = location.Length
        Parameter.length (nameof x) d x.Length

        if Triangular.isFinite x then
            let z = Triangular.norm d factor location x / sqrt degreesOfFreedom

            StudentT.logConstant (float d) degreesOfFreedom
            - 0.5 * Cholesky.logDeterminant d factor
            - 0.5 * (degreesOfFreedom + float d) * HalfCauchy.logOnePlusSquare z (log z)
        else
            Double.NegativeInfinity

    /// The mean: the location. NaN, for it does not exist, where ν is at most 1.
    let mean (degreesOfFreedom: float) (location: float[]) (factor: float[]) =
        check degreesOfFreedom location factor

        if degreesOfFreedom > 1.0 then
            Array.copy location
        else
            Array.create location.Length nan

    /// The covariance ν / (ν - 2) L Lᵀ, D x D row by row. NaN, for it does not exist or is not finite, where ν is at most 2.
    let covariance (degreesOfFreedom: float) (location: float[]) (factor: float[]) =
        check degreesOfFreedom location factor

        let stretch =
            if degreesOfFreedom > 2.0 then
                degreesOfFreedom / (degreesOfFreedom - 2.0)
            else
                nan

        Triangular.square location.Length factor |> Array.map (fun v -> stretch * v)

    /// The differential entropy in nats: log det L - log c + (ν+D)/2 (ψ((ν+D)/2) - ψ(ν/2)), with c the density's constant.
    let entropy (degreesOfFreedom: float) (location: float[]) (factor: float[]) =
        check degreesOfFreedom location factor
        let d = location.Length
        let half = 0.5 * degreesOfFreedom
        let more = half + 0.5 * float d

        0.5 * Cholesky.logDeterminant d factor
        - StudentT.logConstant (float d) degreesOfFreedom
        + more * (SpecialFunctions.digamma more - SpecialFunctions.digamma half)

    /// A draw, D numbers; what overflows is given as the largest number of its sign.
    let sample (degreesOfFreedom: float) (location: float[]) (factor: float[]) (stream: RandomStream) =
        check degreesOfFreedom location factor
        let d = location.Length
        let z = Array.init d (fun _ -> stream.NextNormal())
        Triangular.multiply d factor z

        let stretch =
            Draw.positive (exp (StudentT.sampleLogStretch degreesOfFreedom stream))

        Array.map2 (fun m v -> Draw.real (m + Draw.real (v * stretch))) location z

    /// The log-density as a tensor function of parameters and x, vectors in the last axis; the parameters are not checked.
    let tensorLogDensity (degreesOfFreedom: Tensor) (location: Tensor) (factor: Tensor) (x: Tensor) : Tensor =
        let d = location.Dims[location.Rank - 1]
        let mask = Tensor.minOver [| -1 |] true (Lifted.isFinite x)
        let distance = Lifted.squaredNorms factor (Tensor.where mask x location - location)

        Lifted.logGammaStep d (0.5 * degreesOfFreedom)
        - 0.5 * float d * (Tensor.log degreesOfFreedom + log Math.PI)
        - Lifted.logDiagonal factor
        - 0.5 * (degreesOfFreedom + float d) * Tensor.log1p (distance / degreesOfFreedom)
        |> Lifted.otherwise Double.NegativeInfinity (Tensor.squeeze -1 mask)

    /// Multivariate t distributions as values: degrees of freedom (batch), locations (batch x D) and lower factors (batch x D x D).
    let distribution (degreesOfFreedom: Tensor) (location: Tensor) (factor: Tensor) : IDistribution =
        TensorParameter.positive (nameof degreesOfFreedom) degreesOfFreedom
        TensorParameter.vectors (nameof location) 1 location
        TensorParameter.finite (nameof location) location
        let d = location.Dims[location.Rank - 1]
        TensorParameter.factors (nameof factor) d factor

        let batch =
            Shape.broadcast "distribution" (Lifted.batchBefore 1 location) (Lifted.batchBefore 2 factor)
            |> Shape.broadcast "distribution" degreesOfFreedom.Dims

        let shape = Array.append batch [| d |]

        let above (limit: float) =
            Tensor.gt degreesOfFreedom (Tensor.scalar limit) |> Tensor.unsqueeze -1

        Distribution.ofParts
            {
                Name = "multivariate-student-t"
                Parameters = [| degreesOfFreedom; location; factor |]
                Support = Support.RealVector d
                BatchShape = batch
                IsReparametrised = false
                LogDensity = tensorLogDensity degreesOfFreedom location factor
                Sample =
                    Lifted.eachBlock
                        batch
                        [| d |]
                        [| struct (degreesOfFreedom, 0); struct (location, 1); struct (factor, 2) |]
                        (fun p -> sample (Array.head p[0]) p[1] p[2])
                Mean = fun () -> Lifted.stretch shape location |> Lifted.otherwise nan (above 1.0)
                Variance =
                    fun () ->
                        let nu =
                            Tensor.where (above 2.0) (Tensor.unsqueeze -1 degreesOfFreedom) (Tensor.scalar 3.0)

                        Lifted.rowSquares factor * (nu / (nu - 2.0))
                        |> Lifted.otherwise nan (above 2.0)
                        |> Lifted.stretch shape
                Entropy =
                    ValueSome(fun () ->
                        let half = 0.5 * degreesOfFreedom
                        let more = half + 0.5 * float d

                        Lifted.logDiagonal factor - Lifted.logGammaStep d half
                        + 0.5 * float d * (Tensor.log degreesOfFreedom + log Math.PI)
                        + more * (Tensor.digamma more - Tensor.digamma half)
                        |> Lifted.stretch batch)
                KullbackLeibler = ValueNone
            }
