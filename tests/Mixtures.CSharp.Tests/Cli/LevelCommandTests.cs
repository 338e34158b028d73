namespace MixturesTests.Cli;

/// <summary>Columns of text and missing cells on the command line.</summary>
public sealed class LevelCommandTests : IDisposable
{
    // a level with a comma, quotes and a letter beyond ASCII, as JSON
    private const string Model =
        """{"format":"mixtures-model","version":1,"family":"product","columns":["x","mood"],"weights":[0.5,0.5],"parts":[{"columns":["x"],"family":"poisson","parameters":{"rate":[[1],[9]]}},{"columns":["mood"],"family":"categorical","levels":{"mood":["bad","so, \"so\"","über"]},"parameters":{"probabilities":[[[0.8,0.1,0.1]],[[0.1,0.1,0.8]]]}}]}""";

    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public LevelCommandTests() => model = folder.Write("model.json", Model);

    public void Dispose() => folder.Dispose();

    /// <summary>Catches text that is not matched to the model's levels by name, or not read at all.</summary>
    [Fact]
    public void PredictAndScoreReadText()
    {
        var data = folder.Write("data.csv", "mood,note,x\nüber,a,9\nbad,b,0\n\"so, \"\"so\"\"\",c,1\n");
        Assert.Equal(["component", "2", "1", "1"], Cli.Run("predict", model, data).Expect(0).Lines);
        var bare = folder.Write("bare.csv", "9,über\n0,bad\n");
        Assert.Equal(["component", "2", "1"], Cli.Run("predict", model, bare, "--no-header").Expect(0).Lines);
        Assert.Contains("3 rows", Cli.Run("score", model, data).Expect(0).Out);
    }

    /// <summary>Catches an unseen level that passes, or is refused without its name, place and the known ones.</summary>
    [Theory]
    [InlineData("x,mood\n1,bad\n2,good\n", "row 2", "column 'mood'", "'good'", "bad", "über")]
    [InlineData("x,mood\n1,1\n", "row 1", "column 'mood'", "'1'")]
    [InlineData("x,mood\n1,\n", "row 1", "column 'mood'", "empty", "--missing marginalise")]
    [InlineData("x,mood\nbad,bad\n", "row 1", "column 'x'", "not a number")]
    public void OtherTextIsAFault(string text, params string[] said)
    {
        var data = folder.Write("data.csv", text);

        foreach (var command in (string[])["predict", "score"])
        {
            var outcome = Cli.Run(command, model, data).Expect(1);
            Assert.Equal("", outcome.Out);
            Assert.All(said, words => Assert.Contains(words, outcome.Error));
        }
    }

    /// <summary>Catches samples that hold codes instead of names, or cannot be read again.</summary>
    [Fact]
    public void SamplesHoldTheLevels()
    {
        var path = folder["draws.csv"];
        Cli.Run("sample", model, "--count", "40", "--out", path).Expect(0);
        var text = File.ReadAllText(path);
        Assert.Contains(",über", text);
        Assert.Contains(",\"so, \"\"so\"\"\"", text);
        Assert.Equal(41, Cli.Run("predict", model, path).Expect(0).Lines.Length);
        var json = Cli.Run("sample", model, "--count", "1", "--format", "json").Expect(0).Json();
        Assert.Contains(json.GetProperty("rows")[0][1].GetString(), (string[])["bad", "so, \"so\"", "über"]);
    }

    /// <summary>Catches missing cells that are refused though asked for at reading, or an unknown way to treat them.</summary>
    [Fact]
    public void MissingCellsAreReadWhereAsked()
    {
        var data = folder.Write("gaps.csv", "a,b\n1,2\n2,\n4,1\n5,7\n");
        var refused = Cli.Run("fit", data, "-k", "1").Expect(1).Error;
        Assert.Contains("row 2 (line 3), column 'b'", refused);
        Assert.Contains("--missing marginalise", refused);
        // the column without gaps is as good as ever
        Cli.Run("fit", data, "-k", "1", "--columns", "a", "--missing", "marginalise").Expect(0);
        Cli.Run("fit", data, "-k", "1", "--missing", "drop").Expect(2);
        var moods = folder.Write("moods.csv", "x,mood\n9,NA\n,bad\n");
        var predicted = Cli.Run("predict", model, moods, "--missing", "marginalise").Expect(0);
        Assert.Equal(["component", "2", "1"], predicted.Lines);
    }

