namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Inner products of the rows of a tile with a vector for each component. Lanes are rows.
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
