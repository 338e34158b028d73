using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>A model's parameters for people.</summary>
internal static class ModelText
{
    private const int MostColumns = 8;

    /// <summary>What the model is.</summary>
    public static string Title(MixtureModel model)
    {
        var name = model.Family.Replace("-with-noise", "");
        var noise = model.HasNoise ? " with noise" : "";
        var structure = model.Covariance is { } shared
            ? $"{Names.Of(shared)} {(name == "gaussian" ? "covariance" : "scale")}, "
            : "";
        return $"{char.ToUpperInvariant(name[0])}{name[1..]} mixture{noise}, {structure}{Terminal.Count(model.Components, "component")}";
    }

    /// <summary>One line of what the model is.</summary>
    public static void Head(MixtureModel model, TextWriter output) => output.WriteLine(Title(model));

    /// <summary>A line a component: label, weight, rows where they are known, and each column's parameters.</summary>
    public static void Components(
        MixtureModel model,
        IReadOnlyList<double>? effectiveRows,
        IReadOnlyList<string?>? labels,
        TextWriter output
    )
    {
        var columns = model.ColumnNames.Take(MostColumns).ToArray();
        // of Gaussians just what is shown: full covariances of many columns have millions of entries
        var parameters = (model.ToSpec() is GaussianSpec ? Spreads(model, columns) : model.Parameters).ToLookup(
            parameter => parameter.Component
        );
        var whole = parameters[0].Where(p => p.Columns.Count == 0).Select(p => p.Name).Distinct().ToArray();
        string[] label = labels is null ? [] : ["label"];
        string[] rows = effectiveRows is null ? [] : ["effective rows"];
        var table = new TextTable(["component", .. label, "weight", .. rows, .. whole.Select(Words), .. columns]);
        var captions = new string[columns.Length];

        for (var k = 0; k < model.Components; k++)
        {
            var cells = new List<string> { Terminal.Fixed(k + 1, 0) };

            if (labels is not null)
            {
                cells.Add(labels[k] ?? "");
            }

            cells.Add(Terminal.Fixed(model.Weights[k], 4));

            if (effectiveRows is not null)
            {
                cells.Add(Terminal.Fixed(effectiveRows[k], 1));
            }

            foreach (var name in whole)
            {
                var own = parameters[k].Where(p => p.Columns.Count == 0 && p.Name == name);
                cells.Add(string.Join(" / ", own.Select(p => Terminal.Short(p.Value))));
            }

            var byColumn = parameters[k].Where(OfOneColumn).ToLookup(p => p.Columns[0]);

            for (var c = 0; c < columns.Length; c++)
            {
                var (cell, caption) = Cell([.. byColumn[columns[c]]]);
                cells.Add(cell);
                caption = model.Levels(c) is { Count: > 0 } levels ? Probabilities(levels) : caption;
                captions[c] = model.HasNoise && k == model.Components - 1 ? captions[c] : caption;
            }

            table.Add([.. cells]);
        }

        table.Write(output);
        Captions(columns, captions, output);

        if (model.HasNoise)
        {
            output.WriteLine("  (the last component is noise over the box shown)");
        }

        if (columns.Length < model.Dimension)
        {
            output.WriteLine(
                $"  … and {Terminal.Count(model.Dimension - columns.Length, "more column")}: --format json has all."
            );
        }
    }

    private static IEnumerable<ModelParameter> Spreads(MixtureModel model, string[] columns)
    {
        var means = model.Means;
        var covariances = model.Covariances;
        var spreads =
            from k in Enumerable.Range(0, means.Count)
            from c in Enumerable.Range(0, columns.Length)
            from parameter in new[]
            {
                new ModelParameter(k, [columns[c]], "mean", means[k][c], ""),
                new ModelParameter(k, [columns[c]], "sd", Math.Sqrt(covariances[k][c, c]), ""),
            }
            select parameter;
        return model.NoiseBox is { } box
            ? spreads.Concat(
                columns.SelectMany(
                    (column, c) =>
                        new[]
                        {
                            new ModelParameter(means.Count, [column], "lower", box.Lower[c], ""),
                            new ModelParameter(means.Count, [column], "upper", box.Upper[c], ""),
                        }
                )
            )
            : spreads;
    }

    // entries beside the diagonal of a matrix belong to two
    private static bool OfOneColumn(ModelParameter parameter) =>
        parameter.Columns.Count > 0 && parameter.Columns.All(column => column == parameter.Columns[0]);

    private static (string Cell, string Caption) Cell(ModelParameter[] own)
    {
        if (own is [{ Name: "mean" or "location" } centre, { Name: "sd" or "scale" or "covariance" } spread])
        {
            var sd = spread.Columns.Count == 2 ? Math.Sqrt(spread.Value) : spread.Value;
            var caption = centre.Name == "mean" ? "mean ± standard deviation" : "location ± scale";
            return ($"{Terminal.Short(centre.Value)} ± {Terminal.Short(sd, 4)}", caption);
        }

        if (own is [{ Name: "lower" } lower, { Name: "upper" } upper])
        {
            return ($"{Terminal.Short(lower.Value)} to {Terminal.Short(upper.Value)}", "");
        }

        // of levels there are many, and one name for all
        var levels = own.All(p => p.Name.StartsWith("probability[", StringComparison.Ordinal));
        return (
            string.Join(" / ", own.Select(p => Terminal.Short(p.Value, own.Length > 2 ? 3 : 5))),
            levels ? "probabilities of the levels" : string.Join(" / ", own.Select(p => Words(p.Name)))
        );
    }

    private static string Probabilities(IReadOnlyList<string> levels)
    {
        var more = levels.Count > MostColumns ? " / …" : "";
        return $"probabilities of {string.Join(" / ", levels.Take(MostColumns))}{more}";
    }

    private static void Captions(string[] columns, string[] captions, TextWriter output)
    {
        if (captions.Distinct().Count() == 1)
        {
            output.WriteLine($"  ({captions[0]} of each column)");
            return;
        }

        foreach (var group in columns.Zip(captions).GroupBy(pair => pair.Second, pair => pair.First))
        {
            output.WriteLine($"  ({group.Key} of {string.Join(", ", group)})");
        }
    }

    private static string Words(string name) => name.Replace('_', ' ');
}
