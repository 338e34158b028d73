using System.CommandLine;
using System.CommandLine.Parsing;
using Mixtures.CSharp;

namespace MixturesCli.Commands;

/// <summary>The options of fit that the methods have which find a whole posterior: nuts and svi.</summary>
internal sealed class PosteriorOptions
{
    private readonly Option<int?> chains = Whole("--chains", "The chains of nuts, in parallel. [default: 4]");

    private readonly Option<int?> draws = Whole(
        "--draws",
        "Draws of each chain of nuts after warm-up; of svi, those from its guide that tell of the posterior. [default: 1000]"
    );

    private readonly Option<int?> warmup = Whole(
        "--warmup",
        "Transitions of each chain of nuts before its draws, in which it learns its step size. [default: 1000]",
        0
    );

    private readonly Option<double?> targetAccept = Parsers.Number(
        "--target-accept",
        "What the mean acceptance of nuts is to be; raise it where trajectories diverge. [default: 0.8]",
        positive: true,
        below: 1
    );

    private readonly Option<int?> maxTreeDepth = Whole(
        "--max-tree-depth",
        "Trajectories of nuts are doubled at most this often. [default: 10]"
    );

    private readonly Choice<string> mass = new(
        "--mass",
        "What nuts learns of the posterior in warm-up: the scale of each parameter, or all correlations as well.",
        true,
        ("diagonal", "diagonal"),
        ("dense", "dense")
    );

    private readonly Choice<ChainStart> chainStart = new(
        "--chain-start",
        "Where the chains of nuts start: means at random rows, draws from the priors, or the posterior's mode.",
        true,
        ("model", ChainStart.Model),
        ("prior", ChainStart.Prior),
        ("mode", ChainStart.Mode)
    );

    private readonly Choice<GuideKind> guide = new(
        "--guide",
        "The distribution that svi brings near the posterior: one that suits each parameter's support, independent normals, or one normal with all correlations.",
        true,
        ("suited", GuideKind.Suited),
        ("mean-field", GuideKind.MeanField),
        ("full-rank", GuideKind.FullRank)
    );

    private readonly Option<string?> drawsOut = new("--draws-out")
    {
        Description = "Save the draws of nuts as CSV: chain, draw, the parameters, the log density, divergence.",
        HelpName = "FILE",
    };

    private readonly Option<bool> drawsPerRow = new("--draws-per-row")
    {
        Description =
            "Svi draws from its guide for each row instead of for all rows of a step: slower steps with far less noise.",
    };

    private readonly Option<string?> posteriorOut = new("--posterior-out")
    {
        Description =
            "Save the posterior itself as JSON: all draws and the state of every chain of nuts, or the guide of svi. --resume goes on from it.",
        HelpName = "FILE",
    };

    private readonly Option<string?> resume = new("--resume")
    {
        Description =
            "Go on from what --posterior-out saved, with the same data and priors: to --draws draws of each chain of nuts in all, or from that guide of svi.",
        HelpName = "FILE",
    };

    /// <summary>The options, in the order of the help.</summary>
    public IEnumerable<Option> All =>
        [
            chains,
            draws,
            warmup,
            targetAccept,
            maxTreeDepth,
            mass,
            chainStart,
            guide,
            drawsPerRow,
            drawsOut,
            posteriorOut,
            resume,
        ];

    private Option[] OnlyNuts => [chains, warmup, targetAccept, maxTreeDepth, mass, chainStart, drawsOut];

    /// <summary>Where the posterior itself goes.</summary>
    public string? ReadPosteriorOut(ParseResult parse) => parse.GetValue(posteriorOut);

    /// <summary>The posterior to go on from.</summary>
    public string? ReadResume(ParseResult parse) => parse.GetValue(resume);

    /// <summary>Where the draws go.</summary>
    public string? ReadDrawsOut(ParseResult parse) => parse.GetValue(drawsOut);

    /// <summary>How many draws of a chain, or of the guide.</summary>
    public int ReadDraws(ParseResult parse) => parse.GetValue(draws) ?? 1000;

    /// <summary>The options of the sampler.</summary>
    public Nuts ReadNuts(ParseResult parse, int seed, int threads) =>
        Nuts
            .Default.WithChains(parse.GetValue(chains) ?? 4)
            .WithDraws(ReadDraws(parse), parse.GetValue(warmup) ?? Nuts.Default.Warmup)
            .WithTargetAcceptance(parse.GetValue(targetAccept) ?? Nuts.Default.TargetAcceptance)
            .WithMaxTreeDepth(parse.GetValue(maxTreeDepth) ?? Nuts.Default.MaxTreeDepth)
            .WithDenseMass(mass.Read(parse) == "dense")
            .WithStart(chainStart.Read(parse))
            .WithSeed(seed)
            .WithThreads(threads);

    /// <summary>The options of stochastic variational inference that are its own.</summary>
    public Svi ReadSvi(ParseResult parse, Svi svi) =>
        svi.WithGuide(guide.Read(parse)).WithDrawsPerRow(parse.GetValue(drawsPerRow));

    /// <summary>Options that the method does not have.</summary>
    public void Validate(CommandResult result, string method, params ReadOnlySpan<Option> fixedToo)
    {
        void Refuse(IEnumerable<Option> options, string needed)
        {
            foreach (var option in options.Where(o => result.GetResult(o) is { Implicit: false }))
            {
                result.AddError($"Option '{option.Name}' goes with {needed} only.");
            }
        }

        if (method is not ("nuts" or "svi"))
        {
            Refuse(OnlyNuts, "'--method nuts'");
            Refuse([guide, drawsPerRow], "'--method svi'");
            Refuse([draws, posteriorOut, resume], "'--method nuts' or 'svi'");
            return;
        }

        if (method == "svi")
        {
            Refuse(OnlyNuts, "'--method nuts'");
        }
        else
        {
            Refuse([guide, drawsPerRow], "'--method svi'");
        }

        if (result.ValidValue(maxTreeDepth) is > 20)
        {
            result.AddError("Option '--max-tree-depth': expected at most 20, which is a million gradients a draw.");
        }

        // what a saved posterior has decided
        if (result.GetResult(resume) is { Implicit: false })
        {
            Option[] decided =
                method == "nuts"
                    ? [chains, warmup, targetAccept, maxTreeDepth, mass, chainStart, .. fixedToo]
                    : [guide];

            foreach (var option in decided.Where(o => result.GetResult(o) is { Implicit: false }))
            {
                result.AddError(
                    $"Option '{option.Name}' is that of the saved posterior with '--resume': leave it out."
                );
            }
        }
    }

    private static Option<int?> Whole(string name, string description, int least = 1) =>
        Parsers.OptionalInteger(name, description, least);
}
