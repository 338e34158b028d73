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
);

/// <summary>Draws from a model's posterior by the no-U-turn sampler, in the values of its sites. Immutable.</summary>
public sealed class PosteriorSample
{
    private readonly Core.PosteriorSample value;

    internal PosteriorSample(BayesianModel model, Core.PosteriorSample value)
    {
        Model = model;
        this.value = value;
    }

    /// <summary>The model.</summary>
    public BayesianModel Model { get; }

    /// <summary>How many chains.</summary>
    public int Chains => value.Draws.ChainCount;

    /// <summary>How many draws the shortest chain has.</summary>
    public int Draws => value.Draws.Count;

    /// <summary>The names of the sites' numbers, in order.</summary>
    public IReadOnlyList<string> Names => value.Draws.Names.AsReadOnly();

    /// <summary>How many draws' trajectories diverged.</summary>
    public int Divergences => value.Run.Divergences;

    /// <summary>Whether the run was cancelled before its end.</summary>
    public bool IsInterrupted => value.Run.Interrupted;

    /// <summary>The time that it took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(value.Run.Seconds);

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. value.Warnings];

    /// <summary>The values of the sites in one draw, by name.</summary>
    /// <param name="chain">The chain, from 0.</param>
    /// <param name="draw">The draw, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chain or draw.</exception>
    public IReadOnlyDictionary<string, Tensor> Values(int chain, int draw)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chain);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chain, Chains);
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(draw, value.Draws.Counts[chain]);
        return Model.Named(value.Values(chain, draw));
    }

    /// <summary>The draws of one number, an array for each chain.</summary>
    /// <param name="name">Its name, such as locs[1].</param>
    /// <exception cref="ArgumentException">There is no such number.</exception>
    public IReadOnlyList<double[]> Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Core.DrawsModule.parameter(name, value.Draws);
    }

    /// <summary>Mean, quantiles, Monte Carlo errors, R-hat and effective sample sizes of every number.</summary>
    /// <exception cref="ArgumentException">There are fewer than 6 draws in a chain.</exception>
    public IReadOnlyList<ParameterSummary> Summary() =>
        [
            .. value.Summary.Select(own => new ParameterSummary(
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

    /// <summary>Writes the draws as CSV: chain and draw (from 1), the numbers by name, log density, divergence.</summary>
    /// <param name="path">The file.</param>
    public void SaveCsv(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.PosteriorSampleModule.toCsv(path, value);
    }
}
