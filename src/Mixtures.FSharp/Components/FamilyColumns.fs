namespace Mixtures

open System
open System.Collections.Generic

/// Checks of data against what a family's columns can hold.
[<RequireQualifiedAccess>]
module internal FamilyColumns =

    /// The name of the family that has a column.
    let rec private nameAt (column: int) (family: IComponentFamily) =
        match family with
        | :? IComposedFamily as composed -> nameAt column (composed.FamilyOf column)
        | _ -> family.Name

    let private message (family: string) (expected: string) (place: string) (value: float) =
        $"{place} is {Wording.number value}: the {family} family expects {expected}."

    /// The names of a column's levels in a family; none for a column of numbers.
    let levelNames (family: IComponentFamily) (column: int) : string[] =
        match family with
        | :? ILevelFamily as family -> family.LevelNames column
        | _ -> [||]

    /// The names of the levels of a column of data, which a family of so many levels takes: known ones must be the same.
    let levelsOf (data: Dataset) (column: int) (count: int) (known: string[]) : string[] =
        let names = Seq.toArray (data.Levels column)

        if known.Length > 0 && known <> names then
            raise (
                DataException
                    $"Column '{data.ColumnNames[column]}' has the levels {LevelNames.show names}, but the family was given {LevelNames.show known}: match the data's levels to these (Dataset.MatchLevels)."
            )

        if names.Length <> count then
            raise (
                DataException
                    $"""Column '{data.ColumnNames[column]}' has {Wording.count names.Length "level"}, but the family was given {count}."""
            )

        names

    /// The first column of levels that the family takes for numbers, in words.
    let private levelsRefused (family: IComponentFamily) (data: Dataset) : string voption =
        let holds c =
            match family with
            | :? ILevelFamily as family -> family.HoldsLevels c
            | _ -> false

        match
            [ 0 .. data.Dimension - 1 ]
            |> List.tryFind (fun c -> data.Levels(c).Count > 0 && not (holds c))
        with
        | Some c ->
            ValueSome
                $"Column '{data.ColumnNames[c]}' holds levels ({LevelNames.show (data.Levels c)}), but its family ({nameAt c family}) expects numbers there: make the column categorical, or leave it out."
        | None -> ValueNone

    /// The data with the levels of each column coded as the family's, by name. Numbers are codes, unless a level is named like
    /// a number: they could then be meant as either.
    let matchLevels (family: IComponentFamily) (data: Dataset) : Dataset =
        let matchColumn (data: Dataset) c =
            let known = levelNames family c
            let own = data.Levels c

            if own.Count > 0 && known.Length > 0 then
                data.MatchLevels(c, known)
            elif own.Count > 0 then
                match family with
                | :? ILevelFamily as levels when levels.HoldsLevels c ->
                    raise (
                        DataException
                            $"Column '{data.ColumnNames[c]}' has levels with names ({LevelNames.show own}), but the model knows its levels by their codes only: give codes, or fit the model to named levels."
                    )
                | _ -> data
            else
                match known |> Array.tryFind LevelNames.isNumber with
                | Some level ->
                    raise (
                        DataException
                            $"Column '{data.ColumnNames[c]}' holds numbers, but the model's levels there have names like numbers ('{level}'), so that codes and names cannot be told apart: read the column as levels, or give it the names of its codes (Dataset.WithLevels)."
                    )
                | None -> data

        match family with
        | :? ILevelFamily -> Seq.fold matchColumn data (seq { 0 .. data.Dimension - 1 })
        | _ -> data

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
        | _ when data.HasLevels && (levelsRefused family data).IsSome -> levelsRefused family data
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

                                found <-
                                    ValueSome(message (nameAt c family) (columnwise.Expected c) place column[from + at])

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
                        DataException(
                            message (nameAt c family) (columnwise.Expected c) $"Column '{names[c]}' of the row" row[c]
                        )
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
