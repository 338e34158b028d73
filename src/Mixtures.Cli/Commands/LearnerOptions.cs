using System.CommandLine;
using System.CommandLine.Parsing;
using Mixtures.CSharp;

namespace MixturesCli.Commands;

/// <summary>The options of fit that choose the method, and those that only one method has.</summary>
internal sealed class LearnerOptions
{
    private const double AdamRate = 0.05;
    private const double SviAdamRate = 0.01;
    private const double SgdRate = 0.1;
    private const double RmsPropRate = 0.01;

    private static readonly Optimizer[] FirstOrder = [Optimizer.Adam, Optimizer.Sgd, Optimizer.RmsProp];

    private readonly Choice<string> method = new(
        "--method",
        "How to fit: expectation-maximisation or gradient descent, which with priors maximise the posterior density (MAP), or coordinate ascent (cavi) of a mean-field posterior, with a lower bound of the evidence; stochastic variational inference (svi) or the no-U-turn sampler (nuts) of the whole posterior, under any priors.",
        true,
        ("em", "em"),
        ("gradient", "gradient"),
        ("cavi", "cavi"),
        ("svi", "svi"),
        ("nuts", "nuts")
    );

    private readonly Choice<Optimizer> optimizer = new(
        "--optimizer",
        "What takes the steps of --method gradient: lbfgs and newton run to convergence on all rows, the others take --steps. Svi takes natural gradients, or adam.",
        true,
        ("lbfgs", Optimizer.Lbfgs),
        ("adam", Optimizer.Adam),
        ("sgd", Optimizer.Sgd),
        ("rmsprop", Optimizer.RmsProp),
        ("newton", Optimizer.Newton)
    );

    private readonly Option<double?> learningRate = Parsers.Number(
        "--learning-rate",
        "The learning rate of adam, sgd or rmsprop [default: adam 0.05, sgd 0.1, rmsprop 0.01]; of svi's natural gradients, at most 1 [default: 0.3], or adam [default: 0.01].",
        positive: true
    );

    private readonly Option<double?> momentum = Parsers.Number(
        "--momentum",
        "How much of the last velocity sgd or rmsprop keeps, less than 1. [default: 0]",
        below: 1
    );

    private readonly Option<int> steps = Parsers.Integer(
        "--steps",
        "The number of steps of adam, sgd and rmsprop; the limit of those of lbfgs, newton and svi [default of svi: 2000].",
        0,
        Gradient.Default.Steps
    );

    private readonly Option<int?> batch = Parsers.OptionalInteger(
        "--batch",
        "So many rows a step of adam, sgd, rmsprop or svi, shuffled and gone through in turn. [default: all]",
        1
    );

    private readonly Option<bool> batchDrawn = new("--batch-drawn")
    {
        Description = "The rows of a --batch are drawn with replacement instead.",
    };

    private readonly Choice<Polish> polish = new(
        "--polish",
        "What follows the steps of --method gradient: nothing, lbfgs (after adam, sgd and rmsprop) or em, to convergence.",
        true,
        ("none", Polish.None),
        ("lbfgs", Polish.Lbfgs),
        ("em", Polish.Em)
    );

    private readonly Choice<DeadComponents> dead = new(
        "--dead",
        "What to do with a component that dies during the steps of adam, sgd or rmsprop.",
        true,
        ("report", DeadComponents.Report),
        ("reseed", DeadComponents.Reseed)
    );

    private readonly Option<double?> clip = Parsers.Number(
        "--clip",
        "The longest gradient that adam, sgd and rmsprop are given; longer ones are shortened. [default: any]",
        positive: true
    );

    private readonly Option<int> restarts = Parsers.Integer(
        "--restarts",
        "How many random starts; 1 unless given where adam, sgd or rmsprop take the steps, 4 of svi.",
        1,
        Em.Default.Restarts
    );

    private readonly Option<int> maxIterations = Parsers.Integer(
        "--max-iterations",
        "The limit of iterations of each start of em or cavi.",
        0,
        Em.Default.MaxIterations
    );

    private readonly Option<double?> tolerance = Parsers.Number(
        "--tolerance",
        "Converged when the gain still to come is below this, in nats a row [default: 1e-8]; with --method cavi, of the bound [default: 1e-10]; with --method gradient, the largest scaled gradient [default: 1e-9]; with --method svi, what the noise of the parameters costs, in nats [default: 0.002]. 0 runs to the limit."
    );

    private readonly Option<double?> absoluteFloor = Parsers.Number(
        "--absolute-floor",
        "Added to every covariance's diagonal by em, in squared units of the data. [default: 0]"
    );

