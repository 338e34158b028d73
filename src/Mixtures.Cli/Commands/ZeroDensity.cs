using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>Rows that a model holds impossible.</summary>
internal static class ZeroDensity
{
    /// <summary>Warns of rows with no density under any component: how many, the first, and what becomes of them.</summary>
    public static void Warn(double[] logDensities, string consequence)
    {
        var count = logDensities.Count(double.IsNegativeInfinity);

        if (count == 0)
        {
            return;
        }

        var first = Array.FindIndex(logDensities, double.IsNegativeInfinity) + 1;
        Terminal.Say(
            count == 1
                ? $"Warning: row {first} has no density under any component: {consequence}."
                : $"Warning: {count} rows have no density under any component, the first is row {first}: {consequence}."
        );
    }
}
