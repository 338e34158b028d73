namespace Mixtures

open System

/// What becomes of a cell without a value: NaN, or in CSV files an empty cell or one of NA, N/A, NaN, null, none, ?, - and
/// a point. Infinity is no missing value: it is always refused, and so is a weight that is missing.
[<RequireQualifiedAccess>]
type MissingCells =
    /// It is refused, by row and column.
    | Refuse
    /// It is kept, as NaN.
    | Keep

/// A column of a dataset: where its numbers lie, and what is known of it.
type internal DatasetColumn =
    {
        /// The column of the storage.
        Position: int
        Name: string
        /// How many of its cells are missing.
        Missing: int
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
            })

    /// The row and the column (both from 0; the column among the given ones) of the first missing cell, row by row.
    let firstMissing (storage: Storage) (columns: DatasetColumn[]) : struct (int * int) voption =
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
