using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A mean-field posterior found by coordinate ascent, with the way there. Immutable.</summary>
public sealed class CaviFit
{
    internal CaviFit(Core.CaviFit value, MixtureFit fit)
    {
        Value = value;
        Fit = fit;
        Posterior = new MeanFieldPosterior(Core.PosteriorFile.ofFit(value));
    }

    internal Core.CaviFit Value { get; }

    /// <summary>The fit at the posterior's expectations (plug-in); its history and restarts are those of the bound.</summary>
    public MixtureFit Fit { get; }

    /// <summary>The mixture at the posterior's expectations (plug-in).</summary>
    public MixtureModel Model => Fit.Model;

    /// <summary>The posterior, as it is saved.</summary>
    public MeanFieldPosterior Posterior { get; }

    /// <summary>The lower bound of the log evidence, in nats, complete: no constant is left out.</summary>
    public double Bound => Value.Bound;

    /// <summary>The bound at the start and after each iteration of the returned start.</summary>
    public IReadOnlyList<double> History => Value.History.AsReadOnly();

    /// <summary>The bound of every start, best first.</summary>
    public IReadOnlyList<double> Restarts => Value.Restarts.AsReadOnly();

    /// <summary>Expected rows in each component.</summary>
    public IReadOnlyList<double> Counts => Value.Counts.AsReadOnly();

    /// <summary>What was taken for priors where none were given.</summary>
    public IReadOnlyList<string> DefaultPriors => Posterior.DefaultPriors;

    /// <summary>How many components were removed.</summary>
    public int Pruned => Value.Pruned;

    /// <summary>How often the bound fell by more than rounding explains.</summary>
    public int MonotonicityViolations => Value.MonotonicityViolations;

    /// <summary>Why the fit stopped.</summary>
    public Termination Termination => Fit.Termination;

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => Fit.Warnings;

    /// <summary>The probability of each component for each row under the posterior, N x K.</summary>
    /// <param name="data">The rows.</param>
    public double[,] AssignmentProbabilities(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Core.Cavi.assignments(Value, data);
    }

    /// <summary>A mixture drawn from the posterior, over the columns that vary.</summary>
    /// <param name="key">The key: the same key draws the same.</param>
    public MixtureModel Draw(RandomKey key) => new(Core.Cavi.draw(key, Value), null);

    /// <summary>
    /// The posterior predictive density as a mixture, where it is one of a family: of Student-t components for full, tied and
    /// spherical Gaussian mixtures; null otherwise, see <see cref="PredictiveLogDensities"/>.
    /// </summary>
    public MixtureModel? Predictive() =>
        Core.Cavi.predictive(Value) is { } mixture && FSharpOption<Core.Mixture>.get_IsSome(mixture)
            ? new MixtureModel(mixture.Value, null)
            : null;

    /// <summary>The logarithm of the posterior predictive density of rows, averaged over draws of the posterior.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="draws">How many draws, at least 1.</param>
    /// <param name="seed">The seed of the draws.</param>
    public double[] PredictiveLogDensities(Dataset data, int draws = 1000, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        return Core.Cavi.predictiveLogDensities(RandomKey.FromSeed(seed), draws, Value, data);
    }

    /// <summary>Saves the posterior with its plug-in model; see <see cref="MeanFieldPosterior.Load"/>.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => Posterior.Save(path);
}
