namespace Mixtures

open System
open System.IO
open CsvHelper

/// Opens data files.
[<RequireQualifiedAccess>]
module internal DataFile =
    /// The file's name, without its folder.
    let name (path: string) =
        match Path.GetFileName path with
        | null -> path
        | name -> name

    /// Runs an action on a file and turns what the file system has to say into a DataException.
    let guard (path: string) (action: unit -> 'T) =
        try
            action ()
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> raise (DataException $"There is no file '{path}': check the path.")
        | :? UnauthorizedAccessException as error ->
            raise (DataException($"The file '{path}' cannot be read: {error.Message}", error))
        | :? IOException as error -> raise (DataException($"The file '{path}' cannot be read: {error.Message}", error))

    /// Opens a file for reading from start to end.
    let openRead (path: string) =
        ArgumentNullException.ThrowIfNull(path, nameof path)

        if path.Length = 0 then
            raise (DataException "The name of the file to read is empty: give a path.")

        if Directory.Exists path then
            raise (DataException $"'{path}' is a directory: give a file in it.")

        guard path (fun () ->
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan))

/// Reads a CSV file's records into tiles; every cell is checked as it passes. Columns of text are told where they are known.
[<Sealed>]
type internal CsvCursor(path: string, options: CsvOptions, texts: CsvTextColumn[]) =
    do
        match options.Delimiter with
        | Some mark when
            not (Char.IsAscii mark)
            || Char.IsAsciiLetterOrDigit mark
            || "\"\r\n.+-".Contains mark
            ->
            invalidArg
                (nameof options)
                $"expected an ASCII delimiter other than quotes, line ends and what numbers are made of, received '{mark}'"
        | _ -> ()

    let file = DataFile.name path
    let stream = DataFile.openRead path
    let mutable openQuote = false

    let reader =
        let quoting (record: CsvMalformedRecord) =
            if record.Reason = CsvMalformedReason.UnterminatedQuote then
                openQuote <- true

        CsvReader.Create(
            stream,
            CsvReaderOptions(
                HasHeader = false,
                Separator = Option.toNullable options.Delimiter,
                TrimWhitespace = true,
                TrackLineNumbers = true,
                MaxRecordSize = (1 <<< 26),
                OnMalformedRecord = Action<_> quoting
            ),
            false
        )

    // what the file system and the parser have to say, as a DataException
    let protect (action: unit -> 'T) =
        try
            DataFile.guard path action
        with :? CsvFormatException as error ->
            raise (
                DataException(
                    $"{file}, line {error.LineNumber}: the record cannot be read; a quoted cell may never be closed. {error.Message}",
                    error
                )
            )

    let next () =
        let found = reader.Read()

        if found && openQuote then
            raise (
                DataException $"{file}, line {reader.LineNumber}: a quoted cell is never closed. Add the missing quote."
            )

        found

    let schema =
        try
            protect (fun () ->
                if not (next ()) then
                    raise (DataException $"{file} is empty: give a file with at least one row of numbers.")

                CsvSchema.read reader file options)
        with _ ->
            reader.Dispose()
            reraise ()

    let columns = schema.Columns
    let textColumns = CsvTextColumns(schema, texts)
    let labels = LabelIndex()
    let mutable codes = Array.empty<int>
    let mutable characters = Array.zeroCreate<char> 256
    let mutable filled = 0
    let mutable row = 0L
    let mutable atFirst = schema.Header.IsNone

    let place position =
        $"{file}, row {row} (line {reader.LineNumber}), {schema.Column position}"

    let shorten (text: string) =
        let text = text.ReplaceLineEndings " "

        if text.Length <= 40 then
            text
        else
            text.Substring(0, 40) + "…"

    // what to do about a cell that is not a number
    let remedy (position: int) (text: string) =
        if
            row = 1L
            && position <> schema.Weights
            && schema.Header.IsNone
            && options.Header = CsvHeader.Auto
            && CsvNumber.isMissing text
        then
            $"Fill it in, remove the row or {CsvNumber.KeepMissing}; if this line names the columns, say that the file has a header."
        elif position = schema.Weights && CsvNumber.isMissing text then
            "A weight cannot be missing: fill it in or remove the row."
        elif CsvNumber.isMissing text then
            $"Fill it in, remove the row, choose other columns or {CsvNumber.KeepMissing}."
        elif CsvNumber.hasDecimalComma text then
            "Write numbers with a decimal point."
        elif row = 1L && options.Columns.IsNone then
            let numeric =
                columns
                |> Array.filter (fun i -> CsvNumber.isNumber (reader.GetSpan i))
                |> Array.map (fun i ->
                    match schema.Header with
                    | Some names -> names[i]
                    | None -> string (i + 1))

            let example =
                if numeric.Length = 0 || numeric.Length > 12 then
                    "a,b"
                else
                    String.Join(",", numeric)

            let name =
                match schema.Header with
                | Some names -> $"'{names[position]}'"
                | None -> string (position + 1)

            $"Choose the numeric columns (--columns {example}), name {name} as the label column, or read it as levels (--schema; CsvLevels)."
        else
            "Correct it, remove the row or choose other columns."

    let isOfText (position: int) =
        match Array.IndexOf(columns, position) with
        | -1 -> false
        | c -> not (isNull (textColumns.Index c))

    let reject (position: int) =
        let text = reader.GetString(position)

        let what =
            if String.IsNullOrWhiteSpace text then
                "the cell is empty"
            elif CsvNumber.isNumber (reader.GetSpan position) then
                $"'{shorten text}' is not a finite number"
            elif isOfText position then
                $"'{shorten text}' stands for a missing value"
            else
                $"'{shorten text}' is not a number"

        raise (DataException $"{place position}: {what}. {remedy position text}")

    let keepsMissing = options.Missing.IsKeep

    // a cell's text, without blanks around it
    let chars (position: int) =
        let length = reader.GetSpan(position).Length

        if length > characters.Length then
            characters <- Array.zeroCreate (2 * length)

        let written = reader.GetChars(position, characters.AsSpan())
        ReadOnlySpan<char>(characters, 0, written).Trim()

    // whether a header that was guessed has a level for a name
    let looksLikeData (position: int) (text: string) =
        options.Header = CsvHeader.Auto
        && (match schema.Header with
            | Some names -> names[position] = text
            | None -> false)

    // the code of a cell of a column of levels; a text that is no level is looked at more closely
    let level (index: LevelIndex) (position: int) =
        match index.Find(chars position) with
        | -1 ->
            let text = (chars position).ToString()

            if CsvNumber.isMissing text then
                if keepsMissing then Double.NaN else reject position
            elif index.IsClosed then
                let reason = LevelNames.unseen (shorten text) index.Names

                raise (
                    DataException
                        $"{place position}: {reason}. Correct it, remove the row, or fit the model again with this level."
                )
            elif index.IsFull then
                let first =
                    match textColumns.First(Array.IndexOf(columns, position)) with
                    | Some place -> $" The first that is not a number is in {place}."
                    | None -> ""

                raise (DataException $"{file}: {LevelNames.tooMany (schema.Column position)}{first}")
            elif looksLikeData position text then
                raise (
                    DataException
                        $"{place position}: the first line, taken for the columns' names, has '{shorten text}' as well, so it may be data. Say whether the file has a header (--header, --no-header)."
                )
            else
                float (index.Add text)
        | code -> float code

    // a cell that is no finite number: missing, or the first text of a column of levels, if these are allowed
    let notFinite (position: int) =
        let text = reader.GetString position

        if position = schema.Weights then
            reject position
        elif CsvNumber.isMissing text then
            if keepsMissing then Double.NaN else reject position
        elif CsvNumber.isNumber (reader.GetSpan position) then
            reject position
        else
            let here = $"row {row} (line {reader.LineNumber}): '{shorten text}'"

            match textColumns.Open(Array.IndexOf(columns, position), text, here, (row = 1L)) with
            | null -> reject position
            | index ->
                if textColumns.ToReadAgain.Length > 0 && not stream.CanSeek then
                    raise (
                        DataException
                            $"{place position}: '{shorten text}' is text, but what stands above was taken for numbers, and a pipe cannot be read again. Save the data to a file."
                    )

                level index position

    // CsvHelper's parser is the faster one, and takes commas for thousands separators
    let number (position: int) =
        let mutable value = 0.0

        if
            not (
                reader.TryParse<float>(position, &value)
                && Double.IsFinite value
                && not (reader.GetSpan(position).Contains ','B)
            )
        then
            notFinite position
        else
            value

    let weight (position: int) =
        let value = number position

        if value < 0.0 then
            raise (
                DataException
                    $"{place position}: the weight {Wording.number value} is negative. Weights are finite and not negative."
            )

        value

    let code (position: int) = labels.Code(chars position)

    // moves to the next record of data and checks its length
    let nextRow () =
        let found =
            if atFirst then
                atFirst <- false
                true
            else
                next ()

        if found then
            row <- row + 1L

            if reader.FieldCount <> schema.Cells then
                let first =
                    if schema.Header.IsSome then
                        "the header"
                    else
                        "the first row"

                raise (
                    DataException
                        $"""{file}, row {row} (line {reader.LineNumber}): {Wording.count reader.FieldCount "cell"}, but {first} has {schema.Cells}. Give every row as many cells, and quote cells that contain the delimiter."""
                )
        elif row = 0L then
            raise (DataException $"{file} has a header but no rows: give a file with at least one row of numbers.")

        found

    let fill (tile: Tile) =
        let capacity = tile.Capacity
        let hasLabels = schema.Label >= 0

        if hasLabels && codes.Length < capacity then
            codes <- Array.zeroCreate capacity

        filled <- 0

        while filled < capacity && nextRow () do
            let data = tile.Data

            for c in 0 .. columns.Length - 1 do
                data[c * capacity + filled] <-
                    match textColumns.Index c with
                    | null -> number columns[c]
                    | index -> level index columns[c]

            tile.Weights[filled] <- if schema.Weights < 0 then 1.0 else weight schema.Weights

            if hasLabels then
                codes[filled] <- code schema.Label

            filled <- filled + 1

        if filled < capacity then
            textColumns.CheckNumbers file

        if filled > 0 then
            tile.SetCount filled

        filled

    new(path, options) = new CsvCursor(path, options, [||])

    /// Which cells are read.
    member _.Schema = schema

    /// The columns of text, if the file is to be read again for them.
    member _.ToReadAgain = textColumns.ToReadAgain

    interface ILabelledCursor with
        member _.Fill tile = protect (fun () -> fill tile)

        member _.Codes =
            if schema.Label < 0 then
                ReadOnlySpan<int>.Empty
            else
                ReadOnlySpan<int>(codes, 0, filled)

        member _.LabelNames = labels.Names
        member _.LevelNames = textColumns.Names
        member _.LevelCodes = textColumns.Codes
        member _.Dispose() = reader.Dispose()

/// A CSV file as a source; each cursor reads it anew.
[<Sealed>]
type internal CsvSource(path: string, options: CsvOptions) =
    do
        match options.Levels with
        | CsvLevels.Never -> ()
        | CsvLevels.Auto
        | CsvLevels.Columns _
        | CsvLevels.Known _ ->
            invalidArg (nameof options) "expected no levels in a source of rows: read the file whole (Dataset.FromCsv)"

    let schema =
        use cursor = new CsvCursor(path, options)
        cursor.Schema

    member private _.Missing = options.Missing

    /// What becomes of cells without a value in rows of any source.
    static member MissingOf(source: IRowSource) =
        match source with
        | :? CsvSource as file -> file.Missing
        | _ -> MissingCells.Refuse

    interface IRowSource with
        member _.ColumnNames = schema.Names
        member _.HasColumnNames = schema.Header.IsSome
        member _.HasWeights = schema.Weights >= 0
        member _.Count = Nullable()

        member _.Open() = new CsvCursor(path, options)
