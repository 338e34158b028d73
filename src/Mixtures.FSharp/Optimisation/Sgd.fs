namespace Mixtures

open System
open System.Numerics.Tensors


/// Options of stochastic gradient descent.
[<NoEquality; NoComparison>]
type SgdOptions =
    {
        /// The length of a step in gradients; its first value must be finite and greater than 0.
        Rate: Schedule
        /// How much of the last velocity is kept, in [0, 1); 0 for none.
        Momentum: float
        /// Whether the gradient is added once more ahead of the velocity (Nesterov); needs a momentum.
        Nesterov: bool
    }

/// Gradient descent, with momentum (Polyak 1964) and in Nesterov's form as Sutskever et al. 2013 write it:
/// v ← μ v + g; x ← x - rate · v, or x ← x - rate · (g + μ v).
[<RequireQualifiedAccess>]
module Sgd =

    /// Rate 0.01 and no momentum.
    let defaults: SgdOptions =
        {
            Rate = Schedule.constant 0.01
            Momentum = 0.0
            Nesterov = false
        }

    /// The step as a part of a chain. Raises ArgumentException for an option out of range.
    let transform (options: SgdOptions) : GradientTransform =
        Schedule.check (nameof options.Rate) options.Rate
        OptionCheck.decay (nameof options.Momentum) options.Momentum
        let momentum = options.Momentum

        if options.Nesterov && momentum = 0.0 then
            invalidArg (nameof options.Momentum) "expected a momentum greater than 0 with Nesterov's form, received 0"

        if momentum = 0.0 then
            GradientTransform.inPlace "sgd" [] (fun step gradient _ _ update ->
                let rate = Schedule.at (nameof options.Rate) step options.Rate
                TensorPrimitives.Multiply(ReadOnlySpan gradient, -rate, Span update))
        else
            GradientTransform.inPlace "sgd with momentum" [ true ] (fun step gradient _ vectors update ->
                let rate = Schedule.at (nameof options.Rate) step options.Rate
                let velocity = vectors[0]

                TensorPrimitives.MultiplyAdd(ReadOnlySpan velocity, momentum, ReadOnlySpan gradient, Span velocity)

                if options.Nesterov then
                    TensorPrimitives.MultiplyAdd(ReadOnlySpan velocity, momentum, ReadOnlySpan gradient, Span update)

                    TensorPrimitives.Multiply(ReadOnlySpan update, -rate, Span update)
                else
                    TensorPrimitives.Multiply(ReadOnlySpan velocity, -rate, Span update))

    /// The optimiser. Raises ArgumentException for an option out of range.
    let create (options: SgdOptions) =
        Optimiser.ofTransform (transform options)
