namespace Mixtures

open System
open System.Collections.Generic
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Runtime.Intrinsics

/// Where a dataset's numbers live: rows x columns of float64, float32 or bytes, widened only block by block.
[<AbstractClass>]
type internal Storage() =
    abstract Rows: int
    abstract Columns: int

    /// Writes rows start .. start + destination.Length - 1 of a column, as float64.
    abstract Fill: start: int * column: int * destination: Span<float> -> unit

    /// Writes rows start .. start + count - 1 of the chosen columns, as float64: number r of the c-th chosen column
    /// goes to destination[c * stride + r].
    abstract FillBlock: start: int * count: int * chosen: int[] * destination: Span<float> * stride: int -> unit

    default storage.FillBlock(start, count, chosen, destination, stride) =
        for c in 0 .. chosen.Length - 1 do
            storage.Fill(start, chosen[c], destination.Slice(c * stride, count))

/// Rows in any order.
[<RequireQualifiedAccess>]
module internal RowRuns =

    /// Calls with each run of rows that follow each other, among so many from a position on: how many came before, its first
    /// row and its length.
    let iter (rows: int[]) (position: int) (count: int) (action: int -> int -> int -> unit) =
        let mutable before = 0

        while before < count do
            let first = rows[position + before]
            let mutable length = 1

            while before + length < count && rows[position + before + length] = first + length do
                length <- length + 1

            action before first length
            before <- before + length

