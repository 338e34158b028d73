using Mixtures.CSharp;
using Spectre.Console;

namespace MixturesCli.Output;

/// <summary>A progress bar on standard error, with rates, while a posterior is sought.</summary>
internal static class PosteriorProgressBar
{
    /// <summary>Samples, with a bar where one is to be shown.</summary>
    public static PosteriorSample Sample(bool show, Func<IProgress<SamplingProgress>?, PosteriorSample> body) =>
        ProgressConsole.Run(show, "sampling", task => body(task is null ? null : new Transitions(task)));

    /// <summary>Fits a guide, with a bar where one is to be shown.</summary>
    public static SviFit Approximate(bool show, Func<IProgress<SviProgress>?, SviFit> body) =>
        ProgressConsole.Run(show, "fitting", task => body(task is null ? null : new Steps(task)));

    private sealed class Transitions(ProgressTask task) : IProgress<SamplingProgress>
    {
        private readonly Dictionary<int, int> divergences = [];

        public void Report(SamplingProgress progress)
        {
            divergences[progress.Chain] = progress.Divergences;
            task.Value = Math.Max(task.Value, (double)progress.AllTransitions / Math.Max(1, progress.AllTotal));
            var (doing, unit) = progress.IsWarmup ? ("warming up", "transitions") : ("sampling", "draws");
            var diverged = Terminal.Count(divergences.Values.Sum(), "divergence");
            task.Description = Markup.Escape($"{doing}: {Terminal.Fixed(progress.PerSecond, 0)} {unit}/s, {diverged}");
        }
    }

    private sealed class Steps(ProgressTask task) : IProgress<SviProgress>
    {
        public void Report(SviProgress progress)
        {
            task.Value = (double)progress.Step / Math.Max(1, progress.Steps);
            task.Description = Markup.Escape(
                $"start {progress.Start + 1}, step {progress.Step}: bound {Terminal.Fixed(progress.Bound, 2)}"
            );
        }
    }
}
