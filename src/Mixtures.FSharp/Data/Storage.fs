namespace Mixtures

open System
open System.Collections.Generic
open System.Numerics

/// Where a dataset's numbers live: rows x columns of float64, float32 or bytes, widened only block by block.
[<AbstractClass>]
type internal Storage() =
    abstract Rows: int
    abstract Columns: int

    /// Writes rows start .. start + destination.Length - 1 of a column, as float64.
    abstract Fill: start: int * column: int * destination: Span<float> -> unit

/// Row-major numbers in chunks of equally many rows (the last may be shorter), so that a table of unknown length
/// can grow without ever being copied.
[<Sealed>]
type internal RowMajorStorage<'T when 'T: struct and 'T :> INumberBase<'T>>
    (chunks: IReadOnlyList<'T[]>, rowsPerChunk: int, rows: int, columns: int) =
    inherit Storage()
    override _.Rows = rows
    override _.Columns = columns

    override _.Fill(start, column, destination) =
        let mutable row = start
        let mutable filled = 0

        while filled < destination.Length do
            let chunk = chunks[row / rowsPerChunk]
            let first = row % rowsPerChunk
            let count = min (destination.Length - filled) (rowsPerChunk - first)
            let mutable source = first * columns + column

            for i in filled .. filled + count - 1 do
                destination[i] <- Double.CreateTruncating chunk[source]
                source <- source + columns

            row <- row + count
            filled <- filled + count

/// Column-major numbers in one array, as Fortran and NumPy's order='F' lay them out.
[<Sealed>]
type internal ColumnMajorStorage<'T when 'T: struct and 'T :> INumberBase<'T>>(values: 'T[], rows: int, columns: int) =
    inherit Storage()
    override _.Rows = rows
    override _.Columns = columns

    override _.Fill(start, column, destination) =
        let offset = column * rows + start

        for i in 0 .. destination.Length - 1 do
            destination[i] <- Double.CreateTruncating values[offset + i]

/// A growing row-major table of float64 that is never copied.
[<Sealed>]
type internal StorageBuilder(columns: int) =
    let rowsPerChunk = max 1 (131072 / max 1 columns)
    let chunks = List<float[]>()
    let mutable rows = 0

    member _.Rows = rows

    /// Room for one more row; fill it at once.
    member _.AddRow() : Span<float> =
        let index = rows % rowsPerChunk

        if index = 0 then
            chunks.Add(Array.zeroCreate (rowsPerChunk * columns))

        rows <- rows + 1
        Span<float>(chunks[chunks.Count - 1], index * columns, columns)

    member _.ToStorage() : Storage =
        RowMajorStorage<float>(chunks, rowsPerChunk, rows, columns)
