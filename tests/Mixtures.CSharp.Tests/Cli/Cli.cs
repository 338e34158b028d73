using System.Diagnostics;
using System.Text.Json;

namespace MixturesTests.Cli;

/// <summary>What a run of the command line gave.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Outcome(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output, which must be one JSON object on one line and nothing else.</summary>
    public JsonElement Json()
    {
        Assert.EndsWith("}\n", Out);
        Assert.Single(Out.TrimEnd('\n').Split('\n'));
        using var document = JsonDocument.Parse(Out);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        return document.RootElement.Clone();
    }

    /// <summary>The lines of standard output.</summary>
    public string[] Lines => Out.TrimEnd('\n').Split('\n');

    /// <summary>Fails, with what was said, unless the exit code is the given one.</summary>
    public Outcome Expect(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"expected exit code {exitCode}, received {ExitCode}: {Out}{Error}");
        return this;
    }
}

/// <summary>The command line as a process, from the file that the build puts beside the tests.</summary>
internal static class Cli
{
    /// <summary>Runs a command to its end.</summary>
    public static Outcome Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    /// <summary>Runs a command to its end, with environment variables.</summary>
    public static Outcome Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return Finish(process);
    }

    /// <summary>Starts a command.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "mixtures.dll"));

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for the end of a command, at most a minute.</summary>
    public static Outcome Finish(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();

        if (!process.WaitForExit(60_000))
        {
            process.Kill();
            Assert.Fail("the command did not end within a minute");
        }

        return new Outcome(process.ExitCode, output.Result, error.Result);
    }
}
