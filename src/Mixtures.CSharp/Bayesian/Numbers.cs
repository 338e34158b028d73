using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <summary>
/// Numbers that a distribution takes: one, several (one a column, say), a matrix of them (K x D, say), or a tensor. Made by
/// conversion: write a number, an array or a tensor where one is asked for.
/// </summary>
public readonly struct Numbers
{
    private readonly Tensor? tensor;

    private Numbers(Tensor tensor) => this.tensor = tensor;

    /// <summary>The numbers as a tensor.</summary>
    /// <exception cref="InvalidOperationException">There are none: the value was not made by conversion.</exception>
    public Tensor Tensor =>
        tensor ?? throw new InvalidOperationException("expected a number, an array or a tensor, received nothing");

    /// <summary>One number, for all.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Numbers(double value) => new(Core.scalar(value));

    /// <summary>One number for each of the last axis, such as the columns; they are copied.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Numbers(double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(Core.ofArray(values));
    }

    /// <summary>Numbers for each of the last two axes, such as components and columns; they are copied.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Numbers(double[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(Core.ofArray2D(values));
    }

    /// <summary>A tensor, which may depend on a site of a program.</summary>
    /// <param name="values">The tensor.</param>
    public static implicit operator Numbers(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(values);
    }
}
