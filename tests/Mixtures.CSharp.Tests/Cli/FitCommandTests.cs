using System.Globalization;
using System.Text.Json;
using Mixtures.CSharp;

namespace MixturesTests.Cli;

/// <summary>mixtures fit: README's command, every option, and what it prints.</summary>
public class FitCommandTests
{
    /// <summary>Catches a README command that does not run as printed.</summary>
    [Fact]
    public void TheFirstCommandOfTheReadme()
    {
        using var folder = new TemporaryFolder();
        var (model, page) = (folder["faithful.json"], folder["faithful.html"]);
        var outcome = Cli.Run("fit", Samples.Faithful, "--components", "1..6", "--out", model, "--plot", page);
        outcome.Expect(0);
        Assert.Contains("The best by BIC is marked *", outcome.Out);
        Assert.Contains("log-likelihood -1130.263960", outcome.Out);
        Assert.Contains("Saved the model", outcome.Error);
        Assert.Contains("Saved the pictures", outcome.Error);
        Assert.Equal(["faithful.html", "faithful.json"], folder.Files);
        Assert.Equal(2, Mixture.Load(model).Components);
    }

    /// <summary>Catches pictures that are missing from the page, and a page that needs the network all the same.</summary>
    [Fact]
    public void PlotsUseThePlotlyTheyAreGiven()
    {
        using var folder = new TemporaryFolder();
        var page = folder["fit.html"];
        var script = folder.Write("plotly.min.js", "var marker = 1;");
        string[] common = ["fit", Samples.Faithful, "-k", "2", "--quiet", "--plot", page];
        Assert.Equal("", Cli.Run([.. common, "--plotly", script]).Expect(0).Error);
        var text = File.ReadAllText(page);
        Assert.Contains("var marker = 1;", text);
        Assert.DoesNotContain("cdn.plot.ly", text);
        // the model, its uncertainty, the log-likelihood
        Assert.Equal(3, text.Split("<figure ").Length - 1);
        Cli.Run([.. common, "--plotly", "cdn"]).Expect(0);
        Assert.Contains("cdn.plot.ly", File.ReadAllText(page));
        File.Delete(page);
        Assert.Contains("none.js", Cli.Run([.. common, "--plotly", folder["none.js"]]).Expect(1).Error);
        Assert.Equal(["plotly.min.js"], folder.Files);
    }

    /// <summary>Catches a --noise that is not fitted, not told of, not saved, or lost when a fit starts from the model.</summary>
    [Fact]
    public void NoiseIsTheLastComponent()
    {
        using var folder = new TemporaryFolder();
        var model = folder["noisy.json"];
        var stray = Enumerable.Range(0, 40).Select(i => $"{1 + (i * 7 % 40 * 0.2)},{20 + (i * 11 % 40 * 4)}");
        var data = folder.Write("noisy.csv", string.Join('\n', [.. File.ReadAllLines(Samples.Faithful), .. stray]));
        var fitted = Cli.Run("fit", data, "-k", "2", "--noise", "--out", model).Expect(0);
        Assert.Contains("Gaussian mixture with noise, full covariance, 3 components", fitted.Out);
        Assert.Contains("1 to 8.8", fitted.Out);
        Assert.Contains("20 to 176", fitted.Out);
        Assert.Contains("with noise", Cli.Run("info", model).Expect(0).Out);
        var json = Cli.Run("fit", data, "--start", model, "--format", "json").Expect(0).Json();
        Assert.Equal("gaussian-with-noise", json.GetProperty("family").GetString());
        Assert.Equal(3, json.GetProperty("components").GetInt32());
        Assert.Equal(2, json.GetProperty("means").GetArrayLength());
        Assert.Equal(176, json.GetProperty("noise").GetProperty("upper")[1].GetDouble());
        var labels = Cli.Run("predict", model, data).Expect(0).Lines;
        Assert.Equal("3", labels[^1].Split(',')[^1]);
    }

    /// <summary>Catches steps of EM that are not saved, or a trace of a search.</summary>
    [Fact]
    public void TheStepsOfEmAreSaved()
    {
        using var folder = new TemporaryFolder();
        var steps = folder["steps.csv"];
        string[] common = ["fit", Samples.Faithful, "-k", "2", "--quiet", "--trace", steps];
        Cli.Run([.. common, "--restarts", "1", "--tolerance", "0", "--max-iterations", "3"]).Expect(0);
        var lines = File.ReadAllLines(steps);
        Assert.Equal("iteration,log_likelihood,loss,q", lines[0]);
        Assert.Equal(5, lines.Length);
        var last = lines[4].Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(-last[1] / 272, last[2], 1e-12);
        Assert.Contains("--trace", Cli.Run(common).Expect(2).Error);
    }

