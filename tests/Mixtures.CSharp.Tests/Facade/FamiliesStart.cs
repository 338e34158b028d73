using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>The C# snippet of docs/families.md, between the marks.</summary>
internal static class FamiliesStart
{
    public static void Run()
    {
        // start
        var data = Dataset.FromCsv("data/patients.csv", CsvOptions.Default.WithTextAsLevels());
        var fit = Mixture
            .Product(
                3,
                schema =>
                    schema
                        .Add("height", Family.Gaussian)
                        .Add("smoker", Family.Bernoulli)
                        .Add("visits", Family.Poisson)
                        .Add("blood", Family.Categorical)
            )
            .Fit(data);
        Console.WriteLine($"log-likelihood {fit.LogLikelihood:F4}, BIC {fit.Bic:F2}");
        foreach (var parameter in fit.Model.Parameters)
        {
            Console.WriteLine($"{parameter.Label} {parameter.Value:F3}");
        }

        var found = Schema.Infer(data);
        foreach (var choice in found.Choices)
        {
            Console.WriteLine($"{choice.Column}: {choice.Family?.Name ?? "left out"}, {choice.Reason}");
        }

        var same = Mixture.Product(
            3,
            Schema.Parse("height=gaussian,smoker=bernoulli,visits=poisson,blood=categorical")
        );
        var visits = Selection.Families(1, 3, Family.Poisson, Family.NegativeBinomial).Fit(data.Select(["visits"]));
        Console.WriteLine($"visits: {visits.Best.Model.Components} {visits.Best.Model.Family} components");
        var robust = Mixture.StudentT(2).WithDegreesOfFreedom(4).Fit(Dataset.FromCsv("data/faithful.csv"));
        Console.WriteLine($"location {robust.Model.Locations[0][0]:F2}, {same.Components} components");
        // end
    }
}
