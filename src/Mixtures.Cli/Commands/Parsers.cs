using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MixturesCli.Commands;

/// <summary>Options whose values are checked as they are parsed, whatever the machine's culture.</summary>
internal static class Parsers
{
    /// <summary>The value of an option while options are checked; nothing where it cannot be parsed, which is told elsewhere.</summary>
    public static T? ValidValue<T>(this CommandResult result, Option<T> option)
    {
        try
        {
            return result.GetValue(option);
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>A whole number of at least the least.</summary>
    public static Option<int> Integer(string name, string description, int least, int value) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                if (int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n))
                {
                    if (n >= least)
                    {
                        return n;
                    }
                }

                var range = least == int.MinValue ? "a whole number" : $"a whole number of {least} or more";
                result.AddError($"Option '{name}': expected {range}, received '{Text(result)}'.");
                return value;
            },
        };

    /// <summary>A whole number of at least the least, or nothing.</summary>
    public static Option<int?> OptionalInteger(string name, string description, int least) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                if (int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n))
                {
                    if (n >= least)
                    {
                        return n;
                    }
                }

                result.AddError(
                    $"Option '{name}': expected a whole number of {least} or more, received '{Text(result)}'."
                );
                return null;
            },
        };

    /// <summary>A finite number of at least zero, or above it, and below a limit.</summary>
    public static Option<double?> Number(
        string name,
        string description,
        bool positive = false,
        double below = double.PositiveInfinity
    ) =>
        new(name)
        {
            Description = description,
            HelpName = "X",
            CustomParser = result =>
            {
                var parsed = double.TryParse(
                    Text(result),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var value
                );

                if (parsed && double.IsFinite(value) && (positive ? value > 0 : value >= 0) && value < below)
                {
                    return value;
                }

                var range = positive ? "a positive number" : "a number of 0 or more";

                if (double.IsFinite(below))
                {
                    range += string.Create(CultureInfo.InvariantCulture, $" and less than {below}");
                }

                result.AddError($"Option '{name}': expected {range}, received '{Text(result)}'.");
                return null;
            },
        };

    /// <summary>The text of an option's value.</summary>
    public static string Text(ArgumentResult result) => string.Join(" ", result.Tokens.Select(token => token.Value));
}
