namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Inner products of the rows of a tile with a vector for each component, and weighted sums of the rows. Lanes are rows.
[<AbstractClass; Sealed>]
type internal LinearKernels<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// For each component: lanes_k += constant_k + Σ_d x_d slope_kd. Slopes of component k start at k * step.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddProducts
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            slopes: Span<float>,
            step: int,
            constants: Span<float>,
            lanes: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let s = &MemoryMarshal.GetReference slopes
        let out = &MemoryMarshal.GetReference lanes
        let group = 4un * unativeint 'O.Width
        let strideN = unativeint stride
        let count = constants.Length
        let mutable k = 0

        // four components at a time share the loads of the rows; those beyond the last repeat it and are not stored
        while k < count do
            let k1 = min (k + 1) (count - 1)
            let k2 = min (k + 2) (count - 1)
            let k3 = min (k + 3) (count - 1)
            let first = unativeint (k * step)
            let s1 = unativeint ((k1 - k) * step)
            let s2 = unativeint ((k2 - k) * step)
            let s3 = unativeint ((k3 - k) * step)
            let last = first + unativeint columns
            let mutable o = 0un

            while o < unativeint rows do
                let mutable q0 = Q<'O, 'V>.Zero
                let mutable q1 = Q<'O, 'V>.Zero
                let mutable q2 = Q<'O, 'V>.Zero
                let mutable q3 = Q<'O, 'V>.Zero
                let mutable xo = o
                let mutable so = first

                while so < last do
                    let row = Q<'O, 'V>.Load(&x, xo)
                    q0 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&s, so), row, q0)
                    q1 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&s, so + s1), row, q1)
                    q2 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&s, so + s2), row, q2)
                    q3 <- Q<'O, 'V>.Fma(Q<'O, 'V>.Splat(&s, so + s3), row, q3)
                    so <- so + 1un
                    xo <- xo + strideN

                let c0 = Q<'O, 'V>.Repeat('O.Splat constants[k])
                Q<'O, 'V>.Accumulate(Q<'O, 'V>.Add(q0, c0), &out, unativeint k * strideN + o)

                if k1 > k then
                    let c1 = Q<'O, 'V>.Repeat('O.Splat constants[k1])
                    Q<'O, 'V>.Accumulate(Q<'O, 'V>.Add(q1, c1), &out, unativeint k1 * strideN + o)

                if k2 > k1 then
                    let c2 = Q<'O, 'V>.Repeat('O.Splat constants[k2])
                    Q<'O, 'V>.Accumulate(Q<'O, 'V>.Add(q2, c2), &out, unativeint k2 * strideN + o)

                if k3 > k2 then
                    let c3 = Q<'O, 'V>.Repeat('O.Splat constants[k3])
                    Q<'O, 'V>.Accumulate(Q<'O, 'V>.Add(q3, c3), &out, unativeint k3 * strideN + o)

                o <- o + group

            k <- k + 4

    /// Per component and column: sums += Σ a x, laid out as those of DiagonalKernels.AddSums. The weights a are lanes.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member AddWeightedSums
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            components: int,
            weights: Span<float>,
            sums: Span<float>
        ) =
        let x = &MemoryMarshal.GetReference tile
        let a = &MemoryMarshal.GetReference weights
        let out = &MemoryMarshal.GetReference sums
        let w = unativeint 'O.Width
        let strideN = unativeint stride
        let step = DiagonalKernels<'O, 'V>.SumsStep columns
        let spare = unativeint (sums.Length - 4)
        let mutable k = 0

        // four components and four columns at a time; what lacks a partner is worked on twice, the second time for nothing
        while k < components do
            let k1 = min (k + 1) (components - 1)
            let k2 = min (k + 2) (components - 1)
            let k3 = min (k + 3) (components - 1)
            let a1 = unativeint (k1 - k) * strideN
            let a2 = unativeint (k2 - k) * strideN
            let a3 = unativeint (k3 - k) * strideN
            let mutable d = 0

            while d < columns do
                let x0 = unativeint d * strideN
                let x1 = unativeint (min (d + 1) (columns - 1)) * strideN
                let x2 = unativeint (min (d + 2) (columns - 1)) * strideN
                let x3 = unativeint (min (d + 3) (columns - 1)) * strideN
                let mutable s00 = 'O.Zero
                let mutable s01 = 'O.Zero
                let mutable s02 = 'O.Zero
                let mutable s03 = 'O.Zero
                let mutable s10 = 'O.Zero
                let mutable s11 = 'O.Zero
                let mutable s12 = 'O.Zero
                let mutable s13 = 'O.Zero
                let mutable s20 = 'O.Zero
                let mutable s21 = 'O.Zero
                let mutable s22 = 'O.Zero
                let mutable s23 = 'O.Zero
                let mutable s30 = 'O.Zero
                let mutable s31 = 'O.Zero
                let mutable s32 = 'O.Zero
                let mutable s33 = 'O.Zero
                let mutable o = 0un
                let mutable ao = unativeint k * strideN

                while o < unativeint rows do
                    let c0 = 'O.Load(&x, x0 + o)
                    let c1 = 'O.Load(&x, x1 + o)
                    let c2 = 'O.Load(&x, x2 + o)
                    let c3 = 'O.Load(&x, x3 + o)
                    let r = 'O.Load(&a, ao)
                    s00 <- 'O.Fma(r, c0, s00)
                    s01 <- 'O.Fma(r, c1, s01)
                    s02 <- 'O.Fma(r, c2, s02)
                    s03 <- 'O.Fma(r, c3, s03)
                    let r = 'O.Load(&a, ao + a1)
                    s10 <- 'O.Fma(r, c0, s10)
                    s11 <- 'O.Fma(r, c1, s11)
                    s12 <- 'O.Fma(r, c2, s12)
                    s13 <- 'O.Fma(r, c3, s13)
                    let r = 'O.Load(&a, ao + a2)
                    s20 <- 'O.Fma(r, c0, s20)
                    s21 <- 'O.Fma(r, c1, s21)
                    s22 <- 'O.Fma(r, c2, s22)
                    s23 <- 'O.Fma(r, c3, s23)
                    let r = 'O.Load(&a, ao + a3)
                    s30 <- 'O.Fma(r, c0, s30)
                    s31 <- 'O.Fma(r, c1, s31)
                    s32 <- 'O.Fma(r, c2, s32)
                    s33 <- 'O.Fma(r, c3, s33)
                    o <- o + w
                    ao <- ao + w

                let at0 = unativeint (k * step + d)
                let at1 = if k1 > k then unativeint (k1 * step + d) else spare
                let at2 = if k2 > k1 then unativeint (k2 * step + d) else spare
                let at3 = if k3 > k2 then unativeint (k3 * step + d) else spare
                'O.AddSums(s00, s01, s02, s03, s10, s11, s12, s13, &out, at0, at1)
                'O.AddSums(s20, s21, s22, s23, s30, s31, s32, s33, &out, at2, at3)
                d <- d + 4

            k <- k + 4
