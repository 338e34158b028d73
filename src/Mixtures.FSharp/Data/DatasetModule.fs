namespace Mixtures

open System.Collections.Generic

/// Functions on datasets.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Dataset =
    /// Reads a CSV file with the default options.
    let ofCsv (path: string) = Dataset.FromCsv path

    /// Reads a CSV file.
    let ofCsvWith (options: CsvOptions) (path: string) = Dataset.FromCsv(path, options)

    /// Reads a NumPy NPY file: little-endian float64, float32 or bytes, with one or two dimensions.
    let ofNpy (path: string) = Dataset.FromNpy path

    /// Reads an IDX file of unsigned bytes, plain or gzip, such as MNIST's images: one row an image.
    let ofIdx (path: string) = Dataset.FromIdx path

    /// Reads an IDX file of images and one of their labels.
    let ofIdxWithLabels (images: string) (labels: string) = Dataset.FromIdx(images, labels)

    /// The same rows with 1 where a number is at least the threshold, else 0.
    let binarise (threshold: float) (data: Dataset) = data.Binarise threshold

    /// The same rows, every number times a factor; float32 in memory.
    let scale (factor: float) (data: Dataset) = data.Scale factor

    /// Reads a file: NPY where its name ends in .npy, otherwise CSV with the options.
    let ofFile (path: string) (options: CsvOptions) = Dataset.FromFile(path, options)

    /// Reads all rows of a source, with its weights and labels.
    let ofSource (source: IRowSource) = Dataset.FromSource source

    /// A copy of an N x D array, one row per observation.
    let ofArray2D (rows: float[,]) = Dataset.FromRows rows

    /// A copy of rows of equal length, one per observation.
    let ofRows (rows: float[] list) = Dataset.FromRows rows

    /// A copy of rows of equal length, one per observation.
    let ofSeq (rows: seq<float[]>) = Dataset.FromRows rows

    /// A copy of a single column, one number per observation.
    let ofColumn (values: seq<float>) = Dataset.FromColumn values

    /// A copy of an N x D array, one row per observation, whose NaN are missing cells and kept.
    let ofArray2DWithMissing (rows: float[,]) =
        Dataset.FromRows(rows, null, MissingCells.Keep)

    /// A copy of rows of equal length, one per observation, whose NaN are missing cells and kept.
    let ofRowsWithMissing (rows: float[] list) =
        Dataset.FromRows(rows, null, MissingCells.Keep)

    /// A single column of levels, one text per observation (blank: missing); the levels are sorted by their characters.
    let ofTexts (name: string) (texts: seq<string>) =
        Dataset.FromTexts(texts |> Seq.map (fun text -> text), name)

    /// The same rows with one more column, of levels: one text per row (blank: missing).
    let withTexts (name: string) (texts: seq<string>) (data: Dataset) =
        data.WithTexts(name, texts |> Seq.map (fun text -> text))

    /// The names of a column's levels (position from 0), in the order of their codes; none for a column of numbers.
    let levels (column: int) (data: Dataset) = data.Levels column

    /// The same rows with names for the codes 0 … L - 1 in a column (position from 0).
    let withLevels (column: int) (names: IReadOnlyList<string>) (data: Dataset) = data.WithLevels(column, names)

    /// The labels of the rows, if there are any.
    let labels (data: Dataset) = data.LabelsOption

    /// The same rows, of which those with a label keep to the component of that label in fits and criteria.
    let keepLabels (data: Dataset) = data.KeepLabels()

    /// The same rows with other weights, one a row: finite, not negative, not all zero.
    let withWeights (weights: IReadOnlyList<float>) (data: Dataset) = data.WithWeights weights

    /// The same rows with labels, one a row.
    let withLabels (labels: Labels) (data: Dataset) = data.WithLabels labels

    /// The same columns under other names: D names, none blank, no two alike.
    let withColumnNames (names: IReadOnlyList<string>) (data: Dataset) = data.WithColumnNames names

    /// The chosen columns, by name, in the order given.
    let select (names: IReadOnlyList<string>) (data: Dataset) = data.Select names

    /// The chosen columns, by position from 0, in the order given.
    let selectAt (positions: IReadOnlyList<int>) (data: Dataset) = data.SelectAt positions

    /// The columns that a model was fitted to, in the model's order (see Dataset.MatchColumns).
    let matchColumns (modelColumns: IReadOnlyList<string>) (data: Dataset) = data.MatchColumns modelColumns

/// Rows that are read in order, from files and sequences.
[<RequireQualifiedAccess>]
module RowSource =
    /// A CSV file, read anew by each cursor. Its first record is read at once, to find the columns.
    let ofCsv (path: string) (options: CsvOptions) : IRowSource = CsvSource(path, options)

    /// A sequence of rows with the given column names. Each cursor enumerates it anew and checks that the rows have
    /// a finite number for each column.
    let ofSeqNamed (names: IReadOnlyList<string>) (rows: seq<float[]>) : IRowSource =
        SequenceSource(rows, ColumnNames.check names names.Count, true)

    /// A sequence of rows. Its first row is read at once, to find the number of columns; each cursor enumerates it anew
    /// and checks that the rows are as long and finite.
    let ofSeq (rows: seq<float[]>) : IRowSource =
        match Seq.tryHead rows with
        | None -> raise (DataException "There are no rows: give at least one.")
        | Some [||] -> raise (DataException "The rows have no columns: give at least one number in each row.")
        | Some first -> SequenceSource(rows, ColumnNames.generate first.Length, false)

    /// A dataset.
    let ofDataset (data: Dataset) : IRowSource = data
