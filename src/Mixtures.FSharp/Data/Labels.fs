namespace Mixtures

open System
open System.Collections.Generic
open System.Globalization

/// The labels of a dataset's rows: a code a row, with the name of each code.
[<Sealed>]
type Labels
    private
    (
        codes: Lazy<int[]>,
        count: int,
        names: string[],
        // where rows with a label keep to a component: which each code stands for, from 0
        components: int[] voption
    ) =
    internal new(codes: int[], names) = Labels(Lazy<int[]> codes, codes.Length, names, ValueNone)

    /// The number of rows.
    member _.Count = count

    /// The code of each row, from 0; -1 where the label is blank.
    member _.Codes = ReadOnlyMemory<int> codes.Value

    /// The name of each code, in order of first appearance.
    member _.Names: IReadOnlyList<string> = names

    /// Whether rows with a label keep to the component of that label.
    member _.AreComponents = components.IsSome

    /// The same labels, each the name of a component that its rows keep to, whatever they look like; rows without a label (blank, NA and
    /// such) are free. Labels that are all whole numbers from 1 are the numbers of components; others name the first components in
    /// alphabetical (ordinal) order, which does not depend on the order of the rows.
    member _.AsComponents() : Labels =
        let given = names |> Array.filter (MissingText.isMissing >> not)

        let numbers =
            given
            |> Array.map (fun name ->
                match Int32.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture) with
                | true, number when number >= 1 -> number - 1
                | _ -> -1)

        let order =
            if Array.contains -1 numbers then
                let sorted = given |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
                given |> Array.map (fun name -> Array.IndexOf(sorted, name))
            else
                numbers

        let places =
            names
            |> Array.map (fun name ->
                match Array.IndexOf(given, name) with
                | -1 -> -1
                | at -> order[at])

        Labels(codes, count, names, ValueSome places)

    /// The component that each row keeps to, from 0; -1 for a row that is free. Nothing where labels are names only.
    member internal _.Components: int[] voption =
        components
        |> ValueOption.map (fun places -> codes.Value |> Array.map (fun code -> if code < 0 then -1 else places[code]))

    /// The names of the components that labels stand for, blank where there is none; empty where labels are names only.
    member _.ComponentNames: IReadOnlyList<string> =
        match components with
        | ValueNone -> Array.empty
        | ValueSome places ->
            let result = Array.create (1 + Array.fold max -1 places) ""

            places
            |> Array.iteri (fun code place ->
                if place >= 0 then
                    result[place] <- names[code])

            result

    /// The labels of some of the rows.
    member internal _.Take(rows: IReadOnlyList<int>) =
        let own = Array.init rows.Count (fun i -> codes.Value[rows[i]])
        Labels(Lazy<int[]> own, own.Length, names, components)

    /// Labels in chunks, put together when they are asked for.
    static member internal OfChunks(chunks: List<int[]>, names) =
        let count = chunks |> Seq.sumBy _.Length
        Labels(lazy (Array.concat chunks), count, names, ValueNone)

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
