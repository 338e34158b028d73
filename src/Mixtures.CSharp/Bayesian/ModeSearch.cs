using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A step of a search for a mode.</summary>
/// <param name="Start">The number of the start, from 0.</param>
/// <param name="Step">The number of the step.</param>
/// <param name="Loss">Minus the log density there, in nats.</param>
public readonly record struct ModeProgress(int Start, int Step, double Loss);

/// <summary>
/// How the mode of a Bayesian model is looked for: many random starts, of which the most promising are run to the end.
/// Immutable: each With… returns new options.
/// </summary>
public sealed record ModeSearch
{
    private static readonly Core.ModeOptions Defaults = Core.MapEstimateModule.defaults;
    private (double Rate, int Steps, double Beta1, double Beta2)? adam;
    private IReadOnlyDictionary<string, Tensor>? start;

    private ModeSearch() { }

    /// <summary>A hundred starts, of which the ten of least loss are run by L-BFGS for at most 1000 iterations; seed 0.</summary>
    public static ModeSearch Default { get; } = new();

    /// <summary>How many random starts are evaluated.</summary>
    public int Starts { get; private init; } = Defaults.Starts;

    /// <summary>How many of these, those of least loss, are run to the end.</summary>
    public int Finalists { get; private init; } = Defaults.Finalists;

    /// <summary>The seed of the starts.</summary>
    public int Seed { get; private init; } = Defaults.Seed;

    /// <summary>The limit of iterations of L-BFGS; 0 for the steps of Adam alone.</summary>
    public int MaxIterations { get; private init; } = Defaults.MaxIterations;

    /// <summary>The same options with so many random starts, the best of which are run to the end.</summary>
    /// <param name="starts">At least 1.</param>
    /// <param name="finalists">How many are run to the end, at least 1; null for a tenth, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public ModeSearch WithStarts(int starts, int? finalists = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(starts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(finalists ?? 1, 1, nameof(finalists));
        return this with { Starts = starts, Finalists = finalists ?? Math.Max(1, starts / 10) };
    }

    /// <summary>The same options with another seed.</summary>
    /// <param name="seed">Any number.</param>
    public ModeSearch WithSeed(int seed) => this with { Seed = seed };

    /// <summary>The same options with another limit of iterations of L-BFGS.</summary>
    /// <param name="iterations">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public ModeSearch WithMaxIterations(int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        return this with { MaxIterations = iterations };
    }

    /// <summary>The same options with steps of Adam before L-BFGS goes the rest of the way.</summary>
    /// <param name="learningRate">Greater than 0.</param>
    /// <param name="steps">At least 0.</param>
    /// <param name="beta1">The decay of the gradients' mean.</param>
    /// <param name="beta2">The decay of the squares' mean.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public ModeSearch WithAdam(double learningRate, int steps, double beta1 = 0.9, double beta2 = 0.999)
    {
        if (!(double.IsFinite(learningRate) && learningRate > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate),
                learningRate,
                "expected a finite number greater than 0"
            );
        }

        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfNegative(beta1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(beta2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1);
        return this with { adam = (learningRate, steps, beta1, beta2) };
    }

    /// <summary>The same options with one start, given.</summary>
    /// <param name="values">The values of all sites, by name.</param>
    public ModeSearch WithStart(IReadOnlyDictionary<string, Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return this with { start = values.ToDictionary() };
    }

    internal static Core.Optimiser Adam(double rate, double beta1, double beta2) =>
        Core.Adam.create(
            new(FuncConvert.FromFunc<int, double>(_ => rate), beta1, beta2, Core.Adam.defaults.Epsilon, 0)
        );

    internal Core.ModeOptions ToCore(
        BayesianModel model,
        IProgress<ModeProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        new(
            Starts,
            Finalists,
            Seed,
            adam is var (rate, steps, beta1, beta2)
                ? FSharpOption<Tuple<Core.Optimiser, int>>.Some(Tuple.Create(Adam(rate, beta1, beta2), steps))
                : null,
            MaxIterations,
            start is null ? null : FSharpOption<Tensor[]>.Some(model.Array(start)),
            progress is null
                ? Defaults.Progress
                : FuncConvert.FromAction<int, int, double>(
                    (from, step, loss) => progress.Report(new(from, step, loss))
                ),
            cancellationToken
        );
}
