using System.Globalization;
using System.Text.Json;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>What Laplace's approximation has to tell of a fit; or why there is none, which is then its only warning.</summary>
internal sealed class LaplaceReport
{
    // so many starts, of which so many are run, for a posterior whose neighbourhood the fit has shown to be reachable
    private static readonly ModeSearch Search = ModeSearch.Default.WithStarts(50, finalists: 5);

    private readonly LaplaceApproximation? laplace;

    private LaplaceReport(LaplaceApproximation? laplace, IReadOnlyList<string> notes, IReadOnlyList<string> warnings)
    {
        this.laplace = laplace;
        Notes = notes;
        Warnings = warnings;
        Estimates = laplace is null ? [] : [.. Find(laplace)];
    }

    /// <summary>The priors that were taken by default.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>What a person should know.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The values at the mode with their standard errors; components of like priors by falling weight.</summary>
    public IReadOnlyList<(string Name, double Value, double Error)> Estimates { get; }

    /// <summary>The approximation around the mode of a specification's posterior.</summary>
    public static LaplaceReport Of(MixtureSpec spec, Dataset data, int seed, CancellationToken cancellation)
    {
        var model = spec.Bayesian(data, withDefaults: true);

        try
        {
            var laplace = model.Laplace(Search.WithSeed(seed), null, cancellation);
            return new(laplace, model.Notes, laplace.Warnings);
        }
        catch (InvalidOperationException exception)
        {
            return new(null, model.Notes, [$"There is no Laplace approximation. {exception.Message}"]);
        }
    }

    /// <summary>Properties of an object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.Texts("default_priors", Notes);

        if (laplace is null)
        {
            writer.WriteNull("log_evidence");
            writer.WriteNull("log_evidence_reliable");
            writer.WriteNull("standard_errors");
            return;
        }

        writer.Number("log_evidence", laplace.LogEvidence);
        writer.WriteBoolean("log_evidence_reliable", laplace.IsReliable);
        writer.Number("log_evidence_by_importance", laplace.ImportanceLogEvidence);
        writer.WriteStartArray("standard_errors");

        foreach (var (name, value, error) in Estimates)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.Number("value", value);
            writer.Number("error", error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The same for people.</summary>
    public void Write(TextWriter output)
    {
        foreach (var note in Notes)
        {
            output.WriteLine($"prior of {note}");
        }

        if (laplace is null)
        {
            return;
        }

        var reliable = laplace.IsReliable ? "reliable" : "not reliable";
        output.WriteLine(
            $"log evidence {Terminal.Fixed(laplace.LogEvidence, 4)} by Laplace's approximation ({reliable}; {Terminal.Fixed(laplace.ImportanceLogEvidence, 4)} by importance sampling)"
        );
        var table = new TextTable("at the mode", "estimate", "standard error");

        foreach (var (name, value, error) in Estimates)
        {
            table.Add(name, Terminal.Short(value, 6), Terminal.Short(error, 4));
        }

        table.Write(output);
    }

    private static IEnumerable<(string, double, double)> Find(LaplaceApproximation laplace)
    {
        var order = Order(laplace);

        foreach (var site in laplace.Model.Sites)
        {
            var values = laplace.Values[site.Name].ToArray();
            var errors = laplace.StandardErrors[site.Name].ToArray();
            var hasComponents =
                site.Name == "weights" || (site.BatchShape.Count > 0 && site.BatchShape[0] == order.Length);
            var inner = hasComponents ? values.Length / order.Length : values.Length;

            for (var at = 0; at < values.Length; at++)
            {
                var from = hasComponents ? order[at / inner] * inner + at % inner : at;
                yield return (site.Name + Indices(site.Shape, at), values[from], errors[from]);
            }
        }
    }

    // by falling weight, where the priors tell components apart by nothing but their numbers
    private static int[] Order(LaplaceApproximation laplace)
    {
        var weights = laplace.Mixture.Weights;
        int[] own = [.. Enumerable.Range(0, weights.Count)];
        return laplace.Model.IsExchangeable ? [.. own.OrderByDescending(k => weights[k])] : own;
    }

    private static string Indices(IReadOnlyList<int> shape, int at)
    {
        var text = "";

        for (var axis = shape.Count - 1; axis >= 0; axis--)
        {
            text = string.Create(CultureInfo.InvariantCulture, $"[{at % shape[axis] + 1}]") + text;
            at /= shape[axis];
        }

        return text;
    }
}
