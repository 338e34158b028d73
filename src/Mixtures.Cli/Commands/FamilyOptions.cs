using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>The options of fit that say what components are made of.</summary>
internal sealed class FamilyOptions
{
    private static readonly CovarianceStructure[] Fitted =
    [
        CovarianceStructure.Full,
        CovarianceStructure.Tied,
        CovarianceStructure.Diagonal,
        CovarianceStructure.Spherical,
    ];

    private readonly Option<Chosen?> family = new("--family")
    {
        Description =
            $"What every column comes from within a component: {string.Join(", ", Family.Names)}. Of several, separated by commas, the best by the criterion is kept; compare counts with counts, measurements with measurements. [default: gaussian]",
        HelpName = "NAME[:DETAIL]",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseFamilies,
    };

    private readonly Option<Described?> schema = new("--schema")
    {
        Description =
            "A family for each column, such as height=gaussian,smoker=bernoulli,visits=poisson; columns that a family has together are joined, as in height+weight=gaussian:full. The columns named are the ones used. Categorical columns may be text. 'auto' looks at the data, tells what it chose and why, and leaves constant columns out.",
        HelpName = "COLUMN=FAMILY,…|auto",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseSchema,
    };

    private readonly Choice<CovarianceStructure[]> covariance = new(
        "--covariance",
        "What the components' covariances have in common; 'all' tries full, tied, diagonal and spherical. The scale matrices of student-t are full or diagonal. [default: full]",
        false,
        ("full", [CovarianceStructure.Full]),
        ("tied", [CovarianceStructure.Tied]),
        ("diagonal", [CovarianceStructure.Diagonal]),
        ("spherical", [CovarianceStructure.Spherical]),
        ("known", [CovarianceStructure.Known]),
        ("all", Fitted)
    );

    private readonly Option<double?> knownSd = Parsers.Number(
        "--known-sd",
        "The known standard deviation of every column in every component; it is not fitted. Implies --covariance known.",
        positive: true
    );

    /// <summary>The options, in the order of the help.</summary>
    public IEnumerable<Option> All => [family, schema, covariance, knownSd];

    /// <summary>The schema that is written out; null where there is none, or it is to be found in the data.</summary>
    public Schema? ReadSchema(ParseResult parse) => parse.GetValue(schema)?.Schema;

    /// <summary>Whether a schema is to be found in the data.</summary>
    public bool IsAuto(ParseResult parse) => parse.GetValue(schema) is { Schema: null };

    /// <summary>Whether a schema is written out, which names the columns.</summary>
    public bool NamesColumns(CommandResult result) => Valid(result, schema)?.Schema is not null;

    /// <summary>
    /// The same options with text read as levels where components can hold them: in the columns that the schema says are
    /// categorical, in any where it is to be found in the data or every column is.
    /// </summary>
    public CsvOptions WithLevels(ParseResult parse, CsvOptions options)
    {
        if (ReadSchema(parse) is { } given)
        {
            return options.WithLevels([
                .. given.Choices.Where(choice => choice.Family?.Name == "categorical").Select(choice => choice.Column),
            ]);
        }

        var isCategorical = parse.GetValue(family)?.Families.Any(item => item.Name == "categorical") == true;
        return IsAuto(parse) || isCategorical ? options.WithTextAsLevels() : options;
    }

    /// <summary>Whether each column's number of trials is to be found in the data, by the name of the column.</summary>
    public bool FindsTrials(ParseResult parse, string column) =>
        parse.GetValue(schema)?.Schema is { } given
            ? given.Choices.Any(choice => choice.Column == column && choice.Family is { IsBinomialOfData: true })
            : parse.GetValue(family)?.Families.Any(item => item.Family.IsBinomialOfData) == true;

    /// <summary>The models to try, in order, for so many components each.</summary>
    public IReadOnlyList<MixtureSpec> ReadSpecs(
        ParseResult parse,
        IReadOnlyList<int> counts,
        MixtureModel? startModel,
        Schema? found
    )
    {
        if ((found ?? ReadSchema(parse)) is { } columns)
        {
            return [.. counts.Select(k => Mixture.Product(k, columns))];
        }

        var structures = covariance.Read(parse);

        if (startModel?.ToSpec() is { } started and not GaussianSpec)
        {
            return structures is null && parse.GetValue(knownSd) is null
                ? [.. counts.Select(started.WithComponents)]
                : throw new DataException(
                    $"The model to start from is of the {started.Family} family, which it says itself: leave --covariance and --known-sd out."
                );
        }

        if (parse.GetValue(knownSd) is { } sd)
        {
            return [.. counts.Select(k => Mixture.Gaussian(k).WithKnownStandardDeviation(sd))];
        }

        return
        [
            .. from item in parse.GetValue(family)?.Families ?? [Item.Gaussian]
            from spec in Specs(item, structures, startModel)
            from k in counts
            select spec.WithComponents(k),
        ];
    }

    /// <summary>Whether just one kind of components is asked for.</summary>
    public bool IsOne(CommandResult result) =>
        (covariance.Read(result) is null or { Length: 1 }) && (Valid(result, family)?.Families.Length ?? 1) == 1;

