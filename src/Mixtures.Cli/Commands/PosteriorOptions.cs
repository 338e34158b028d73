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

    /// <summary>The options, in the order of the help.</summary>
    public IEnumerable<Option> All => [chains, draws, warmup, targetAccept, guide, drawsOut];

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
            .WithSeed(seed)
            .WithThreads(threads);

    /// <summary>The guide asked for.</summary>
    public GuideKind ReadGuide(ParseResult parse) => guide.Read(parse);

    /// <summary>Options that the method does not have.</summary>
    public void Validate(CommandResult result, string method)
    {
        void Refuse(IEnumerable<Option> options, string needed)
        {
            foreach (var option in options.Where(o => result.GetResult(o) is { Implicit: false }))
            {
                result.AddError($"Option '{option.Name}' goes with {needed} only.");
            }
        }

        if (method != "nuts")
        {
            Refuse([chains, warmup, targetAccept, drawsOut], "'--method nuts'");
        }

        if (method != "svi")
        {
            Refuse([guide], "'--method svi'");
        }

        if (method is not ("nuts" or "svi"))
        {
            Refuse([draws], "'--method nuts' or 'svi'");
        }
    }

    private static Option<int?> Whole(string name, string description, int least = 1) =>
        Parsers.OptionalInteger(name, description, least);
}
