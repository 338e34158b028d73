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

            if (result.ComponentLabels is { } labels)
            {
                ComponentLabels(writer, labels);
            }

            if (result.FoundSchema is { } schema)
            {
                SchemaText.Write(writer, schema);
            }

            if (result.Fit.Gradient is { } gradient)
            {
                Descent(writer, gradient);
            }

            if (result.Fit.Cavi is { } cavi)
            {
                Posterior(writer, cavi.Posterior);
            }

            if (result.HasStandardErrors)
            {
                StandardErrors(writer, result.StandardErrors);
            }

            result.Laplace?.Write(writer);
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

        if (!fit.Priors.AreNone)
        {
            using var priors = JsonDocument.Parse(fit.Priors.ToJson());
            writer.WritePropertyName("priors");
            priors.RootElement.WriteTo(writer);
        }
    }

    /// <summary>The mean-field posterior, as properties; histories and restarts are then of the bound.</summary>
    public static void Posterior(Utf8JsonWriter writer, MeanFieldPosterior posterior)
    {
        writer.Number("bound", posterior.Bound);
        writer.Number("evidence_term", posterior.EvidenceTerm);
        writer.Number("weights_divergence", posterior.WeightsDivergence);
        writer.Number("components_divergence", posterior.ComponentsDivergence);
        writer.Numbers("counts", posterior.Counts);
        writer.Numbers("weight_sds", posterior.Weights.StandardDeviations);
        writer.Texts("default_priors", posterior.DefaultPriors);
    }

    private static void ComponentLabels(Utf8JsonWriter writer, IEnumerable<string?> labels)
    {
        writer.WriteStartArray("component_labels");

        foreach (var label in labels)
        {
            writer.WriteStringValue(label);
        }

        writer.WriteEndArray();
    }

    private static void Descent(Utf8JsonWriter writer, GradientFit gradient)
    {
        writer.Number("loss", gradient.Loss);
        writer.WriteNumber("best_step", gradient.BestStep);
        writer.WriteStartArray("deaths");

        foreach (var death in gradient.Deaths)
        {
            writer.WriteStartObject();
            writer.WriteNumber("component", death.Component + 1);
            writer.WriteNumber("step", death.Step);
            writer.Number("weight", death.Weight);
            writer.WriteBoolean("reseeded", death.IsReseeded);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void StandardErrors(Utf8JsonWriter writer, IReadOnlyList<ParameterEstimate>? estimates)
    {
        if (estimates is null)
        {
            writer.WriteNull("standard_errors");
            return;
        }

        writer.WriteStartArray("standard_errors");

        foreach (var estimate in estimates)
        {
            writer.WriteStartObject();
            writer.WriteString("name", estimate.Name);
            writer.Number("value", estimate.Value);
            writer.Number("error", estimate.StandardError);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Table(Utf8JsonWriter writer, FitResult result)
    {
        writer.WriteString("criterion", Names.Of(result.Selection.Criterion));
        writer.WriteStartArray("table");

        foreach (var candidate in result.Selection.Candidates)
        {
            writer.WriteStartObject();
            writer.WriteString("family", candidate.Spec.Family);

            if (candidate.Covariance is { } covariance)
            {
                writer.WriteString("covariance", Names.Of(covariance));
            }

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
