namespace Mixtures

open System
open System.Collections.Generic
open System.Runtime.InteropServices

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
        let words = (d + 63) / 64
        let numbers = Dictionary<string, int>()
        let observed = List<int[]>()
        let members = List<List<int>>()
        let tile = Tile(d, 992)
        // a bit a column: the words of row i start at i * words
        let marks = Array.zeroCreate<uint64>(tile.Capacity * words)
        let mutable first = 0

        let numberOf row =
            let own = ReadOnlySpan(marks, row * words, words)
            let key = String(MemoryMarshal.Cast<uint64, char> own)

            match numbers.TryGetValue key with
            | true, number -> number
            | false, _ ->
                let number = observed.Count
                numbers[key] <- number
                let columns = List<int>()

                for c in 0 .. d - 1 do
                    if own[c / 64] &&& (1UL <<< c % 64) <> 0UL then
                        columns.Add c

                observed.Add(columns.ToArray())
                members.Add(List())
                number

        // of the row before, which is often the same
        let latest = Array.zeroCreate<uint64> words
        let mutable latestNumber = -1

        while first < data.Count do
            data.Fill(first, tile)
            Array.Clear marks

            for c in 0 .. d - 1 do
                let column = tile.Column c
                let bit = 1UL <<< c % 64

                for i in 0 .. tile.Count - 1 do
                    if not (Double.IsNaN column[i]) then
                        let at = i * words + c / 64
                        marks[at] <- marks[at] ||| bit

            for i in 0 .. tile.Count - 1 do
                let own = ReadOnlySpan(marks, i * words, words)

                let counts = not onlyCounted || (tile.Weights[i] > 0.0 && own.ContainsAnyExcept 0UL)

                if counts then
                    if latestNumber < 0 || not (own.SequenceEqual(ReadOnlySpan latest)) then
                        latestNumber <- numberOf i
                        own.CopyTo(Span latest)

                    members[latestNumber].Add(first + i)

            first <- first + tile.Count

        {
            Observed = observed.ToArray()
            Rows = members |> Seq.collect id |> Seq.toArray
            Starts = members |> Seq.map _.Count |> Seq.scan (+) 0 |> Seq.toArray
        }
