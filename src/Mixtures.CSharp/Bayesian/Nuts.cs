using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>Where the chains of a sampler start.</summary>
public enum ChainStart
{
    /// <summary>Where the model starts at random: of a specification means at random rows, of a program its starts.</summary>
    Model,

    /// <summary>Draws from the priors.</summary>
    Prior,

    /// <summary>The posterior's mode, for every chain.</summary>
    Mode,
}

/// <summary>Progress of a sampler, after at most 64 transitions of a chain.</summary>
/// <param name="Chain">The chain that moved on, from 0.</param>
/// <param name="Transitions">Its transitions so far, warm-up included.</param>
/// <param name="Total">How many it is to make.</param>
/// <param name="IsWarmup">Whether it is still warming up.</param>
/// <param name="Divergences">Its divergences since warm-up.</param>
/// <param name="AllTransitions">The transitions of all chains so far.</param>
/// <param name="AllTotal">How many transitions all chains are to make.</param>
/// <param name="PerSecond">Transitions of all chains a second.</param>
/// <param name="Elapsed">The time since the run began.</param>
public readonly record struct SamplingProgress(
    int Chain,
    int Transitions,
    int Total,
    bool IsWarmup,
    int Divergences,
    long AllTransitions,
    long AllTotal,
    double PerSecond,
    TimeSpan Elapsed
);

/// <summary>Sampling is impossible: no density at the starts, no step size, or nothing but divergences.</summary>
public sealed class SamplingException : Exception
{
    internal SamplingException(Core.SamplingException inner)
        : base(inner.Message, inner) { }
}

/// <summary>
/// Options of the no-U-turn sampler (Hoffman &amp; Gelman 2014; Betancourt 2017). Immutable: each With… returns new options.
/// </summary>
/// <example>
/// <code>
/// var sample = spec.Bayesian(data, withDefaults: true).Sample(Nuts.Default.WithChains(4).WithSeed(1));
/// </code>
/// </example>
public sealed record Nuts
{
    private static readonly Core.NutsOptions Defaults = Core.Nuts.defaults;

    private Nuts() { }

    /// <summary>Four chains of 1000 draws after 1000 transitions of warm-up, acceptance 0.8, seed 0, one thread a core.</summary>
    public static Nuts Default { get; } = new();

    /// <summary>How many chains.</summary>
    public int Chains { get; private init; } = Defaults.Chains;

    /// <summary>The draws of each chain, after warm-up.</summary>
    public int Draws { get; private init; } = Defaults.Draws;

    /// <summary>The transitions of warm-up of each chain, which are not kept.</summary>
    public int Warmup { get; private init; } = Defaults.Warmup;

    /// <summary>What the mean acceptance is to be; higher means smaller steps.</summary>
    public double TargetAcceptance { get; private init; } = Defaults.TargetAcceptance;

    /// <summary>A trajectory is doubled at most this often.</summary>
    public int MaxTreeDepth { get; private init; } = Defaults.MaxTreeDepth;

    /// <summary>Whether a full mass matrix is learnt; else a diagonal one.</summary>
    public bool HasDenseMass { get; private init; }

    /// <summary>The seed of all randomness.</summary>
    public int Seed { get; private init; } = Defaults.Seed;

    /// <summary>The number of threads; 0 for one a core. Draws do not depend on it.</summary>
    public int Threads { get; private init; } = Defaults.Threads;

    /// <summary>Where the chains start.</summary>
    public ChainStart Start { get; private init; } = ChainStart.Model;

    /// <summary>The same options with so many chains.</summary>
    /// <param name="chains">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public Nuts WithChains(int chains)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chains, 1);
        return this with { Chains = chains };
    }

    /// <summary>The same options with so many draws of each chain, and transitions of warm-up.</summary>
    /// <param name="draws">At least 1.</param>
    /// <param name="warmup">At least 0; null for as many as before.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public Nuts WithDraws(int draws, int? warmup = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(warmup ?? 0, nameof(warmup));
        return this with { Draws = draws, Warmup = warmup ?? Warmup };
    }

    /// <summary>The same options with another target acceptance.</summary>
    /// <param name="acceptance">Between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public Nuts WithTargetAcceptance(double acceptance) =>
        acceptance is > 0 and < 1
            ? this with
            {
                TargetAcceptance = acceptance,
            }
            : throw new ArgumentOutOfRangeException(
                nameof(acceptance),
                acceptance,
                "expected a number between 0 and 1"
            );

    /// <summary>The same options with another limit of doublings.</summary>
    /// <param name="depth">From 1 to 20.</param>
    /// <exception cref="ArgumentOutOfRangeException">A depth out of range.</exception>
    public Nuts WithMaxTreeDepth(int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, 20);
        return this with { MaxTreeDepth = depth };
    }

    /// <summary>The same options with a full mass matrix, or a diagonal one.</summary>
    /// <param name="dense">Whether it is full.</param>
    public Nuts WithDenseMass(bool dense = true) => this with { HasDenseMass = dense };

    /// <summary>The same options with another seed.</summary>
    /// <param name="seed">Any number.</param>
    public Nuts WithSeed(int seed) => this with { Seed = seed };

    /// <summary>The same options with another number of threads.</summary>
    /// <param name="threads">0 for one a core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Nuts WithThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return this with { Threads = threads };
    }

    /// <summary>The same options with chains that start elsewhere.</summary>
    /// <param name="start">Where they start.</param>
    /// <exception cref="ArgumentOutOfRangeException">A start that is not defined.</exception>
    public Nuts WithStart(ChainStart start) =>
        Enum.IsDefined(start) ? this with { Start = start } : throw Interop.NotDefined(nameof(start), start);

    internal Core.NutsOptions ToCore() =>
        new(
            Chains,
            Draws,
            Warmup,
            TargetAcceptance,
            MaxTreeDepth,
            HasDenseMass ? Core.MassShape.DenseMass : Core.MassShape.DiagonalMass,
            Seed,
            Threads
        );

    internal Core.ChainStart CoreStart =>
        Start switch
        {
            ChainStart.Prior => Core.ChainStart.PriorDraws,
            ChainStart.Mode => Core.ChainStart.PosteriorMode,
            _ => Core.ChainStart.ModelStarts,
        };
}
