namespace MixturesTests.Cli;

/// <summary>Input that cannot be used: exit code 1, one or two lines, nothing half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Model =
        """{"format":"mixtures-model","version":1,"family":"gaussian","covariance":"full","columns":["a","b"],"weights":[0.5,0.5],"means":[[0,0],[1,1]],"covariances":[[[1,0],[0,1]],[[1,0],[0,1]]]}""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Catches data at fault that is fitted all the same, or refused without saying why.</summary>
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a,b\n", "no rows")]
    [InlineData("a,b\n1,2\n3,red\n", "row 2", "column 'b'", "red")]
    [InlineData("a,b\n1,2\n3,\n", "row 2", "column 'b'")]
    [InlineData("a,b\n1,2\nNaN,4\n", "row 2", "column 'a'", "NaN")]
    [InlineData("a,b\n1,inf\n3,4\n", "row 1", "column 'b'", "inf")]
    [InlineData("a,b\n1,2\n3,4,5\n", "row 2", "3 cells")]
    [InlineData("a,b\n1,2\n3\n", "row 2", "1 cell")]
    [InlineData("a,b\n1,2\n", "3 components need at least 3 rows")]
    [InlineData("a,b\n1,2\n1,2\n1,2\n1,2\n", "identical")]
    [InlineData("a,b\n1,\"2\n3,4\n", "quote")]
    public void Data(string text, params string[] said)
    {
        var file = folder.Write("data.csv", text);
        AssertFault(Cli.Run("fit", file, "-k", "3", "--out", folder["model.json"]), said);
        Assert.Equal(["data.csv"], folder.Files);
    }

    /// <summary>Catches values that a family cannot hold and takes, or refuses without row, column and reason.</summary>
    [Theory]
    [InlineData("--family", "poisson", "-1", "a whole number")]
    [InlineData("--family", "negative-binomial", "2.5", "a whole number")]
    [InlineData("--family", "binomial:4", "5", "from 0 to 4")]
    [InlineData("--family", "binomial", "-1", "a whole number")]
    [InlineData("--family", "bernoulli", "2", "0, 1 or a number between")]
    [InlineData("--family", "von-mises", "6.5", "2π")]
    [InlineData("--family", "gamma", "0", "above 0")]
    [InlineData("--family", "log-normal", "-3", "above 0")]
    [InlineData("--family", "beta", "1.5", "between 0 and 1")]
    [InlineData("--family", "exponential", "-0.5", "at least 0")]
    [InlineData("--family", "categorical", "0.5", "level")]
    [InlineData("--schema", "a=gaussian,b=poisson", "-1", "a whole number")]
    [InlineData("--schema", "b=bernoulli,a=gaussian", "2", "0, 1 or a number between")]
    public void Values(string option, string families, string value, string expected)
    {
        var (low, high) =
            families == "beta" ? ("0.25", "0.75")
            : families.Contains("bernoulli") ? ("0", "1")
            : ("1", "2");
        var rows = string.Concat(Enumerable.Repeat($"{low},{high}\n{high},{low}\n", 9));
        var file = folder.Write("data.csv", $"a,b\n{rows}{low},{value}\n{low},{low}\n");
        AssertFault(
            Cli.Run("fit", file, option, families, "-k", "2", "--out", folder["m.json"]),
            "Row 19, column 'b'",
            value,
            expected
        );
        Assert.Equal(["data.csv"], folder.Files);
    }

    /// <summary>Catches a level at prediction that no component has seen.</summary>
    [Fact]
    public void UnseenLevels()
    {
        var rows = Enumerable.Range(0, 60).Select(i => $"{i % 3},{i % 2 * 2}\n");
        var file = folder.Write("levels.csv", "a,b\n" + string.Concat(rows));
        Cli.Run("fit", file, "--family", "categorical", "-k", "2", "--out", folder["m.json"]).Expect(0);
        var other = folder.Write("new.csv", "a,b\n1,2\n0,3\n");

        foreach (var command in new[] { "predict", "score" })
        {
            AssertFault(Cli.Run(command, folder["m.json"], other), "Row 2, column 'b'", "3", "from 0 to 2");
        }

        var parts = Cli.Run("fit", file, "--schema", "b=categorical,a=poisson", "-k", "1", "--out", folder["p.json"]);
        parts.Expect(0);
        AssertFault(Cli.Run("predict", folder["p.json"], other), "Row 2, column 'b'", "from 0 to 2");
    }

    /// <summary>Catches schemas of columns that are not there.</summary>
    [Fact]
    public void SchemasOfOtherData()
    {
        AssertFault(Cli.Run("fit", Samples.Faithful, "--schema", "x=poisson", "-k", "2"), "no column 'x'", "waiting");
        AssertFault(Cli.Run("fit", Samples.Iris, "--schema", "Species=bernoulli", "-k", "2"), "row 1", "setosa");
    }

    /// <summary>Catches images that are cut short, of another format, or too long, and read all the same.</summary>
    [Fact]
    public void IdxFiles()
    {
        byte[] whole = [0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 0, 0, 1, 1, 1];
        var file = folder["t-ubyte"];

        void Faults(byte[] bytes, params string[] said)
        {
            File.WriteAllBytes(file, bytes);
            AssertFault(Cli.Run("fit", file, "--family", "bernoulli", "-k", "1"), ["t-ubyte", .. said]);
        }

        Faults(whole[..^2], "18 bytes", "16");
        Faults(whole[..6]);
        Faults([], "t-ubyte");
        Faults([1, 2, .. whole[2..]], "not an IDX file", "1 2 8 2");
        Faults([0, 0, 13, .. whole[3..]], "type 13");
        Faults([.. whole, 7], "more bytes");
        File.WriteAllBytes(file, whole);
        Cli.Run("fit", file, "--family", "bernoulli", "-k", "1").Expect(0);
        AssertFault(Cli.Run("fit", folder.Write("gz-ubyte.gz", "no gzip"), "-k", "1"), "gz-ubyte.gz");
    }

    /// <summary>Catches files that are not there, or are no files.</summary>
    [Fact]
    public void MissingFiles()
    {
        var none = folder["none.csv"];
        AssertFault(Cli.Run("fit", none, "--out", folder["m.json"]), "none.csv", "check the path");
        AssertFault(Cli.Run("fit", folder.Root), "is a directory");
        AssertFault(Cli.Run("predict", folder["none.json"], Samples.Faithful), "none.json", "check the path");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--start", none), "none.csv");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--out", folder["no/such/m.json"]), "There is no folder");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--out", folder.Root), "is a folder");
        Assert.Empty(folder.Files);
    }

    /// <summary>Catches weights that cannot be weights.</summary>
    [Theory]
    [InlineData("-1", "1", "negative")]
    [InlineData("0", "0", "zero")]
    [InlineData("inf", "1", "inf")]
    [InlineData("NaN", "1", "NaN")]
    [InlineData("x", "1", "column 'w'")]
    public void Weights(string first, string other, string said)
    {
        var file = folder.Write("w.csv", $"a,w\n1,{first}\n2,{other}\n5,{other}\n");
        AssertFault(Cli.Run("fit", file, "-k", "1", "--weights-column", "w"), said);
    }

    /// <summary>Catches a number of components below one that is taken, or an unknown column.</summary>
    [Fact]
    public void ComponentsAndColumns()
    {
        AssertFault(Cli.Run("fit", Samples.Faithful, "--components", "0"), "at least 1 component", "received 0");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--components", "-2"), "at least 1 component", "received -2");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--components", "0..3"), "at least 1 component");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--columns", "eruptions,x"), "no column 'x'", "waiting");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--weights-column", "x"), "no column 'x'");
        AssertFault(Cli.Run("fit", Samples.Iris, "-k", "2"), "row 1", "column 'Species'", "setosa");
    }

    /// <summary>Catches model files that are broken in one place and read all the same.</summary>
    [Theory]
    [InlineData(null, null, "cut off")]
    [InlineData("\"version\":1", "\"version\":2", "version 1, received version 2")]
    [InlineData("mixtures-model", "other", "'mixtures-model'")]
    [InlineData("\"family\":\"gaussian\"", "\"family\":\"zipf\"", "zipf")]
    [InlineData("\"family\":\"gaussian\"", "\"family\":\"gamma\"", "parameters")]
    [InlineData("[0.5,0.5]", "[0.5,0.6]", "sum to")]
    [InlineData("[0.5,0.5]", "[-0.5,1.5]", "negative")]
    [InlineData("[[1,0],[0,1]]]", "[[1,2],[2,1]]]", "positive definite")]
    [InlineData("[[1,0],[0,1]]]", "[[1,2],[0,1]]]", "symmetric")]
    [InlineData("[1,1]]", "[1]]", "means")]
    [InlineData("\"covariance\":\"full\"", "\"covariance\":\"round\"", "round")]
    public void Models(string? part, string? changed, string said)
    {
        var text = part is null ? Model[..^40] : Model.Replace(part, changed);
        Assert.NotEqual(Model, text);
        var model = folder.Write("model.json", text);
        var data = folder.Write("data.csv", "a,b\n0,1\n");
        AssertFault(Cli.Run("predict", model, data, "--out", folder["labels.csv"]), said);
        Assert.Equal(["data.csv", "model.json"], folder.Files);
    }

    /// <summary>Catches data that do not belong to the model.</summary>
    [Fact]
    public void DataOfAnotherModel()
    {
        var model = folder.Write("model.json", Model);
        AssertFault(Cli.Run("predict", model, folder.Write("c.csv", "a,c\n0,1\n")), "no column 'b'");
        AssertFault(Cli.Run("score", model, folder.Write("d.csv", "0,1,2\n")), "3", "2");
        AssertFault(Cli.Run("predict", model, folder.Write("e.csv", "a,b\n0,1\n"), "--truth", "t"), "no column 't'");
        AssertFault(Cli.Run("fit", Samples.Faithful, "--start", model, "--columns", "waiting"), "column");
    }

    /// <summary>Catches a collapse that is refused without naming the component.</summary>
    [Fact]
    public void RefusedCollapse()
    {
        var file = folder.Write("c.csv", "x\n" + string.Concat(Enumerable.Repeat("0\n1\n5\n", 9)) + "7.5\n8\n9.25\n");
        string[] arguments = ["fit", file, "-k", "4", "--collapse", "fail", "--restarts", "1"];
        AssertFault(Cli.Run(arguments), "collapsed at iteration", "Ask for fewer components");
    }

    private static void AssertFault(Outcome outcome, params string[] said)
    {
        outcome.Expect(1);
        Assert.Equal("", outcome.Out);
        Assert.All(said, words => Assert.Contains(words, outcome.Error));
        Assert.InRange(outcome.Error.TrimEnd('\n').Split('\n').Length, 1, 2);
        Assert.DoesNotContain("   at ", outcome.Error);
        Assert.DoesNotContain("Exception", outcome.Error);
        Assert.DoesNotContain("(Parameter", outcome.Error);
        Assert.DoesNotContain("Unexpected", outcome.Error);
    }

    /// <summary>Catches an output that overwrites what the command reads, or writes as well.</summary>
    [Fact]
    public void OutputsNeverOverwriteInputs()
    {
        using var folder = new TemporaryFolder();
        var data = folder["rows.csv"];
        File.Copy(Samples.Faithful, data);
        var before = File.ReadAllText(data);
        var both = folder["both"];
        Assert.Contains("rows.csv", Cli.Run("fit", data, "-k", "2", "--out", data).Expect(1).Error);
        Assert.Contains("both", Cli.Run("fit", data, "-k", "2", "--out", both, "--plot", both).Expect(1).Error);
        Cli.Run("fit", data, "-k", "2", "--out", folder["m.json"]).Expect(0);
        Cli.Run("predict", folder["m.json"], data, "--out", data).Expect(1);
        Cli.Run("predict", folder["m.json"], data, "--out", folder["m.json"]).Expect(1);
        Assert.Equal(before, File.ReadAllText(data));
        Assert.Equal(["m.json", "rows.csv"], folder.Files);
    }
}
