using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MixturesCli.Output;

namespace MixturesCli;

/// <summary>Help with examples, and what is shown for wrong usage.</summary>
internal static class Help
{
    private static readonly Dictionary<string, string[]> Examples = new()
    {
        [""] =
        [
            "mixtures fit data.csv --components 1..6 --out model.json",
            "mixtures predict model.json new.csv --out labels.csv",
        ],
        ["fit"] =
        [
            "mixtures fit data.csv",
            "mixtures fit data.csv --components 3 --covariance tied --restarts 10 --seed 7 --out model.json",
            "mixtures fit data.csv --components 1..6 --covariance all --criterion icl",
            "mixtures fit data/iris.csv --label-column Species --components 3",
            "mixtures fit visits.csv --components 1..4 --family poisson,negative-binomial",
            "mixtures fit data.csv --components 3 --schema height=gaussian,smoker=bernoulli,visits=poisson",
            "mixtures fit data.csv --schema auto",
            "mixtures fit data.csv --components 3 --label-column kind --keep-labels",
            "mixtures fit data.npy --components 2 --format json > fit.json",
            "mixtures fit data.csv --components 2 --method gradient --weights-prior 2 --standard-errors",
            "mixtures fit data.csv --components 2 --method gradient --priors priors.json --laplace",
            "mixtures fit data.csv --components 12 --method cavi --process dp --concentration 1 --restarts 20",
            "mixtures fit data.csv --components 3 --method gradient --optimizer adam --batch 100 --polish lbfgs",
            "mixtures fit data.csv --components 2 --method nuts --plot posterior.html --posterior-out posterior.json",
            "mixtures fit data.csv --components 2 --method nuts --draws 4000 --resume posterior.json --draws-out draws.csv",
            "mixtures fit data.csv --components 2 --method svi --guide full-rank --draws-per-row --out model.json",
        ],
        ["predict"] =
        [
            "mixtures predict model.json new.csv --probabilities --out labels.csv",
            "mixtures predict model.json data/iris.csv --truth Species",
        ],
        ["score"] = ["mixtures score model.json new.csv", "mixtures score model.json new.csv --rows --out scores.csv"],
        ["sample"] = ["mixtures sample model.json --count 1000 --seed 1 --out draws.csv"],
        ["impute"] =
        [
            "mixtures impute model.json gaps.csv --out filled.csv",
            "mixtures impute model.json gaps.csv --draw --seed 1 --out filled.csv",
        ],
        ["info"] = ["mixtures info model.json", "mixtures info model.json --format json"],
    };

    /// <summary>Adds examples below the help of a command and of all its subcommands.</summary>
    public static void AddExamples(RootCommand root)
    {
        // the root's help option serves all commands
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    /// <summary>Writes what is wrong and the usage to standard error.</summary>
    public static int WrongUsage(ParseResult parse)
    {
        foreach (var error in parse.Errors.Select(error => error.Message).Distinct())
        {
            Terminal.Say(error);
        }

        var command = CommandPath(parse);
        var arguments = string.Join(" ", parse.CommandResult.Command.Arguments.Select(a => $"<{a.Name}>"));
        var usage = arguments.Length > 0 ? $"{command} {arguments} [options]" : $"{command} <command> [options]";
        Terminal.Say("");
        Terminal.Say($"Usage: {usage}");

        if (parse.CommandResult.Command.Subcommands is { Count: > 0 } subcommands)
        {
            Terminal.Say($"Commands: {string.Join(", ", subcommands.Select(c => c.Name))}");
        }

        Terminal.Say($"See '{command} --help' for the options.");
        return ExitCode.WrongUsage;
    }

    private static string CommandPath(ParseResult parse) =>
        parse.CommandResult.Command is RootCommand ? "mixtures" : $"mixtures {parse.CommandResult.Command.Name}";

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var command = parseResult.CommandResult.Command;
            var result = inner.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;

            if (Examples.TryGetValue(command is RootCommand ? "" : command.Name, out var lines))
            {
                output.WriteLine("Examples:");

                foreach (var line in lines)
                {
                    output.WriteLine($"  {line}");
                }

                output.WriteLine();
            }

            return result;
        }
    }
}
