using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Options of gradient descent on the mean negative log-likelihood, plus the priors' part, in free parameters: logits of
/// the weights and the family's own. Immutable: each With… returns new options.
/// </summary>
/// <example>
/// <code>
/// var fit = Mixture.Gaussian(2).WithWeightsPrior(2.0).Fit(data, Gradient.Adam(0.1).WithSteps(500).WithPolish(Polish.Lbfgs));
/// </code>
/// </example>
public sealed record Gradient
{
    private static readonly Core.GradientOptions Defaults = Core.Gradient.defaults;
    private readonly double momentum;
    private readonly bool nesterov;
    private readonly double decay;
    private Func<int, double>? schedule;

    private Gradient(Optimizer optimizer, double? rate, double momentum = 0, bool nesterov = false, double decay = 0)
    {
        Optimizer = optimizer;
        LearningRate = rate;
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.decay = decay;
        // first-order methods explore by themselves, and are given a number of steps: one start
        Restarts = rate is null ? Defaults.Restarts : 1;
    }

    /// <summary>
    /// L-BFGS from ten starts by k-means++, seed 0, at most 1000 iterations, in standardised units, to a gradient of 1e-9.
    /// </summary>
    public static Gradient Default { get; } = new(Optimizer.Lbfgs, null);

    /// <summary>What takes the steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The learning rate of a first-order method; null for the others.</summary>
    public double? LearningRate { get; private init; }

    /// <summary>The number of steps of a first-order method; the limit of iterations of the others.</summary>
    public int Steps { get; private init; } = Defaults.Steps;

    /// <summary>The rows of a step of a first-order method; null for all.</summary>
    public int? Batch { get; private init; }

    /// <summary>Whether the rows of a step are drawn with replacement, instead of shuffled and gone through in turn.</summary>
    public bool IsBatchDrawn { get; private init; }

    /// <summary>How many random starts; given starts run once.</summary>
    public int Restarts { get; private init; }

    /// <summary>The seed of starts and batches: the same seed and data give the same bits.</summary>
    public int Seed { get; private init; } = Defaults.Seed;

    /// <summary>Where to start.</summary>
    public Start Start { get; private init; } = Start.KMeansPlusPlus;

    /// <summary>
    /// Whether the parameters are in units of the columns' standard deviations, so that one learning rate suits data of any
    /// scale; otherwise in the data's units.
    /// </summary>
    public bool Standardise { get; private init; } = Defaults.Standardise;

    /// <summary>The parts of the parameters that stay as the start has them.</summary>
    public IReadOnlyList<string> Frozen { get; private init; } = [];

    /// <summary>What happens to components that die.</summary>
    public DeadComponents DeadComponents { get; private init; } = DeadComponents.Report;

    /// <summary>What follows the steps.</summary>
    public Polish Polish { get; private init; } = Polish.None;

    /// <summary>The longest gradient that a first-order method is given; null for any.</summary>
    public double? Clipping { get; private init; }

    /// <summary>
    /// Converged when the largest scaled gradient of the mean loss is below this; 0 runs to the limit. On batches, see
    /// <see cref="Patience"/>.
    /// </summary>
    public double Tolerance { get; private init; } = Defaults.Tolerance;

    /// <summary>
    /// Epochs (on batches), or steps, without improvement after which a first-order method stops; 0 for never.
    /// </summary>
    public int Patience { get; private init; } = Defaults.Patience;

    /// <summary>Whether the parameters of every step are kept, for <see cref="GradientFit.ModelAt"/> and animations.</summary>
    public bool KeepParameters { get; private init; } = Defaults.KeepParameters;

    /// <summary>The number of threads; 0 for one a core. Results do not depend on it.</summary>
    public int Threads { get; private init; } = Defaults.Threads;

    private bool IsFirstOrder => LearningRate is not null;

    /// <summary>The defaults with Adam, from one start.</summary>
    /// <param name="rate">About the largest change of a parameter in one step; greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate that is not positive and finite.</exception>
    public static Gradient Adam(double rate) => new(Optimizer.Adam, Positive(rate, nameof(rate)));