    /// <summary>Catches options of the search for an optimum that are not passed on.</summary>
    [Fact]
    public void AccelerationCanBeSwitchedOff()
    {
        string[] common =
        [
            "fit",
            Samples.Faithful,
            "-k",
            "5",
            "--restarts",
            "1",
            "--attempts",
            "9",
            "--format",
            "json",
        ];
        var fast = JsonDocument.Parse(Cli.Run(common).Expect(0).Out).RootElement;
        var plain = JsonDocument.Parse(Cli.Run([.. common, "--no-acceleration"]).Expect(0).Out).RootElement;
        Assert.True(
            3 * fast.GetProperty("iterations").GetInt32() < plain.GetProperty("iterations").GetInt32(),
            "the accelerated fit took too many iterations"
        );
        Assert.Equal(
            plain.GetProperty("log_likelihood").GetDouble(),
            fast.GetProperty("log_likelihood").GetDouble(),
            1e-4
        );
    }

    /// <summary>Catches a missing or misnamed field of the JSON, and numbers that break their definitions.</summary>
    [Fact]
    public void JsonHasTheFieldsOfTheDesign()
    {
        var outcome = Cli.Run([
            "fit",
            Samples.Faithful,
            "-k",
            "3",
            "--covariance",
            "tied",
            "--method",
            "em",
            "--format",
            "json",
        ]);
        var json = outcome.Expect(0).Json();
        string[] fields =
        [
            .. "family covariance components dimension rows total_weight effective_rows log_likelihood parameters".Split(),
            .. "aic bic icl iterations termination seed weights means covariances history restarts agreement".Split(),
            .. "seconds warnings".Split(),
        ];
        Assert.All(fields, field => Assert.True(json.TryGetProperty(field, out _), field));
        Assert.False(json.TryGetProperty("table", out _));
        Assert.Equal("gaussian", json.GetProperty("family").GetString());
        Assert.Equal("tied", json.GetProperty("covariance").GetString());
        Assert.Equal("converged", json.GetProperty("termination").GetString());
        Assert.Equal(3, json.GetProperty("components").GetInt32());
        var likelihood = json.GetProperty("log_likelihood").GetDouble();
        Assert.Equal(-1126.315928, likelihood, 1e-5);
        Assert.Equal(2314.2957, json.GetProperty("bic").GetDouble(), 1e-3);
        Assert.Equal((2 * 11) - (2 * likelihood), json.GetProperty("aic").GetDouble(), 1e-9);
        var history = json.GetProperty("history");
        Assert.Equal(json.GetProperty("iterations").GetInt32() + 1, history.GetArrayLength());
        Assert.Equal(1.0, json.GetProperty("weights").EnumerateArray().Sum(w => w.GetDouble()), 1e-12);
        // tied: one D x D matrix
        Assert.Equal(2, json.GetProperty("covariances")[0].GetArrayLength());
        Assert.Equal(JsonValueKind.Number, json.GetProperty("covariances")[0][0].ValueKind);
    }

    /// <summary>Catches covariances of the wrong shape for their structure.</summary>
    [Theory]
    [InlineData("full", 3)]
    [InlineData("tied", 2)]
    [InlineData("diagonal", 2)]
    [InlineData("spherical", 1)]
    public void CovariancesHaveTheLayoutOfModelFiles(string structure, int depth)
    {
        var outcome = Cli.Run("fit", Samples.Faithful, "-k", "2", "--covariance", structure, "--format", "json");
        var element = outcome.Expect(0).Json().GetProperty("covariances");

        for (var level = 0; level < depth; level++)
        {
            Assert.Equal(2, element.GetArrayLength());
            element = element[0];
        }

        Assert.Equal(JsonValueKind.Number, element.ValueKind);
    }

    /// <summary>Catches a search over structures that lacks some, and a best that is not the best.</summary>
    [Fact]
    public void AllStructuresAreTried()
    {
        var outcome = Cli.Run([
            "fit",
            Samples.Faithful,
            "-k",
            "2,3",
            "--covariance",
            "all",
            "--criterion",
            "icl",
            "--format",
            "json",
        ]);
        var json = outcome.Expect(0).Json();
        Assert.Equal("icl", json.GetProperty("criterion").GetString());
        var table = json.GetProperty("table").EnumerateArray().ToArray();
        Assert.Equal(8, table.Length);
        Assert.Equal(4, table.Select(row => row.GetProperty("covariance").GetString()).Distinct().Count());
        var best = Assert.Single(table, row => row.GetProperty("best").GetBoolean());
        Assert.Equal(table.Min(row => row.GetProperty("icl").GetDouble()), best.GetProperty("icl").GetDouble());
        Assert.Equal(json.GetProperty("icl").GetDouble(), best.GetProperty("icl").GetDouble());
    }

