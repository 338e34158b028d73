using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The entry: describe a mixture to be fitted, make one from parameters, or load one.</summary>
public static partial class Mixture
{
    /// <summary>A Gaussian mixture to be fitted; full covariances unless another structure is chosen.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static GaussianSpec Gaussian(int components) => new(components);

    /// <summary>A mixture, to be fitted, of components that are known by their log-density.</summary>
    /// <param name="name">The family's name, in files and messages; none that a built-in family has.</param>
    /// <param name="components">How many components, at least 1.</param>
    /// <param name="parameters">
    /// The names of the parts of a component's parameters, and how many numbers each has: P numbers in all. They are free
    /// real numbers: a scale, say, is exponentiated by the log-density.
    /// </param>
    /// <param name="start">
    /// The parameters (P numbers) that a component starts with at a point: given the point and the columns' standard
    /// deviations (D numbers each).
    /// </param>
    /// <param name="logDensity">
    /// The log-density of rows under one component, in nats: from its parameters (P numbers) and rows (N x D) to N numbers.
    /// It must be made of tensor functions and may be called from several threads at once.
    /// </param>
    /// <param name="sample">
    /// Draws a row (D numbers) of a component with the given parameters; null where sampling is not needed.
    /// </param>
    /// <exception cref="ArgumentException">No name, one that is taken, or no parameters.</exception>
    public static LogDensitySpec OfLogDensity(
        string name,
        int components,
        IReadOnlyList<(string Name, int Count)> parameters,
        Func<double[], double[], double[]> start,
        Func<Tensor, Tensor, Tensor> logDensity,
        Func<double[], RandomStream, double[]>? sample = null
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(logDensity);
        return new LogDensitySpec(LogDensitySpec.Define(name, parameters, start, logDensity, sample), components);
    }

    /// <summary>A Gaussian mixture with given parameters.</summary>
    /// <param name="weights">K weights, not negative, that sum to one.</param>
    /// <param name="means">K means of D numbers.</param>
    /// <param name="covariances">K covariances of D x D, positive definite; for tied, one is enough.</param>
    /// <param name="structure">What the covariances have in common; they must be of that structure.</param>
    /// <param name="columnNames">The names of the D columns; null for x1, x2, ….</param>
    /// <exception cref="ArgumentException">
    /// Shapes disagree, weights do not sum to one, or a covariance is not positive definite or not of the structure.
    /// </exception>
    public static MixtureModel CreateGaussian(
        IReadOnlyList<double> weights,
        IReadOnlyList<double[]> means,
        IReadOnlyList<double[,]> covariances,
        CovarianceStructure structure = CovarianceStructure.Full,
        IReadOnlyList<string>? columnNames = null
    )
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(covariances);
        var mixture = Core.Gaussian.create(
            structure.ToCore(),
            [.. weights],
            Arrays.Copy(means, nameof(means)),
            Arrays.Copy(covariances, nameof(covariances))
        );
        return MixtureModel.Of(mixture, columnNames);
    }

    /// <summary>Loads a model from a JSON file, with the numbers of its fit where the file has them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">What is wrong with the file.</exception>
    public static MixtureModel Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Of(Core.ModelFile.load(path));
    }

    /// <summary>
    /// Loads a model of a family known by its log-density, which the file does not hold, with the numbers of its fit where
    /// the file has them.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="family">A specification of the family; its number of components does not matter.</param>
    /// <exception cref="DataException">What is wrong with the file, also where it is of another family.</exception>
    public static MixtureModel Load(string path, LogDensitySpec family)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(family);
        return Of(Core.ModelFile.loadWith(family.CoreFamily, path));
    }

    /// <summary>Reads a model of a family known by its log-density from JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="family">A specification of the family; its number of components does not matter.</param>
    /// <exception cref="DataException">What is wrong with the text, also where it is of another family.</exception>
    public static MixtureModel FromJson(string json, LogDensitySpec family)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(family);
        return Of(Core.ModelFile.ofJsonWith(family.CoreFamily, json));
    }

    /// <summary>Reads a model from JSON text, with the numbers of its fit where the text has them.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="DataException">What is wrong with the text.</exception>
    public static MixtureModel FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Of(Core.ModelFile.ofJson(json));
    }

    private static MixtureModel Of(Core.SavedModel saved) =>
        new(saved.Mixture, saved.Fit is null ? null : new FitSummary(saved.Fit.Value));
}
