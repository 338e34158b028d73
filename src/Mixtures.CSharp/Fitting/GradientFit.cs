using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A model fitted by gradient descent, with the way there. Immutable.</summary>
public sealed class GradientFit
{
    internal GradientFit(Core.GradientFit value, MixtureFit fit)
    {
        Value = value;
        Fit = fit;
        Losses = value.Losses.AsReadOnly();
        GradientNorms = value.GradientNorms.AsReadOnly();
        Deaths =
        [
            .. value.Deaths.Select(death => new DeathEvent(death.Component, death.Step, death.Weight, death.Reseeded)),
        ];
    }

    internal Core.GradientFit Value { get; }

    /// <summary>The fit as of any learner.</summary>
    public MixtureFit Fit { get; }

    /// <summary>The fitted model.</summary>
    public MixtureModel Model => Fit.Model;

    /// <summary>The numbers that are saved with the model.</summary>
    public FitSummary Summary => Fit.Summary;

    /// <summary>How far the fit can be trusted.</summary>
    public Certificate Certificate => Fit.Certificate;

    /// <summary>
    /// The loss of the returned model: minus the log-likelihood, less the log-density of the priors, in nats, summed over
    /// rows.
    /// </summary>
    public double Loss => Value.Loss;

    /// <summary>
    /// The loss at the start and after each step of the returned start; on batches, estimated from the batch.
    /// </summary>
    public IReadOnlyList<double> Losses { get; }

    /// <summary>The Euclidean norm of the gradient of the mean loss, at the same points.</summary>
    public IReadOnlyList<double> GradientNorms { get; }

    /// <summary>The step whose parameters were best; polishing begins there.</summary>
    public int BestStep => Value.BestStep;

    /// <summary>The loss at the best step, before polishing.</summary>
    public double BestLoss => Value.BestLoss;

    /// <summary>The components that died on the way.</summary>
    public IReadOnlyList<DeathEvent> Deaths { get; }

    /// <summary>L = Σ w log p(x), in nats, summed over rows.</summary>
    public double LogLikelihood => Fit.Summary.LogLikelihood;

    /// <summary>Akaike's information criterion, 2k - 2L; smaller is better.</summary>
    public double Aic => Fit.Summary.Aic;

    /// <summary>The Bayesian information criterion, k ln n - 2L with n the total weight; smaller is better.</summary>
    public double Bic => Fit.Summary.Bic;

    /// <summary>The integrated completed likelihood, bic - 2 Σ w log max r; smaller is better.</summary>
    public double Icl => Fit.Summary.Icl;

    /// <summary>The number of free parameters, k.</summary>
    public int Parameters => Fit.Summary.Parameters;

    /// <summary>How many steps the returned run took.</summary>
    public int Iterations => Fit.Summary.Iterations;

    /// <summary>Why the fit stopped. Not converging is a value, not an exception.</summary>
    public Termination Termination => Fit.Summary.Termination;

    /// <summary>L at the start and after each step: steps + 1 numbers.</summary>
    public IReadOnlyList<double> History => Fit.Summary.History;

    /// <summary>The log-likelihood of every start that was run to convergence, in nats; best first.</summary>
    public IReadOnlyList<double> Restarts => Fit.Summary.Restarts;

    /// <summary>How many of these agree with the returned one to 1e-6 nats a row.</summary>
    public int Agreement => Fit.Summary.Agreement;

    /// <summary>What a person should know, in plain words; the most important first.</summary>
    public IReadOnlyList<string> Warnings => Fit.Summary.Warnings;

    /// <summary>The seed of the random starts.</summary>
    public int Seed => Fit.Summary.Seed;

    /// <summary>The number of rows, N.</summary>
    public int Rows => Fit.Summary.Rows;

    /// <summary>Σ w: a row of weight 2 counts as two rows.</summary>
    public double TotalWeight => Fit.Summary.TotalWeight;

    /// <summary>(Σ w)² / Σ w²: the number of equally weighted rows that carry as much information.</summary>
    public double EffectiveRows => Fit.Summary.EffectiveRows;

    /// <summary>The time that the fit took.</summary>
    public TimeSpan Elapsed => Fit.Summary.Elapsed;

    /// <summary>The model at a step, components numbered as in the result.</summary>
    /// <param name="step">From 0, the start.</param>
    /// <exception cref="ArgumentException">There is no such step.</exception>
    /// <exception cref="InvalidOperationException">The options did not ask for the parameters to be kept.</exception>
    public MixtureModel ModelAt(int step) => new(Value.MixtureAt.Invoke(step), null);

    /// <summary>Standard errors of the parameters; see <see cref="MixtureFit.StandardErrors"/>.</summary>
    /// <param name="data">The rows that the fit was made from.</param>
    /// <exception cref="InvalidOperationException">
    /// The information is not positive definite: the fit is not at a maximum, or a parameter is not identified.
    /// </exception>
    public IReadOnlyList<ParameterEstimate> StandardErrors(Dataset data) => Fit.StandardErrors(data);

    /// <summary>
    /// Saves the model as JSON together with the fit's numbers. The file is written beside the path and moved into
    /// place, so that it is whole or not there.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path) => Fit.Save(path);
}

/// <summary>A component that died during a gradient fit.</summary>
/// <param name="Component">The component, from 0, numbered as it was then.</param>
/// <param name="Step">The step at which it was found dead.</param>
/// <param name="Weight">Its weight then.</param>
/// <param name="IsReseeded">Whether it was moved to a random row.</param>
public sealed record DeathEvent(int Component, int Step, double Weight, bool IsReseeded);
