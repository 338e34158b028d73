using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A guide fitted to a posterior. Immutable.</summary>
public sealed class SviFit
{
    internal SviFit(BayesianModel model, Core.SviFit value)
    {
        Model = model;
        Value = value;
        Parameters = value.Parameters.ToDictionary(pair => pair.Item1, pair => pair.Item2);
    }

    internal Core.SviFit Value { get; }

    /// <summary>The model.</summary>
    public BayesianModel Model { get; }

    /// <summary>The guide's parameters, by name, such as means.location.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>The evidence lower bound in nats, from draws that the fit has not seen.</summary>
    public double Bound => Value.Elbo;

    /// <summary>Its Monte Carlo standard error.</summary>
    public double BoundError => Value.ElboStandardError;

    /// <summary>The tail of posterior over guide: below 0.5 the guide is close, above 0.7 it misses much.</summary>
    public double ParetoK => Value.ParetoK;

    /// <summary>The noisy bound before each step.</summary>
    public IReadOnlyList<double> History => Value.History.AsReadOnly();

    /// <summary>Why it stopped.</summary>
    public Termination Termination => Value.Termination.ToFacade();

    /// <summary>Whether the parameters became stationary: R-hat of the later half of the steps below 1.1.</summary>
    public bool IsStationary => Value.Report.IsStationary;

    /// <summary>Split R-hat of the parameters over the later half of the steps.</summary>
    public double RHat => Value.Report.RHat;

    /// <summary>
    /// What the noise of the averaged parameters costs, in nats: infinite where too few steps were averaged, NaN where that is
    /// not known.
    /// </summary>
    public double AveragingCost => Value.Report.AveragingCost;

    /// <summary>The name of the guide: mean-field, full-rank or structured.</summary>
    public string Guide => Value.Guide.Name;

    /// <summary>The sites' values at the guide's centre, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Centre() => Model.Named(Value.Centre);

    /// <summary>
    /// Mean, standard deviation and quantiles of every number of the sites under the guide, of independent draws. Their Monte Carlo
    /// errors tell nothing of how far the guide is from the posterior.
    /// </summary>
    /// <param name="draws">How many draws, at least 6.</param>
    /// <exception cref="ArgumentException">Fewer than 6.</exception>
    public IReadOnlyList<ParameterSummary> Summary(int draws = 4000) => ParameterSummary.Of(Value.Summary(draws));

    /// <summary>The mixture at the guide's centre: one model that stands for the posterior.</summary>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public MixtureModel ToModel() => new(Value.Mixture, null);

    /// <summary>
    /// Saves the guide's parameters and the numbers of its fit as JSON, whole or not at all:
    /// <see cref="BayesianModel.LoadApproximation"/> reads them.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.GuideFile.save(path, Value);
    }

    /// <summary>The time that it took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(Value.Seconds);

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. Value.Warnings];

    /// <summary>Draws of the sites' values from the guide, by name.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <param name="key">The key: the same key draws the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Draw(int count, RandomKey key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var stream = key.Stream();
        return [.. Enumerable.Range(0, count).Select(_ => Model.Named(Value.Draw(stream)))];
    }
}
