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
        var keepLabels = new Option<bool>("--keep-labels")
        {
            Description =
                "Rows with a label keep to the component of that label, those with a blank one are free: a partly labelled sample. Labels 1, 2, … are numbers of components, others name the first ones in alphabetical order. Goes with --label-column.",
        };
        var output = CommonOptions.Out(
            "Save the model, with the fit's numbers, as JSON; of nuts and svi the model at the posterior's means."
        );
        var plot = new Option<string?>("--plot")
        {
            Description = "Save a page of pictures (HTML): the model on the data, how certain it is, and the fit.",
            HelpName = "FILE",
        };
        var plotly = new Option<string?>("--plotly")
        {
            Description =
                "A plotly.min.js to copy into the page, which then works offline; 'cdn' for Plotly's own server. [default: cdn]",
            HelpName = "FILE|cdn",
        };
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();

        var command = new Command("fit", "Fits a mixture to data, or chooses the best of several.") { data };
        options.AddTo(command);
        dataOptions.AddTo(command);
        command.Add(keepLabels);
        command.Add(output);
        command.Add(plot);
        command.Add(plotly);
        command.Add(json);
        command.Add(quiet);
        command.Validators.Add(result =>
        {
            if (result.GetValue(plotly) is not null && result.GetValue(plot) is null)
            {
                result.AddError("Option '--plotly' goes with '--plot'.");
            }

            if (result.GetValue(keepLabels) && !dataOptions.HasLabels(result))
            {
                result.AddError("Option '--keep-labels' goes with '--label-column'.");
            }

            if (options.Families.NamesColumns(result) && dataOptions.HasColumns(result))
            {
                result.AddError(
                    "Options '--schema' and '--columns' exclude each other: the columns that a schema names are the ones used."
                );
            }
        });
        command.SetAction(parse =>
        {
            var outPath = parse.GetValue(output);
            var plotPath = parse.GetValue(plot);
            var tracePath = options.ReadTrace(parse);
            var dataPath = parse.GetValue(data);
            OutputFile.Check(outPath, dataPath);
            OutputFile.Check(plotPath, dataPath, outPath, parse.GetValue(plotly));
            OutputFile.Check(tracePath, dataPath, outPath, plotPath);
            var source = FitPlot.Source(parse.GetValue(plotly));
            var start = options.ReadStart(parse);
            options.CheckCounts(parse);
            var rows = Read(
                parse.GetRequiredValue(data),
                options.Families.WithLevels(parse, dataOptions.Read(parse)),
                start,
                options.Families.ReadSchema(parse)
            );
            var found = options.Families.IsAuto(parse) ? SchemaText.Find(rows, !parse.GetValue(quiet)) : null;
            rows = found is null ? rows : rows.Select([.. found.Columns]);
            rows = parse.GetValue(keepLabels) ? rows.KeepLabels() : rows;
            var specs = options.ReadSpecs(parse, start, found);

            if (options.IsPosterior(parse))
            {
                var request = options.ReadPosterior(parse);
                OutputFile.Check(request.DrawsOut, dataPath, outPath, plotPath, request.Resume);
                OutputFile.Check(request.PosteriorOut, dataPath, outPath, plotPath, request.DrawsOut);
                var isQuiet = parse.GetValue(quiet);
                return interruption.Protect(() =>
                {
                    var model = options.Priors.OfFile(parse, () => specs[0].Bayesian(rows, withDefaults: true));
                    var report = request.Find(model, !isQuiet && !Console.IsErrorRedirected, interruption.Token);
                    report.Compare(rows);
                    var saved = report.Save(request, rows, outPath, plotPath, source).ToArray();
                    report.Print(json.Read(parse), isQuiet);

                    foreach (var note in saved.Where(_ => !isQuiet))
                    {
                        Terminal.Say(note);
                    }

                    return report.IsInterrupted ? ExitCode.Interrupted : ExitCode.Done;
                });
            }

            var search = Selection.Of(specs).WithCriterion(options.ReadCriterion(parse));

            return interruption.Protect(() =>
            {
                var isGradient = options.IsGradient(parse);
                var showProgress = !parse.GetValue(quiet) && !Console.IsErrorRedirected;
                var selection = options.Priors.OfFile(
                    parse,
                    () =>
                        FitProgressBar.Run(
                            showProgress,
                            hasShortRuns: !isGradient && !options.IsCavi(parse),
                            progress =>
                                options.IsCavi(parse)
                                    ? search.Fit(rows, options.ReadCavi(parse, start), progress, interruption.Token)
                                : isGradient
                                    ? search.Fit(rows, options.ReadGradient(parse, start), progress, interruption.Token)
                                : PriorOptions.OfEm(() =>
                                    search.Fit(rows, options.ReadEm(parse, start), progress, interruption.Token)
                                )
                        )
                );
                var result = new FitResult(rows, search, selection, interruption.Token.IsCancellationRequested)
                {
                    FoundSchema = found,
                };

                if (options.ReadStandardErrors(parse))
                {
                    result.FindStandardErrors();
                }

                if (options.ReadLaplace(parse))
                {
                    result.FindLaplace(options.ReadSeed(parse), interruption.Token);
                }

                if (outPath is not null)
                {
                    result.Fit.Save(outPath);
                }

                if (plotPath is not null)
                {
                    FitPlot.Save(result, plotPath, source);
                }

                if (tracePath is not null)
                {
                    var em = options.ReadEm(parse, start);
                    FitTrace.Save(tracePath, start ?? specs[0].Initialise(rows, em), result, em, interruption.Token);
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
                    SchemaText.SayTrials(result.Fit.Model, column => options.Families.FindsTrials(parse, column));

                    foreach (var warning in result.Warnings)
                    {
                        Terminal.Say($"Warning: {warning}");
                    }

                    if (outPath is not null)
                    {
                        Terminal.Say($"Saved the model to {outPath}.");
                    }

                    if (tracePath is not null)
                    {
                        Terminal.Say($"Saved the steps of EM to {tracePath}.");
                    }

                    if (plotPath is not null)
                    {
                        Terminal.Say($"Saved the pictures to {plotPath}.");
                    }
                }

                return result.IsInterrupted ? ExitCode.Interrupted : ExitCode.Done;
            });
        });
        return command;
    }

    // the columns of a model to start from are found by name, as for the other commands
    private static Dataset Read(string path, CsvOptions options, MixtureModel? start, Schema? schema) =>
        schema is not null ? Dataset.FromFile(path, options.WithColumns([.. schema.Columns]))
        : start is null ? Dataset.FromFile(path, options)
        : start.ReadDataset(path, options).MatchColumns(start.ColumnNames);
}
