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

    /// <summary>Catches draws that are lost with the run, or a saved posterior that does not go on where it stopped.</summary>
    [Fact]
    public void AnInterruptedSamplerGoesOn()
    {
        using var folder = new TemporaryFolder();
        string[] one = ["fit", Samples.Faithful, "-k", "1", "--method", "nuts", "--format", "json"];
        string[] endless = ["--draws", "100000000", "--warmup", "100", "--chains", "2"];
        string[] outputs = ["--posterior-out", folder["p.json"], "--out", folder["m.json"]];
        var outcome = Interrupt("INT", [.. one, .. endless, .. outputs]);
        outcome.Expect(130);
        Assert.True(outcome.Json().GetProperty("interrupted").GetBoolean());
        Assert.Contains("The run was stopped after", outcome.Error);
        Assert.Equal(["m.json", "p.json"], folder.Files.Order());
        var reached = outcome.Json().GetProperty("draws").GetInt32();
        Assert.InRange(reached, 6, 100_000_000);
        var goal = (reached + 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var more = Cli.Run([.. one, "--draws", goal, "--resume", folder["p.json"]]).Expect(0).Json();
        Assert.Equal(reached + 1000, more.GetProperty("draws").GetInt32());
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
