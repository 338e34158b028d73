namespace Mixtures

open System
open System.Text.Json

/// What files of samples and of guides have in common: the sites of their model.
module internal InferenceJson =

    open JsonElements

    let required name (parent: JsonElement) = requiredOf "The file" name parent

    /// An element that must be an object.
    let inside where (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Object then
            fail $"Expected an object in '{where}', received {kind element}."

        element

    /// The numbers that JSON has no words for.
    let private named = [ "NaN", nan; "Infinity", infinity; "-Infinity", -infinity ]

    /// A number, or the name of one that is not finite.
    let anyNumber where name (parent: JsonElement) =
        let own = required name parent

        if own.ValueKind = JsonValueKind.String then
            let text = JsonElements.text where own

            match named |> List.tryFind (fun (name, _) -> name = text) with
            | Some(_, value) -> value
            | None -> number where own
        else
            number where own

    /// Numbers, NaN for each null.
    let numbersOrNaN where (element: JsonElement) =
        items where element
        |> Array.map (fun own ->
            if own.ValueKind = JsonValueKind.Null then
                nan
            else
                number where own)

    let writeNumber (writer: Utf8JsonWriter) (name: string) (value: float) =
        if Double.IsFinite value then
            writer.WriteNumber(name, value)
        else
            writer.WriteString(name, named |> List.find (fun (_, own) -> own.Equals value) |> fst)

    let writeNumbers (writer: Utf8JsonWriter) (name: string) (values: float[]) =
        writer.WritePropertyName name
        FamilyWriter.numbers writer (ReadOnlySpan values)

    let writeWholes (writer: Utf8JsonWriter) (name: string) (values: int[]) =
        writer.WriteStartArray name
        values |> Array.iter (fun (v: int) -> writer.WriteNumberValue v)
        writer.WriteEndArray()

    let text name parent = required name parent |> text name

    let whole name parent = required name parent |> integer name

    let wholes where name parent =
        required name parent |> items where |> Array.map (integer where)

    let truth name (parent: JsonElement) =
        let element = required name parent

        match element.ValueKind with
        | JsonValueKind.True -> true
        | JsonValueKind.False -> false
        | _ -> fail $"Expected true or false in '{name}', received {kind element}."

    /// The head of a file: its format, and the sites of the model.
    let writeHead (writer: Utf8JsonWriter) (format: string) (sites: Site[]) =
        writer.WriteString("format", format)
        writer.WriteNumber("version", 1)
        writer.WriteStartArray "sites"

        for site in sites do
            writer.WriteStartObject()
            writer.WriteString("name", site.Name)
            writeWholes writer "shape" site.Dims
            writer.WriteString("support", Support.name site.Support)
            writer.WriteEndObject()

        writer.WriteEndArray()

    let private describe (name: string) (shape: int[]) (support: string) =
        $"{name} of shape {Shape.text shape}, {support}"

    /// Checks the head of a file: its format (the article and noun name it), and that its sites are those of the model.
    let checkHead (format: string) (article: string) (sites: Site[]) (root: JsonElement) =
        if root.ValueKind <> JsonValueKind.Object then
            fail $"Expected an object, received {kind root}: this is not {article}."

        match tryGet "format" root with
        | Some own when own.ValueKind = JsonValueKind.String && own.GetString() = format -> ()
        | Some own -> fail $"Expected the format '{format}', received {kind own}: this is not {article}."
        | None -> fail $"Expected the format '{format}', received none: this is not {article}."

        match whole "version" root with
        | 1 -> ()
        | newer -> fail $"Expected version 1, received {newer}: the file was written by a newer release."

        let own =
            required "sites" root
            |> items "sites"
            |> Array.map (fun site ->
                inside "sites" site |> ignore
                describe (text "name" site) (wholes "sites.shape" "shape" site) (text "support" site))

        let expected =
            sites
            |> Array.map (fun site -> describe site.Name site.Dims (Support.name site.Support))

        for i in 0 .. max own.Length expected.Length - 1 do
            let at (all: string[]) =
                if i < all.Length then all[i] else "no more sites"

            if at own <> at expected then
                fail
                    $"The file is of another model: expected site {i + 1} to be {at expected}, received {at own}. Give the data, components, structure and priors that it was made with."

    /// Checks that the model gives a value that the file has of it: its data and priors are the same.
    let checkDensity (what: string) (saved: float) (model: BayesianModel) (point: float[]) =
        let struct (value, _) = model.Evaluate point

        if not (abs (value - saved) <= 1e-6 * (1.0 + abs saved)) then
            fail
                $"The file is of other data or priors: it has the log density {Wording.number saved} at {what}, and the model gives {Wording.number value}. Give the data, priors and options that it was made with."
