using System.Diagnostics.CodeAnalysis;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>Gradient descent.</content>
public static partial class Fitting
{
    /// <summary>Fits a specification to data by gradient descent. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/> or <see cref="Gradient.Adam"/>.</param>
    /// <param name="progress">Told after each step, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    /// <exception cref="ArgumentException">The options do not suit the data, such as a batch of more rows than there are.</exception>
    public static GradientFit Fit(
        this MixtureSpec spec,
        Dataset data,
        Gradient options,
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
            () => new MixtureFit(Core.Gradient.fitWith(monitor, options.ToCore(), core, data), core).Gradient!,
            cancellationToken
        );
    }

    /// <summary>Fits a specification to rows by gradient descent. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="rows">N x D, one row per observation.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/> or <see cref="Gradient.Adam"/>.</param>
    /// <param name="progress">Told after each step, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="DataException">The rows cannot be used.</exception>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    /// <exception cref="ArgumentException">The options do not suit the data, such as a batch of more rows than there are.</exception>
    public static GradientFit Fit(
        this MixtureSpec spec,
        double[,] rows,
        Gradient options,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(rows);
        return spec.Fit(Dataset.FromRows(rows), options, progress, cancellationToken);
    }

    /// <summary>Fits a specification to data by gradient descent, with what went wrong as a value.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="fit">The fit, if there is one.</param>
    /// <param name="error">Why there is no fit.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/> or <see cref="Gradient.Adam"/>.</param>
    /// <param name="progress">Told after each step, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <returns>Whether there is a fit.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static bool TryFit(
        this MixtureSpec spec,
        Dataset data,
        Gradient options,
        [NotNullWhen(true)] out GradientFit? fit,
        [NotNullWhen(false)] out FitError? error,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Interop.Try(() => spec.Fit(data, options, progress, cancellationToken), out fit, out error);

    /// <summary>Fits a specification to data by gradient descent, on the thread pool. A cancelled fit returns what was reached.</summary>
    /// <param name="spec">What to fit.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/> or <see cref="Gradient.Adam"/>.</param>
    /// <param name="progress">Told after each step, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">
    /// Stops the fit, which then returns what was reached with <see cref="Termination.Interrupted"/>.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public static Task<GradientFit> FitAsync(
        this MixtureSpec spec,
        Dataset data,
        Gradient options,
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
