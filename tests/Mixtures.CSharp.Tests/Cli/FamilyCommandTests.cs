using System.Globalization;
using System.Text.Json;
using MixturesTests.Facade;

namespace MixturesTests.Cli;

/// <summary>Families and schemas on the command line.</summary>
public sealed class FamilyCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Catches a family that a command does not know: drawn, fitted, shown, applied and scored as processes.</summary>
    [Theory]
    [MemberData(nameof(FamilyTests.Names), MemberType = typeof(FamilyTests))]
    public void EveryFamilyByEveryCommand(string name)
    {
        FamilyTests.Model(name).Save(folder["truth.json"]);
        var (data, model) = (folder["data.csv"], folder["model.json"]);
        Cli.Run("sample", folder["truth.json"], "--count", "800", "--seed", "2", "--out", data).Expect(0);
        var detail = name == "binomial" ? "binomial:12" : name;
        var fit = Cli.Run([
                "fit",
                data,
                "--family",
                detail,
                "-k",
                "2",
                "--restarts",
                "2",
                "--out",
                model,
                "--format",
                "json",
            ])
            .Expect(0)
            .Json();
        Assert.Equal(name, fit.GetProperty("family").GetString());
        Assert.Equal(JsonValueKind.Number, fit.GetProperty("parameters").ValueKind);
        Assert.False(fit.TryGetProperty("covariance", out _));
        var truth = Cli.Run("score", folder["truth.json"], data, "--format", "json").Expect(0).Json();
        var likelihood = fit.GetProperty("log_likelihood").GetDouble();
        Assert.True(likelihood > truth.GetProperty("log_likelihood").GetDouble());

        // parameters in the family's own terms, the same in the fit, the model's info and the facade
        var saved = Mixtures.CSharp.Mixture.Load(model);
        var info = Cli.Run("info", model, "--format", "json").Expect(0).Json();

        foreach (var output in new[] { fit, info })
        {
            Assert.Equal(
                saved.Parameters.Select(p => (p.Component + 1, p.Name, p.Column, p.Value)),
                output
                    .GetProperty("component_parameters")
                    .EnumerateArray()
                    .Select(p =>
                        (
                            p.GetProperty("component").GetInt32(),
                            p.GetProperty("name").GetString()!,
                            p.GetProperty("columns")[0].GetString(),
                            p.GetProperty("value").GetDouble()
                        )
                    )
            );
        }

        var score = Cli.Run("score", model, data, "--format", "json").Expect(0).Json();
        Assert.Equal(likelihood, score.GetProperty("log_likelihood").GetDouble(), 1e-6 * Math.Abs(likelihood));
        var labels = Cli.Run("predict", model, data, "--probabilities").Expect(0);
        Assert.Equal(801, labels.Lines.Length);
        var text = Cli.Run("info", model).Expect(0).Out;
        Assert.Contains($"{name[1..]} mixture, 2 components", text);
        Assert.Contains(
            name == "categorical" ? "probabilities of the levels" : saved.Parameters[0].Name.Replace('_', ' '),
            text
        );
    }

    /// <summary>Catches Student-t options that are not used, and a robust fit that is not robust.</summary>
    [Fact]
    public void StudentT()
    {
        var model = folder["t.json"];
        string[] fit = ["fit", Samples.Faithful, "-k", "2", "--format", "json"];
        var estimated = Cli.Run([.. fit, "--family", "student-t", "--out", model]).Expect(0).Json();
        Assert.Equal("full", estimated.GetProperty("covariance").GetString());
        Assert.Equal(2, estimated.GetProperty("degrees_of_freedom").GetArrayLength());
        Assert.Equal(13, estimated.GetProperty("parameters").GetInt32());
        var given = Cli.Run([.. fit, "--family", "student-t:4", "--covariance", "diagonal"]).Expect(0).Json();
        Assert.Equal("diagonal", given.GetProperty("covariance").GetString());
        Assert.Equal(4.0, given.GetProperty("degrees_of_freedom")[1].GetDouble());
        Assert.Equal(9, given.GetProperty("parameters").GetInt32());
        var text = Cli.Run("info", model).Expect(0).Out;
        Assert.Contains("Student-t mixture, full scale, 2 components", text);
        Assert.Contains("degrees of freedom", text);
        Assert.Contains("location ± scale", text);
        var again = Cli.Run([.. fit[..2], "--start", model, "--format", "json"]).Expect(0).Json();
        Assert.Equal("student-t", again.GetProperty("family").GetString());
        Assert.Equal(
            estimated.GetProperty("log_likelihood").GetDouble(),
            again.GetProperty("log_likelihood").GetDouble(),
            1e-5
        );
        var refused = Cli.Run("fit", Samples.Faithful, "--start", model, "--covariance", "full").Expect(1);
        Assert.Contains("student-t", refused.Error);
        var both = Cli.Run([.. fit, "--family", "gaussian,student-t", "--covariance", "all"]).Expect(0).Json();
        Assert.Equal(
            ["gaussian", "gaussian", "gaussian", "gaussian", "student-t", "student-t"],
            both.GetProperty("table").EnumerateArray().Select(row => row.GetProperty("family").GetString()!)
        );
        var table = Cli.Run(["fit", Samples.Faithful, "-k", "2", "--family", "gaussian:tied,student-t"]).Expect(0).Out;
        Assert.Contains("gaussian, tied", table);
        Assert.Contains("student-t, full", table);
    }

    /// <summary>Catches a search over families that does not choose, or tells of another than it saved.</summary>
    [Fact]
    public void FamiliesAreCompared()
    {
        FamilyTests.Model("negative-binomial").Save(folder["truth.json"]);
        Cli.Run("sample", folder["truth.json"], "--count", "900", "--out", folder["d.csv"]).Expect(0);
        var fit = Cli.Run([
                "fit",
                folder["d.csv"],
                "--family",
                "poisson,negative-binomial",
                "-k",
                "1..2",
                "--out",
                folder["m.json"],
                "--plot",
                folder["m.html"],
                "--format",
                "json",
            ])
            .Expect(0)
            .Json();
        Assert.Equal("negative-binomial", fit.GetProperty("family").GetString());
        Assert.Equal(4, fit.GetProperty("table").GetArrayLength());
        Assert.Contains("negative-binomial", Cli.Run("info", folder["m.json"], "--format", "json").Expect(0).Out);
        Assert.Contains("negative-binomial", File.ReadAllText(folder["m.html"]));
        var text = Cli.Run("fit", folder["d.csv"], "--family", "poisson,geometric", "-k", "1").Expect(0).Out;
        Assert.Contains("model", text);
        Assert.Contains("geometric", text);
    }

    /// <summary>Catches schemas whose columns are not the ones used, and products that a command does not know.</summary>
    [Fact]
    public void Schemas()
    {
        var (data, model) = (Patients(), folder["m.json"]);
        const string Text = "visits=poisson,height=gaussian,smoker=bernoulli";
        string[] command = ["fit", data, "--schema", Text, "-k", "2", "--format", "json"];
        var fit = Cli.Run([
                .. command,
                "--out",
                model,
                "--plot",
                folder["m.html"],
                "--trace",
                folder["t.csv"],
                "--restarts",
                "1",
            ])
            .Expect(0)
            .Json();
        Assert.Equal("product", fit.GetProperty("family").GetString());
        Assert.Equal(["visits", "height", "smoker"], Texts(fit.GetProperty("columns")));
        Assert.Equal(["poisson", "gaussian", "bernoulli"], Texts(fit.GetProperty("families")));
        Assert.False(fit.TryGetProperty("schema", out _));
        Assert.True(File.ReadAllLines(folder["t.csv"]).Length > 2);
        var parameters = fit.GetProperty("component_parameters").EnumerateArray().ToArray();
        Assert.Equal(8, parameters.Length);
        var likelihood = fit.GetProperty("log_likelihood").GetDouble();

        // the file has other columns, in another order
        var score = Cli.Run("score", model, data, "--format", "json").Expect(0).Json();
        Assert.Equal(likelihood, score.GetProperty("log_likelihood").GetDouble(), 1e-6 * Math.Abs(likelihood));
        Assert.Equal(601, Cli.Run("predict", model, data).Expect(0).Lines.Length);
        Assert.Equal("visits,height,smoker", Cli.Run("sample", model, "--count", "2").Expect(0).Lines[0]);
        var text = Cli.Run("info", model).Expect(0).Out;
        Assert.Contains("(rate of visits)", text);
        Assert.Contains("(mean ± standard deviation of height)", text);
        var gradient = Cli.Run([.. command, "--method", "gradient", "--standard-errors"]).Expect(0).Json();
        Assert.Equal(likelihood, gradient.GetProperty("log_likelihood").GetDouble(), 1e-4);
        Assert.Contains("rate[1][visits]", gradient.GetProperty("standard_errors").ToString());
        var prior = Cli.Run([.. command, "--weights-prior", "2000"]).Expect(0).Json();
        Assert.Equal(0.5, prior.GetProperty("weights")[0].GetDouble(), 0.03);
        var started = Cli.Run(["fit", data, "--start", model, "--format", "json"]).Expect(0).Json();
        Assert.Equal(likelihood, started.GetProperty("log_likelihood").GetDouble(), 1e-4);
        Assert.Contains("'--schema'", Cli.Run([.. command, "--start", model]).Expect(2).Error);
    }

    /// <summary>Catches choices that are not told, constant columns that are kept, or standard output that is not only JSON.</summary>
    [Fact]
    public void SchemaFoundInTheData()
    {
        var data = folder.Write(
            "more.csv",
            string.Join('\n', File.ReadAllLines(Patients()).Select((line, i) => line + (i == 0 ? ",same" : ",7")))
        );
        string[] command = ["fit", data, "--schema", "auto", "-k", "2"];
        var outcome = Cli.Run([.. command, "--format", "json"]).Expect(0);
        var fit = outcome.Json();
        Assert.Equal(["height", "smoker", "visits", "blood"], Texts(fit.GetProperty("columns")));
        var choices = fit.GetProperty("schema").EnumerateArray().ToArray();
        Assert.Equal("categorical", choices[3].GetProperty("family").GetString());
        Assert.Equal(JsonValueKind.Null, choices[4].GetProperty("family").ValueKind);
        Assert.Contains("Column 'height': gaussian (numbers that are not all whole).", outcome.Error);
        Assert.Contains("Column 'smoker': bernoulli (only 0 and 1).", outcome.Error);
        Assert.Contains("Column 'same': constant (7): left out.", outcome.Error);
        Assert.Equal("", Cli.Run([.. command, "--quiet"]).Expect(0).Error);
        var some = Cli.Run([.. command, "--columns", "smoker,visits", "--format", "json"]).Expect(0);
        Assert.Equal(["smoker", "visits"], Texts(some.Json().GetProperty("columns")));
        var constant = Cli.Run("fit", folder.Write("c.csv", "a\n1\n1\n1\n"), "--schema", "auto").Expect(1);
        Assert.Contains("Every column is constant", constant.Error);
    }

    /// <summary>Catches numbers of trials that are found and not told, and too many components of too few trials.</summary>
    [Fact]
    public void BinomialTrials()
    {
        var rows = Enumerable
            .Range(0, 200)
            .Select(i => (i % 2 == 0 ? i % 3 : 5 - (i % 3)).ToString(CultureInfo.InvariantCulture));
        var data = folder.Write("n.csv", "hits\n" + string.Join('\n', rows) + "\n");
        var found = Cli.Run("fit", data, "--family", "binomial", "-k", "2", "--format", "json").Expect(0);
        Assert.Contains("Column 'hits': binomial of 5 trials, the largest count in the data.", found.Error);
        Assert.Contains("\"name\":\"trials\",\"value\":5", found.Out);
        var schema = Cli.Run("fit", data, "--schema", "hits=binomial", "-k", "2").Expect(0);
        Assert.Contains("binomial of 5 trials, the largest count", schema.Error);
        var given = Cli.Run("fit", data, "--family", "binomial:9", "-k", "2").Expect(0);
        Assert.DoesNotContain("largest count", given.Error);
        var many = Cli.Run("fit", data, "--family", "binomial", "-k", "4", "--restarts", "1").Expect(0);
        Assert.Contains("at least 7 trials", many.Error);
    }

    private string Patients()
    {
        folder.Write("patients.json", SchemaTests.Patients);
        Cli.Run("sample", folder["patients.json"], "--count", "600", "--seed", "3", "--out", folder["p.csv"]).Expect(0);
        return folder["p.csv"];
    }

    private static IEnumerable<string> Texts(JsonElement list) =>
        list.EnumerateArray().Select(item => item.GetString()!);
}
