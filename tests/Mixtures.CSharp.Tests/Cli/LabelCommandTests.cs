using System.Text.Json;

namespace MixturesTests.Cli;

/// <summary>Partly labelled samples on the command line.</summary>
public sealed class LabelCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;

    // iris, with the species of every tenth row
    public LabelCommandTests()
    {
        var lines = File.ReadAllLines(Samples.Iris);
        data = folder.Write("iris.csv", string.Join('\n', lines.Select((line, i) => i % 10 < 2 ? line : Blank(line))));

        static string Blank(string line) => line[..(line.LastIndexOf(',') + 1)];
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Catches labels that do not order the components, are not told, or are taken for evidence.</summary>
    [Fact]
    public void ComponentsHaveTheLabels()
    {
        string[] command = ["fit", data, "--label-column", "Species", "--keep-labels"];
        var fit = Cli.Run([.. command, "-k", "4", "--format", "json"]).Expect(0).Json();
        Assert.Equal(
            ["setosa", "versicolor", "virginica", null],
            fit.GetProperty("component_labels").EnumerateArray().Select(label => label.GetString())
        );
        var outcome = Cli.Run([.. command, "-k", "3", "--plot", folder["page.html"]]).Expect(0);
        var text = outcome.Out.Split('\n').Select(line => line.Trim()).ToArray();
        Assert.Contains(text, line => line.StartsWith("1  setosa      0.33", StringComparison.Ordinal));
        Assert.Contains(text, line => line.StartsWith("3  virginica", StringComparison.Ordinal));
        Assert.Contains("no evidence", outcome.Out);
        var free = Cli.Run("fit", data, "-k", "3", "--label-column", "Species", "--format", "json").Expect(0).Json();
        Assert.False(free.TryGetProperty("component_labels", out _));
        Assert.True(free.TryGetProperty("adjusted_rand_index", out _));
        var kept = Cli.Run([.. command, "-k", "3", "--format", "json"]).Expect(0).Json();
        Assert.NotEqual(
            free.GetProperty("log_likelihood").GetDouble(),
            kept.GetProperty("log_likelihood").GetDouble(),
            0.1
        );
        Assert.Equal(JsonValueKind.Number, kept.GetProperty("adjusted_rand_index").ValueKind);
    }

    /// <summary>
    /// Catches components that rows of another label are compared with as they were told to, not as the model says: two
    /// labels that nothing in the data tells apart cannot agree.
    /// </summary>
    [Fact]
    public void TheModelIsComparedNotTheLabels()
    {
        var rows = Enumerable.Range(0, 80).Select(i => $"{i % 20},{(i % 40 < 20 ? "a" : "b")}");
        var same = folder.Write("same.csv", "x,kind\n" + string.Join('\n', rows) + "\n");
        var fit = Cli.Run("fit", same, "-k", "2", "--label-column", "kind", "--keep-labels", "--format", "json");
        Assert.True(fit.Expect(0).Json().GetProperty("adjusted_rand_index").GetDouble() < 0.2);
    }

    /// <summary>Catches wrong usage that passes, and more labels than components that are not named.</summary>
    [Fact]
    public void Faults()
    {
        Assert.Contains("'--label-column'", Cli.Run("fit", data, "--columns", "1,2", "--keep-labels").Expect(2).Error);
        string[] command = ["fit", data, "--label-column", "Species", "--keep-labels"];
        var few = Cli.Run([.. command, "-k", "2"]).Expect(1);
        Assert.Contains("'virginica' stands for component 3", few.Error);
        Assert.Equal("", few.Out);
        // of several numbers those that can be are compared
        var some = Cli.Run([.. command, "-k", "2..3", "--format", "json"]).Expect(0).Json();
        Assert.Equal(3, some.GetProperty("components").GetInt32());
    }
}
