using Mixtures.CSharp;
using Spectre.Console;

namespace MixturesCli.Output;

/// <summary>A progress bar on standard error while a search runs.</summary>
internal static class FitProgressBar
{
    /// <summary>Runs the search, with a bar where one is to be shown.</summary>
    public static MixtureSelection Run(
        bool show,
        bool hasShortRuns,
        Func<IProgress<SelectionProgress>?, MixtureSelection> search
    ) => ProgressConsole.Run(show, "fitting", task => search(task is null ? null : new Bar(task, hasShortRuns)));

    // a candidate of EM is half its short starts and half the iterations of the starts that are run to convergence; one of
    // gradient descent is its starts, each run to its end
    private sealed class Bar(ProgressTask task, bool hasShortRuns) : IProgress<SelectionProgress>
    {
        public void Report(SelectionProgress progress)
        {
            var fit = progress.Fit;
            var run = (double)fit.Iteration / Math.Max(1, fit.MaxIterations);
            var done =
                !hasShortRuns ? (fit.Start + run) / fit.Starts
                : fit.IsFinal ? 0.5 + (0.5 * run)
                : 0.5 * (fit.Start + run) / fit.Starts;
            task.Value = Math.Max(task.Value, (progress.Candidate + done) / progress.Candidates);
            var likelihood = Terminal.Fixed(fit.LogLikelihood, 4);
            task.Description = Markup.Escape(
                $"{Terminal.Count(progress.Spec.Components, "component")}, {Names.Of(progress.Spec)}: log-likelihood {likelihood}"
            );
        }
    }
}
