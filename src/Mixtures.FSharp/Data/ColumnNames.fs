namespace Mixtures

open System
open System.Collections.Generic

/// The names of a table's columns: made up, checked, and matched to a model's.
[<RequireQualifiedAccess>]
module internal ColumnNames =
    /// x1, x2, …: the names of columns that have none.
    let generate count =
        Array.init count (fun i -> String.Concat("x", string (i + 1)))

    /// Up to twelve names in a row, for messages.
    let show (names: IReadOnlyList<string>) =
        if names.Count <= 12 then
            String.Join(", ", names)
        else
            $"""{String.Join(", ", Seq.take 12 names)} and {names.Count - 12} more"""

    /// A checked copy: one name a column, none blank, no two alike.
    let check (names: IReadOnlyList<string>) (columns: int) =
        ArgumentNullException.ThrowIfNull(names, nameof names)

        if names.Count <> columns then
            raise (
                DataException
                    $"""{Wording.count names.Count "column name"} for {Wording.count columns "column"}: give one name for each column."""
            )

        let seen = HashSet<string>()

        for i in 0 .. names.Count - 1 do
            if String.IsNullOrWhiteSpace names[i] then
                raise (DataException $"The name of column {i + 1} is blank: give every column a name.")

            if not (seen.Add names[i]) then
                raise (DataException $"Two columns are named '{names[i]}': rename one of them.")

        Seq.toArray names

    /// The position of a name.
    let find (names: string[]) (name: string) =
        match Array.IndexOf(names, name) with
        | -1 -> raise (DataException $"There is no column '{name}': the data have {show names}.")
        | index -> index

    /// Whether all names look made up (x and a number), as those of data without column names.
    let areGenerated (names: IReadOnlyList<string>) =
        names
        |> Seq.forall (fun name ->
            name.Length > 1
            && name[0] = 'x'
            && name |> Seq.skip 1 |> Seq.forall Char.IsAsciiDigit)

    /// Where each of the model's columns lies in the data; nothing where the data are to be taken as they are.
    let matchTo (model: IReadOnlyList<string>) (names: IReadOnlyList<string>) named =
        let positions =
            let index = Dictionary<string, int>()
            names |> Seq.iteri (fun i name -> index.TryAdd(name, i) |> ignore)

            model
            |> Seq.map (fun name ->
                match index.TryGetValue name with
                | true, position -> position
                | false, _ -> -1)
            |> Seq.toArray

        if named && not (Array.contains -1 positions) then
            Some positions
        elif named && not (areGenerated model) then
            let missing = [| for i in 0 .. model.Count - 1 -> model[i], positions[i] |]

            let missing = missing |> Array.filter (fun (_, at) -> at < 0) |> Array.map fst
            let noun = if missing.Length = 1 then "column" else "columns"

            raise (
                DataException
                    $"The data lack the model's {noun} {show missing}: the data have {show names}. Rename or add the missing {noun}, or use a model fitted to these columns."
            )
        elif names.Count <> model.Count then
            raise (
                DataException
                    $"""The model has {Wording.count model.Count "column"} ({show model}), but the data have {names.Count}: choose as many columns, in the model's order."""
            )
        else
            None
