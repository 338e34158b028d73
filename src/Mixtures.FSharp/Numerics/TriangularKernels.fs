namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Triangular work on tiles: Mahalanobis distances by forward substitution, and scatter matrices.
/// Lanes are rows; register tiles are four columns by four vectors of rows.
[<AbstractClass; Sealed>]
type internal TriangularKernels<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// How many coefficients a factor of this dimension packs into.
    static member PackedLength(dimension: int) = dimension * (dimension + 3) / 2

    /// Packs a mean and a lower Cholesky factor in the order in which Solve reads them: per block of four columns the
    /// means, the coefficients -L of the columns before, the reciprocal diagonal and the -L within the block.
    static member Pack(dimension: int, mean: ReadOnlySpan<float>, factor: ReadOnlySpan<float>, packed: Span<float>) =
        let mutable at = 0
        let mutable i = 0

        while i + 4 <= dimension do
            for b in 0..3 do
                packed[at + b] <- mean[i + b]

            at <- at + 4

            for j in 0 .. i - 1 do
                for b in 0..3 do
                    packed[at + b] <- -factor[(i + b) * dimension + j]

                at <- at + 4

            for b in 0..3 do
                packed[at + b] <- 1.0 / factor[(i + b) * dimension + i + b]

            at <- at + 4

            for b in 1..3 do
                for c in 0 .. b - 1 do
                    packed[at] <- -factor[(i + b) * dimension + i + c]
                    at <- at + 1

            i <- i + 4

        while i < dimension do
            packed[at] <- mean[i]
            at <- at + 1

            for j in 0 .. i - 1 do
                packed[at] <- -factor[i * dimension + j]
                at <- at + 1

            packed[at] <- 1.0 / factor[i * dimension + i]
            at <- at + 1
            i <- i + 1

    /// For each row: solves L z = x - mean and adds constant - |z|²/2 to the lanes. The scratch holds z: of one group
    /// of rows at a time (dimension x 4 vectors), or, with keep, of every row (dimension x stride, like the tile).
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddLogDensity
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            dimension: int,
            packed: Span<float>,
            scratch: Span<float>,
            keep: bool,
            constant: float,
            lanes: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let c = &MemoryMarshal.GetReference packed
        let z = &MemoryMarshal.GetReference scratch
        let out = &MemoryMarshal.GetReference lanes
        let group = 4un * unativeint 'O.Width
        let strideN = unativeint stride
        let last = unativeint rows
        let half = 'O.Splat -0.5
        let constants = 'O.Splat constant
        let zStep = if keep then strideN else group
        let mutable o = 0un

        while o < last do
            let mutable q = Q<'O, 'V>.Zero
            let mutable at = 0un
            let mutable i = 0un
            let mutable xo = o
            let zFirst = if keep then o else 0un
            let mutable zo = zFirst

            while i + 4un <= unativeint dimension do
                let mutable a0 = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), Q<'O, 'V>.Splat(&c, at))

                let mutable a1 =
                    Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo + strideN), Q<'O, 'V>.Splat(&c, at + 1un))

                let mutable a2 =
                    Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo + 2un * strideN), Q<'O, 'V>.Splat(&c, at + 2un))

                let mutable a3 =
                    Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo + 3un * strideN), Q<'O, 'V>.Splat(&c, at + 3un))

                at <- at + 4un
                let mutable zj = zFirst

                // a_i -= Σ_{j < block} L_ij z_j
                while zj < zo do
                    let zs = Q<'O, 'V>.Load(&z, zj)
                    a0 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at), zs, a0)
                    a1 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 1un), zs, a1)
                    a2 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 2un), zs, a2)
                    a3 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 3un), zs, a3)
                    at <- at + 4un
                    zj <- zj + zStep

                // forward substitution within the block
                let z0 = Q<'O, 'V>.Scale(a0, Q<'O, 'V>.Splat(&c, at))
                a1 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 4un), z0, a1)
                a2 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 5un), z0, a2)
                a3 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 7un), z0, a3)
                let z1 = Q<'O, 'V>.Scale(a1, Q<'O, 'V>.Splat(&c, at + 1un))
                a2 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 6un), z1, a2)
                a3 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 8un), z1, a3)
                let z2 = Q<'O, 'V>.Scale(a2, Q<'O, 'V>.Splat(&c, at + 2un))
                a3 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at + 9un), z2, a3)
                let z3 = Q<'O, 'V>.Scale(a3, Q<'O, 'V>.Splat(&c, at + 3un))
                at <- at + 10un
                Q<'O, 'V>.Store(z0, &z, zo)
                Q<'O, 'V>.Store(z1, &z, zo + zStep)
                Q<'O, 'V>.Store(z2, &z, zo + 2un * zStep)
                Q<'O, 'V>.Store(z3, &z, zo + 3un * zStep)
                q <- Q<'O, 'V>.MulAdd(z0, z0, q)
                q <- Q<'O, 'V>.MulAdd(z1, z1, q)
                q <- Q<'O, 'V>.MulAdd(z2, z2, q)
                q <- Q<'O, 'V>.MulAdd(z3, z3, q)
                i <- i + 4un
                xo <- xo + 4un * strideN
                zo <- zo + 4un * zStep

            while i < unativeint dimension do
                let mutable a = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, xo), Q<'O, 'V>.Splat(&c, at))

                at <- at + 1un
                let mutable zj = zFirst

                while zj < zo do
                    a <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&c, at), Q<'O, 'V>.Load(&z, zj), a)
                    at <- at + 1un
                    zj <- zj + zStep

                let zi = Q<'O, 'V>.Scale(a, Q<'O, 'V>.Splat(&c, at))
                at <- at + 1un
                Q<'O, 'V>.Store(zi, &z, zo)
                q <- Q<'O, 'V>.MulAdd(zi, zi, q)
                i <- i + 1un
                xo <- xo + strideN
                zo <- zo + zStep

            // lanes += constant - q / 2
            let density = Q<'O, 'V>.Fma(half, q, Q<'O, 'V>.Repeat constants)

            Q<'O, 'V>.Accumulate(density, &out, o)
            o <- o + group

    /// How many accumulators a scatter matrix takes: D(D+1)/2 rounded up to register tiles.
    static member ScatterLength(dimension: int) =
        let blocks = dimension / 4
        let rest = dimension % 4
        8 * blocks * (blocks + 1) + rest * 4 * blocks + rest * (rest + 1) / 2

    /// Adds Σ y yᵀ over the tile to accumulators; y is D x stride, like a tile.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddScatter(y: Span<float>, stride: int, rows: int, dimension: int, accumulators: Span<float>) =
        let y = &MemoryMarshal.GetReference y
        let sums = &MemoryMarshal.GetReference accumulators
        let w = unativeint 'O.Width
        let group = 4un * w
        let strideN = unativeint stride
        let last = unativeint rows
        let blocks = dimension / 4
        let mutable at = 0un

        for i in 0 .. blocks - 1 do
            let yi = unativeint (4 * i) * strideN

            for j in 0..i do
                let mutable a0 = Q<'O, 'V>.Zero
                let mutable a1 = Q<'O, 'V>.Zero
                let mutable a2 = Q<'O, 'V>.Zero
                let mutable a3 = Q<'O, 'V>.Zero
                let mutable left = yi
                let mutable right = unativeint (4 * j) * strideN
                let final = left + last

                // a_ij += Σ_rows y_i y_j for four i and four j
                while left < final do
                    let b =
                        Quad<'V>(
                            'O.Load(&y, right),
                            'O.Load(&y, right + strideN),
                            'O.Load(&y, right + 2un * strideN),
                            'O.Load(&y, right + 3un * strideN)
                        )

                    a0 <- Q<'O, 'V>.Fma('O.Load(&y, left), b, a0)
                    a1 <- Q<'O, 'V>.Fma('O.Load(&y, left + strideN), b, a1)
                    a2 <- Q<'O, 'V>.Fma('O.Load(&y, left + 2un * strideN), b, a2)
                    a3 <- Q<'O, 'V>.Fma('O.Load(&y, left + 3un * strideN), b, a3)
                    left <- left + w
                    right <- right + w

                'O.AddSums(a0.A, a0.B, a0.C, a0.D, a1.A, a1.B, a1.C, a1.D, &sums, at, at + 4un)
                'O.AddSums(a2.A, a2.B, a2.C, a2.D, a3.A, a3.B, a3.C, a3.D, &sums, at + 8un, at + 12un)
                at <- at + 16un

        for i in 4 * blocks .. dimension - 1 do
            let yi = unativeint i * strideN

            for j in 0..i do
                let mutable sum = Q<'O, 'V>.Zero
                let mutable left = yi
                let mutable right = unativeint j * strideN
                let final = left + last

                while left < final do
                    sum <- Q<'O, 'V>.MulAdd(Q<'O, 'V>.Load(&y, left), Q<'O, 'V>.Load(&y, right), sum)
                    left <- left + group
                    right <- right + group

                accumulators[int at] <- accumulators[int at] + 'O.Sum(Q<'O, 'V>.SumOfFour sum)
                at <- at + 1un

    /// Adds the accumulators of AddScatter to a packed lower triangle (row by row).
    static member ReduceScatter(dimension: int, accumulators: Span<float>, triangle: Span<float>) =
        let blocks = dimension / 4
        let mutable at = 0

        for bi in 0 .. blocks - 1 do
            for bj in 0..bi do
                for i in 4 * bi .. 4 * bi + 3 do
                    for j in 4 * bj .. 4 * bj + 3 do
                        if j <= i then
                            let entry = i * (i + 1) / 2 + j
                            triangle[entry] <- triangle[entry] + accumulators[at]

                        at <- at + 1

        for i in 4 * blocks .. dimension - 1 do
            for j in 0..i do
                let entry = i * (i + 1) / 2 + j
                triangle[entry] <- triangle[entry] + accumulators[at]
                at <- at + 1