    private readonly Choice<CollapsePolicy> collapse = new(
        "--collapse",
        "What em does with a component that collapses.",
        true,
        ("floor", CollapsePolicy.Floor),
        ("reseed", CollapsePolicy.Reseed),
        ("prune", CollapsePolicy.Prune),
        ("fail", CollapsePolicy.Fail)
    );

    private readonly Option<int> attempts = Parsers.Integer(
        "--attempts",
        "How often em draws a start by k-means++, at most, until every component has a row.",
        1,
        Em.Default.Attempts
    );

    private readonly Option<double?> pruneBelow = Parsers.Number(
        "--prune-below",
        "Components of an expected weight below this are removed by cavi, and the rest fitted again. [default: 0]",
        below: 1
    );

    private readonly Option<bool> noAcceleration = new("--no-acceleration")
    {
        Description = "Plain EM only, however slowly it converges; also what --tolerance 0 does.",
    };

    /// <summary>The options that choose and steer the method, in the order of the help.</summary>
    public IEnumerable<Option> All =>
        [
            method,
            optimizer,
            learningRate,
            momentum,
            steps,
            batch,
            batchDrawn,
            clip,
            polish,
            dead,
            restarts,
            attempts,
            maxIterations,
            tolerance,
            absoluteFloor,
            collapse,
            noAcceleration,
            pruneBelow,
        ];

    private Option[] OnlyGradient => [optimizer, learningRate, momentum, steps, batch, batchDrawn, clip, polish, dead];

    private Option[] OnlyFirstOrder => [learningRate, momentum, batch, batchDrawn, clip, dead];

    private Option[] OnlyEm => [attempts, absoluteFloor, collapse, noAcceleration];

    /// <summary>Whether the fit is by gradient descent.</summary>
    public bool IsGradient(ParseResult parse) => method.Read(parse) == "gradient";

    /// <summary>Whether the fit is by gradient descent.</summary>
    public bool IsGradient(CommandResult result) => method.Read(result) == "gradient";

    /// <summary>Whether the fit is by coordinate ascent.</summary>
    public bool IsCavi(ParseResult parse) => method.Read(parse) == "cavi";

    /// <summary>Whether the fit is by coordinate ascent.</summary>
    public bool IsCavi(CommandResult result) => method.Read(result) == "cavi";

    /// <summary>The method's name.</summary>
    public string ReadMethod(ParseResult parse) => method.Read(parse)!;

    /// <summary>The method's name.</summary>
    public string ReadMethod(CommandResult result) => method.Read(result) ?? "em";

    /// <summary>How many random starts, as said.</summary>
    public int ReadRestarts(CommandResult result) => result.ValidValue(restarts);

    /// <summary>Whether an absolute floor is asked for.</summary>
    public bool HasAbsoluteFloor(CommandResult result) => IsGiven(result.GetResult(absoluteFloor));

    /// <summary>The options of expectation-maximisation.</summary>
    public Em ReadEm(ParseResult parse) =>
        Em
            .Default.WithRestarts(parse.GetValue(restarts))
            .WithMaxIterations(parse.GetValue(maxIterations))
            .WithTolerance(parse.GetValue(tolerance) ?? Em.Default.Tolerance)
            .WithAbsoluteFloor(parse.GetValue(absoluteFloor) ?? Em.Default.AbsoluteFloor)
            .WithCollapse(collapse.Read(parse))
            .WithAttempts(parse.GetValue(attempts))
            .WithAcceleration(!parse.GetValue(noAcceleration));

    /// <summary>The options of coordinate ascent.</summary>
    public Cavi ReadCavi(ParseResult parse) =>
        Cavi
            .Default.WithRestarts(parse.GetValue(restarts))
            .WithMaxIterations(parse.GetValue(maxIterations))
            .WithTolerance(parse.GetValue(tolerance) ?? Cavi.Default.Tolerance)
            .WithPruning(parse.GetValue(pruneBelow) ?? 0);

    /// <summary>The options of stochastic variational inference that it shares with other methods.</summary>
    public Svi ReadSvi(ParseResult parse)
    {
        var svi = Svi.Default;
        var rate = parse.GetValue(learningRate);
        svi =
            optimizer.Read(parse) == Optimizer.Adam ? svi.WithAdam(rate ?? SviAdamRate)
            : rate is { } share ? svi.WithNaturalGradients(share)
            : svi;
        svi = IsGiven(parse.GetResult(steps)) ? svi.WithSteps(parse.GetValue(steps)) : svi;
        svi = IsGiven(parse.GetResult(restarts)) ? svi.WithRestarts(parse.GetValue(restarts)) : svi;
        svi = parse.GetValue(tolerance) is { } nats ? svi.WithTolerance(nats) : svi;
        return parse.GetValue(batch) is { } rows ? svi.WithBatch(rows) : svi;
    }

