namespace Mixtures

open System
open System.Text.Json

/// Values of JSON elements; what is wrong is told by property, with what was expected and received.
module internal JsonElements =

    let fail (reason: string) = raise (DataException reason)

    let kind (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Array -> $"a list of {element.GetArrayLength()}"
        | JsonValueKind.Object -> "an object"
        | JsonValueKind.String -> $"'{element.GetString()}'"
        | JsonValueKind.Null -> "null"
        | _ -> element.GetRawText()

    let tryGet (name: string) (parent: JsonElement) =
        match parent.TryGetProperty name with
        | true, value when value.ValueKind <> JsonValueKind.Null -> Some value
        | _ -> None

    /// A property of what is named: the model, the file.
    let requiredOf (what: string) (name: string) (parent: JsonElement) =
        match tryGet name parent with
        | Some value -> value
        | None -> fail $"{what} has no '{name}'."

    let required name parent = requiredOf "The model" name parent

    let text where (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.String then
            fail $"Expected a text in '{where}', received {kind element}."

        element.GetString() |> nonNull

    let number where (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Number ->
            let value = element.GetDouble()

            if not (Double.IsFinite value) then
                fail $"Expected a finite number in '{where}', received {element.GetRawText()}."

            value
        | _ -> fail $"Expected a number in '{where}', received {kind element}."

    let integer where (element: JsonElement) =
        let mutable value = 0

        if element.ValueKind = JsonValueKind.Number && element.TryGetInt32 &value then
            value
        else
            fail $"Expected a whole number in '{where}', received {kind element}."

    let items where (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Array then
            fail $"Expected a list in '{where}', received {kind element}."

        [| for item in element.EnumerateArray() -> item |]

    let numbers where (element: JsonElement) =
        items where element |> Array.map (number where)

    let sized where expected what (values: 'T[]) =
        if values.Length <> expected then
            fail $"Expected {expected} {what} in '{where}', received {values.Length}."

        values
