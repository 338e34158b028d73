namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Column-by-column work on tiles: scaled distances, weighted sums and sums of squares. Lanes are rows.
[<AbstractClass; Sealed>]
type internal DiagonalKernels<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// lanes += constant - factor Σ_d ((x_d - mean_d) scale_d)²
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddScaledDistance
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            mean: Span<float>,
            scale: Span<float>,
            factor: float,
            constant: float,
            lanes: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let m = &MemoryMarshal.GetReference mean
        let s = &MemoryMarshal.GetReference scale
        let out = &MemoryMarshal.GetReference lanes
        let dimension = unativeint mean.Length
        let last = unativeint rows
        let mutable o = 0un

        while o < last do
            let mutable q = Q<'O, 'V>.Zero
            let mutable xo = o
            let mutable d = 0un

            while d < dimension do
                let t =
                    Q<'O, 'V>
                        .Scale(Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), Q<'O, 'V>.Splat(&m, d)), Q<'O, 'V>.Splat(&s, d))

                q <- Q<'O, 'V>.MulAdd(t, t, q)
                d <- d + 1un
                xo <- xo + unativeint stride

            Q<'O, 'V>.Accumulate(Q<'O, 'V>.Fma('O.Splat -factor, q, Q<'O, 'V>.Repeat('O.Splat constant)), &out, o)
            o <- o + 4un * unativeint 'O.Width

    /// lanes += constant - factor Σ_d (x_d - mean_d)²
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddDistance
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            mean: Span<float>,
            factor: float,
            constant: float,
            lanes: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let m = &MemoryMarshal.GetReference mean
        let out = &MemoryMarshal.GetReference lanes
        let dimension = unativeint mean.Length
        let last = unativeint rows
        let mutable o = 0un

        while o < last do
            let mutable q = Q<'O, 'V>.Zero
            let mutable xo = o
            let mutable d = 0un

            while d < dimension do
                let t = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), Q<'O, 'V>.Splat(&m, d))
                q <- Q<'O, 'V>.MulAdd(t, t, q)
                d <- d + 1un
                xo <- xo + unativeint stride

            Q<'O, 'V>.Accumulate(Q<'O, 'V>.Fma('O.Splat -factor, q, Q<'O, 'V>.Repeat('O.Splat constant)), &out, o)
            o <- o + 4un * unativeint 'O.Width

    /// Per column, into one vector of accumulators each: sums += Σ a (x - centre).
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddSums
        (tile: Span<float>, stride: int, rows: int, weights: Span<float>, centre: Span<float>, sums: Span<float>)
        =
        let x = &MemoryMarshal.GetReference tile
        let a = &MemoryMarshal.GetReference weights
        let out = &MemoryMarshal.GetReference sums
        let w = unativeint 'O.Width
        let group = 4un * w

        for d in 0 .. centre.Length - 1 do
            let c = 'O.Splat centre[d]
            let mutable sum = Q<'O, 'V>.Zero
            let mutable o = 0un
            let mutable xo = unativeint (d * stride)

            while o < unativeint rows do
                sum <- Q<'O, 'V>.MulAdd(Q<'O, 'V>.Load(&a, o), Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), c), sum)
                o <- o + group
                xo <- xo + group

            let at = unativeint d * w
            'O.Store('O.Add('O.Load(&out, at), Q<'O, 'V>.SumOfFour sum), &out, at)

    /// Per column, into two neighbouring vectors of accumulators: Σ a (x - centre) and Σ a (x - centre)².
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddSumsAndSquares
        (tile: Span<float>, stride: int, rows: int, weights: Span<float>, centre: Span<float>, moments: Span<float>)
        =
        let x = &MemoryMarshal.GetReference tile
        let a = &MemoryMarshal.GetReference weights
        let out = &MemoryMarshal.GetReference moments
        let w = unativeint 'O.Width
        let group = 4un * w
        let strideN = unativeint stride
        let mutable d = 0

        // two columns at a time share the loads of the weights
        while d + 2 <= centre.Length do
            let c0 = 'O.Splat centre[d]
            let c1 = 'O.Splat centre[d + 1]
            let mutable sum0 = Q<'O, 'V>.Zero
            let mutable sum1 = Q<'O, 'V>.Zero
            let mutable square0 = Q<'O, 'V>.Zero
            let mutable square1 = Q<'O, 'V>.Zero
            let mutable o = 0un
            let mutable xo = unativeint (d * stride)

            while o < unativeint rows do
                let weight = Q<'O, 'V>.Load(&a, o)
                let r0 = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), c0)
                let r1 = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo + strideN), c1)
                let t0 = Q<'O, 'V>.Mul(weight, r0)
                let t1 = Q<'O, 'V>.Mul(weight, r1)
                sum0 <- Q<'O, 'V>.Add(sum0, t0)
                sum1 <- Q<'O, 'V>.Add(sum1, t1)
                square0 <- Q<'O, 'V>.MulAdd(t0, r0, square0)
                square1 <- Q<'O, 'V>.MulAdd(t1, r1, square1)
                o <- o + group
                xo <- xo + group

            let at = unativeint (2 * d) * w
            'O.Store('O.Add('O.Load(&out, at), Q<'O, 'V>.SumOfFour sum0), &out, at)
            'O.Store('O.Add('O.Load(&out, at + w), Q<'O, 'V>.SumOfFour square0), &out, at + w)
            'O.Store('O.Add('O.Load(&out, at + 2un * w), Q<'O, 'V>.SumOfFour sum1), &out, at + 2un * w)
            'O.Store('O.Add('O.Load(&out, at + 3un * w), Q<'O, 'V>.SumOfFour square1), &out, at + 3un * w)
            d <- d + 2

        if d < centre.Length then
            let c = 'O.Splat centre[d]
            let mutable sum = Q<'O, 'V>.Zero
            let mutable square = Q<'O, 'V>.Zero
            let mutable o = 0un
            let mutable xo = unativeint (d * stride)

            while o < unativeint rows do
                let r = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), c)
                let t = Q<'O, 'V>.Mul(Q<'O, 'V>.Load(&a, o), r)
                sum <- Q<'O, 'V>.Add(sum, t)
                square <- Q<'O, 'V>.MulAdd(t, r, square)
                o <- o + group
                xo <- xo + group

            let at = unativeint (2 * d) * w
            'O.Store('O.Add('O.Load(&out, at), Q<'O, 'V>.SumOfFour sum), &out, at)
            'O.Store('O.Add('O.Load(&out, at + w), Q<'O, 'V>.SumOfFour square), &out, at + w)

    /// y = √a (x - centre), column by column, and sums += Σ a (x - centre); roots is room for √a of each row.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Centre
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            weights: Span<float>,
            centre: Span<float>,
            roots: Span<float>,
            y: Span<float>,
            sums: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let a = &MemoryMarshal.GetReference weights
        let root = &MemoryMarshal.GetReference roots
        let y = &MemoryMarshal.GetReference y
        let out = &MemoryMarshal.GetReference sums
        let w = unativeint 'O.Width
        let group = 4un * w
        let mutable o = 0un

        while o < unativeint rows do
            'O.Store('O.Sqrt('O.Load(&a, o)), &root, o)
            o <- o + w

        for d in 0 .. centre.Length - 1 do
            let c = 'O.Splat centre[d]
            let mutable sum = Q<'O, 'V>.Zero
            let mutable o = 0un
            let mutable xo = unativeint (d * stride)

            while o < unativeint rows do
                let r = Q<'O, 'V>.Load(&root, o)
                let t = Q<'O, 'V>.Mul(r, Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), c))
                Q<'O, 'V>.Store(t, &y, xo)
                sum <- Q<'O, 'V>.MulAdd(r, t, sum)
                o <- o + group
                xo <- xo + group

            let at = unativeint d * w
            'O.Store('O.Add('O.Load(&out, at), Q<'O, 'V>.SumOfFour sum), &out, at)

    /// totals += the sum of the lanes of each vector of accumulators.
    static member Reduce(accumulators: Span<float>, totals: Span<float>) =
        let sums = &MemoryMarshal.GetReference accumulators

        for d in 0 .. totals.Length - 1 do
            totals[d] <- totals[d] + 'O.Sum('O.Load(&sums, unativeint (d * 'O.Width)))
