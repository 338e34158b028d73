namespace Mixtures

/// A function to be minimised: value and gradient at a point. It must not change the point; where it is not defined it
/// returns a value that is not finite, and may return anything of the right length as gradient.
type Objective = float[] -> struct (float * float[])

/// A point with the value and the gradient there. The arrays are not to be changed.
[<NoComparison>]
type ObjectivePoint =
    {
        /// The parameters.
        Parameters: float[]
        /// The value, in the objective's own units.
        Value: float
        /// The gradient, one number a parameter.
        Gradient: float[]
    }

    /// Whether the value and the whole gradient are finite.
    member point.IsFinite =
        System.Double.IsFinite point.Value && Vectors.isFinite point.Gradient

    /// max |gᵢ| max(|xᵢ|, 1) / max(|f|, 1): the relative change of the value for a relative change of one parameter
    /// (Dennis & Schnabel 1983, equation 7.2.5). This is what the gradient tolerance is compared with.
    member point.ScaledGradient =
        let mutable result = 0.0

        for i in 0 .. point.Gradient.Length - 1 do
            let size = abs point.Gradient[i] * max (abs point.Parameters[i]) 1.0

            if not (size <= result) then
                result <- size

        result / max (abs point.Value) 1.0

/// Objectives: evaluating them, and restricting them to some of the parameters.
[<RequireQualifiedAccess>]
module Objective =

    /// The value and gradient at a point. Raises ArgumentException for a gradient of another length.
    let evaluate (objective: Objective) (parameters: float[]) : ObjectivePoint =
        let struct (value, gradient) = objective parameters
        Vectors.requireLength (nameof gradient) parameters.Length gradient

        {
            Parameters = parameters
            Value = value
            // the function may fill the same array again
            Gradient = Array.copy gradient
        }

    /// The objective as a function of the free coordinates alone (true in the mask), the others staying as in the full
    /// vector. Mask.gather gives its start and Mask.scatter brings its solution back.
    let masked (free: bool[]) (full: float[]) (objective: Objective) : Objective =
        let places = Mask.places free
        Vectors.requireLength (nameof full) free.Length full

        fun reduced ->
            let struct (value, gradient) = objective (Mask.scatterAt places full reduced)

            Vectors.requireLength (nameof gradient) full.Length gradient
            struct (value, Mask.gatherAt places gradient)
