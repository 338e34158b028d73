using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A search for the number of components, and the covariance structure or the family. Immutable: each With… returns a new search.
/// </summary>
/// <example>
/// <code>
/// var selection = Selection.Gaussians(1, 6).WithCriterion(Criterion.Icl).Fit(data);
/// var best = selection.Best.Model;
/// </code>
/// </example>
public sealed partial record Selection
{
    private Selection(IReadOnlyList<MixtureSpec> specs) => Specs = specs;

    /// <summary>What is tried, in this order.</summary>
    public IReadOnlyList<MixtureSpec> Specs { get; }

    /// <summary>What the winner is chosen by; BIC by default.</summary>
    public Criterion Criterion { get; private init; } = Criterion.Bic;

    /// <summary>A search over given specifications.</summary>
    /// <param name="specs">What to try, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Selection Of(params IEnumerable<MixtureSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(specs);
        MixtureSpec[] all = [.. specs];

        if (all.Length == 0)
        {
            throw new ArgumentException("expected at least one specification, received none", nameof(specs));
        }

        return new Selection(all.AsReadOnly());
    }

    /// <summary>A search over Gaussian mixtures.</summary>
    /// <param name="fewest">The fewest components, at least 1.</param>
    /// <param name="most">The most components.</param>
    /// <param name="structures">The covariance structures to try; none for full only.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or starts below 1.</exception>
    public static Selection Gaussians(int fewest, int most, params IReadOnlyList<CovarianceStructure> structures)
    {
        ArgumentNullException.ThrowIfNull(structures);
        ArgumentOutOfRangeException.ThrowIfLessThan(fewest, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, fewest);
        IReadOnlyList<CovarianceStructure> tried = structures.Count == 0 ? [CovarianceStructure.Full] : structures;
        return Of(
            from structure in tried
            from components in Enumerable.Range(fewest, most - fewest + 1)
            select (MixtureSpec)Mixture.Gaussian(components).WithCovariance(structure)
        );
    }

    /// <summary>A search over mixtures of families, each the same for every column.</summary>
    /// <param name="fewest">The fewest components, at least 1.</param>
    /// <param name="most">The most components.</param>
    /// <param name="families">
    /// The families to try, at least one. Their likelihoods compare where they are of the same kind of values: counts, or
    /// measurements.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or starts below 1.</exception>
    /// <exception cref="ArgumentException">There is no family.</exception>
    public static Selection Families(int fewest, int most, params IReadOnlyList<Family> families)
    {
        ArgumentNullException.ThrowIfNull(families);
        ArgumentOutOfRangeException.ThrowIfLessThan(fewest, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, fewest);
        return Of(
            from family in families
            from components in Enumerable.Range(fewest, most - fewest + 1)
            select (MixtureSpec)Mixture.OfFamily(family, components)
        );
    }

    /// <summary>The same search by another criterion.</summary>
    /// <param name="criterion">The smallest value wins.</param>
    public Selection WithCriterion(Criterion criterion)
    {
        _ = criterion.ToCore();
        return this with { Criterion = criterion };
    }

    /// <summary>
    /// Fits every specification by expectation-maximisation and chooses the best. Fits with a spurious component win only if no other
    /// succeeded. A cancelled search chooses among what was reached.
    /// </summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <exception cref="FitException">No specification can be fitted; the first one's error.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to return.</exception>
    public MixtureSelection Fit(
        Dataset data,
        Em? options = null,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        var emOptions = (options ?? Em.Default).ToCore();
        return Run(
            data,
            (monitor, spec, rows) => Core.Em.fitWith(monitor, emOptions, spec, rows),
            candidate => new MixtureFit(candidate.Result.ResultValue, candidate.Spec),
            progress,
            cancellationToken
        );
    }

    /// <summary>Fits every specification by expectation-maximisation and chooses the best, with what went wrong as a value.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="selection">The search's result, if there is one.</param>
    /// <param name="error">Why there is none.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration, on the fitting threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <returns>Whether there is a result.</returns>
    public bool TryFit(
        Dataset data,
        [NotNullWhen(true)] out MixtureSelection? selection,
        [NotNullWhen(false)] out FitError? error,
        Em? options = null,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Interop.Try(() => Fit(data, options, progress, cancellationToken), out selection, out error);

    /// <summary>Fits every specification by expectation-maximisation on the thread pool and chooses the best.</summary>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="options">Options of expectation-maximisation; null for <see cref="Em.Default"/>.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="cancellationToken">Stops the search, which then chooses among what was reached.</param>
    /// <exception cref="FitException">No specification can be fitted; the first one's error.</exception>
    public Task<MixtureSelection> FitAsync(
        Dataset data,
        Em? options = null,
        IProgress<SelectionProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        // the token is not given to the task itself: a cancelled search has a result
        return Task.Run(() => Fit(data, options, progress, cancellationToken), CancellationToken.None);
    }

    private MixtureSelection Run(
        Dataset data,
        Func<Core.FitMonitor, Core.MixtureSpec, Dataset, Core.MixtureFit> learner,
        Func<Core.Candidate, MixtureFit> fitOf,
        IProgress<SelectionProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        Core.FitMonitor Watch(int index)
        {
            void Report(FitProgress step) =>
                progress!.Report(new SelectionProgress(index, Specs.Count, Specs[index], step));

            return Interop.Monitor(progress is null ? null : Report, cancellationToken);
        }

        return Interop.Run(
            () =>
            {
                var result = Core.Selection.fitBy(
                    FuncConvert.FromFunc(learner),
                    FuncConvert.FromFunc<int, Core.FitMonitor>(Watch),
                    Criterion.ToCore(),
                    Interop.List(Specs.Select(spec => spec.ToCore(data.Dimension))),
                    data
                );
                return new MixtureSelection(result, fitOf, Specs, Criterion);
            },
            cancellationToken
        );
    }
}
