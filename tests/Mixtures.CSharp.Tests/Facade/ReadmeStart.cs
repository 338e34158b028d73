using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>README's C# snippets, between the marks, in their order.</summary>
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

    public static void RunGradient()
    {
        // start
        var waiting = Dataset.FromCsv("data/faithful.csv").Select(["waiting"]);
        var fit = Mixture
            .Gaussian(components: 2)
            .WithCovariance(CovarianceStructure.Diagonal)
            .WithWeightsPrior(2.0)
            .Fit(waiting, Gradient.Adam(0.1).WithSteps(500).WithPolish(Polish.Lbfgs));
        Console.WriteLine($"loss {fit.Loss:F4}, best step {fit.BestStep}, {fit.Termination}");
        foreach (var parameter in fit.StandardErrors(waiting))
        {
            Console.WriteLine($"{parameter.Name} {parameter.Value:F4} ± {parameter.StandardError:F4}");
        }

        var laplace = Mixture.OfLogDensity(
            "laplace",
            components: 2,
            parameters: [("location", 1), ("log-scale", 1)],
            start: (point, deviations) => [point[0], Math.Log(deviations[0])],
            logDensity: (p, rows) =>
                -((rows.Select(1, 0) - p.Select(0, 0)).Abs() * (-p.Select(0, 1)).Exp()) - p.Select(0, 1) - Math.Log(2)
        );
        Console.WriteLine($"laplace: log-likelihood {laplace.Fit(waiting, Gradient.Default).LogLikelihood:F4}");
        Tensor slope = Differentiate.Gradient(x => (x.Square() * 3.0).Sum(), Tensors.Of([1.0, 2.0]));
        Console.WriteLine($"gradient {slope}");
        // end
    }

    public static void RunBayesian()
    {
        // start
        var data = Dataset.FromCsv("data/faithful.csv");
        var spec = Mixture
            .Gaussian(components: 2)
            .WithCovariance(CovarianceStructure.Diagonal)
            .WithPrior("means", Prior.Normal(35, 50))
            .WithPrior("scales", Prior.HalfCauchy(10));
        var fit = spec.Fit(data, Gradient.Default);
        var laplace = spec.Bayesian(data, withDefaults: true).Laplace();
        Console.WriteLine(
            $"MAP loss {fit.Loss:F4}; log evidence {laplace.LogEvidence:F3}, reliable: {laplace.IsReliable}"
        );
        var cavi = Mixture.Gaussian(components: 12).WithDirichletProcess(1).Fit(data, Cavi.Default);
        Console.WriteLine($"bound {cavi.Bound:F4}, {cavi.Counts.Count(rows => rows > 2.7)} of 12 components in use");
        cavi.Save("posterior.json");
        // end
    }
}
