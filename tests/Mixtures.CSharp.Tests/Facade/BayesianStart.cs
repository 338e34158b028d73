using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>The C# snippet of docs/bayesian.md, between the marks.</summary>
internal static class BayesianStart
{
    public static void Run()
    {
        // start
        var model = BayesianProgram.Create(p =>
        {
            var weights = p.Latent("weights", Prior.Dirichlet(0.5, 0.5));
            var scale = p.Latent("scale", Prior.LogNormal(0, 2));
            var locs = p.Latent("locs", Prior.Normal(0, 10).Repeat(2));
            p.ObserveMixture("x", weights, Distributions.Normal(locs, scale), new[] { 0.0, 1, 10, 11, 12 });
        });
        var map = model.Map();
        Console.WriteLine($"loss {map.Loss:F6}, scale {map["scale"].ToScalar():F6}, {map.Outcome}");
        Console.WriteLine($"boundary {map.Boundaries(0, 12).Single():F6}");
        Console.WriteLine($"components {string.Join(" ", map.MostProbableAssignments())}");
        var laplace = model.Laplace(exchangeable: 2);
        Console.WriteLine($"log evidence {laplace.LogEvidence:F3}, reliable: {laplace.IsReliable}");
        // end
    }
}
