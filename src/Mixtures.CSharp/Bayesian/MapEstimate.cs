using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>How one start of a search for a mode ended.</summary>
public enum ModeOutcome
{
    /// <summary>At a maximum of the density: the gradient is zero, and the curvature right.</summary>
    Stationary,

    /// <summary>Where the gradient is zero, but the density grows in some direction.</summary>
    Saddle,

    /// <summary>The density grows without end as a site's values go to the edge of their support.</summary>
    RunAway,

    /// <summary>The gradient is not zero: the limit of iterations, or rounding, came first.</summary>
    NotConverged,

    /// <summary>The density is not finite at the start.</summary>
    NotFinite,

    /// <summary>It was not run to the end, others being more promising.</summary>
    NotRun,
}

/// <summary>One start of a search for a mode.</summary>
/// <param name="Start">Its number, from 0.</param>
/// <param name="InitialLoss">The loss at the start, in nats.</param>
/// <param name="Loss">The loss where it ended.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="RunAwaySite">The site that ran away; null where none did.</param>
public sealed record ModeStart(int Start, double InitialLoss, double Loss, ModeOutcome Outcome, string? RunAwaySite);

/// <summary>
/// The maximum a posteriori estimate: the values of greatest log joint density, with the way there. Where that density is
/// unbounded, starts that run away are told apart and not returned. Immutable.
/// </summary>
public sealed class MapEstimate
{
    internal MapEstimate(BayesianModel model, Core.MapEstimate value)
    {
        Model = model;
        Value = value;
        Values = model.Named(value.Values);
        Starts =
        [
            .. value.Starts.Select(start => new ModeStart(
                start.Start,
                start.InitialLoss,
                start.Loss,
                start.Outcome.IsNone ? ModeOutcome.NotRun : Facade(start.Outcome.Value),
                start.Outcome.IsSome && start.Outcome.Value is Core.ModeOutcome.RunAway run ? run.site : null
            )),
        ];
    }

    internal Core.MapEstimate Value { get; }

    /// <summary>The model.</summary>
    public BayesianModel Model { get; }

    /// <summary>The values of the sites, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; }

    /// <summary>The value of a site.</summary>
    /// <param name="site">Its name.</param>
    /// <exception cref="ArgumentException">There is no such site.</exception>
    public Tensor this[string site] => Value.Value(site);

    /// <summary>Minus the log joint density at the values, in nats.</summary>
    public double Loss => Value.Loss;

    /// <summary>The log joint density at the values, in nats.</summary>
    public double LogJoint => Value.LogJoint;

    /// <summary>The loss at the start and after each step of the returned start.</summary>
    public IReadOnlyList<double> Losses => Value.Losses.AsReadOnly();

    /// <summary>The Euclidean norm of the loss's gradient in the free real numbers, at the same points.</summary>
    public IReadOnlyList<double> GradientNorms => Value.GradientNorms.AsReadOnly();

    /// <summary>How the returned start ended.</summary>
    public ModeOutcome Outcome => Facade(Value.Outcome);

    /// <summary>The starts, those of least initial loss first.</summary>
    public IReadOnlyList<ModeStart> Starts { get; }

    /// <summary>The number of the returned start.</summary>
    public int Returned => Value.Returned;

    /// <summary>The time that it took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(Value.Seconds);

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. Value.Warnings];

    /// <summary>The mixture of the values, where the model is that of a specification.</summary>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public MixtureModel Mixture => new(Value.Mixture, null);

    /// <summary>The probability of each component for each row, N x K; rows sum to one.</summary>
    /// <param name="rows">Other rows than the data; null for the data.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public double[,] AssignmentProbabilities(Tensor? rows = null) => Model.AssignmentProbabilities(Values, rows);

    /// <summary>The most probable component of each row, from 0: discrete inference at temperature 0.</summary>
    /// <param name="rows">Other rows than the data; null for the data.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public int[] MostProbableAssignments(Tensor? rows = null) =>
        Core.Assignments.mostProbable(AssignmentProbabilities(rows));

    /// <summary>A component drawn for each row by its probabilities: discrete inference at temperature 1.</summary>
    /// <param name="key">The key: the same key draws the same.</param>
    /// <param name="rows">Other rows than the data; null for the data.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public int[] SampleAssignments(RandomKey key, Tensor? rows = null) =>
        Core.Assignments.sample(key, AssignmentProbabilities(rows));

    /// <summary>Where the most probable component of a number changes, for models of one column, in rising order.</summary>
    /// <param name="low">The lower end of the search.</param>
    /// <param name="high">The upper end.</param>
    /// <param name="points">The points of the grid; boundaries are then found to the last digit.</param>
    /// <exception cref="ArgumentException">The ends are not in order, or there are fewer than two points.</exception>
    public double[] Boundaries(double low, double high, int points = 1001) =>
        Core.Assignments.boundaries(low, high, points, Model.Value, Value.Values);

    /// <summary>
    /// Assignment probabilities as free parameters of a guide of their own, fitted by Adam: slower than to compute them, but
    /// the way that goes on where they cannot be computed.
    /// </summary>
    /// <param name="steps">How many steps, at least 0.</param>
    /// <param name="learningRate">Greater than 0.</param>
    /// <param name="beta1">The decay of the gradients' mean.</param>
    /// <param name="beta2">The decay of the squares' mean.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public AssignmentGuide GuideAssignments(
        int steps = 1500,
        double learningRate = 0.2,
        double beta1 = 0.8,
        double beta2 = 0.99
    ) =>
        new(
            Core.AssignmentGuideModule.fit(
                ModeSearch.Adam(learningRate, beta1, beta2),
                steps,
                Model.Value,
                Value.Values
            )
        );

    /// <summary>Replicated data: a predictive draw, by the observations' names.</summary>
    /// <param name="key">The key: the same key draws the same.</param>
    public IReadOnlyDictionary<string, Tensor> Predict(RandomKey key) => Model.Predict(Values, key);

    private static ModeOutcome Facade(Core.ModeOutcome outcome) =>
        outcome.Tag switch
        {
            Core.ModeOutcome.Tags.Stationary => ModeOutcome.Stationary,
            Core.ModeOutcome.Tags.Saddle => ModeOutcome.Saddle,
            Core.ModeOutcome.Tags.RunAway => ModeOutcome.RunAway,
            Core.ModeOutcome.Tags.NotConverged => ModeOutcome.NotConverged,
            _ => ModeOutcome.NotFinite,
        };
}

/// <summary>A guide of assignment probabilities that was fitted under given values of the sites. Immutable.</summary>
public sealed class AssignmentGuide
{
    private readonly Core.AssignmentGuide value;

    internal AssignmentGuide(Core.AssignmentGuide value) => this.value = value;

    /// <summary>The probability of each component for each row, N x K.</summary>
    public double[,] Probabilities => (double[,])value.Probabilities.Clone();

    /// <summary>Minus the lower bound, at the start and after each step, in nats.</summary>
    public IReadOnlyList<double> Losses => value.Losses.AsReadOnly();

    /// <summary>The Euclidean norm of its gradient, at the same points.</summary>
    public IReadOnlyList<double> GradientNorms => value.GradientNorms.AsReadOnly();
}
