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
public sealed record GaussianSpec : MixtureSpec
{
    private Core.KnownCovariance? known;
    private double? knownStandardDeviation;

    internal GaussianSpec(int components)
        : base(components) { }

    /// <summary>What the components' covariances have in common; full by default.</summary>
    public CovarianceStructure Covariance { get; private init; } = CovarianceStructure.Full;

    private protected override string PlainFamily => "gaussian";

    /// <summary>The covariance structure.</summary>
    public override CovarianceStructure? Structure => Covariance;

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

    private protected override Core.MixtureSpec Plain(int dimension)
    {
        if (Covariance != CovarianceStructure.Known)
        {
            return Core.Gaussian.spec(Covariance.ToCore(), Components);
        }

        var given = knownStandardDeviation is { } sd
            ? Core.KnownCovariance.NewStandardDeviation(sd, dimension)
            : known!;
        return Core.Gaussian.known(given, Components);
    }

    private GaussianSpec WithKnown(Core.KnownCovariance? covariance, double? standardDeviation) =>
        this with
        {
            Covariance = CovarianceStructure.Known,
            known = covariance,
            knownStandardDeviation = standardDeviation,
        };
}
