namespace MixturesTests.Cli;

/// <summary>mixtures fit --method nuts and svi: what they print and save.</summary>
public class PosteriorCommandTests
{
    /// <summary>Catches a posterior of other data, draws that are not those told of, and numbering that differs by chain.</summary>
    [Fact]
    public void DrawsOfNutsAreToldAndSaved()
    {
        using var folder = new TemporaryFolder();
        string[] outputs = ["--draws-out", folder["draws.csv"], "--format", "json"];
        var outcome = Cli.Run([.. Sampled, "--draws", "150", .. outputs]).Expect(0);
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

    private static readonly string[] Sampled =
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
        "--warmup",
        "120",
    ];

    /// <summary>
    /// Catches a plug-in model that other commands do not take, pictures that are not there, a posterior that does not go on as one
    /// long run.
    /// </summary>
    [Fact]
    public void APosteriorIsSavedDrawnAndGoneOnFrom()
    {
        using var folder = new TemporaryFolder();
        string[] outputs =
        [
            "--out",
            folder["m.json"],
            "--plot",
            folder["p.html"],
            "--posterior-out",
            folder["s.json"],
            "--draws-out",
            folder["short.csv"],
        ];
        var outcome = Cli.Run([.. Sampled, "--draws", "50", .. outputs]).Expect(0);
        Assert.Contains("Saved the model at the posterior's means to", outcome.Error);
        Assert.Contains("WAIC elpd", outcome.Out);
        Assert.Contains("2 chains of 50 draws", File.ReadAllText(folder["p.html"]));
        var labels = Cli.Run("predict", folder["m.json"], Samples.Faithful).Expect(0).Lines;
        Assert.Equal(273, labels.Length);
        Assert.Equal(2, labels.Skip(1).Distinct().Count());
        string[] again =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "2",
            "--covariance",
            "diagonal",
            "--method",
            "nuts",
            "--resume",
            folder["s.json"],
            "--draws",
            "80",
        ];
        Cli.Run([.. again, "--draws-out", folder["long.csv"]]).Expect(0);
        Cli.Run([.. Sampled, "--draws", "80", "--draws-out", folder["whole.csv"]]).Expect(0);
        Assert.Equal(File.ReadAllText(folder["whole.csv"]), File.ReadAllText(folder["long.csv"]));

