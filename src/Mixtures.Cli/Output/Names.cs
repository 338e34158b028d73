using Mixtures.CSharp;

namespace MixturesCli.Output;

/// <summary>Names of choices, as on the command line and in files.</summary>
internal static class Names
{
    public static string Of(CovarianceStructure structure) => structure.ToString().ToLowerInvariant();

    /// <summary>The structure of covariances, or the family where it has none.</summary>
    public static string Of(CovarianceStructure? structure, string family) =>
        structure is { } known ? Of(known) : family;

    public static string Of(Criterion criterion) => criterion.ToString().ToLowerInvariant();

    public static string Of(Termination termination) =>
        termination switch
        {
            Termination.Converged => "converged",
            Termination.IterationLimit => "iteration_limit",
            _ => "interrupted",
        };
}
