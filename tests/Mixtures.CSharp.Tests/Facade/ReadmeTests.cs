namespace MixturesTests.Facade;

/// <summary>Tests that change what the whole process shares: run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class AloneTests
{
    /// <summary>The collection's name.</summary>
    public const string Name = "alone";
}

/// <summary>The C# start of README, compiled and run here.</summary>
[Collection(AloneTests.Name)]
public class ReadmeTests
{
    /// <summary>Catches a start that no longer compiles, fails, or saves nothing.</summary>
    [Fact]
    public void TheStartRuns()
    {
        using var folder = new TemporaryFolder();
        var directory = Directory.GetCurrentDirectory();
        var console = Console.Out;
        using var output = new StringWriter();

        try
        {
            // README's paths are relative to the repository
            Directory.CreateDirectory(folder["data"]);
            File.Copy(Samples.Faithful, folder["data/faithful.csv"]);
            Directory.SetCurrentDirectory(folder.Root);
            Console.SetOut(output);
            ReadmeStart.Run();
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(directory);
        }

        Assert.StartsWith("log-likelihood -1126.3159, BIC 2314.30, Converged", output.ToString());
        Assert.Equal(["faithful.json"], folder.Files);
    }

    /// <summary>Catches a README whose C# start is not the one that is run here.</summary>
    [Fact]
    public void TheStartIsTheOneInReadme()
    {
        var source = Read("ReadmeStart.cs");
        var run = source[(source.IndexOf("// start", StringComparison.Ordinal) + 8)..];
        run = "using Mixtures.CSharp;" + run[..run.IndexOf("// end", StringComparison.Ordinal)];

        foreach (var block in Read("README.md").Split("```csharp\n")[1..])
        {
            var code = block[..block.IndexOf("```", StringComparison.Ordinal)];
            Assert.Equal(Dense(run), Dense(code));
        }
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name));

    private static string Dense(string code) => string.Concat(code.Where(c => !char.IsWhiteSpace(c)));
}
