namespace Mixtures

open System
open System.Numerics.Tensors

/// Limits on the gradient, to stand before an optimiser in a chain.
[<RequireQualifiedAccess>]
module Clip =

    /// A gradient whose Euclidean norm exceeds the limit is shortened to it; others pass (Pascanu et al. 2013).
    /// The limit must be a finite number greater than 0.
    let byNorm (limit: float) : GradientTransform =
        OptionCheck.positive (nameof limit) limit

        GradientTransform.inPlace "clip by norm" [] (fun _ gradient _ _ update ->
            let largest = Vectors.largest gradient
            let norm = Vectors.normOf gradient largest

            if norm <= limit then
                ReadOnlySpan(gradient).CopyTo(Span update)
            elif Double.IsFinite norm then
                TensorPrimitives.Multiply(ReadOnlySpan gradient, limit / norm, Span update)
            else
                // the norm itself exceeds what a double holds
                TensorPrimitives.Divide(ReadOnlySpan gradient, largest, Span update)
                TensorPrimitives.Multiply(ReadOnlySpan update, limit / Vectors.norm update, Span update))

    /// Every coordinate of the gradient is brought into [-limit, limit]. The limit must be a finite number greater than 0.
    let byValue (limit: float) : GradientTransform =
        OptionCheck.positive (nameof limit) limit

        GradientTransform.inPlace "clip by value" [] (fun _ gradient _ _ update ->
            TensorPrimitives.Clamp(ReadOnlySpan gradient, -limit, limit, Span update))