    /// <summary>Options that do not go together.</summary>
    public void Validate(CommandResult result, bool hasStart, bool hasAbsoluteFloor)
    {
        var families = Valid(result, family)?.Families;
        var structures = covariance.Read(result);
        var known = structures is [CovarianceStructure.Known];
        var hasSd = IsGiven(result.GetResult(knownSd));

        if (IsGiven(result.GetResult(schema)))
        {
            foreach (var option in All.Where(option => option != schema && IsGiven(result.GetResult(option))))
            {
                result.AddError(
                    $"Options '--schema' and '{option.Name}' exclude each other: a schema says of each column what it comes from, as in a+b=gaussian:full."
                );
            }

            if (hasStart)
            {
                result.AddError("Options '--schema' and '--start' exclude each other: the model has its own.");
            }

            return;
        }

        if (hasStart && families is not null)
        {
            result.AddError("Options '--family' and '--start' exclude each other: the family is then the model's.");
        }

        if (hasSd && structures is not null && !known)
        {
            result.AddError("Option '--known-sd' goes with '--covariance known' only.");
        }

        if (known && !hasSd && !hasStart)
        {
            result.AddError("Option '--covariance known' needs '--known-sd', or '--start' with a model of that kind.");
        }

        if (families is null)
        {
            return;
        }

        if (hasSd && families is not [{ Name: "gaussian" }])
        {
            result.AddError("Option '--known-sd' goes with '--family gaussian' only.");
        }

        if (structures is not null && !families.Any(item => item.HasStructure))
        {
            result.AddError("Option '--covariance' goes with '--family gaussian' and 'student-t' only.");
        }

        if (hasAbsoluteFloor && !families.Any(item => item.HasStructure))
        {
            result.AddError("Option '--absolute-floor' goes with '--family gaussian' and 'student-t' only.");
        }

        if (structures is not null && families.Any(item => item is { Name: "gaussian", Detail: not null }))
        {
            result.AddError("Give the covariance once: by '--covariance', or by '--family gaussian:…'.");
        }

        if (
            structures is [CovarianceStructure.Tied or CovarianceStructure.Spherical or CovarianceStructure.Known]
            && families.Any(item => item.Name == "student-t")
        )
        {
            result.AddError("Option '--covariance': the scale matrices of student-t components are full or diagonal.");
        }
    }

    private static IEnumerable<MixtureSpec> Specs(
        Item item,
        CovarianceStructure[]? structures,
        MixtureModel? startModel
    )
    {
        if (item.Name == "gaussian")
        {
            var own = item.Detail is { } detail
                ? [Fitted.Single(structure => Names.Of(structure) == detail)]
                : structures ?? [startModel?.Covariance ?? CovarianceStructure.Full];
            return own.Select(structure =>
                structure == CovarianceStructure.Known
                    ? Mixture.Gaussian(1).WithKnownCovariances(startModel!.Covariances)
                    : Mixture.Gaussian(1).WithCovariance(structure)
            );
        }

        if (item.Name == "student-t")
        {
            var spec = item.Detail is { } degrees
                ? Mixture.StudentT(1).WithDegreesOfFreedom(double.Parse(degrees, CultureInfo.InvariantCulture))
                : Mixture.StudentT(1);
            return (structures ?? [CovarianceStructure.Full])
                .Where(structure => structure is CovarianceStructure.Full or CovarianceStructure.Diagonal)
                .Select(spec.WithScale);
        }

        return [Mixture.OfFamily(item.Family, 1)];
    }

    private static Chosen? ParseFamilies(ArgumentResult result)
    {
        try
        {
            var texts = Parsers.Text(result).Split(',', StringSplitOptions.TrimEntries);
            return new Chosen([.. texts.Select(Item.Parse)]);
        }
        catch (ArgumentException exception)
        {
            result.AddError($"Option '--family': {Terminal.Sentence(exception)}");
            return null;
        }
    }

    private static Described? ParseSchema(ArgumentResult result)
    {
        var text = Parsers.Text(result);

        try
        {
            return new Described(text == "auto" ? null : Schema.Parse(text));
        }
        catch (ArgumentException exception)
        {
            result.AddError($"Option '--schema': {Terminal.Sentence(exception)}");
            return null;
        }
    }

    // nothing where it is not valid: that is told where it is parsed
    private static T? Valid<T>(CommandResult result, Option<T?> option)
        where T : class
    {
        try
        {
            return result.GetValue(option);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsGiven(SymbolResult? result) => result is OptionResult { Implicit: false };

    // not arrays themselves: parsed arrays take several values, and are empty where there is none
    private sealed record Chosen(Item[] Families);

    // no schema where it is to be found in the data
    private sealed record Described(Schema? Schema);

    private sealed record Item(string Name, string? Detail, Family Family)
    {
        public static Item Gaussian { get; } = new("gaussian", null, Family.Gaussian);

        public bool HasStructure => Name is "gaussian" or "student-t";

        public static Item Parse(string text)
        {
            var family = Family.Parse(text);
            var colon = text.IndexOf(':');
            return new(family.Name, colon < 0 ? null : text[(colon + 1)..].Trim().ToLowerInvariant(), family);
        }
    }
}