    /// <summary>The options of gradient descent.</summary>
    public Gradient ReadGradient(ParseResult parse)
    {
        var rate = parse.GetValue(learningRate);
        var kept = parse.GetValue(momentum) ?? 0;
        var gradient = optimizer.Read(parse) switch
        {
            Optimizer.Adam => Gradient.Adam(rate ?? AdamRate),
            Optimizer.Sgd => Gradient.Sgd(rate ?? SgdRate, kept),
            Optimizer.RmsProp => Gradient.RmsProp(rate ?? RmsPropRate, kept),
            Optimizer.Newton => Gradient.Newton(),
            _ => Gradient.Lbfgs(),
        };
        gradient = gradient
            .WithSteps(parse.GetValue(steps))
            .WithTolerance(parse.GetValue(tolerance) ?? gradient.Tolerance)
            .WithPolish(polish.Read(parse))
            .WithDeadComponents(dead.Read(parse));

        if (IsGiven(parse.GetResult(restarts)))
        {
            gradient = gradient.WithRestarts(parse.GetValue(restarts));
        }

        if (parse.GetValue(clip) is { } norm)
        {
            gradient = gradient.WithClipping(norm);
        }

        return parse.GetValue(batch) is not { } rows ? gradient
            : parse.GetValue(batchDrawn) ? gradient.WithBatchDrawn(rows)
            : gradient.WithBatch(rows);
    }

    /// <summary>Options that the method or the optimizer does not have.</summary>
    public void Validate(CommandResult result)
    {
        void Refuse(IEnumerable<Option> options, string needed)
        {
            foreach (var option in options.Where(option => IsGiven(result.GetResult(option))))
            {
                result.AddError($"Option '{option.Name}' goes with {needed} only.");
            }
        }

        if (!IsCavi(result))
        {
            Refuse([pruneBelow], "'--method cavi'");
        }

        if (!IsGradient(result))
        {
            var isSvi = ReadMethod(result) == "svi";
            Option[] shared = [optimizer, learningRate, steps, batch];
            Refuse(isSvi ? [] : shared, "'--method gradient' or 'svi'");
            Refuse(OnlyGradient.Except(shared), "'--method gradient'");

            if (isSvi)
            {
                ValidateSvi(result);
            }

            if (ReadMethod(result) != "em")
            {
                Refuse(OnlyEm, "'--method em'");
            }

            if (isSvi)
            {
                Refuse([maxIterations], "'--method em' or 'cavi'");
            }

            if (ReadMethod(result) == "nuts")
            {
                Refuse([maxIterations], "'--method em' or 'cavi'");
                Refuse([tolerance], "'--method em', 'gradient', 'cavi' or 'svi'");
                Refuse([restarts], "'--method em', 'gradient', 'cavi' or 'svi' ('--chains' are those of nuts)");
            }

            return;
        }

        Refuse(OnlyEm, "'--method em'");
        Refuse([maxIterations], "'--method em' or 'cavi'");
        var chosen = optimizer.Read(result);

        if (!FirstOrder.Contains(chosen))
        {
            Refuse(OnlyFirstOrder, "'--optimizer adam', 'sgd' or 'rmsprop'");

            if (polish.Read(result) == Polish.Lbfgs)
            {
                result.AddError("Option '--polish lbfgs' goes with '--optimizer adam', 'sgd' or 'rmsprop' only.");
            }
        }
        else if (chosen == Optimizer.Adam)
        {
            Refuse([momentum], "'--optimizer sgd' or 'rmsprop'");
        }

        if (IsGiven(result.GetResult(batchDrawn)) && !IsGiven(result.GetResult(batch)))
        {
            result.AddError("Option '--batch-drawn' goes with '--batch'.");
        }
    }

    private void ValidateSvi(CommandResult result)
    {
        var chosen = optimizer.Read(result);
        var isAdam = chosen == Optimizer.Adam;

        if (IsGiven(result.GetResult(optimizer)) && !isAdam)
        {
            result.AddError("Option '--optimizer' is adam with '--method svi'; leave it out for natural gradients.");
        }

        if (!isAdam && result.ValidValue(learningRate) is > 1)
        {
            result.AddError(
                "Option '--learning-rate': expected at most 1 of natural gradients: the share of the way that they go."
            );
        }
    }

    private static bool IsGiven(SymbolResult? result) => result is OptionResult { Implicit: false };
}
