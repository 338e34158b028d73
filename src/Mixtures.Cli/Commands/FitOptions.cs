using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Mixtures.CSharp;

namespace MixturesCli.Commands;

/// <summary>The options of fit: which models to try, and how to fit them.</summary>
internal sealed class FitOptions
{
    private const int MostCandidates = 1000;

    private static readonly int[] DefaultComponents = [.. Enumerable.Range(1, 9)];

    private readonly LearnerOptions learner = new();

    private readonly Option<Counts?> components = new("--components", "-k")
    {
        Description =
            "How many components: a number, a range such as 1..6, or a list such as 1,2,4; the best by the criterion is kept. [default: 1..9]",
        HelpName = "K",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseComponents,
    };

    private readonly FamilyOptions families = new();

    private readonly Option<bool> noise = new("--noise")
    {
        Description =
            "Add a component of constant density over the data's box, for rows that belong to no other; it is numbered last, after the K of --components.",
    };

    private readonly Choice<Criterion> criterion = new(
        "--criterion",
        "How to choose among several models; the smallest value wins.",
        true,
        ("bic", Criterion.Bic),
        ("icl", Criterion.Icl),
        ("aic", Criterion.Aic)
    );

    private readonly Option<int> seed = Parsers.Integer(
        "--seed",
        "The seed of the random starts; the same seed gives the same result.",
        int.MinValue,
        Em.Default.Seed
    );

    private readonly Choice<Start> init = new(
        "--init",
        "How random starts are made.",
        true,
        ("kmeans++", Start.KMeansPlusPlus),
        ("random-rows", Start.RandomRows),
        ("random-responsibilities", Start.RandomResponsibilities)
    );

    private readonly Option<string?> start = new("--start")
    {
        Description = "Start from a saved model; components, family and covariance are then the model's.",
        HelpName = "MODEL",
    };

    private readonly Option<string?> trace = new("--trace")
    {
        Description =
            "Save plain EM from the same start step by step, as CSV: log-likelihood, loss and Q. Goes with one model and one start (--restarts 1 or --start).",
        HelpName = "FILE",
    };

    private readonly PriorOptions priors = new();

    private readonly PosteriorOptions posterior = new();

    private readonly Option<bool> standardErrors = new("--standard-errors")
    {
        Description = "Standard errors of the parameters, from the observed information.",
    };

    private readonly Option<bool> laplace = new("--laplace")
    {
        Description =
            "Laplace's approximation of the posterior: the log evidence, whether it can be relied on, and standard errors under the priors. Parameters without a prior get a weakly informative one, which is told. Goes with --method gradient.",
    };

