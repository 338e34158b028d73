using Spectre.Console;

namespace MixturesCli.Output;

/// <summary>A progress bar on standard error, which goes away when its work is done.</summary>
internal static class ProgressConsole
{
    /// <summary>Runs a body with a bar from 0 to 1; without one, and with nothing, where none is to be shown.</summary>
    public static T Run<T>(bool show, string title, Func<ProgressTask?, T> body)
    {
        if (!show)
        {
            return body(null);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn()
            )
            .Start(context => body(context.AddTask(title, maxValue: 1)));
    }
}
