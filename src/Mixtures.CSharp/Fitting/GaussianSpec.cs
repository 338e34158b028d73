using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A Gaussian mixture to be fitted: p(x) = Σ_k π_k N(x; μ_k, Σ_k). Immutable: each With… returns a new specification.
/// </summary>
/// <example>
/// <code>
/// var fit = Mixture.Gaussian(components: 3)
///     .WithCovariance(CovarianceStructure.Tied)
///     .Fit(Dataset.FromCsv("faithful.csv"), Em.Default.WithRestarts(10).WithSeed(7));
/// </code>
/// </example>
public sealed record GaussianSpec : IMixtureSpec
{
    private Core.KnownCovariance? known;
    private double? knownStandardDeviation;

    internal GaussianSpec(int components) => Components = Checked(components);

    /// <summary>The number of components, K.</summary>
    public int Components { get; private init; }

    /// <summary>What the components' covariances have in common; full by default.</summary>
    public CovarianceStructure Covariance { get; private init; } = CovarianceStructure.Full;

    /// <summary>The concentrations of the weights' Dirichlet prior: one for all, or one for each; null for none.</summary>
    public IReadOnlyList<double>? Concentrations { get; private init; }

    /// <summary>Whether there is noise beside the components; see <see cref="WithNoise"/>.</summary>
    public bool HasNoise { get; private init; }

    /// <summary>The components' family: gaussian, or gaussian-with-noise.</summary>
    public string Family => HasNoise ? "gaussian-with-noise" : "gaussian";

    CovarianceStructure? IMixtureSpec.Structure => Covariance;

    /// <summary>The same specification with another number of components.</summary>
    /// <param name="components">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public GaussianSpec WithComponents(int components) => this with { Components = Checked(components) };

    /// <summary>The same specification with another covariance structure, to be fitted.</summary>
    /// <param name="structure">Full, tied, diagonal or spherical.</param>
    /// <exception cref="ArgumentException">
    /// The structure is known: give the covariances, by <see cref="WithKnownCovariance"/>,
    /// <see cref="WithKnownCovariances"/> or <see cref="WithKnownStandardDeviation"/>.
    /// </exception>
    public GaussianSpec WithCovariance(CovarianceStructure structure)
    {
        _ = structure.ToCore();

        if (structure == CovarianceStructure.Known)
        {
            throw new ArgumentException(
                "known covariances must be given: use WithKnownCovariance, WithKnownCovariances or WithKnownStandardDeviation",
                nameof(structure)
            );
        }

        return this with
        {
            Covariance = structure,
            known = null,
            knownStandardDeviation = null,
        };
    }

    /// <summary>The same specification with one given covariance for every component; only weights and means are fitted.</summary>
    /// <param name="covariance">D x D, symmetric and positive definite.</param>
    public GaussianSpec WithKnownCovariance(double[,] covariance)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        return WithKnown(Core.KnownCovariance.NewShared((double[,])covariance.Clone()), null);
    }

    /// <summary>The same specification with a given covariance for each component; only weights and means are fitted.</summary>
    /// <param name="covariances">K matrices of D x D, symmetric and positive definite.</param>
    public GaussianSpec WithKnownCovariances(IReadOnlyList<double[,]> covariances)
    {
        ArgumentNullException.ThrowIfNull(covariances);
        return WithKnown(Core.KnownCovariance.NewPerComponent(Arrays.Copy(covariances, nameof(covariances))), null);
    }

    /// <summary>The same specification with one given standard deviation for every column and component.</summary>
    /// <param name="standardDeviation">Positive, in units of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A standard deviation that is not positive and finite.</exception>
    public GaussianSpec WithKnownStandardDeviation(double standardDeviation)
    {
        if (!(double.IsFinite(standardDeviation) && standardDeviation > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(standardDeviation),
                standardDeviation,
                "expected a positive, finite standard deviation"
            );
        }

        return WithKnown(null, standardDeviation);
    }

    /// <summary>
    /// The same specification with a Dirichlet prior on the weights, the same for every component: fits then maximise the
    /// posterior density (MAP).
    /// </summary>
    /// <param name="concentration">Greater than 0; 1 is uniform, more pulls the weights together.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public GaussianSpec WithWeightsPrior(double concentration) => WithWeightsPrior([concentration]);

    /// <summary>The same specification with a Dirichlet prior on the weights.</summary>
    /// <param name="concentrations">One for all components, or one for each; greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public GaussianSpec WithWeightsPrior(IReadOnlyList<double> concentrations)
    {
        ArgumentNullException.ThrowIfNull(concentrations);
        return this with { Concentrations = WeightsPrior.Checked(concentrations, nameof(concentrations)) };
    }

    /// <summary>
    /// The same specification with noise beside the components: one component more, the last of the fitted model, of
    /// constant density over the data's box, for rows that belong to none of the others. Its weight is fitted.
    /// </summary>
    public GaussianSpec WithNoise() => this with { HasNoise = true };

    Core.MixtureSpec IMixtureSpec.ToCore(int dimension) =>
        HasNoise ? Core.MixtureSpecModule.withNoise(ToCore(dimension)) : ToCore(dimension);

    private Core.MixtureSpec ToCore(int dimension)
    {
        if (Covariance != CovarianceStructure.Known)
        {
            return Core.Gaussian.spec(Covariance.ToCore(), Components).With(Concentrations);
        }

        var given = knownStandardDeviation is { } sd
            ? Core.KnownCovariance.NewStandardDeviation(sd, dimension)
            : known!;
        return Core.Gaussian.known(given, Components).With(Concentrations);
    }

    private GaussianSpec WithKnown(Core.KnownCovariance? covariance, double? standardDeviation) =>
        this with
        {
            Covariance = CovarianceStructure.Known,
            known = covariance,
            knownStandardDeviation = standardDeviation,
        };

    private static int Checked(int components) =>
        components >= 1
            ? components
            : throw new ArgumentOutOfRangeException(
                nameof(components),
                $"expected at least 1 component, received {components}"
            );
}
