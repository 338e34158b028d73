using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Priors of parameters and sites. A number holds for every value of the parameter; an array has one for each of its last
/// axis (the columns of means, say), a matrix one for each component (rows) and column, or K x 1 for each component.
/// </summary>
/// <example>
/// <code>
/// var spec = Mixture.Gaussian(2)
///     .WithWeightsPrior(0.5)
///     .WithPrior("means", Prior.Normal(0, 10))
///     .WithPrior("scales", Prior.LogNormal(0, 2));
/// </code>
/// </example>
public static class Prior
{
    /// <summary>Normal, by mean and standard deviation.</summary>
    /// <param name="mean">The means.</param>
    /// <param name="standardDeviation">The standard deviations; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Normal(Numbers mean, Numbers standardDeviation) =>
        Distributions.Normal(mean, standardDeviation);

    /// <summary>The absolute value of a normal number of mean 0.</summary>
    /// <param name="standardDeviation">The normal numbers' standard deviations; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution HalfNormal(Numbers standardDeviation) => Distributions.HalfNormal(standardDeviation);

    /// <summary>The exponential of a normal number.</summary>
    /// <param name="location">The logarithms' means.</param>
    /// <param name="scale">The logarithms' standard deviations; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution LogNormal(Numbers location, Numbers scale) => Distributions.LogNormal(location, scale);

    /// <summary>Student-t, by degrees of freedom, location and scale.</summary>
    /// <param name="degreesOfFreedom">Greater than 0.</param>
    /// <param name="location">The locations.</param>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution StudentT(Numbers degreesOfFreedom, Numbers location, Numbers scale) =>
        Distributions.StudentT(degreesOfFreedom, location, scale);

    /// <summary>Gamma, by shape and rate: the mean is shape / rate.</summary>
    /// <param name="shape">Greater than 0.</param>
    /// <param name="rate">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Gamma(Numbers shape, Numbers rate) => Distributions.Gamma(shape, rate);

    /// <summary>Inverse gamma, by shape and scale: of a variance whose precision is gamma of that shape and rate.</summary>
    /// <param name="shape">Greater than 0.</param>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution InverseGamma(Numbers shape, Numbers scale) => Distributions.InverseGamma(shape, scale);

    /// <summary>Exponential, by rate.</summary>
    /// <param name="rate">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Exponential(Numbers rate) => Distributions.Exponential(rate);

    /// <summary>The absolute value of a Cauchy number.</summary>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution HalfCauchy(Numbers scale) => Distributions.HalfCauchy(scale);

    /// <summary>Beta, by its two shapes.</summary>
    /// <param name="a">Greater than 0.</param>
    /// <param name="b">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Beta(Numbers a, Numbers b) => Distributions.Beta(a, b);

    /// <summary>Uniform between two numbers.</summary>
    /// <param name="low">The lower ends.</param>
    /// <param name="high">The upper ends; greater than the lower ones.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Uniform(Numbers low, Numbers high) => Distributions.Uniform(low, high);

    /// <summary>Weibull, by shape and scale.</summary>
    /// <param name="shape">Greater than 0.</param>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Weibull(Numbers shape, Numbers scale) => Distributions.Weibull(shape, scale);

    /// <summary>Von Mises, of angles in radians.</summary>
    /// <param name="location">The mean directions.</param>
    /// <param name="concentration">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution VonMises(Numbers location, Numbers concentration) =>
        Distributions.VonMises(location, concentration);

    /// <summary>Dirichlet, of probabilities that sum to one.</summary>
    /// <param name="concentrations">One for each outcome; greater than 0.</param>
    /// <exception cref="ArgumentException">Fewer than two, or one that is not positive and finite.</exception>
    public static Distribution Dirichlet(params double[] concentrations)
    {
        ArgumentNullException.ThrowIfNull(concentrations);
        return new(Core.Prior.dirichlet(concentrations));
    }

    /// <summary>Wishart, of precision matrices; the mean is degrees of freedom x the scale matrix.</summary>
    /// <param name="degreesOfFreedom">Greater than D - 1.</param>
    /// <param name="scale">D x D, symmetric and positive definite.</param>
    /// <exception cref="ArgumentException">A parameter out of range.</exception>
    public static Distribution Wishart(double degreesOfFreedom, double[,] scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        return new(Core.Prior.wishart(degreesOfFreedom, scale));
    }

    /// <summary>Inverse Wishart, of covariance matrices; the mean is the scale matrix / (degrees of freedom - D - 1).</summary>
    /// <param name="degreesOfFreedom">Greater than D - 1.</param>
    /// <param name="scale">D x D, symmetric and positive definite.</param>
    /// <exception cref="ArgumentException">A parameter out of range.</exception>
    public static Distribution InverseWishart(double degreesOfFreedom, double[,] scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        return new(Core.Prior.inverseWishart(degreesOfFreedom, scale));
    }

    /// <summary>
    /// Normal-inverse-Wishart, of mean and covariance together (the parameter components): the covariance is inverse Wishart,
    /// the mean normal around the location with covariance / strength.
    /// </summary>
    /// <param name="location">The location of the mean, D numbers.</param>
    /// <param name="strength">How many rows the location counts as; greater than 0.</param>
    /// <param name="degreesOfFreedom">Of the inverse Wishart; greater than D - 1.</param>
    /// <param name="scale">The scale matrix, D x D, symmetric and positive definite.</param>
    /// <exception cref="ArgumentException">A parameter out of range.</exception>
    public static Distribution NormalInverseWishart(
        double[] location,
        double strength,
        double degreesOfFreedom,
        double[,] scale
    )
    {
        ArgumentNullException.ThrowIfNull(location);
        ArgumentNullException.ThrowIfNull(scale);
        return new(Core.Prior.normalInverseWishart(location, strength, degreesOfFreedom, scale));
    }
}