        // what does not fit the file
        var other = Cli.Run([.. again, "--weights-prior", "3"]).Expect(1).Error;
        Assert.Contains("other data or priors", other);
        Assert.Contains("other model", Cli.Run([.. again, "--noise"]).Expect(1).Error.Replace("another", "other"));
        Assert.Contains("50 draws of each chain already", Cli.Run([.. again[..^1], "50"]).Expect(1).Error);
        Assert.Contains("This is a saved posterior", Cli.Run("info", folder["s.json"]).Expect(1).Error);
        Assert.Contains(
            "no file of a sample",
            Cli.Run([.. Sampled[..^4], "--resume", folder["none.json"]]).Expect(1).Error
        );
    }

    /// <summary>Catches predictive criteria that are of other rows, and reports of chains that are left out.</summary>
    [Fact]
    public void PredictionsAndChainsAreTold()
    {
        var json = Cli.Run([
                .. Sampled,
                "--draws",
                "100",
                "--mass",
                "dense",
                "--chain-start",
                "prior",
                "--format",
                "json",
            ])
            .Expect(0)
            .Json();
        var waic = json.GetProperty("waic").GetProperty("elpd").GetDouble();
        var loo = json.GetProperty("loo").GetProperty("elpd").GetDouble();
        // EM's log-likelihood is -1147.68, of 9 parameters
        Assert.InRange(waic, -1180, -1147);
        Assert.Equal(waic, loo, 1.0);
        Assert.InRange(json.GetProperty("loo").GetProperty("effective_parameters").GetDouble(), 4, 15);
        var chain = json.GetProperty("chain_reports")[1];
        Assert.Equal(100, chain.GetProperty("draws").GetInt32());
        Assert.InRange(chain.GetProperty("acceptance").GetDouble(), 0.6, 1);
        Assert.Equal(8, json.GetProperty("predictive_checks").GetArrayLength());
        var invariants = json.GetProperty("invariants").EnumerateArray().ToArray();
        Assert.Equal("log_density", invariants[0].GetProperty("name").GetString());
        Assert.All(invariants, own => Assert.InRange(own.GetProperty("rhat").GetDouble(), 0.9, 1.2));
        Assert.Equal("mean of eruptions", json.GetProperty("predictive_checks")[0].GetProperty("name").GetString());
    }

    /// <summary>Catches a guide's file that cannot be gone on from, and options that do not come through.</summary>
    [Fact]
    public void AGuideIsSavedAndGoneOnFrom()
    {
        using var folder = new TemporaryFolder();
        string[] svi = ["fit", Samples.Faithful, "-k", "2", "--covariance", "diagonal", "--method", "svi"];
        string[] outputs =
        [
            "--posterior-out",
            folder["g.json"],
            "--out",
            folder["m.json"],
            "--plot",
            folder["g.html"],
            "--format",
            "json",
        ];
        var first = Cli.Run([.. svi, "--optimizer", "adam", "--steps", "150", "--draws-per-row", .. outputs]).Expect(0);
        Assert.Equal(150, first.Json().GetProperty("steps").GetInt32());
        Assert.Contains("Evidence lower bound by step", File.ReadAllText(folder["g.html"]));
        Cli.Run("predict", folder["m.json"], Samples.Faithful).Expect(0);
        var more = Cli.Run([.. svi, "--resume", folder["g.json"], "--batch", "100", "--format", "json"])
            .Expect(0)
            .Json();
        Assert.InRange(more.GetProperty("elbo").GetDouble(), first.Json().GetProperty("elbo").GetDouble() - 1, -1150);
        Assert.Contains(
            "not a saved sample",
            Cli.Run([.. Sampled[..^4], "--resume", folder["g.json"]]).Expect(1).Error
        );
    }

    /// <summary>Catches labels, constant columns and faults of the priors' file that go untold.</summary>
    [Fact]
    public void WhatThereIsToKnowIsTold()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 30).Select(i => $"{(i % 2 * 9) + Math.Sin(i)},5,{i % 2},{"ab"[i % 2]}");
        File.WriteAllLines(folder["d.csv"], ["x,flat,w,kind", .. rows]);
        string[] nuts = ["--method", "nuts", "--chains", "2", "--draws", "40", "--warmup", "80"];
        string[] some = ["fit", folder["d.csv"], "--columns", "x,flat", "--covariance", "spherical", "-k", "2"];
        var text = Cli.Run([.. some, "--label-column", "kind", .. nuts]).Expect(0);
        Assert.Contains("Adjusted Rand index 1.0000", text.Out);
        Assert.Contains("Column 'flat' is constant", text.Error);
        var json = Cli.Run([.. some, "--label-column", "kind", "--method", "svi", "--format", "json"]).Expect(0).Json();
        Assert.Equal(1, json.GetProperty("adjusted_rand_index").GetDouble());
        Assert.Contains(
            json.GetProperty("warnings").EnumerateArray(),
            warning => warning.GetString()!.Contains("Column 'flat' is constant", StringComparison.Ordinal)
        );

        // batches may hold nothing but rows of weight zero
        string[] weighted = ["fit", folder["d.csv"], "--columns", "x", "--weights-column", "w", "-k", "1"];
        Cli.Run([.. weighted, "--method", "svi", "--batch", "2", "--steps", "100"]).Expect(0);
        Assert.Contains(
            "'--batch': expected at most 30 rows",
            Cli.Run([.. weighted, "--method", "svi", "--batch", "31"]).Expect(1).Error
        );
        File.WriteAllText(folder["p.json"], """{"zz": {"normal": {"mean": 0, "sd": 1}}}""");
        Assert.Contains(
            "p.json: Expected a parameter of the gaussian family",
            Cli.Run([.. some, "--priors", folder["p.json"], .. nuts]).Expect(1).Error
        );
        string[] wild = ["--method", "svi", "--optimizer", "adam", "--learning-rate", "1e300"];
        Assert.Contains("lower the rate", Cli.Run([.. some, .. wild]).Expect(1).Error);
        var still = Cli.Run([.. some, "--method", "svi", "--steps", "0"]).Expect(0);
        Assert.Contains("No steps were taken", still.Error);
        Assert.DoesNotContain("NaN", still.Error);
        var one = Cli.Run([.. some[..^1], "1", "--method", "nuts", "--draws", "2", "--warmup", "5"]).Expect(0);
        Assert.Contains("no summary", one.Out);
        Assert.DoesNotContain("Prior of weights", one.Error);
    }
}