    /// <summary>Catches a default that is not 1..9 by BIC.</summary>
    [Fact]
    public void WithoutComponentsOneToNineAreTried()
    {
        var json = Cli.Run("fit", Samples.Faithful, "--restarts", "2", "--format", "json").Expect(0).Json();
        Assert.Equal(9, json.GetProperty("table").GetArrayLength());
        Assert.Equal("bic", json.GetProperty("criterion").GetString());
    }

    /// <summary>Catches options of the fit that never reach it.</summary>
    [Fact]
    public void FitOptionsAreUsed()
    {
        string[] common = ["fit", Samples.Faithful, "-k", "2", "--format", "json", "--quiet"];
        var exact = Cli.Run([.. common, "--max-iterations", "7", "--tolerance", "0", "--restarts", "1"]);
        Assert.Equal(7, exact.Expect(0).Json().GetProperty("iterations").GetInt32());
        Assert.Equal("iteration_limit", exact.Json().GetProperty("termination").GetString());
        Assert.NotEqual(0, exact.Json().GetProperty("warnings").GetArrayLength());
        Assert.Equal("", exact.Error);
        var floored = Cli.Run([.. common, "--absolute-floor", "1"]).Expect(0).Json();
        Assert.True(floored.GetProperty("covariances")[0][0][0].GetDouble() >= 1.0);
        var seeded = Cli.Run([.. common, "--seed", "-5", "--threads", "1", "--collapse", "reseed"]).Expect(0).Json();
        Assert.Equal(-5, seeded.GetProperty("seed").GetInt32());

        foreach (var init in new[] { "kmeans++", "random-rows", "random-responsibilities" })
        {
            var json = Cli.Run([.. common, "--init", init]).Expect(0).Json();
            Assert.Equal(-1130.26396, json.GetProperty("log_likelihood").GetDouble(), 1e-4);
        }
    }

    /// <summary>Catches a known standard deviation that is fitted, or needs the structure said as well.</summary>
    [Fact]
    public void KnownStandardDeviations()
    {
        string[] common = ["fit", Samples.Faithful, "-k", "2", "--known-sd", "0.2", "--format", "json"];

        foreach (var arguments in new[] { common, [.. common, "--covariance", "known"] })
        {
            var json = Cli.Run(arguments).Expect(0).Json();
            Assert.Equal("known", json.GetProperty("covariance").GetString());
            Assert.Equal(5, json.GetProperty("parameters").GetInt32());
            Assert.Equal(0.2 * 0.2, json.GetProperty("covariances")[1][1][1].GetDouble(), 1e-15);
        }
    }

    /// <summary>Catches a warm start that is not used, or that needs to be told what the model already says.</summary>
    [Fact]
    public void WarmStarts()
    {
        using var folder = new TemporaryFolder();
        string[] first = ["fit", Samples.Faithful, "-k", "3", "--covariance", "tied", "--out", folder["a.json"]];
        Cli.Run(first).Expect(0);
        var again = Cli.Run([
            "fit",
            Samples.Faithful,
            "--start",
            folder["a.json"],
            "--format",
            "json",
            "--out",
            folder["b.json"],
        ]);
        var json = again.Expect(0).Json();
        Assert.Equal("tied", json.GetProperty("covariance").GetString());
        Assert.Equal(3, json.GetProperty("components").GetInt32());
        Assert.InRange(json.GetProperty("iterations").GetInt32(), 0, 10);
        Assert.Equal(["a.json", "b.json"], folder.Files);
        var other = Cli.Run("fit", Samples.Faithful, "--start", folder["a.json"], "-k", "2").Expect(1);
        Assert.Contains("The given model has 3 components, but the fit asks for 2", other.Error);

        string[] known = ["fit", Samples.Faithful, "-k", "2", "--known-sd", "0.5", "--out", folder["k.json"]];
        Cli.Run(known).Expect(0);
        var kept = Cli.Run("fit", Samples.Faithful, "--start", folder["k.json"], "--format", "json").Expect(0).Json();
        Assert.Equal(0.25, kept.GetProperty("covariances")[0][0][0].GetDouble());
    }

