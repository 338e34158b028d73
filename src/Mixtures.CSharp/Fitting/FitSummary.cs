using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The numbers of a fit that are saved with its model.</summary>
public sealed class FitSummary
{
    internal FitSummary(Core.FitSummary summary)
    {
        Value = summary;
        Termination = summary.Termination.ToFacade();
        History = summary.History.AsReadOnly();
        Restarts = summary.Restarts.AsReadOnly();
        Warnings = [.. summary.Warnings];
        Priors = new Priors(summary.Priors);
    }

    internal Core.FitSummary Value { get; }

    /// <summary>How it was fitted, such as em.</summary>
    public string Method => Value.Method;

    /// <summary>L = Σ w log p(x), in nats, summed over rows.</summary>
    public double LogLikelihood => Value.LogLikelihood;

    /// <summary>The number of free parameters, k.</summary>
    public int Parameters => Value.Parameters;

    /// <summary>Akaike's information criterion, 2k - 2L; smaller is better.</summary>
    public double Aic => Value.Aic;

    /// <summary>The Bayesian information criterion, k ln n - 2L with n the total weight; smaller is better.</summary>
    public double Bic => Value.Bic;

    /// <summary>The integrated completed likelihood, bic - 2 Σ w log max r; smaller is better.</summary>
    public double Icl => Value.Icl;

    /// <summary>The number of rows, N.</summary>
    public int Rows => Value.Rows;

    /// <summary>Σ w: a row of weight 2 counts as two rows.</summary>
    public double TotalWeight => Value.TotalWeight;

    /// <summary>(Σ w)² / Σ w².</summary>
    public double EffectiveRows => Value.EffectiveRows;

    /// <summary>How many iterations the returned run took.</summary>
    public int Iterations => Value.Iterations;

    /// <summary>Why the fit stopped.</summary>
    public Termination Termination { get; }

    /// <summary>The seed of the random starts.</summary>
    public int Seed => Value.Seed;

    /// <summary>L at the start and after each iteration: iterations + 1 numbers.</summary>
    public IReadOnlyList<double> History { get; }

    /// <summary>The log-likelihood of every start that was run to convergence, in nats; best first.</summary>
    public IReadOnlyList<double> Restarts { get; }

    /// <summary>How many of these agree with the returned one to 1e-6 nats a row.</summary>
    public int Agreement => Value.Agreement;

    /// <summary>The time that the fit took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(Value.Seconds);

    /// <summary>What a person should know, in plain words; the most important first.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The priors that it was fitted under.</summary>
    public Priors Priors { get; }
}
