using System.Globalization;

namespace MixturesCli.Output;

/// <summary>What is said to people, on standard error, and how numbers are written.</summary>
internal static class Terminal
{
    /// <summary>Writes a line to standard error.</summary>
    public static void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>A number to the last bit, as data.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number as people read it, with so many decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A number as people read it, to so many significant digits.</summary>
    public static string Short(double value, int digits = 5) =>
        value.ToString($"G{digits}", CultureInfo.InvariantCulture);

    /// <summary>A number of things: 1 row, 2 rows.</summary>
    public static string Count(int number, string noun) =>
        number == 1 ? $"1 {noun}" : string.Create(CultureInfo.InvariantCulture, $"{number} {noun}s");

    /// <summary>An argument check's message as a sentence, without the parameter's name.</summary>
    public static string Sentence(ArgumentException exception)
    {
        var message = OneLine(exception.Message);
        var cut = message.LastIndexOf(" (Parameter", StringComparison.Ordinal);
        message = cut > 0 ? message[..cut] : message;
        message = char.ToUpperInvariant(message[0]) + message[1..];
        return message.EndsWith('.') ? message : message + ".";
    }

    /// <summary>The message on one line.</summary>
    public static string OneLine(string message) =>
        string.Join(" ", message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
