namespace Mixtures

open System
open System.IO
open System.Text
open System.Text.Json

/// Writes models as JSON; doubles are written so that they read back to the same bits.
[<RequireQualifiedAccess>]
module internal ModelWriter =

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
        FamilyWriter.numbers writer (ReadOnlySpan fit.History)
        writer.WritePropertyName "restarts"
        FamilyWriter.numbers writer (ReadOnlySpan fit.Restarts)
        writer.WriteNumber("agreement", fit.Agreement)
        writer.WriteNumber("seconds", fit.Seconds)
        FamilyWriter.texts writer "warnings" fit.Warnings

        if fit.Priors.Weights <> Flat || not fit.Priors.Parameters.IsEmpty then
            writer.WritePropertyName "priors"
            PriorsJson.write writer fit.Priors

    /// The whole model as JSON, with more properties at its end.
    let writeWith (more: Utf8JsonWriter -> unit) (stream: Stream) (mixture: Mixture) (fit: FitSummary option) =
        use writer = new Utf8JsonWriter(stream, JsonWriterOptions(Indented = true))
        writer.WriteStartObject()
        writer.WriteString("format", "mixtures-model")
        writer.WriteNumber("version", 1)
        writer.WriteString("family", mixture.Family.Name)

        FamilyWriter.structure writer mixture.Components

        if mixture.HasColumnNames then
            FamilyWriter.texts writer "columns" mixture.ColumnNames

        writer.WritePropertyName "weights"
        FamilyWriter.numbers writer (ReadOnlySpan mixture.Weights)

        FamilyWriter.parameters writer mixture.Components (Seq.toArray mixture.ColumnNames)

        match fit with
        | Some fit ->
            writer.WriteStartObject "fit"
            fitProperties writer fit
            writer.WriteEndObject()
        | None -> ()

        more writer
        writer.WriteEndObject()
        writer.Flush()

    /// The whole model as JSON.
    let write (stream: Stream) (mixture: Mixture) (fit: FitSummary option) = writeWith ignore stream mixture fit
