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
