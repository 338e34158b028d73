namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Matrix products by register tiles of 4 rows x 2 vectors over packed panels of the right-hand matrix.
[<AbstractClass; Sealed>]
type internal MatMulKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// The right-hand matrix (shared x columns, row r and column c at r * rowStep + c * columnStep) as panels of two
    /// vectors' columns, each shared x panel, zeros beyond the last column.
    static member Pack
        (b: ReadOnlySpan<float>, rowStep: int, columnStep: int, shared: int, columns: int, packed: float[])
        =
        let panel = 2 * 'O.Width
        let panels = (columns + panel - 1) / panel

        for p in 0 .. panels - 1 do
            let first = p * panel
            let count = min panel (columns - first)

            for r in 0 .. shared - 1 do
                let target = (p * shared + r) * panel

                for c in 0 .. count - 1 do
                    packed[target + c] <- b[r * rowStep + (first + c) * columnStep]

    /// c[rows first .. last, all columns] = a b for a packed b; element (i, r) of a is at i * rowStep + r * sharedStep.
    static member Multiply
        (
            a: ReadOnlySpan<float>,
            rowStep: int,
            sharedStep: int,
            packed: float[],
            c: Span<float>,
            first: int,
            last: int,
            shared: int,
            columns: int
        ) =
        let panel = 2 * 'O.Width
        let w = unativeint 'O.Width
        let panels = (columns + panel - 1) / panel
        let a0 = &MemoryMarshal.GetReference a
        let b0 = &MemoryMarshal.GetArrayDataReference packed
        let edge = Array.zeroCreate<float> panel
        let e0 = &MemoryMarshal.GetArrayDataReference edge
        let mutable i = first

        while i <= last do
            // rows beyond the last repeat it, and are not stored
            let rows = min 4 (last - i + 1)
            let row n = (i + min n (rows - 1)) * rowStep
            let r0, r1, r2, r3 = row 0, row 1, row 2, row 3

            for p in 0 .. panels - 1 do
                let mutable s00 = 'O.Zero
                let mutable s01 = 'O.Zero
                let mutable s10 = 'O.Zero
                let mutable s11 = 'O.Zero
                let mutable s20 = 'O.Zero
                let mutable s21 = 'O.Zero
                let mutable s30 = 'O.Zero
                let mutable s31 = 'O.Zero
                let mutable at = unativeint (p * shared * panel)
                let mutable step = 0

                for _ in 0 .. shared - 1 do
                    let x = 'O.Load(&b0, at)
                    let y = 'O.Load(&b0, at + w)
                    let v0 = 'O.Splat(Unsafe.Add(&a0, r0 + step))
                    s00 <- 'O.Fma(v0, x, s00)
                    s01 <- 'O.Fma(v0, y, s01)
                    let v1 = 'O.Splat(Unsafe.Add(&a0, r1 + step))
                    s10 <- 'O.Fma(v1, x, s10)
                    s11 <- 'O.Fma(v1, y, s11)
                    let v2 = 'O.Splat(Unsafe.Add(&a0, r2 + step))
                    s20 <- 'O.Fma(v2, x, s20)
                    s21 <- 'O.Fma(v2, y, s21)
                    let v3 = 'O.Splat(Unsafe.Add(&a0, r3 + step))
                    s30 <- 'O.Fma(v3, x, s30)
                    s31 <- 'O.Fma(v3, y, s31)
                    at <- at + unativeint panel
                    step <- step + sharedStep

                let count = min panel (columns - p * panel)

                for n in 0 .. rows - 1 do
                    let struct (x, y) =
                        match n with
                        | 0 -> struct (s00, s01)
                        | 1 -> struct (s10, s11)
                        | 2 -> struct (s20, s21)
                        | _ -> struct (s30, s31)

                    'O.Store(x, &e0, 0un)
                    'O.Store(y, &e0, w)
                    ReadOnlySpan(edge, 0, count).CopyTo(c.Slice((i + n) * columns + p * panel, count))

            i <- i + 4

