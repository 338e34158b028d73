namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Log-sum-exp and responsibilities over a tile. Lanes are rows; component k's numbers start at k * stride.
[<AbstractClass; Sealed>]
type internal ResponsibilityKernels<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// From joint log-densities log π_k p_k(x) in the lanes: largest = max_k lanes_k, lanes_k becomes
    /// exp(lanes_k - largest), and sums are the sums of these.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member private Exponentials
        (lanes: Span<float>, stride: int, rows: int, components: int, largest: Span<float>, sums: Span<float>)
        =
        let l = &MemoryMarshal.GetReference lanes
        let most = &MemoryMarshal.GetReference largest
        let total = &MemoryMarshal.GetReference sums
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

            'O.Store(largestA, &most, o)
            'O.Store(largestB, &most, o + w)
            'O.Store(sumA, &total, o)
            'O.Store(sumB, &total, o + w)
            o <- o + group

    /// In place: sums become their reciprocals, and largest becomes largest + log sum. Whether all sums are positive.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member private Logarithms(rows: int, largest: Span<float>, sums: Span<float>) : bool =
        let most = &MemoryMarshal.GetReference largest
        let total = &MemoryMarshal.GetReference sums
        let one = 'O.Splat 1.0
        let mutable all = true
        let mutable o = 0un

        while o < unativeint rows do
            let sum = 'O.Load(&total, o)
            let mantissa = 'O.Mantissa sum
            // the logarithm and the reciprocal share a division: 1 / (m (1 + m))
            let beyond = 'O.Add(mantissa, one)
            let shared = 'O.Div(one, 'O.Mul(mantissa, beyond))

            let log =
                Elementary<'O, 'V>.Log(mantissa, 'O.Exponent sum, 'O.Mul(shared, mantissa))

            all <- all && 'O.AllPositive sum
            'O.Store('O.Add('O.Load(&most, o), log), &most, o)
            'O.Store('O.Mul('O.Mul(shared, beyond), 'O.InverseScale(sum, mantissa)), &total, o)
            o <- o + unativeint 'O.Width

        all

    /// From joint log-densities log π_k p_k(x) in the lanes: evidence = log Σ_k exp lanes_k, and lanes and factors whose
    /// products are the responsibilities exp(lanes_k - evidence). A row of zero density under every component gets the
    /// weights π; whether there was none such.
    static member Exponentiate
        (
            lanes: Span<float>,
            stride: int,
            rows: int,
            components: int,
            evidence: Span<float>,
            factors: Span<float>,
            weights: ReadOnlySpan<float>
        ) : bool =
        ResponsibilityKernels<'O, 'V>.Exponentials(lanes, stride, rows, components, evidence, factors)
        let ordinary = ResponsibilityKernels<'O, 'V>.Logarithms(rows, evidence, factors)

        if not ordinary then
            for row in 0 .. rows - 1 do
                let mutable any = false

                for k in 0 .. components - 1 do
                    any <- any || lanes[k * stride + row] > 0.0

                if not any then
                    evidence[row] <- Double.NegativeInfinity
                    factors[row] <- 1.0

                    for k in 0 .. components - 1 do
                        lanes[k * stride + row] <- weights[k]

        ordinary

    /// lanes_k *= factors
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Scale(lanes: Span<float>, stride: int, rows: int, components: int, factors: Span<float>) =
        let l = &MemoryMarshal.GetReference lanes
        let f = &MemoryMarshal.GetReference factors
        let group = 4un * unativeint 'O.Width

        for k in 0 .. components - 1 do
            let mutable at = unativeint (k * stride)
            let mutable o = 0un

            while o < unativeint rows do
                Q<'O, 'V>.Store(Q<'O, 'V>.Mul(Q<'O, 'V>.Load(&l, at), Q<'O, 'V>.Load(&f, o)), &l, at)
                o <- o + group
                at <- at + group

    /// factors *= w, lanes_k *= factors, and into one vector of accumulators a component: counts += Σ lanes_k,
    /// squares += Σ lanes_k².
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Weigh
        (
            lanes: Span<float>,
            stride: int,
            rows: int,
            components: int,
            factors: Span<float>,
            weights: Span<float>,
            counts: Span<float>,
            squares: Span<float>
        ) =
        let l = &MemoryMarshal.GetReference lanes
        let a = &MemoryMarshal.GetReference weights
        let f = &MemoryMarshal.GetReference factors
        let first = &MemoryMarshal.GetReference counts
        let second = &MemoryMarshal.GetReference squares
        let w = unativeint 'O.Width
        let group = 4un * w
        let mutable o = 0un

        while o < unativeint rows do
            Q<'O, 'V>.Store(Q<'O, 'V>.Mul(Q<'O, 'V>.Load(&f, o), Q<'O, 'V>.Load(&a, o)), &f, o)
            o <- o + group

        for k in 0 .. components - 1 do
            let mutable sum = Q<'O, 'V>.Zero
            let mutable square = Q<'O, 'V>.Zero
            let mutable at = unativeint (k * stride)
            let mutable o = 0un

            while o < unativeint rows do
                let value = Q<'O, 'V>.Mul(Q<'O, 'V>.Load(&l, at), Q<'O, 'V>.Load(&f, o))
                Q<'O, 'V>.Store(value, &l, at)
                sum <- Q<'O, 'V>.Add(sum, value)
                square <- Q<'O, 'V>.MulAdd(value, value, square)
                o <- o + group
                at <- at + group

            let slot = unativeint k * w
            'O.Store('O.Add('O.Load(&first, slot), Q<'O, 'V>.SumOfFour sum), &first, slot)
            'O.Store('O.Add('O.Load(&second, slot), Q<'O, 'V>.SumOfFour square), &second, slot)

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
        let mutable sum' = 'O.Zero
        let mutable o = 0un

        while o < unativeint rows do
            // a finite stand-in for minus infinity, so that a row of weight zero adds exactly zero
            sum <- 'O.Fma('O.Load(&a, o), 'O.Max('O.Load(&e, o), lowest), sum)
            sum' <- 'O.Fma('O.Load(&a, o + w), 'O.Max('O.Load(&e, o + w), lowest), sum')
            o <- o + 2un * w

        'O.Store('O.Add(sum, sum'), &out, 0un)
