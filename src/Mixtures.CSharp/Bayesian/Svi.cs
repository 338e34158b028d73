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
            }
            : throw new ArgumentOutOfRangeException(
                nameof(learningRate),
                learningRate,
                "expected a finite number greater than 0"
            );

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
        var own = adamRate is { } rate ? Core.Svi.adam(FuncConvert.FromFunc<int, double>(_ => rate)) : Defaults;
        return new(
            own.Method,
            Steps,
            Batch ?? 0,
            Draws,
            own.DrawsPerRow,
            own.Antithetic,
            own.Averaging,
            own.Tolerance,
            own.CheckEvery,
            Restarts,
            own.Start,
            own.FinalDraws,
            own.ParetoDraws,
            Seed,
            own.Threads
        );
    }
}

/// <summary>A guide fitted to a posterior. Immutable.</summary>
public sealed class SviFit
{
    private readonly Core.SviFit value;

    internal SviFit(BayesianModel model, Core.SviFit value)
    {
        Model = model;
        this.value = value;
        Parameters = value.Parameters.ToDictionary(pair => pair.Item1, pair => pair.Item2);
    }

    /// <summary>The model.</summary>
    public BayesianModel Model { get; }

    /// <summary>The guide's parameters, by name, such as means.location.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>The evidence lower bound in nats, from draws that the fit has not seen.</summary>
    public double Bound => value.Elbo;

    /// <summary>Its Monte Carlo standard error.</summary>
    public double BoundError => value.ElboStandardError;

    /// <summary>The tail of posterior over guide: below 0.5 the guide is close, above 0.7 it misses much.</summary>
    public double ParetoK => value.ParetoK;

    /// <summary>The noisy bound before each step.</summary>
    public IReadOnlyList<double> History => value.History.AsReadOnly();

    /// <summary>Why it stopped.</summary>
    public Termination Termination => value.Termination.ToFacade();

    /// <summary>The time that it took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(value.Seconds);

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. value.Warnings];

    /// <summary>Draws of the sites' values from the guide, by name.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <param name="key">The key: the same key draws the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Draw(int count, RandomKey key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var stream = key.Stream();
        return [.. Enumerable.Range(0, count).Select(_ => Model.Named(value.Draw(stream)))];
    }
}
