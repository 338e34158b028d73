using System.Diagnostics.CodeAnalysis;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>Searches by gradient descent.</content>
public sealed partial record Selection
{
    /// <summary>
    /// Fits every specification by gradient descent and chooses the best. Fits with a spurious component win only if no other
    /// succeeded. A cancelled search chooses among what was reached.
    /// </summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/>.</param>
    /// <param name="progress">Told after each step, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <exception cref="FitException">No specification can be fitted; the first one's error.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public MixtureSelection Fit(
        Dataset data,
        Gradient options,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        var gradientOptions = options.ToCore();
        // a search keeps what every learner gives; how the descents went is kept here
        var descents = new Dictionary<Core.MixtureFit, Core.GradientFit>(ReferenceEqualityComparer.Instance);

        Core.MixtureFit Learn(Core.FitMonitor monitor, Core.MixtureSpec spec, Dataset rows)
        {
            var fit = Core.Gradient.fitWith(monitor, gradientOptions, spec, rows);
            descents.Add(fit.Fit, fit);
            return fit.Fit;
        }

        return Run(
            data,
            Learn,
            candidate => new MixtureFit(descents[candidate.Result.ResultValue], candidate.Spec),
            progress,
            cancellationToken
        );
    }

    /// <summary>Fits every specification by gradient descent and chooses the best, with what went wrong as a value.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="selection">The search's result, if there is one.</param>
    /// <param name="error">Why there is none.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/>.</param>
    /// <param name="progress">Told after each step, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <returns>Whether there is a result.</returns>
    public bool TryFit(
        Dataset data,
        Gradient options,
        [NotNullWhen(true)] out MixtureSelection? selection,
        [NotNullWhen(false)] out FitError? error,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Interop.Try(() => Fit(data, options, progress, cancellationToken), out selection, out error);

    /// <summary>Fits every specification by gradient descent on the thread pool and chooses the best.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of gradient descent, such as <see cref="Gradient.Default"/>.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <exception cref="FitException">No specification can be fitted; the first one's error.</exception>
    public Task<MixtureSelection> FitAsync(
        Dataset data,
        Gradient options,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        // the token is not given to the task itself: a cancelled search has a result
        return Task.Run(() => Fit(data, options, progress, cancellationToken), CancellationToken.None);
    }
}
