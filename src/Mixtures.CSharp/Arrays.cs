namespace Mixtures.CSharp;

/// <summary>Copies of what callers give, so that nothing can change afterwards.</summary>
internal static class Arrays
{
    public static double[][] Copy(IReadOnlyList<double[]> rows, string name) =>
        [.. rows.Select(row => (double[])NotNull(row, name).Clone())];

    public static double[][,] Copy(IReadOnlyList<double[,]> matrices, string name) =>
        [.. matrices.Select(matrix => (double[,])NotNull(matrix, name).Clone())];

    private static T NotNull<T>(T? item, string name)
        where T : class => item ?? throw new ArgumentException("expected no null among the items", name);
}
