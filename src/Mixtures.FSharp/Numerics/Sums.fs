namespace Mixtures

open System
open System.Numerics
open System.Runtime.CompilerServices

/// Sums in an order that depends on nothing but the length, so that they have the same bits wherever the numbers lie in
/// memory: TensorPrimitives' order depends on their alignment.
[<RequireQualifiedAccess>]
module internal Sums =

    /// Σ x, in four vectors of lanes.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let sum (x: ReadOnlySpan<float>) : float =
        let w = Vector<float>.Count
        let mutable a = Vector<float>.Zero
        let mutable b = Vector<float>.Zero
        let mutable c = Vector<float>.Zero
        let mutable d = Vector<float>.Zero
        let mutable i = 0

        while i + 4 * w <= x.Length do
            a <- a + Vector<float>(x.Slice i)
            b <- b + Vector<float>(x.Slice(i + w))
            c <- c + Vector<float>(x.Slice(i + 2 * w))
            d <- d + Vector<float>(x.Slice(i + 3 * w))
            i <- i + 4 * w

        while i + w <= x.Length do
            a <- a + Vector<float>(x.Slice i)
            i <- i + w

        let mutable total = Vector.Sum((a + b) + (c + d))

        while i < x.Length do
            total <- total + x[i]
            i <- i + 1

        total

    /// Σ x y, in four vectors of lanes; both of the same length.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let dot (x: ReadOnlySpan<float>) (y: ReadOnlySpan<float>) : float =
        let w = Vector<float>.Count
        let mutable a = Vector<float>.Zero
        let mutable b = Vector<float>.Zero
        let mutable c = Vector<float>.Zero
        let mutable d = Vector<float>.Zero
        let mutable i = 0

        while i + 4 * w <= x.Length do
            a <- a + Vector<float>(x.Slice i) * Vector<float>(y.Slice i)
            b <- b + Vector<float>(x.Slice(i + w)) * Vector<float>(y.Slice(i + w))
            c <- c + Vector<float>(x.Slice(i + 2 * w)) * Vector<float>(y.Slice(i + 2 * w))
            d <- d + Vector<float>(x.Slice(i + 3 * w)) * Vector<float>(y.Slice(i + 3 * w))
            i <- i + 4 * w

        while i + w <= x.Length do
            a <- a + Vector<float>(x.Slice i) * Vector<float>(y.Slice i)
            i <- i + w

        let mutable total = Vector.Sum((a + b) + (c + d))

        while i < x.Length do
            total <- total + x[i] * y[i]
            i <- i + 1

        total
