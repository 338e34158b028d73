using System.Text.Json;

namespace MixturesTests.Cli;

/// <summary>mixtures fit --method gradient: every option, what it prints, and what it refuses.</summary>
public class GradientCommandTests
{
    private static readonly string[] Common =
    [
        "fit",
        Samples.Faithful,
        "-k",
        "2",
        "--method",
        "gradient",
        "--format",
        "json",
        "--quiet",
    ];

    /// <summary>Catches an optimizer that is not used, and JSON without the gradient's own fields.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("--optimizer newton --restarts 2")]
    [InlineData("--optimizer adam --learning-rate 0.1 --polish lbfgs")]
    [InlineData("--optimizer sgd --learning-rate 0.2 --momentum 0.9 --steps 300 --polish em")]
    [InlineData("--optimizer rmsprop --clip 1 --dead reseed --polish lbfgs")]
    [InlineData("--optimizer adam --batch 60 --batch-drawn --steps 200 --polish lbfgs")]
    public void EveryOptimizerReachesTheSolution(string arguments)
    {
        var json = Cli.Run([.. Common, .. Words(arguments)]).Expect(0).Json();
        Assert.Equal("gradient", json.GetProperty("method").GetString());
        var likelihood = json.GetProperty("log_likelihood").GetDouble();
        Assert.Equal(-1130.26396, likelihood, 1e-4);
        Assert.Equal(-likelihood, json.GetProperty("loss").GetDouble(), 1e-8);
        Assert.Equal(JsonValueKind.Array, json.GetProperty("deaths").ValueKind);
        var history = json.GetProperty("history").GetArrayLength();
        Assert.InRange(json.GetProperty("best_step").GetInt32(), 0, history - 1);
        Assert.Equal(json.GetProperty("iterations").GetInt32() + 1, history);
        Assert.False(json.TryGetProperty("standard_errors", out _));

        string[] fields =
        [
            "family",
            "covariance",
            "components",
            "dimension",
            "rows",
            "total_weight",
            "effective_rows",
            "parameters",
            "aic",
            "bic",
            "icl",
            "termination",
            "seed",
            "weights",
            "means",
            "covariances",
            "restarts",
            "agreement",
            "seconds",
            "warnings",
        ];
        Assert.All(fields, field => Assert.True(json.TryGetProperty(field, out _), field));
    }

    /// <summary>Catches a README command that does not run as printed.</summary>
    [Fact]
    public void TheGradientCommandOfTheReadme()
    {
        var readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        var line = Assert.Single(
            readme.Split('\n'),
            line =>
                line.StartsWith("mixtures fit data/", StringComparison.Ordinal) && line.Contains("--method gradient")
        );
        var words = Words(line)[1..].Select(word => word == "data/faithful.csv" ? Samples.Faithful : word);
        var text = Cli.Run([.. words]).Expect(0).Out;
        Assert.Contains("gradient descent: loss", text);
        Assert.Contains("mean[1][waiting]", text);
    }

