using System.Diagnostics.CodeAnalysis;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>Searches by coordinate ascent.</content>
public sealed partial record Selection
{
    /// <summary>
    /// Fits every specification by coordinate ascent and chooses the best by the criterion at the plug-in models. Fits with a spurious component win only if no other
    /// succeeded. A cancelled search chooses among what was reached.
    /// </summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <exception cref="FitException">No specification can be fitted; the first one's error.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public MixtureSelection Fit(
        Dataset data,
        Cavi options,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        var caviOptions = options.ToCore();
        // a search keeps what every learner gives; the posteriors are kept here
        var posteriors = new Dictionary<Core.MixtureFit, Core.CaviFit>(ReferenceEqualityComparer.Instance);

        Core.MixtureFit Learn(Core.FitMonitor monitor, Core.MixtureSpec spec, Dataset rows)
        {
            var fit = Core.Cavi.fitWith(monitor, caviOptions, spec, rows);
            posteriors.Add(fit.Fit, fit);
            return fit.Fit;
        }

        return Run(
            data,
            Learn,
            candidate => new MixtureFit(posteriors[candidate.Result.ResultValue], candidate.Spec),
            progress,
            cancellationToken
        );
    }

    /// <summary>Fits every specification by coordinate ascent and chooses the best by the criterion at the plug-in models, with what went wrong as a value.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="selection">The search's result, if there is one.</param>
    /// <param name="error">Why there is none.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <returns>Whether there is a result.</returns>
    public bool TryFit(
        Dataset data,
        Cavi options,
        [NotNullWhen(true)] out MixtureSelection? selection,
        [NotNullWhen(false)] out FitError? error,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Interop.Try(() => Fit(data, options, progress, cancellationToken), out selection, out error);

    /// <summary>Fits every specification by gradient descent on the thread pool and chooses the best.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of coordinate ascent, such as <see cref="Cavi.Default"/>.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <exception cref="FitException">No specification can be fitted; the first one's error.</exception>
    public Task<MixtureSelection> FitAsync(
        Dataset data,
        Cavi options,
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