    /// <summary>Catches data options that are ignored.</summary>
    [Fact]
    public void DataOptionsAreUsed()
    {
        using var folder = new TemporaryFolder();
        var rows = new[] { "1,9,2", "2,9,1", "4,8,1", "7,8,2", "5,9,0" };
        var file = folder.Write("w.csv", "a,b,w\n" + string.Join("\n", rows));
        string[] common = ["-k", "1", "--format", "json"];
        var json = Cli.Run(["fit", file, "--columns", "a", "--weights-column", "w", .. common]).Expect(0).Json();
        Assert.Equal(1, json.GetProperty("dimension").GetInt32());
        Assert.Equal(6.0, json.GetProperty("total_weight").GetDouble());
        Assert.Equal(36.0 / 10.0, json.GetProperty("effective_rows").GetDouble(), 1e-12);
        Assert.Equal(22.0 / 6.0, json.GetProperty("means")[0][0].GetDouble(), 1e-12);
        var byPosition = Cli.Run(["fit", file, "--columns", "2,1", .. common]).Expect(0).Json();
        Assert.Equal("b", byPosition.GetProperty("columns")[0].GetString());

        var semicolons = folder.Write("s.csv", "1;2\n2;5\n4;3\n7;1\n");
        json = Cli.Run(["fit", semicolons, "--delimiter", ";", "--no-header", .. common]).Expect(0).Json();
        Assert.Equal(4, json.GetProperty("rows").GetInt32());
        json = Cli.Run(["fit", semicolons, "--header", .. common]).Expect(0).Json();
        Assert.Equal(3, json.GetProperty("rows").GetInt32());
        Assert.Equal("1", json.GetProperty("columns")[0].GetString());
        var tabs = folder.Write("t.csv", "a\tb\n1\t2\n2\t5\n4\t3\n");
        json = Cli.Run(["fit", tabs, "--delimiter", "tab", .. common]).Expect(0).Json();
        Assert.Equal(2, json.GetProperty("dimension").GetInt32());
    }

    /// <summary>Catches labels that take part in the fit, or a comparison that is wrong.</summary>
    [Fact]
    public void LabelsAreComparedAfterwards()
    {
        string[] common = ["fit", Samples.Iris, "-k", "3", "--label-column", "Species"];
        var json = Cli.Run([.. common, "--format", "json"]).Expect(0).Json();
        Assert.Equal(4, json.GetProperty("dimension").GetInt32());
        Assert.Equal(-180.185477, json.GetProperty("log_likelihood").GetDouble(), 1e-5);
        Assert.Equal(0.9039, json.GetProperty("adjusted_rand_index").GetDouble(), 1e-3);
        var table = json.GetProperty("cross_table");
        Assert.Equal("setosa", table.GetProperty("labels")[0].GetString());
        var counts = table.GetProperty("counts").EnumerateArray().SelectMany(row => row.EnumerateArray());
        Assert.Equal(150, counts.Sum(count => count.GetInt32()));
        var text = Cli.Run(common).Expect(0).Out;
        Assert.Contains("Adjusted Rand index 0.90", text);
        Assert.Contains("versicolor", text);
    }

    /// <summary>Catches NPY files that are read as text.</summary>
    [Fact]
    public void NpyFilesAreRead()
    {
        using var folder = new TemporaryFolder();
        double[] values = [1, 2, 2, 5, 4, 3, 7, 1];
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 2), }".PadRight(117) + "\n";
        using (var file = File.Create(folder["x.npy"]))
        {
            file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0]);
            file.Write(System.Text.Encoding.ASCII.GetBytes(header));
            file.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }

        var json = Cli.Run("fit", folder["x.npy"], "-k", "1", "--format", "json").Expect(0).Json();
        Assert.Equal(4, json.GetProperty("rows").GetInt32());
        Assert.Equal(3.5, json.GetProperty("means")[0][0].GetDouble(), 1e-12);
    }

    /// <summary>Catches numbers written with a decimal comma, or read as such.</summary>
    [Fact]
    public void NumbersDoNotFollowTheCulture()
    {
        var german = new Dictionary<string, string>
        {
            ["LANG"] = "de_DE.UTF-8",
            ["LC_ALL"] = "de_DE.UTF-8",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0",
            ["DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY"] = "0",
        };
        string[] arguments = ["fit", Samples.Faithful, "-k", "2", "--tolerance", "1e-8", "--absolute-floor", "0.5"];
        var text = Cli.Run(german, arguments).Expect(0).Out;
        Assert.Matches(@"log-likelihood -\d+\.\d{6},", text);
        Cli.Run(german, [.. arguments, "--format", "json"]).Expect(0).Json();
        Assert.Equal(CultureInfo.InvariantCulture, CultureInfo.CurrentCulture);
    }
}