    /// <summary>The defaults with AdamW, from one start.</summary>
    /// <param name="rate">About the largest change of a parameter in one step; greater than 0.</param>
    /// <param name="decay">Each step also shortens the parameters by rate · decay; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate or decay out of range.</exception>
    public static Gradient AdamW(double rate, double decay = 0.01) =>
        new(Optimizer.Adam, Positive(rate, nameof(rate)), decay: NotNegative(decay, nameof(decay)));

    /// <summary>The defaults with gradient descent, from one start.</summary>
    /// <param name="rate">The length of a step in gradients; greater than 0.</param>
    /// <param name="momentum">How much of the last velocity is kept: 0 or more, less than 1.</param>
    /// <param name="nesterov">Whether the gradient is added once more ahead of the velocity; needs a momentum.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate or momentum out of range.</exception>
    /// <exception cref="ArgumentException">Nesterov's form without a momentum.</exception>
    public static Gradient Sgd(double rate, double momentum = 0, bool nesterov = false) =>
        nesterov && momentum == 0
            ? throw new ArgumentException(
                "expected a momentum greater than 0 with Nesterov's form, received 0",
                nameof(nesterov)
            )
            : new(Optimizer.Sgd, Positive(rate, nameof(rate)), Share(momentum, nameof(momentum)), nesterov);

    /// <summary>The defaults with RMSProp, from one start.</summary>
    /// <param name="rate">The length of a step; greater than 0.</param>
    /// <param name="momentum">How much of the last velocity is kept: 0 or more, less than 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate or momentum out of range.</exception>
    public static Gradient RmsProp(double rate, double momentum = 0) =>
        new(Optimizer.RmsProp, Positive(rate, nameof(rate)), Share(momentum, nameof(momentum)));

    /// <summary>The defaults, which are L-BFGS.</summary>
    public static Gradient Lbfgs() => Default;

    /// <summary>The defaults with Newton's method.</summary>
    public static Gradient Newton() => new(Optimizer.Newton, null);

