using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mixtures.CSharp;

namespace MixturesCli.Output;

/// <summary>One JSON object on standard output. Numbers read back to the same bits; those that are not finite are null.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the object whose properties the body writes.</summary>
    public static void Print(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();

        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            body(writer);
            writer.WriteEndObject();
        }

        using var output = Console.OpenStandardOutput();
        output.Write(buffer.WrittenSpan);
        output.Write("\n"u8);
    }

    /// <summary>A number, or null where it is not finite.</summary>
    public static void Value(this Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>A property that is a number.</summary>
    public static void Number(this Utf8JsonWriter writer, string name, double value)
    {
        writer.WritePropertyName(name);
        writer.Value(value);
    }

    /// <summary>A property that is a list of numbers.</summary>
    public static void Numbers(this Utf8JsonWriter writer, string name, IEnumerable<double> values)
    {
        writer.WriteStartArray(name);

        foreach (var value in values)
        {
            writer.Value(value);
        }

        writer.WriteEndArray();
    }

    /// <summary>A property that is a list of texts.</summary>
    public static void Texts(this Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);

        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    /// <summary>A property that is a list of rows of numbers.</summary>
    public static void Table(this Utf8JsonWriter writer, string name, double[,] values)
    {
        writer.WriteStartArray(name);

        for (var i = 0; i < values.GetLength(0); i++)
        {
            writer.WriteStartArray();

            for (var j = 0; j < values.GetLength(1); j++)
            {
                writer.Value(values[i, j]);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    /// <summary>What the model is: family, covariance, components, dimension, columns.</summary>
    public static void ModelHead(this Utf8JsonWriter writer, MixtureModel model)
    {
        writer.WriteString("family", model.Family);

        if (model.Covariance is { } covariance)
        {
            writer.WriteString("covariance", Names.Of(covariance));
        }

        writer.WriteNumber("components", model.Components);
        writer.WriteNumber("dimension", model.Dimension);
        writer.Texts("columns", model.ColumnNames);

        if (model.ColumnFamilies.Any(family => !model.Family.StartsWith(family, StringComparison.Ordinal)))
        {
            writer.Texts("families", model.ColumnFamilies);
        }
    }

    /// <summary>
    /// The model's parameters, in the layout of model files; of families other than the Gaussian also one by one.
    /// </summary>
    public static void ModelParameters(this Utf8JsonWriter writer, MixtureModel model)
    {
        using var document = JsonDocument.Parse(model.ToJson());

        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (
                property.Name
                is "weights"
                    or "means"
                    or "covariances"
                    or "constant_columns"
                    or "degrees_of_freedom"
                    or "noise"
            )
            {
                property.WriteTo(writer);
            }
        }

        // of Gaussians, full covariances of many columns have millions of entries
        if (model.ToSpec() is GaussianSpec)
        {
            return;
        }

        writer.WriteStartArray("component_parameters");

        foreach (var parameter in model.Parameters)
        {
            writer.WriteStartObject();
            writer.WriteNumber("component", parameter.Component + 1);
            writer.Texts("columns", parameter.Columns);
            writer.WriteString("name", parameter.Name);
            writer.Number("value", parameter.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
