using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>How predicted components agree with a known grouping. Rows with a negative label are left out.</summary>
public static class Agreement
{
    /// <summary>
    /// The adjusted Rand index of two groupings: 1 if they are the same up to names, 0 on average for independent ones
    /// (Hubert &amp; Arabie 1985, eq. 5).
    /// </summary>
    /// <param name="first">N labels from 0; negative where there is none.</param>
    /// <param name="second">N labels from 0; negative where there is none.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double AdjustedRandIndex(int[] first, int[] second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Core.Agreement.adjustedRandIndex(first, second);
    }

    /// <summary>The adjusted Rand index of a grouping and labels; rows with a blank label are left out.</summary>
    /// <param name="first">N labels from 0; negative where there is none.</param>
    /// <param name="second">N labels.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double AdjustedRandIndex(int[] first, Labels second)
    {
        ArgumentNullException.ThrowIfNull(second);
        return AdjustedRandIndex(first, second.Codes.ToArray());
    }

    /// <summary>How many rows have label i in the first and j in the second grouping.</summary>
    /// <param name="first">N labels from 0; negative where there is none.</param>
    /// <param name="second">N labels from 0; negative where there is none.</param>
    /// <returns>One row a label of the first grouping, one column a label of the second.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int[,] CrossTable(int[] first, int[] second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Core.Agreement.crossTable(first, second);
    }

    /// <summary>How many rows have label i in the grouping and the name j among the labels.</summary>
    /// <param name="first">N labels from 0; negative where there is none.</param>
    /// <param name="second">N labels.</param>
    /// <returns>One row a label of the grouping, one column a name, in the order of the labels' names.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int[,] CrossTable(int[] first, Labels second)
    {
        ArgumentNullException.ThrowIfNull(second);
        return CrossTable(first, second.Codes.ToArray());
    }
}
