using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Options of expectation-maximisation (Dempster, Laird &amp; Rubin 1977). Immutable: each With… returns new options.
/// </summary>
public sealed record Em
{
    private static readonly Core.EmOptions Defaults = Core.Em.defaults;

    private Em() { }

    /// <summary>
    /// Ten starts by k-means++, seed 0, tolerance 1e-8 nats a row, at most 2000 iterations, relative floor 1e-9,
    /// collapsed components held at the floor, one thread a core.
    /// </summary>
    public static Em Default { get; } = new();

    /// <summary>How many random starts.</summary>
    public int Restarts { get; private init; } = Defaults.Restarts;

    /// <summary>The seed of the random starts: the same seed and data give the same bits.</summary>
    public int Seed { get; private init; } = Defaults.Seed;

    /// <summary>Where to start.</summary>
    public Start Start { get; private init; } = Start.KMeansPlusPlus;

    /// <summary>How often a start by k-means++ is drawn, at most, until every component has a row.</summary>
    public int Attempts { get; private init; } = Defaults.Attempts;

    /// <summary>The limit of iterations of each start.</summary>
    public int MaxIterations { get; private init; } = Defaults.MaxIterations;

    /// <summary>Converged when the gain still to come is below this, in nats a row; 0 runs to the limit.</summary>
    public double Tolerance { get; private init; } = Defaults.Tolerance;

    /// <summary>The least eigenvalue of a covariance, in units of the columns' variances.</summary>
    public double RelativeFloor { get; private init; } = Defaults.RelativeFloor;

    /// <summary>Added to every covariance's diagonal in each M-step, in squared units of the data.</summary>
    public double AbsoluteFloor { get; private init; } = Defaults.AbsoluteFloor;

    /// <summary>What to do with a component that collapses.</summary>
    public CollapsePolicy Collapse { get; private init; } = CollapsePolicy.Floor;

    /// <summary>
    /// Whether slow convergence is accelerated, safeguarded so that the log-likelihood never falls. Never done where the
    /// tolerance is 0, which asks for exactly so many plain steps.
    /// </summary>
    public bool Accelerate { get; private init; } = Defaults.Accelerate;

    /// <summary>The number of threads; 0 for one a core. Results do not depend on it.</summary>
    public int Threads { get; private init; } = Defaults.Threads;

    /// <summary>The rows of a block; 0 for as many as suit the cache.</summary>
    public int BlockRows { get; private init; } = Defaults.BlockRows;

    /// <summary>The same options with so many random starts.</summary>
    /// <param name="restarts">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one start.</exception>
    public Em WithRestarts(int restarts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        return this with { Restarts = restarts };
    }

    /// <summary>The same options with another seed.</summary>
    /// <param name="seed">Any number.</param>
    public Em WithSeed(int seed) => this with { Seed = seed };

    /// <summary>The same options with another start.</summary>
    /// <param name="start">Where to start.</param>
    public Em WithStart(Start start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return this with { Start = start };
    }

    /// <summary>The same options with another limit of draws of each start by k-means++.</summary>
    /// <param name="attempts">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public Em WithAttempts(int attempts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        return this with { Attempts = attempts };
    }

    /// <summary>The same options with another limit of iterations.</summary>
    /// <param name="maxIterations">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative limit.</exception>
    public Em WithMaxIterations(int maxIterations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxIterations);
        return this with { MaxIterations = maxIterations };
    }

    /// <summary>The same options with another tolerance.</summary>
    /// <param name="tolerance">Nats a row, 0 or more; 0 runs to the limit of iterations.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance that is negative or not finite.</exception>
    public Em WithTolerance(double tolerance) => this with { Tolerance = Checked(tolerance, nameof(tolerance)) };

    /// <summary>The same options with another relative floor.</summary>
    /// <param name="floor">In units of the columns' variances, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A floor that is negative or not finite.</exception>
    public Em WithRelativeFloor(double floor) => this with { RelativeFloor = Checked(floor, nameof(floor)) };

    /// <summary>The same options with an absolute floor, for comparison with other tools.</summary>
    /// <param name="floor">In squared units of the data, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A floor that is negative or not finite.</exception>
    public Em WithAbsoluteFloor(double floor) => this with { AbsoluteFloor = Checked(floor, nameof(floor)) };

    /// <summary>The same options with another policy for components that collapse.</summary>
    /// <param name="policy">What to do.</param>
    public Em WithCollapse(CollapsePolicy policy)
    {
        _ = policy.ToCore();
        return this with { Collapse = policy };
    }

    /// <summary>The same options with acceleration of slow convergence on or off.</summary>
    /// <param name="accelerate">Whether to accelerate.</param>
    public Em WithAcceleration(bool accelerate) => this with { Accelerate = accelerate };

    /// <summary>The same options with another number of threads.</summary>
    /// <param name="threads">0 for one a core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Em WithThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return this with { Threads = threads };
    }

    /// <summary>The same options with another number of rows in a block.</summary>
    /// <param name="blockRows">0 to 1024; 0 for as many as suit the cache.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public Em WithBlockRows(int blockRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blockRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockRows, 1024);
        return this with { BlockRows = blockRows };
    }

    internal Core.EmOptions ToCore() =>
        new(
            Restarts,
            Seed,
            Start.Value,
            Attempts,
            MaxIterations,
            Tolerance,
            RelativeFloor,
            AbsoluteFloor,
            Collapse.ToCore(),
            Accelerate,
            Threads,
            BlockRows
        );

    private static double Checked(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "expected a finite number of 0 or more");
}
