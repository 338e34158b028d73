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
