using System.CommandLine;
using System.CommandLine.Parsing;

namespace MixturesCli.Commands;

/// <summary>An option that is one of a few named choices, each of which stands for a value.</summary>
internal sealed class Choice<T> : Option<string?>
{
    private readonly (string Name, T Value)[] choices;

    /// <summary>An option with its choices; the first is the default unless there is none.</summary>
    public Choice(string name, string description, bool hasDefault, params (string Name, T Value)[] choices)
        : base(name)
    {
        this.choices = choices;
        Description = description;
        Arity = ArgumentArity.ExactlyOne;
        HelpName = string.Join("|", choices.Select(choice => choice.Name));
        CompletionSources.Add([.. choices.Select(choice => choice.Name)]);
        Validators.Add(Check);

        if (hasDefault)
        {
            DefaultValueFactory = _ => choices[0].Name;
        }
    }

    /// <summary>Names that get an explanation of their own why they cannot be chosen.</summary>
    public IReadOnlyDictionary<string, string> Refused { get; init; } = new Dictionary<string, string>();

    /// <summary>The value chosen; the default value of the type where nothing is.</summary>
    public T? Read(ParseResult parse) => Find(parse.GetValue(this));

    /// <summary>The value chosen; the default value of the type where nothing is.</summary>
    public T? Read(CommandResult result) => Find(result.GetValue(this));

    private T? Find(string? name) => choices.FirstOrDefault(choice => choice.Name == name).Value;

    private void Check(OptionResult result)
    {
        var name = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";

        if (result.Implicit || choices.Any(choice => choice.Name == name))
        {
            return;
        }

        var expected = string.Join(", ", choices.Select(choice => choice.Name));
        result.AddError(
            Refused.TryGetValue(name, out var reason)
                ? $"Option '{Name}': {reason}"
                : $"Option '{Name}': expected one of {expected}, received '{name}'."
        );
    }
}