    /// <summary>The same options with another number of steps, or limit of iterations.</summary>
    /// <param name="steps">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Gradient WithSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return this with { Steps = steps };
    }

    /// <summary>The same options with so many rows a step: the data are shuffled and gone through again and again.</summary>
    /// <param name="rows">At least 1, and no more than the data have.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one row.</exception>
    /// <exception cref="InvalidOperationException">L-BFGS and Newton's method take all rows.</exception>
    public Gradient WithBatch(int rows) => WithBatch(rows, false);

    /// <summary>The same options with so many rows a step, drawn with replacement.</summary>
    /// <param name="rows">At least 1, and no more than the data have.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one row.</exception>
    /// <exception cref="InvalidOperationException">L-BFGS and Newton's method take all rows.</exception>
    public Gradient WithBatchDrawn(int rows) => WithBatch(rows, true);

    /// <summary>The same options with so many random starts.</summary>
    /// <param name="restarts">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one start.</exception>
    public Gradient WithRestarts(int restarts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        return this with { Restarts = restarts };
    }

    /// <summary>The same options with another seed.</summary>
    /// <param name="seed">Any number.</param>
    public Gradient WithSeed(int seed) => this with { Seed = seed };

    /// <summary>The same options with another start.</summary>
    /// <param name="start">Where to start.</param>
    public Gradient WithStart(Start start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return this with { Start = start };
    }

    /// <summary>The same options with parameters in standardised units, or in the data's.</summary>
    /// <param name="standardise">Whether to standardise.</param>
    public Gradient WithStandardisation(bool standardise) => this with { Standardise = standardise };

    /// <summary>The same options with parts of the parameters held as the start has them.</summary>
    /// <param name="parts">
    /// Names of parts, such as logits, means, log-scales or factors (of Gaussian components); none to free all. A wrong
    /// name is told when the fit begins, with those that there are.
    /// </param>
    public Gradient WithFrozen(params string[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return this with { Frozen = [.. parts] };
    }

    /// <summary>The same options with another policy for components that die.</summary>
    /// <param name="dead">What happens to them.</param>
    public Gradient WithDeadComponents(DeadComponents dead)
    {
        _ = dead.ToCore();
        return this with { DeadComponents = dead };
    }

    /// <summary>The same options with something to follow the steps.</summary>
    /// <param name="polish">What follows.</param>
    public Gradient WithPolish(Polish polish)
    {
        _ = polish.ToCore();
        return this with { Polish = polish };
    }

    /// <summary>The same options with a learning rate that changes; see <see cref="Schedules"/>.</summary>
    /// <param name="rate">The rate of each step, from 0; the first is greater than 0, none is negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A first rate that is not positive and finite.</exception>
    /// <exception cref="InvalidOperationException">L-BFGS and Newton's method have no learning rate.</exception>
    public Gradient WithSchedule(Func<int, double> rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        RequireFirstOrder("a learning rate");
        return this with { LearningRate = Positive(rate(0), nameof(rate)), schedule = rate };
    }

    /// <summary>The same options with gradients shortened to a norm.</summary>
    /// <param name="norm">The longest gradient of the mean loss; greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A norm that is not positive and finite.</exception>
    /// <exception cref="InvalidOperationException">L-BFGS and Newton's method search along a line instead.</exception>
    public Gradient WithClipping(double norm)
    {
        RequireFirstOrder("clipped gradients");
        return this with { Clipping = Positive(norm, nameof(norm)) };
    }

    /// <summary>The same options with another tolerance.</summary>
    /// <param name="tolerance">The largest scaled gradient of the mean loss; 0 or more, 0 runs to the limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance that is negative or not finite.</exception>
    public Gradient WithTolerance(double tolerance) =>
        this with
        {
            Tolerance = NotNegative(tolerance, nameof(tolerance)),
        };

    /// <summary>The same options with a limit of epochs (on batches), or steps, without improvement.</summary>
    /// <param name="patience">At least 0; 0 for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Gradient WithPatience(int patience)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        return this with { Patience = patience };
    }

    /// <summary>The same options with the parameters of every step kept, or not.</summary>
    /// <param name="keep">Whether to keep them.</param>
    public Gradient WithParametersKept(bool keep = true) => this with { KeepParameters = keep };

    /// <summary>The same options with another number of threads.</summary>
    /// <param name="threads">0 for one a core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Gradient WithThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return this with { Threads = threads };
    }

    internal Core.GradientOptions ToCore() =>
        new(
            Method(),
            Steps,
            Batch is not { } rows ? Core.Batches.AllRows
                : IsBatchDrawn ? Core.Batches.NewDrawnRows(rows)
                : Core.Batches.NewShuffledRows(rows),
            Restarts,
            Seed,
            Start.Value,
            Standardise,
            Interop.List(Frozen),
            DeadComponents.ToCore(),
            Polish.ToCore(),
            Tolerance,
            Patience,
            KeepParameters,
            Threads
        );

    private Core.GradientMethod Method()
    {
        if (LearningRate is not { } first)
        {
            return Optimizer == Optimizer.Newton ? Core.GradientMethod.NewtonMethod : Core.GradientMethod.QuasiNewton;
        }

        var rate = FuncConvert.FromFunc(schedule ?? (_ => first));
        var (adam, rmsProp) = (Core.Adam.defaults, Core.RmsProp.defaults);
        var step = Optimizer switch
        {
            Optimizer.Adam => Core.Adam.transform(new(rate, adam.Beta1, adam.Beta2, adam.Epsilon, decay)),
            Optimizer.Sgd => Core.Sgd.transform(new(rate, momentum, nesterov)),
            _ => Core.RmsProp.transform(new(rate, rmsProp.Decay, rmsProp.Epsilon, momentum, rmsProp.Centred)),
        };
        Core.GradientTransform[] steps = Clipping is { } norm ? [Core.Clip.byNorm(norm), step] : [step];
        return Core.GradientMethod.NewFirstOrder(Core.OptimiserModule.chain(Interop.List(steps)));
    }

    private Gradient WithBatch(int rows, bool drawn)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        RequireFirstOrder("batches");
        return this with { Batch = rows, IsBatchDrawn = drawn };
    }

    private void RequireFirstOrder(string what)
    {
        if (!IsFirstOrder)
        {
            throw new InvalidOperationException(
                $"{Optimizer} does without {what}: start from Gradient.Adam, Gradient.Sgd or Gradient.RmsProp"
            );
        }
    }

    private static double Positive(double value, string name) =>
        double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "expected a finite number greater than 0");

    private static double NotNegative(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "expected a finite number of 0 or more");

    private static double Share(double value, string name) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "expected a number of 0 or more and less than 1");
}
