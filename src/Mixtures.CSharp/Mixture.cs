using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>The entry: describe a mixture to be fitted, make one from parameters, or load one.</summary>
public static class Mixture
{
    /// <summary>A Gaussian mixture to be fitted; full covariances unless another structure is chosen.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static GaussianSpec Gaussian(int components) => new(components);

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

        if (columnNames is not null)
        {
            var names = Interop.Option(Interop.List(columnNames));
            mixture = Core.MixtureModule.create(names, mixture.Weights, mixture.Components);
        }

        return new MixtureModel(mixture, null);
    }

    /// <summary>Loads a model from a JSON file, with the numbers of its fit where the file has them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">What is wrong with the file.</exception>
    public static MixtureModel Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Of(Core.ModelFile.load(path));
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
