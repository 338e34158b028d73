using System.Diagnostics.CodeAnalysis;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>Coordinate ascent.</content>
public static partial class Fitting
{
    /// <summary>Fits a specification to data by coordinate ascent: its mean-field posterior. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration, with the bound in place of the log-likelihood, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static CaviFit Fit(
        this MixtureSpec spec,
        Dataset data,
        Cavi options,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        var monitor = Interop.Monitor(progress is null ? null : progress.Report, cancellationToken);
        var core = spec.ToCore(data.Dimension);
        return Interop.Run(
            () => new MixtureFit(Core.Cavi.fitWith(monitor, options.ToCore(), core, data), core).Cavi!,
            cancellationToken
        );
    }

    /// <summary>Fits a specification to rows by coordinate ascent: its mean-field posterior. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="rows">N x D, one row per observation.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration, with the bound in place of the log-likelihood, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="DataException">The rows cannot be used.</exception>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static CaviFit Fit(
        this MixtureSpec spec,
        double[,] rows,
        Cavi options,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(rows);
        return spec.Fit(Dataset.FromRows(rows), options, progress, cancellationToken);
    }

    /// <summary>Fits a specification to data by coordinate ascent: its mean-field posterior, with what went wrong as a value.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="fit">The fit, if there is one.</param>
    /// <param name="error">Why there is no fit.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration, with the bound in place of the log-likelihood, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <returns>Whether there is a fit.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static bool TryFit(
        this MixtureSpec spec,
        Dataset data,
        Cavi options,
        [NotNullWhen(true)] out CaviFit? fit,
        [NotNullWhen(false)] out FitError? error,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Interop.Try(() => spec.Fit(data, options, progress, cancellationToken), out fit, out error);

    /// <summary>Fits a specification to data by coordinate ascent: its mean-field posterior, on the thread pool. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration, with the bound in place of the log-likelihood, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static Task<CaviFit> FitAsync(
        this MixtureSpec spec,
        Dataset data,
        Cavi options,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        // the token is not given to the task itself: a cancelled fit has a result
        return Task.Run(() => spec.Fit(data, options, progress, cancellationToken), CancellationToken.None);
    }
}
