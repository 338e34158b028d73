namespace Mixtures

open System
open System.Collections.Generic

/// The rows of data with missing cells, grouped by the columns that they have.
[<NoEquality; NoComparison>]
type internal MissingPatterns =
    {
        /// The observed columns of each pattern, in the order in which patterns first occur.
        Observed: int[][]
        /// The rows, pattern by pattern.
        Rows: int[]
        /// Where the rows of each pattern start, and the end.
        Starts: int[]
    }

/// Finding patterns of missing cells.
[<RequireQualifiedAccess>]
module internal MissingPatterns =

    /// The patterns of the rows; where onlyCounted says so, of those that count: of positive weight, and with some value.
    let find (onlyCounted: bool) (data: Dataset) : MissingPatterns =
        let d = data.Dimension
        let numbers = Dictionary<string, int>()
        let observed = List<int[]>()
        let members = List<List<int>>()
        let tile = Tile(d, 992)
        // a bit a column
        let marks = Array.zeroCreate<char>((d + 15) / 16)
        let mutable first = 0

        let numberOf (marks: char[]) =
            let key = String marks

            match numbers.TryGetValue key with
            | true, number -> number
            | false, _ ->
                let number = observed.Count
                numbers[key] <- number

                [| 0 .. d - 1 |]
                |> Array.filter (fun c -> int marks[c / 16] &&& (1 <<< c % 16) <> 0)
                |> observed.Add

                members.Add(List())
                number

        while first < data.Count do
            data.Fill(first, tile)

            for i in 0 .. tile.Count - 1 do
                if not onlyCounted || tile.Weights[i] > 0.0 then
                    Array.Clear marks

                    for c in 0 .. d - 1 do
                        if not (Double.IsNaN(tile.Column(c)[i])) then
                            marks[c / 16] <- char (int marks[c / 16] ||| (1 <<< c % 16))

                    if not onlyCounted || Array.exists (fun mark -> mark <> '\000') marks then
                        members[numberOf marks].Add(first + i)

            first <- first + tile.Count

        {
            Observed = observed.ToArray()
            Rows = members |> Seq.collect id |> Seq.toArray
            Starts = members |> Seq.map _.Count |> Seq.scan (+) 0 |> Seq.toArray
        }
