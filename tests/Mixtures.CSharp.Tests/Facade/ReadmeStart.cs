using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>README's C# start, between the marks.</summary>
internal static class ReadmeStart
{
    public static void Run()
    {
        // start
        var data = Dataset.FromCsv("data/faithful.csv");
        var fit = Mixture
            .Gaussian(components: 3)
            .WithCovariance(CovarianceStructure.Tied)
            .Fit(data, Em.Default.WithRestarts(10).WithSeed(7));
        Console.WriteLine($"log-likelihood {fit.LogLikelihood:F4}, BIC {fit.Bic:F2}, {fit.Termination}");
        int[] labels = fit.Model.Predict(data);
        double[] shares = fit.Model.Responsibilities([3.1, 70.0]);
        Console.WriteLine($"first row: component {labels[0] + 1}; a new one: {shares[0]:P0} component 1");
        fit.Save("faithful.json");
        // end
    }
}
