namespace MixturesTests.Facade;

/// <summary>Tests that change what the whole process shares: run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class AloneTests
{
    /// <summary>The collection's name.</summary>
    public const string Name = "alone";
}

/// <summary>The C# snippets of README and the page on families, compiled and run here.</summary>
[Collection(AloneTests.Name)]
public class ReadmeTests
{
    /// <summary>Catches a start that no longer compiles, fails, or saves nothing.</summary>
    [Fact]
    public void TheStartRuns()
    {
        var (output, files) = Run(ReadmeStart.Run);
        Assert.StartsWith("log-likelihood -1126.3159, BIC 2314.30, Converged", output);
        Assert.Equal(["faithful.json"], files);
    }

    /// <summary>Catches a gradient snippet that no longer compiles, fails, or comes to other numbers.</summary>
    [Fact]
    public void TheGradientSnippetRuns()
    {
        var (output, files) = Run(ReadmeStart.RunGradient);
        Assert.StartsWith("loss 1033.676", output);
        Assert.Contains("Converged", output);
        Assert.Contains("mean[1][waiting] 80.0", output);
        Assert.Contains("laplace: log-likelihood -1043.74", output);
        Assert.Contains("gradient Tensor 2 [6, 12]", output);
        Assert.Empty(files);
    }

    /// <summary>Catches a Bayesian snippet that no longer compiles, fails, or comes to other numbers.</summary>
    [Fact]
    public void TheBayesianSnippetRuns() =>
        Says(
            ReadmeStart.RunBayesian,
            [
                "MAP loss 1179.6315; log evidence -1192.361, reliable: True",
                "bound -1173.6430, 2 of 12 components in use",
            ],
            ["posterior.json"]
        );

    /// <summary>Catches a snippet of the page on Bayesian mixtures that no longer compiles, fails, or comes to other numbers.</summary>
    [Fact]
    public void TheBayesianPagesSnippetRuns()
    {
        var lines = Run(BayesianStart.Run).Output.Trim().Split(Environment.NewLine);
        Assert.Equal("loss 17.443255, scale 0.651434, Stationary", lines[0]);
        Assert.Equal("boundary 5.721028", lines[1]);
        Assert.Contains(lines[2], new[] { "components 0 0 1 1 1", "components 1 1 0 0 0" });
        Assert.Equal("log evidence -17.805, reliable: False", lines[3]);
    }

    /// <summary>Catches a command on the page on Bayesian mixtures that fails, or says something else than the page.</summary>
    [Fact]
    public void TheBayesianCommandsRun()
    {
        using var folder = new TemporaryFolder();
        var page = Read("bayesian.md");
        var priors = page.Split("```json\n")[1];
        File.WriteAllText(folder["priors.json"], priors[..priors.IndexOf("```", StringComparison.Ordinal)]);
        var outputs = Commands("bayesian.md").Select(command => RunIn(folder, command)).ToArray();
        Assert.Equal(4, outputs.Length);
        Assert.Contains("by Laplace's approximation (reliable", outputs[0]);
        var said = page.Split('\n').Single(line => line.StartsWith("coordinate ascent:", StringComparison.Ordinal));
        Assert.Contains(said, outputs[2]);
        Assert.Contains(said, outputs[3]);
        var command = Read("README.md")
            .Split('\n')
            .Single(line =>
                line.StartsWith("mixtures fit data/faithful.csv --components 12", StringComparison.Ordinal)
            );
        Assert.Equal(Commands("bayesian.md")[2], command);
    }

    /// <summary>Catches a snippet of the page on families that no longer compiles, fails, or comes to other numbers.</summary>
    [Fact]
    public void TheFamiliesSnippetRuns()
    {
        var (output, files) = Run(FamiliesStart.Run);
        Assert.StartsWith("log-likelihood -4579.1331, BIC 9305.40", output);
        Assert.Contains("rate[1][visits] 1.480", output);
        Assert.Contains("smoker: bernoulli, only 0 and 1", output);
        Assert.Contains("visits: 2 negative-binomial components", output);
        Assert.Contains("location 4.32, 3 components", output);
        Assert.Empty(files);
    }

    /// <summary>Catches a snippet of the page on missing values that no longer compiles, fails, or comes to other numbers.</summary>
    [Fact]
    public void TheMissingValuesSnippetRuns() =>
        Says(
            MissingStart.Run,
            ["log-likelihood -169.4736, BIC 559.42", "setosa: weight 0.331", "row 2: 4.71, or 4.84"],
            []
        );

    /// <summary>Catches a command on the page on families, or of README's on them, that fails.</summary>
    [Fact]
    public void TheFamiliesCommandsRun()
    {
        using var folder = new TemporaryFolder();
        var readme = Read("README.md")
            .Split('\n')
            .Where(line => line.StartsWith("mixtures fit data/patients", StringComparison.Ordinal));
        string[] commands = [.. Commands("families.md"), .. readme];
        Assert.Equal(7, commands.Length);
        Array.ForEach(commands, command => RunIn(folder, command));
    }

