using System.Diagnostics.CodeAnalysis;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Fitting: one specification, any learner. Options of <see cref="Em"/> (or none) fit by expectation-maximisation, options
/// of <see cref="Gradient"/> by gradient descent.
/// </summary>
/// <example>
/// <code>
/// var spec = Mixture.Gaussian(components: 3).WithCovariance(CovarianceStructure.Tied);
/// var byEm = spec.Fit(data, Em.Default.WithSeed(7));
/// var byGradient = spec.Fit(data, Gradient.Default.WithSeed(7));
/// </code>
/// </example>
public static partial class Fitting
{
    /// <summary>Fits a specification to data by expectation-maximisation. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static MixtureFit Fit(
        this MixtureSpec spec,
        Dataset data,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        var monitor = Interop.Monitor(progress is null ? null : progress.Report, cancellationToken);
        var emOptions = (options ?? Em.Default).ToCore();
        var core = spec.ToCore(data.Dimension);
        return Interop.Run(
            () => new MixtureFit(Core.Em.fitWith(monitor, emOptions, core, data), core),
            cancellationToken
        );
    }

    /// <summary>Fits a specification to rows by expectation-maximisation. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="rows">N x D, one row per observation.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="DataException">The rows cannot be used.</exception>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static MixtureFit Fit(
        this MixtureSpec spec,
        double[,] rows,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(rows);
        return spec.Fit(Dataset.FromRows(rows), options, progress, cancellationToken);
    }

    /// <summary>Fits a specification to data by expectation-maximisation, with what went wrong as a value.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="fit">The fit, if there is one.</param>
    /// <param name="error">Why there is no fit.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <returns>Whether there is a fit.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static bool TryFit(
        this MixtureSpec spec,
        Dataset data,
        [NotNullWhen(true)] out MixtureFit? fit,
        [NotNullWhen(false)] out FitError? error,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Interop.Try(() => spec.Fit(data, options, progress, cancellationToken), out fit, out error);

    /// <summary>Fits a specification to data by expectation-maximisation, on the thread pool. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static Task<MixtureFit> FitAsync(
        this MixtureSpec spec,
        Dataset data,
        Em? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        // the token is not given to the task itself: a cancelled fit has a result
        return Task.Run(() => spec.Fit(data, options, progress, cancellationToken), CancellationToken.None);
    }

    /// <summary>The model that the first start of expectation-maximisation begins with, before any iteration.</summary>
    /// <param name="spec">What is to be fitted.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <exception cref="FitException">There is no start.</exception>
    public static MixtureModel Initialise(this MixtureSpec spec, Dataset data, Em? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        var emOptions = (options ?? Em.Default).ToCore();
        return Interop.Run(
            () => new MixtureModel(Core.Em.initialise(emOptions, spec.ToCore(data.Dimension), data), null),
            CancellationToken.None
        );
    }
}
