using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The state of one component at the solution.</summary>
/// <param name="EffectiveRows">(Σ a)² / Σ a², with a the weight of a row in the component.</param>
/// <param name="Mass">Σ a, in rows of average weight.</param>
/// <param name="SmallestEigenvalue">
/// The smallest eigenvalue of the covariance, in units of the columns' variances.
/// </param>
/// <param name="ConditionNumber">The largest eigenvalue over the smallest, in the same units.</param>
/// <param name="IsSpurious">
/// Whether the component is likely an artefact: nearly singular, on fewer than D + 1 rows, or with less than one row's
/// weight in all.
/// </param>
public sealed record ComponentReport(
    double EffectiveRows,
    double Mass,
    double SmallestEigenvalue,
    double ConditionNumber,
    bool IsSpurious
);

/// <summary>A component that collapsed during a fit.</summary>
/// <param name="Component">The component, from 0, numbered as it was then.</param>
/// <param name="Iteration">The iteration at which it was noticed.</param>
/// <param name="EffectiveRows">(Σ a)² / Σ a² of its rows.</param>
/// <param name="SmallestEigenvalue">
/// The smallest eigenvalue of its covariance, in units of the columns' variances.
/// </param>
/// <param name="Policy">What was done.</param>
public sealed record CollapseEvent(
    int Component,
    int Iteration,
    double EffectiveRows,
    double SmallestEigenvalue,
    CollapsePolicy Policy
);

/// <summary>What is known about how good a fit is.</summary>
public sealed class Certificate
{
    internal Certificate(Core.Certificate certificate)
    {
        Termination = certificate.Termination.ToFacade();
        Iterations = certificate.Iterations;
        Passes = certificate.Passes;
        Restarts = certificate.Restarts.AsReadOnly();
        Histories = [.. certificate.Histories.Select(history => (IReadOnlyList<double>)history.AsReadOnly())];
        Returned = certificate.Returned;
        Agreement = certificate.Agreement;
        RemainingGain = certificate.RemainingGain;
        LargestGradient = certificate.LargestGradient;
        MonotonicityViolations = certificate.MonotonicityViolations;
        Warnings = [.. certificate.Warnings];
        Components =
        [
            .. certificate.Components.Select(report => new ComponentReport(
                report.EffectiveRows,
                report.Mass,
                report.SmallestEigenvalue,
                report.ConditionNumber,
                report.Spurious
            )),
        ];
        Collapses =
        [
            .. certificate.Collapses.Select(collapse => new CollapseEvent(
                collapse.Component,
                collapse.Iteration,
                collapse.EffectiveRows,
                collapse.SmallestEigenvalue,
                collapse.Policy.ToFacade()
            )),
        ];
    }

    /// <summary>Why the fit stopped.</summary>
    public Termination Termination { get; }

    /// <summary>How many iterations the returned run took.</summary>
    public int Iterations { get; }

    /// <summary>How many passes over the data the whole fit took, all starts together.</summary>
    public int Passes { get; }

    /// <summary>The log-likelihood of every start that was run to convergence, in nats; best first.</summary>
    public IReadOnlyList<double> Restarts { get; }

    /// <summary>The log-likelihood at the start and after each iteration of these starts, in the same order.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Histories { get; }

    /// <summary>Which of these starts is the returned one, from 0.</summary>
    public int Returned { get; }

    /// <summary>How many of these agree with the returned one to 1e-6 nats a row.</summary>
    public int Agreement { get; }

    /// <summary>The estimated gain in log-likelihood still to come, in nats a row.</summary>
    public double RemainingGain { get; }

    /// <summary>The largest component of the gradient of the mean log-likelihood, in scaled coordinates.</summary>
    public double LargestGradient { get; }

    /// <summary>How often the log-likelihood fell by more than rounding explains.</summary>
    public int MonotonicityViolations { get; }

    /// <summary>One report a component.</summary>
    public IReadOnlyList<ComponentReport> Components { get; }

    /// <summary>The components that collapsed on the way.</summary>
    public IReadOnlyList<CollapseEvent> Collapses { get; }

    /// <summary>What a person should know, in plain words; the most important first.</summary>
    public IReadOnlyList<string> Warnings { get; }
}
