using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>The C# snippet of docs/sampling.md, between the marks.</summary>
internal static class SamplingStart
{
    public static void Run()
    {
        // start
        var data = Dataset.FromCsv("data/faithful.csv");
        var model = Mixture.Gaussian(components: 2).Bayesian(data, withDefaults: true);
        var sample = model.Sample(Nuts.Default.WithDraws(500, warmup: 500));
        foreach (var s in sample.Summary().Take(3))
        {
            Console.WriteLine($"{s.Name, -10} {s.Mean, 7:F3} ± {s.StandardDeviation:F3}");
        }

        Console.WriteLine($"leave-one-out: elpd {sample.LeaveOneOut().Elpd:F0}");
        sample.ToModel().Save("model.json");
        PosteriorPlot.SaveReport("sample.html", sample, data);
        sample.Save("sample.json");
        Console.WriteLine($"{model.LoadSample("sample.json").Resume(draws: 700).Draws} draws of each chain");
        var svi = model.Approximate(Svi.Default.WithGuide(GuideKind.FullRank).WithSeed(1));
        Console.WriteLine($"bound {svi.Bound:F0}");
        svi.Save("guide.json");
        // end
    }
}
