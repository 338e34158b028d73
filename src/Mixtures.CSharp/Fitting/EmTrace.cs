using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>One step of EM, watched closely.</summary>
/// <param name="Iteration">The step, from 0 for the start.</param>
/// <param name="Model">The model after the step.</param>
/// <param name="LogLikelihood">Its log-likelihood, in nats, summed over rows.</param>
/// <param name="Loss">The weighted mean of -log p(x): nats a row.</param>
/// <param name="ExpectedCompleteLogLikelihood">
/// Q: the expected complete log-likelihood per row of this step's model under the responsibilities of the step before (of
/// its own, for the start).
/// </param>
public sealed record EmTraceStep(
    int Iteration,
    MixtureModel Model,
    double LogLikelihood,
    double Loss,
    double ExpectedCompleteLogLikelihood
);

/// <summary>EM step by step, for a look at how it goes; slower than a fit.</summary>
public static class EmTrace
{
    /// <summary>The start and so many steps from it: steps + 1 items.</summary>
    /// <param name="start">Where to start.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="steps">How many steps, at least 0.</param>
    /// <param name="options">
    /// The floors, the collapse policy and the threads are used; null for <see cref="Em.Default"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    public static IReadOnlyList<EmTraceStep> Run(MixtureModel start, Dataset data, int steps, Em? options = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        var emOptions = (options ?? Em.Default).ToCore();
        var trace = Interop.Run(() => Core.EmTrace.run(emOptions, steps, start.Mixture, data), CancellationToken.None);
        return
        [
            .. trace.Select(step => new EmTraceStep(
                step.Iteration,
                new MixtureModel(step.Mixture, null),
                step.LogLikelihood,
                step.Loss,
                step.ExpectedCompleteLogLikelihood
            )),
        ];
    }
}
