using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A fitted model with everything that is known about the fit. Immutable.</summary>
public sealed class MixtureFit
{
    private readonly Core.MixtureSpec spec;

    internal MixtureFit(Core.MixtureFit fit, Core.MixtureSpec spec)
    {
        this.spec = spec;
        Value = fit;
        Summary = new FitSummary(fit.Summary);
        Model = new MixtureModel(fit.Mixture, Summary);
        Certificate = new Certificate(fit.Certificate);
    }

    internal MixtureFit(Core.GradientFit fit, Core.MixtureSpec spec)
        : this(fit.Fit, spec) => Gradient = new GradientFit(fit, this);

    internal MixtureFit(Core.CaviFit fit, Core.MixtureSpec spec)
        : this(fit.Fit, spec) => Cavi = new CaviFit(fit, this);

    internal Core.MixtureFit Value { get; }

    /// <summary>The fitted model.</summary>
    public MixtureModel Model { get; }

    /// <summary>The numbers that are saved with the model.</summary>
    public FitSummary Summary { get; }

    /// <summary>How far the fit can be trusted.</summary>
    public Certificate Certificate { get; }

    /// <summary>How the gradient descent went; null where the fit was made otherwise.</summary>
    public GradientFit? Gradient { get; }

    /// <summary>The mean-field posterior of coordinate ascent; null where the fit was made otherwise.</summary>
    public CaviFit? Cavi { get; }

    /// <summary>L = Σ w log p(x), in nats, summed over rows.</summary>
    public double LogLikelihood => Summary.LogLikelihood;

    /// <summary>Akaike's information criterion, 2k - 2L; smaller is better.</summary>
    public double Aic => Summary.Aic;

    /// <summary>The Bayesian information criterion, k ln n - 2L with n the total weight; smaller is better.</summary>
    public double Bic => Summary.Bic;

    /// <summary>The integrated completed likelihood, bic - 2 Σ w log max r; smaller is better.</summary>
    public double Icl => Summary.Icl;

    /// <summary>The number of free parameters, k.</summary>
    public int Parameters => Summary.Parameters;

    /// <summary>How many iterations the returned run took.</summary>
    public int Iterations => Summary.Iterations;

    /// <summary>Why the fit stopped. Not converging is a value, not an exception.</summary>
    public Termination Termination => Summary.Termination;

    /// <summary>L at the start and after each iteration: iterations + 1 numbers.</summary>
    public IReadOnlyList<double> History => Summary.History;

    /// <summary>The log-likelihood of every start that was run to convergence, in nats; best first.</summary>
    public IReadOnlyList<double> Restarts => Summary.Restarts;

    /// <summary>How many of these agree with the returned one to 1e-6 nats a row.</summary>
    public int Agreement => Summary.Agreement;

    /// <summary>What a person should know, in plain words; the most important first.</summary>
    public IReadOnlyList<string> Warnings => Summary.Warnings;

    /// <summary>The seed of the random starts.</summary>
    public int Seed => Summary.Seed;

    /// <summary>The number of rows, N.</summary>
    public int Rows => Summary.Rows;

    /// <summary>Σ w: a row of weight 2 counts as two rows.</summary>
    public double TotalWeight => Summary.TotalWeight;

    /// <summary>(Σ w)² / Σ w²: the number of equally weighted rows that carry as much information.</summary>
    public double EffectiveRows => Summary.EffectiveRows;

    /// <summary>The time that the fit took.</summary>
    public TimeSpan Elapsed => Summary.Elapsed;

    /// <summary>
    /// Saves the model as JSON together with the fit's numbers, and with the posterior where coordinate ascent found one. The file is written beside the path and moved into
    /// place, so that it is whole or not there.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        if (Cavi is { } cavi)
        {
            cavi.Save(path);
        }
        else
        {
            Model.Save(path);
        }
    }

    /// <summary>
    /// Standard errors of the parameters, from the observed information: exact second derivatives of the log-likelihood, or
    /// with a prior of the log joint density, and the delta method (McLachlan &amp; Peel 2000, section 2.15).
    /// </summary>
    /// <param name="data">The rows that the fit was made from.</param>
    /// <exception cref="InvalidOperationException">
    /// The information is not positive definite: the fit is not at a maximum, or a parameter is not identified.
    /// </exception>
    public IReadOnlyList<ParameterEstimate> StandardErrors(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return
        [
            .. Core
                .StandardErrors.ofMixture(spec, data, Value.Mixture)
                .Select(estimate => new ParameterEstimate(estimate.Name, estimate.Value, estimate.StandardError)),
        ];
    }
}

/// <summary>A parameter with how far it can be trusted.</summary>
/// <param name="Name">
/// Its name, such as weight[1], mean[2][waiting] or sd[1][waiting]; components are counted from 1.
/// </param>
/// <param name="Value">Its value, in units of the data.</param>
/// <param name="StandardError">Its standard error, in the same units.</param>
public sealed record ParameterEstimate(string Name, double Value, double StandardError);
