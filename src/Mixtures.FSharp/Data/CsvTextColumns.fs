namespace Mixtures

open System.Collections.Generic

/// A column of text, by its position among the chosen ones, and where its first cell of text is, in words.
type internal CsvTextColumn = { Column: int; First: string }

/// When texts are taken for mistakes among numbers.
[<AutoOpen>]
module private CsvMistakes =

    /// The fewest different cells among which to look.
    [<Literal>]
    let LeastNumbers = 20

    /// The share of numbers among them.
    [<Literal>]
    let LargestShare = 0.9

/// The columns of levels of a CSV file as it is read. A column that may hold levels does from its first cell of text on; if
/// numbers stand above that, their texts are gone, and the file is to be read again with the column named as one of text.
[<Sealed>]
type internal CsvTextColumns(schema: CsvSchema, texts: CsvTextColumn[]) =
    let found = List<CsvTextColumn> texts
    let mutable isLate = false

    let indexes: (LevelIndex | null)[] =
        schema.Text
        |> Array.mapi (fun c text ->
            match text with
            | CsvText.Refused -> null
            | CsvText.Known names -> LevelIndex names
            | CsvText.Allowed _ ->
                if texts |> Array.exists (fun t -> t.Column = c) then
                    LevelIndex [||]
                else
                    null)

    let mapIndexes (map: LevelIndex -> 'T[]) : 'T[][] =
        indexes
        |> Array.map (fun index ->
            match index with
            | null -> [||]
            | index -> map index)

    /// The levels of a column; null while it holds numbers.
    member _.Index(column: int) : LevelIndex | null = indexes[column]

    /// Makes a column one of levels at a cell of text; null where text is refused.
    member _.Open(column: int, text: string, place: string, isFirstRow: bool) : LevelIndex | null =
        match schema.Text[column] with
        | CsvText.Allowed butDecimalCommas when not (butDecimalCommas && CsvNumber.hasDecimalComma text) ->
            let fresh = LevelIndex [||]
            indexes[column] <- fresh
            found.Add { Column = column; First = place }
            isLate <- isLate || not isFirstRow
            fresh
        | CsvText.Allowed _
        | CsvText.Refused
        | CsvText.Known _ -> null

    /// Where a column's first cell of text is, in words, if that is known.
    member _.First(column: int) =
        found |> Seq.tryFind (fun t -> t.Column = column) |> Option.map _.First

    /// At the end of the file: raises DataException for a column, not asked for by name, that holds numbers but for a few
    /// cells, which are rather mistakes than levels.
    member _.CheckNumbers(file: string) =
        for c in 0 .. indexes.Length - 1 do
            match indexes[c], schema.Text[c] with
            | null, _ -> ()
            | index, CsvText.Allowed true when not isLate && index.Names.Length >= LeastNumbers ->
                let numbers = index.Names |> Array.filter LevelNames.isNumber

                if float numbers.Length >= LargestShare * float index.Names.Length then
                    let text = index.Names |> Array.find (LevelNames.isNumber >> not)

                    let place =
                        match found |> Seq.tryFind (fun t -> t.Column = c) with
                        | Some first -> first.First
                        | None -> $"'{text}'"

                    raise (
                        DataException
                            $"{file}, {schema.Column schema.Columns[c]} holds numbers but for a few cells, the first in {place}. Correct them, or ask for the column as levels by its name."
                    )
            | _ -> ()

    /// The columns of text, if the file is to be read again for them.
    member _.ToReadAgain = if isLate then found.ToArray() else [||]

    /// For each column, its levels: sorted, or as they were given.
    member _.Names =
        mapIndexes (fun index ->
            if index.IsClosed then
                index.Names
            else
                let struct (names, _) = LevelNames.sort index.Names
                names)

    /// For each column, the place of each text among the sorted ones; none where they are in place, or the file is to be
    /// read again.
    member _.Codes =
        mapIndexes (fun index ->
            if index.IsClosed || isLate then
                [||]
            else
                let struct (_, codes) = LevelNames.sort index.Names
                codes)
