namespace Mixtures

open System
open System.Numerics
open System.Numerics.Tensors

/// Options of RMSProp.
[<NoEquality; NoComparison>]
type RmsPropOptions =
    {
        /// The length of a step; its first value must be finite and greater than 0.
        Rate: Schedule
        /// The factor of the moving mean of squared gradients, in [0, 1).
        Decay: float
        /// Added to the root of the mean square; greater than 0.
        Epsilon: float
        /// How much of the last velocity is kept, in [0, 1); 0 for none.
        Momentum: float
        /// Whether gradients are measured by their variance instead of their mean square (Graves 2013).
        Centred: bool
    }

/// RMSProp (Tieleman & Hinton 2012), as PyTorch orders it: v ← α v + (1 - α) g²; b ← μ b + g / (√v + ε);
/// x ← x - rate · b. Centred, v less the square of the moving mean of gradients takes the place of v.
[<RequireQualifiedAccess>]
module RmsProp =

    /// Rate 0.01, decay 0.99, epsilon 1e-8, no momentum, not centred.
    let defaults: RmsPropOptions =
        {
            Rate = Schedule.constant 0.01
            Decay = 0.99
            Epsilon = 1e-8
            Momentum = 0.0
            Centred = false
        }

    /// Moves on the spread of gradients and, where centred, their mean; fills the gradient in units of the spread.
    let private measure (options: RmsPropOptions) (gradient: float[]) (vectors: float[][]) (scaled: float[]) =
        let n = gradient.Length
        let square = vectors[0]
        let mean = vectors[1]
        let keep = options.Decay
        let take = 1.0 - keep
        // v - m² by its own recursion, α (v - m²) + α (1 - α) (g - m)², loses no digits and is never negative
        let weight = if options.Centred then keep * take else take
        let lanes = Vector<float>.Count
        let mutable i = 0

        while i <= n - lanes do
            let g = Vector<float>(gradient, i)

            let away =
                if options.Centred then
                    let m = Vector<float>(mean, i)
                    (m + take * (g - m)).CopyTo(mean, i)
                    g - m
                else
                    g

            let v = keep * Vector<float>(square, i) + weight * (away * away)
            v.CopyTo(square, i)
            (g / (Vector.SquareRoot v + Vector options.Epsilon)).CopyTo(scaled, i)
            i <- i + lanes

        while i < n do
            let g = gradient[i]

            let away =
                if options.Centred then
                    let m = mean[i]
                    mean[i] <- m + take * (g - m)
                    g - m
                else
                    g

            let v = keep * square[i] + weight * (away * away)
            square[i] <- v
            scaled[i] <- g / (sqrt v + options.Epsilon)
            i <- i + 1

    /// The step as a part of a chain. Raises ArgumentException for an option out of range; a step does for a gradient
    /// above 1e150, whose square is no number.
    let transform (options: RmsPropOptions) : GradientTransform =
        Schedule.check (nameof options.Rate) options.Rate
        OptionCheck.decay (nameof options.Decay) options.Decay
        OptionCheck.positive (nameof options.Epsilon) options.Epsilon
        OptionCheck.decay (nameof options.Momentum) options.Momentum

        GradientTransform.inPlace
            "rmsprop"
            [ true; options.Centred; options.Momentum > 0.0 ]
            (fun step gradient _ vectors update ->
                let rate = Schedule.at (nameof options.Rate) step options.Rate
                Vectors.requireSquares (nameof gradient) gradient
                measure options gradient vectors update

                if options.Momentum > 0.0 then
                    let velocity = vectors[2]

                    TensorPrimitives.MultiplyAdd(
                        ReadOnlySpan velocity,
                        options.Momentum,
                        ReadOnlySpan update,
                        Span velocity
                    )

                    TensorPrimitives.Multiply(ReadOnlySpan velocity, -rate, Span update)
                else
                    TensorPrimitives.Multiply(ReadOnlySpan update, -rate, Span update))

    /// The optimiser. Raises ArgumentException for an option out of range.
    let create (options: RmsPropOptions) =
        Optimiser.ofTransform (transform options)
