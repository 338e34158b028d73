using System.Diagnostics;
using Mixtures.CSharp;

namespace MixturesTests.Cli;

/// <summary>Ctrl-C and SIGTERM.</summary>
public class InterruptionTests
{
    private static readonly Dictionary<string, string> Plain = [];

    /// <summary>Catches an interrupted fit that is lost, half-written or not told apart from a finished one.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void WhatWasReachedIsSaved(string signal)
    {
        using var folder = new TemporaryFolder();
        string[] endless = ["-k", "3", "--tolerance", "0", "--max-iterations", "2000000000", "--restarts", "1"];
        string[] arguments = ["fit", Samples.Faithful, "--out", folder["m.json"], "--format", "json", .. endless];
        var outcome = Interrupt(signal, arguments);
        outcome.Expect(130);
        Assert.Equal("interrupted", outcome.Json().GetProperty("termination").GetString());
        Assert.Contains("Interrupted after", outcome.Error);
        Assert.Equal(["m.json"], folder.Files);
        Assert.Equal(Termination.Interrupted, Mixture.Load(folder["m.json"]).Fit!.Termination);
    }

    /// <summary>Catches a search that loses its finished models when it is interrupted.</summary>
    [Fact]
    public void AnInterruptedSearchKeepsTheBestSoFar()
    {
        using var folder = new TemporaryFolder();
        string[] endless = ["-k", "1..900", "--tolerance", "0", "--max-iterations", "3000", "--restarts", "1"];
        var outcome = Interrupt("INT", ["fit", Samples.Faithful, "--out", folder["m.json"], .. endless]);
        outcome.Expect(130);
        Assert.Matches("Interrupted after [0-9]+ of 900 models", outcome.Error);
        Assert.Equal(["m.json"], folder.Files);
    }

    private static Outcome Interrupt(string signal, params string[] arguments)
    {
        using var process = Cli.Start(Plain, arguments);
        Thread.Sleep(2500);
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
        return Cli.Finish(process);
    }
}
