using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// What the values of a column come from within a component, such as counts by a rate. A family is used for all columns
/// alike (<see cref="Mixture.OfFamily"/>), or for some of them in a <see cref="Schema"/>.
/// </summary>
public sealed class Family
{
    internal Family(Core.IComponentFamily value) => Value = value;

    /// <summary>The names of families as <see cref="Parse"/> reads them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Core.Schema.families];

    /// <summary>
    /// Numbers, by mean and standard deviation in each column; over several columns of a schema together, by mean and full
    /// covariance.
    /// </summary>
    public static Family Gaussian { get; } = new(Core.Families.gaussian);

    /// <summary>Zeros and ones, or numbers between, by the probability of a one.</summary>
    public static Family Bernoulli { get; } = new(Core.Families.bernoulli);

    /// <summary>Levels 0, 1, … of each column, by their probabilities; how many there are is found in the data.</summary>
    public static Family Categorical { get; } = new(Core.Families.categorical);

    /// <summary>Counts, by rate.</summary>
    public static Family Poisson { get; } = new(Core.Families.poisson);

    /// <summary>
    /// Counts spread wider than Poisson's: failures before so many successes (any positive number) of the given probability.
    /// </summary>
    public static Family NegativeBinomial { get; } = new(Core.Families.negativeBinomial);

    /// <summary>Counts with a share of zeros beyond Poisson's, by rate and zero_share.</summary>
    public static Family ZeroInflatedPoisson { get; } = new(Core.Families.zeroInflatedPoisson);

    /// <summary>Counts of failures before the first success, by the probability of a success.</summary>
    public static Family Geometric { get; } = new(Core.Families.geometric);

    /// <summary>Waiting times of at least 0, by rate.</summary>
    public static Family Exponential { get; } = new(Core.Families.exponential);

    /// <summary>Positive numbers, by shape and rate.</summary>
    public static Family Gamma { get; } = new(Core.Families.gamma);

    /// <summary>Positive numbers whose logarithms are Gaussian, by location and scale of the logarithm.</summary>
    public static Family LogNormal { get; } = new(Core.Families.logNormal);

    /// <summary>Lifetimes above 0, by shape and scale.</summary>
    public static Family Weibull { get; } = new(Core.Families.weibull);

    /// <summary>Numbers between 0 and 1, by the shapes a and b.</summary>
    public static Family Beta { get; } = new(Core.Families.beta);

    /// <summary>Angles in radians, from -π to 2π, by location and concentration.</summary>
    public static Family VonMises { get; } = new(Core.Families.vonMises);

    /// <summary>
    /// Successes of a number of trials, by the probability of a success; each column's number of trials is the largest count
    /// in the data. Give it, by <see cref="BinomialOf"/>, where it is known.
    /// </summary>
    public static Family Binomial { get; } = new(Core.Families.binomialOfData);

    /// <summary>The family's name, such as poisson.</summary>
    public string Name => Value.Name;

    /// <summary>Whether it is <see cref="Binomial"/>, which finds each column's number of trials in the data.</summary>
    public bool IsBinomialOfData => ReferenceEquals(Value, Core.Families.binomialOfData);

    internal Core.IComponentFamily Value { get; }

    /// <summary>Gaussian components over columns together, with covariances of a structure.</summary>
    /// <param name="structure">Full, tied, diagonal or spherical.</param>
    /// <exception cref="ArgumentException">Known: such covariances are given to <see cref="Mixture.Gaussian"/>.</exception>
    public static Family GaussianOf(CovarianceStructure structure) =>
        structure == CovarianceStructure.Known
            ? throw new ArgumentException("expected a structure to be fitted, received known", nameof(structure))
            : new(Core.Gaussian.spec(structure.ToCore(), 1).Family);

    /// <summary>Student-t components over columns together.</summary>
    /// <param name="scale">The scale matrices: full or diagonal.</param>
    /// <param name="degreesOfFreedom">Positive; null to estimate them, between 1 and 200, for each component.</param>
    /// <exception cref="ArgumentException">Another structure, or degrees of freedom that are not positive and finite.</exception>
    public static Family StudentT(
        CovarianceStructure scale = CovarianceStructure.Full,
        double? degreesOfFreedom = null
    ) =>
        new(
            Core.Families.studentT(
                scale.ToCore(),
                degreesOfFreedom is { } nu ? Core.DegreesOfFreedom.NewFixed(nu) : Core.DegreesOfFreedom.Estimated
            )
        );

    /// <summary>Successes of so many trials in each row, by the probability of a success.</summary>
    /// <param name="trials">At least 1.</param>
    /// <exception cref="ArgumentException">Fewer than one trial.</exception>
    public static Family BinomialOf(int trials) => new(Core.Families.binomial(trials));

    /// <summary>Levels 0 … L - 1 of each column, given L of each, by their probabilities.</summary>
    /// <param name="levels">The number of levels of each column, at least 2.</param>
    /// <exception cref="ArgumentException">A column of fewer than two levels, or no column.</exception>
    public static Family CategoricalOf(params IReadOnlyList<int> levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        return levels.Count > 0
            ? new(Core.Families.categoricalOf([.. levels]))
            : throw new ArgumentException("expected the levels of at least one column, received none", nameof(levels));
    }

    /// <summary>A family from text such as poisson, binomial:12, gaussian:full, student-t or student-t:4.</summary>
    /// <param name="text">A name as in <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such family, or its detail is wrong.</exception>
    public static Family Parse(string text) => new(Core.Schema.family(text));

    /// <summary>The name, with the structure where there is one.</summary>
    public override string ToString() => Structure is null ? Name : $"{Name}, {Value.Structure}";

    internal CovarianceStructure? Structure =>
        Name is "gaussian" or "student-t" && Core.CovarianceStructureModule.tryParse(Value.Structure) is { } some
            ? some.Value.ToFacade()
            : null;
}
