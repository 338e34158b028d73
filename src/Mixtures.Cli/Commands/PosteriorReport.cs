using System.Text.Json;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>What is told of a posterior that nuts or svi found: its numbers, and how far they can be trusted.</summary>
internal sealed class PosteriorReport
{
    private const int CheckDraws = 200;

    private readonly int seed;
    private readonly BayesianModel model;
    private readonly IReadOnlyList<ParameterSummary> summaries;
    private readonly PosteriorSample? sample;
    private readonly SviFit? svi;

    // what does not depend on how components are numbered
    private readonly IReadOnlyList<ParameterSummary> invariants = [];
    private readonly PredictiveAccuracy? waic;
    private readonly PredictiveAccuracy? loo;
    private readonly IReadOnlyList<PredictiveCheck> checks = [];
    private readonly List<string> warnings;
    private LabelAgreement? agreement;

    /// <summary>Of draws by the no-U-turn sampler.</summary>
    public PosteriorReport(BayesianModel model, PosteriorSample sample)
    {
        this.model = model;
        this.sample = sample;
        seed = sample.Seed;
        summaries = sample.Draws >= 6 ? sample.Summary() : [];
        warnings = [.. sample.Warnings];

        if (sample.Draws < 6)
        {
            return;
        }

        if (model.Sites.FirstOrDefault(site => site.Name is "weights" or "shares") is { } weights)
        {
            invariants = sample.InvariantSummary(weights.Name);
        }

        try
        {
            waic = sample.Waic();
            loo = sample.LeaveOneOut();
            checks = sample.Check(Math.Min(CheckDraws, sample.Draws * sample.Chains), RandomKey.FromSeed(seed));
            warnings.AddRange(loo.Warnings);
        }
        catch (ArgumentException exception)
        {
            warnings.Add($"There are no predictive criteria and checks. {Terminal.Sentence(exception)}");
        }

        warnings.AddRange(
            checks
                .Where(check => check.TailProbability is < 0.01 or > 0.99)
                .Select(check =>
                    $"The model hardly makes data like these: {check.Name} is {Terminal.Short(check.Observed)}, and almost always {(check.TailProbability < 0.5 ? "smaller" : "larger")} in replicated data."
                )
        );
    }

    /// <summary>Of a guide by stochastic variational inference, told by so many draws from it.</summary>
    public PosteriorReport(BayesianModel model, SviFit svi, int draws, int seed)
    {
        this.model = model;
        this.svi = svi;
        this.seed = seed;
        summaries = svi.Summary(Math.Max(6, draws));
        warnings = [.. svi.Warnings];
    }

    /// <summary>Whether it was stopped.</summary>
    public bool IsInterrupted => sample?.IsInterrupted ?? svi!.Termination == Termination.Interrupted;

    // pictures and means of draws
    private bool HasDraws => sample is null || sample.Draws >= 6;

    /// <summary>Compares the components with the column of labels, if there is one.</summary>
    public void Compare(Dataset data) =>
        agreement = HasDraws ? LabelAgreement.Of(sample?.ToModel() ?? svi!.ToModel(), data) : null;

    /// <summary>Saves what is asked for; tells what could not be.</summary>
    public IEnumerable<string> Save(
        PosteriorRequest request,
        Dataset data,
        string? modelPath,
        string? plotPath,
        PlotlySource plotly
    )
    {
        if (request.PosteriorOut is { } posteriorPath)
        {
            sample?.Save(posteriorPath);
            svi?.Save(posteriorPath);
            yield return $"Saved the posterior to {posteriorPath}.";
        }

        if (request.DrawsOut is { } drawsPath)
        {
            sample!.SaveCsv(drawsPath);
            yield return $"Saved the draws to {drawsPath}.";
        }

        if (!HasDraws)
        {
            if (modelPath is not null || plotPath is not null)
            {
                yield return "Nothing was saved of '--out' and '--plot': there are fewer than 6 draws of each chain.";
            }

            yield break;
        }

        if (modelPath is not null)
        {
            (sample?.ToModel() ?? svi!.ToModel()).Save(modelPath);
            yield return $"Saved the model at the posterior's means to {modelPath}.";
        }

        if (plotPath is not null)
        {
            if (sample is not null)
            {
                PosteriorPlot.SaveReport(plotPath, sample, data, plotly);
            }
            else
            {
                PosteriorPlot.SaveReport(plotPath, svi!, data, plotly);
            }

            yield return $"Saved the pictures to {plotPath}.";
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

            foreach (var warning in warnings)
            {
                Terminal.Say($"Warning: {warning}");
            }
        }
    }

