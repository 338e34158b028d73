namespace Mixtures

open System
open System.Buffers
open System.IO
open System.Text
open System.Text.Json

/// A value of a figure: what JSON can hold, with a fast path for arrays of numbers. Immutable by agreement: an array
/// that was handed over must not be changed.
[<RequireQualifiedAccess>]
type PlotValue =
    /// JSON's null: also what stands for a number that is missing.
    | Null
    /// True or false.
    | Bool of bool
    /// A number; one that is not finite is written as null.
    | Number of float
    /// A text.
    | Text of string
    /// An array of numbers; those that are not finite are written as null, which Plotly draws as a gap.
    | Numbers of float[]
    /// A list of any values.
    | List of PlotValue list
    /// Named values, in order.
    | Object of (string * PlotValue) list

/// Values of figures: building, reading, merging and writing them as JSON.
[<RequireQualifiedAccess>]
module PlotValue =

    /// A list of texts.
    let texts (values: seq<string>) =
        values |> Seq.map PlotValue.Text |> Seq.toList |> PlotValue.List

    /// An array of whole numbers.
    let integers (values: seq<int>) =
        values |> Seq.map float |> Seq.toArray |> PlotValue.Numbers

    /// The value under a name, where the value is an object that has it.
    let tryField (name: string) (value: PlotValue) =
        match value with
        | PlotValue.Object fields -> fields |> List.tryFind (fun (key, _) -> key = name) |> Option.map snd
        | PlotValue.Null
        | PlotValue.Bool _
        | PlotValue.Number _
        | PlotValue.Text _
        | PlotValue.Numbers _
        | PlotValue.List _ -> None

    /// The object with one named value replaced in its place, or added at its end. A value that is no object is
    /// replaced by one.
    let withField (name: string) (field: PlotValue) (value: PlotValue) =
        match value with
        | PlotValue.Object fields when fields |> List.exists (fun (key, _) -> key = name) ->
            fields
            |> List.map (fun (key, old) -> key, (if key = name then field else old))
            |> PlotValue.Object
        | PlotValue.Object fields -> PlotValue.Object(fields @ [ name, field ])
        | PlotValue.Null
        | PlotValue.Bool _
        | PlotValue.Number _
        | PlotValue.Text _
        | PlotValue.Numbers _
        | PlotValue.List _ -> PlotValue.Object [ name, field ]

    /// The object with the value at a path replaced; each name of the path descends into an object, which is made
    /// where there is none.
    let rec withPath (path: string list) (field: PlotValue) (value: PlotValue) =
        match path with
        | [] -> field
        | name :: rest ->
            let inner = tryField name value |> Option.defaultValue (PlotValue.Object [])
            withField name (withPath rest field inner) value

    /// The value at a path, where there is one.
    let tryPath (path: string list) (value: PlotValue) =
        (Some value, path)
        ||> List.fold (fun found name -> found |> Option.bind (tryField name))

    /// Writes a text; half a surrogate pair, which no encoding can hold, becomes the replacement character.
    let private writeText (writer: Utf8JsonWriter) (text: string) =
        writer.WriteStringValue(Encoding.UTF8.GetBytes(text).AsSpan())

    let private writeNumber (writer: Utf8JsonWriter) (number: float) =
        if Double.IsFinite number then
            writer.WriteNumberValue number
        else
            writer.WriteNullValue()

    let rec private write (writer: Utf8JsonWriter) (value: PlotValue) =
        match value with
        | PlotValue.Null -> writer.WriteNullValue()
        | PlotValue.Bool flag -> writer.WriteBooleanValue flag
        | PlotValue.Number number -> writeNumber writer number
        | PlotValue.Text text -> writeText writer text
        | PlotValue.Numbers numbers ->
            writer.WriteStartArray()

            for number in numbers do
                writeNumber writer number

            writer.WriteEndArray()
        | PlotValue.List values ->
            writer.WriteStartArray()

            for inner in values do
                write writer inner

            writer.WriteEndArray()
        | PlotValue.Object fields ->
            writer.WriteStartObject()

            for name, inner in fields do
                writer.WritePropertyName(Encoding.UTF8.GetBytes(name).AsSpan())
                write writer inner

            writer.WriteEndObject()

    /// Writes the value as JSON in UTF-8. Numbers are written with as many digits as it takes to read the same bits
    /// back; those that are not finite are written as null. Angle brackets, ampersands and quotes are escaped, so
    /// that the text is safe inside an HTML page.
    let writeTo (stream: Stream) (value: PlotValue) =
        use writer = new Utf8JsonWriter(stream)
        write writer value

    /// The value as JSON text; see writeTo.
    let toJson (value: PlotValue) =
        let buffer = ArrayBufferWriter<byte>()

        (use writer = new Utf8JsonWriter(buffer)
         write writer value)

        Encoding.UTF8.GetString buffer.WrittenSpan
