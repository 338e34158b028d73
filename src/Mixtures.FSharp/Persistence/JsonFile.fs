namespace Mixtures

open System
open System.IO
open System.Text
open System.Text.Json

/// JSON files of any kind: reading them with what is wrong in words, and writing them whole or not at all.
[<RequireQualifiedAccess>]
module internal JsonFile =

    /// The document of a text; DataException where it is none. What is read is named: the model is, the priors are.
    let document (isWhat: string) (json: string) : JsonDocument =
        try
            JsonDocument.Parse json
        with :? JsonException as e ->
            let place =
                if e.LineNumber.HasValue then
                    $" at line {e.LineNumber.Value + 1L}"
                else
                    ""

            let subject = $"{Char.ToUpperInvariant isWhat[0]}{isWhat[1..]}"
            raise (DataException($"{subject} not valid JSON{place}: the text may be cut off.", e))

    /// What a function makes of a file's text; DataException tells what is wrong with the file, which it names. The kind of
    /// file is named as in model file.
    let read (kind: string) (parse: string -> 'T) (path: string) : 'T =
        ArgumentNullException.ThrowIfNull(path, nameof path)

        if path.Length = 0 then
            raise (DataException $"The name of the {kind} is empty: give a path.")

        if Directory.Exists path then
            raise (DataException $"'{path}' is a directory: give a {kind} in it.")

        let text =
            try
                File.ReadAllText path
            with
            | :? FileNotFoundException
            | :? DirectoryNotFoundException -> raise (DataException $"There is no {kind} '{path}': check the path.")
            | :? UnauthorizedAccessException
            | :? IOException as e -> raise (DataException($"The {kind} '{path}' cannot be read: {e.Message}", e))

        try
            parse text
        with :? DataException as e ->
            raise (DataException($"{path}: {e.Message}", e))

    let private options = JsonWriterOptions(Indented = true)

    /// The text of one object, whose properties a function writes.
    let text (properties: Utf8JsonWriter -> unit) : string =
        use stream = new MemoryStream()

        using (new Utf8JsonWriter(stream, options)) (fun writer ->
            writer.WriteStartObject()
            properties writer
            writer.WriteEndObject())

        Encoding.UTF8.GetString(stream.GetBuffer(), 0, int stream.Length)

    /// Saves one object, whose properties a function writes.
    let save (path: string) (properties: Utf8JsonWriter -> unit) =
        AtomicFile.Write(
            path,
            fun stream ->
                use writer = new Utf8JsonWriter(stream, options)
                writer.WriteStartObject()
                properties writer
                writer.WriteEndObject()
        )
