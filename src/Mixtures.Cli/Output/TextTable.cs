namespace MixturesCli.Output;

/// <summary>A table of text for people: columns are as wide as their widest cell, numbers to the right.</summary>
internal sealed class TextTable(params string[] header)
{
    private readonly List<string[]> rows = [header];

    /// <summary>Adds a row; it may be shorter than the header.</summary>
    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>Writes the table, its lines indented by two spaces.</summary>
    public void Write(TextWriter writer)
    {
        var columns = rows.Max(row => row.Length);
        var widths = Enumerable.Range(0, columns).Select(c => rows.Max(r => c < r.Length ? r[c].Length : 0)).ToArray();
        // a column is one of numbers if its first cell below the header is
        var right = Enumerable
            .Range(0, columns)
            .Select(c => rows.Count > 1 && c < rows[1].Length && IsNumber(rows[1][c]))
            .ToArray();

        foreach (var row in rows)
        {
            var cells = row.Select((cell, c) => right[c] ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
            writer.WriteLine(("  " + string.Join("  ", cells)).TrimEnd());
        }
    }

    private static bool IsNumber(string cell) =>
        cell.Length > 0 && (char.IsAsciiDigit(cell[0]) || (cell[0] == '-' && cell.Length > 1));
}
