using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// What is believed of a mixture before the data are seen: of the weights, and of the components' parameters by name.
/// Immutable; given to a specification by <see cref="MixtureSpecs"/>, saved and loaded as JSON.
/// </summary>
public sealed class Priors
{
    internal Priors(Core.Priors value) => Value = value;

    /// <summary>No priors.</summary>
    public static Priors None { get; } = new(Core.Priors.None);

    /// <summary>The concentrations of the weights' Dirichlet prior, one for all or one for each; null where it has none.</summary>
    public IReadOnlyList<double>? Concentrations =>
        Value.Weights is Core.WeightsPrior.Dirichlet dirichlet
            ? ((double[])dirichlet.concentrations.Clone()).AsReadOnly()
            : null;

    /// <summary>The concentration of the weights' Dirichlet process; null where they have none.</summary>
    public double? ProcessConcentration =>
        Value.Weights is Core.WeightsPrior.DirichletProcess process ? process.concentration : null;

    /// <summary>The priors of the components' parameters, by the parameter's name, such as means or rates.</summary>
    public IReadOnlyDictionary<string, Distribution> Parameters =>
        Value.Parameters.ToDictionary(pair => pair.Item1, pair => new Distribution(pair.Item2));

    /// <summary>Whether there are none.</summary>
    public bool AreNone => Value.Weights.IsFlat && Value.Parameters.IsEmpty;

    internal Core.Priors Value { get; }

    /// <summary>Loads priors from a JSON file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">What is wrong with the file, and where.</exception>
    public static Priors Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(Core.PriorsFile.load(path));
    }

    /// <summary>Reads priors from JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="DataException">What is wrong with the text, and where.</exception>
    public static Priors FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new(Core.PriorsFile.ofJson(json));
    }

    /// <summary>Saves the priors as JSON; the file is whole or not there.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">A distribution that files cannot hold.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.PriorsFile.save(path, Value);
    }

    /// <summary>The priors as JSON text.</summary>
    /// <exception cref="ArgumentException">A distribution that files cannot hold.</exception>
    public string ToJson() => Core.PriorsFile.toJson(Value);

    internal Priors WithWeights(Core.WeightsPrior weights) => new(new Core.Priors(weights, Value.Parameters));

    internal Priors WithParameter(string name, Distribution prior) =>
        new(
            new Core.Priors(
                Value.Weights,
                Interop.List(Value.Parameters.Where(pair => pair.Item1 != name).Append(Tuple.Create(name, prior.Value)))
            )
        );
}
