using System.CommandLine;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>mixtures fit: fits one model, or chooses among several.</summary>
internal static class FitCommand
{
    public static Command Create(Interruption interruption)
    {
        var data = CommonOptions.Data();
        var options = new FitOptions();
        var dataOptions = new DataOptions(
            "--label-column",
            "A column of known labels: left out of the fit, and compared with the components afterwards."
        );
        var output = CommonOptions.Out("Save the model, with the fit's numbers, as JSON.");
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();

        var command = new Command("fit", "Fits a mixture to data, or chooses the best of several.") { data };
        options.AddTo(command);
        dataOptions.AddTo(command);
        command.Add(output);
        command.Add(json);
        command.Add(quiet);
        command.SetAction(parse =>
        {
            var outPath = parse.GetValue(output);
            OutputFile.Check(outPath);
            var start = options.ReadStart(parse);
            var specs = options.ReadSpecs(parse, start);
            var rows = Read(parse.GetRequiredValue(data), dataOptions.Read(parse), start);
            var search = Selection.Of(specs).WithCriterion(options.ReadCriterion(parse));

            return interruption.Protect(() =>
            {
                var em = options.ReadEm(parse, start);
                var showProgress = !parse.GetValue(quiet) && !Console.IsErrorRedirected;
                var selection = FitProgressBar.Run(
                    showProgress,
                    progress => search.Fit(rows, em, progress, interruption.Token)
                );
                var result = new FitResult(rows, search, selection, interruption.Token.IsCancellationRequested);

                if (outPath is not null)
                {
                    result.Fit.Save(outPath);
                }

                if (json.Read(parse))
                {
                    FitJson.Print(result);
                }
                else
                {
                    FitText.Print(result, Console.Out);
                }

                if (!parse.GetValue(quiet))
                {
                    foreach (var warning in result.Warnings)
                    {
                        Terminal.Say($"Warning: {warning}");
                    }

                    if (outPath is not null)
                    {
                        Terminal.Say($"Saved the model to {outPath}.");
                    }
                }

                return result.IsInterrupted ? ExitCode.Interrupted : ExitCode.Done;
            });
        });
        return command;
    }

    // the columns of a model to start from are found by name, as for the other commands
    private static Dataset Read(string path, CsvOptions options, MixtureModel? start) =>
        start is null
            ? Dataset.FromFile(path, options)
            : start.ReadDataset(path, options).MatchColumns(start.ColumnNames);
}
