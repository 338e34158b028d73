using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>A fit for people.</summary>
internal static class FitText
{
    public static void Print(FitResult result, TextWriter output)
    {
        if (result.IsSelection)
        {
            Table(result, output);
            output.WriteLine();
        }

        var fit = result.Fit;
        ModelText.Head(fit.Model, output);
        output.WriteLine($"of {result.Data}");
        Summary(fit.Summary, output);

        if (fit.Gradient is { } gradient)
        {
            output.WriteLine(
                $"gradient descent: loss {Terminal.Fixed(gradient.Loss, 6)}, best step {Terminal.Fixed(gradient.BestStep, 0)}"
            );
        }

        if (fit.Cavi is { } cavi)
        {
            Posterior(cavi.Posterior, output);
        }

        output.WriteLine();
        var rows = fit.Certificate.Components.Select(report => report.EffectiveRows);
        ModelText.Components(fit.Model, [.. rows], result.ComponentLabels, output);

        if (result.StandardErrors is { } estimates)
        {
            output.WriteLine();
            StandardErrors(estimates, output);
        }

        if (result.Laplace is { } laplace)
        {
            output.WriteLine();
            laplace.Write(output);
        }

        if (result.Agreement is { } agreement)
        {
            output.WriteLine();
            agreement.Write(output);

            if (result.ComponentLabels is not null)
            {
                output.WriteLine(
                    "  (the components that the model says by itself; as the labels were used in the fit, that they agree is no evidence for it)"
                );
            }
        }
    }

    /// <summary>The numbers of a fit.</summary>
    public static void Summary(FitSummary fit, TextWriter output)
    {
        var iterations = Terminal.Count(fit.Iterations, "iteration");
        var stopped = fit.Termination switch
        {
            Termination.Converged => $"converged after {iterations}",
            Termination.IterationLimit => $"not converged after {iterations}",
            _ => $"interrupted after {iterations}",
        };
        var agreement =
            fit.Restarts.Count > 1
                ? $"; {Terminal.Fixed(fit.Agreement, 0)} of {Terminal.Count(fit.Restarts.Count, "start")} run to convergence agree"
                : "";
        output.WriteLine(
            $"log-likelihood {Terminal.Fixed(fit.LogLikelihood, 6)}, {stopped}{agreement}; {Terminal.Fixed(fit.Elapsed.TotalSeconds, 2)} s"
        );
        output.WriteLine(
            $"{Terminal.Count(fit.Parameters, "parameter")}, BIC {Terminal.Fixed(fit.Bic, 4)}, ICL {Terminal.Fixed(fit.Icl, 4)}, AIC {Terminal.Fixed(fit.Aic, 4)} (smaller is better)"
        );

        if (!fit.Priors.AreNone)
        {
            var kind = fit.Method == "cavi" ? "mean-field posterior" : "maximum a posteriori (MAP)";
            output.WriteLine($"{kind}, with priors of {string.Join(", ", PriorNames(fit.Priors))}");
        }
    }

    /// <summary>The mean-field posterior.</summary>
    public static void Posterior(MeanFieldPosterior posterior, TextWriter output)
    {
        var used = posterior.Weights.Means.Count(weight => weight > 0.01);
        output.WriteLine(
            $"coordinate ascent: lower bound of the log evidence {Terminal.Fixed(posterior.Bound, 6)}; {Terminal.Count(used, "component")} above 1 % weight"
        );

        foreach (var note in posterior.DefaultPriors)
        {
            output.WriteLine($"prior of {note}");
        }
    }

    private static IEnumerable<string> PriorNames(Priors priors) =>
        (
            priors.Concentrations is not null ? ["the weights (Dirichlet)"]
            : priors.ProcessConcentration is not null ? ["the weights (Dirichlet process)"]
            : Array.Empty<string>()
        ).Concat(priors.Parameters.Select(prior => $"{prior.Key} ({prior.Value.Name})"));

    private static void StandardErrors(IReadOnlyList<ParameterEstimate> estimates, TextWriter output)
    {
        var table = new TextTable("parameter", "estimate", "standard error");

        foreach (var estimate in estimates)
        {
            table.Add(estimate.Name, Terminal.Short(estimate.Value, 6), Terminal.Short(estimate.StandardError, 4));
        }

        table.Write(output);
    }

    private static void Table(FitResult result, TextWriter output)
    {
        var selection = result.Selection;
        output.WriteLine($"The best by {Names.Of(selection.Criterion).ToUpperInvariant()} is marked *:");
        var isGaussian = selection.Candidates.All(candidate => candidate.Spec is GaussianSpec);
        var table = new TextTable(
            "",
            "components",
            isGaussian ? "covariance" : "model",
            "log-likelihood",
            "parameters",
            "BIC",
            "ICL",
            "AIC",
            "note"
        );

        foreach (var candidate in selection.Candidates)
        {
            var isBest = ReferenceEquals(candidate.Fit, result.Fit);
            string[] head =
            [
                isBest ? "*" : "",
                Terminal.Fixed(candidate.Components, 0),
                isGaussian || candidate.Spec is not GaussianSpec
                    ? Names.Of(candidate.Spec)
                    : $"{candidate.Spec.Family}, {Names.Of(candidate.Spec)}",
            ];
            table.Add(
                candidate.Fit is { } fit
                    ?
                    [
                        .. head,
                        Terminal.Fixed(fit.LogLikelihood, 4),
                        Terminal.Fixed(fit.Parameters, 0),
                        Terminal.Fixed(fit.Bic, 2),
                        Terminal.Fixed(fit.Icl, 2),
                        Terminal.Fixed(fit.Aic, 2),
                        Note(fit),
                    ]
                    : [.. head, "-", "-", "-", "-", "-", "failed"]
            );
        }

        table.Write(output);
    }

    private static string Note(MixtureFit fit)
    {
        IEnumerable<string> notes = [];

        if (fit.Certificate.Components.Any(report => report.IsSpurious))
        {
            notes = notes.Append("spurious component");
        }

        if (fit.Termination != Termination.Converged)
        {
            notes = notes.Append(fit.Termination == Termination.Interrupted ? "interrupted" : "not converged");
        }

        return string.Join(", ", notes);
    }
}
