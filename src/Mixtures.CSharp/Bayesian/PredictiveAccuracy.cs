using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// How well draws of a posterior predict rows that they have not seen: WAIC (Watanabe 2010) or leave-one-out by Pareto-smoothed
/// importance sampling (Vehtari, Gelman &amp; Gabry 2017). In nats; the larger <see cref="Elpd"/> is the better.
/// </summary>
public sealed class PredictiveAccuracy
{
    private readonly Core.PredictiveAccuracy value;

    internal PredictiveAccuracy(Core.PredictiveAccuracy value) => this.value = value;

    /// <summary>The expected log predictive density, summed over rows.</summary>
    public double Elpd => value.Elpd;

    /// <summary>The standard error of that sum over rows.</summary>
    public double StandardError => value.StandardError;

    /// <summary>The effective number of parameters.</summary>
    public double EffectiveParameters => value.EffectiveParameters;

    /// <summary>-2 <see cref="Elpd"/>, on the scale of AIC and its kin.</summary>
    public double Deviance => value.Deviance;

    /// <summary>Each row's part of <see cref="Elpd"/>; a row of weight w counts as w rows.</summary>
    public IReadOnlyList<double> Rows => value.Rows.AsReadOnly();

    /// <summary>
    /// Each row's k-hat, of leave-one-out: above 0.7 the row cannot be left out so. Its part of the effective parameters, of WAIC:
    /// above 0.4 WAIC cannot be trusted for it.
    /// </summary>
    public IReadOnlyList<double> RowReliability => value.RowReliability.AsReadOnly();

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. value.Warnings];

    /// <summary>By how much this predicts the same rows better than another, with the standard error of that.</summary>
    /// <param name="other">Of another model, on the same rows.</param>
    /// <exception cref="ArgumentException">There are other numbers of rows.</exception>
    public (double Elpd, double StandardError) Less(PredictiveAccuracy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (elpd, error) = Core.PredictiveAccuracyModule.difference(value, other.value);
        return (elpd, error);
    }
}

/// <summary>A statistic of the data beside those of data that the model makes (Gelman, Meng &amp; Stern 1996).</summary>
/// <param name="Name">Which statistic of which column.</param>
/// <param name="Observed">Of the data.</param>
/// <param name="Replicated">Of replicated data, one a draw.</param>
/// <param name="TailProbability">
/// The probability that replicated data have at least as large a one; ties count half. Near 0 or 1 the model does not make such data.
/// </param>
public sealed record PredictiveCheck(
    string Name,
    double Observed,
    IReadOnlyList<double> Replicated,
    double TailProbability
)
{
    internal PredictiveCheck(Core.PredictiveCheck value)
        : this(value.Name, value.Observed, value.Replicated.AsReadOnly(), value.TailProbability) { }
}
