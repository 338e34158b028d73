using System.Text.Json;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>What is told of a posterior that nuts or svi found: its numbers, and how far they can be trusted.</summary>
internal sealed class PosteriorReport
{
    private readonly string method;
    private readonly int seed;
    private readonly BayesianModel model;
    private readonly IReadOnlyList<ParameterSummary> summaries;
    private readonly PosteriorSample? sample;
    private readonly SviFit? svi;

    private PosteriorReport(
        string method,
        int seed,
        BayesianModel model,
        IReadOnlyList<ParameterSummary> summaries,
        PosteriorSample? sample,
        SviFit? svi,
        bool isInterrupted
    )
    {
        this.method = method;
        this.seed = seed;
        this.model = model;
        this.summaries = summaries;
        this.sample = sample;
        this.svi = svi;
        IsInterrupted = isInterrupted;
    }

    /// <summary>Whether it was stopped.</summary>
    public bool IsInterrupted { get; }

    private IReadOnlyList<string> Warnings => sample?.Warnings ?? svi!.Warnings;

    /// <summary>Draws by the no-U-turn sampler, saved where a file is given.</summary>
    public static PosteriorReport OfNuts(BayesianModel model, Nuts nuts, string? path, CancellationToken cancellation)
    {
        try
        {
            var sample = model.Sample(nuts, cancellationToken: cancellation);

            if (path is not null)
            {
                sample.SaveCsv(path);
            }

            IReadOnlyList<ParameterSummary> summaries = sample.Draws >= 6 ? sample.Summary() : [];
            return new("nuts", nuts.Seed, model, summaries, sample, null, sample.IsInterrupted);
        }
        catch (SamplingException exception)
        {
            throw new DataException(exception.Message);
        }
    }

    /// <summary>A guide by stochastic variational inference, told by draws from it.</summary>
    public static PosteriorReport OfSvi(
        BayesianModel model,
        int? batch,
        GuideKind guide,
        int draws,
        int seed,
        CancellationToken cancellation
    )
    {
        var options = Svi.Default.WithGuide(guide).WithSeed(seed);

        try
        {
            var fit = model.Approximate(
                batch is { } rows ? options.WithBatch(rows) : options,
                cancellationToken: cancellation
            );
            return new("svi", seed, model, Summarise(model, fit, draws, seed), null, fit, false);
        }
        catch (SviException exception)
        {
            throw new DataException(exception.Message);
        }
    }

    /// <summary>Prints the report; what is meant for people goes to standard error where it is JSON.</summary>
    public void Print(bool asJson, bool isQuiet)
    {
        if (asJson)
        {
            Json.Print(Write);
        }
        else
        {
            PrintText(Console.Out);
        }

        if (!isQuiet)
        {
            foreach (var note in model.Notes)
            {
                Terminal.Say($"Prior of {note}.");
            }

            foreach (var warning in Warnings)
            {
                Terminal.Say($"Warning: {warning}");
            }
        }
    }

    // the guide's own draws are independent: their summaries need no diagnostics
    private static List<ParameterSummary> Summarise(BayesianModel model, SviFit fit, int draws, int seed)
    {
        var all = fit.Draw(draws, RandomKey.FromSeed(seed));
        List<ParameterSummary> found = [];

        foreach (var site in model.Sites)
        {
            var rows = all.Select(draw => draw[site.Name].ToArray()).ToArray();

            for (var i = 0; i < rows[0].Length; i++)
            {
                var sorted = rows.Select(row => row[i]).Order().ToArray();
                var mean = sorted.Average();
                var deviation = Math.Sqrt(sorted.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, draws - 1));
                double At(double share) => sorted[(int)Math.Round(share * (draws - 1))];
                var name = rows[0].Length == 1 ? site.Name : $"{site.Name}[{Place(site.Shape, i)}]";
                found.Add(
                    new(
                        name,
                        mean,
                        deviation,
                        At(0.05),
                        At(0.5),
                        At(0.95),
                        deviation / Math.Sqrt(draws),
                        null,
                        draws,
                        draws
                    )
                );
            }
        }

        return found;
    }

    private static string Place(IReadOnlyList<int> shape, int index)
    {
        var places = new int[shape.Count];

        for (var axis = shape.Count - 1; axis >= 0; axis--)
        {
            places[axis] = (index % shape[axis]) + 1;
            index /= shape[axis];
        }

        return string.Join(",", places);
    }

    private void PrintText(TextWriter output)
    {
        output.WriteLine(
            sample is not null
                ? $"posterior by nuts: {sample.Chains} chains of {sample.Draws} draws, {sample.Divergences} divergences; {Terminal.Fixed(sample.Elapsed.TotalSeconds, 2)} s"
                : $"posterior by svi: bound {Terminal.Fixed(svi!.Bound, 4)} ± {Terminal.Fixed(svi.BoundError, 4)}, k-hat {Terminal.Fixed(svi.ParetoK, 2)}; {Terminal.Fixed(svi.Elapsed.TotalSeconds, 2)} s"
        );
        output.WriteLine();
        var table = sample is null
            ? new TextTable("parameter", "mean", "sd", "5 %", "median", "95 %")
            : new TextTable("parameter", "mean", "sd", "5 %", "median", "95 %", "R-hat", "ESS bulk", "ESS tail");

        foreach (var s in summaries)
        {
            string[] own =
            [
                s.Name,
                Terminal.Short(s.Mean),
                Terminal.Short(s.StandardDeviation),
                Terminal.Short(s.Low),
                Terminal.Short(s.Median),
                Terminal.Short(s.High),
            ];
            string[] more =
            [
                s.RHat is { } rhat ? Terminal.Fixed(rhat, 3) : "",
                Terminal.Fixed(s.EffectiveBulk, 0),
                Terminal.Fixed(s.EffectiveTail, 0),
            ];
            table.Add(sample is null ? own : [.. own, .. more]);
        }

        table.Write(output);
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("method", method);
        writer.WriteNumber("seed", seed);
        writer.Texts("default_priors", model.Notes);

        if (sample is not null)
        {
            writer.WriteNumber("chains", sample.Chains);
            writer.WriteNumber("draws", sample.Draws);
            writer.WriteNumber("divergences", sample.Divergences);
            writer.Number("seconds", sample.Elapsed.TotalSeconds);
        }
        else
        {
            writer.Number("elbo", svi!.Bound);
            writer.Number("elbo_standard_error", svi.BoundError);
            writer.Number("pareto_k", svi.ParetoK);
            writer.Number("seconds", svi.Elapsed.TotalSeconds);
        }

        writer.WriteStartArray("parameters");

        foreach (var s in summaries)
        {
            writer.WriteStartObject();
            writer.WriteString("name", s.Name);
            writer.Number("mean", s.Mean);
            writer.Number("sd", s.StandardDeviation);
            writer.Number("low", s.Low);
            writer.Number("median", s.Median);
            writer.Number("high", s.High);
            writer.Number("mcse", s.MeanError);

            if (s.RHat is { } rhat)
            {
                writer.Number("rhat", rhat);
            }

            writer.Number("ess_bulk", s.EffectiveBulk);
            writer.Number("ess_tail", s.EffectiveTail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Texts("warnings", Warnings);
    }
}
