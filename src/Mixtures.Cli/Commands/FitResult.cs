using System.Globalization;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>What fit has to tell.</summary>
internal sealed class FitResult(Dataset data, Selection search, MixtureSelection selection, bool cancelled)
{
    private string? standardErrorsFailed;

    public Dataset Data => data;

    public MixtureSelection Selection => selection;

    public MixtureFit Fit => selection.Best;

    /// <summary>The schema that was found in the data; null where none was asked for.</summary>
    public Schema? FoundSchema { get; init; }

    /// <summary>Whether several models were to be tried.</summary>
    public bool IsSelection => search.Specs.Count > 1;

    public bool IsInterrupted => cancelled || Fit.Termination == Termination.Interrupted;

    /// <summary>
    /// How the components that the model says by itself agree with the label column, if there is one.
    /// </summary>
    public LabelAgreement? Agreement { get; } = LabelAgreement.Of(selection.Best.Model, data);

    /// <summary>The label of each component, null for one without; null where rows did not keep to their labels.</summary>
    public IReadOnlyList<string?>? ComponentLabels { get; } =
        data.Labels is { AreComponents: true } kept
            ?
            [
                .. kept.ComponentNames.Select(name => name.Length > 0 ? name : null),
                .. Enumerable.Repeat<string?>(null, selection.Best.Model.Components - kept.ComponentNames.Count),
            ]
            : null;

    /// <summary>Whether standard errors were asked for.</summary>
    public bool HasStandardErrors { get; private set; }

    /// <summary>The standard errors of the best fit's parameters; null where there are none.</summary>
    public IReadOnlyList<ParameterEstimate>? StandardErrors { get; private set; }

    /// <summary>Finds the standard errors, or why there are none, which is then among the warnings.</summary>
    public void FindStandardErrors()
    {
        HasStandardErrors = true;

        try
        {
            StandardErrors = Fit.StandardErrors(data);
        }
        catch (InvalidOperationException exception)
        {
            standardErrorsFailed = $"There are no standard errors. {exception.Message}";
        }
    }

    /// <summary>Laplace's approximation; null where it was not asked for.</summary>
    public LaplaceReport? Laplace { get; private set; }

    /// <summary>Finds Laplace's approximation of the posterior of the best fit's specification.</summary>
    public void FindLaplace(int seed, CancellationToken cancellation) =>
        Laplace = LaplaceReport.Of(
            selection.Candidates.First(candidate => ReferenceEquals(candidate.Fit, Fit)).Spec,
            data,
            seed,
            cancellation
        );

    /// <summary>What a person should know.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            if (selection.Candidates.Count < search.Specs.Count)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Interrupted after {selection.Candidates.Count} of {search.Specs.Count} models: this is the best of those."
                );
            }

            foreach (var warning in Fit.Warnings)
            {
                yield return warning;
            }

            foreach (var warning in Laplace?.Warnings ?? [])
            {
                yield return warning;
            }

            if (standardErrorsFailed is not null)
            {
                yield return standardErrorsFailed;
            }

            foreach (var candidate in selection.Candidates.Where(candidate => candidate.Error is not null))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{candidate.Components} components, {Names.Of(candidate.Spec)}: {candidate.Error!.Message}"
                );
            }
        }
    }
}
