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
                    OutputFile.Write(path, interruption.Token, writer => WriteCsv(writer, rows, codes));
                }

                if (isJson)
                {
                    PrintJson(rows, codes);
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

    private static void WriteCsv(TextWriter writer, Dataset rows, int[]? codes)
    {
        writer.WriteRow(codes is null ? rows.ColumnNames : [.. rows.ColumnNames, "component"]);

        var levels = Levels(rows);

        for (var i = 0; i < rows.Count; i++)
        {
            var cells = rows.Row(i)
                .Select((value, c) => levels[c] is { } names ? CsvText.Cell(names[(int)value]) : Terminal.Exact(value));
            writer.Write(string.Join(',', cells));
            writer.WriteLine(codes is null ? "" : $",{codes[i] + 1}");
        }
    }

    // the names of each column's levels; null for a column of numbers
    private static IReadOnlyList<string>?[] Levels(Dataset rows) =>
        [.. Enumerable.Range(0, rows.Dimension).Select(c => rows.Levels(c) is { Count: > 0 } names ? names : null)];

    private static void PrintJson(Dataset rows, int[]? codes) =>
        Json.Print(writer =>
        {
            writer.Texts("columns", rows.ColumnNames);
            writer.WriteStartArray("rows");
            var levels = Levels(rows);

            for (var i = 0; i < rows.Count; i++)
            {
                writer.WriteStartArray();
                var row = rows.Row(i);

                for (var c = 0; c < row.Length; c++)
                {
                    if (levels[c] is { } names)
                    {
                        writer.WriteStringValue(names[(int)row[c]]);
                    }
                    else
                    {
                        writer.Value(row[c]);
                    }
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();

            if (codes is not null)
            {
                writer.Numbers("labels", codes.Select(code => code + 1.0));
            }
        });
}
