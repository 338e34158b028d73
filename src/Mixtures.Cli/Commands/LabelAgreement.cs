using System.Text.Json;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>How predicted components agree with a column of labels.</summary>
internal sealed class LabelAgreement(int[] predicted, Labels labels)
{
    private readonly int[,] table = Agreement.CrossTable(predicted, labels);

    /// <summary>How the components that a model says by itself agree with the labels; null where the data have none.</summary>
    public static LabelAgreement? Of(MixtureModel model, Dataset data)
    {
        if (data.Labels is not { } labels)
        {
            return null;
        }

        // labels that are no more than names
        var free = labels.AreComponents
            ? data.WithLabels(labels.Codes.ToArray().Select(code => code < 0 ? "" : labels.Names[code]))
            : data;
        return new(model.Predict(free), labels);
    }

    /// <summary>The adjusted Rand index.</summary>
    public double AdjustedRandIndex { get; } = Agreement.AdjustedRandIndex(predicted, labels);

    /// <summary>Writes the index and the cross table as properties.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.Number("adjusted_rand_index", AdjustedRandIndex);
        writer.WriteStartObject("cross_table");
        writer.Texts("labels", labels.Names);
        writer.WriteStartArray("counts");

        for (var k = 0; k < table.GetLength(0); k++)
        {
            writer.WriteStartArray();

            for (var j = 0; j < table.GetLength(1); j++)
            {
                writer.WriteNumberValue(table[k, j]);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes the index and the cross table for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine($"Adjusted Rand index {Terminal.Fixed(AdjustedRandIndex, 4)}; rows of each label:");
        var text = new TextTable(["component", .. labels.Names]);

        for (var k = 0; k < table.GetLength(0); k++)
        {
            var counts = Enumerable.Range(0, table.GetLength(1)).Select(j => Terminal.Fixed(table[k, j], 0));
            text.Add([Terminal.Fixed(k + 1, 0), .. counts]);
        }

        text.Write(output);
    }
}
