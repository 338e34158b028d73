using System.Globalization;
using Mixtures.CSharp;

namespace MixturesTests.Cli;

/// <summary>mixtures predict, score, sample and info.</summary>
public sealed class OtherCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;
    private readonly MixtureModel loaded;
    private readonly Dataset faithful = Dataset.FromCsv(Samples.Faithful);

    public OtherCommandTests()
    {
        model = folder["model.json"];
        Mixture.Gaussian(2).Fit(faithful).Save(model);
        loaded = Mixture.Load(model);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Catches labels that are numbered from 0 or differ from the model's.</summary>
    [Fact]
    public void PredictWritesLabelsFromOne()
    {
        var printed = Cli.Run("predict", model, Samples.Faithful).Expect(0);
        Assert.Equal("component", printed.Lines[0]);
        var expected = loaded.Predict(faithful).Select(label => $"{label + 1}");
        Assert.Equal(expected, printed.Lines[1..]);
        var path = folder["labels.csv"];
        var saved = Cli.Run("predict", model, Samples.Faithful, "--out", path).Expect(0);
        Assert.Equal("", saved.Out);
        Assert.Equal(printed.Out, File.ReadAllText(path));
        Assert.Equal(["labels.csv", "model.json"], folder.Files);
    }

    /// <summary>Catches probabilities in the wrong order, or rounded.</summary>
    [Fact]
    public void PredictWritesProbabilities()
    {
        var lines = Cli.Run("predict", model, Samples.Faithful, "--probabilities").Expect(0).Lines;
        Assert.Equal("component,probability_1,probability_2", lines[0]);
        var shares = loaded.Responsibilities(faithful);
        var cells = lines[1].Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(shares[0, 0], cells[1]);
        Assert.Equal(shares[0, 1], cells[2]);
        var json = Cli.Run("predict", model, Samples.Faithful, "--probabilities", "--format", "json").Expect(0).Json();
        Assert.Equal(272, json.GetProperty("labels").GetArrayLength());
        Assert.Equal(shares[271, 1], json.GetProperty("probabilities")[271][1].GetDouble());
    }

    /// <summary>Catches a comparison with known labels that is wrong or mixed into the labels.</summary>
    [Fact]
    public void PredictComparesWithTheTruth()
    {
        var iris = folder["iris.json"];
        Cli.Run("fit", Samples.Iris, "-k", "3", "--label-column", "Species", "--out", iris).Expect(0);
        var outcome = Cli.Run("predict", iris, Samples.Iris, "--truth", "Species").Expect(0);
        Assert.Equal(151, outcome.Lines.Length);
        Assert.Contains("Adjusted Rand index 0.90", outcome.Error);
        var json = Cli.Run("predict", iris, Samples.Iris, "--truth", "Species", "--format", "json").Expect(0).Json();
        Assert.Equal(0.9039, json.GetProperty("adjusted_rand_index").GetDouble(), 1e-3);
        // the species column is text, and no column of the model: it is left alone
        Assert.Equal(151, Cli.Run("predict", iris, Samples.Iris).Expect(0).Lines.Length);
    }

    /// <summary>Catches rows that no component can hold and nobody is told of.</summary>
    [Fact]
    public void RowsOfNoDensityAreTold()
    {
        var far = folder.Write("far.csv", "eruptions,waiting\n2,50\n1e200,60\n2,51\n-1e200,60\n");
        const string told = "Warning: 2 rows have no density under any component, the first is row 2:";
        var predicted = Cli.Run("predict", model, far).Expect(0);
        Assert.Equal(5, predicted.Lines.Length);
        Assert.Contains(told, predicted.Error);
        Assert.Contains(told, Cli.Run("score", model, far).Expect(0).Error);
        var rows = Cli.Run("score", model, far, "--rows", "--format", "json").Expect(0);
        Assert.Contains(told, rows.Error);
        Assert.Equal(4, rows.Json().GetProperty("log_densities").GetArrayLength());
        Assert.Equal("", Cli.Run("predict", model, far, "--quiet").Expect(0).Error);
        Assert.Equal("", Cli.Run("score", model, far, "--quiet").Expect(0).Error);
        var one = folder.Write("one.csv", "eruptions,waiting\n2,50\n1e200,60\n");
        Assert.Contains("Warning: row 2 has no density", Cli.Run("predict", model, one).Expect(0).Error);
        Assert.Equal("", Cli.Run("predict", model, Samples.Faithful).Expect(0).Error);
    }

    /// <summary>Catches scores that differ from the fit's, and rows that do not add up.</summary>
    [Fact]
    public void Score()
    {
        var json = Cli.Run("score", model, Samples.Faithful, "--format", "json").Expect(0).Json();
        Assert.Equal(loaded.Fit!.LogLikelihood, json.GetProperty("log_likelihood").GetDouble(), 1e-8);
        Assert.Equal(loaded.Fit.Bic, json.GetProperty("bic").GetDouble(), 1e-8);
        Assert.Contains("-1130.263960", Cli.Run("score", model, Samples.Faithful).Expect(0).Out);
        var lines = Cli.Run("score", model, Samples.Faithful, "--rows").Expect(0).Lines;
        Assert.Equal("log_density", lines[0]);
        var sum = lines[1..].Sum(line => double.Parse(line, CultureInfo.InvariantCulture));
        Assert.Equal(loaded.Fit.LogLikelihood, sum, 1e-8);
        var path = folder["rows.csv"];
        Assert.Equal("", Cli.Run("score", model, Samples.Faithful, "--rows", "--out", path).Expect(0).Out);
        Assert.Equal(lines, File.ReadAllLines(path));
        json = Cli.Run("score", model, Samples.Faithful, "--rows", "--format", "json").Expect(0).Json();
        Assert.Equal(272, json.GetProperty("log_densities").GetArrayLength());
    }

    /// <summary>Catches draws that cannot be fitted again, or do not follow their seed.</summary>
    [Fact]
    public void Sample()
    {
        var path = folder["draws.csv"];
        Cli.Run("sample", model, "--count", "500", "--seed", "1", "--out", path).Expect(0);
        var again = Cli.Run("sample", model, "--count", "500", "--seed", "1").Expect(0);
        Assert.Equal(File.ReadAllText(path), again.Out);
        Assert.NotEqual(again.Out, Cli.Run("sample", model, "--count", "500", "--seed", "2").Out);
        Assert.Equal("eruptions,waiting", again.Lines[0]);
        Assert.Equal(501, again.Lines.Length);
        var refit = Cli.Run("fit", path, "-k", "2", "--format", "json").Expect(0).Json();
        Assert.Equal(loaded.Weights[0], refit.GetProperty("weights")[0].GetDouble(), 0.1);
        var labelled = Cli.Run("sample", model, "--count", "5", "--labels").Expect(0);
        Assert.Equal("eruptions,waiting,component", labelled.Lines[0]);
        var json = Cli.Run("sample", model, "--count", "5", "--labels", "--format", "json").Expect(0).Json();
        Assert.Equal(5, json.GetProperty("rows").GetArrayLength());
        Assert.InRange(json.GetProperty("labels")[0].GetInt32(), 1, 2);
    }

    /// <summary>Catches info that lacks the model or its fit.</summary>
    [Fact]
    public void Info()
    {
        var text = Cli.Run("info", model).Expect(0).Out;
        Assert.Contains("Gaussian mixture, full covariance, 2 components", text);
        Assert.Contains("log-likelihood -1130.263960", text);
        var json = Cli.Run("info", model, "--format", "json").Expect(0).Json();
        Assert.Equal(2, json.GetProperty("components").GetInt32());
        Assert.Equal(11, json.GetProperty("parameters").GetInt32());
        Assert.Equal(loaded.Fit!.Bic, json.GetProperty("fit").GetProperty("bic").GetDouble());
        var byHand =
            """{"format":"mixtures-model","version":1,"family":"gaussian","covariance":"spherical","weights":[1],"means":[[0,0]],"covariances":[1]}""";
        var bare = folder.Write("hand.json", byHand);
        Assert.Contains("the file tells nothing of a fit", Cli.Run("info", bare).Expect(0).Out);
        Assert.False(Cli.Run("info", bare, "--format", "json").Expect(0).Json().TryGetProperty("fit", out _));
    }

    /// <summary>Catches a command that takes every model for a Gaussian one.</summary>
    [Fact]
    public void ModelsOfOtherFamilies()
    {
        var model = folder.Write(
            "bernoulli.json",
            """{"format":"mixtures-model","version":1,"family":"bernoulli","weights":[0.4,0.6],"parameters":{"log_odds":[[-2,2],[1,-1]]}}"""
        );
        var data = folder.Write("binary.csv", "1,0\n0,1\n");

        foreach (var arguments in new string[][] { ["info", model], ["score", model, data], ["predict", model, data] })
        {
            var result = Cli.Run(arguments);
            Assert.Equal(0, result.ExitCode);
            Assert.DoesNotContain("Unexpected", result.Error);
        }

        Assert.Contains("Bernoulli mixture, 2 components", Cli.Run("info", model).Out);
    }
}
