namespace Mixtures

open System
open System.Collections.Generic

/// A place in a row source, from which rows are read in order. Used by one thread at a time; dispose of it when done.
type IRowCursor =
    inherit IDisposable

    /// Fills the tile with the next rows, as many as fit, sets its weights (1 where the source has none) and its
    /// count, and returns that number of rows; 0 at the end, where the tile is left alone. The tile has as many
    /// columns as the source. Raises DataException for rows that cannot be used.
    abstract Fill: tile: Tile -> int

/// Rows that can be read in order, any number of times: a table, a file, or a stream that does not fit in memory.
type IRowSource =
    /// The names of the columns; x1, x2, … where the source has none. Their number is the dimension, D.
    abstract ColumnNames: IReadOnlyList<string>

    /// Whether the column names came with the data.
    abstract HasColumnNames: bool

    /// Whether the rows carry weights.
    abstract HasWeights: bool

    /// The number of rows, where it is known before reading.
    abstract Count: Nullable<int64>

    /// A new cursor before the first row.
    abstract Open: unit -> IRowCursor

/// A cursor over labelled rows.
type internal ILabelledCursor =
    inherit IRowCursor

    /// The label codes of the rows that the last Fill gave; empty where there are no labels.
    abstract Codes: ReadOnlySpan<int>

    /// The names of the codes met so far.
    abstract LabelNames: string[]

    /// For each column, the names of the levels met so far, sorted; none for a column of numbers.
    abstract LevelNames: string[][]

    /// For each column of levels, what each number that Fill gave is to be replaced by, to be the code of its name; none
    /// where the numbers are right.
    abstract LevelCodes: float[][]

/// A cursor over so many rows that can be had from anywhere.
[<Sealed>]
type internal TableCursor(rows: int, fill: int -> Tile -> unit) =
    let mutable next = 0

    interface IRowCursor with
        member _.Fill tile =
            if next = rows then
                0
            else
                fill next tile
                next <- next + tile.Count
                tile.Count

        member _.Dispose() = ()

/// A cursor over a sequence of rows that are checked as they pass.
[<Sealed>]
type internal SequenceCursor(rows: seq<float[]>, columns: int) =
    let enumerator = rows.GetEnumerator()
    let mutable row = 0L

    let copy (values: float[] | null, tile: Tile, r: int) =
        match values with
        | null -> raise (DataException $"""Row {row} is missing (null): expected {Wording.count columns "number"}.""")
        | values ->
            if values.Length <> columns then
                raise (
                    DataException
                        $"""Row {row} has {Wording.count values.Length "number"}, but {columns} were expected."""
                )

            for c in 0 .. columns - 1 do
                if not (Double.IsFinite values[c]) then
                    raise (
                        DataException $"Row {row}, column {c + 1}: {Wording.number values[c]} is not a finite number."
                    )

                tile.Data[c * tile.Capacity + r] <- values[c]

    interface IRowCursor with
        member _.Fill tile =
            let mutable count = 0

            while count < tile.Capacity && enumerator.MoveNext() do
                row <- row + 1L
                copy (enumerator.Current, tile, count)
                count <- count + 1

            if count > 0 then
                tile.Weights.Fill 1.0
                tile.SetCount count

            count

        member _.Dispose() = enumerator.Dispose()

/// A sequence of rows as a source; each cursor enumerates it anew.
[<Sealed>]
type internal SequenceSource(rows: seq<float[]>, names: string[], named: bool) =
    interface IRowSource with
        member _.ColumnNames = names
        member _.HasColumnNames = named
        member _.HasWeights = false

        member _.Count =
            match rows with
            | :? IReadOnlyCollection<float[]> as rows -> Nullable(int64 rows.Count)
            | _ -> Nullable()

        member _.Open() = new SequenceCursor(rows, names.Length)
