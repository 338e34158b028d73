using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>The C# snippet of docs/missing-values.md, between the marks.</summary>
internal static class MissingStart
{
    public static void Run()
    {
        // start
        var options = CsvOptions.Default.WithLabelColumn("Species").WithMissing(MissingCells.Keep);
        var data = Dataset.FromCsv("data/iris-gaps.csv", options);
        var fit = Mixture.Gaussian(3).Fit(data);
        Console.WriteLine($"log-likelihood {fit.LogLikelihood:F4}, BIC {fit.Bic:F2}");

        var kept = data.KeepLabels();
        var named = Mixture.Gaussian(3).Fit(kept);
        Console.WriteLine($"{kept.Labels!.ComponentNames[0]}: weight {named.Model.Weights[0]:F3}");

        var filled = named.Model.Impute(data);
        var drawn = named.Model.ImputeDraw(data, seed: 1);
        Console.WriteLine($"row 2: {filled.Row(1)[0]:F2}, or {drawn.Row(1)[0]:F2}");
        // end
    }
}
