using System.Diagnostics.CodeAnalysis;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The posterior of a mixture's weights.</summary>
public sealed class WeightsPosterior
{
    internal WeightsPosterior(Core.WeightsPosterior value)
    {
        Means = Core.WeightsPosteriorModule.means(value).AsReadOnly();
        StandardDeviations = Core.WeightsPosteriorModule.standardDeviations(value).AsReadOnly();

        if (value is Core.WeightsPosterior.DirichletWeights dirichlet)
        {
            Concentrations = ((double[])dirichlet.concentrations.Clone()).AsReadOnly();
        }
        else if (value is Core.WeightsPosterior.StickBreaking sticks)
        {
            SharesA = ((double[])sticks.a.Clone()).AsReadOnly();
            SharesB = ((double[])sticks.b.Clone()).AsReadOnly();
        }
    }

    /// <summary>The expected weights; of a Dirichlet process they sum to less than one.</summary>
    public IReadOnlyList<double> Means { get; }

    /// <summary>The standard deviations of the weights.</summary>
    public IReadOnlyList<double> StandardDeviations { get; }

    /// <summary>The concentrations of a Dirichlet posterior; null where it is of a Dirichlet process.</summary>
    public IReadOnlyList<double>? Concentrations { get; }

    /// <summary>The first shapes of a process's beta shares; null where it is a Dirichlet distribution.</summary>
    public IReadOnlyList<double>? SharesA { get; }

    /// <summary>The second shapes of a process's beta shares; null where it is a Dirichlet distribution.</summary>
    public IReadOnlyList<double>? SharesB { get; }
}

/// <summary>
/// The posterior of the components' parameters: lists of K, one for each component. What it does not have is null; its
/// distribution tells what it has.
/// </summary>
public sealed class ComponentsPosterior
{
    internal ComponentsPosterior(Core.ComponentsPosterior value)
    {
        switch (value)
        {
            case Core.ComponentsPosterior.NormalWishart own:
                Distribution = "normal-wishart";
                Means = Copy(own.means);
                Strengths = Copy(own.strengths);
                DegreesOfFreedom = Copy(own.degrees);
                Scales = [.. own.scales.Select(scale => (double[,])scale.Clone())];
                break;
            case Core.ComponentsPosterior.NormalGamma own:
                Distribution = "normal-gamma";
                Means = Copy(own.means);
                Strengths = Copy(own.strengths);
                Shapes = Copy(own.shapes);
                Rates = Copy(own.rates);
                break;
            case Core.ComponentsPosterior.IndependentNormalGamma own:
                Distribution = "independent-normal-gamma";
                Means = Copy(own.means);
                StandardDeviations = Copy(own.deviations);
                Shapes = Copy(own.shapes);
                Rates = Copy(own.rates);
                break;
            case Core.ComponentsPosterior.BetaProbabilities own:
                Distribution = "beta";
                Shapes = Copy(own.a);
                OtherShapes = Copy(own.b);
                break;
            default:
                Distribution = "dirichlet";
                Concentrations =
                [
                    .. ((Core.ComponentsPosterior.DirichletProbabilities)value).concentrations.Select(Copy),
                ];
                break;
        }
    }

    /// <summary>normal-wishart, normal-gamma, independent-normal-gamma, beta or dirichlet.</summary>
    public string Distribution { get; }

    /// <summary>The expected means, K x D.</summary>
    public IReadOnlyList<double[]>? Means { get; }

    /// <summary>The means' standard deviations, K x D, where they are independent of the precisions.</summary>
    public IReadOnlyList<double[]>? StandardDeviations { get; }

    /// <summary>How many rows each mean counts as: its precision is the component's times this.</summary>
    public IReadOnlyList<double>? Strengths { get; }

    /// <summary>Of the Wishart precision matrices; one where components share one.</summary>
    public IReadOnlyList<double>? DegreesOfFreedom { get; }

    /// <summary>Inverse scale matrices of the Wishart: the expected covariance is these / degrees of freedom.</summary>
    public IReadOnlyList<double[,]>? Scales { get; }

