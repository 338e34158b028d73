namespace Mixtures

open System
open System.Globalization
open CsvHelper

/// Numbers as CSV files hold them: invariant, with a decimal point and an optional exponent; no thousands separators.
[<RequireQualifiedAccess>]
module internal CsvNumber =
    /// Whether the cell is a number (perhaps infinite or NaN).
    let tryParse (cell: ReadOnlySpan<byte>, value: byref<float>) =
        Double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, &value)

    /// Whether the cell is a number.
    let isNumber (cell: ReadOnlySpan<byte>) =
        let mutable value = 0.0
        tryParse (cell, &value)

    /// Whether the text stands for a value that is missing.
    let isMissing (text: string) = MissingText.isMissing text

    /// What to do about a cell without a value, beyond filling it in.
    [<Literal>]
    let KeepMissing = "keep missing cells (--missing marginalise; MissingCells.Keep)"

    /// Whether the text is a number written with a decimal comma.
    let hasDecimalComma (text: string) =
        text.AsSpan().Count ',' = 1
        && Double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture)
           |> fst

/// What a column of a CSV file does with cells of text.
[<RequireQualifiedAccess>]
type internal CsvText =
    /// They are refused.
    | Refused
    /// They make it a column of levels; if said so, numbers with a decimal comma do not.
    | Allowed of butDecimalCommas: bool
    /// They are these levels.
    | Known of string[]

/// Which cells of a CSV file's records are read, and what they are called.
type internal CsvSchema =
    {
        /// The number of cells of every record.
        Cells: int
        /// The first record's cells, where these name the columns.
        Header: string[] option
        /// Where the chosen columns lie in a record.
        Columns: int[]
        /// The names of the chosen columns.
        Names: string[]
        /// What each of the chosen columns does with text.
        Text: CsvText[]
        /// Where the weight lies, or -1.
        Weights: int
        /// Where the label lies, or -1.
        Label: int
    }

    /// A column of the file as messages call it.
    member schema.Column position =
        match schema.Header with
        | Some names -> $"column '{names[position]}'"
        | None -> $"column {position + 1}"

/// Finds a CSV file's columns from its first record and the options.
[<RequireQualifiedAccess>]
module internal CsvSchema =
    let private position cells (reference: string) =
        match Int32.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, position when position >= 1 && position <= cells -> Some(position - 1)
        | _ -> None

    let private find file (header: string[] option) cells (reference: string) =
        let named =
            match header with
            | Some names ->
                [| for i in 0 .. cells - 1 -> i |]
                |> Array.filter (fun i -> names[i] = reference)
            | None -> [||]

        match named, position cells reference with
        | [| index |], _ -> index
        | [||], Some index -> index
        | [||], None ->
            let known =
                match header with
                | Some names -> $"its columns are {ColumnNames.show names}; choose among these, or rename the column"
                | None -> $"it has no header, so give a position from 1 to {cells}"

            raise (DataException $"{file} has no column '{reference}': {known}.")
        | _ ->
            raise (
                DataException
                    $"{file} has {named.Length} columns named '{reference}': rename them, or give a position from 1 to {cells}."
            )

    // a first record names the columns if a name is asked for or if one of its chosen cells is not a number;
    // numbers with gaps between them are a record of data that lacks values, which is reported and not swallowed; so is
    // one of gaps alone where missing cells are kept
    let private firstRecordIsHeader (reader: CsvReader) (options: CsvOptions) =
        let cells = reader.FieldCount

        let references =
            Option.toList options.WeightsColumn
            @ Option.toList options.LabelColumn
            @ Option.defaultValue [] options.Columns

        if references |> List.exists (fun name -> (position cells name).IsNone) then
            true
        else
            let positions names =
                names |> Seq.choose (position cells) |> Seq.toArray

            let chosen =
                match options.Columns with
                | Some names -> positions names
                | None -> [| 0 .. cells - 1 |]

            let chosen = chosen |> Array.except (positions (Option.toList options.LabelColumn))

            let texts =
                chosen |> Array.filter (fun i -> not (CsvNumber.isNumber (reader.GetSpan i)))

            let onlyGaps = texts |> Array.forall (reader.GetString >> CsvNumber.isMissing)

            texts.Length > 0
            && not (onlyGaps && (texts.Length < chosen.Length || options.Missing.IsKeep))

    // what each chosen column does with text; a column is meant by what the dataset calls it, or as the file does
    let private textOf find (levels: CsvLevels) (columns: int[]) (names: string[]) =
        let at (reference: string) =
            match Array.IndexOf(names, reference) with
            | -1 -> Array.IndexOf(columns, find reference)
            | at -> at

        let text = Array.create columns.Length CsvText.Refused

        match levels with
        | CsvLevels.Never -> ()
        | CsvLevels.Auto -> Array.Fill(text, CsvText.Allowed true)
        | CsvLevels.Columns references ->
            for reference in references do
                match at reference with
                | -1 -> ()
                | c -> text[c] <- CsvText.Allowed false
        | CsvLevels.Known known ->
            for reference, levels in known do
                match at reference with
                | -1 -> ()
                | c -> text[c] <- CsvText.Known(LevelNames.check (List.toArray levels))

        text

    /// Reads the schema off the first record, at which the reader stands.
    let read (reader: CsvReader) (file: string) (options: CsvOptions) =
        let cells = reader.FieldCount

        let hasHeader =
            match options.Header with
            | CsvHeader.Present -> true
            | CsvHeader.Absent -> false
            | CsvHeader.Auto -> firstRecordIsHeader reader options

        let header =
            if hasHeader then
                Some(
                    Array.init cells (fun i ->
                        match reader.GetString(i).Trim() with
                        | "" -> $"x{i + 1}"
                        | name -> name)
                )
            else
                None

        let find = find file header cells
        let weights = options.WeightsColumn |> Option.map find |> Option.defaultValue -1
        let label = options.LabelColumn |> Option.map find |> Option.defaultValue -1

        let columns =
            match options.Columns with
            | Some names -> names |> Seq.map find |> Seq.toArray
            | None -> [| 0 .. cells - 1 |] |> Array.except [ weights; label ]

        let schema =
            {
                Cells = cells
                Header = header
                Columns = columns
                Names = [||]
                Text = [||]
                Weights = weights
                Label = label
            }

        if columns.Length = 0 then
            raise (DataException $"{file} has no column of data left: choose at least one column.")

        for i in 0 .. columns.Length - 1 do
            if columns[i] = weights then
                raise (
                    DataException $"{file}: {schema.Column weights} holds the weights, so it cannot be data as well."
                )

            if Array.IndexOf(columns, columns[i]) < i then
                raise (DataException $"{file}: {schema.Column columns[i]} is chosen twice; choose it once.")

        match header with
        | Some names ->
            let names = columns |> Array.map (fun i -> names[i])

            for i in 0 .. names.Length - 1 do
                if Array.IndexOf(names, names[i]) < i then
                    raise (
                        DataException
                            $"{file} has two columns named '{names[i]}': rename one, or choose one of them by position."
                    )

            { schema with
                Names = names
                Text = textOf find options.Levels columns names
            }
        | None ->
            let names = ColumnNames.generate columns.Length

            { schema with
                Names = names
                Text = textOf find options.Levels columns names
            }
