using System.CommandLine;
using System.CommandLine.Parsing;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>How a data file is read: options that several commands share.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> columns = new("--columns")
    {
        Description = "The columns to use, by name or by position from 1, separated by commas.",
        HelpName = "A,B",
    };

    private readonly Option<string?> weights = new("--weights-column")
    {
        Description = "The column of row weights; a row of weight 2 counts as two rows.",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> label;

    private readonly Option<char?> delimiter = new("--delimiter")
    {
        Description = "The character between cells, or 'tab'; found out where it is not given.",
        HelpName = "C",
        CustomParser = result =>
        {
            var text = Parsers.Text(result);

            switch (text)
            {
                case "tab" or "\\t":
                    return '\t';
                case [var c]
                    when char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && c is not '"' and not '\r' and not '\n':
                    return c;
                default:
                    result.AddError($"Option '--delimiter': expected one character or 'tab', received '{text}'.");
                    return null;
            }
        },
    };

    private readonly Option<bool> header = new("--header") { Description = "The first row names the columns." };

    private readonly Option<bool> noHeader = new("--no-header")
    {
        Description = "The first row is data; the columns are x1, x2, ….",
    };

    private readonly Choice<MissingCells> missingCells = new(
        "--missing",
        "What becomes of cells without a value (empty, NA, NaN and such): refuse them, or keep them and marginalise.",
        hasDefault: true,
        ("refuse", MissingCells.Refuse),
        ("marginalise", MissingCells.Keep)
    );

    /// <summary>The options, with what the label column is called and for.</summary>
    public DataOptions(string labelOption, string labelDescription) =>
        label = new(labelOption) { Description = labelDescription, HelpName = "COLUMN" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command, bool missing = true)
    {
        command.Add(columns);
        command.Add(weights);
        command.Add(label);
        command.Add(delimiter);
        command.Add(header);
        command.Add(noHeader);

        if (missing)
        {
            command.Add(missingCells);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(header) && result.GetValue(noHeader))
            {
                result.AddError("Options '--header' and '--no-header' exclude each other.");
            }
        });
    }

    /// <summary>Whether columns are chosen.</summary>
    public bool HasColumns(CommandResult result) => result.GetValue(columns) is not null;

    /// <summary>Whether a label column is asked for.</summary>
    public bool HasLabels(CommandResult result) => result.GetValue(label) is not null;

    /// <summary>The options of a command line.</summary>
    public CsvOptions Read(ParseResult parse)
    {
        var options = CsvOptions.Default.WithMissing(missingCells.Read(parse) ?? MissingCells.Refuse);

        if (parse.GetValue(columns) is { } names)
        {
            options = options.WithColumns(names.Split(',', StringSplitOptions.TrimEntries));
        }

        if (parse.GetValue(weights) is { } weightsColumn)
        {
            options = options.WithWeightsColumn(weightsColumn);
        }

        if (parse.GetValue(label) is { } labelColumn)
        {
            options = options.WithLabelColumn(labelColumn);
        }

        if (parse.GetValue(delimiter) is { } character)
        {
            options = options.WithDelimiter(character);
        }

        if (parse.GetValue(header))
        {
            options = options.WithHeader(true);
        }

        return parse.GetValue(noHeader) ? options.WithHeader(false) : options;
    }
}
