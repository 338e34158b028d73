namespace Mixtures

open System

/// The multivariate normal distribution by its mean (location) and the lower Cholesky factor L of its covariance L Lᵀ,
/// D x D row by row.
[<RequireQualifiedAccess>]
module MultivariateNormal =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    let internal check (location: float[]) (factor: float[]) =
        if location.Length = 0 then
            invalidArg (nameof location) "expected at least one number, received none"

        Parameter.allFinite (nameof location) location
        Parameter.factor (nameof factor) location.Length factor

    /// The log-density in nats at x (D numbers); minus infinity where one of them is not finite.
    let logDensity (location: float[]) (factor: float[]) (x: ReadOnlySpan<float>) =
        check location factor
        let d = location.Length
        Parameter.length (nameof x) d x.Length

        if Triangular.isFinite x then
            -0.5 * Triangular.distance d factor location x
            - 0.5 * Cholesky.logDeterminant d factor
            - float d * HalfLogTwoPi
        else
            Double.NegativeInfinity

    /// The mean: the location.
    let mean (location: float[]) (factor: float[]) =
        check location factor
        Array.copy location

    /// The covariance L Lᵀ, D x D row by row.
    let covariance (location: float[]) (factor: float[]) =
        check location factor
        Triangular.square location.Length factor

    /// The differential entropy in nats: D/2 log(2πe) + log det L.
    let entropy (location: float[]) (factor: float[]) =
        check location factor
        let d = location.Length

        float d * (0.5 + HalfLogTwoPi) + 0.5 * Cholesky.logDeterminant d factor

    /// A draw, D numbers: location + L z.
    let sample (location: float[]) (factor: float[]) (stream: RandomStream) =
        check location factor
        let d = location.Length
        let z = Array.init d (fun _ -> stream.NextNormal())
        Triangular.multiply d factor z
        Array.map2 (+) location z

    /// The log-density as a tensor function of parameters and x, vectors in the last axis; the parameters are not checked.
    let tensorLogDensity (location: Tensor) (factor: Tensor) (x: Tensor) : Tensor =
        let d = location.Dims[location.Rank - 1]
        let mask = Tensor.minOver [| -1 |] true (Lifted.isFinite x)
        let distance = Lifted.squaredNorms factor (Tensor.where mask x location - location)

        -0.5 * distance - Lifted.logDiagonal factor - float d * HalfLogTwoPi
        |> Lifted.otherwise Double.NegativeInfinity (Tensor.squeeze -1 mask)

    /// KL of two normal distributions by their locations and factors.
    let private divergence (m1: Tensor) (l1: Tensor) (m2: Tensor) (l2: Tensor) : Tensor =
        let d = float m1.Dims[m1.Rank - 1]

        0.5 * (Lifted.traceOfRatio l2 l1 + Lifted.squaredNorms l2 (m1 - m2) - d)
        + Lifted.logDiagonal l2
        - Lifted.logDiagonal l1

    /// Normal distributions of vectors as values: locations (batch x D) and lower factors (batch x D x D) of the covariances.
    let distribution (location: Tensor) (factor: Tensor) : IDistribution =
        TensorParameter.vectors (nameof location) 1 location
        TensorParameter.finite (nameof location) location
        let d = location.Dims[location.Rank - 1]
        TensorParameter.factors (nameof factor) d factor

        let batch =
            Shape.broadcast "distribution" (Lifted.batchBefore 1 location) (Lifted.batchBefore 2 factor)

        let shape = Array.append batch [| d |]

        Distribution.ofParts
            {
                Name = "multivariate-normal"
                Parameters = [| location; factor |]
                Support = Support.RealVector d
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity location factor
                Sample =
                    fun stream ->
                        let z = Lifted.noise shape _.NextNormal() stream |> Tensor.unsqueeze -1
                        location + Tensor.squeeze -1 (Tensor.matmul (Tensor.tril 0 factor) z)
                Mean = fun () -> Lifted.stretch shape location
                Variance = fun () -> Lifted.stretch shape (Lifted.rowSquares factor)
                Entropy =
                    ValueSome(fun () ->
                        Lifted.stretch batch (Lifted.logDiagonal factor + float d * (0.5 + HalfLogTwoPi)))
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence location factor q[0] q[1]))
            }
