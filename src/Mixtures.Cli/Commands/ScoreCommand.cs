using System.CommandLine;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>mixtures score: how probable a model finds data.</summary>
internal static class ScoreCommand
{
    public static Command Create(Interruption interruption)
    {
        var model = CommonOptions.Model();
        var data = CommonOptions.Data();
        var dataOptions = new DataOptions("--label-column", "A column of labels, which is left out.");
        var perRow = new Option<bool>("--rows")
        {
            Description = "The log-density of each row, as CSV, instead of their sum.",
        };
        var output = CommonOptions.Out("With --rows: write to a CSV file instead of standard output.");
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();

        var command = new Command("score", "Tells the log-likelihood of data under a model, in nats.")
        {
            model,
            data,
            perRow,
        };
        dataOptions.AddTo(command);
        command.Add(output);
        command.Add(json);
        command.Add(quiet);
        command.Validators.Add(result =>
        {
            if (result.GetValue(output) is not null && !result.GetValue(perRow))
            {
                result.AddError("Option '--out' goes with '--rows'.");
            }
        });
        command.SetAction(parse =>
        {
            var path = parse.GetValue(output);
            OutputFile.Check(path, parse.GetValue(model), parse.GetValue(data));
            var mixture = Mixture.Load(parse.GetRequiredValue(model));
            var rows = mixture.ReadDataset(parse.GetRequiredValue(data), dataOptions.Read(parse));
            var densities = parse.GetValue(perRow) ? mixture.LogDensity(rows) : null;
            var isJson = json.Read(parse);

            if (densities is not null && (path is not null || !isJson))
            {
                interruption.Protect(() =>
                    OutputFile.Write(
                        path,
                        interruption.Token,
                        writer =>
                        {
                            writer.WriteRow(["log_density"]);

                            foreach (var density in densities)
                            {
                                writer.WriteLine(Terminal.Exact(density));
                            }
                        }
                    )
                );

                if (path is not null && !parse.GetValue(quiet))
                {
                    Terminal.Say($"Wrote the log-densities of {Terminal.Count(rows.Count, "row")} to {path}.");
                }
            }

            if (isJson)
            {
                PrintJson(mixture, rows, densities);
            }
            else if (densities is null)
            {
                PrintText(mixture, rows);
            }

            if (!parse.GetValue(quiet) && double.IsNegativeInfinity(mixture.Score(rows)))
            {
                ZeroDensity.Warn(densities ?? mixture.LogDensity(rows), "the log-likelihood is minus infinity");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void PrintJson(MixtureModel model, Dataset rows, double[]? densities) =>
        Json.Print(writer =>
        {
            writer.WriteNumber("rows", rows.Count);
            writer.Number("total_weight", rows.TotalWeight);
            writer.Number("log_likelihood", model.Score(rows));
            writer.Number("mean_log_likelihood", -model.MeanNegativeLogLikelihood(rows));
            writer.WriteNumber("parameters", model.FreeParameters);
            writer.Number("aic", model.Aic(rows));
            writer.Number("bic", model.Bic(rows));
            writer.Number("icl", model.Icl(rows));

            if (densities is not null)
            {
                writer.Numbers("log_densities", densities);
            }
        });

    private static void PrintText(MixtureModel model, Dataset rows)
    {
        var output = Console.Out;
        var mean = Terminal.Short(-model.MeanNegativeLogLikelihood(rows), 10);
        output.WriteLine(
            $"log-likelihood {Terminal.Fixed(model.Score(rows), 6)} of {Terminal.Count(rows.Count, "row")}, {mean} nats a row"
        );
        output.WriteLine(
            $"BIC {Terminal.Fixed(model.Bic(rows), 4)}, ICL {Terminal.Fixed(model.Icl(rows), 4)}, AIC {Terminal.Fixed(model.Aic(rows), 4)} with {Terminal.Count(model.FreeParameters, "parameter")}"
        );
    }
}