    /// <summary>Catches a search that is not made, and a file or page without the fit.</summary>
    [Fact]
    public void SearchesFilesAndPages()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["fit", Samples.Faithful, "--method", "gradient", "-k", "1..3", "--covariance", "all"];
        string[] outputs = ["--out", folder["m.json"], "--plot", folder["m.html"], "--restarts", "3"];
        var json = Cli.Run([.. arguments, .. outputs, "--format", "json"]).Expect(0).Json();
        Assert.Equal(12, json.GetProperty("table").GetArrayLength());
        Assert.Equal("tied", json.GetProperty("covariance").GetString());
        Assert.Equal(3, json.GetProperty("restarts").GetArrayLength());
        Assert.Contains("Loss and gradient by step", File.ReadAllText(folder["m.html"]));
        Assert.Contains("by gradient to 272 rows", Cli.Run("info", folder["m.json"]).Expect(0).Out);
        var warm = Cli.Run([.. Common[..2], .. Common[4..], "--start", folder["m.json"]]).Expect(0).Json();
        Assert.Equal(
            json.GetProperty("log_likelihood").GetDouble(),
            warm.GetProperty("log_likelihood").GetDouble(),
            1e-6
        );
        var text = Cli.Run("fit", Samples.Faithful, "-k", "2", "--method", "gradient").Expect(0).Out;
        Assert.Contains("gradient descent: loss 1130.2639", text);
    }

    /// <summary>Catches a prior that one method leaves out.</summary>
    [Fact]
    public void PriorsOfWeights()
    {
        string[] common = ["fit", Samples.Faithful, "-k", "2", "--weights-prior", "200", "--format", "json"];
        var em = Cli.Run(common).Expect(0).Json();
        var gradient = Cli.Run([.. common, "--method", "gradient"]).Expect(0).Json();
        var weight = em.GetProperty("weights")[0].GetDouble();
        Assert.InRange(weight, 0.5, 0.6);
        Assert.Equal(weight, gradient.GetProperty("weights")[0].GetDouble(), 1e-4);
        Assert.True(gradient.GetProperty("loss").GetDouble() < -gradient.GetProperty("log_likelihood").GetDouble());
    }

    /// <summary>Catches standard errors that are missing, or not those of a single component.</summary>
    [Fact]
    public void StandardErrors()
    {
        string[] one = ["fit", Samples.Faithful, "-k", "1", "--standard-errors"];
        var json = Cli.Run([.. one, "--format", "json"]).Expect(0).Json();
        var errors = json.GetProperty("standard_errors").EnumerateArray().ToArray();
        var mean = Assert.Single(errors, item => item.GetProperty("name").GetString() == "mean[1][waiting]");
        Assert.Equal(json.GetProperty("means")[0][1].GetDouble(), mean.GetProperty("value").GetDouble(), 1e-9);
        var variance = json.GetProperty("covariances")[0][1][1].GetDouble();
        Assert.Equal(Math.Sqrt(variance / 272), mean.GetProperty("error").GetDouble(), 1e-6);
        var text = Cli.Run(one).Expect(0).Out;
        Assert.Contains("standard error", text);
        Assert.Contains("mean[1][waiting]", text);

        // far from a maximum there are none, which is told
        string[] rough = ["--method", "gradient", "--optimizer", "sgd", "--steps", "0", "--init", "random-rows"];
        string[] shape = ["-k", "4", "--seed", "2", "--standard-errors", "--format", "json"];
        var none = Cli.Run(["fit", Samples.Faithful, .. shape, .. rough]).Expect(0);
        Assert.Equal(JsonValueKind.Null, none.Json().GetProperty("standard_errors").ValueKind);
        Assert.Contains("There are no standard errors", none.Error);
    }

    /// <summary>Catches options of another method or optimizer that are ignored.</summary>
    [Theory]
    [InlineData("--learning-rate 0.1", "'--learning-rate' goes with '--method gradient'")]
    [InlineData("--optimizer adam", "'--optimizer' goes with '--method gradient'")]
    [InlineData("--steps 5 --batch 5", "'--steps' goes with", "'--batch' goes with '--method gradient'")]
    [InlineData("--polish em", "'--polish' goes with '--method gradient'")]
    [InlineData("--method gradient --learning-rate 0.1", "'--optimizer adam', 'sgd' or 'rmsprop'")]
    [InlineData("--method gradient --optimizer newton --batch 5", "'--optimizer adam', 'sgd' or 'rmsprop'")]
    [InlineData("--method gradient --optimizer lbfgs --polish lbfgs", "'--polish lbfgs' goes with")]
    [InlineData("--method gradient --clip 1 --dead reseed", "'--clip' goes with", "'--dead' goes with")]
    [InlineData("--method gradient --optimizer adam --momentum 0.5", "'--optimizer sgd' or 'rmsprop'")]
    [InlineData("--method gradient --optimizer adam --batch-drawn", "goes with '--batch'")]
    [InlineData("--method gradient --collapse prune", "'--collapse' goes with '--method em'")]
    [InlineData("--method gradient --max-iterations 5", "'--max-iterations' goes with '--method em'")]
    [InlineData("--method gradient --no-acceleration --attempts 3", "'--no-acceleration' goes", "'--attempts' goes")]
    [InlineData("--method gradient --absolute-floor 1", "'--absolute-floor' goes with '--method em'")]
    [InlineData("--method gradient -k 2 --restarts 1 --trace t.csv", "'--trace' goes with '--method em'")]
    [InlineData("--method gradient --optimizer adam --learning-rate 0", "positive")]
    [InlineData("--method gradient --optimizer adam --learning-rate -1", "positive")]
    [InlineData("--method gradient --optimizer sgd --momentum 1", "less than 1")]
    [InlineData("--method gradient --optimizer adam --batch 0", "1 or more")]
    [InlineData("--method gradient --steps -1", "0 or more")]
    [InlineData("--method gradient --optimizer quickest", "lbfgs, adam, sgd, rmsprop, newton")]
    [InlineData("--weights-prior 0", "positive")]
    public void WrongUsage(string arguments, params string[] said)
    {
        var outcome = Cli.Run(["fit", "x.csv", .. Words(arguments)]).Expect(2);
        Assert.Equal("", outcome.Out);
        Assert.All(said, words => Assert.Contains(words, outcome.Error));
    }

    /// <summary>Catches a batch of more rows than there are that is taken, or called wrong usage.</summary>
    [Fact]
    public void BatchesOfMoreRowsThanThereAre()
    {
        var outcome = Cli.Run([.. Common, "--optimizer", "adam", "--batch", "500"]).Expect(1);
        Assert.Equal("Expected batches of 1 to 272 rows, as many as the data have, received 500.\n", outcome.Error);
        Assert.Equal("", outcome.Out);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
