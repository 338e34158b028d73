namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// Transposition of float64 by registers: eight rows by eight columns at a time, or four by four.
[<RequireQualifiedAccess>]
module internal Transposition =
    let isFast = Avx.IsSupported

    /// Eight rows of eight columns, a vector a row.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let private eight
        (a: Vector512<float>)
        (b: Vector512<float>)
        (c: Vector512<float>)
        (d: Vector512<float>)
        (e: Vector512<float>)
        (f: Vector512<float>)
        (g: Vector512<float>)
        (h: Vector512<float>)
        (target: byref<float>)
        (to': unativeint)
        (next: unativeint)
        =
        // pairs of rows: even columns, then odd ones; then quarters, of which the first and third lie in both operands
        let mutable parity = 0un

        while parity < 2un do
            let even = parity = 0un

            let ab =
                if even then
                    Avx512F.UnpackLow(a, b)
                else
                    Avx512F.UnpackHigh(a, b)

            let cd =
                if even then
                    Avx512F.UnpackLow(c, d)
                else
                    Avx512F.UnpackHigh(c, d)

            let ef =
                if even then
                    Avx512F.UnpackLow(e, f)
                else
                    Avx512F.UnpackHigh(e, f)

            let gh =
                if even then
                    Avx512F.UnpackLow(g, h)
                else
                    Avx512F.UnpackHigh(g, h)

            let abcd = Avx512F.Shuffle4x128(ab, cd, 0x44uy)
            let efgh = Avx512F.Shuffle4x128(ef, gh, 0x44uy)
            let to' = to' + parity * next
            Avx512F.Shuffle4x128(abcd, efgh, 0x88uy).StoreUnsafe(&target, to')
            Avx512F.Shuffle4x128(abcd, efgh, 0xDDuy).StoreUnsafe(&target, to' + 2un * next)
            let abcd = Avx512F.Shuffle4x128(ab, cd, 0xEEuy)
            let efgh = Avx512F.Shuffle4x128(ef, gh, 0xEEuy)
            Avx512F.Shuffle4x128(abcd, efgh, 0x88uy).StoreUnsafe(&target, to' + 4un * next)
            Avx512F.Shuffle4x128(abcd, efgh, 0xDDuy).StoreUnsafe(&target, to' + 6un * next)
            parity <- parity + 1un

    /// Four rows of four columns.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let private four (source: byref<float>) (at: unativeint) (step: unativeint) (target: byref<float>) to' next =
        let a = Vector256.LoadUnsafe(&source, at)
        let b = Vector256.LoadUnsafe(&source, at + step)
        let c = Vector256.LoadUnsafe(&source, at + 2un * step)
        let d = Vector256.LoadUnsafe(&source, at + 3un * step)
        // pairs of rows, then halves
        let ab0 = Avx.UnpackLow(a, b)
        let ab1 = Avx.UnpackHigh(a, b)
        let cd0 = Avx.UnpackLow(c, d)
        let cd1 = Avx.UnpackHigh(c, d)
        Avx.Permute2x128(ab0, cd0, 0x20uy).StoreUnsafe(&target, to')
        Avx.Permute2x128(ab1, cd1, 0x20uy).StoreUnsafe(&target, to' + next)
        Avx.Permute2x128(ab0, cd0, 0x31uy).StoreUnsafe(&target, to' + 2un * next)
        Avx.Permute2x128(ab1, cd1, 0x31uy).StoreUnsafe(&target, to' + 3un * next)

    /// target[c * stride + r] = source[r * columns + c] for c below the columns used (a multiple of 4) and r below the
    /// rows, rounded down to a multiple of 8.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let blocks (source: byref<float>) (rows: int) (columns: int) (used: int) (target: byref<float>) (stride: int) =
        let step = unativeint columns
        let next = unativeint stride
        let whole = rows / 8 * 8
        let mutable c = 0

        while c < used do
            let wide = Avx512F.IsSupported && c + 8 <= used
            let mutable r = 0

            while r < whole do
                let at = unativeint r * step + unativeint c
                let to' = unativeint c * next + unativeint r

                if wide then
                    eight
                        (Vector512.LoadUnsafe(&source, at))
                        (Vector512.LoadUnsafe(&source, at + step))
                        (Vector512.LoadUnsafe(&source, at + 2un * step))
                        (Vector512.LoadUnsafe(&source, at + 3un * step))
                        (Vector512.LoadUnsafe(&source, at + 4un * step))
                        (Vector512.LoadUnsafe(&source, at + 5un * step))
                        (Vector512.LoadUnsafe(&source, at + 6un * step))
                        (Vector512.LoadUnsafe(&source, at + 7un * step))
                        &target
                        to'
                        next

                    r <- r + 8
                else
                    four &source at step &target to' next
                    r <- r + 4

            c <- c + (if wide then 8 else 4)

    /// Whether bytes can be widened by registers.
    let isFastForBytes = Avx512DQ.IsSupported

    /// Eight bytes as eight numbers.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let private widen (source: byref<byte>) (at: unativeint) =
        let eight = Unsafe.ReadUnaligned<uint64>(&Unsafe.Add(&source, at))

        Avx512DQ.ConvertToVector512Double(
            Avx512F.ConvertToVector512UInt64(Vector128.CreateScalarUnsafe(eight).AsByte())
        )

    /// As blocks, from bytes; columns used are a multiple of 8.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let byteBlocks (source: byref<byte>) (rows: int) (columns: int) (used: int) (target: byref<float>) (stride: int) =
        let step = unativeint columns
        let next = unativeint stride
        let mutable c = 0

        while c < used do
            let mutable r = 0

            while r < rows / 8 * 8 do
                let at = unativeint r * step + unativeint c

                eight
                    (widen &source at)
                    (widen &source (at + step))
                    (widen &source (at + 2un * step))
                    (widen &source (at + 3un * step))
                    (widen &source (at + 4un * step))
                    (widen &source (at + 5un * step))
                    (widen &source (at + 6un * step))
                    (widen &source (at + 7un * step))
                    &target
                    (unativeint c * next + unativeint r)
                    next

                r <- r + 8

            c <- c + 8

    /// target[c * stride + r] = source[r * columns + c] for r below the rows and c below the columns used.
    let all (source: Span<float>) (rows: int) (columns: int) (used: int) (target: Span<float>) (stride: int) =
        let mutable wholeRows = 0
        let mutable wholeColumns = 0

        if isFast then
            wholeRows <- rows / 8 * 8
            wholeColumns <- used / 4 * 4

            blocks
                &(MemoryMarshal.GetReference source)
                rows
                columns
                wholeColumns
                &(MemoryMarshal.GetReference target)
                stride

        for r in 0 .. rows - 1 do
            for c in (if r < wholeRows then wholeColumns else 0) .. used - 1 do
                target[c * stride + r] <- source[r * columns + c]
