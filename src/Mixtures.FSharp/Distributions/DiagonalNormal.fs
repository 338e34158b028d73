namespace Mixtures

open System

/// The multivariate normal distribution of independent numbers, by their means (locations) and standard deviations (scales).
[<RequireQualifiedAccess>]
module DiagonalNormal =
    let internal check (locations: float[]) (scales: float[]) =
        if locations.Length = 0 then
            invalidArg (nameof locations) "expected at least one number, received none"

        Parameter.length (nameof scales) locations.Length scales.Length
        Parameter.allFinite (nameof locations) locations
        Parameter.allPositive (nameof scales) scales

    /// The log-density in nats at x (D numbers); minus infinity where one of them is not finite.
    let logDensity (locations: float[]) (scales: float[]) (x: ReadOnlySpan<float>) =
        check locations scales
        Parameter.length (nameof x) locations.Length x.Length

        if Triangular.isFinite x then
            let mutable sum = 0.0

            for i in 0 .. x.Length - 1 do
                sum <- sum + Normal.kernel locations[i] scales[i] x[i]

            sum
        else
            Double.NegativeInfinity

    /// The mean: the locations.
    let mean (locations: float[]) (scales: float[]) =
        check locations scales
        Array.copy locations

    /// The variances: scales².
    let variance (locations: float[]) (scales: float[]) =
        check locations scales
        scales |> Array.map (fun s -> s * s)

    /// The differential entropy in nats.
    let entropy (locations: float[]) (scales: float[]) =
        check locations scales
        Array.map2 Normal.entropy locations scales |> Array.sum

    /// A draw, D numbers.
    let sample (locations: float[]) (scales: float[]) (stream: RandomStream) =
        check locations scales
        Array.map2 (fun location scale -> Normal.sample location scale stream) locations scales

    /// The log-density as a tensor function of parameters and x, vectors in the last axis, summed over it; the parameters are
    /// not checked.
    let tensorLogDensity (locations: Tensor) (scales: Tensor) (x: Tensor) : Tensor =
        let sum =
            Normal.tensorLogDensity locations scales x |> Tensor.sumOver [| -1 |] false
        // one number outside takes the whole vector out
        let isInside = Tensor.gt sum (Tensor.scalar Double.NegativeInfinity)
        Lifted.otherwise Double.NegativeInfinity isInside sum

    /// Normal distributions of independent numbers as values: locations and scales, vectors in the last axis.
    let distribution (locations: Tensor) (scales: Tensor) : IDistribution =
        TensorParameter.vectors (nameof locations) 1 locations
        TensorParameter.vectors (nameof scales) 1 scales
        TensorParameter.finite (nameof locations) locations
        TensorParameter.positive (nameof scales) scales
        let shape = Lifted.batchOf [| locations; scales |]
        let rank = shape.Length

        let total t =
            t |> Lifted.stretch shape |> Tensor.sumOver [| -1 |] false

        Distribution.ofParts
            {
                Name = "diagonal-normal"
                Parameters = [| locations; scales |]
                Support = Support.RealVector shape[rank - 1]
                BatchShape = shape[.. rank - 2]
                IsReparametrised = true
                LogDensity = tensorLogDensity locations scales
                Sample = fun stream -> locations + scales * Lifted.noise shape _.NextNormal() stream
                Mean = fun () -> Lifted.stretch shape locations
                Variance = fun () -> Lifted.stretch shape (Tensor.square scales)
                Entropy = ValueSome(fun () -> total (Tensor.log scales + Normal.entropy 0.0 1.0))
                KullbackLeibler =
                    ValueSome(fun q ->
                        ValueSome(Tensor.sumOver [| -1 |] false (Normal.divergence locations scales q[0] q[1])))
            }
