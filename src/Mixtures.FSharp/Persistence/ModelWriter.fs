namespace Mixtures

open System
open System.IO
open System.Text
open System.Text.Json

/// Writes models as JSON; doubles are written so that they read back to the same bits.
[<RequireQualifiedAccess>]
module internal ModelWriter =

    let private numbers (writer: Utf8JsonWriter) (values: ReadOnlySpan<float>) =
        writer.WriteStartArray()

        for value in values do
            // minus infinity: the log-likelihood of a start without any density
            if Double.IsFinite value then
                writer.WriteNumberValue value
            else
                writer.WriteNullValue()

        writer.WriteEndArray()

    let private matrix (writer: Utf8JsonWriter) rows columns (values: float[]) start =
        writer.WriteStartArray()

        for i in 0 .. rows - 1 do
            numbers writer (ReadOnlySpan(values, start + i * columns, columns))

        writer.WriteEndArray()

    let private texts (writer: Utf8JsonWriter) (name: string) (values: seq<string>) =
        writer.WriteStartArray name

        for value in values do
            writer.WriteStringValue value

        writer.WriteEndArray()

    let private gaussian (writer: Utf8JsonWriter) (mixture: Mixture) =
        let structure = Gaussian.structure mixture
        let d = mixture.Dimension
        let covariances = Gaussian.storedCovariances mixture
        writer.WriteStartArray "means"

        for k in 0 .. mixture.Count - 1 do
            numbers writer (ReadOnlySpan(mixture.Components.Mean k))

        writer.WriteEndArray()
        writer.WritePropertyName "covariances"

        match structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Known ->
            writer.WriteStartArray()

            for k in 0 .. mixture.Count - 1 do
                matrix writer d d covariances (k * d * d)

            writer.WriteEndArray()
        | CovarianceStructure.Tied -> matrix writer d d covariances 0
        | CovarianceStructure.Diagonal -> matrix writer mixture.Count d covariances 0
        | CovarianceStructure.Spherical -> numbers writer (ReadOnlySpan covariances)

        let constants = Gaussian.constants mixture

        if constants.Length > 0 then
            texts writer "constant_columns" (constants |> Seq.map (fun i -> mixture.ColumnNames[i]))

    let private logDensity (writer: Utf8JsonWriter) (mixture: Mixture) =
        writer.WriteNumber("dimension", mixture.Dimension)
        writer.WriteStartArray "parameters"

        for own in Component.parameters mixture.Components do
            numbers writer (ReadOnlySpan own)

        writer.WriteEndArray()

    /// The fit's numbers, as properties of an object that is open.
    let fitProperties (writer: Utf8JsonWriter) (fit: FitSummary) =
        writer.WriteString("method", fit.Method)
        writer.WriteNumber("log_likelihood", fit.LogLikelihood)
        writer.WriteNumber("parameters", fit.Parameters)
        writer.WriteNumber("aic", fit.Aic)
        writer.WriteNumber("bic", fit.Bic)
        writer.WriteNumber("icl", fit.Icl)
        writer.WriteNumber("rows", fit.Rows)
        writer.WriteNumber("total_weight", fit.TotalWeight)
        writer.WriteNumber("effective_rows", fit.EffectiveRows)
        writer.WriteNumber("iterations", fit.Iterations)
        writer.WriteString("termination", Termination.name fit.Termination)
        writer.WriteNumber("seed", fit.Seed)
        writer.WritePropertyName "history"
        numbers writer (ReadOnlySpan fit.History)
        writer.WritePropertyName "restarts"
        numbers writer (ReadOnlySpan fit.Restarts)
        writer.WriteNumber("agreement", fit.Agreement)
        writer.WriteNumber("seconds", fit.Seconds)
        texts writer "warnings" fit.Warnings

    /// The whole model as JSON.
    let write (stream: Stream) (mixture: Mixture) (fit: FitSummary option) =
        use writer = new Utf8JsonWriter(stream, JsonWriterOptions(Indented = true))
        writer.WriteStartObject()
        writer.WriteString("format", "mixtures-model")
        writer.WriteNumber("version", 1)
        writer.WriteString("family", mixture.Family.Name)

        let isLogDensity =
            match mixture.Components with
            | :? LogDensityComponents -> true
            | _ -> false

        if not isLogDensity then
            writer.WriteString("covariance", mixture.Family.Structure)

        if mixture.HasColumnNames then
            texts writer "columns" mixture.ColumnNames

        writer.WritePropertyName "weights"
        numbers writer (ReadOnlySpan mixture.Weights)

        if isLogDensity then
            logDensity writer mixture
        else
            gaussian writer mixture

        match fit with
        | Some fit ->
            writer.WriteStartObject "fit"
            fitProperties writer fit
            writer.WriteEndObject()
        | None -> ()

        writer.WriteEndObject()
        writer.Flush()
