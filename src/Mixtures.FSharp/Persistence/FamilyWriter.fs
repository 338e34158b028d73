namespace Mixtures

open System
open System.Text.Json

/// Writes components of every family as JSON; doubles are written so that they read back to the same bits.
[<RequireQualifiedAccess>]
module internal FamilyWriter =

    let numbers (writer: Utf8JsonWriter) (values: ReadOnlySpan<float>) =
        writer.WriteStartArray()

        for value in values do
            // minus infinity: the log-likelihood of a start without any density
            if Double.IsFinite value then
                writer.WriteNumberValue value
            else
                writer.WriteNullValue()

        writer.WriteEndArray()

    let matrix (writer: Utf8JsonWriter) rows columns (values: float[]) start =
        writer.WriteStartArray()

        for i in 0 .. rows - 1 do
            numbers writer (ReadOnlySpan(values, start + i * columns, columns))

        writer.WriteEndArray()

    let texts (writer: Utf8JsonWriter) (name: string) (values: seq<string>) =
        writer.WriteStartArray name

        for value in values do
            writer.WriteStringValue value

        writer.WriteEndArray()

    let private gaussian (writer: Utf8JsonWriter) (components: GaussianComponents) (names: string[]) =
        let d = components.Dimension
        let count = components.Count

        let covariances =
            if components.Structure = CovarianceStructure.Known then
                Array.collect components.CovarianceArray [| 0 .. count - 1 |]
            else
                components.Covariances

        writer.WritePropertyName "means"
        matrix writer count d components.Means 0
        writer.WritePropertyName "covariances"

        match components.Structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Known ->
            writer.WriteStartArray()

            for k in 0 .. count - 1 do
                matrix writer d d covariances (k * d * d)

            writer.WriteEndArray()
        | CovarianceStructure.Tied -> matrix writer d d covariances 0
        | CovarianceStructure.Diagonal -> matrix writer count d covariances 0
        | CovarianceStructure.Spherical -> numbers writer (ReadOnlySpan covariances)

        if components.Constants.Length > 0 then
            texts writer "constant_columns" (components.Constants |> Seq.map (fun i -> names[i]))

    let private table (writer: Utf8JsonWriter) (name: string) rows columns (values: float[]) =
        writer.WritePropertyName name
        matrix writer rows columns values 0

    /// The names of the levels of those columns that have any, by the columns' names.
    let private levels (writer: Utf8JsonWriter) (columns: ColumnFamily[]) (names: string[]) =
        let named =
            columns
            |> Array.mapi (fun c column ->
                match column with
                | :? CategoricalColumn as column when column.Names.Length > 0 -> Some(names[c], column.Names)
                | _ -> None)
            |> Array.choose id

        if named.Length > 0 then
            writer.WriteStartObject "levels"

            for column, levels in named do
                texts writer column levels

            writer.WriteEndObject()

    let private independent (writer: Utf8JsonWriter) (components: IndependentComponents) (names: string[]) =
        let columns = components.Columns
        let d = columns.Length
        let count = components.Stated.Length / d

        let trials =
            columns
            |> Array.choose (function
                | :? BinomialColumn as binomial -> Some binomial.Trials
                | _ -> None)

        if trials.Length > 0 then
            if trials |> Array.forall (fun n -> n = trials[0]) then
                writer.WriteNumber("trials", trials[0])
            else
                writer.WriteStartArray "trials"
                trials |> Array.iter (fun n -> writer.WriteNumberValue n)
                writer.WriteEndArray()

        levels writer columns names
        writer.WriteStartObject "parameters"

        match columns[0] with
        | :? CategoricalColumn ->
            writer.WriteStartArray "probabilities"

            for k in 0 .. count - 1 do
                writer.WriteStartArray()

                for c in 0 .. d - 1 do
                    numbers writer (ReadOnlySpan components.Stated[k * d + c])

                writer.WriteEndArray()

            writer.WriteEndArray()
        | column ->
            column.Parameters
            |> Array.iteri (fun p name -> table writer name count d (components.Stated |> Array.map (fun s -> s[p])))

        writer.WriteEndObject()

    /// The structure's name, before the columns and the weights; nothing for families without one.
    let rec structure (writer: Utf8JsonWriter) (components: IComponents) =
        match components with
        | :? NoiseComponents as c -> structure writer c.Inner
        | :? GaussianComponents
        | :? StudentTComponents -> writer.WriteString("covariance", components.Family.Structure)
        | _ -> ()

    /// The parameters, as properties of an object that is open.
    let rec parameters (writer: Utf8JsonWriter) (components: IComponents) (names: string[]) =
        let d = components.Dimension

        match components with
        | :? GaussianComponents as c -> gaussian writer c names
        | :? StudentTComponents as c ->
            gaussian writer c.Gaussian names
            writer.WritePropertyName "degrees_of_freedom"
            numbers writer (ReadOnlySpan c.DegreesOfFreedom)

            match components.Family with
            | :? StudentTFamily as f -> writer.WriteBoolean("degrees_estimated", f.Degrees.IsEstimated)
            | _ -> ()
        | :? BernoulliComponents as c ->
            writer.WriteStartObject "parameters"
            table writer "log_odds" components.Count d c.Logits
            writer.WriteEndObject()
        | :? LogNormalComponents as c ->
            writer.WriteStartObject "parameters"
            table writer "location" components.Count d c.Gaussian.Means
            table writer "variance" components.Count d c.Gaussian.Covariances
            writer.WriteEndObject()
        | :? IndependentComponents as c -> independent writer c names
        | :? ProductComponents as c ->
            writer.WriteStartArray "parts"

            for p in 0 .. c.Parts.Length - 1 do
                let own = c.Columns[p] |> Array.map (fun i -> names[i])
                writer.WriteStartObject()
                texts writer "columns" own
                writer.WriteString("family", c.Parts[p].Family.Name)
                structure writer c.Parts[p]
                parameters writer c.Parts[p] own
                writer.WriteEndObject()

            writer.WriteEndArray()
        | :? NoiseComponents as c ->
            parameters writer c.Inner names
            writer.WriteStartObject "noise"
            writer.WritePropertyName "lower"
            numbers writer (ReadOnlySpan c.Box.Lower)
            writer.WritePropertyName "upper"
            numbers writer (ReadOnlySpan c.Box.Upper)
            writer.WriteEndObject()
        | _ ->
            writer.WriteNumber("dimension", d)
            writer.WriteStartArray "parameters"

            for own in Component.parameters components do
                numbers writer (ReadOnlySpan own)

            writer.WriteEndArray()
