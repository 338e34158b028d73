using Core = Mixtures;
using Functions = Mixtures.MixtureModule;

namespace Mixtures.CSharp;

/// <summary>A mixture: weights, and components of one family. Immutable, and safe to use from many threads.</summary>
public sealed partial class MixtureModel
{
    // without the noise
    private readonly Core.Mixture proper;

    internal MixtureModel(Core.Mixture mixture, FitSummary? fit)
    {
        Mixture = mixture;
        Fit = fit;
        HasNoise = Core.Noise.isIn(mixture);
        proper = HasNoise ? Core.Noise.others(mixture) : mixture;
        Covariance = new Family(proper.Family).Structure;
        Weights = mixture.Weights.AsReadOnly();
    }

    internal Core.Mixture Mixture { get; }

    /// <summary>The components' family, such as gaussian; product where columns have different ones.</summary>
    public string Family => Mixture.Family.Name;

    /// <summary>
    /// What the components' covariances (of Student-t components, the scale matrices) have in common; null for other families.
    /// </summary>
    public CovarianceStructure? Covariance { get; }

    /// <summary>The number of components, K; noise is one of them.</summary>
    public int Components => Mixture.Count;

    /// <summary>Whether the last component is noise: of constant density over <see cref="NoiseBox"/>.</summary>
    public bool HasNoise { get; }

    /// <summary>The least and the greatest value of each column in the noise's box; null where there is no noise.</summary>
    public (double[] Lower, double[] Upper)? NoiseBox
    {
        get
        {
            if (!HasNoise)
            {
                return null;
            }

            var (lower, upper) = Core.Noise.box(Mixture);
            return (lower, upper);
        }
    }

    /// <summary>The number of columns, D.</summary>
    public int Dimension => Mixture.Dimension;

    /// <summary>The names of the columns; x1, x2, … where the data had none.</summary>
    public IReadOnlyList<string> ColumnNames => Mixture.ColumnNames;

    /// <summary>Whether the columns have names of their own.</summary>
    public bool HasColumnNames => Mixture.HasColumnNames;

    /// <summary>
    /// The names of a column's levels, in the order of their codes 0, 1, …; none for a column of numbers, or where the model was
    /// fitted to codes without names.
    /// </summary>
    /// <param name="column">Position from 0.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public IReadOnlyList<string> Levels(int column) => Mixture.Levels(column);

    /// <summary>The weights: K non-negative numbers that sum to one.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>The number of parameters that a fit adjusts, k.</summary>
    public int FreeParameters => Mixture.FreeParameters;

    /// <summary>The numbers of the fit that the model came from; null where there was none or it is not known.</summary>
    public FitSummary? Fit { get; }

    /// <summary>The mean of the mixture: D numbers.</summary>
    public double[] Mean() => Functions.mean(Mixture);

    /// <summary>The covariance of the mixture, Σ_k π_k (Σ_k + (μ_k - μ)(μ_k - μ)ᵀ): D x D.</summary>
    public double[,] TotalCovariance() => Functions.covariance(Mixture);

    /// <summary>An upper bound on the differential entropy, Σ π_k (H_k - log π_k), in nats.</summary>
    public double EntropyUpperBound() => Functions.entropyUpperBound(Mixture);

    /// <summary>The joint distribution of the chosen columns, in the order given.</summary>
    /// <param name="columns">Positions from 0, each once.</param>
    /// <exception cref="ArgumentException">There is no such column, or none is given.</exception>
    public MixtureModel Marginal(params IReadOnlyList<int> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new MixtureModel(Functions.marginal(Interop.List(columns), Mixture), null);
    }

    /// <summary>The distribution of the other columns given values of some.</summary>
    /// <param name="given">The value of each given column, by position from 0; at least one, but not all.</param>
    /// <exception cref="ArgumentException">There is no such column, a value is not finite, or no column is left.</exception>
    public MixtureModel Conditional(IReadOnlyDictionary<int, double> given)
    {
        ArgumentNullException.ThrowIfNull(given);
        var pairs = given.OrderBy(pair => pair.Key).Select(pair => Tuple.Create(pair.Key, pair.Value));
        return new MixtureModel(Functions.conditional(Interop.List(pairs), Mixture), null);
    }

