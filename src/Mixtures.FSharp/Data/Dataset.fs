namespace Mixtures

open System
open System.Collections.Generic

/// A table of numbers, one row per observation: named columns, optional row weights, optional labels. Immutable.
/// A column may hold levels: the codes 0 … L - 1 of so many names. Every number is finite, or NaN where the value is missing
/// and missing cells were to be kept; there is at least one row and one column. Sources that break this raise DataException.
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

        let columns = Table.columns missing names table
        Dataset(table.Storage, columns, named, table.Weights, table.Labels)

    let checkColumn (index: int) =
        if index < 0 || index >= columns.Length then
            invalidArg (nameof index) $"expected a column from 0 to {columns.Length - 1}, received {index}"

    let demandOneARow (count: int) (noun: string) =
        if count <> storage.Rows then
            raise (
                DataException
                    $"""{Wording.count count noun} for {Wording.count storage.Rows "row"}: give one {noun} for each row."""
            )

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
    member internal _.MissingPlace = DatasetColumn.missingPlace storage columns

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
    member _.Labels: Labels | null = Option.toObj labels

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

        RowWeights.Fill(weights, start, tile.Weights.Slice(0, count))
        tile.SetCount count

    /// Fills the tile with the given rows from a position on, so many of them.
    member internal _.Gather(rows: int[], position: int, count: int, tile: Tile) =
        RowRuns.iter rows position count (fun before first length ->
            storage.FillBlock(first, length, positions, tile.Data.Slice before, tile.Capacity)
            RowWeights.Fill(weights, first, tile.Weights.Slice(before, length)))

        tile.SetCount count

    /// The numbers of one row (index from 0): D numbers.
    member _.Row(index: int) : float[] =
        if index < 0 || index >= storage.Rows then
            invalidArg (nameof index) $"expected a row from 0 to {storage.Rows - 1}, received {index}"

        let row = Array.zeroCreate columns.Length
        storage.FillBlock(index, 1, positions, row.AsSpan(), 1)
        row

    /// The chosen rows (indices from 0, repeated or not), with their weights and labels, as a copy.
    member _.Take(rows: IReadOnlyList<int>) : Dataset =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        let d = columns.Length
        let values = Array.zeroCreate<float>(rows.Count * d)

        for i in 0 .. rows.Count - 1 do
            if rows[i] < 0 || rows[i] >= storage.Rows then
                invalidArg (nameof rows) $"expected rows from 0 to {storage.Rows - 1}, received {rows[i]}"

            storage.FillBlock(rows[i], 1, positions, values.AsSpan(i * d, d), 1)

        let picked =
            weights
            |> Option.map (fun all -> RowWeights.OfArray(Array.init rows.Count (fun i -> all.Array[rows[i]])))

        let taken = Table.ofRowMajor kept values d
        Dataset(taken, DatasetColumn.copied kept taken columns, named, picked, labels |> Option.map _.Take(rows))

    /// The numbers of one column (index from 0): N numbers.
    member _.Column(index: int) : float[] =
        checkColumn index
        let values = Array.zeroCreate storage.Rows
        storage.Fill(0, positions[index], values.AsSpan())
        values

    /// The same rows with other weights, one a row: finite, not negative, not all zero.
    member _.WithWeights(rowWeights: IReadOnlyList<float>) =
        ArgumentNullException.ThrowIfNull(rowWeights, nameof rowWeights)

        demandOneARow rowWeights.Count "weight"

        Dataset(storage, columns, named, Some(RowWeights.OfArray(Seq.toArray rowWeights)), labels)

    /// The same rows with labels, one a row.
    member _.WithLabels(rowLabels: Labels) =
        ArgumentNullException.ThrowIfNull(rowLabels, nameof rowLabels)

        demandOneARow rowLabels.Count "label"

        Dataset(storage, columns, named, weights, Some rowLabels)

    /// The same rows with labels, one a row; a blank name means no label.
    member data.WithLabels(names: seq<string>) =
        ArgumentNullException.ThrowIfNull(names, nameof names)
        data.WithLabels(Labels.FromNames names)

    /// A partly labelled sample: rows with a label keep to its component (which one: Labels.AsComponents), and
    /// log-likelihoods are Σ w log p(x) over the other rows and Σ w log π_k p_k(x) over these.
    member data.KeepLabels() : Dataset =
        let none () =
            raise (DataException "There are no labels to keep: name the label column, or give labels.")

        data.WithLabels((Option.defaultWith none labels).AsComponents())

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

        Seq.iter checkColumn positions
        let chosen = positions |> Seq.map (fun i -> columns[i]) |> Seq.toArray
        Dataset(storage, chosen, named, weights, labels)

    /// The chosen columns, by name, in the order given; DataException where there is no such column.
    member data.Select(columnNames: IReadOnlyList<string>) =
        ArgumentNullException.ThrowIfNull(columnNames, nameof columnNames)

        columnNames |> Seq.map (ColumnNames.find names) |> Seq.toArray |> data.SelectAt

    /// The columns that a model was fitted to, in the model's order. Where the data have column names, all of the
    /// model's must be among them and others are left out; where the data have none, or the model's are x1, x2, …,
    /// their number must agree and the data are taken as they are. Otherwise DataException.
    member data.MatchColumns(modelColumns: IReadOnlyList<string>) =
        ArgumentNullException.ThrowIfNull(modelColumns, nameof modelColumns)

        match ColumnNames.matchTo modelColumns names named with
        | Some positions -> data.SelectAt positions
        | None -> data

    /// Whether any column holds levels.
    member _.HasLevels = columns |> Array.exists (fun column -> column.Levels.Length > 0)

    /// The names of a column's levels (index from 0), in the order of their codes; none for a column of numbers.
    member _.Levels(index: int) : IReadOnlyList<string> =
        checkColumn index
        Array.AsReadOnly columns[index].Levels

    /// The names of a column's levels, by the column's name; none for a column of numbers.
    member data.LevelsOf(columnName: string) : IReadOnlyList<string> =
        ArgumentNullException.ThrowIfNull(columnName, nameof columnName)
        data.Levels(ColumnNames.find names columnName)

    /// The same rows with names for the codes 0 … L - 1 in a column (index from 0); DataException names the row of a number
    /// that is no code.
    member data.WithLevels(index: int, levels: IReadOnlyList<string>) : Dataset =
        checkColumn index
        let levels = LevelNames.check levels
        LevelCodes.check names[index] levels (data.Column index)
        let named' = { columns[index] with Levels = levels }
        Dataset(storage, Array.updateAt index named' columns, named, weights, labels)

    /// The same rows with the levels of a column (index from 0) coded as in another list of names, which may have more;
    /// DataException names the row of a level that is not among these.
    member data.MatchLevels(index: int, levels: IReadOnlyList<string>) : Dataset =
        checkColumn index
        let own = columns[index]
        let levels = LevelNames.check levels

        if own.Levels.Length = 0 then
            raise (DataException $"Column '{own.Name}' holds numbers, not levels: give it levels first.")

        if own.Levels = levels then
            data
        else
            let values = data.Column index |> LevelCodes.translate own.Name own.Levels levels

            let changed =
                { own with
                    Position = storage.Columns
                    Levels = levels
                }

            Dataset(WidenedStorage.Of(storage, values), Array.updateAt index changed columns, named, weights, labels)

    /// The same rows with one more column, of levels: N texts, whose levels are sorted by their characters. Blank ones and
    /// null are missing.
    member data.WithTexts(columnName: string, texts: seq<string | null>) : Dataset =
        let struct (values, levels) = LevelCodes.ofTexts texts

        demandOneARow values.Length "text"

        let names' =
            ColumnNames.check (Array.append names [| columnName |]) (columns.Length + 1)

        let added =
            {
                Position = storage.Columns
                Name = names'[columns.Length]
                Missing = values |> Seq.filter Double.IsNaN |> Seq.length
                Levels = levels
            }

        Dataset(WidenedStorage.Of(storage, values), Array.append columns [| added |], true, weights, labels)

    // the columns, weights and labels that the options ask for, of data without column names
    member private data.Choose(options: CsvOptions, file: string) =
        let chosen = PositionedColumns.Of(options, file, columns.Length)

        let table =
            if Option.isNone options.Columns && chosen.Columns.Length = columns.Length then
                data
            else
                data.SelectAt chosen.Columns

        let table =
            match chosen.Weights with
            | Some position -> table.WithWeights(data.Column position)
            | None -> table

        match chosen.Label with
        | Some position ->
            table.WithLabels(
                data.Column position
                |> Seq.map (fun v -> if Double.IsNaN v then "" else string v)
            )
        | None -> table

    override _.ToString() =
        DatasetColumn.describeAll storage.Rows weights.IsSome labels.IsSome columns

    /// Reads a CSV file with the default options.
    static member FromCsv(path: string) =
        Dataset.FromCsv(path, CsvOptions.Default)

    /// Reads a CSV file. DataException names the row, the line and the column of a cell that cannot be used.
    static member FromCsv(path: string, options: CsvOptions) =
        let rec read texts : Dataset =
            use cursor = new CsvCursor(path, options, texts)
            let schema = cursor.Schema

            let hasNames, hasWeights = schema.Header.IsSome, schema.Weights >= 0
            let data = ofCursor options.Missing cursor schema.Names hasNames hasWeights

            if cursor.ToReadAgain.Length = 0 then
                data
            else
                read cursor.ToReadAgain

        read [||]

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
        data.WithLabels(IdxFile.readLabels labels data.Count |> Seq.map string)

    /// The same rows with 1 where a number is at least the threshold, else 0; a byte a number.
    member data.Binarise(threshold: float) : Dataset =
        DatasetColumn.demandNumbers columns

        if hasMissing then
            raise (DataException $"{data.MissingPlace} is missing, so it is neither 0 nor 1: fill it in.")

        let binary value = if value >= threshold then 1uy else 0uy

        data.Like(Table.map kept data.Dimension data.Column binary)

    /// The same rows, every number times a factor; float32 in memory.
    member data.Scale(factor: float) : Dataset =
        if not (Double.IsFinite factor) then
            invalidArg (nameof factor) $"expected a finite factor, received {Wording.number factor}"

        DatasetColumn.demandNumbers columns
        data.Like(Table.map kept data.Dimension data.Column (fun value -> float32 (value * factor)))

    /// Other numbers of the same rows and columns.
    member internal _.Like(other: Storage) : Dataset =
        Dataset(other, DatasetColumn.copied kept other columns, named, weights, labels)

    /// Reads a file: NPY where its name ends in .npy, otherwise CSV with the default options.
    static member FromFile(path: string) =
        Dataset.FromFile(path, CsvOptions.Default)

    /// Reads a file: NPY where its name ends in .npy, IDX where it ends in ubyte, .idx or that and .gz, otherwise CSV. Columns
    /// of NPY and IDX files have no names: there the options choose columns, weights and labels by position from 1.
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

            ofCursor
                (CsvSource.MissingOf source)
                cursor
                (Seq.toArray source.ColumnNames)
                source.HasColumnNames
                source.HasWeights

    /// A copy of an N x D array, one row per observation.
    static member FromRows(rows: float[,]) = Dataset.FromRows(rows, null)

    /// A copy of an N x D array, one row per observation, with D column names (or null).
    static member FromRows(rows: float[,], columnNames: IReadOnlyList<string> | null) =
        Dataset.FromRows(rows, columnNames, MissingCells.Refuse)

    /// A copy of an N x D array, one row per observation, with D column names (or null) and a statement of what becomes of
    /// NaN.
    static member FromRows(rows: float[,], columnNames: IReadOnlyList<string> | null, missing: MissingCells) =
        ArgumentNullException.ThrowIfNull(rows, nameof rows)
        ofStorage missing (Table.ofArray2D missing rows) columnNames

    /// A copy of rows of equal length, one per observation.
    static member FromRows(rows: seq<float[]>) = Dataset.FromRows(rows, null)

    /// A copy of rows of equal length, one per observation, with D column names (or null).
    static member FromRows(rows: seq<float[]>, columnNames: IReadOnlyList<string> | null) =
        Dataset.FromRows(rows, columnNames, MissingCells.Refuse)

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
        Dataset.FromColumn(values, columnName, MissingCells.Refuse)

    /// A copy of a single column, one number per observation, with its name and a statement of what becomes of NaN.
    static member FromColumn(values: seq<float>, columnName: string, missing: MissingCells) =
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ofStorage missing (Table.ofColumn missing values) [| columnName |]

    /// A single column of levels, one text per observation; the levels are sorted by their characters. Blank texts and null
    /// are missing.
    static member FromTexts(texts: seq<string | null>, columnName: string) : Dataset =
        let struct (values, levels) = LevelCodes.ofTexts texts
        let data: Dataset = Dataset.FromColumn(values, columnName, MissingCells.Keep)
        data.WithLevels(0, levels)

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

        member data.Open() =
            new TableCursor(data.Count, (fun start tile -> data.Fill(start, tile)))
