using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The family of distributions over a model's sites from which stochastic variational inference takes the nearest.</summary>
public enum GuideKind
{
    /// <summary>A factor a site, of the family that suits its support (Dirichlet, gamma, normal, …).</summary>
    Suited,

    /// <summary>Independent normals over the free real numbers (Kucukelbir et al. 2017).</summary>
    MeanField,

    /// <summary>One normal, with all correlations, over the free real numbers.</summary>
    FullRank,
}

/// <summary>A step of stochastic variational inference.</summary>
/// <param name="Start">Which start is running, from 0.</param>
/// <param name="Step">How many steps have been taken from it.</param>
/// <param name="Steps">The most steps.</param>
/// <param name="Bound">The noisy lower bound before the step, in nats.</param>
public readonly record struct SviProgress(int Start, int Step, int Steps, double Bound);

/// <summary>Stochastic variational inference failed: its bound stopped being a finite number.</summary>
public sealed class SviException : Exception
{
    internal SviException(Core.SviException inner)
        : base(inner.Message, inner) { }
}

/// <summary>
/// Options of stochastic variational inference: a guide is moved towards the posterior by gradients of the evidence lower
/// bound through its draws. Immutable: each With… returns new options.
/// </summary>
public sealed record Svi
{
    private static readonly Core.SviOptions Defaults = Core.Svi.defaults;
    private double? adamRate;
    private double? naturalRate;
    private SviFit? start;

    private Svi() { }

    /// <summary>
    /// A suited guide by natural gradients at rate 0.3 from the best of four starts, at most 2000 steps of all rows; seed 0.
    /// </summary>
    public static Svi Default { get; } = new();

    /// <summary>The guide.</summary>
    public GuideKind Guide { get; private init; } = GuideKind.Suited;

    /// <summary>The most steps.</summary>
    public int Steps { get; private init; } = Defaults.Steps;

    /// <summary>The rows of a step; null for all.</summary>
    public int? Batch { get; private init; }

    /// <summary>Antithetic pairs of draws of a step; more make the guide's spread more exact.</summary>
    public int Draws { get; private init; } = Defaults.Draws;

    /// <summary>Whether each row has draws of its own, of which far fewer are needed for the same precision.</summary>
    public bool HasDrawsPerRow { get; private init; } = Defaults.DrawsPerRow;

    /// <summary>Whether each draw has an antithetic partner.</summary>
    public bool IsAntithetic { get; private init; } = Defaults.Antithetic;

    /// <summary>Whether the mean of the parameters since they became stationary is returned; else the last ones.</summary>
    public bool IsAveraged { get; private init; } = true;

    /// <summary>
    /// The fit has converged when the noise of the averaged parameters costs less than so many nats; 0 takes all steps.
    /// </summary>
    public double Tolerance { get; private init; } = Defaults.Tolerance;

    /// <summary>The number of threads; 0 for one a core. Results do not depend on it.</summary>
    public int Threads { get; private init; } = Defaults.Threads;

    /// <summary>How many starts; the best goes on.</summary>
    public int Restarts { get; private init; } = Defaults.Restarts;

    /// <summary>The seed of starts, batches and draws.</summary>
    public int Seed { get; private init; } = Defaults.Seed;

    /// <summary>The same options with another guide.</summary>
    /// <param name="guide">The guide.</param>
    /// <exception cref="ArgumentOutOfRangeException">A guide that is not defined.</exception>
    public Svi WithGuide(GuideKind guide) =>
        Enum.IsDefined(guide) ? this with { Guide = guide } : throw Interop.NotDefined(nameof(guide), guide);

    /// <summary>The same options with steps of Adam instead of natural gradients.</summary>
    /// <param name="learningRate">Greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate that is not positive and finite.</exception>
    public Svi WithAdam(double learningRate) =>
        double.IsFinite(learningRate) && learningRate > 0
            ? this with
            {
                adamRate = learningRate,
                naturalRate = null,
            }
            : throw new ArgumentOutOfRangeException(
                nameof(learningRate),
                learningRate,
                "expected a finite number greater than 0"
            );

