namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Column-by-column work on tiles: scaled distances, weighted sums and sums of squares. Lanes are rows.
[<AbstractClass; Sealed>]
type internal DiagonalKernels<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// For each component: lanes_k += constant_k + factor Σ_d ((x_d - mean_kd) scale_kd)². Means of component k start at
    /// k * step, scales at k * scaleStep (0 where all share them).
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddScaledDistances
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            means: Span<float>,
            step: int,
            scales: Span<float>,
            scaleStep: int,
            factor: float,
            constants: Span<float>,
            lanes: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let m = &MemoryMarshal.GetReference means
        let s = &MemoryMarshal.GetReference scales
        let out = &MemoryMarshal.GetReference lanes
        let group = 4un * unativeint 'O.Width
        let factor = 'O.Splat factor
        let strideN = unativeint stride
        let mutable k = 0

        // two components at a time share the loads of the rows; a last one without a partner is its own
        while k < constants.Length do
            let k' = min (k + 1) (constants.Length - 1)
            let last = unativeint (k * step + columns)
            let partner = unativeint ((k' - k) * step)
            let scalePartner = unativeint ((k' - k) * scaleStep)
            let constant0 = Q<'O, 'V>.Repeat('O.Splat constants[k])
            let constant1 = Q<'O, 'V>.Repeat('O.Splat constants[k'])
            let mutable o = 0un

            while o < unativeint rows do
                let mutable q0 = Q<'O, 'V>.Zero
                let mutable q1 = Q<'O, 'V>.Zero
                let mutable xo = o
                let mutable at = unativeint (k * step)
                let mutable scaleAt = unativeint (k * scaleStep)

                while at < last do
                    let row = Q<'O, 'V>.Load(&x, xo)

                    let t0 =
                        Q<'O, 'V>.Scale(Q<'O, 'V>.Sub(row, Q<'O, 'V>.Splat(&m, at)), Q<'O, 'V>.Splat(&s, scaleAt))

                    q0 <- Q<'O, 'V>.MulAdd(t0, t0, q0)

                    let t1 =
                        Q<'O, 'V>
                            .Scale(
                                Q<'O, 'V>.Sub(row, Q<'O, 'V>.Splat(&m, at + partner)),
                                Q<'O, 'V>.Splat(&s, scaleAt + scalePartner)
                            )

                    q1 <- Q<'O, 'V>.MulAdd(t1, t1, q1)
                    at <- at + 1un
                    scaleAt <- scaleAt + 1un
                    xo <- xo + strideN

                Q<'O, 'V>.Accumulate(Q<'O, 'V>.Fma(factor, q0, constant0), &out, unativeint k * strideN + o)

                if k' > k then
                    Q<'O, 'V>.Accumulate(Q<'O, 'V>.Fma(factor, q1, constant1), &out, unativeint k' * strideN + o)

                o <- o + group

            k <- k + 2

    /// For each component: lanes_k += constant_k + factor_k Σ_d (x_d - mean_kd)². Means of component k start at k * step.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddDistances
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            means: Span<float>,
            step: int,
            factors: Span<float>,
            constants: Span<float>,
            lanes: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let m = &MemoryMarshal.GetReference means
        let out = &MemoryMarshal.GetReference lanes
        let group = 4un * unativeint 'O.Width
        let strideN = unativeint stride
        let mutable k = 0

        while k < constants.Length do
            let k' = min (k + 1) (constants.Length - 1)
            let last = unativeint (k * step + columns)
            let partner = unativeint ((k' - k) * step)
            let mutable o = 0un

            while o < unativeint rows do
                let mutable q0 = Q<'O, 'V>.Zero
                let mutable q1 = Q<'O, 'V>.Zero
                let mutable xo = o
                let mutable at = unativeint (k * step)

                while at < last do
                    let row = Q<'O, 'V>.Load(&x, xo)
                    let t0 = Q<'O, 'V>.Sub(row, Q<'O, 'V>.Splat(&m, at))
                    q0 <- Q<'O, 'V>.MulAdd(t0, t0, q0)
                    let t1 = Q<'O, 'V>.Sub(row, Q<'O, 'V>.Splat(&m, at + partner))
                    q1 <- Q<'O, 'V>.MulAdd(t1, t1, q1)
                    at <- at + 1un
                    xo <- xo + strideN

                let constant0 = Q<'O, 'V>.Repeat('O.Splat constants[k])

                Q<'O, 'V>
                    .Accumulate(Q<'O, 'V>.Fma('O.Splat factors[k], q0, constant0), &out, unativeint k * strideN + o)

                if k' > k then
                    let constant1 = Q<'O, 'V>.Repeat('O.Splat constants[k'])

                    Q<'O, 'V>
                        .Accumulate(
                            Q<'O, 'V>.Fma('O.Splat factors[k'], q1, constant1),
                            &out,
                            unativeint k' * strideN + o
                        )

                o <- o + group

            k <- k + 2

    /// How many numbers weighted sums (AddSums) are added to: per component the columns rounded up to four, then room to spare.
    static member SumsLength(components: int, columns: int) =
        components * DiagonalKernels<'O, 'V>.SumsStep columns + 4

    /// How far the sums of neighbouring components are apart.
    static member SumsStep(columns: int) = (columns + 3) / 4 * 4

    /// Per component and column: sums += Σ a (x - centre). The weights a are lanes; centres are K x D.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddSums
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            components: int,
            weights: Span<float>,
            centres: Span<float>,
            sums: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let a = &MemoryMarshal.GetReference weights
        let out = &MemoryMarshal.GetReference sums
        let w = unativeint 'O.Width
        let strideN = unativeint stride
        let step = DiagonalKernels<'O, 'V>.SumsStep columns
        let spare = sums.Length - 4
        let mutable k = 0

        // two components and four columns at a time; what lacks a partner is worked on twice, the second time for nothing
        while k < components do
            let k' = min (k + 1) (components - 1)
            let mutable d = 0

            while d < columns do
                let d1 = min (d + 1) (columns - 1)
                let d2 = min (d + 2) (columns - 1)
                let d3 = min (d + 3) (columns - 1)
                let c00 = 'O.Splat centres[k * columns + d]
                let c01 = 'O.Splat centres[k * columns + d1]
                let c02 = 'O.Splat centres[k * columns + d2]
                let c03 = 'O.Splat centres[k * columns + d3]
                let c10 = 'O.Splat centres[k' * columns + d]
                let c11 = 'O.Splat centres[k' * columns + d1]
                let c12 = 'O.Splat centres[k' * columns + d2]
                let c13 = 'O.Splat centres[k' * columns + d3]
                let mutable s00 = 'O.Zero
                let mutable s01 = 'O.Zero
                let mutable s02 = 'O.Zero
                let mutable s03 = 'O.Zero
                let mutable s10 = 'O.Zero
                let mutable s11 = 'O.Zero
                let mutable s12 = 'O.Zero
                let mutable s13 = 'O.Zero
                let mutable o = 0un
                let partner = unativeint (k' - k) * strideN
                let mutable ao = unativeint k * strideN
                let x0 = unativeint d * strideN
                let x1 = unativeint d1 * strideN
                let x2 = unativeint d2 * strideN
                let x3 = unativeint d3 * strideN

                while o < unativeint rows do
                    let a0 = 'O.Load(&a, ao)
                    let a1 = 'O.Load(&a, ao + partner)
                    let row = 'O.Load(&x, x0 + o)
                    s00 <- 'O.Fma(a0, 'O.Sub(row, c00), s00)
                    s10 <- 'O.Fma(a1, 'O.Sub(row, c10), s10)
                    let row = 'O.Load(&x, x1 + o)
                    s01 <- 'O.Fma(a0, 'O.Sub(row, c01), s01)
                    s11 <- 'O.Fma(a1, 'O.Sub(row, c11), s11)
                    let row = 'O.Load(&x, x2 + o)
                    s02 <- 'O.Fma(a0, 'O.Sub(row, c02), s02)
                    s12 <- 'O.Fma(a1, 'O.Sub(row, c12), s12)
                    let row = 'O.Load(&x, x3 + o)
                    s03 <- 'O.Fma(a0, 'O.Sub(row, c03), s03)
                    s13 <- 'O.Fma(a1, 'O.Sub(row, c13), s13)
                    o <- o + w
                    ao <- ao + w

                let first = k * step + d
                let second = if k' > k then k' * step + d else spare
                'O.AddSums(s00, s01, s02, s03, s10, s11, s12, s13, &out, unativeint first, unativeint second)
                d <- d + 4

            k <- k + 2

    /// How many numbers AddMoments adds to: per component two a column (their number rounded up to even), then room to
    /// spare.
    static member MomentsLength(components: int, columns: int) =
        components * DiagonalKernels<'O, 'V>.MomentsStep columns + 4

    /// How far the moments of neighbouring components are apart.
    static member MomentsStep(columns: int) = 2 * ((columns + 1) / 2 * 2)

    /// Per component and column, next to each other: Σ a (x - centre) and Σ a (x - centre)². The weights a are lanes;
    /// centres of component k start at k * step, its moments at k * momentsStep. Columns are even in number, but at the
    /// end of a row.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddMoments
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            components: int,
            weights: Span<float>,
            centres: Span<float>,
            step: int,
            moments: Span<float>,
            momentsStep: int
        ) =
        let x = &MemoryMarshal.GetReference tile
        let a = &MemoryMarshal.GetReference weights
        let out = &MemoryMarshal.GetReference moments
        let w = unativeint 'O.Width
        let strideN = unativeint stride
        let spare = moments.Length - 4
        let mutable k = 0

        // two components and two columns at a time; what lacks a partner is worked on twice, the second time for nothing
        while k < components do
            let k' = min (k + 1) (components - 1)
            let partner = unativeint (k' - k) * strideN
            let mutable d = 0

            while d < columns do
                let d' = min (d + 1) (columns - 1)
                let neighbour = unativeint (d' - d) * strideN
                let c00 = 'O.Splat centres[k * step + d]
                let c01 = 'O.Splat centres[k * step + d']
                let c10 = 'O.Splat centres[k' * step + d]
                let c11 = 'O.Splat centres[k' * step + d']
                let mutable s00 = 'O.Zero
                let mutable s01 = 'O.Zero
                let mutable s10 = 'O.Zero
                let mutable s11 = 'O.Zero
                let mutable q00 = 'O.Zero
                let mutable q01 = 'O.Zero
                let mutable q10 = 'O.Zero
                let mutable q11 = 'O.Zero
                let mutable ao = unativeint k * strideN
                let mutable xo = unativeint d * strideN
                let last = ao + unativeint rows

                while ao < last do
                    let a0 = 'O.Load(&a, ao)
                    let a1 = 'O.Load(&a, ao + partner)
                    let x0 = 'O.Load(&x, xo)
                    let x1 = 'O.Load(&x, xo + neighbour)
                    let r = 'O.Sub(x0, c00)
                    let t = 'O.Mul(a0, r)
                    s00 <- 'O.Add(s00, t)
                    q00 <- 'O.Fma(t, r, q00)
                    let r = 'O.Sub(x1, c01)
                    let t = 'O.Mul(a0, r)
                    s01 <- 'O.Add(s01, t)
                    q01 <- 'O.Fma(t, r, q01)
                    let r = 'O.Sub(x0, c10)
                    let t = 'O.Mul(a1, r)
                    s10 <- 'O.Add(s10, t)
                    q10 <- 'O.Fma(t, r, q10)
                    let r = 'O.Sub(x1, c11)
                    let t = 'O.Mul(a1, r)
                    s11 <- 'O.Add(s11, t)
                    q11 <- 'O.Fma(t, r, q11)
                    ao <- ao + w
                    xo <- xo + w

                let first = k * momentsStep + 2 * d
                let second = if k' > k then k' * momentsStep + 2 * d else spare
                'O.AddSums(s00, q00, s01, q01, s10, q10, s11, q11, &out, unativeint first, unativeint second)
                d <- d + 2

            k <- k + 2

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

            sums[d] <- sums[d] + 'O.Sum(Q<'O, 'V>.SumOfFour sum)

    /// totals += the sum of the lanes of each vector of accumulators.
    static member Reduce(accumulators: Span<float>, totals: Span<float>) =
        let sums = &MemoryMarshal.GetReference accumulators

        for d in 0 .. totals.Length - 1 do
            totals[d] <- totals[d] + 'O.Sum('O.Load(&sums, unativeint (d * 'O.Width)))
