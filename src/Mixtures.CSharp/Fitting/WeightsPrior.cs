namespace Mixtures.CSharp;

/// <summary>A Dirichlet prior of the weights: one concentration for all, or one for each; none where it is flat.</summary>
internal static class WeightsPrior
{
    public static double[] Checked(IEnumerable<double> concentrations, string name)
    {
        double[] all = [.. concentrations];

        foreach (var c in all)
        {
            if (!(double.IsFinite(c) && c > 0))
            {
                throw new ArgumentOutOfRangeException(name, c, "expected positive, finite concentrations");
            }
        }

        return all.Length > 0
            ? all
            : throw new ArgumentException("expected at least one concentration, received none", name);
    }
}
