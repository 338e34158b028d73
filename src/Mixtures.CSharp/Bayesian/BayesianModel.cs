using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A site of a Bayesian model: an unobserved quantity.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">The shape of its values; empty for one number.</param>
/// <param name="BatchShape">
/// How many values there are, such as K, or K x D; empty for one that all components share. The shape without a value's own axes.
/// </param>
/// <param name="Support">Where each value lives, in words.</param>
public sealed record SiteInfo(string Name, IReadOnlyList<int> Shape, IReadOnlyList<int> BatchShape, string Support);

/// <summary>
/// A Bayesian model: named sites with priors, and data. Two densities belong to it: the log joint density in the values
/// themselves, whose greatest point is the MAP estimate (<see cref="Map"/>), and in free real numbers with the logarithm of
/// the Jacobian, around whose mode <see cref="Laplace"/> approximates the posterior. Made by
/// <see cref="BayesianProgram.Create"/>, or of a specification by <see cref="MixtureSpecs.Bayesian"/>. Immutable.
/// </summary>
public sealed partial class BayesianModel
{
    internal BayesianModel(Core.BayesianModel value)
    {
        Value = value;
        Sites =
        [
            .. value.Sites.Select(site => new SiteInfo(
                site.Name,
                site.Dims.AsReadOnly(),
                site.Batch.AsReadOnly(),
                Core.SupportModule.name(site.Support)
            )),
        ];
    }

    internal Core.BayesianModel Value { get; }

    /// <summary>The sites, in order.</summary>
    public IReadOnlyList<SiteInfo> Sites { get; }

    /// <summary>How many free real numbers the sites have.</summary>
    public int Dimension => Value.Dimension;

    /// <summary>How many rows the data have; 0 where they have no common first axis.</summary>
    public int RowCount => Value.RowCount;

    /// <summary>Whether all components may be numbered in any order without changing the model, as far as it knows.</summary>
    public bool IsExchangeable => Value.Exchangeable > 1;

    /// <summary>What a person should know of the priors, such as defaults that were taken from the data's scale.</summary>
    public IReadOnlyList<string> Notes => [.. Value.Notes];

    /// <summary>The log joint density at values, in nats, in the values themselves (without the Jacobian).</summary>
    /// <param name="values">The values of all sites, by name.</param>
    /// <exception cref="ArgumentException">A site without a value, or a value that does not fit its site.</exception>
    public double LogJoint(IReadOnlyDictionary<string, Tensor> values) => Terms(values).Values.Sum();

    /// <summary>The log joint density at values with the logarithm of the Jacobian of the map from the free real numbers.</summary>
    /// <param name="values">The values of all sites, by name.</param>
    /// <exception cref="ArgumentException">A site without a value, or a value that does not fit its site.</exception>
    public double LogJointUnconstrained(IReadOnlyDictionary<string, Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Value.LogJointUnconstrained(Value.Unconstrain(Array(values))).ToScalar();
    }

    /// <summary>The terms of the log joint density by the names of sites and observations, in nats.</summary>
    /// <param name="values">The values of all sites, by name.</param>
    /// <exception cref="ArgumentException">A site without a value, or a value that does not fit its site.</exception>
    public IReadOnlyDictionary<string, double> Terms(IReadOnlyDictionary<string, Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Value.Terms(Array(values)).ToDictionary(term => term.Item1, term => term.Item2);
    }

    /// <summary>The maximum a posteriori estimate: the best stationary point of many starts.</summary>
    /// <param name="options">How to look for it; null for <see cref="ModeSearch.Default"/>.</param>
    /// <param name="progress">Told after each step: its start, its number and the loss.</param>
    /// <param name="cancellationToken">Stops the search, which then returns the best that was reached.</param>
    /// <exception cref="ArgumentException">The log joint density is not a number at the starts; the site is named.</exception>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    public MapEstimate Map(
        ModeSearch? options = null,
        IProgress<ModeProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var core = (options ?? ModeSearch.Default).ToCore(this, progress, cancellationToken);
        return new(this, Interop.Run(() => Core.MapEstimateModule.fit(core, Value), cancellationToken));
    }

    /// <summary>
    /// Laplace's approximation of the posterior: a normal distribution of the free real numbers around their mode.
    /// </summary>
    /// <param name="options">How to look for the mode; null for <see cref="ModeSearch.Default"/>.</param>
    /// <param name="exchangeable">
    /// How many components of a program may be numbered in any order, which adds log K! to the evidence; null for what the
    /// model knows (K for a specification whose priors are the same for every component, else 1).
    /// </param>
    /// <param name="cancellationToken">Stops the search for the mode.</param>
    /// <exception cref="InvalidOperationException">There is no mode to expand around.</exception>
    public LaplaceApproximation Laplace(
        ModeSearch? options = null,
        int? exchangeable = null,
        CancellationToken cancellationToken = default
    )
    {
        var core = (options ?? ModeSearch.Default).ToCore(this, null, cancellationToken);
        return new(
            this,
            Interop.Run(
                () => Core.Laplace.fitExchangeable(exchangeable ?? Value.Exchangeable, core, Value),
                cancellationToken
            )
        );
    }

    /// <summary>A draw of the sites' values from their priors.</summary>
    /// <param name="key">The key: the same key draws the same.</param>
    /// <exception cref="InvalidOperationException">A site has no prior.</exception>
    public IReadOnlyDictionary<string, Tensor> DrawPrior(RandomKey key) => Named(Value.DrawPrior(key.Stream()));

    /// <summary>Replicated data given values: a predictive draw, by the observations' names.</summary>
    /// <param name="values">The values of all sites, by name.</param>
    /// <param name="key">The key: the same key draws the same.</param>
    /// <exception cref="ArgumentException">A site without a value.</exception>
    public IReadOnlyDictionary<string, Tensor> Predict(IReadOnlyDictionary<string, Tensor> values, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Value.Predict(Array(values), key.Stream()).ToDictionary(pair => pair.Item1, pair => pair.Item2);
    }

    /// <summary>The probability of each component for each row, N x K; rows sum to one.</summary>
    /// <param name="values">The values of all sites, by name.</param>
    /// <param name="rows">Other rows than the data; null for the data.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public double[,] AssignmentProbabilities(IReadOnlyDictionary<string, Tensor> values, Tensor? rows = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        var own = Array(values);
        return rows is null
            ? Core.Assignments.probabilities(Value, own)
            : Core.Assignments.probabilitiesOf(rows, Value, own);
    }

    /// <summary>The mean of the assignment probabilities over draws of the values, N x K.</summary>
    /// <param name="draws">Values of all sites, by name, at least one; components numbered alike.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public double[,] AssignmentProbabilities(IEnumerable<IReadOnlyDictionary<string, Tensor>> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        return Core.Assignments.averaged(Value, draws.Select(Array));
    }

    internal Tensor[] Array(IReadOnlyDictionary<string, Tensor> values) =>
        [
            .. Sites.Select(site =>
                values.TryGetValue(site.Name, out var value)
                    ? value
                    : throw new ArgumentException(
                        $"expected a value of the site {site.Name}, received none",
                        nameof(values)
                    )
            ),
        ];

    internal IReadOnlyDictionary<string, Tensor> Named(Tensor[] values) =>
        Sites.Zip(values).ToDictionary(pair => pair.First.Name, pair => pair.Second);
}
