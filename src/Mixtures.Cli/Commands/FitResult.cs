using System.Globalization;
using Mixtures.CSharp;

namespace MixturesCli.Commands;

/// <summary>What fit has to tell.</summary>
internal sealed class FitResult(Dataset data, Selection search, MixtureSelection selection, bool cancelled)
{
    public Dataset Data => data;

    public MixtureSelection Selection => selection;

    public MixtureFit Fit => selection.Best;

    /// <summary>Whether several models were to be tried.</summary>
    public bool IsSelection => search.Specs.Count > 1;

    public bool IsInterrupted => cancelled || Fit.Termination == Termination.Interrupted;

    /// <summary>How the components agree with the label column, if there is one.</summary>
    public LabelAgreement? Agreement { get; } =
        data.Labels is { } labels ? new LabelAgreement(selection.Best.Model.Predict(data), labels) : null;

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

            foreach (var candidate in selection.Candidates.Where(candidate => candidate.Error is not null))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{candidate.Components} components, {candidate.Covariance.ToString().ToLowerInvariant()}: {candidate.Error!.Message}"
                );
            }
        }
    }
}