/// Row-major numbers in chunks of equally many rows (the last may be shorter), so that a table of unknown length
/// can grow without ever being copied.
[<Sealed>]
type internal RowMajorStorage<'T when 'T: struct and 'T :> INumberBase<'T>>
    (chunks: IReadOnlyList<'T[]>, rowsPerChunk: int, rows: int, columns: int) =
    inherit Storage()

    /// Reads a number of each cache line in order, which memory answers fastest: what comes after finds them in cache.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private Touch(chunk: 'T[], first: int, count: int) =
        let line = 64 / Unsafe.SizeOf<'T>()
        let source = &MemoryMarshal.GetArrayDataReference chunk
        let mutable sum = 'T.Zero
        let mutable at = first

        while at < first + count do
            sum <- sum + Unsafe.Add(&source, at)
            at <- at + line

        sum

    /// Whether the chosen columns lie side by side.
    static member private InOrder(chosen: int[]) =
        let mutable c = 1

        while c < chosen.Length && chosen[c] = chosen[c - 1] + 1 do
            c <- c + 1

        c >= chosen.Length

    // destination[c * stride + r] = chunk[(first + r) * columns + chosen[c]], eight rows at a time, so that whole
    // cache lines are written and eight rows are read in step
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member private Transpose
        (
            chunk: 'T[],
            first: int,
            count: int,
            columns: int,
            chosen: int[],
            inOrder: bool,
            destination: Span<float>,
            stride: int
        ) =
        let source = &MemoryMarshal.GetArrayDataReference chunk
        let target = &MemoryMarshal.GetReference destination
        let step = nativeint columns
        let mutable r = 0

        // the first columns, if they are chosen in order, go by registers
        let mutable start = 0

        let from = &Unsafe.Add(&source, nativeint first * step + nativeint chosen[0])

        if inOrder && typeof<'T> = typeof<float> && Transposition.isFast then
            start <- chosen.Length / 4 * 4
            Transposition.blocks (&Unsafe.As<'T, float>(&from)) count columns start &target stride
        elif inOrder && typeof<'T> = typeof<byte> && Transposition.isFastForBytes then
            start <- chosen.Length / 8 * 8
            Transposition.byteBlocks (&Unsafe.As<'T, byte>(&from)) count columns start &target stride

        while r + 8 <= count do
            let row = nativeint (first + r) * step

            for c in start .. chosen.Length - 1 do
                let at = row + nativeint chosen[c]
                let x0 = Double.CreateTruncating(Unsafe.Add(&source, at))
                let x1 = Double.CreateTruncating(Unsafe.Add(&source, at + step))
                let x2 = Double.CreateTruncating(Unsafe.Add(&source, at + 2n * step))
                let x3 = Double.CreateTruncating(Unsafe.Add(&source, at + 3n * step))
                let x4 = Double.CreateTruncating(Unsafe.Add(&source, at + 4n * step))
                let x5 = Double.CreateTruncating(Unsafe.Add(&source, at + 5n * step))
                let x6 = Double.CreateTruncating(Unsafe.Add(&source, at + 6n * step))
                let x7 = Double.CreateTruncating(Unsafe.Add(&source, at + 7n * step))
                let to' = unativeint (c * stride + r)
                Vector256.Create(x0, x1, x2, x3).StoreUnsafe(&target, to')
                Vector256.Create(x4, x5, x6, x7).StoreUnsafe(&target, to' + 4un)

            r <- r + 8

        while r < count do
            let row = nativeint (first + r) * step

            for c in 0 .. chosen.Length - 1 do
                Unsafe.Add(&target, c * stride + r) <-
                    Double.CreateTruncating(Unsafe.Add(&source, row + nativeint chosen[c]))

            r <- r + 1

    override _.Rows = rows
    override _.Columns = columns

    /// All numbers, where they lie in one array of exactly the right length.
    member _.SingleArray: 'T[] | null =
        if chunks.Count = 1 && chunks[0].LongLength = int64 rows * int64 columns then
            chunks[0]
        else
            null

    override storage.Fill(start, column, destination) =
        storage.FillBlock(start, destination.Length, [| column |], destination, destination.Length)

    override _.FillBlock(start, count, chosen, destination, stride) =
        for column in chosen do
            if uint column >= uint columns then
                invalidArg (nameof chosen) $"expected columns 0 to {columns - 1}, received {column}"

        if start < 0 || count < 0 || start > rows - count then
            invalidArg (nameof start) $"expected a block inside {rows} rows, received {count} rows from {start}"

        if
            chosen.Length > 0
            && (stride < count || destination.Length < (chosen.Length - 1) * stride + count)
        then
            invalidArg (nameof destination) $"expected room for {chosen.Length} x {count} numbers"

        let inOrder = RowMajorStorage<'T>.InOrder chosen
        let mutable filled = 0

        while filled < count && chosen.Length > 0 do
            let row = start + filled
            let chunk = chunks[row / rowsPerChunk]
            let first = row % rowsPerChunk
            let length = min (count - filled) (rowsPerChunk - first)

            if columns = 1 then
                for c in 0 .. chosen.Length - 1 do
                    TensorPrimitives.ConvertTruncating<'T, float>(
                        ReadOnlySpan<'T>(chunk, first, length),
                        destination.Slice(c * stride + filled, length)
                    )
            else
                // about as many rows at a time as the nearest cache holds, and as many pages as its translation buffer
                let mutable part = 0

                while part < length do
                    let row = first + part
                    let rows = min (length - part) (max 32 (4096 / columns / 8 * 8))
                    RowMajorStorage<'T>.Touch(chunk, row * columns, rows * columns) |> ignore

                    RowMajorStorage<'T>
                        .Transpose(chunk, row, rows, columns, chosen, inOrder, destination.Slice(filled + part), stride)

                    part <- part + rows

            filled <- filled + length

/// Column-major numbers, an array a column, as Fortran and NumPy's order='F' lay them out.
[<Sealed>]
type internal ColumnMajorStorage<'T when 'T: struct and 'T :> INumberBase<'T>>(values: 'T[][], rows: int) =
    inherit Storage()
    override _.Rows = rows
    override _.Columns = values.Length

    override _.Fill(start, column, destination) =
        TensorPrimitives.ConvertTruncating<'T, float>(
            ReadOnlySpan<'T>(values[column], start, destination.Length),
            destination
        )

/// A growing row-major table of float64 that is never copied, except for its first megabyte.
[<Sealed>]
type internal StorageBuilder(columns: int) =
    let rowsPerChunk = max 1 (131072 / max 1 columns)
    let chunks = List<float[]>()
    let mutable rows = 0

    member _.Rows = rows

    /// Room for one more row; fill it at once.
    member _.AddRow() : Span<float> =
        if rows = Int32.MaxValue then
            raise (DataException $"There are more than {Int32.MaxValue} rows: read them as a stream, or fewer of them.")

        let index = rows % rowsPerChunk

        if index = 0 then
            // small tables take little: the first chunk grows, the others have their full length at once
            let length = if rows = 0 then min rowsPerChunk 64 else rowsPerChunk
            chunks.Add(Array.zeroCreate (length * columns))
        elif index * columns = chunks[chunks.Count - 1].Length then
            let larger = Array.zeroCreate (min rowsPerChunk (2 * index) * columns)
            chunks[0].CopyTo(larger, 0)
            chunks[0] <- larger

        rows <- rows + 1
        Span<float>(chunks[chunks.Count - 1], index * columns, columns)

    /// Replaces a column's whole numbers by those that stand at their places; NaN stays.
    member _.Replace(column: int, replacements: float[]) =
        for r in 0 .. rows - 1 do
            let value = &chunks[r / rowsPerChunk][r % rowsPerChunk * columns + column]

            if not (Double.IsNaN value) then
                value <- replacements[int value]

    member _.ToStorage() : Storage =
        RowMajorStorage<float>(chunks, rowsPerChunk, rows, columns)