    /// <summary>The same options with natural gradients at another rate.</summary>
    /// <param name="rate">Greater than 0 and at most 1: the share of the way that a conjugate model would go.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate out of range.</exception>
    public Svi WithNaturalGradients(double rate) =>
        rate is > 0 and <= 1
            ? this with
            {
                naturalRate = rate,
                adamRate = null,
            }
            : throw new ArgumentOutOfRangeException(nameof(rate), rate, "expected a number above 0 and at most 1");

    /// <summary>The same options with draws of its own for each row, or of each step for all rows.</summary>
    /// <param name="perRow">Whether each row has its own.</param>
    public Svi WithDrawsPerRow(bool perRow = true) => this with { HasDrawsPerRow = perRow };

    /// <summary>The same options with antithetic pairs of draws, or single ones.</summary>
    /// <param name="antithetic">Whether draws come in pairs.</param>
    public Svi WithAntitheticDraws(bool antithetic = true) => this with { IsAntithetic = antithetic };

    /// <summary>The same options that return averaged parameters, or the last ones.</summary>
    /// <param name="average">Whether they are averaged.</param>
    public Svi WithAveraging(bool average = true) => this with { IsAveraged = average };

    /// <summary>The same options with another tolerance.</summary>
    /// <param name="nats">At least 0, which takes all steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative or infinite number.</exception>
    public Svi WithTolerance(double nats) =>
        double.IsFinite(nats) && nats >= 0
            ? this with
            {
                Tolerance = nats,
            }
            : throw new ArgumentOutOfRangeException(nameof(nats), nats, "expected a finite number of at least 0");

    /// <summary>The same options with another number of threads.</summary>
    /// <param name="threads">0 for one a core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Svi WithThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return this with { Threads = threads };
    }

    /// <summary>The same options that go on from a fit of the same guide.</summary>
    /// <param name="fit">The fit, maybe loaded from a file.</param>
    public Svi WithStart(SviFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return this with { start = fit };
    }

    /// <summary>The same options with another limit of steps.</summary>
    /// <param name="steps">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Svi WithSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return this with { Steps = steps };
    }

    /// <summary>The same options with so many rows a step.</summary>
    /// <param name="rows">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public Svi WithBatch(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return this with { Batch = rows };
    }

    /// <summary>The same options with so many antithetic pairs of draws a step.</summary>
    /// <param name="draws">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public Svi WithDraws(int draws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        return this with { Draws = draws };
    }

    /// <summary>The same options with so many starts.</summary>
    /// <param name="restarts">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public Svi WithRestarts(int restarts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        return this with { Restarts = restarts };
    }

    /// <summary>The same options with another seed.</summary>
    /// <param name="seed">Any number.</param>
    public Svi WithSeed(int seed) => this with { Seed = seed };

    internal Core.Guide GuideOf(Core.BayesianModel model) =>
        Guide switch
        {
            GuideKind.MeanField => Core.GuideModule.meanField(model),
            GuideKind.FullRank => Core.GuideModule.fullRank(model),
            _ => Core.GuideModule.suited(model),
        };

    internal Core.SviOptions ToCore()
    {
        static FSharpFunc<int, double> Constant(double rate) => FuncConvert.FromFunc<int, double>(_ => rate);

        var method =
            adamRate is { } rate ? Core.Svi.adam(Constant(rate)).Method
            : naturalRate is { } share ? Core.SviMethod.NewNaturalGradient(Constant(share))
            : Defaults.Method;

        return new(
            method,
            Steps,
            Batch ?? 0,
            Draws,
            HasDrawsPerRow,
            IsAntithetic,
            IsAveraged ? Core.Averaging.TailAverage : Core.Averaging.LastIterate,
            Tolerance,
            Defaults.CheckEvery,
            Restarts,
            start is null ? Defaults.Start : start.Value.Parameters,
            Defaults.FinalDraws,
            Defaults.ParetoDraws,
            Seed,
            Threads
        );
    }
}
