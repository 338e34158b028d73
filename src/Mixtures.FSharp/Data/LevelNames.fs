namespace Mixtures

open System
open System.Collections.Generic
open System.Globalization

/// The names of a column's levels, in the order of their codes 0 … L - 1; none for a column of numbers.
[<RequireQualifiedAccess>]
module internal LevelNames =

    /// The most levels that a column may have: more are names or dates, which no component can tell apart.
    [<Literal>]
    let Most = 1000

    /// What to do with a column of more texts.
    let tooMany (column: string) =
        $"{column} has more than {Most} different texts: these are names rather than levels. Leave the column out (choose other columns), or name it as the label column."

    /// A checked copy: at least one, none blank, no two alike, not too many.
    let check (names: IReadOnlyList<string>) : string[] =
        ArgumentNullException.ThrowIfNull(names, nameof names)

        if names.Count = 0 then
            invalidArg (nameof names) "expected the name of at least one level, received none"

        if names.Count > Most then
            invalidArg (nameof names) $"expected at most {Most} levels, received {names.Count}"

        let seen = HashSet<string>()

        for name in names do
            if String.IsNullOrWhiteSpace name then
                invalidArg (nameof names) "expected a name for every level, received a blank one"

            if not (seen.Add name) then
                invalidArg (nameof names) $"expected every level once, received '{name}' twice"

        Seq.toArray names

    /// Levels as messages list them.
    let show (names: IReadOnlyList<string>) = ColumnNames.show names

    /// A level that a list does not have, in words.
    let unseen (level: string) (known: IReadOnlyList<string>) =
        $"the level '{level}' is not among the known ones ({show known})"

    /// Whether a level is named like a number.
    let isNumber (level: string) =
        Double.TryParse(level, NumberStyles.Float, CultureInfo.InvariantCulture) |> fst

    /// The levels sorted by their characters, and the new code of each old one.
    let sort (names: string[]) : struct (string[] * float[]) =
        let order = Array.init names.Length id
        Array.Sort(Array.copy names, order, StringComparer.Ordinal)
        let codes = Array.zeroCreate<float> names.Length
        order |> Array.iteri (fun code old -> codes[old] <- float code)
        struct (order |> Array.map (fun old -> names[old]), codes)

/// Gives each distinct text of a column a code, in order of first appearance, or those of a closed list.
[<Sealed>]
type internal LevelIndex(known: string[]) =
    let index = Dictionary<string, int>(StringComparer.Ordinal)
    let lookup = index.GetAlternateLookup<ReadOnlySpan<char>>()
    let names = List<string> known

    do known |> Array.iteri (fun code name -> index.Add(name, code))

    /// Whether other texts than the given ones are refused.
    member _.IsClosed = known.Length > 0

    /// The code of a text that has one; -1 otherwise.
    member _.Find(text: ReadOnlySpan<char>) =
        let mutable code = 0
        if lookup.TryGetValue(text, &code) then code else -1

    /// Whether there are as many texts as there may be.
    member _.IsFull = names.Count >= LevelNames.Most

    /// The code of a new text.
    member _.Add(text: string) =
        index.Add(text, names.Count)
        names.Add text
        names.Count - 1

    /// The texts in the order of their codes.
    member _.Names = names.ToArray()

/// A storage with further columns to the right of its own.
[<Sealed>]
type internal WidenedStorage private (inner: Storage, added: float[][]) =
    inherit Storage()
    override _.Rows = inner.Rows
    override _.Columns = inner.Columns + added.Length

    override _.Fill(start, column, destination) =
        if column < inner.Columns then
            inner.Fill(start, column, destination)
        else
            ReadOnlySpan<float>(added[column - inner.Columns], start, destination.Length).CopyTo destination

    override storage.FillBlock(start, count, chosen, destination, stride) =
        let mutable c = 0

        while c < chosen.Length do
            // columns of the inner storage, as many as come together, go at once
            let mutable next = c

            while next < chosen.Length && chosen[next] < inner.Columns do
                next <- next + 1

            if next > c then
                inner.FillBlock(start, count, Array.sub chosen c (next - c), destination.Slice(c * stride), stride)
                c <- next
            else
                storage.Fill(start, chosen[c], destination.Slice(c * stride, count))
                c <- c + 1

    member private _.Inner = inner
    member private _.Added = added

    /// The storage with one more column, of as many rows, which is taken over.
    static member Of(storage: Storage, column: float[]) : Storage =
        match storage with
        | :? WidenedStorage as wide -> WidenedStorage(wide.Inner, Array.append wide.Added [| column |])
        | _ -> WidenedStorage(storage, [| column |])
