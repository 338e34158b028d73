using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Mixtures.CSharp;
using MixturesCli.Commands;
using MixturesCli.Output;

namespace MixturesCli;

/// <summary>The mixtures command line.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        using var interruption = new Interruption();
        var root = new RootCommand("Fits, applies and inspects mixture models of CSV and NPY files.");
        root.Add(FitCommand.Create(interruption));
        root.Add(PredictCommand.Create(interruption));
        root.Add(ScoreCommand.Create(interruption));
        root.Add(SampleCommand.Create(interruption));
        root.Add(ImputeCommand.Create(interruption));
        root.Add(InfoCommand.Create());
        Help.AddExamples(root);

        try
        {
            var parse = root.Parse(args);
            return parse.Action is ParseErrorAction ? Help.WrongUsage(parse) : parse.Invoke(Configuration());
        }
        catch (OperationCanceledException)
        {
            Terminal.Say("Interrupted before anything was reached: nothing was saved.");
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (exception is DataException or FitException)
        {
            Terminal.Say(exception.Message);
            return ExitCode.Failed;
        }
        catch (ArgumentException exception)
        {
            Terminal.Say(Terminal.Sentence(exception));
            return ExitCode.Failed;
        }
        catch (Exception exception)
        {
            Terminal.Say($"Unexpected error: {Terminal.OneLine(exception.Message)} ({exception.GetType().Name})");
            return ExitCode.Failed;
        }
    }

    private static InvocationConfiguration Configuration() =>
        new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
}
