namespace Mixtures

open System
open System.Collections.Generic

/// A table of numbers, one row per observation: named columns, optional row weights, optional labels. Immutable.
/// Every number is finite, or NaN where the value is missing and missing cells were to be kept; there is at least one row
/// and one column. Sources that break this raise DataException.
[<Sealed>]
type Dataset
    internal
    (storage: Storage, columns: DatasetColumn[], named: bool, weights: RowWeights option, labels: Labels option) =
    let positions = columns |> Array.map _.Position
    let names = columns |> Array.map _.Name
    let hasMissing = columns |> Array.exists (fun column -> column.Missing > 0)

    static let ofStorage (missing: MissingCells) (storage: Storage) (names: IReadOnlyList<string> | null) =
        let given =
            match names with
            | null -> ColumnNames.generate storage.Columns
            | names -> ColumnNames.check names storage.Columns

        Dataset(storage, DatasetColumn.ofStorage missing storage given, not (isNull names), None, None)

    static let ofCursor (missing: MissingCells) (cursor: IRowCursor) (names: string[]) named hasWeights =
        let table = Table.ofCursor missing cursor names.Length hasWeights
        let columns = DatasetColumn.ofStorage missing table.Storage names
        Dataset(table.Storage, columns, named, table.Weights, table.Labels)

    let checkColumn (index: int) =
        if index < 0 || index >= columns.Length then
            invalidArg (nameof index) $"expected a column from 0 to {columns.Length - 1}, received {index}"

    /// What to keep of this dataset's missing cells when its numbers are copied.
    let kept =
        if hasMissing then
            MissingCells.Keep
        else
            MissingCells.Refuse

    /// The number of rows, N.
    member _.Count = storage.Rows

    /// The number of columns, D.
    member _.Dimension = columns.Length

    /// Whether any cell is missing: NaN in the numbers.
    member _.HasMissing = hasMissing

    /// How many cells of a column (index from 0) are missing.
    member _.MissingCount(index: int) : int =
        checkColumn index
        columns[index].Missing

    /// Where the first missing cell is, in words; to be asked where there is one.
    member internal _.MissingPlace =
        match DatasetColumn.firstMissing storage columns with
        | ValueSome(struct (row, column)) -> $"Row {row + 1}, column '{names[column]}'"
        | ValueNone -> "No cell"

    /// The names of the columns; x1, x2, … where the source has none.
    member _.ColumnNames: IReadOnlyList<string> = Array.AsReadOnly names

    /// Whether the column names came with the data.
    member _.HasColumnNames = named

    /// The row weights, or nothing where every row counts once.
    member _.Weights: ReadOnlyMemory<float> =
        match weights with
        | None -> ReadOnlyMemory<float>.Empty
        | Some weights -> ReadOnlyMemory<float> weights.Array

    /// Whether the rows carry weights.
    member _.HasWeights = weights.IsSome

    /// The labels of the rows, or null.
    member _.Labels: Labels | null =
        match labels with
        | None -> null
        | Some labels -> labels

    /// The labels of the rows, if there are any.
    member internal _.LabelsOption = labels

    /// The sum of the row weights; a row of weight 2 counts as two rows.
    member _.TotalWeight =
        match weights with
        | None -> float storage.Rows
        | Some weights -> weights.Total

    /// (Σw)² / Σw²: the number of equally weighted rows that carry as much information.
    member _.EffectiveRows =
        match weights with
        | None -> float storage.Rows
        | Some weights -> weights.Effective

    /// Fills the tile with the rows that start at the given one, as many as fit.
    member internal _.Fill(start: int, tile: Tile) =
        if tile.Dimension <> columns.Length then
            invalidArg (nameof tile) $"expected a tile of {columns.Length} columns, received {tile.Dimension}"

        let count = min tile.Capacity (storage.Rows - start)
        storage.FillBlock(start, count, positions, tile.Data, tile.Capacity)

        match weights with
        | None -> tile.Weights.Slice(0, count).Fill 1.0
        | Some weights -> weights.Storage.Fill(start, 0, tile.Weights.Slice(0, count))

        tile.SetCount count

    /// Fills the tile with the given rows from a position on, so many of them.
    member internal _.Gather(rows: int[], position: int, count: int, tile: Tile) =
        let mutable filled = 0

        while filled < count do
            let first = rows[position + filled]
            let mutable length = 1

            // rows that follow each other go together
            while filled + length < count && rows[position + filled + length] = first + length do
                length <- length + 1

            storage.FillBlock(first, length, positions, tile.Data.Slice filled, tile.Capacity)

            match weights with
            | None -> tile.Weights.Slice(filled, length).Fill 1.0
            | Some weights -> weights.Storage.Fill(first, 0, tile.Weights.Slice(filled, length))

            filled <- filled + length

        tile.SetCount count

    /// The numbers of one row (index from 0): D numbers.
    member _.Row(index: int) : float[] =
        if index < 0 || index >= storage.Rows then
            invalidArg (nameof index) $"expected a row from 0 to {storage.Rows - 1}, received {index}"

        let row = Array.zeroCreate columns.Length
        storage.FillBlock(index, 1, positions, row.AsSpan(), 1)
        row

    /// The chosen rows (indices from 0, repeated or not), with their weights and without labels, as a copy.
    member _.Take(rows: IReadOnlyList<int>) : Dataset =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        let d = columns.Length
        let values = Array.zeroCreate<float>(rows.Count * d)

        for i in 0 .. rows.Count - 1 do
            if rows[i] < 0 || rows[i] >= storage.Rows then
                invalidArg (nameof rows) $"expected rows from 0 to {storage.Rows - 1}, received {rows[i]}"

            storage.FillBlock(rows[i], 1, positions, values.AsSpan(i * d, d), 1)

        let picked =
            match weights with
            | None -> None
            | Some w ->
                let all = w.Array
                Some(RowWeights.OfArray(Array.init rows.Count (fun i -> all[rows[i]])))

        let taken = Table.ofRowMajor kept values d
        Dataset(taken, DatasetColumn.ofStorage kept taken names, named, picked, None)

    /// The numbers of one column (index from 0): N numbers.
    member _.Column(index: int) : float[] =
        checkColumn index
        let values = Array.zeroCreate storage.Rows
        storage.Fill(0, positions[index], values.AsSpan())
        values

    /// The same rows with other weights, one a row: finite, not negative, not all zero.
    member _.WithWeights(rowWeights: IReadOnlyList<float>) =
        ArgumentNullException.ThrowIfNull(rowWeights, nameof rowWeights)

        if rowWeights.Count <> storage.Rows then
            raise (
                DataException
                    $"""{Wording.count rowWeights.Count "weight"} for {Wording.count storage.Rows "row"}: give one weight for each row."""
            )

        Dataset(storage, columns, named, Some(RowWeights.OfArray(Seq.toArray rowWeights)), labels)

    /// The same rows with labels, one a row.
    member _.WithLabels(rowLabels: Labels) =
        ArgumentNullException.ThrowIfNull(rowLabels, nameof rowLabels)

        if rowLabels.Count <> storage.Rows then
            raise (
                DataException
                    $"""{Wording.count rowLabels.Count "label"} for {Wording.count storage.Rows "row"}: give one label for each row."""
            )

        Dataset(storage, columns, named, weights, Some rowLabels)

    /// The same rows with labels, one a row; a blank name means no label.
    member data.WithLabels(names: seq<string>) =
        ArgumentNullException.ThrowIfNull(names, nameof names)
        data.WithLabels(Labels.FromNames names)

    /// The same columns under other names: D names, none blank, no two alike.
    member _.WithColumnNames(columnNames: IReadOnlyList<string>) =
        let names = ColumnNames.check columnNames columns.Length

        let renamed =
            Array.map2 (fun (column: DatasetColumn) name -> { column with Name = name }) columns names

        Dataset(storage, renamed, true, weights, labels)

    /// The chosen columns, by position from 0, in the order given; at least one.
    member _.SelectAt(positions: IReadOnlyList<int>) =
        ArgumentNullException.ThrowIfNull(positions, nameof positions)

        if positions.Count = 0 then
            invalidArg (nameof positions) "expected at least one column, received none"

        for position in positions do
            if position < 0 || position >= columns.Length then
                invalidArg (nameof positions) $"expected columns 0 to {columns.Length - 1}, received {position}"

        let chosen = positions |> Seq.map (fun i -> columns[i]) |> Seq.toArray
        Dataset(storage, chosen, named, weights, labels)

    /// The chosen columns, by name, in the order given; DataException where there is no such column.
    member data.Select(columnNames: IReadOnlyList<string>) =
        ArgumentNullException.ThrowIfNull(columnNames, nameof columnNames)

        columnNames
        |> Seq.map (fun name ->
            match Array.IndexOf(names, name) with
            | -1 -> raise (DataException $"There is no column '{name}': the data have {ColumnNames.show names}.")
            | index -> index)
        |> Seq.toArray
        |> data.SelectAt

    /// The columns that a model was fitted to, in the model's order. Where the data have column names, all of the
    /// model's must be among them and others are left out; where the data have none, or the model's are x1, x2, …,
    /// their number must agree and the data are taken as they are. Otherwise DataException.
    member data.MatchColumns(modelColumns: IReadOnlyList<string>) =
        ArgumentNullException.ThrowIfNull(modelColumns, nameof modelColumns)

        match ColumnNames.matchTo modelColumns names named with
        | Some positions -> data.SelectAt positions
        | None -> data

    // the columns, weights and labels that the options ask for, of data without column names
    member private data.Choose(options: CsvOptions, file: string) =
        let find (reference: string) =
            match Int32.TryParse reference with
            | true, position when position >= 1 && position <= columns.Length -> position - 1
            | _ ->
                raise (
                    DataException
                        $"{file} has no column '{reference}': its columns have no names, so give a position from 1 to {columns.Length}."
                )

        let weightsColumn = Option.map find options.WeightsColumn
        let labelColumn = Option.map find options.LabelColumn

        let chosen =
            match options.Columns with
            | Some references -> references |> Seq.map find |> Seq.toArray
            | None ->
                [| 0 .. columns.Length - 1 |]
                |> Array.except (Option.toList weightsColumn @ Option.toList labelColumn)

        if chosen.Length = 0 then
            raise (DataException $"{file} has no column of data left: choose at least one column.")

        let table =
            if Option.isNone options.Columns && chosen.Length = columns.Length then
                data
            else
                data.SelectAt chosen

        let table =
            match weightsColumn with
            | Some position -> table.WithWeights(data.Column position)
            | None -> table

        match labelColumn with
        | Some position ->
            table.WithLabels(
                data.Column position
                |> Seq.map (fun v -> if Double.IsNaN v then "" else string v)
            )
        | None -> table

    override _.ToString() =
        let extras =
            (if weights.IsSome then ", weighted" else "")
            + (if labels.IsSome then ", labelled" else "")
            + (if hasMissing then
                   $""", {Wording.count (columns |> Array.sumBy _.Missing) "missing cell"}"""
               else
                   "")

        $"""{Wording.count storage.Rows "row"} x {Wording.count columns.Length "column"}{extras}: {ColumnNames.show names}"""

    /// Reads a CSV file with the default options.
    static member FromCsv(path: string) =
        Dataset.FromCsv(path, CsvOptions.Default)

    /// Reads a CSV file. DataException names the row, the line and the column of a cell that cannot be used.
    static member FromCsv(path: string, options: CsvOptions) =
        use cursor = new CsvCursor(path, options)
        let schema = cursor.Schema
        ofCursor options.Missing cursor schema.Names schema.Header.IsSome (schema.Weights >= 0)

    /// Reads a NumPy NPY file (versions 1 to 3): little-endian float64, float32 or bytes, kept in their own type; one
    /// dimension (a column) or two (rows x columns), in C or Fortran order.
    static member FromNpy(path: string) =
        Dataset.FromNpy(path, MissingCells.Refuse)

    /// Reads a NumPy NPY file, with a statement of what becomes of NaN.
    static member FromNpy(path: string, missing: MissingCells) =
        ofStorage missing (NpyFile.read missing path) null

    /// Reads an IDX file of unsigned bytes, plain or gzip (MNIST's own files as they are): one row an image, its pixels
    /// row by row; they stay bytes in memory.
    static member FromIdx(path: string) : Dataset =
        let struct (shape, values) = IdxFile.read path
        Dataset.FromBytes(values, values.Length / shape[0])

    /// Reads an IDX file of images and one of their labels.
    static member FromIdx(images: string, labels: string) : Dataset =
        let data: Dataset = Dataset.FromIdx images
        let struct (_, codes) = IdxFile.read labels

        if codes.Length <> data.Count then
            raise (
                DataException
                    $"{DataFile.name labels}: {codes.Length} labels for {data.Count} images: give the labels of the same images."
            )

        data.WithLabels(codes |> Seq.map string)

    /// The same rows with 1 where a number is at least the threshold, else 0; a byte a number.
    member data.Binarise(threshold: float) : Dataset =
        if hasMissing then
            raise (
                DataException
                    $"{data.MissingPlace} is missing: it is neither 0 nor 1. Fill it in, remove the row or select other columns."
            )

        let d = data.Dimension
        let values = Array.zeroCreate<byte>(data.Count * d)

        for c in 0 .. d - 1 do
            let column = data.Column c

            for i in 0 .. column.Length - 1 do
                values[i * d + c] <- if column[i] >= threshold then 1uy else 0uy

        data.Like(Table.ofRowMajor kept values d)

    /// The same rows, every number times a factor; float32 in memory.
    member data.Scale(factor: float) : Dataset =
        if not (Double.IsFinite factor) then
            invalidArg (nameof factor) $"expected a finite factor, received {Wording.number factor}"

        let d = data.Dimension
        let values = Array.zeroCreate<float32>(data.Count * d)

        for c in 0 .. d - 1 do
            let column = data.Column c

            for i in 0 .. column.Length - 1 do
                values[i * d + c] <- float32 (column[i] * factor)

        data.Like(Table.ofRowMajor kept values d)

    /// Other numbers of the same rows and columns.
    member private _.Like(other: Storage) : Dataset =
        Dataset(other, DatasetColumn.ofStorage kept other names, named, weights, labels)

    /// Reads a file: NPY where its name ends in .npy, otherwise CSV with the default options.
    static member FromFile(path: string) =
        Dataset.FromFile(path, CsvOptions.Default)

    /// Reads a file: NPY where its name ends in .npy, IDX where it ends in ubyte, .idx or that and .gz, otherwise CSV. The
    /// columns of NPY and IDX files have no names: there
    /// the options choose columns, weights and labels by position from 1.
    static member FromFile(path: string, options: CsvOptions) =
        ArgumentNullException.ThrowIfNull(path, nameof path)

        if path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) then
            Dataset.FromNpy(path, options.Missing).Choose(options, DataFile.name path)
        elif IdxFile.isIdx path then
            Dataset.FromIdx(path).Choose(options, DataFile.name path)
        else
            Dataset.FromCsv(path, options)

    /// Reads all rows of a source, with its weights.
    static member FromSource(source: IRowSource) =
        ArgumentNullException.ThrowIfNull(source, nameof source)

        match source with
        | :? Dataset as data -> data
        | _ ->
            use cursor = source.Open()

            let missing =
                match source with
                | :? CsvSource as file -> file.Missing
                | _ -> MissingCells.Refuse

            ofCursor missing cursor (Seq.toArray source.ColumnNames) source.HasColumnNames source.HasWeights

    /// A copy of an N x D array, one row per observation.
    static member FromRows(rows: float[,]) = Dataset.FromRows(rows, null)

    /// A copy of an N x D array, one row per observation, with D column names (or null).
    static member FromRows(rows: float[,], columnNames: IReadOnlyList<string> | null) =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        ofStorage MissingCells.Refuse (Table.ofArray2D MissingCells.Refuse rows) columnNames

    /// A copy of an N x D array, one row per observation, with D column names (or null) and a statement of what becomes of
    /// NaN.
    static member FromRows(rows: float[,], columnNames: IReadOnlyList<string> | null, missing: MissingCells) =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        ofStorage missing (Table.ofArray2D missing rows) columnNames

    /// A copy of rows of equal length, one per observation.
    static member FromRows(rows: seq<float[]>) = Dataset.FromRows(rows, null)

    /// A copy of rows of equal length, one per observation, with D column names (or null).
    static member FromRows(rows: seq<float[]>, columnNames: IReadOnlyList<string> | null) =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        ofStorage MissingCells.Refuse (Table.ofRows MissingCells.Refuse rows) columnNames

    /// A copy of rows of equal length, one per observation, with D column names (or null) and a statement of what becomes of
    /// NaN.
    static member FromRows(rows: seq<float[]>, columnNames: IReadOnlyList<string> | null, missing: MissingCells) =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        ofStorage missing (Table.ofRows missing rows) columnNames

    /// A copy of a single column, one number per observation.
    static member FromColumn(values: seq<float>) =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ofStorage MissingCells.Refuse (Table.ofColumn MissingCells.Refuse values) null

    /// A copy of a single column, one number per observation, with its name.
    static member FromColumn(values: seq<float>, columnName: string) =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        Dataset.FromColumn(values, columnName, MissingCells.Refuse)

    /// A copy of a single column, one number per observation, with its name and a statement of what becomes of NaN.
    static member FromColumn(values: seq<float>, columnName: string, missing: MissingCells) =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ofStorage missing (Table.ofColumn missing values) [| columnName |]

    /// A copy of N x D numbers, row by row.
    static member FromDoubles(values: float[], columns: int) =
        Dataset.FromDoubles(values, columns, null)

    /// A copy of N x D numbers, row by row, with D column names (or null).
    static member FromDoubles(values: float[], columns: int, columnNames: IReadOnlyList<string> | null) =
        Dataset.FromDoubles(values, columns, columnNames, MissingCells.Refuse)

    /// A copy of N x D numbers, row by row, with D column names (or null) and a statement of what becomes of
    /// NaN.
    static member FromDoubles
        (values: float[], columns: int, columnNames: IReadOnlyList<string> | null, missing: MissingCells)
        =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ofStorage missing (Table.ofRowMajor missing values columns) columnNames

    /// A copy of N x D float32 numbers, row by row; they stay float32 in memory.
    static member FromSingles(values: float32[], columns: int) =
        Dataset.FromSingles(values, columns, null)

    /// A copy of N x D float32 numbers, row by row, with D column names (or null); they stay float32 in memory.
    static member FromSingles(values: float32[], columns: int, columnNames: IReadOnlyList<string> | null) =
        Dataset.FromSingles(values, columns, columnNames, MissingCells.Refuse)

    /// A copy of N x D float32 numbers, row by row, with D column names (or null) and a statement of what becomes of
    /// NaN; they stay float32 in memory.
    static member FromSingles
        (values: float32[], columns: int, columnNames: IReadOnlyList<string> | null, missing: MissingCells)
        =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ofStorage missing (Table.ofRowMajor missing values columns) columnNames

    /// A copy of N x D bytes, row by row; they stay bytes in memory.
    static member FromBytes(values: byte[], columns: int) =
        Dataset.FromBytes(values, columns, null)

    /// A copy of N x D bytes, row by row, with D column names (or null); they stay bytes in memory.
    static member FromBytes(values: byte[], columns: int, columnNames: IReadOnlyList<string> | null) =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ofStorage MissingCells.Refuse (Table.ofRowMajor MissingCells.Refuse values columns) columnNames

    interface IRowSource with
        member _.ColumnNames = names
        member _.HasColumnNames = named
        member data.HasWeights = data.HasWeights
        member data.Count = Nullable(int64 data.Count)
        member data.Open() = new DatasetCursor(data)

/// Reads a dataset in order.
and [<Sealed>] internal DatasetCursor(data: Dataset) =
    let mutable next = 0

    interface IRowCursor with
        member _.Fill tile =
            if next = data.Count then
                0
            else
                data.Fill(next, tile)
                next <- next + tile.Count
                tile.Count

        member _.Dispose() = ()
