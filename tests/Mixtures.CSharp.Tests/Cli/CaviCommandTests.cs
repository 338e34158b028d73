namespace MixturesTests.Cli;

/// <summary>mixtures fit --method cavi: what it prints, saves and refuses.</summary>
public class CaviCommandTests
{
    private static readonly string[] Common =
    [
        "fit",
        Samples.Faithful,
        "--method",
        "cavi",
        "--format",
        "json",
        "--quiet",
    ];

    /// <summary>Catches a bound that is not the fit's, parts that do not add up, and defaults that are not told.</summary>
    [Fact]
    public void TheBoundAndItsPartsAreTold()
    {
        var json = Cli.Run([.. Common, "-k", "2", "--restarts", "3"]).Expect(0).Json();
        var bound = json.GetProperty("bound").GetDouble();
        Assert.Equal(-1169.0591, bound, 1e-3);
        double Part(string name) => json.GetProperty(name).GetDouble();
        Assert.Equal(bound, Part("evidence_term") - Part("weights_divergence") - Part("components_divergence"), 1e-8);
        Assert.Equal("cavi", json.GetProperty("method").GetString());
        Assert.Equal(bound, json.GetProperty("history").EnumerateArray().Last().GetDouble(), 1e-8);
        Assert.Equal(272, json.GetProperty("counts").EnumerateArray().Sum(n => n.GetDouble()), 1e-8);
        Assert.Equal(2, json.GetProperty("weight_sds").GetArrayLength());
        Assert.Equal(2, json.GetProperty("default_priors").GetArrayLength());
        Assert.Equal(3, json.GetProperty("restarts").GetArrayLength());
    }

    /// <summary>Catches a process that does not leave what it does not need, and a file that other commands cannot read.</summary>
    [Fact]
    public void ADirichletProcessUsesTwoOfTwelve()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "fit",
            Samples.Faithful,
            "--method",
            "cavi",
            "-k",
            "12",
            "--process",
            "dp",
            "--concentration",
            "1",
            "--out",
            folder["dp.json"],
        ];
        var outcome = Cli.Run(arguments).Expect(0);
        Assert.Contains("2 components above 1 % weight", outcome.Out);
        Assert.Contains("mean-field posterior, with priors of the weights (Dirichlet process)", outcome.Out);
        Assert.DoesNotContain("died", outcome.Error);
        Assert.Equal(273, Cli.Run("predict", folder["dp.json"], Samples.Faithful).Expect(0).Lines.Length);
        var info = Cli.Run("info", folder["dp.json"], "--format", "json").Expect(0).Json();
        Assert.Equal(-1173.643, info.GetProperty("posterior").GetProperty("bound").GetDouble(), 1e-2);
        Assert.Contains("lower bound of the log evidence -1173.64", Cli.Run("info", folder["dp.json"]).Expect(0).Out);
        var pruned = Cli.Run([.. Common, "-k", "12", "--process", "dp", "--prune-below", "0.01"]).Expect(0).Json();
        Assert.Equal(2, pruned.GetProperty("components").GetInt32());
    }

    /// <summary>Catches priors that are not those of the file.</summary>
    [Fact]
    public void PriorsOfAFileAreUsed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["priors.json"],
            """{"means": {"normal": {"mean": 0, "sd": 100}}, "precisions": {"gamma": {"shape": 5, "rate": 5}}}"""
        );
        string[] own = ["-k", "2", "--covariance", "diagonal", "--priors", folder["priors.json"]];
        var json = Cli.Run([.. Common, .. own]).Expect(0).Json();
        Assert.Equal(1, json.GetProperty("default_priors").GetArrayLength());
        var flat = Cli.Run([.. Common, "-k", "2", "--covariance", "diagonal"]).Expect(0).Json();
        Assert.NotEqual(flat.GetProperty("bound").GetDouble(), json.GetProperty("bound").GetDouble(), 1.0);
    }

    /// <summary>Catches refusals that do not say what to do.</summary>
    [Theory]
    [InlineData(1, "--weights-prior 2 --family poisson", "whole number")]
    [InlineData(1, "--family exponential", "use SVI, NUTS or gradient (MAP)")]
    [InlineData(2, "--attempts 3", "'--attempts' goes with '--method em' only")]
    [InlineData(2, "--optimizer adam", "'--optimizer' goes with '--method gradient' or 'svi' only")]
    [InlineData(2, "--standard-errors", "the posterior that cavi finds")]
    [InlineData(2, "--laplace", "'--laplace' goes with '--method gradient' only")]
    [InlineData(2, "--trace t.csv --restarts 1", "'--trace' goes with '--method em' only")]
    [InlineData(2, "--prune-below 1", "less than 1")]
    public void WhatIsWrongIsTold(int exitCode, string arguments, string said)
    {
        var outcome = Cli.Run(["fit", Samples.Faithful, "--method", "cavi", "-k", "2", .. arguments.Split(' ')]);
        outcome.Expect(exitCode);
        Assert.Empty(outcome.Out);
        Assert.Contains(said, outcome.Error);
    }

    /// <summary>Catches an option of cavi that another method takes in silence.</summary>
    [Fact]
    public void PruningIsOfCaviOnly() =>
        Assert.Contains(
            "'--prune-below' goes with '--method cavi' only",
            Cli.Run("fit", Samples.Faithful, "-k", "2", "--prune-below", "0.1").Expect(2).Error
        );
}
