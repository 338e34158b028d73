using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Laplace's approximation of a posterior: a normal distribution of the free real numbers around the mode of their density
/// (MacKay 2003, chapter 27). Immutable.
/// </summary>
public sealed class LaplaceApproximation
{
    private readonly Core.LaplaceApproximation value;

    internal LaplaceApproximation(BayesianModel model, Core.LaplaceApproximation value)
    {
        this.value = value;
        Model = model;
        Values = model.Named(value.Values);
        StandardErrors = model.Named(value.StandardErrors);
    }

    /// <summary>The model.</summary>
    public BayesianModel Model { get; }

    /// <summary>The values of the sites at the mode of the unconstrained density, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; }

    /// <summary>The standard errors of the sites' values, by the delta method, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> StandardErrors { get; }

    /// <summary>The covariance of the free real numbers.</summary>
    public double[,] Covariance => (double[,])value.Covariance.Clone();

    /// <summary>The approximate log evidence log p(data), in nats, all ways to number the components counted.</summary>
    public double LogEvidence => value.LogEvidence;

    /// <summary>The same by importance sampling with the normal as proposal.</summary>
    public double ImportanceLogEvidence => value.ImportanceLogEvidence;

    /// <summary>How many of the importance draws count, as a share.</summary>
    public double EffectiveShare => value.EffectiveShare;

    /// <summary>Whether the approximation can be trusted: importance sampling agrees with it.</summary>
    public bool IsReliable => value.IsReliable;

    /// <summary>What a person should know, in plain words.</summary>
    public IReadOnlyList<string> Warnings => [.. value.Warnings];

    /// <summary>The mixture of the values, where the model is that of a specification.</summary>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public MixtureModel Mixture => new(Model.Value.ToMixture(value.Values), null);

    /// <summary>Draws of the sites' values from the approximation.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <param name="key">The key: the same key draws the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Draw(int count, RandomKey key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. value
                .Draw(key, count)
                .Select(vector => Model.Named(Model.Value.Constrain(Core.TensorModule.ofArray(vector)))),
        ];
    }
}
