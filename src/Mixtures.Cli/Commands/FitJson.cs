using System.Text.Json;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>A fit as one JSON object.</summary>
internal static class FitJson
{
    public static void Print(FitResult result) =>
        Json.Print(writer =>
        {
            var model = result.Fit.Model;
            writer.ModelHead(model);
            Summary(writer, result.Fit.Summary, result.Warnings);
            writer.ModelParameters(model);
            result.Agreement?.Write(writer);

            if (result.IsSelection)
            {
                Table(writer, result);
            }
        });

    /// <summary>The numbers of a fit, as properties.</summary>
    public static void Summary(Utf8JsonWriter writer, FitSummary fit, IEnumerable<string> warnings)
    {
        writer.WriteString("method", fit.Method);
        writer.WriteNumber("rows", fit.Rows);
        writer.Number("total_weight", fit.TotalWeight);
        writer.Number("effective_rows", fit.EffectiveRows);
        writer.Number("log_likelihood", fit.LogLikelihood);
        writer.WriteNumber("parameters", fit.Parameters);
        writer.Number("aic", fit.Aic);
        writer.Number("bic", fit.Bic);
        writer.Number("icl", fit.Icl);
        writer.WriteNumber("iterations", fit.Iterations);
        writer.WriteString("termination", Names.Of(fit.Termination));
        writer.WriteNumber("seed", fit.Seed);
        writer.Numbers("history", fit.History);
        writer.Numbers("restarts", fit.Restarts);
        writer.WriteNumber("agreement", fit.Agreement);
        writer.Number("seconds", fit.Elapsed.TotalSeconds);
        writer.Texts("warnings", warnings);
    }

    private static void Table(Utf8JsonWriter writer, FitResult result)
    {
        writer.WriteString("criterion", Names.Of(result.Selection.Criterion));
        writer.WriteStartArray("table");

        foreach (var candidate in result.Selection.Candidates)
        {
            writer.WriteStartObject();
            writer.WriteString("covariance", Names.Of(candidate.Covariance));
            writer.WriteNumber("components", candidate.Components);

            if (candidate.Fit is { } fit)
            {
                writer.Number("log_likelihood", fit.LogLikelihood);
                writer.WriteNumber("parameters", fit.Parameters);
                writer.Number("aic", fit.Aic);
                writer.Number("bic", fit.Bic);
                writer.Number("icl", fit.Icl);
                writer.WriteString("termination", Names.Of(fit.Termination));
                writer.WriteBoolean("spurious", fit.Certificate.Components.Any(report => report.IsSpurious));
                writer.WriteBoolean("best", ReferenceEquals(fit, result.Fit));
            }
            else
            {
                writer.WriteString("error", candidate.Error!.Message);
                writer.WriteBoolean("best", false);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
