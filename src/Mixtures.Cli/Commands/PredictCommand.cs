using System.CommandLine;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>mixtures predict: the most probable component of each row.</summary>
internal static class PredictCommand
{
    public static Command Create(Interruption interruption)
    {
        var model = CommonOptions.Model();
        var data = CommonOptions.Data();
        var dataOptions = new DataOptions(
            "--truth",
            "A column of known labels, to compare with: prints the adjusted Rand index and the cross table."
        );
        var probabilities = new Option<bool>("--probabilities")
        {
            Description = "Also write every component's probability for each row.",
        };
        var output = CommonOptions.Out("Write the labels to a CSV file instead of standard output.");
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();

        var command = new Command("predict", "Tells the most probable component of each row, numbered from 1, as CSV.")
        {
            model,
            data,
            probabilities,
        };
        dataOptions.AddTo(command);
        command.Add(output);
        command.Add(json);
        command.Add(quiet);
        command.SetAction(parse =>
        {
            var path = parse.GetValue(output);
            OutputFile.Check(path, parse.GetValue(model), parse.GetValue(data));
            var mixture = Mixture.Load(parse.GetRequiredValue(model));
            var rows = mixture.ReadDataset(parse.GetRequiredValue(data), dataOptions.Read(parse));
            var labels = mixture.Predict(rows);
            var shares = parse.GetValue(probabilities) ? mixture.Responsibilities(rows) : null;
            var agreement = rows.Labels is { } truth ? new LabelAgreement(labels, truth) : null;
            var isJson = json.Read(parse);

            interruption.Protect(() =>
            {
                if (path is not null || !isJson)
                {
                    OutputFile.Write(path, interruption.Token, writer => WriteCsv(writer, mixture, labels, shares));
                }

                if (isJson)
                {
                    Json.Print(writer =>
                    {
                        writer.WriteNumber("components", mixture.Components);
                        writer.WriteNumber("rows", rows.Count);
                        writer.Numbers("labels", labels.Select(label => label + 1.0));

                        if (shares is not null)
                        {
                            writer.Table("probabilities", shares);
                        }

                        agreement?.Write(writer);
                    });
                }
            });

            if (!isJson)
            {
                // where the labels are on standard output, the comparison goes beside them
                agreement?.Write(path is null ? Console.Error : Console.Out);
            }

            if (!parse.GetValue(quiet))
            {
                ZeroDensity.Warn(mixture.LogDensity(rows), "nothing but the weights tells their component");
            }

            if (path is not null && !parse.GetValue(quiet))
            {
                Terminal.Say($"Wrote the labels of {Terminal.Count(rows.Count, "row")} to {path}.");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteCsv(TextWriter writer, MixtureModel model, int[] labels, double[,]? shares)
    {
        var numbers = Enumerable.Range(1, model.Components);
        writer.WriteRow(shares is null ? ["component"] : ["component", .. numbers.Select(k => $"probability_{k}")]);

        for (var i = 0; i < labels.Length; i++)
        {
            writer.Write(labels[i] + 1);

            for (var k = 0; shares is not null && k < model.Components; k++)
            {
                writer.Write(',');
                writer.Write(Terminal.Exact(shares[i, k]));
            }

            writer.WriteLine();
        }
    }
}
