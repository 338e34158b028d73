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
    }

    /// A header where the first row is not all numbers, the delimiter detected, all columns, no weights, no labels; cells
    /// without a value are refused.
    static member Default =
        {
            Header = CsvHeader.Auto
            Delimiter = None
            Columns = None
            WeightsColumn = None
            LabelColumn = None
            Missing = MissingCells.Refuse
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

/// Functions on CSV options.
[<RequireQualifiedAccess>]
module CsvOptions =
    /// A header where the first row is not all numbers, the delimiter detected, all columns, no weights, no labels; cells
    /// without a value are refused.
    let defaults = CsvOptions.Default