    /// <summary>Catches names of rows that are taken for levels, and no way to keep them.</summary>
    [Fact]
    public void IdentifiersAreLeftOut()
    {
        var rows = Enumerable.Range(0, 40).Select(i => $"p{i},{i % 7},{(i % 3 == 0 ? "good" : "bad")}");
        var data = folder.Write("patients.csv", "id,visits,mood\n" + string.Join('\n', rows) + "\n");
        var found = Cli.Run("fit", data, "-k", "1", "--schema", "auto").Expect(0);
        Assert.Contains("Column 'id': 40 levels in 40 rows, as identifiers have: left out", found.Error);
        Assert.Contains("id=categorical", found.Error);
        Assert.Contains("Column 'mood': categorical (2 levels: ", found.Error);
        Cli.Run("fit", data, "-k", "1", "--schema", "id=categorical,visits=poisson").Expect(0);
        var alone = Cli.Run("fit", data, "-k", "1", "--schema", "auto", "--columns", "id").Expect(1);
        Assert.Contains("left out: there is nothing to fit", alone.Error);
    }

    /// <summary>
    /// Catches text that fits cannot read, a choice that is not told, and levels that get lost on the way to a command, with
    /// noise or without.
    /// </summary>
    [Theory]
    [InlineData("--schema", "auto")]
    [InlineData("--schema", "visits=poisson,mood=categorical")]
    [InlineData("--schema", "mood=categorical,visits=poisson", "--noise")]
    public void FitsReadText(params string[] options)
    {
        var data = folder.Write("moods.csv", "note,visits,mood\n" + string.Concat(Enumerable.Range(0, 80).Select(Row)));
        var saved = folder["fitted.json"];
        string[] columns = options[1] == "auto" ? ["--columns", "visits,mood"] : [];
        var page = folder["page.html"];
        string[] command = ["fit", data, "-k", "2", "--out", saved, "--plot", page, .. options, .. columns];
        var fit = Cli.Run([.. command, "--format", "json"]).Expect(0);
        Assert.Contains("probability[so so]", fit.Out);
        Assert.Equal(
            options[1] == "auto",
            fit.Error.Contains("Column 'mood': categorical (3 levels: bad, good, so so).", StringComparison.Ordinal)
        );
        Assert.Contains("so so", File.ReadAllText(page));
        Assert.Contains("probabilities of bad / good / so so", Cli.Run("info", saved).Expect(0).Out);
        var rows = folder.Write("rows.csv", "mood,visits\ngood,0\nbad,12\nso so,11\n");
        var labels = Cli.Run("predict", saved, rows).Expect(0).Lines;
        Assert.NotEqual(labels[1], labels[2]);
        Assert.Equal(labels[2], labels[3]);
        Assert.Contains("3 rows", Cli.Run("score", saved, rows).Expect(0).Out);
        Assert.Matches(
            "(?m)^(\\d+,)?(good|bad|so so)(,\\d+)?$",
            Cli.Run("sample", saved, "--count", "5").Expect(0).Out
        );
        var unseen = folder.Write("unseen.csv", "mood,visits\ngood,0\ngreat,2\n");
        var error = Cli.Run("predict", saved, unseen).Expect(1).Error;
        Assert.All(["row 2", "column 'mood'", "'great'", "good"], words => Assert.Contains(words, error));
        Cli.Run("fit", data, "--start", saved, "--quiet").Expect(0);

        static string Row(int i) => $"n,{i % 2 * 11 + i % 3},{(i % 5 == 0 ? "so so" : i % 2 == 0 ? "good" : "bad")}\n";
    }

    /// <summary>Catches columns of text that a family of levels alone cannot read, or another family takes for numbers.</summary>
    [Fact]
    public void FamiliesOfLevelsReadText()
    {
        var data = folder.Write("two.csv", "a,b\nx,no\ny,yes\nx,no\ny,no\nx,yes\nx,no\n");
        var fit = Cli.Run("fit", data, "-k", "1", "--family", "categorical", "--format", "json").Expect(0);
        Assert.Contains("{\"component\":1,\"columns\":[\"b\"],\"name\":\"probability[no]\",\"value\":0.666", fit.Out);
        Assert.Contains("'x'", Cli.Run("fit", data, "-k", "1").Expect(1).Error);
        Assert.Contains("'x'", Cli.Run("fit", data, "-k", "1", "--schema", "a=poisson,b=categorical").Expect(1).Error);
    }
}