    /// <summary>P(X ≤ x), for a mixture of one column; take a marginal first otherwise.</summary>
    /// <param name="x">Where, in units of the data.</param>
    /// <exception cref="InvalidOperationException">The mixture has more than one column.</exception>
    public double Cdf(double x)
    {
        RequireOneColumn();
        return Functions.cdf(x, Mixture);
    }

    /// <summary>The x with P(X ≤ x) = probability, for a mixture of one column; take a marginal first otherwise.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <exception cref="ArgumentException">The probability is out of range.</exception>
    /// <exception cref="InvalidOperationException">The mixture has more than one column.</exception>
    public double Quantile(double probability)
    {
        RequireOneColumn();
        return Functions.quantile(probability, Mixture);
    }

    /// <summary>Draws rows; they are labelled with the number of their component, from 1.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">The seed: the same seed gives the same rows.</param>
    /// <exception cref="ArgumentException">Fewer than one row is asked for.</exception>
    public Dataset Sample(int count, int seed = 0) => Sample(count, RandomKey.FromSeed(seed));

    /// <summary>Draws rows; they are labelled with the number of their component, from 1.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="key">The source of randomness: the same key gives the same rows.</param>
    /// <exception cref="ArgumentException">Fewer than one row is asked for.</exception>
    public Dataset Sample(int count, RandomKey key) => Functions.sample(key, count, Mixture);

    /// <summary>
    /// The data, over the model's columns, with missing cells filled in: with their mean given what their row has, in columns
    /// of levels with the most probable one. The mean of counts need not be whole: draw them instead.
    /// </summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is none that they can hold.</exception>
    /// <exception cref="InvalidOperationException">The components are known by their log-density alone.</exception>
    public Dataset Impute(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.impute(Mixture, data);
    }

    /// <summary>
    /// The data, over the model's columns, with missing cells filled in by a draw given what their row has: one of many
    /// possible completions.
    /// </summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <param name="seed">The seed: the same seed gives the same rows.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is none that they can hold.</exception>
    /// <exception cref="InvalidOperationException">The components are known by their log-density alone.</exception>
    public Dataset ImputeDraw(Dataset data, int seed = 0) => ImputeDraw(data, RandomKey.FromSeed(seed));

    /// <summary>
    /// The data, over the model's columns, with missing cells filled in by a draw given what their row has: one of many
    /// possible completions.
    /// </summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <param name="key">The source of randomness: the same key gives the same rows.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is none that they can hold.</exception>
    /// <exception cref="InvalidOperationException">The components are known by their log-density alone.</exception>
    public Dataset ImputeDraw(Dataset data, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.imputeDraw(key, Mixture, data);
    }

    /// <summary>
    /// Saves the model as JSON, with the numbers of its fit where it has them; doubles read back to the same bits. The
    /// file is written beside the path and moved into place, so that it is whole or not there.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.ModelFile.save(path, Interop.Option(Fit?.Value), Mixture);
    }

    /// <summary>The model as JSON text, with the numbers of its fit where it has them.</summary>
    public string ToJson() => Core.ModelFile.toJson(Interop.Option(Fit?.Value), Mixture);

    /// <summary>
    /// Reads data for the model from a file: NPY where its name ends in .npy, otherwise CSV. Where both the file and the
    /// model name their columns, only the model's are read, so that other columns may hold anything. Columns of text are read
    /// as the model's levels.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it; null for the defaults. Columns chosen here are read instead of the model's.</param>
    /// <exception cref="DataException">
    /// The file cannot be used, lacks a column of the model, or has a text that is none of the model's levels.
    /// </exception>
    public Dataset ReadDataset(string path, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Core.ModelData.read(options ?? CsvOptions.Default, path, Mixture);
    }

    /// <summary>A short description.</summary>
    public override string ToString() =>
        $"{Family} mixture of {Components} components, {Dimension} columns"
        + (
            Covariance is { } structure
                ? $", {structure.ToString().ToLowerInvariant()} {(proper.Family.Name == "gaussian" ? "covariance" : "scale")}"
                : ""
        );

    private void RequireOneColumn()
    {
        if (Dimension != 1)
        {
            throw new InvalidOperationException(
                $"expected a mixture of one column, this one has {Dimension}: take a marginal first"
            );
        }
    }
}
