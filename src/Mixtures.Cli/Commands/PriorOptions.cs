using System.CommandLine;
using System.CommandLine.Parsing;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>The options of fit on what is believed of weights and parameters.</summary>
internal sealed class PriorOptions
{
    private readonly Option<string?> file = new("--priors")
    {
        Description =
            "Priors of weights and parameters, as JSON: {\"means\": {\"normal\": {\"mean\": 0, \"sd\": 10}}}. --method gradient takes any and maximises the posterior density (MAP); em takes conjugate ones.",
        HelpName = "FILE",
    };

    private readonly Option<double?> weightsPrior = Parsers.Number(
        "--weights-prior",
        "A Dirichlet prior on the weights, of this concentration for each: the fit maximises the posterior. 1 is uniform, more pulls the weights together. [default: none]",
        positive: true
    );

    private readonly Choice<string> process = new(
        "--process",
        "The weights' prior: a Dirichlet distribution (the same as --weights-prior), or a Dirichlet process, truncated at the components. --concentration is its concentration.",
        false,
        ("dirichlet", "dirichlet"),
        ("dp", "dp")
    );

    private readonly Option<double?> concentration = Parsers.Number(
        "--concentration",
        "The concentration of --process; small ones of a Dirichlet process use few components. [default: 1]",
        positive: true
    );

    /// <summary>The options, in the order of the help.</summary>
    public IEnumerable<Option> All => [file, weightsPrior, process, concentration];

    /// <summary>Runs a fit by em; where its priors are not for em, the option that takes them is named.</summary>
    public static T OfEm<T>(Func<T> fit)
    {
        try
        {
            return fit();
        }
        catch (FitException exception) when (exception.Message.Contains("by gradient", StringComparison.Ordinal))
        {
            throw new DataException($"{exception.Message} That is --method gradient.");
        }
    }

    /// <summary>Runs what takes the priors; where these do not fit the model, the file that states them is named.</summary>
    public T OfFile<T>(ParseResult parse, Func<T> body)
    {
        try
        {
            return body();
        }
        catch (ArgumentException exception) when (exception.ParamName == "priors" && parse.GetValue(file) is { } path)
        {
            throw new DataException($"{path}: {Terminal.Sentence(exception)}");
        }
    }

    /// <summary>Gives specifications the priors asked for; the file is read once.</summary>
    /// <exception cref="DataException">What is wrong with the file, or that it states the weights' prior as well.</exception>
    public Func<MixtureSpec, MixtureSpec> Read(ParseResult parse)
    {
        var priors = parse.GetValue(file) is { } path ? Priors.Load(path) : null;
        var own = parse.GetValue(weightsPrior);
        var chosen = process.Read(parse);
        var strength = parse.GetValue(concentration) ?? 1;

        if (
            priors is { Concentrations: not null } or { ProcessConcentration: not null }
            && (own is not null || chosen is not null)
        )
        {
            throw new DataException(
                $"The weights have a prior in '{parse.GetValue(file)}' and another by {(own is null ? "--process" : "--weights-prior")}: give one of them."
            );
        }

        return spec =>
        {
            spec = priors is null ? spec : spec.WithPriors(priors);
            return chosen == "dp" ? spec.WithDirichletProcess(strength)
                : (chosen is null ? own : strength) is { } dirichlet ? spec.WithWeightsPrior(dirichlet)
                : spec;
        };
    }

    /// <summary>Options that exclude or need each other.</summary>
    public void Validate(CommandResult result)
    {
        var hasProcess = IsGiven(result, process);

        if (hasProcess && IsGiven(result, weightsPrior))
        {
            result.AddError(
                "Options '--process' and '--weights-prior' exclude each other: both are the weights' prior."
            );
        }

        if (!hasProcess && IsGiven(result, concentration))
        {
            result.AddError("Option '--concentration' goes with '--process'.");
        }
    }

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
