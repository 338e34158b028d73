using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>One model that was tried.</summary>
public sealed class Candidate
{
    internal Candidate(MixtureSpec spec, MixtureFit? fit, FitError? error)
    {
        Spec = spec;
        Fit = fit;
        Error = error;
    }

    /// <summary>What was fitted.</summary>
    public MixtureSpec Spec { get; }

    /// <summary>The number of components that were asked for, K.</summary>
    public int Components => Spec.Components;

    /// <summary>The covariance structure; null for families without covariances.</summary>
    public CovarianceStructure? Covariance => Spec.Structure;

    /// <summary>The fit; null where it failed.</summary>
    public MixtureFit? Fit { get; }

    /// <summary>Why there is no fit; null where there is one.</summary>
    public FitError? Error { get; }
}

/// <summary>A search over specifications, and its winner.</summary>
public sealed class MixtureSelection
{
    internal MixtureSelection(
        Core.SelectionResult result,
        Func<Core.Candidate, MixtureFit> fitOf,
        IReadOnlyList<MixtureSpec> specs,
        Criterion criterion
    )
    {
        Value = result;
        Criterion = criterion;
        // the core's candidates are the first of the specifications, in their order
        Candidates =
        [
            .. result.Candidates.Zip(
                specs,
                (candidate, spec) =>
                    candidate.Result.IsOk
                        ? new Candidate(spec, fitOf(candidate), null)
                        : new Candidate(spec, null, FitError.Of(candidate.Result.ErrorValue))
            ),
        ];
        Best = Candidates.Select(candidate => candidate.Fit).First(fit => ReferenceEquals(fit?.Value, result.Best))!;
    }

    internal Core.SelectionResult Value { get; }

    /// <summary>What the winner was chosen by.</summary>
    public Criterion Criterion { get; }

    /// <summary>Every model that was tried, in the order given; after a cancellation, those that were reached.</summary>
    public IReadOnlyList<Candidate> Candidates { get; }

    /// <summary>
    /// The fit with the smallest criterion among those without a spurious component, if there is one; else among all.
    /// </summary>
    public MixtureFit Best { get; }
}

/// <summary>Progress of a search.</summary>
/// <param name="Candidate">Which candidate is being fitted, from 0.</param>
/// <param name="Candidates">How many there are.</param>
/// <param name="Spec">What is being fitted.</param>
/// <param name="Fit">The progress of its fit.</param>
public readonly record struct SelectionProgress(int Candidate, int Candidates, MixtureSpec Spec, FitProgress Fit);
