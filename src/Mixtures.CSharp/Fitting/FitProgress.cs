namespace Mixtures.CSharp;

/// <summary>One iteration's progress.</summary>
/// <param name="Start">Which start is running, from 0.</param>
/// <param name="Starts">How many starts there are.</param>
/// <param name="IsFinal">Whether the start is being run to convergence, after the short runs.</param>
/// <param name="Iteration">The iteration, from 0.</param>
/// <param name="MaxIterations">The limit of iterations of this run.</param>
/// <param name="LogLikelihood">The log-likelihood, in nats, summed over rows.</param>
/// <param name="Change">By how much it rose in this iteration.</param>
/// <param name="Elapsed">The time since the fit began.</param>
public readonly record struct FitProgress(
    int Start,
    int Starts,
    bool IsFinal,
    int Iteration,
    int MaxIterations,
    double LogLikelihood,
    double Change,
    TimeSpan Elapsed
);
