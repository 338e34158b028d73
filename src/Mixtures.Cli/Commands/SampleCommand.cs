using System.CommandLine;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>mixtures sample: draws rows from a model.</summary>
internal static class SampleCommand
{
    public static Command Create(Interruption interruption)
    {
        var model = CommonOptions.Model();
        var count = Parsers.Integer("--count", "How many rows.", 1, 1000);
        var seed = Parsers.Integer("--seed", "The seed; the same seed gives the same rows.", int.MinValue, 0);
        var labels = new Option<bool>("--labels")
        {
            Description = "Also write the component that each row was drawn from, numbered from 1.",
        };
        var output = CommonOptions.Out("Write to a CSV file instead of standard output.");
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();

        var command = new Command("sample", "Draws rows from a model, as CSV.")
        {
            model,
            count,
            seed,
            labels,
            output,
            json,
            quiet,
        };
        command.SetAction(parse =>
        {
            var path = parse.GetValue(output);
            OutputFile.Check(path, parse.GetValue(model));
            var mixture = Mixture.Load(parse.GetRequiredValue(model));
            var rows = mixture.Sample(parse.GetValue(count), parse.GetValue(seed));
            var codes = parse.GetValue(labels) ? rows.Labels!.Codes.ToArray() : null;
            var isJson = json.Read(parse);

            interruption.Protect(() =>
            {
                if (path is not null || !isJson)
                {
                    OutputFile.Write(path, interruption.Token, writer => RowsText.Write(writer, rows, codes));
                }

                if (isJson)
                {
                    Json.Print(writer => RowsText.Write(writer, rows, codes));
                }
            });

            if (path is not null && !parse.GetValue(quiet))
            {
                Terminal.Say($"Wrote {Terminal.Count(rows.Count, "row")} to {path}.");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
