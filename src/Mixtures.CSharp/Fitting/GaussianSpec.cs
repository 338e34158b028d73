using System.Diagnostics.CodeAnalysis;
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
public sealed record GaussianSpec
{
    private Core.KnownCovariance? known;
    private double? knownStandardDeviation;

    internal GaussianSpec(int components) => Components = Checked(components);

    /// <summary>The number of components, K.</summary>
    public int Components { get; private init; }

    /// <summary>What the components' covariances have in common; full by default.</summary>
    public CovarianceStructure Covariance { get; private init; } = CovarianceStructure.Full;

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

    /// <summary>Fits the specification to data. A cancelled fit returns what was reached.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public MixtureFit Fit(
        Dataset data,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        var monitor = Interop.Monitor(progress is null ? null : progress.Report, cancellationToken);
        var emOptions = (options ?? Em.Default).ToCore();
        return Interop.Run(
            () => new MixtureFit(Core.Em.fitWith(monitor, emOptions, ToCore(data.Dimension), data)),
            cancellationToken
        );
    }

    /// <summary>Fits the specification to rows. A cancelled fit returns what was reached.</summary>
    /// <param name="rows">N x D, one row per observation.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the fit, which then returns what was reached.</param>
    /// <exception cref="DataException">The rows cannot be used.</exception>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    public MixtureFit Fit(
        double[,] rows,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Fit(Dataset.FromRows(rows), options, progress, cancellationToken);
    }

    /// <summary>Fits the specification to data, with what went wrong as a value.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="fit">The fit, if there is one.</param>
    /// <param name="error">Why there is no fit.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the fit, which then returns what was reached.</param>
    /// <returns>Whether there is a fit.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public bool TryFit(
        Dataset data,
        [NotNullWhen(true)] out MixtureFit? fit,
        [NotNullWhen(false)] out FitError? error,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            fit = Fit(data, options, progress, cancellationToken);
            error = null;
            return true;
        }
        catch (FitException exception)
        {
            fit = null;
            error = exception.Error;
            return false;
        }
    }

    /// <summary>Fits the specification to data on the thread pool. A cancelled fit returns what was reached.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public Task<MixtureFit> FitAsync(
        Dataset data,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        // the token is not given to the task itself: a cancelled fit has a result
        return Task.Run(() => Fit(data, options, progress, cancellationToken), CancellationToken.None);
    }

    /// <summary>The model that the first start begins with, before any iteration.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <exception cref="FitException">There is no start.</exception>
    public MixtureModel Initialise(Dataset data, Em? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var emOptions = (options ?? Em.Default).ToCore();
        return Interop.Run(
            () => new MixtureModel(Core.Em.initialise(emOptions, ToCore(data.Dimension), data), null),
            CancellationToken.None
        );
    }

    internal Core.MixtureSpec ToCore(int dimension)
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

    private static int Checked(int components) =>
        components >= 1
            ? components
            : throw new ArgumentOutOfRangeException(
                nameof(components),
                $"expected at least 1 component, received {components}"
            );
}
