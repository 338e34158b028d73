using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>What draws say of one number of a site.</summary>
/// <param name="Name">Its name, such as scale, locs[1] or means[2,1].</param>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The standard deviation.</param>
/// <param name="Low">The quantile of 5 %.</param>
/// <param name="Median">The median.</param>
/// <param name="High">The quantile of 95 %.</param>
/// <param name="MeanError">The Monte Carlo standard error of the mean.</param>
/// <param name="RHat">Rank-normalised split R-hat; null of a single chain.</param>
/// <param name="EffectiveBulk">The effective sample size for the centre.</param>
/// <param name="EffectiveTail">The effective sample size for the 5 % and 95 % quantiles.</param>
public sealed record ParameterSummary(
    string Name,
    double Mean,
    double StandardDeviation,
    double Low,
    double Median,
    double High,
    double MeanError,
    double? RHat,
    double EffectiveBulk,
    double EffectiveTail
)
{
    internal static IReadOnlyList<ParameterSummary> Of(IEnumerable<Core.ParameterSummary> summaries) =>
        [
            .. summaries.Select(own => new ParameterSummary(
                own.Name,
                own.Mean,
                own.Sd,
                own.Low,
                own.Median,
                own.High,
                own.McseMean,
                own.RHat.IsSome ? own.RHat.Value : null,
                own.EssBulk,
                own.EssTail
            )),
        ];
}

/// <summary>What one chain's draws were like.</summary>
/// <param name="Draws">How many there are.</param>
/// <param name="StepSize">The step size.</param>
/// <param name="Acceptance">The mean acceptance of trajectories' points.</param>
/// <param name="TreeDepth">How often trajectories were doubled, on average.</param>
/// <param name="Gradients">The gradients that draws took.</param>
/// <param name="Divergences">How many draws' trajectories diverged.</param>
/// <param name="EnergyFraction">
/// The energy Bayesian fraction of missing information (E-BFMI): below 0.3 the chain explores tails badly; null for fewer than 6 draws.
/// </param>
public sealed record ChainReport(
    int Draws,
    double StepSize,
    double Acceptance,
    double TreeDepth,
    long Gradients,
    int Divergences,
    double? EnergyFraction
);

/// <summary>
/// Draws from a model's posterior by the no-U-turn sampler, in the values of its sites. Components of a mixture specification are
/// renumbered where they are summed up: any numbering of them is as good as another, and chains find different ones. Immutable.
/// </summary>
public sealed partial class PosteriorSample
{
    internal PosteriorSample(BayesianModel model, Core.PosteriorSample value)
    {
        Model = model;
        Value = value;
        ChainReports =
        [
            .. value.Run.Chains.Select(chain => new ChainReport(
                chain.Divergent.Length,
                chain.State.StepSize,
                chain.Acceptances.DefaultIfEmpty().Average(),
                chain.TreeDepths.DefaultIfEmpty().Average(),
                chain.Leapfrogs.Sum(count => (long)count),
                chain.Divergent.Count(diverged => diverged),
                chain.Energies.Length >= 6 ? Core.Diagnostics.ebfmi(chain.Energies) : null
            )),
        ];
    }

    internal Core.PosteriorSample Value { get; }

    /// <summary>The model.</summary>
    public BayesianModel Model { get; }

    /// <summary>How many chains.</summary>
    public int Chains => Value.Draws.ChainCount;

    /// <summary>How many draws the shortest chain has.</summary>
    public int Draws => Value.Draws.Count;

    /// <summary>The names of the sites' numbers, in order.</summary>
    public IReadOnlyList<string> Names => Value.Draws.Names.AsReadOnly();

    /// <summary>How many draws' trajectories diverged.</summary>
    public int Divergences => Value.Run.Divergences;

    /// <summary>One report a chain.</summary>
    public IReadOnlyList<ChainReport> ChainReports { get; }

    /// <summary>The draws of all chains a second, from when the last of them was warm; 0 where none was.</summary>
    public double DrawsPerSecond => Value.Run.DrawsPerSecond;

    /// <summary>The seed of the run.</summary>
    public int Seed => Value.Run.Options.Seed;

    /// <summary>Whether the run was cancelled before its end.</summary>
    public bool IsInterrupted => Value.Run.Interrupted;

    /// <summary>The time that it took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(Value.Run.Seconds);

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. Value.Warnings];

    /// <summary>The values of the sites in one draw, by name.</summary>
    /// <param name="chain">The chain, from 0.</param>
    /// <param name="draw">The draw, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chain or draw.</exception>
    public IReadOnlyDictionary<string, Tensor> Values(int chain, int draw)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chain);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chain, Chains);
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(draw, Value.Draws.Counts[chain]);
        return Model.Named(Value.Values(chain, draw));
    }

    /// <summary>The draws of one number, an array for each chain, as they were drawn.</summary>
    /// <param name="name">Its name, such as locs[1].</param>
    /// <exception cref="ArgumentException">There is no such number.</exception>
    public IReadOnlyList<double[]> Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Core.DrawsModule.parameter(name, Value.Draws);
    }

    /// <summary>The draws of one number, an array for each chain, with the components of a specification renumbered.</summary>
    /// <param name="name">Its name, such as means[2,1].</param>
    /// <exception cref="ArgumentException">There is no such number.</exception>
    public IReadOnlyList<double[]> Relabelled(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Core.DrawsModule.parameter(name, Value.Relabelled);
    }

    /// <summary>
    /// Mean, quantiles, Monte Carlo errors, R-hat and effective sample sizes of every number, of a specification's relabelled draws.
    /// </summary>
    /// <exception cref="ArgumentException">There are fewer than 6 draws in a chain.</exception>
    public IReadOnlyList<ParameterSummary> Summary() => ParameterSummary.Of(Value.Summary);

    /// <summary>The same of the draws as they were drawn.</summary>
    /// <exception cref="ArgumentException">There are fewer than 6 draws in a chain.</exception>
    public IReadOnlyList<ParameterSummary> RawSummary() => ParameterSummary.Of(Value.RawSummary);

    /// <summary>
    /// The same of what does not depend on how components are numbered: the log density, the entropy of the weights, the weights in
    /// descending order and each parameter in ascending order.
    /// </summary>
    /// <param name="weights">The site of the weights; of a Dirichlet process, shares.</param>
    /// <exception cref="ArgumentException">There is no such site of probabilities, or fewer than 6 draws in a chain.</exception>
    public IReadOnlyList<ParameterSummary> InvariantSummary(string weights = "weights")
    {
        ArgumentNullException.ThrowIfNull(weights);
        return ParameterSummary.Of(Core.PosteriorSampleModule.invariantSummary(weights, Value));
    }

    /// <summary>Writes the draws as CSV: chain and draw (from 1), the numbers by name, log density, divergence.</summary>
    /// <param name="path">The file.</param>
    public void SaveCsv(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.PosteriorSampleModule.toCsv(path, Value);
    }
}