    /// <summary>Catches a command on the page on missing values that fails, or leaves gaps.</summary>
    [Fact]
    public void TheMissingValuesCommandsRun()
    {
        using var folder = new TemporaryFolder();
        var outputs = Commands("missing-values.md").Select(command => RunIn(folder, command)).ToArray();
        Assert.Equal(5, outputs.Length);
        Assert.Contains("versicolor", outputs[1]);
        Assert.False(Dataset.FromCsv(folder["filled.csv"]).HasMissing);
        Assert.NotEqual(File.ReadAllText(folder["filled.csv"]), File.ReadAllText(folder["drawn.csv"]));
    }

    /// <summary>Catches a snippet of the page on sampling that no longer compiles, fails, or comes to other numbers than in F#.</summary>
    [Fact]
    public void TheSamplingSnippetRuns()
    {
        var (output, files) = Run(SamplingStart.Run);
        var page = Read("sampling.md");
        var lines = output.Trim().Split(Environment.NewLine);
        Assert.Equal(6, lines.Length);
        Assert.Contains(string.Join('\n', lines[..4]), page);
        Assert.Equal("700 draws of each chain", lines[4]);
        Assert.Contains($"{lines[5]}\n", page);
        Assert.Equal(["guide.json", "model.json", "sample.html", "sample.json"], files.Order());
    }

    /// <summary>Catches a command on the page on sampling that fails, or does not go on from the one before.</summary>
    [Fact]
    public void TheSamplingCommandsRun()
    {
        using var folder = new TemporaryFolder();
        var outputs = Commands("sampling.md").Select(command => RunIn(folder, command)).ToArray();
        Assert.Equal(4, outputs.Length);
        Assert.Contains("4 chains of 700 draws", outputs[1]);
        Assert.Equal(2801, File.ReadAllLines(folder["draws.csv"]).Length);
        Assert.Equal(273, outputs[3].Trim().Split('\n').Length);
    }

    /// <summary>Catches pages whose C# snippets are not those that are run here.</summary>
    [Theory]
    [InlineData("README.md", "ReadmeStart.cs")]
    [InlineData("families.md", "FamiliesStart.cs")]
    [InlineData("missing-values.md", "MissingStart.cs")]
    [InlineData("bayesian.md", "BayesianStart.cs")]
    [InlineData("sampling.md", "SamplingStart.cs")]
    public void TheSnippetsAreThoseOnThePages(string page, string source)
    {
        var run = Read(source)
            .Split("// start")[1..]
            .Select(part => "using Mixtures.CSharp;" + part[..part.IndexOf("// end", StringComparison.Ordinal)]);
        var shown = Read(page)
            .Split("```csharp\n")[1..]
            .Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]);
        Assert.Equal(run.Select(Dense), shown.Select(Dense));
    }

    // that a snippet writes these lines, and leaves these files
    private static void Says(Action snippet, string[] lines, string[] left)
    {
        var (output, files) = Run(snippet);
        Assert.Equal(lines, output.Trim().Split(Environment.NewLine));
        Assert.Equal(left, files);
    }

    private static (string Output, string[] Files) Run(Action snippet)
    {
        using var folder = new TemporaryFolder();
        var directory = Directory.GetCurrentDirectory();
        var console = Console.Out;
        using var output = new StringWriter();

        try
        {
            // README's paths are relative to the repository
            Directory.CreateDirectory(folder["data"]);

            foreach (var name in new[] { "faithful.csv", "patients.csv", "iris-gaps.csv" })
            {
                File.Copy(Samples.PathOf(name), folder["data/" + name]);
            }

            Directory.SetCurrentDirectory(folder.Root);
            Console.SetOut(output);
            snippet();
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(directory);
        }

        return (output.ToString(), [.. folder.Files]);
    }

    // the commands of a page's block for a shell
    private static string[] Commands(string page)
    {
        var block = Read(page).Split("```sh\n")[1];
        return block[..block.IndexOf("```", StringComparison.Ordinal)].Trim().Split('\n');
    }

    private static string RunIn(TemporaryFolder folder, string command)
    {
        string[] written = [".json", ".html", ".csv"];
        var arguments = command
            .Split(' ')[1..]
            .Select(word =>
                word.StartsWith("data/", StringComparison.Ordinal) ? Samples.PathOf(word[5..])
                : written.Any(word.EndsWith) ? folder[word]
                : word
            );
        return Cli.Cli.Run([.. arguments]).Expect(0).Out;
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name));

    private static string Dense(string code) => string.Concat(code.Where(c => !char.IsWhiteSpace(c)));
}
