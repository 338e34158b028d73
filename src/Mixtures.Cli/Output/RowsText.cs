using System.Text.Json;
using Mixtures.CSharp;

namespace MixturesCli.Output;

/// <summary>Rows of data as text: levels by their names, numbers to the last bit.</summary>
internal static class RowsText
{
    /// <summary>Writes CSV with a header, and the components that rows came from, numbered from 1, where they are given.</summary>
    public static void Write(TextWriter writer, Dataset rows, int[]? components)
    {
        writer.WriteRow(components is null ? rows.ColumnNames : [.. rows.ColumnNames, "component"]);

        var levels = Levels(rows);

        for (var i = 0; i < rows.Count; i++)
        {
            var cells = rows.Row(i)
                .Select((value, c) => levels[c] is { } names ? CsvText.Cell(names[(int)value]) : Terminal.Exact(value));
            writer.Write(string.Join(',', cells));
            writer.WriteLine(components is null ? "" : $",{components[i] + 1}");
        }
    }

    /// <summary>Writes columns and rows as properties, and the components that rows came from where they are given.</summary>
    public static void Write(Utf8JsonWriter writer, Dataset rows, int[]? components)
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

        if (components is not null)
        {
            writer.Numbers("labels", components.Select(code => code + 1.0));
        }
    }

    // the names of each column's levels; null for a column of numbers
    private static IReadOnlyList<string>?[] Levels(Dataset rows) =>
        [.. Enumerable.Range(0, rows.Dimension).Select(c => rows.Levels(c) is { Count: > 0 } names ? names : null)];
}
