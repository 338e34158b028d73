namespace Mixtures.CSharp;

/// <content>Families beside the Gaussian.</content>
public static partial class Mixture
{
    /// <summary>A mixture of components of one family, the same for every column, to be fitted.</summary>
    /// <param name="family">The family.</param>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec OfFamily(Family family, int components)
    {
        ArgumentNullException.ThrowIfNull(family);
        return new FamilySpec(family, components);
    }

    /// <summary>A mixture of different families on different columns, to be fitted.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <param name="schema">Which family each column has; at least one column.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    /// <exception cref="ArgumentException">There is no column.</exception>
    public static ProductSpec Product(int components, Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new ProductSpec(schema, components);
    }

    /// <summary>A mixture of different families on different columns, to be fitted.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <param name="columns">Adds the columns to an empty schema.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    /// <exception cref="ArgumentException">There is no column, or one is there twice.</exception>
    public static ProductSpec Product(int components, Func<Schema, Schema> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return Product(components, columns(Schema.Empty));
    }

    /// <summary>Student-t components, to be fitted; full scale matrices and estimated degrees of freedom by default.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static StudentTSpec StudentT(int components) => new(components);

    /// <summary>Vectors of zeros and ones, or numbers between, to be fitted by the probability of a one in each column.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Bernoulli(int components) => new(Family.Bernoulli, components);

    /// <summary>Levels 0, 1, … of each column, to be fitted by their probabilities; their number is found in the data.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Categorical(int components) => new(Family.Categorical, components);

    /// <summary>Successes of so many trials in each row, to be fitted by the probability of a success.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <param name="trials">The number of trials, at least 1; null for each column's largest count in the data.</param>
    /// <exception cref="ArgumentException">Fewer than one component or trial.</exception>
    public static FamilySpec Binomial(int components, int? trials = null) =>
        new(trials is { } n ? Family.BinomialOf(n) : Family.Binomial, components);

    /// <summary>Counts, to be fitted by rate.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Poisson(int components) => new(Family.Poisson, components);

    /// <summary>Counts spread wider than Poisson's, to be fitted by successes and probability.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec NegativeBinomial(int components) => new(Family.NegativeBinomial, components);

    /// <summary>Counts with more zeros than Poisson's, to be fitted by rate and share of zeros.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec ZeroInflatedPoisson(int components) => new(Family.ZeroInflatedPoisson, components);

    /// <summary>Failures before the first success, to be fitted by the probability of a success.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Geometric(int components) => new(Family.Geometric, components);

    /// <summary>Waiting times of at least 0, to be fitted by rate.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Exponential(int components) => new(Family.Exponential, components);

    /// <summary>Positive numbers, to be fitted by shape and rate.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Gamma(int components) => new(Family.Gamma, components);

    /// <summary>Positive numbers, to be fitted by location and scale of their logarithms.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec LogNormal(int components) => new(Family.LogNormal, components);

    /// <summary>Lifetimes above 0, to be fitted by shape and scale.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Weibull(int components) => new(Family.Weibull, components);

    /// <summary>Numbers between 0 and 1, to be fitted by the shapes a and b.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec Beta(int components) => new(Family.Beta, components);

    /// <summary>Angles in radians, to be fitted by location and concentration.</summary>
    /// <param name="components">How many components, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static FamilySpec VonMises(int components) => new(Family.VonMises, components);
}
