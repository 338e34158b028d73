using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A distribution as a value, with tensors for parameters: several parameters make a batch of distributions. Immutable;
/// made by <see cref="Distributions"/> and <see cref="Prior"/>.
/// </summary>
public sealed class Distribution
{
    internal Distribution(Core.IDistribution value) => Value = value;

    internal Core.IDistribution Value { get; }

    /// <summary>The family's name, such as normal.</summary>
    public string Name => Value.Name;

    /// <summary>Where values live, in words.</summary>
    public string Support => Core.SupportModule.name(Value.Support);

    /// <summary>The shape of the batch; empty for one distribution.</summary>
    public IReadOnlyList<int> BatchShape => Value.BatchShape.AsReadOnly();

    /// <summary>The shape of one value; empty for numbers.</summary>
    public IReadOnlyList<int> EventShape => Value.EventShape.AsReadOnly();

    /// <summary>The mean of each distribution; NaN where there is none.</summary>
    public Tensor Mean => Value.Mean;

    /// <summary>The variance of each number; NaN where there is none.</summary>
    public Tensor Variance => Value.Variance;

    /// <summary>The log-density in nats; minus infinity outside the support.</summary>
    /// <param name="values">Values, whose axes before a value's own broadcast with the batch.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public Tensor LogDensity(Numbers values) => Value.LogDensity(values.Tensor);

    /// <summary>One draw for each distribution of the batch.</summary>
    /// <param name="key">The key: the same key draws the same.</param>
    public Tensor Sample(RandomKey key) => Value.Sample(key.Stream());

    /// <summary>Independent copies of the distribution: a batch of a shape that its own broadcasts to.</summary>
    /// <param name="shape">The shape, such as 2 for a vector of two sites' values.</param>
    /// <exception cref="ArgumentException">The batch does not broadcast to the shape.</exception>
    public Distribution Repeat(params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new(Core.Distribution.expand([.. shape], Value));
    }

    /// <summary>The name, and the shape of the batch.</summary>
    public override string ToString() =>
        BatchShape.Count == 0 ? Name : $"{Name} of batch {string.Join(" x ", BatchShape)}";
}
