namespace MixturesTests.Cli;

/// <summary>Missing cells filled in on the command line.</summary>
public sealed class ImputeCommandTests : IDisposable
{
    // given x = 12, mood is 'so, so' nine times in ten; the middle of x under 'bad' is (9 * 1 + 1 * 12) / 10 = 2.1
    private const string Model =
        """{"format":"mixtures-model","version":1,"family":"product","columns":["x","mood"],"weights":[0.5,0.5],"parts":[{"columns":["x"],"family":"poisson","parameters":{"rate":[[1],[12]]}},{"columns":["mood"],"family":"categorical","levels":{"mood":["bad","so, so"]},"parameters":{"probabilities":[[[0.9,0.1]],[[0.1,0.9]]]}}]}""";

    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public ImputeCommandTests() => model = folder.Write("model.json", Model);

    public void Dispose() => folder.Dispose();

    /// <summary>Catches cells that stay empty, columns in the file's order, codes instead of levels, and numbers made up.</summary>
    [Fact]
    public void CellsAreFilledIn()
    {
        var data = folder.Write("gaps.csv", "mood,note,x\n,a,12\nbad,b,NA\nbad,,3\n");
        var filled = Cli.Run("impute", model, data).Expect(0);
        Assert.Equal(["x,mood", "12,\"so, so\"", "3,bad"], filled.Lines.Where((_, i) => i != 2));
        Assert.Matches(@"^2\.(1|09999999|10000000)\d*,bad$", filled.Lines[2]);
        Assert.Equal("", filled.Error);
        var path = folder["filled.csv"];
        var saved = Cli.Run("impute", model, data, "--out", path).Expect(0);
        Assert.Contains("3 rows", saved.Error);
        Assert.Contains("2 cells", saved.Error);
        Assert.Equal("", saved.Out);
        Assert.Equal(filled.Out, File.ReadAllText(path));
        Assert.Equal("", Cli.Run("impute", model, data, "--out", path, "--quiet").Expect(0).Error);
        var json = Cli.Run("impute", model, data, "--format", "json").Expect(0).Json();
        Assert.Equal(2, json.GetProperty("filled").GetInt32());
        Assert.Equal("so, so", json.GetProperty("rows")[0][1].GetString());
        Assert.Equal(2.1, json.GetProperty("rows")[1][0].GetDouble(), 1e-12);
    }

    /// <summary>Catches draws that are means, do not follow the seed, or cannot be read again: counts are whole.</summary>
    [Fact]
    public void CellsAreDrawn()
    {
        var gaps = string.Concat(Enumerable.Repeat("bad,\n,12\n", 60));
        var data = folder.Write("gaps.csv", "mood,x\n" + gaps);
        string[] command = ["impute", model, data, "--draw"];
        var first = Cli.Run([.. command, "--seed", "1"]).Expect(0).Out;
        Assert.Equal(first, Cli.Run([.. command, "--seed", "1"]).Expect(0).Out);
        Assert.NotEqual(first, Cli.Run([.. command, "--seed", "2"]).Expect(0).Out);
        var lines = first.TrimEnd('\n').Split('\n')[1..];
        var counts = lines.Where((_, i) => i % 2 == 0).Select(line => line.Split(',')[0]).ToArray();
        Assert.All(counts, count => Assert.Matches("^\\d+$", count));
        Assert.True(counts.Distinct().Count() > 3);
        Assert.InRange(lines.Count(line => line == "12,bad"), 1, 20);
        var drawn = folder.Write("drawn.csv", first);
        Assert.Contains("120 rows", Cli.Run("score", model, drawn).Expect(0).Out);
    }

    /// <summary>Catches a model of one's own fit, with noise, that cannot fill in what it was fitted to.</summary>
    [Fact]
    public void AfterAFit()
    {
        var lines = File.ReadAllLines(Samples.Iris);
        var text = lines.Select((line, i) => i % 7 == 3 ? "," + line[(line.IndexOf(',') + 1)..] : line);
        var data = folder.Write("gaps.csv", string.Join('\n', text) + "\n");
        var saved = folder["m.json"];
        string[] fit = ["fit", data, "-k", "2", "--missing", "marginalise", "--noise", "--out", saved];
        Cli.Run([.. fit, "--schema", "auto", "--plot", folder["page.html"]]).Expect(0);
        var filled = Cli.Run("impute", saved, data).Expect(0).Lines;
        Assert.Equal(151, filled.Length);
        Assert.Contains("Species", filled[0]);
        Assert.Contains("setosa", filled[4]);
        Assert.DoesNotContain(filled, line => line.Split(',').Contains(""));

        for (var i = 1; i < lines.Length; i++)
        {
            if (i % 7 == 3)
            {
                var value = double.Parse(filled[i].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
                Assert.InRange(value, 4.3, 7.9);
            }
        }
    }

    /// <summary>Catches faults of the data or of the usage that pass.</summary>
    [Theory]
    [InlineData("x,mood\n1,good\n", 1, "row 1", "'good'")]
    [InlineData("x,mood\n1.5,\n", 1, "Row 1", "column 'x'", "1.5")]
    [InlineData("x\n1\n", 1, "mood")]
    [InlineData("x,mood\n1,\n", 2, "'--draw'", "--seed", "3")]
    [InlineData("x,mood\n1,\n", 2, "--missing", "--missing", "refuse")]
    public void Faults(string text, int exitCode, params string[] rest)
    {
        var data = folder.Write("data.csv", text);
        var options = exitCode == 2 ? rest[1..] : [];
        var outcome = Cli.Run(["impute", model, data, .. options]).Expect(exitCode);
        Assert.Equal("", outcome.Out);
        Assert.All(exitCode == 2 ? rest[..1] : rest, words => Assert.Contains(words, outcome.Error));
    }
}
