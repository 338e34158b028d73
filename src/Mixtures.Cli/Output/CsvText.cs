namespace MixturesCli.Output;

/// <summary>Writes rows of CSV: commas, decimal points, and quotes where they are needed.</summary>
internal static class CsvText
{
    /// <summary>A cell of text.</summary>
    public static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") >= 0 || text != text.Trim() ? $"\"{text.Replace("\"", "\"\"")}\"" : text;

    /// <summary>A line of cells.</summary>
    public static void WriteRow(this TextWriter writer, IEnumerable<string> cells) =>
        writer.WriteLine(string.Join(',', cells.Select(Cell)));
}
