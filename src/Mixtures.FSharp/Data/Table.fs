namespace Mixtures

open System
open System.Collections.Generic
open System.Numerics
open System.Numerics.Tensors

/// What a reader found: numbers, and perhaps weights, labels and levels.
type internal Table =
    {
        Storage: Storage
        /// For each column, the names of its levels; none for a column of numbers.
        Levels: string[][]
        Weights: RowWeights option
        Labels: Labels option
    }

/// Reads arrays, sequences and cursors whole; every number is checked and copied.
[<RequireQualifiedAccess>]
module internal Table =
    let private notFinite (row: int) (column: int) (value: float) =
        let remedy =
            if Double.IsNaN value then
                "Replace it, remove the row or keep missing cells (MissingCells.Keep)."
            else
                "Replace it or remove the row."

        raise (
            DataException $"Row {row + 1}, column {column + 1}: {Wording.number value} is not a finite number. {remedy}"
        )

    /// The first number that is refused, or -1.
    let private firstRefused<'T when 'T: struct and 'T :> INumberBase<'T>>
        (missing: MissingCells)
        (values: ReadOnlySpan<'T>)
        =
        let mutable at = -1

        if not (TensorPrimitives.IsFiniteAll<'T> values) then
            let mutable i = 0

            while at < 0 && i < values.Length do
                if not ('T.IsFinite values[i]) && not (missing.IsKeep && 'T.IsNaN values[i]) then
                    at <- i

                i <- i + 1

        at

    let private checkRow (missing: MissingCells) (values: ReadOnlySpan<float>) (row: int) =
        match firstRefused missing values with
        | -1 -> ()
        | c -> notFinite row c values[c]

    let private noRows () =
        raise (DataException "There are no rows: give at least one.")

    let private noColumns () =
        raise (DataException "The rows have no columns: give at least one number in each row.")

    /// N x D numbers.
    let ofArray2D (missing: MissingCells) (values: float[,]) : Storage =
        let rows = values.GetLength 0
        let columns = values.GetLength 1

        if rows = 0 then
            noRows ()

        if columns = 0 then
            noColumns ()

        let builder = StorageBuilder columns

        for r in 0 .. rows - 1 do
            let row = builder.AddRow()

            for c in 0 .. columns - 1 do
                row[c] <- values[r, c]

            checkRow missing (Span.op_Implicit row) r

        builder.ToStorage()

    /// Rows of equal length.
    let ofRows (missing: MissingCells) (rows: seq<float[]>) : Storage =
        use rows = rows.GetEnumerator()

        if not (rows.MoveNext()) then
            noRows ()

        let first = rows.Current

        if isNull (box first) then
            raise (DataException "Row 1 is missing (null).")

        if first.Length = 0 then
            noColumns ()

        let builder = StorageBuilder first.Length
        let mutable more = true

        while more do
            let row = rows.Current
            let index = builder.Rows

            if isNull (box row) then
                raise (
                    DataException
                        $"""Row {index + 1} is missing (null): expected {Wording.count first.Length "number"}."""
                )

            if row.Length <> first.Length then
                raise (
                    DataException
                        $"""Row {index + 1} has {Wording.count row.Length "number"}, but the first row has {first.Length}: give every row as many."""
                )

            checkRow missing (ReadOnlySpan<float> row) index
            row.CopyTo(builder.AddRow())
            more <- rows.MoveNext()

        builder.ToStorage()

    /// One number a row.
    let ofColumn (missing: MissingCells) (values: seq<float>) : Storage =
        let builder = StorageBuilder 1

        for value in values do
            if not (Double.IsFinite value || (missing.IsKeep && Double.IsNaN value)) then
                notFinite builder.Rows 0 value

            builder.AddRow()[0] <- value

        if builder.Rows = 0 then
            noRows ()

        builder.ToStorage()

    /// Row-major numbers of another type, which is kept.
    let ofRowMajor<'T when 'T: struct and 'T :> INumberBase<'T>>
        (missing: MissingCells)
        (values: 'T[])
        (columns: int)
        : Storage =
        if columns < 1 then
            invalidArg (nameof columns) $"expected at least 1 column, received {columns}"

        if values.Length = 0 then
            noRows ()

        if values.Length % columns <> 0 then
            raise (
                DataException
                    $"""{Wording.count values.Length "number"} cannot fill rows of {Wording.count columns "column"}: give a multiple of {columns}."""
            )

        match firstRefused<'T> missing (ReadOnlySpan<'T> values) with
        | -1 -> ()
        | i -> notFinite (i / columns) (i % columns) (Double.CreateTruncating values[i])

        let rows = values.Length / columns
        RowMajorStorage<'T>([| Array.copy values |], rows, rows, columns)

    /// D columns of numbers, each number changed: kept in another type.
    let map<'T when 'T: struct and 'T :> INumberBase<'T>>
        (missing: MissingCells)
        (columns: int)
        (columnOf: int -> float[])
        (change: float -> 'T)
        : Storage =
        let mutable values: 'T[] = [||]

        for c in 0 .. columns - 1 do
            let column = columnOf c

            if c = 0 then
                values <- Array.zeroCreate (column.Length * columns)

            for i in 0 .. column.Length - 1 do
                values[i * columns + c] <- change column[i]

        ofRowMajor missing values columns

    /// All rows of a cursor.
    let ofCursor (missing: MissingCells) (cursor: IRowCursor) (columns: int) hasWeights =
        let tile = Tile(columns, max 32 (32768 / columns / 32 * 32))
        let builder = StorageBuilder columns
        let weights = StorageBuilder 1
        let codes = List<int[]>()

        let labelled =
            match cursor with
            | :? ILabelledCursor as cursor -> Some cursor
            | _ -> None

        let mutable count = cursor.Fill tile

        while count > 0 do
            let data = tile.Data

            for r in 0 .. count - 1 do
                let index = builder.Rows
                let row = builder.AddRow()

                for c in 0 .. columns - 1 do
                    row[c] <- data[c * tile.Capacity + r]

                checkRow missing (Span.op_Implicit row) index

                if hasWeights then
                    weights.AddRow()[0] <- tile.Weights[r]

            match labelled with
            | Some cursor -> codes.Add(cursor.Codes.ToArray())
            | None -> ()

            count <- cursor.Fill tile

        if builder.Rows = 0 then
            noRows ()

        let levels =
            match labelled with
            | Some cursor ->
                cursor.LevelCodes
                |> Array.iteri (fun c replacements ->
                    if replacements.Length > 0 then
                        builder.Replace(c, replacements))

                cursor.LevelNames
            | None -> Array.create columns [||]

        {
            Storage = builder.ToStorage()
            Levels = levels
            Weights =
                if hasWeights then
                    Some(RowWeights.OfStorage(weights.ToStorage()))
                else
                    None
            Labels =
                match labelled with
                | Some cursor when codes[0].Length > 0 -> Some(Labels.OfChunks(codes, cursor.LabelNames))
                | _ -> None
        }

    /// The columns of a table, under the given names.
    let columns (missing: MissingCells) (names: string[]) (table: Table) : DatasetColumn[] =
        DatasetColumn.ofStorage missing table.Storage names
        |> Array.map2 (fun levels column -> { column with Levels = levels }) table.Levels
