using System.Runtime.CompilerServices;
using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>Sampling and variational inference.</content>
public sealed partial class BayesianModel
{
    /// <summary>Draws from the posterior by the no-U-turn sampler. A cancelled run returns what was reached.</summary>
    /// <param name="options">Options of the sampler; null for <see cref="Nuts.Default"/>.</param>
    /// <param name="progress">Told now and then, on the sampling threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="SamplingException">Sampling is impossible.</exception>
    /// <exception cref="InvalidOperationException">A site without a prior is to start at a draw from it.</exception>
    public PosteriorSample Sample(
        Nuts? options = null,
        IProgress<SamplingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var chosen = options ?? Nuts.Default;

        var monitor = SamplingMonitor(progress, cancellationToken);

        try
        {
            return new(this, Core.PosteriorSampleModule.drawWith(monitor, chosen.ToCore(), chosen.CoreStart, Value));
        }
        catch (Core.SamplingException exception)
        {
            throw new SamplingException(exception);
        }
    }

    /// <summary>
    /// Draws from the posterior one by one as they are asked for, of one chain, after its warm-up, without end: none is kept.
    /// </summary>
    /// <param name="options">Options of the sampler; null for <see cref="Nuts.Default"/>.</param>
    /// <param name="chain">The chain, from 0, which draws what it draws in a run of several.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="SamplingException">Sampling is impossible.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, Tensor>> SampleAsync(
        Nuts? options = null,
        int chain = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chain);
        var chosen = options ?? Nuts.Default;
        using var draws = Core
            .PosteriorSampleModule.stream(chosen.ToCore(), chosen.CoreStart, chain, Value)
            .GetEnumerator();

        while (await Task.Run(() => Next(draws), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Named(draws.Current);
        }
    }

    /// <summary>
    /// The guide nearest to the posterior, by stochastic variational inference. A cancelled fit returns what was reached.
    /// </summary>
    /// <param name="options">Options, the guide among them; null for <see cref="Svi.Default"/>.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <exception cref="SviException">The bound is not a finite number, step after step.</exception>
    /// <exception cref="ArgumentException">
    /// A batch of more rows than there are, or a guide without natural gradients: see <see cref="Svi.WithAdam"/>.
    /// </exception>
    public SviFit Approximate(
        Svi? options = null,
        IProgress<SviProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var chosen = options ?? Svi.Default;

        void Watch(Core.SviProgress step) => progress?.Report(new(step.Start, step.Step, step.Steps, step.Elbo));

        try
        {
            return new(
                this,
                Core.Svi.fitWith(
                    FuncConvert.FromAction<Core.SviProgress>(Watch),
                    cancellationToken,
                    chosen.ToCore(),
                    chosen.GuideOf(Value),
                    Value
                )
            );
        }
        catch (Core.SviException exception)
        {
            throw new SviException(exception);
        }
    }

    /// <summary>A sample of this model from a file that <see cref="PosteriorSample.Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">
    /// The file cannot be read, or is of another model, of other data or of other priors.
    /// </exception>
    public PosteriorSample LoadSample(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(this, Core.SampleFile.load(path, Value));
    }

    /// <summary>A guide of this model from a file that <see cref="SviFit.Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">
    /// The file cannot be read, or is of another model, of other data or of other priors.
    /// </exception>
    public SviFit LoadApproximation(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(this, Core.GuideFile.load(path, Value));
    }

    internal static Core.SamplingMonitor SamplingMonitor(
        IProgress<SamplingProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        void Watch(Core.SamplingProgress step) =>
            progress!.Report(
                new(
                    step.Chain,
                    step.Transitions,
                    step.Total,
                    step.Warmup,
                    step.Divergences,
                    step.AllTransitions,
                    step.AllTotal,
                    step.PerSecond,
                    step.Elapsed
                )
            );

        return new Core.SamplingMonitor(
            progress is null ? Core.SamplingMonitor.None.Watch : FuncConvert.FromAction<Core.SamplingProgress>(Watch),
            cancellationToken
        );
    }

    private static bool Next(IEnumerator<Tensor[]> draws)
    {
        try
        {
            return draws.MoveNext();
        }
        catch (Core.SamplingException exception)
        {
            throw new SamplingException(exception);
        }
    }
}