    /// <summary>Shapes of gamma precisions, K x D (K x 1 where spherical); of beta probabilities the first shapes.</summary>
    public IReadOnlyList<double[]>? Shapes { get; }

    /// <summary>Rates of gamma precisions, K x D (K x 1 where spherical).</summary>
    public IReadOnlyList<double[]>? Rates { get; }

    /// <summary>The second shapes of beta probabilities, K x D.</summary>
    public IReadOnlyList<double[]>? OtherShapes { get; }

    /// <summary>Concentrations of the levels' probabilities: for each component, for each column.</summary>
    public IReadOnlyList<IReadOnlyList<double[]>>? Concentrations { get; }

    private static IReadOnlyList<double> Copy(double[] values) => ((double[])values.Clone()).AsReadOnly();

    private static IReadOnlyList<double[]> Copy(double[][] rows) => [.. rows.Select(row => (double[])row.Clone())];
}

/// <summary>
/// A mean-field posterior, as it is saved with its plug-in model: assignments, weights and components' parameters are taken
/// as independent. Immutable.
/// </summary>
public sealed class MeanFieldPosterior
{
    private readonly Core.SavedPosterior value;

    internal MeanFieldPosterior(Core.SavedPosterior value)
    {
        this.value = value;
        Model = new MixtureModel(
            value.Model.Mixture,
            value.Model.Fit is null ? null : new FitSummary(value.Model.Fit.Value)
        );
        Weights = new WeightsPosterior(value.Weights);
        Components = new ComponentsPosterior(value.Components);
    }

    /// <summary>The mixture at the posterior's expectations (plug-in).</summary>
    public MixtureModel Model { get; }

    /// <summary>The posterior of the weights.</summary>
    public WeightsPosterior Weights { get; }

    /// <summary>The posterior of the components' parameters.</summary>
    public ComponentsPosterior Components { get; }

    /// <summary>
    /// The lower bound of the log evidence, in nats, complete: evidence term - weights' divergence - components' divergence.
    /// </summary>
    public double Bound => value.Bound;

    /// <summary>The rows' part of the bound, their assignments at the optimum.</summary>
    public double EvidenceTerm => value.Terms.Evidence;

    /// <summary>The Kullback-Leibler divergence from the weights' posterior to their prior.</summary>
    public double WeightsDivergence => value.Terms.WeightsDivergence;

    /// <summary>The same of the components' parameters.</summary>
    public double ComponentsDivergence => value.Terms.ComponentsDivergence;

    /// <summary>Expected rows in each component.</summary>
    public IReadOnlyList<double> Counts => value.Counts.AsReadOnly();

    /// <summary>What was taken for priors where none were given.</summary>
    public IReadOnlyList<string> DefaultPriors => [.. value.Priors];

    /// <summary>Loads a posterior with its plug-in model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">What is wrong with the file, also where it is of a model without a posterior.</exception>
    public static MeanFieldPosterior Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(Core.PosteriorFile.load(path));
    }

    /// <summary>Loads a posterior with its plug-in model, if the model has one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="posterior">The posterior; null for a model that was fitted otherwise.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DataException">What is wrong with the file.</exception>
    public static bool TryLoad(string path, [NotNullWhen(true)] out MeanFieldPosterior? posterior)
    {
        ArgumentNullException.ThrowIfNull(path);
        var saved = Core.PosteriorFile.tryLoad(path);
        posterior = saved is null ? null : new(saved.Value);
        return posterior is not null;
    }

    /// <summary>Reads a posterior with its plug-in model from JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="DataException">What is wrong with the text.</exception>
    public static MeanFieldPosterior FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new(Core.PosteriorFile.ofJson(json));
    }

    /// <summary>
    /// Saves the posterior with its plug-in model, which <see cref="Mixture.Load(string)"/> reads as any other; the file is
    /// whole or not there.
    /// </summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.PosteriorFile.save(path, value);
    }

    /// <summary>The posterior with its plug-in model as JSON text.</summary>
    public string ToJson() => Core.PosteriorFile.toJson(value);
}
