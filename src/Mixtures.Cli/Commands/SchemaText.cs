using System.Text.Json;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>What was found in the data: families of columns, numbers of trials.</summary>
internal static class SchemaText
{
    /// <summary>Finds a schema in the data, and says what was chosen and why unless it is to be quiet.</summary>
    public static Schema Find(Dataset rows, bool say)
    {
        var schema = Schema.Infer(rows);

        if (say)
        {
            foreach (var choice in schema.Choices)
            {
                var family = choice.Family is { } chosen ? $"{chosen.Name} ({choice.Reason})" : choice.Reason;
                Terminal.Say($"Column '{choice.Column}': {family}.");
            }
        }

        return schema.Columns.Count > 0
            ? schema
            : throw new DataException("Every column is constant or left out: there is nothing to fit.");
    }

    /// <summary>Says the number of trials of each binomial column where it was found in the data.</summary>
    public static void SayTrials(MixtureModel model, Func<string, bool> isFound)
    {
        foreach (var parameter in model.Parameters.Where(p => p.Component == 0 && p.Name == "trials"))
        {
            if (parameter.Column is { } column && isFound(column))
            {
                Terminal.Say(
                    $"Column '{column}': binomial of {Terminal.Count((int)parameter.Value, "trial")}, the largest count in the data."
                );
            }
        }
    }

    /// <summary>Writes what was chosen and why as a property.</summary>
    public static void Write(Utf8JsonWriter writer, Schema schema)
    {
        writer.WriteStartArray("schema");

        foreach (var choice in schema.Choices)
        {
            writer.WriteStartObject();
            writer.WriteString("column", choice.Column);

            if (choice.Family is { } family)
            {
                writer.WriteString("family", family.Name);
            }
            else
            {
                writer.WriteNull("family");
            }

            writer.WriteString("reason", choice.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
