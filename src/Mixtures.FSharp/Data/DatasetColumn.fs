namespace Mixtures

open System

/// A column of a dataset: where its numbers lie, and what is known of it.
type internal DatasetColumn =
    {
        /// The column of the storage.
        Position: int
        Name: string
        /// How many of its cells are missing.
        Missing: int
        /// The names of the levels 0 … L - 1; none for a column of numbers.
        Levels: string[]
    }

/// Functions on the columns of datasets.
[<RequireQualifiedAccess>]
module internal DatasetColumn =

    let private blockRows = 4096

    /// How many cells of each of the storage's columns are missing, in the order of the columns.
    let missing (storage: Storage) : int[] =
        let block = Array.zeroCreate<float>(min blockRows storage.Rows)

        Array.init storage.Columns (fun c ->
            let mutable count = 0
            let mutable start = 0

            while start < storage.Rows do
                let rows = min block.Length (storage.Rows - start)
                storage.Fill(start, c, block.AsSpan(0, rows))

                for i in 0 .. rows - 1 do
                    if Double.IsNaN block[i] then
                        count <- count + 1

                start <- start + rows

            count)

    /// The columns of a storage, under the given names; cells are looked through for missing ones only where some may be.
    let ofStorage (missingCells: MissingCells) (storage: Storage) (names: string[]) =
        let counts =
            match missingCells with
            | MissingCells.Refuse -> Array.zeroCreate names.Length
            | MissingCells.Keep -> missing storage

        names
        |> Array.mapi (fun c name ->
            {
                Position = c
                Name = name
                Missing = counts[c]
                Levels = [||]
            })

    /// The same columns over a copy of their numbers, in the same order.
    let copied (missingCells: MissingCells) (storage: Storage) (columns: DatasetColumn[]) =
        ofStorage missingCells storage (columns |> Array.map _.Name)
        |> Array.map2 (fun before column -> { column with Levels = before.Levels }) columns

    /// The row and the column (both from 0; the column among the given ones) of the first missing cell, row by row.
    let private firstMissing (storage: Storage) (columns: DatasetColumn[]) : struct (int * int) voption =
        let mutable found = ValueNone

        for c in 0 .. columns.Length - 1 do
            if columns[c].Missing > 0 then
                let block = Array.zeroCreate<float>(min blockRows storage.Rows)
                let mutable start = 0
                let mutable going = true

                while going && start < storage.Rows do
                    let rows = min block.Length (storage.Rows - start)
                    storage.Fill(start, columns[c].Position, block.AsSpan(0, rows))

                    match Array.FindIndex(block, 0, rows, (fun value -> Double.IsNaN value)) with
                    | -1 -> start <- start + rows
                    | at ->
                        going <- false

                        match found with
                        | ValueSome(struct (row, _)) when row <= start + at -> ()
                        | _ -> found <- ValueSome(struct (start + at, c))

        found

    /// Where the first missing cell is, in words; to be asked where there is one.
    let missingPlace (storage: Storage) (columns: DatasetColumn[]) =
        match firstMissing storage columns with
        | ValueSome(struct (row, column)) -> $"Row {row + 1}, column '{columns[column].Name}'"
        | ValueNone -> "No cell"

    /// A column's name, with how many levels it has.
    let describe (column: DatasetColumn) =
        if column.Levels.Length = 0 then
            column.Name
        else
            $"""{column.Name} ({Wording.count column.Levels.Length "level"})"""

    /// How many cells are missing, in words after a comma; nothing where none is.
    let describeMissing (columns: DatasetColumn[]) =
        match columns |> Array.sumBy _.Missing with
        | 0 -> ""
        | count -> $""", {Wording.count count "missing cell"}"""

    /// Raises DataException where a column holds levels.
    let demandNumbers (columns: DatasetColumn[]) =
        for column in columns do
            if column.Levels.Length > 0 then
                raise (
                    DataException
                        $"Column '{column.Name}' holds levels ({ColumnNames.show column.Levels}), which are no numbers to compute with: select other columns."
                )

    /// What the columns of so many rows hold, in a line.
    let describeAll (rows: int) (weighted: bool) (labelled: bool) (columns: DatasetColumn[]) =
        let extras =
            (if weighted then ", weighted" else "")
            + (if labelled then ", labelled" else "")
            + describeMissing columns

        let shown = columns |> Array.map describe
        $"""{Wording.count rows "row"} x {Wording.count columns.Length "column"}{extras}: {ColumnNames.show shown}"""