    private void PrintText(TextWriter output)
    {
        output.WriteLine(
            sample is not null
                ? $"posterior by nuts: {Terminal.Count(sample.Chains, "chain")} of {Terminal.Count(sample.Draws, "draw")}, {Terminal.Count(sample.Divergences, "divergence")}; {Terminal.Fixed(sample.Elapsed.TotalSeconds, 2)} s, {Terminal.Fixed(sample.DrawsPerSecond, 0)} draws/s"
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

        if (summaries.Count == 0)
        {
            output.WriteLine("  (no summary: there are fewer than 6 draws of each chain; --draws-out saves them)");
        }
        else
        {
            table.Write(output);
        }

        if (waic is not null && loo is not null)
        {
            output.WriteLine();
            output.WriteLine($"WAIC {Accuracy(waic)}; leave-one-out {Accuracy(loo)}");
        }

        if (agreement is not null)
        {
            output.WriteLine();
            agreement.Write(output);
        }
    }

    private static string Accuracy(PredictiveAccuracy own) =>
        $"elpd {Terminal.Fixed(own.Elpd, 2)} ± {Terminal.Fixed(own.StandardError, 2)}, {Terminal.Fixed(own.EffectiveParameters, 1)} effective parameters";

    private static void Write(Utf8JsonWriter writer, string name, PredictiveAccuracy? own)
    {
        if (own is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        writer.Number("elpd", own.Elpd);
        writer.Number("standard_error", own.StandardError);
        writer.Number("effective_parameters", own.EffectiveParameters);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<ParameterSummary> own)
    {
        writer.WriteStartArray(name);

        foreach (var s in own)
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
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("method", sample is null ? "svi" : "nuts");
        writer.WriteNumber("seed", seed);
        writer.Texts("default_priors", model.Notes);

        if (sample is not null)
        {
            writer.WriteNumber("chains", sample.Chains);
            writer.WriteNumber("draws", sample.Draws);
            writer.WriteNumber("divergences", sample.Divergences);
            writer.WriteBoolean("interrupted", sample.IsInterrupted);
            writer.Number("seconds", sample.Elapsed.TotalSeconds);
            writer.Number("draws_per_second", sample.DrawsPerSecond);
            writer.WriteStartArray("chain_reports");

            foreach (var chain in sample.ChainReports)
            {
                writer.WriteStartObject();
                writer.WriteNumber("draws", chain.Draws);
                writer.Number("step_size", chain.StepSize);
                writer.Number("acceptance", chain.Acceptance);
                writer.Number("tree_depth", chain.TreeDepth);
                writer.WriteNumber("gradients", chain.Gradients);
                writer.WriteNumber("divergences", chain.Divergences);

                if (chain.EnergyFraction is { } fraction)
                {
                    writer.Number("energy_fraction", fraction);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Write(writer, "waic", waic);
            Write(writer, "loo", loo);
            writer.WriteStartArray("predictive_checks");

            foreach (var check in checks)
            {
                writer.WriteStartObject();
                writer.WriteString("name", check.Name);
                writer.Number("observed", check.Observed);
                writer.Number("replicated_mean", check.Replicated.Average());
                writer.Number("tail_probability", check.TailProbability);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WriteString("guide", svi!.Guide);
            writer.WriteString("termination", Names.Of(svi.Termination));
            writer.WriteNumber("steps", svi.History.Count);
            writer.Number("elbo", svi.Bound);
            writer.Number("elbo_standard_error", svi.BoundError);
            writer.Number("pareto_k", svi.ParetoK);
            writer.Number("seconds", svi.Elapsed.TotalSeconds);
        }

        Write(writer, "parameters", summaries);

        if (invariants.Count > 0)
        {
            Write(writer, "invariants", invariants);
        }

        agreement?.Write(writer);
        writer.Texts("warnings", warnings);
    }
}
