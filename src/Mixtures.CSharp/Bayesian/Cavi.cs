using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Options of coordinate ascent (CAVI): the mean-field posterior of a mixture under conjugate priors (Bishop 2006, section
/// 10.2; Blei &amp; Jordan 2006), with a complete lower bound of the evidence. Immutable: each With… returns new options.
/// </summary>
/// <example>
/// <code>
/// var fit = Mixture.Gaussian(12).WithDirichletProcess(1).Fit(data, Cavi.Default.WithRestarts(20));
/// Console.WriteLine($"bound {fit.Bound}, {fit.Counts.Count(rows => rows > 1)} components in use");
/// </code>
/// </example>
public sealed record Cavi
{
    private static readonly Core.CaviOptions Defaults = Core.Cavi.defaults;

    private Cavi() { }

    /// <summary>Ten starts by k-means++, seed 0, tolerance 1e-10 nats a row, at most 2000 iterations, nothing removed.</summary>
    public static Cavi Default { get; } = new();

    /// <summary>How many random starts; given starts run once.</summary>
    public int Restarts { get; private init; } = Defaults.Restarts;

    /// <summary>The seed of the random starts: the same seed and data give the same bits.</summary>
    public int Seed { get; private init; } = Defaults.Seed;

    /// <summary>Where to start.</summary>
    public Start Start { get; private init; } = Start.KMeansPlusPlus;

    /// <summary>The limit of iterations of each start.</summary>
    public int MaxIterations { get; private init; } = Defaults.MaxIterations;

    /// <summary>Converged when the gain of the bound still to come is below this, in nats a row; 0 runs to the limit.</summary>
    public double Tolerance { get; private init; } = Defaults.Tolerance;

    /// <summary>
    /// Components of an expected weight below this are removed once the fit has converged, and the rest run to convergence
    /// again; 0 keeps all.
    /// </summary>
    public double PruneBelow { get; private init; } = Defaults.PruneBelow;

    /// <summary>The number of threads; 0 for one a core. Results do not depend on it.</summary>
    public int Threads { get; private init; } = Defaults.Threads;

    /// <summary>The same options with so many random starts.</summary>
    /// <param name="restarts">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public Cavi WithRestarts(int restarts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        return this with { Restarts = restarts };
    }

    /// <summary>The same options with another seed.</summary>
    /// <param name="seed">Any number.</param>
    public Cavi WithSeed(int seed) => this with { Seed = seed };

    /// <summary>The same options with another start.</summary>
    /// <param name="start">Where to start.</param>
    public Cavi WithStart(Start start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return this with { Start = start };
    }

    /// <summary>The same options with another limit of iterations.</summary>
    /// <param name="iterations">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Cavi WithMaxIterations(int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        return this with { MaxIterations = iterations };
    }

    /// <summary>The same options with another tolerance.</summary>
    /// <param name="tolerance">0 or more, in nats a row.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance that is negative or not finite.</exception>
    public Cavi WithTolerance(double tolerance) => this with { Tolerance = NotNegative(tolerance, nameof(tolerance)) };

    /// <summary>The same options with components of less than an expected weight removed.</summary>
    /// <param name="weight">0 or more; 0 keeps all.</param>
    /// <exception cref="ArgumentOutOfRangeException">A weight that is negative or not finite.</exception>
    public Cavi WithPruning(double weight) => this with { PruneBelow = NotNegative(weight, nameof(weight)) };

    /// <summary>The same options with another number of threads.</summary>
    /// <param name="threads">0 for one a core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Cavi WithThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return this with { Threads = threads };
    }

    internal Core.CaviOptions ToCore() =>
        new(Restarts, Seed, Start.Value, MaxIterations, Tolerance, Core.CaviUpdates.Exact, PruneBelow, Threads);

    private static double NotNegative(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "expected a finite number of 0 or more");
}
