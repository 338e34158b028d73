using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>A model's parameters for people.</summary>
internal static class ModelText
{
    private const int MostColumns = 8;

    /// <summary>What the model is.</summary>
    public static string Title(MixtureModel model) =>
        $"{Family(model)}, {Covariance(model)}{Terminal.Count(model.Components, "component")}";

    private static string Family(MixtureModel model)
    {
        var name = $"{char.ToUpperInvariant(model.Family[0])}{model.Family[1..]}";
        return model.HasNoise ? $"{name.Replace("-with-noise", "")} mixture with noise" : $"{name} mixture";
    }

    private static string Covariance(MixtureModel model) =>
        model.Covariance is null ? "" : $"{Names.Of(model.Covariance, model.Family)} covariance, ";

    /// <summary>One line of what the model is.</summary>
    public static void Head(MixtureModel model, TextWriter output) => output.WriteLine(Title(model));

    /// <summary>A line a component: weight, rows where they are known, and each column's mean and standard deviation.</summary>
    public static void Components(MixtureModel model, IReadOnlyList<double>? effectiveRows, TextWriter output)
    {
        // the parameters of other families are in the model file alone
        var known = model.Covariance is not null;
        var shown = known ? Math.Min(model.Dimension, MostColumns) : 0;
        string[] head = effectiveRows is null ? ["component", "weight"] : ["component", "weight", "effective rows"];
        var table = new TextTable([.. head, .. model.ColumnNames.Take(shown)]);
        var means = known ? model.Means : [];
        var covariances = known ? model.Covariances : [];

        for (var k = 0; k < model.Components; k++)
        {
            var cells = new List<string> { Terminal.Fixed(k + 1, 0), Terminal.Fixed(model.Weights[k], 4) };

            if (effectiveRows is not null)
            {
                cells.Add(Terminal.Fixed(effectiveRows[k], 1));
            }

            for (var j = 0; j < shown; j++)
            {
                if (model.NoiseBox is { } box && k == model.Components - 1)
                {
                    cells.Add($"{Terminal.Short(box.Lower[j])} to {Terminal.Short(box.Upper[j])}");
                    continue;
                }

                cells.Add($"{Terminal.Short(means[k][j])} ± {Terminal.Short(Math.Sqrt(covariances[k][j, j]), 4)}");
            }

            table.Add([.. cells]);
        }

        table.Write(output);

        if (!known)
        {
            return;
        }

        output.WriteLine(
            model.HasNoise
                ? "  (mean ± standard deviation of each column; the last component is noise over the box shown)"
                : "  (mean ± standard deviation of each column)"
        );

        if (shown < model.Dimension)
        {
            output.WriteLine(
                $"  … and {Terminal.Count(model.Dimension - shown, "more column")}: --format json has all."
            );
        }
    }
}