/// Batches of matrices.
[<RequireQualifiedAccess>]
module internal CpuLinearAlgebra =

    [<AbstractClass>]
    type private Kernel() =
        abstract Width: int
        abstract Pack: float[] * int * int * int * int * int * float[] -> unit
        abstract Multiply: float[] * int * int * int * float[] * float[] * int * int * int * int * int -> unit

    [<Sealed>]
    type private Kernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>() =
        inherit Kernel()
        override _.Width = 'O.Width

        override _.Pack(b, offset, rowStep, columnStep, shared, columns, packed) =
            MatMulKernel<'O, 'V>.Pack(ReadOnlySpan(b).Slice offset, rowStep, columnStep, shared, columns, packed)

        override _.Multiply(a, offset, rowStep, sharedStep, packed, c, cOffset, first, last, shared, columns) =
            MatMulKernel<'O, 'V>
                .Multiply(
                    ReadOnlySpan(a).Slice offset,
                    rowStep,
                    sharedStep,
                    packed,
                    Span(c).Slice cOffset,
                    first,
                    last,
                    shared,
                    columns
                )

    let private kernel: Kernel =
        match SimdWidth.best with
        | SimdWidth.Vector512 -> Kernel<Ops512, _>()
        | SimdWidth.Vector256 -> Kernel<Ops256, _>()
        | _ -> Kernel<OpsScalar, _>()

    /// Below this many multiplications a matrix product is done by plain loops.
    [<Literal>]
    let private Small = 512

    let private plain
        (a: float[])
        aAt
        aRow
        aShared
        (b: float[])
        bAt
        bShared
        bColumn
        (c: float[])
        cAt
        rows
        shared
        columns
        =
        for i in 0 .. rows - 1 do
            for j in 0 .. columns - 1 do
                let mutable sum = 0.0

                for r in 0 .. shared - 1 do
                    sum <- sum + a[aAt + i * aRow + r * aShared] * b[bAt + r * bShared + j * bColumn]

                c[cAt + i * columns + j] <- sum

    let matMul (a: float[]) transposeA aBatch (b: float[]) transposeB bBatch batches rows shared columns : float[] =
        let c = Array.zeroCreate<float>(batches * rows * columns)
        let aRow, aShared = if transposeA then 1, rows else shared, 1
        let bShared, bColumn = if transposeB then 1, shared else columns, 1

        if rows * shared * columns <= Small then
            for n in 0 .. batches - 1 do
                plain
                    a
                    (n * aBatch)
                    aRow
                    aShared
                    b
                    (n * bBatch)
                    bShared
                    bColumn
                    c
                    (n * rows * columns)
                    rows
                    shared
                    columns
        else
            let panel = 2 * kernel.Width
            let packed = Array.zeroCreate<float>((columns + panel - 1) / panel * panel * shared)

            for n in 0 .. batches - 1 do
                if n = 0 || bBatch > 0 then
                    kernel.Pack(b, n * bBatch, bShared, bColumn, shared, columns, packed)

                let multiply first last =
                    kernel.Multiply(
                        a,
                        n * aBatch,
                        aRow,
                        aShared,
                        packed,
                        c,
                        n * rows * columns,
                        first,
                        last,
                        shared,
                        columns
                    )

                let group = max 4 (((1 <<< 18) / max 1 (shared * columns) + 3) / 4 * 4)

                if rows <= group then
                    multiply 0 (rows - 1)
                else
                    Threading.Tasks.Parallel.For(
                        0,
                        (rows + group - 1) / group,
                        fun g -> multiply (g * group) (min rows ((g + 1) * group) - 1)
                    )
                    |> ignore

        c

    let cholesky (a: float[]) batches dimension : struct (float[] * int) =
        let l = Array.zeroCreate<float>(batches * dimension * dimension)
        let size = dimension * dimension
        let mutable bad = -1

        for n in 0 .. batches - 1 do
            match Cholesky.tryFactor dimension (ReadOnlySpan(a, n * size, size)) with
            | ValueSome factor -> factor.CopyTo(l, n * size)
            | ValueNone when bad < 0 -> bad <- n
            | ValueNone -> ()

        struct (l, bad)

    let solveLower (l: float[]) transposed (b: float[]) batches dimension columns : float[] =
        let x = Array.copy b

        for n in 0 .. batches - 1 do
            let lAt = n * dimension * dimension
            let xAt = n * dimension * columns

            // rows of X in the order in which they are known: x_i = (b_i - Σ l_ij x_j) / l_ii
            for step in 0 .. dimension - 1 do
                let i = if transposed then dimension - 1 - step else step
                let row = xAt + i * columns

                let subtract j entry =
                    for c in 0 .. columns - 1 do
                        x[row + c] <- x[row + c] - entry * x[xAt + j * columns + c]

                if transposed then
                    for j in i + 1 .. dimension - 1 do
                        subtract j l[lAt + j * dimension + i]
                else
                    for j in 0 .. i - 1 do
                        subtract j l[lAt + i * dimension + j]

                for c in 0 .. columns - 1 do
                    x[row + c] <- x[row + c] / l[lAt + i * dimension + i]

        x

    let lowerTriangle (x: float[]) batches rows columns diagonal : float[] =
        let y = Array.zeroCreate<float> x.Length

        for n in 0 .. batches * rows - 1 do
            let count = max 0 (min columns (n % rows + diagonal + 1))
            Array.blit x (n * columns) y (n * columns) count

        y
