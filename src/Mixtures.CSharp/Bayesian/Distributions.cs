using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Distributions as values, of numbers, arrays or tensors, which broadcast; differentiable where tensors depend on the
/// sites of a program. For priors with parameters from numbers alone see also <see cref="Prior"/>.
/// </summary>
public static class Distributions
{
    /// <summary>Normal, by mean and standard deviation.</summary>
    /// <param name="mean">The means.</param>
    /// <param name="standardDeviation">The standard deviations; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Normal(Numbers mean, Numbers standardDeviation) =>
        new(Core.Normal.distribution(mean.Tensor, standardDeviation.Tensor));

    /// <summary>The absolute value of a normal number of mean 0.</summary>
    /// <param name="standardDeviation">The normal numbers' standard deviations; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution HalfNormal(Numbers standardDeviation) =>
        new(Core.HalfNormal.distribution(standardDeviation.Tensor));

    /// <summary>The exponential of a normal number.</summary>
    /// <param name="location">The logarithms' means.</param>
    /// <param name="scale">The logarithms' standard deviations; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution LogNormal(Numbers location, Numbers scale) =>
        new(Core.LogNormal.distribution(location.Tensor, scale.Tensor));

    /// <summary>Student-t, by degrees of freedom, location and scale.</summary>
    /// <param name="degreesOfFreedom">Greater than 0.</param>
    /// <param name="location">The locations.</param>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution StudentT(Numbers degreesOfFreedom, Numbers location, Numbers scale) =>
        new(Core.StudentT.distribution(degreesOfFreedom.Tensor, location.Tensor, scale.Tensor));

    /// <summary>Gamma, by shape and rate: the mean is shape / rate.</summary>
    /// <param name="shape">Greater than 0.</param>
    /// <param name="rate">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Gamma(Numbers shape, Numbers rate) =>
        new(Core.Gamma.distribution(shape.Tensor, rate.Tensor));

    /// <summary>Inverse gamma, by shape and scale: of a variance whose precision is gamma of that shape and rate.</summary>
    /// <param name="shape">Greater than 0.</param>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution InverseGamma(Numbers shape, Numbers scale) =>
        new(Core.InverseGamma.distribution(shape.Tensor, scale.Tensor));

    /// <summary>Exponential, by rate.</summary>
    /// <param name="rate">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Exponential(Numbers rate) => new(Core.Exponential.distribution(rate.Tensor));

    /// <summary>The absolute value of a Cauchy number.</summary>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution HalfCauchy(Numbers scale) => new(Core.HalfCauchy.distribution(scale.Tensor));

    /// <summary>Beta, by its two shapes.</summary>
    /// <param name="a">Greater than 0.</param>
    /// <param name="b">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Beta(Numbers a, Numbers b) => new(Core.Beta.distribution(a.Tensor, b.Tensor));

    /// <summary>Uniform between two numbers.</summary>
    /// <param name="low">The lower ends.</param>
    /// <param name="high">The upper ends; greater than the lower ones.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Uniform(Numbers low, Numbers high) =>
        new(Core.Uniform.distribution(low.Tensor, high.Tensor));

    /// <summary>Weibull, by shape and scale.</summary>
    /// <param name="shape">Greater than 0.</param>
    /// <param name="scale">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Weibull(Numbers shape, Numbers scale) =>
        new(Core.Weibull.distribution(shape.Tensor, scale.Tensor));

    /// <summary>Von Mises, of angles in radians.</summary>
    /// <param name="location">The mean directions.</param>
    /// <param name="concentration">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution VonMises(Numbers location, Numbers concentration) =>
        new(Core.VonMises.distribution(location.Tensor, concentration.Tensor));

    /// <summary>Bernoulli: 1 with a probability, else 0.</summary>
    /// <param name="probability">From 0 to 1.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Bernoulli(Numbers probability) => new(Core.Bernoulli.distribution(probability.Tensor));

    /// <summary>Binomial: successes among trials.</summary>
    /// <param name="trials">Whole numbers.</param>
    /// <param name="probability">From 0 to 1.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Binomial(Numbers trials, Numbers probability) =>
        new(Core.Binomial.distribution(trials.Tensor, probability.Tensor));

    /// <summary>Categorical: the code of a level, from 0.</summary>
    /// <param name="probabilities">In the last axis; they sum to one.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Categorical(Numbers probabilities) =>
        new(Core.Categorical.distribution(probabilities.Tensor));

    /// <summary>Geometric: failures before the first success.</summary>
    /// <param name="probability">Above 0, at most 1.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Geometric(Numbers probability) => new(Core.Geometric.distribution(probability.Tensor));

    /// <summary>Poisson, by rate.</summary>
    /// <param name="rate">Greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Poisson(Numbers rate) => new(Core.Poisson.distribution(rate.Tensor));

    /// <summary>Negative binomial: failures before so many successes.</summary>
    /// <param name="successes">Greater than 0.</param>
    /// <param name="probability">Of success; above 0, at most 1.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution NegativeBinomial(Numbers successes, Numbers probability) =>
        new(Core.NegativeBinomial.distribution(successes.Tensor, probability.Tensor));

    /// <summary>Dirichlet, of probabilities that sum to one.</summary>
    /// <param name="concentrations">In the last axis; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Dirichlet(Numbers concentrations) =>
        new(Core.Dirichlet.distribution(concentrations.Tensor));

    /// <summary>Normal vectors of independent columns.</summary>
    /// <param name="locations">The means, in the last axis.</param>
    /// <param name="scales">The standard deviations, in the last axis; greater than 0.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution DiagonalNormal(Numbers locations, Numbers scales) =>
        new(Core.DiagonalNormal.distribution(locations.Tensor, scales.Tensor));

    /// <summary>Normal vectors.</summary>
    /// <param name="location">The means, in the last axis.</param>
    /// <param name="factor">Lower Cholesky factors of the covariances, in the last two axes.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution MultivariateNormal(Numbers location, Numbers factor) =>
        new(Core.MultivariateNormal.distribution(location.Tensor, factor.Tensor));

    /// <summary>Student-t vectors.</summary>
    /// <param name="degreesOfFreedom">Greater than 0.</param>
    /// <param name="location">In the last axis.</param>
    /// <param name="factor">Lower Cholesky factors of the scale matrices, in the last two axes.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution MultivariateStudentT(Numbers degreesOfFreedom, Numbers location, Numbers factor) =>
        new(Core.MultivariateStudentT.distribution(degreesOfFreedom.Tensor, location.Tensor, factor.Tensor));

    /// <summary>Wishart matrices; the mean is degrees of freedom x the scale matrix.</summary>
    /// <param name="degreesOfFreedom">Greater than D - 1.</param>
    /// <param name="factor">Lower Cholesky factors of the scale matrices, in the last two axes.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution Wishart(Numbers degreesOfFreedom, Numbers factor) =>
        new(Core.Wishart.distribution(degreesOfFreedom.Tensor, factor.Tensor));

    /// <summary>Inverse Wishart matrices.</summary>
    /// <param name="degreesOfFreedom">Greater than D - 1.</param>
    /// <param name="factor">Lower Cholesky factors of the scale matrices, in the last two axes.</param>
    /// <exception cref="ArgumentException">A parameter out of range, or shapes that do not go together.</exception>
    public static Distribution InverseWishart(Numbers degreesOfFreedom, Numbers factor) =>
        new(Core.InverseWishart.distribution(degreesOfFreedom.Tensor, factor.Tensor));
}
