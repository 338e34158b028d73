using Mixtures.CSharp;

namespace MixturesCli.Output;

/// <summary>Names of choices, as on the command line and in files.</summary>
internal static class Names
{
    public static string Of(CovarianceStructure structure) => structure.ToString().ToLowerInvariant();

    /// <summary>What tells models apart: the structure of Gaussian ones, otherwise the family, with its structure if any.</summary>
    public static string Of(MixtureSpec spec) =>
        spec.Structure is not { } structure ? spec.Family
        : spec is GaussianSpec ? Of(structure)
        : $"{spec.Family}, {Of(structure)}";

    public static string Of(Criterion criterion) => criterion.ToString().ToLowerInvariant();

    public static string Of(Termination termination) =>
        termination switch
        {
            Termination.Converged => "converged",
            Termination.IterationLimit => "iteration_limit",
            _ => "interrupted",
        };
}
