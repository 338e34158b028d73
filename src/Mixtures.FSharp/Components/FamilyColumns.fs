namespace Mixtures

open System
open System.Collections.Generic

/// Checks of data against what a family's columns can hold.
[<RequireQualifiedAccess>]
module internal FamilyColumns =

    let private message (family: IComponentFamily) (expected: string) (place: string) (value: float) =
        $"{place} is {Wording.number value}: the {family.Name} family expects {expected}."

    /// Moves the values that are there to the front, with their rows in the tile; how many there are.
    let private present (column: Span<float>) (rows: Span<int>) =
        let mutable count = 0

        for i in 0 .. column.Length - 1 do
            if not (Double.IsNaN column[i]) then
                column[count] <- column[i]
                rows[count] <- i
                count <- count + 1

        count

    /// The first row and column that the family cannot hold, in words; missing cells can always be held. Rows of weight
    /// zero may hold anything where onlyWeighted says so.
    let check (onlyWeighted: bool) (family: IComponentFamily) (data: Dataset) : string voption =
        match family with
        | :? IColumnwiseFamily as columnwise ->
            let tile = Tile(data.Dimension, 992)
            let rows = Array.init tile.Capacity id
            let mutable found = ValueNone
            let mutable first = 0

            while found.IsNone && first < data.Count do
                data.Fill(first, tile)

                for c in 0 .. data.Dimension - 1 do
                    if found.IsNone then
                        let column = tile.Column(c).Slice(0, tile.Count)

                        let count =
                            if data.HasMissing then
                                present column (Span rows)
                            else
                                tile.Count

                        let mutable from = 0

                        while found.IsNone && from < count do
                            match columnwise.FirstRefused(c, Span.op_Implicit (column.Slice(from, count - from))) with
                            | -1 -> from <- count
                            | at when onlyWeighted && tile.Weights[rows[from + at]] = 0.0 -> from <- from + at + 1
                            | at ->
                                let place = $"Row {first + rows[from + at] + 1}, column '{data.ColumnNames[c]}'"
                                found <- ValueSome(message family (columnwise.Expected c) place column[from + at])

                first <- first + tile.Count

            found
        | _ -> ValueNone

    /// Raises DataException for the first row that the family cannot hold.
    let demand (onlyWeighted: bool) (family: IComponentFamily) (data: Dataset) =
        match check onlyWeighted family data with
        | ValueSome reason -> raise (DataException reason)
        | ValueNone -> ()

    /// Raises DataException where a single row holds what the family cannot.
    let demandRow (family: IComponentFamily) (names: IReadOnlyList<string>) (row: ReadOnlySpan<float>) =
        match family with
        | :? IColumnwiseFamily as columnwise ->
            for c in 0 .. row.Length - 1 do
                if columnwise.FirstRefused(c, row.Slice(c, 1)) >= 0 then
                    raise (
                        DataException(message family (columnwise.Expected c) $"Column '{names[c]}' of the row" row[c])
                    )
        | _ -> ()

    /// The family with what it takes from the data.
    let bind (family: IComponentFamily) (data: Dataset) =
        match family with
        | :? IColumnwiseFamily as columnwise -> columnwise.Bind data
        | _ -> family

    /// Whether constant columns stay in the density.
    let keepsConstants (family: IComponentFamily) =
        match family with
        | :? IColumnwiseFamily as columnwise -> columnwise.KeepsConstantColumns
        | _ -> not family.EstimatesSpread
