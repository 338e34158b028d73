using System.CommandLine;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>mixtures impute: fills missing cells in.</summary>
internal static class ImputeCommand
{
    public static Command Create(Interruption interruption)
    {
        var model = CommonOptions.Model();
        var data = CommonOptions.Data();
        var dataOptions = new DataOptions("--label-column", "A column of labels, which is left out.");
        var draw = new Option<bool>("--draw")
        {
            Description =
                "Draw each cell given what its row has, instead of its mean or most probable level: one of many possible completions.",
        };
        var seed = Parsers.Integer(
            "--seed",
            "With --draw: the seed; the same seed gives the same rows.",
            int.MinValue,
            0
        );
        var output = CommonOptions.Out("Write to a CSV file instead of standard output.");
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();

        var command = new Command(
            "impute",
            "Fills missing cells in from what their row has, as CSV with the model's columns."
        )
        {
            model,
            data,
            draw,
            seed,
        };
        dataOptions.AddTo(command, missing: false);
        command.Add(output);
        command.Add(json);
        command.Add(quiet);
        command.Validators.Add(result =>
        {
            if (result.GetResult(seed) is { Implicit: false } && !result.GetValue(draw))
            {
                result.AddError("Option '--seed' goes with '--draw'.");
            }
        });
        command.SetAction(parse =>
        {
            var path = parse.GetValue(output);
            OutputFile.Check(path, parse.GetValue(model), parse.GetValue(data));
            var mixture = Mixture.Load(parse.GetRequiredValue(model));
            var options = dataOptions.Read(parse).WithMissing(MissingCells.Keep);
            var rows = mixture.ReadDataset(parse.GetRequiredValue(data), options).MatchColumns(mixture.ColumnNames);
            var count = Enumerable.Range(0, rows.Dimension).Sum(rows.MissingCount);
            var filled = parse.GetValue(draw) ? mixture.ImputeDraw(rows, parse.GetValue(seed)) : mixture.Impute(rows);
            var isJson = json.Read(parse);

            interruption.Protect(() =>
            {
                if (path is not null || !isJson)
                {
                    OutputFile.Write(path, interruption.Token, writer => RowsText.Write(writer, filled, null));
                }

                if (isJson)
                {
                    Json.Print(writer =>
                    {
                        writer.WriteNumber("filled", count);
                        RowsText.Write(writer, filled, null);
                    });
                }
            });

            if (path is not null && !parse.GetValue(quiet))
            {
                Terminal.Say(
                    $"Wrote {Terminal.Count(rows.Count, "row")} to {path}, with {Terminal.Count(count, "cell")} filled in."
                );
            }

            return ExitCode.Done;
        });
        return command;
    }
}
