namespace MixturesTests.Cli;

/// <summary>mixtures fit --method nuts and svi: what they print and save.</summary>
public class PosteriorCommandTests
{
    /// <summary>Catches a posterior of other data, draws that are not those told of, and numbering that differs by chain.</summary>
    [Fact]
    public void DrawsOfNutsAreToldAndSaved()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "2",
            "--covariance",
            "diagonal",
            "--method",
            "nuts",
            "--chains",
            "2",
            "--draws",
            "150",
            "--warmup",
            "150",
            "--draws-out",
            folder["draws.csv"],
            "--format",
            "json",
        ];
        var outcome = Cli.Run(arguments).Expect(0);
        var json = outcome.Json();
        Assert.Equal("nuts", json.GetProperty("method").GetString());
        Assert.Equal(2, json.GetProperty("chains").GetInt32());
        var parameters = json.GetProperty("parameters").EnumerateArray().ToArray();
        Assert.Equal(10, parameters.Length);
        var means = parameters
            .Where(p => p.GetProperty("name").GetString()!.StartsWith("means[", StringComparison.Ordinal))
            .Select(p => p.GetProperty("mean").GetDouble())
            .Order()
            .ToArray();
        Assert.Equal(2.04, means[0], 0.1);
        Assert.Equal(4.29, means[1], 0.1);
        Assert.All(parameters, p => Assert.InRange(p.GetProperty("rhat").GetDouble(), 0.9, 1.2));
        Assert.Equal(301, File.ReadAllLines(folder["draws.csv"]).Length);
        Assert.Contains("Prior of weights: uniform (Dirichlet 1) (by default).", outcome.Error);
    }

    /// <summary>Catches a single chain whose R-hat is made up: it is left out, and said what is missing.</summary>
    [Fact]
    public void OneChainHasNoRHat()
    {
        string[] arguments =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "1",
            "--method",
            "nuts",
            "--chains",
            "1",
            "--draws",
            "50",
            "--warmup",
            "50",
            "--format",
            "json",
        ];
        var outcome = Cli.Run(arguments).Expect(0);
        Assert.All(
            outcome.Json().GetProperty("parameters").EnumerateArray(),
            p => Assert.False(p.TryGetProperty("rhat", out _))
        );
        Assert.Contains("only one chain", outcome.Error);
    }

    /// <summary>Catches a guide that is not near the posterior, and numbers of it that are not told.</summary>
    [Fact]
    public void AGuideIsTold()
    {
        string[] arguments =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "2",
            "--covariance",
            "diagonal",
            "--method",
            "svi",
            "--guide",
            "mean-field",
            "--format",
            "json",
        ];
        var json = Cli.Run(arguments).Expect(0).Json();
        Assert.InRange(json.GetProperty("elbo").GetDouble(), -1300, -1100);
        Assert.True(double.IsFinite(json.GetProperty("pareto_k").GetDouble()));
        var weights = json.GetProperty("parameters")
            .EnumerateArray()
            .Where(p => p.GetProperty("name").GetString()!.StartsWith("weights[", StringComparison.Ordinal))
            .Sum(p => p.GetProperty("mean").GetDouble());
        Assert.Equal(1, weights, 1e-9);
    }
}
