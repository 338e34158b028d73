namespace Mixtures

open System
open System.Collections.Generic

/// The labels of a dataset's rows: a code a row, with the name of each code.
[<Sealed>]
type Labels internal (codes: int[], names: string[]) =
    /// The code of each row, from 0; -1 where the label is blank.
    member _.Codes = ReadOnlyMemory<int> codes

    /// The name of each code, in order of first appearance.
    member _.Names: IReadOnlyList<string> = names

    /// The labels of a sequence of names; blank names get the code -1.
    static member FromNames(names: seq<string>) =
        let index = Dictionary<string, int>()
        let levels = List<string>()

        let codes =
            names
            |> Seq.map (fun name ->
                if String.IsNullOrWhiteSpace name then
                    -1
                else
                    match index.TryGetValue name with
                    | true, code -> code
                    | false, _ ->
                        index.Add(name, levels.Count)
                        levels.Add name
                        levels.Count - 1)
            |> Seq.toArray

        Labels(codes, levels.ToArray())

/// A table of numbers, one row per observation: named columns, optional row weights, optional labels. Immutable.
[<Sealed>]
type Dataset
    internal
    (storage: Storage, columns: int[], names: string[], named: bool, weights: float[] | null, labels: Labels option) =
    let totals =
        lazy
            (match weights with
             | null -> struct (float storage.Rows, float storage.Rows)
             | weights ->
                 let mutable total = 0.0
                 let mutable squares = 0.0

                 for w in weights do
                     total <- total + w
                     squares <- squares + w * w

                 struct (total, total * total / squares))

    /// The number of rows, N.
    member _.Count = storage.Rows

    /// The number of columns, D.
    member _.Dimension = columns.Length

    /// The names of the columns; x1, x2, … where the source has none.
    member _.ColumnNames: IReadOnlyList<string> = names

    /// Whether the column names came with the data.
    member _.HasColumnNames = named

    /// The row weights, or nothing where every row counts once.
    member _.Weights: ReadOnlyMemory<float> =
        match weights with
        | null -> ReadOnlyMemory<float>.Empty
        | weights -> ReadOnlyMemory<float> weights

    /// Whether the rows carry weights.
    member _.HasWeights = not (isNull weights)

    /// The labels of the rows, if there are any.
    member internal _.LabelsOption = labels

    /// The sum of the row weights; a row of weight 2 counts as two rows.
    member _.TotalWeight =
        let struct (total, _) = totals.Value
        total

    /// (Σw)² / Σw²: the number of equally weighted rows that carry as much information.
    member _.EffectiveRows =
        let struct (_, effective) = totals.Value
        effective

    /// Fills the tile with the rows that start at the given one, as many as fit.
    member internal _.Fill(start: int, tile: Tile) =
        let count = min tile.Capacity (storage.Rows - start)

        for c in 0 .. columns.Length - 1 do
            storage.Fill(start, columns[c], tile.Column(c).Slice(0, count))

        match weights with
        | null -> tile.Weights.Slice(0, count).Fill 1.0
        | weights -> ReadOnlySpan<float>(weights, start, count).CopyTo tile.Weights

        tile.SetCount count

    /// The numbers of one row.
    member _.Row(index: int) : float[] =
        let row = Array.zeroCreate columns.Length

        for c in 0 .. columns.Length - 1 do
            storage.Fill(index, columns[c], Span<float>(row, c, 1))

        row

    /// The numbers of one column.
    member _.Column(index: int) : float[] =
        let values = Array.zeroCreate storage.Rows
        storage.Fill(0, columns[index], values.AsSpan())
        values

    /// The same rows with other weights: finite, not negative, not all zero.
    member _.WithWeights(rowWeights: IReadOnlyList<float>) =
        if rowWeights.Count <> storage.Rows then
            raise (
                DataException
                    $"The weights have {rowWeights.Count} values, but the data have {storage.Rows} rows: give one weight for each row."
            )

        let copy = Seq.toArray rowWeights
        Dataset.CheckWeights copy
        Dataset(storage, columns, names, named, copy, labels)

    /// The same rows with labels, one a row.
    member _.WithLabels(rowLabels: Labels) =
        if rowLabels.Codes.Length <> storage.Rows then
            raise (
                DataException
                    $"There are {rowLabels.Codes.Length} labels, but the data have {storage.Rows} rows: give one label for each row."
            )

        Dataset(storage, columns, names, named, weights, Some rowLabels)

    /// The chosen columns, by position, in the order given.
    member _.SelectAt(positions: IReadOnlyList<int>) =
        for position in positions do
            if position < 0 || position >= columns.Length then
                invalidArg (nameof positions) $"expected columns 0 to {columns.Length - 1}, received {position}"

        let chosen = Seq.toArray positions

        Dataset(
            storage,
            chosen |> Array.map (fun i -> columns[i]),
            chosen |> Array.map (fun i -> names[i]),
            named,
            weights,
            labels
        )

    /// The chosen columns, by name, in the order given.
    member data.Select(columnNames: IReadOnlyList<string>) =
        columnNames
        |> Seq.map (fun name ->
            match Array.IndexOf(names, name) with
            | -1 ->
                let known = String.Join(", ", names)
                raise (DataException $"There is no column '{name}': the data have {known}.")
            | index -> index)
        |> Seq.toArray
        |> data.SelectAt

    static member internal CheckWeights(weights: float[]) =
        let mutable total = 0.0

        for i in 0 .. weights.Length - 1 do
            let w = weights[i]

            if not (Double.IsFinite w) then
                raise (DataException $"The weight of row {i + 1} is {w}: weights must be finite and not negative.")

            if w < 0.0 then
                raise (DataException $"The weight of row {i + 1} is {w}: weights must not be negative.")

            total <- total + w

        if not (total > 0.0) then
            raise (DataException "All row weights are zero: at least one row needs a positive weight.")

        if not (Double.IsFinite total) then
            raise (DataException "The row weights sum to infinity: divide them by a common factor.")
