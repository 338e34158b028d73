namespace Mixtures

open System
open System.Collections.Generic

/// The labels of a dataset's rows: a code a row, with the name of each code.
[<Sealed>]
type Labels private (codes: Lazy<int[]>, count: int, names: string[]) =
    internal new(codes: int[], names) = Labels(Lazy<int[]> codes, codes.Length, names)

    /// The number of rows.
    member _.Count = count

    /// The code of each row, from 0; -1 where the label is blank.
    member _.Codes = ReadOnlyMemory<int> codes.Value

    /// The name of each code, in order of first appearance.
    member _.Names: IReadOnlyList<string> = names

    /// Labels in chunks, put together when they are asked for.
    static member internal OfChunks(chunks: List<int[]>, names) =
        let count = chunks |> Seq.sumBy _.Length
        Labels(lazy (Array.concat chunks), count, names)

    /// The labels of a sequence of names; blank names get the code -1.
    static member FromNames(names: seq<string>) =
        let index = LabelIndex()
        let codes = names |> Seq.map (fun name -> index.Code(name.AsSpan())) |> Seq.toArray
        Labels(codes, index.Names)

/// Gives each distinct label name a code, in order of first appearance.
and [<Sealed>] internal LabelIndex() =
    let index = Dictionary<string, int>()
    let lookup = index.GetAlternateLookup<ReadOnlySpan<char>>()
    let names = List<string>()

    /// The code of a name; -1 for a blank one.
    member _.Code(name: ReadOnlySpan<char>) =
        if name.IsWhiteSpace() then
            -1
        else
            let mutable code = 0

            if lookup.TryGetValue(name, &code) then
                code
            else
                let text = name.ToString()
                index.Add(text, names.Count)
                names.Add text
                names.Count - 1

    /// The names met so far.
    member _.Names = names.ToArray()