    private readonly Option<int> threads = Parsers.Integer(
        "--threads",
        "The number of threads, 0 for one a core; results do not depend on it.",
        0,
        0
    );

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] all =
        [
            components,
            .. families.All,
            noise,
            .. priors.All,
            criterion,
            .. learner.All,
            .. posterior.All,
            seed,
            init,
            start,
            standardErrors,
            laplace,
            trace,
            threads,
        ];

        foreach (var option in all)
        {
            command.Add(option);
        }

        command.Validators.Add(Validate);
    }

    /// <summary>The criterion asked for.</summary>
    public Criterion ReadCriterion(ParseResult parse) => criterion.Read(parse);

    /// <summary>Whether the fit is by gradient descent.</summary>
    public bool IsGradient(ParseResult parse) => learner.IsGradient(parse);

    /// <summary>Whether the fit is by coordinate ascent.</summary>
    public bool IsCavi(ParseResult parse) => learner.IsCavi(parse);

    /// <summary>The options of coordinate ascent.</summary>
    public Cavi ReadCavi(ParseResult parse, MixtureModel? startModel) =>
        learner
            .ReadCavi(parse)
            .WithSeed(parse.GetValue(seed))
            .WithStart(ReadStart(parse, startModel))
            .WithThreads(parse.GetValue(threads));

    /// <summary>Whether the method finds a whole posterior, not a model: nuts or svi.</summary>
    public bool IsPosterior(ParseResult parse) => learner.ReadMethod(parse) is "svi" or "nuts";

    /// <summary>Whether the method finds a whole posterior, not a model: nuts or svi.</summary>
    public bool IsPosterior(CommandResult result) => learner.ReadMethod(result) is "svi" or "nuts";

    /// <summary>How the posterior of one specification is to be found, by nuts or svi.</summary>
    public PosteriorRequest ReadPosterior(ParseResult parse)
    {
        var isNuts = learner.ReadMethod(parse) == "nuts";
        return new(
            isNuts ? posterior.ReadNuts(parse, parse.GetValue(seed), parse.GetValue(threads)) : null,
            isNuts
                ? null
                : posterior
                    .ReadSvi(parse, learner.ReadSvi(parse))
                    .WithSeed(parse.GetValue(seed))
                    .WithThreads(parse.GetValue(threads)),
            posterior.ReadDraws(parse),
            posterior.ReadResume(parse),
            posterior.ReadDrawsOut(parse),
            posterior.ReadPosteriorOut(parse)
        );
    }

    /// <summary>Whether standard errors are asked for.</summary>
    public bool ReadStandardErrors(ParseResult parse) => parse.GetValue(standardErrors);

    /// <summary>Whether Laplace's approximation is asked for.</summary>
    public bool ReadLaplace(ParseResult parse) => parse.GetValue(laplace);

    /// <summary>The seed of everything random.</summary>
    public int ReadSeed(ParseResult parse) => parse.GetValue(seed);

    /// <summary>What is believed of weights and parameters.</summary>
    public PriorOptions Priors => priors;

    /// <summary>The options of expectation-maximisation.</summary>
    public Em ReadEm(ParseResult parse, MixtureModel? startModel) =>
        learner
            .ReadEm(parse)
            .WithSeed(parse.GetValue(seed))
            .WithStart(ReadStart(parse, startModel))
            .WithThreads(parse.GetValue(threads));

    /// <summary>The options of gradient descent.</summary>
    public Gradient ReadGradient(ParseResult parse, MixtureModel? startModel) =>
        learner
            .ReadGradient(parse)
            .WithSeed(parse.GetValue(seed))
            .WithStart(ReadStart(parse, startModel))
            .WithThreads(parse.GetValue(threads));

    /// <summary>Where the steps of EM are to be saved, if at all.</summary>
    public string? ReadTrace(ParseResult parse) => parse.GetValue(trace);

    /// <summary>The model to start from, if there is one.</summary>
    public MixtureModel? ReadStart(ParseResult parse) => parse.GetValue(start) is { } path ? Mixture.Load(path) : null;

    /// <summary>What the components are made of.</summary>
    public FamilyOptions Families => families;

    /// <summary>The models to try, in order, with the schema that was found in the data where that was asked for.</summary>
    public IReadOnlyList<MixtureSpec> ReadSpecs(ParseResult parse, MixtureModel? startModel, Schema? found)
    {
        var hasNoise = parse.GetValue(noise) || startModel is { HasNoise: true };
        IReadOnlyList<MixtureSpec> specs =
        [
            .. families
                .ReadSpecs(parse, ReadCounts(parse, startModel), startModel, found)
                .Select(spec => hasNoise ? spec.WithNoise() : spec),
        ];
        var beliefs = priors.Read(parse);
        return [.. specs.Select(spec => beliefs(spec))];
    }

    /// <summary>Refuses numbers of components that cannot be, before any work begins.</summary>
    public void CheckCounts(ParseResult parse) => ReadCounts(parse, null);

    private Start ReadStart(ParseResult parse, MixtureModel? startModel) =>
        startModel is null ? init.Read(parse)! : Start.FromModel(startModel);

    private int[] ReadCounts(ParseResult parse, MixtureModel? startModel)
    {
        var counts =
            parse.GetValue(components)?.Numbers
            ?? (startModel is null ? DefaultComponents : [startModel.Components - (startModel.HasNoise ? 1 : 0)]);

        if (counts.FirstOrDefault(k => k < 1, 1) is var wrong and < 1)
        {
            throw new DataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Expected at least 1 component, received {wrong}: give --components a number of 1 or more."
                )
            );
        }

        return counts;
    }

    private void Validate(CommandResult result)
    {
        learner.Validate(result);
        var method = learner.ReadMethod(result);
        posterior.Validate(result, method, seed);
        var hasStart = result.GetValue(start) is not null;
        families.Validate(result, hasStart, learner.HasAbsoluteFloor(result));
        var counts = result.ValidValue(components);

        if (hasStart && result.GetResult(init) is { Implicit: false })
        {
            result.AddError("Options '--start' and '--init' exclude each other.");
        }

        if (hasStart && (counts is { Numbers.Length: > 1 } || !families.IsOne(result)))
        {
            result.AddError("Option '--start' fits one model: give one number of components and one covariance.");
        }

        priors.Validate(result);

        if (result.GetValue(laplace) && !learner.IsGradient(result))
        {
            result.AddError("Option '--laplace' goes with '--method gradient' only.");
        }

        if (result.GetValue(standardErrors) && learner.IsCavi(result))
        {
            result.AddError(
                "Option '--standard-errors' goes with '--method em' or 'gradient': the posterior that cavi finds says how certain parameters are."
            );
        }

        if (method is "svi" or "nuts")
        {
            Option[] ofModels = [standardErrors, start, criterion, init];

            foreach (var option in ofModels.Where(o => result.GetResult(o) is { Implicit: false }))
            {
                result.AddError($"Option '{option.Name}' goes with '--method em', 'gradient' or 'cavi' only.");
            }

            if (counts is not { Numbers.Length: 1 } || !families.IsOne(result))
            {
                result.AddError(
                    $"Option '--method {method}' fits one model: give one number of components and one covariance."
                );
            }
        }

        if (result.GetValue(laplace) && result.GetValue(standardErrors))
        {
            result.AddError(
                "Options '--laplace' and '--standard-errors' exclude each other: both give standard errors."
            );
        }

        var isOneModel = hasStart || (counts is { Numbers.Length: 1 } && families.IsOne(result));

        if (result.GetValue(trace) is not null && method != "em")
        {
            result.AddError("Option '--trace' goes with '--method em' only.");
        }
        else if (result.GetValue(trace) is not null && !(isOneModel && (hasStart || learner.ReadRestarts(result) == 1)))
        {
            result.AddError(
                "Option '--trace' follows one start of one model: give one number of components, one family and covariance, and --start or --restarts 1."
            );
        }
    }

    private static Counts? ParseComponents(ArgumentResult result)
    {
        var text = Parsers.Text(result);
        var range = text.Split("..");

        if (range.Length == 2 && Whole(range[0]) is { } first && Whole(range[1]) is { } last && first <= last)
        {
            if ((long)last - first < MostCandidates)
            {
                return new Counts([.. Enumerable.Range(first, last - first + 1)]);
            }
        }
        else if (range.Length == 1)
        {
            var items = text.Split(',').Select(Whole).ToArray();

            if (items.Length is > 0 and <= MostCandidates && items.All(item => item.HasValue))
            {
                return new Counts([.. items.Select(item => item!.Value).Distinct()]);
            }
        }

        result.AddError(
            $"Option '--components': expected a number, a range such as 1..6 or a list such as 1,2,4 (at most {MostCandidates} numbers), received '{text}'."
        );
        return null;
    }

    private static int? Whole(string text) =>
        int.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    // not an array itself: parsed arrays take several values, and are empty where there is none
    private sealed record Counts(int[] Numbers);
}
