namespace Mixtures

open System

/// What a sampler draws from: a density on all of R^D, known up to a constant, with its gradient.
[<NoEquality; NoComparison>]
type SamplingTarget =
    {
        /// The number of coordinates D.
        Dimension: int
        /// The log-density (nats, up to a constant) and its D partial derivatives at D unconstrained coordinates, which it must
        /// not keep or change. Called from several threads at once. Minus infinity where the density is zero; a point where it
        /// is NaN counts as one without density.
        LogDensity: float[] -> struct (float * float[])
    }

/// Targets: making and checking them, and places to start from.
[<RequireQualifiedAccess>]
module SamplingTarget =

    /// A target of a number of coordinates.
    let create (dimension: int) (logDensity: float[] -> struct (float * float[])) : SamplingTarget =
        if dimension < 1 then
            invalidArg (nameof dimension) $"expected at least 1 coordinate, received {dimension}"

        {
            Dimension = dimension
            LogDensity = logDensity
        }

    /// Whether the log-density is finite at a point, with a finite gradient.
    let isFinite (point: float[]) (target: SamplingTarget) =
        let struct (value, gradient) = target.LogDensity point
        Double.IsFinite value && Array.forall Double.IsFinite gradient

    /// Starts for so many chains, each uniform on [-radius, radius] in every coordinate and drawn again, up to 100 times,
    /// where the log-density is not finite; the last one drawn is given where it never is.
    let randomStarts (key: RandomKey) (radius: float) (chains: int) (target: SamplingTarget) : float[][] =
        if not (Double.IsFinite radius && radius >= 0.0) then
            invalidArg (nameof radius) $"expected a radius of 0 or more, received {Wording.number radius}"

        Array.init chains (fun chain ->
            let stream = (key.Child chain).Stream()

            let draw () =
                Array.init target.Dimension (fun _ -> radius * (2.0 * stream.NextDouble() - 1.0))

            let mutable point = draw ()
            let mutable attempts = 1

            while attempts < 100 && not (isFinite point target) do
                point <- draw ()
                attempts <- attempts + 1

            point)
