namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Log-sum-exp and responsibilities over a tile. Lanes are rows; component k's numbers start at k * stride.
[<AbstractClass; Sealed>]
type internal ResponsibilityKernels<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// From joint log-densities log π_k p_k(x) in the lanes: evidence = log Σ_k exp lanes_k, and lanes_k becomes the
    /// responsibility exp(lanes_k - evidence). A row of zero density under every component gets the weights π.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Normalise
        (
            lanes: Span<float>,
            stride: int,
            rows: int,
            components: int,
            evidence: Span<float>,
            weights: ReadOnlySpan<float>
        ) =
        let l = &MemoryMarshal.GetReference lanes
        let out = &MemoryMarshal.GetReference evidence
        let w = unativeint 'O.Width
        let group = 2un * w
        let strideN = unativeint stride
        let final = unativeint components * strideN
        // a finite stand-in for the largest of no finite numbers
        let lowest = 'O.Splat Double.MinValue
        let mutable o = 0un

        // two vectors of rows at a time, so that their chains of operations overlap
        while o < unativeint rows do
            let mutable largestA = lowest
            let mutable largestB = lowest
            let mutable at = o

            while at < final do
                largestA <- 'O.Max(largestA, 'O.NoNaN('O.Load(&l, at)))
                largestB <- 'O.Max(largestB, 'O.NoNaN('O.Load(&l, at + w)))
                at <- at + strideN

            let mutable sumA = 'O.Zero
            let mutable sumB = 'O.Zero
            at <- o

            while at < final do
                let a = Elementary<'O, 'V>.Exp('O.Sub('O.Load(&l, at), largestA))
                let b = Elementary<'O, 'V>.Exp('O.Sub('O.Load(&l, at + w), largestB))
                'O.Store(a, &l, at)
                'O.Store(b, &l, at + w)
                sumA <- 'O.Add(sumA, a)
                sumB <- 'O.Add(sumB, b)
                at <- at + strideN

            'O.Store('O.Add(largestA, Elementary<'O, 'V>.Log sumA), &out, o)
            'O.Store('O.Add(largestB, Elementary<'O, 'V>.Log sumB), &out, o + w)

            if 'O.AllPositive sumA && 'O.AllPositive sumB then
                let one = 'O.Splat 1.0
                let reciprocalA = 'O.Div(one, sumA)
                let reciprocalB = 'O.Div(one, sumB)
                at <- o

                while at < final do
                    'O.Store('O.Mul('O.Load(&l, at), reciprocalA), &l, at)
                    'O.Store('O.Mul('O.Load(&l, at + w), reciprocalB), &l, at + w)
                    at <- at + strideN
            else
                for row in int o .. int (o + group) - 1 do
                    let mutable total = 0.0

                    for k in 0 .. components - 1 do
                        total <- total + lanes[k * stride + row]

                    if not (total > 0.0) then
                        evidence[row] <- Double.NegativeInfinity

                    for k in 0 .. components - 1 do
                        let at = k * stride + row
                        lanes[at] <- if total > 0.0 then lanes[at] / total else weights[k]

            o <- o + group

    /// lanes_k *= w, and into one vector of accumulators a component: counts += Σ w r, squares += Σ (w r)².
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Weigh
        (
            lanes: Span<float>,
            stride: int,
            rows: int,
            components: int,
            weights: Span<float>,
            counts: Span<float>,
            squares: Span<float>
        ) =
        let l = &MemoryMarshal.GetReference lanes
        let a = &MemoryMarshal.GetReference weights
        let first = &MemoryMarshal.GetReference counts
        let second = &MemoryMarshal.GetReference squares
        let w = unativeint 'O.Width

        for k in 0 .. components - 1 do
            let mutable sum = 'O.Zero
            let mutable square = 'O.Zero
            let mutable at = unativeint (k * stride)
            let mutable o = 0un

            while o < unativeint rows do
                let value = 'O.Mul('O.Load(&l, at), 'O.Load(&a, o))
                'O.Store(value, &l, at)
                sum <- 'O.Add(sum, value)
                square <- 'O.Fma(value, value, square)
                o <- o + w
                at <- at + w

            let slot = unativeint k * w
            'O.Store('O.Add('O.Load(&first, slot), sum), &first, slot)
            'O.Store('O.Add('O.Load(&second, slot), square), &second, slot)

    /// Whether some row of the tile has a positive responsibility.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AnyPositive(lanes: Span<float>, rows: int) =
        let l = &MemoryMarshal.GetReference lanes
        let mutable any = false
        let mutable o = 0un

        while not any && o < unativeint rows do
            any <- 'O.AnyNonZero('O.Load(&l, o))
            o <- o + unativeint 'O.Width

        any

    /// sum += Σ w evidence, over the rows of positive weight, in one vector of accumulators.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddWeighted(evidence: Span<float>, weights: Span<float>, rows: int, accumulator: Span<float>) =
        let e = &MemoryMarshal.GetReference evidence
        let a = &MemoryMarshal.GetReference weights
        let out = &MemoryMarshal.GetReference accumulator
        let w = unativeint 'O.Width
        let lowest = 'O.Splat Double.MinValue
        let mutable sum = 'O.Load(&out, 0un)
        let mutable o = 0un

        while o < unativeint rows do
            // a finite stand-in for minus infinity, so that a row of weight zero adds exactly zero
            sum <- 'O.Fma('O.Load(&a, o), 'O.Max('O.Load(&e, o), lowest), sum)
            o <- o + w

        'O.Store(sum, &out, 0un)
