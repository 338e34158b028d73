namespace Mixtures

open System

/// The box of a noise component: from Lower to Upper in each column, both included.
[<NoEquality; NoComparison>]
type internal NoiseBox =
    {
        Lower: float[]
        Upper: float[]
        /// Whether a column holds whole numbers only, so that its share is one over how many there are.
        Whole: bool[]
    }

/// The uniform distribution over a box, column by column.
[<RequireQualifiedAccess>]
module internal NoiseBox =

    /// Whether a family gives a column probabilities of whole numbers rather than a density.
    let rec isWhole (family: IComponentFamily) (column: int) : bool =
        let ofColumn (c: ColumnFamily) =
            match c with
            | :? CountColumn
            | :? CategoricalColumn -> true
            | _ -> false

        match family with
        | :? BernoulliFamily -> true
        | :? IndependentFamily as f ->
            match f.Choice with
            | Same c -> ofColumn c
            | Each columns -> ofColumn columns[column]
            | Found _ -> false
        | :? ProductFamily as f ->
            f.Parts
            |> Array.exists (fun part ->
                match Array.IndexOf(part.Columns, column) with
                | -1 -> false
                | at -> isWhole part.Family at)
        | _ -> false

    /// The bounding box of the rows of positive weight; what is no number does not count.
    let ofData (family: IComponentFamily) (data: Dataset) : NoiseBox =
        let d = data.Dimension
        let lower = Array.create d Double.PositiveInfinity
        let upper = Array.create d Double.NegativeInfinity
        let tile = Tile(d, 992)
        let mutable first = 0

        while first < data.Count do
            data.Fill(first, tile)

            for c in 0 .. d - 1 do
                let column = tile.Column c

                for i in 0 .. tile.Count - 1 do
                    if tile.Weights[i] > 0.0 then
                        if column[i] < lower[c] then
                            lower[c] <- column[i]

                        if column[i] > upper[c] then
                            upper[c] <- column[i]

            first <- first + tile.Count

        {
            Lower = lower
            Upper = upper
            Whole = Array.init d (isWhole family)
        }

    /// The box over some columns.
    let pick (columns: int[]) (box: NoiseBox) : NoiseBox =
        {
            Lower = columns |> Array.map (fun c -> box.Lower[c])
            Upper = columns |> Array.map (fun c -> box.Upper[c])
            Whole = columns |> Array.map (fun c -> box.Whole[c])
        }

    /// The logarithm of a column's width, or of how many whole numbers it has; a column of one value takes no room.
    let logWidth (box: NoiseBox) (column: int) : float =
        let low, high = box.Lower[column], box.Upper[column]

        if box.Whole[column] then log (high - low + 1.0)
        elif high > low then Uniform.logWidth low high
        else 0.0

    /// log p of any point inside, in nats.
    let logDensity (box: NoiseBox) : float =
        let mutable sum = 0.0

        for c in 0 .. box.Lower.Length - 1 do
            sum <- sum - logWidth box c

        sum

    let contains (box: NoiseBox) (column: int) (value: float) =
        value >= box.Lower[column] && value <= box.Upper[column]

    let sample (box: NoiseBox) (column: int) (stream: RandomStream) : float =
        let low, high = box.Lower[column], box.Upper[column]

        if box.Whole[column] then
            min high (low + floor (stream.NextDouble() * (high - low + 1.0)))
        elif high > low then
            Uniform.sample low high stream
        else
            low

    let mean (box: NoiseBox) (column: int) : float =
        0.5 * box.Lower[column] + 0.5 * box.Upper[column]

    /// w² / 12, and (n² - 1) / 12 for n whole numbers.
    let variance (box: NoiseBox) (column: int) : float =
        let width = box.Upper[column] - box.Lower[column]

        if box.Whole[column] then
            width * (width + 2.0) / 12.0
        else
            width * width / 12.0

    /// P(X ≤ x) of a column.
    let cdf (box: NoiseBox) (column: int) (x: float) : float =
        let low, high = box.Lower[column], box.Upper[column]

        if x < low then
            0.0
        elif x >= high then
            1.0
        elif box.Whole[column] then
            (floor x - low + 1.0) / (high - low + 1.0)
        else
            Uniform.cdf low high x
