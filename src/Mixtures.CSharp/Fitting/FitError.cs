using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The kind of reason for which a fit failed.</summary>
public enum FitFailure
{
    /// <summary>There are fewer rows of positive weight than components.</summary>
    TooFewRows,

    /// <summary>Every row is the same.</summary>
    IdenticalRows,

    /// <summary>The specification does not fit the data.</summary>
    InvalidModel,

    /// <summary>The start cannot be used, or none could be found.</summary>
    NoStart,

    /// <summary>A component collapsed and the policy is to fail.</summary>
    ComponentCollapsed,

    /// <summary>A covariance became singular, which the floor prevents unless it is switched off.</summary>
    SingularCovariance,

    /// <summary>The log-likelihood is not a finite number at any start.</summary>
    NotFinite,
}

/// <summary>Why a fit failed.</summary>
public sealed record FitError
{
    private FitError(FitFailure failure, string message)
    {
        Failure = failure;
        Message = message;
    }

    /// <summary>The kind of reason.</summary>
    public FitFailure Failure { get; }

    /// <summary>A sentence for people: what was expected, what was received and the remedy.</summary>
    public string Message { get; }

    /// <summary>The component that collapsed, from 0; null for other failures.</summary>
    public int? Component { get; private init; }

    /// <summary>The iteration at which it happened, where there is one.</summary>
    public int? Iteration { get; private init; }

    internal static FitError Of(Core.FitError error) =>
        error switch
        {
            Core.FitError.TooFewRows => new(FitFailure.TooFewRows, error.Message),
            Core.FitError.IdenticalRows => new(FitFailure.IdenticalRows, error.Message),
            Core.FitError.InvalidModel => new(FitFailure.InvalidModel, error.Message),
            Core.FitError.NoStart => new(FitFailure.NoStart, error.Message),
            Core.FitError.ComponentCollapsed collapsed => new(FitFailure.ComponentCollapsed, error.Message)
            {
                Component = collapsed.index,
                Iteration = collapsed.iteration,
            },
            Core.FitError.SingularCovariance singular => new(FitFailure.SingularCovariance, error.Message)
            {
                Iteration = singular.iteration,
            },
            Core.FitError.NotFinite notFinite => new(FitFailure.NotFinite, error.Message)
            {
                Iteration = notFinite.iteration,
            },
            _ => throw new ArgumentException($"unknown error {error}", nameof(error)),
        };
}

/// <summary>A fit that failed. The message is a sentence for people.</summary>
public sealed class FitException : Exception
{
    internal FitException(FitError error, Exception inner)
        : base(error.Message, inner) => Error = error;

    /// <summary>What went wrong.</summary>
    public FitError Error { get; }
}
