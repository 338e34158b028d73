using System.Globalization;
using System.Text.Json;

namespace MixturesTests.Cli;

/// <summary>Priors on the command line: files of them, the weights' prior, MAP fits and Laplace's approximation.</summary>
public class PriorCommandTests
{
    // the model of data/pyro_gmm.json
    private const string FivePoints = """
        {"weights": {"dirichlet": 0.5}, "means": {"normal": {"mean": 0, "sd": 10}},
         "scales": {"log_normal": {"location": 0, "scale": 2}}}
        """;

    /// <summary>Catches priors that are not those of the file, or a fit that does not maximise the posterior density.</summary>
    [Fact]
    public void GradientFitsWithPriorsAreMapEstimates()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["priors.json"], FivePoints);
        File.WriteAllText(folder["points.csv"], "x\n0\n1\n10\n11\n12\n");
        var json = Cli.Run(
                "fit",
                folder["points.csv"],
                "-k",
                "2",
                "--covariance",
                "tied",
                "--method",
                "gradient",
                "--priors",
                folder["priors.json"],
                "--format",
                "json",
                "--quiet",
                "--out",
                folder["model.json"]
            )
            .Expect(0)
            .Json();
        Assert.Equal(17.44325487910825, json.GetProperty("loss").GetDouble(), 1e-8);
        double[] means = [.. json.GetProperty("means").EnumerateArray().Select(mean => mean[0].GetDouble()).Order()];
        Assert.Equal(0.4989413316538424, means[0], 1e-6);
        Assert.Equal(10.98446189779171, means[1], 1e-6);
        var priors = json.GetProperty("priors");
        Assert.Equal(0.5, priors.GetProperty("weights").GetProperty("dirichlet").GetDouble());
        Assert.Equal(10, priors.GetProperty("means").GetProperty("normal").GetProperty("sd").GetDouble());
        Assert.False(json.TryGetProperty("log_evidence", out _));
        var info = Cli.Run("info", folder["model.json"], "--format", "json").Expect(0).Json();
        Assert.Equal(priors.GetRawText(), info.GetProperty("fit").GetProperty("priors").GetRawText());
        var text = Cli.Run("info", folder["model.json"]).Expect(0).Out;
        Assert.Contains("priors of the weights (Dirichlet), means (normal), scales (log-normal)", text);
    }

    /// <summary>Catches an evidence without its reliability, defaults that are not told, or errors of other values.</summary>
    [Fact]
    public void LaplaceTellsEvidenceErrorsAndDefaults()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["priors.json"], """{"means": {"normal": {"mean": [3.5, 70], "sd": [2, 30]}}}""");
        string[] common =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "2",
            "--covariance",
            "diagonal",
            "--method",
            "gradient",
            "--priors",
            folder["priors.json"],
            "--laplace",
        ];
        var json = Cli.Run([.. common, "--format", "json", "--quiet"]).Expect(0).Json();
        Assert.True(json.GetProperty("log_evidence_reliable").GetBoolean());
        var evidence = json.GetProperty("log_evidence").GetDouble();
        Assert.InRange(evidence, -1200, -1160);
        Assert.Equal(evidence, json.GetProperty("log_evidence_by_importance").GetDouble(), 0.3);
        var defaults = json.GetProperty("default_priors").EnumerateArray().Select(note => note.GetString()!).ToArray();
        Assert.Equal(2, defaults.Length);
        Assert.StartsWith("weights: uniform", defaults[0]);
        Assert.StartsWith("scales: log-normal", defaults[1]);
        var errors = json.GetProperty("standard_errors").EnumerateArray().ToArray();
        Assert.Equal(10, errors.Length);
        // the larger component first, as in the model; its standard errors are about sd / √n
        Assert.Equal("means[1][2]", errors[3].GetProperty("name").GetString());
        Assert.Equal(79.98, errors[3].GetProperty("value").GetDouble(), 0.05);
        Assert.Equal(5.96 / Math.Sqrt(175), errors[3].GetProperty("error").GetDouble(), 0.02);
        Assert.Equal(json.GetProperty("weights")[0].GetDouble(), errors[0].GetProperty("value").GetDouble(), 0.01);
        var text = Cli.Run([.. common, "--quiet"]).Expect(0).Out;
        Assert.Contains("by Laplace's approximation (reliable;", text);
        Assert.Contains("prior of scales: log-normal", text);
    }

    /// <summary>Catches an approximation that is trusted where importance sampling disagrees, or that is missed in silence.</summary>
    [Fact]
    public void LaplaceThatIsUnreliableIsTold()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["priors.json"], FivePoints);
        File.WriteAllText(folder["points.csv"], "x\n0\n1\n10\n11\n12\n");
        string[] arguments =
        [
            "fit",
            folder["points.csv"],
            "-k",
            "2",
            "--covariance",
            "tied",
            "--method",
            "gradient",
            "--priors",
            folder["priors.json"],
            "--laplace",
            "--format",
            "json",
        ];
        var outcome = Cli.Run(arguments).Expect(0);
        var json = outcome.Json();
        Assert.False(json.GetProperty("log_evidence_reliable").GetBoolean());
        Assert.Equal(-17.1255330672, json.GetProperty("log_evidence").GetDouble(), 1.0);
        Assert.Empty(json.GetProperty("default_priors").EnumerateArray());
        Assert.Contains("unreliable", outcome.Error);
    }

    /// <summary>Catches a process that is the other one, or whose concentration does not matter.</summary>
    [Fact]
    public void TheWeightsHaveTheProcessAskedFor()
    {
        double[] Weights(string arguments) =>
            [
                .. Cli.Run(["fit", Samples.Faithful, "-k", "3", "--format", "json", "--quiet", .. arguments.Split(' ')])
                    .Expect(0)
                    .Json()
                    .GetProperty("weights")
                    .EnumerateArray()
                    .Select(weight => weight.GetDouble()),
            ];

        Assert.Equal(Weights("--weights-prior 5"), Weights("--process dirichlet --concentration 5"));
        Assert.Equal(Weights("--weights-prior 1"), Weights("--process dirichlet"));
        Assert.NotEqual(Weights("--process dp --concentration 20"), Weights("--process dirichlet --concentration 20"));
        Assert.NotEqual(Weights("--process dp --concentration 20"), Weights("--process dp"));
        var json = Cli.Run(
                "fit",
                Samples.Faithful,
                "-k",
                "3",
                "--process",
                "dp",
                "--concentration",
                "2",
                "--format",
                "json",
                "--quiet"
            )
            .Expect(0)
            .Json();
        var process = json.GetProperty("priors").GetProperty("weights").GetProperty("dirichlet_process");
        Assert.Equal("2", process.GetDouble().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Catches conjugate priors that em does not take.</summary>
    [Fact]
    public void EmTakesConjugatePriors()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["priors.json"],
            """
            {"components": {"normal_inverse_wishart": {"mean": [3.5, 70], "strength": 0.1, "degrees_of_freedom": 4,
                            "scale": [[0.1, 0], [0, 30]]}}}
            """
        );
        string[] common =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "2",
            "--priors",
            folder["priors.json"],
            "--format",
            "json",
            "-q",
        ];
        var em = Cli.Run(common).Expect(0).Json();
        var gradient = Cli.Run([.. common, "--method", "gradient"]).Expect(0).Json();
        Assert.Equal(JsonValueKind.Object, em.GetProperty("priors").GetProperty("components").ValueKind);
        Assert.Equal(
            gradient.GetProperty("log_likelihood").GetDouble(),
            em.GetProperty("log_likelihood").GetDouble(),
            1e-4
        );
    }

    /// <summary>Catches refusals that do not say what to do, or that end as something else than what they are.</summary>
    [Theory]
    [InlineData(
        1,
        "{\"scales\": {\"log_normal\": {\"location\": 0, \"scale\": 2}}}",
        "--covariance diagonal",
        "That is --method gradient."
    )]
    [InlineData(1, "{\"rates\": {\"exponential\": 1}}", "--covariance diagonal --method gradient", "means, scales")]
    [InlineData(
        1,
        "{\"means\": {\"normal\": {\"mean\": 0}}}",
        "--method gradient",
        "priors.json: Expected the arguments mean, sd in 'priors.means.normal', there is no 'sd'"
    )]
    [InlineData(1, "{\"means\": ", "", "priors.json: The priors are not valid JSON at line 1")]
    [InlineData(1, "{\"weights\": {\"dirichlet\": 1}}", "--weights-prior 2", "give one of them")]
    [InlineData(1, "{\"weights\": {\"dirichlet\": 1}}", "--process dp", "another by --process")]
    [InlineData(1, "{\"weights\": {\"dirichlet\": [1, 2, 3]}}", "", "1 or 2 concentrations")]
    [InlineData(2, "{}", "--weights-prior 2 --process dp", "exclude each other")]
    [InlineData(2, "{}", "--concentration 2", "'--concentration' goes with '--process'")]
    [InlineData(2, "{}", "--process pitman-yor", "expected one of dirichlet, dp")]
    [InlineData(2, "{}", "--process dp --concentration 0", "expected a positive number, received '0'")]
    [InlineData(2, "{}", "--laplace", "'--laplace' goes with '--method gradient' only")]
    [InlineData(2, "{}", "--method gradient --laplace --standard-errors", "both give standard errors")]
    public void WhatIsWrongIsTold(int exitCode, string priors, string arguments, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["priors.json"], priors);
        string[] words = arguments.Length == 0 ? [] : arguments.Split(' ');
        var outcome = Cli.Run(["fit", Samples.Faithful, "-k", "2", "--priors", folder["priors.json"], .. words]);
        outcome.Expect(exitCode);
        Assert.Empty(outcome.Out);
        Assert.Contains(said, outcome.Error);
    }
}
