namespace Mixtures

open System
open System.Collections.Generic

/// Whether the first row of a CSV file names the columns.
[<RequireQualifiedAccess>]
type CsvHeader =
    /// It does if columns are chosen by name, or if one of its chosen cells is not a number.
    | Auto
    /// It does.
    | Present
    /// It is data; the columns are x1, x2, ….
    | Absent

/// Which columns of a CSV file are read as levels: the codes 0 … L - 1 of the texts in their cells. Texts are compared as
/// they stand, without blanks around them; a cell without a value is missing, not a level.
[<RequireQualifiedAccess>]
type CsvLevels =
    /// None: a cell of text is refused.
    | Never
    /// Every column with a cell that is neither a number nor missing. The levels are sorted by their characters
    /// (ordinally), so that codes do not depend on the order of the rows.
    | Auto
    /// Those of the given columns (by name, or position from 1) that have such a cell.
    | Columns of string list
    /// The given columns, with their levels in the order of their codes: a cell with another text is refused.
    | Known of (string * string list) list

/// How a data file is read; for other files than CSV, positions and missing cells count. A column is given by its name, or by its position, from 1, where no column has that name.
/// Numbers are written with a decimal point, whatever the machine's culture.
type CsvOptions =
    {
        /// Whether the first row names the columns.
        Header: CsvHeader
        /// The character between cells (ASCII); nothing to detect it among comma, semicolon, tab and bar.
        Delimiter: char option
        /// The columns to read, in this order; nothing for all but the weights and label columns.
        Columns: string list option
        /// The column of row weights (finite, not negative), if there is one.
        WeightsColumn: string option
        /// The column of labels (any text; blank for a row without label), if there is one.
        LabelColumn: string option
        /// What becomes of cells without a value.
        Missing: MissingCells
        /// Which columns of text are read as levels. Where any are, the first row of a file without column names looks like
        /// a header: say that there is none.
        Levels: CsvLevels
    }

    /// A header where the first row is not all numbers, the delimiter detected, all columns, no weights, no labels; cells
    /// without a value, and of text, are refused.
    static member Default =
        {
            Header = CsvHeader.Auto
            Delimiter = None
            Columns = None
            WeightsColumn = None
            LabelColumn = None
            Missing = MissingCells.Refuse
            Levels = CsvLevels.Never
        }

    /// The same options with a statement of whether the first row names the columns.
    member options.WithHeader(present: bool) =
        { options with
            Header = if present then CsvHeader.Present else CsvHeader.Absent
        }

    /// The same options with another delimiter.
    member options.WithDelimiter(delimiter: char) =
        { options with
            Delimiter = Some delimiter
        }

    /// The same options with chosen columns, by name or position from 1.
    member options.WithColumns([<ParamArray>] columns: string[]) =
        ArgumentNullException.ThrowIfNull(columns, nameof columns)

        { options with
            Columns = Some(List.ofArray columns)
        }

    /// The same options with a column of row weights, by name or position from 1.
    member options.WithWeightsColumn(column: string) =
        ArgumentNullException.ThrowIfNull(column, nameof column)

        { options with
            WeightsColumn = Some column
        }

    /// The same options with a column of labels, by name or position from 1.
    member options.WithLabelColumn(column: string) =
        ArgumentNullException.ThrowIfNull(column, nameof column)

        { options with
            LabelColumn = Some column
        }

    /// The same options with a statement of what becomes of cells without a value.
    member options.WithMissing(missing: MissingCells) = { options with Missing = missing }

    /// The same options with every column that has a cell of text read as levels.
    member options.WithTextAsLevels() =
        { options with Levels = CsvLevels.Auto }

    /// The same options with those of the given columns (by name, or position from 1) read as levels that have a cell of
    /// text.
    member options.WithLevels([<ParamArray>] columns: string[]) =
        ArgumentNullException.ThrowIfNull(columns, nameof columns)

        { options with
            Levels = CsvLevels.Columns(List.ofArray columns)
        }

    /// The same options with a column (by name, or position from 1) read as the given levels, in the order of their codes,
    /// beside those that were given before.
    member options.WithKnownLevels(column: string, levels: IReadOnlyList<string>) =
        ArgumentNullException.ThrowIfNull(column, nameof column)
        let levels = LevelNames.check levels |> List.ofArray

        let before =
            match options.Levels with
            | CsvLevels.Known known -> known
            | CsvLevels.Never
            | CsvLevels.Auto
            | CsvLevels.Columns _ -> []

        { options with
            Levels = CsvLevels.Known((before |> List.filter (fun (name, _) -> name <> column)) @ [ column, levels ])
        }

/// Functions on CSV options.
[<RequireQualifiedAccess>]
module CsvOptions =
    /// A header where the first row is not all numbers, the delimiter detected, all columns, no weights, no labels; cells
    /// without a value, and of text, are refused.
    let defaults = CsvOptions.Default
