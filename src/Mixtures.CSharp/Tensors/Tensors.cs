using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <summary>
/// Tensors: making them, and their functions as extension methods. Axes are counted from 0, or from -1 backwards;
/// arithmetic (by operators) and functions of two tensors broadcast on both sides. Every function is differentiable, and
/// so are the derivatives, unless it says otherwise; see <see cref="Differentiate"/>.
/// </summary>
/// <example>
/// <code>
/// var x = Tensors.Of([1.0, 2.0, 4.0]);
/// var (value, gradient) = Differentiate.ValueAndGradient(v => (v.Square() * 3.0 + v).Sum(), x);
/// </code>
/// </example>
public static partial class Tensors
{
    /// <summary>A tensor of no axes.</summary>
    /// <param name="value">Its number.</param>
    public static Tensor Scalar(double value) => Core.scalar(value);

    /// <summary>A tensor of one axis; the numbers are copied.</summary>
    /// <param name="values">The numbers.</param>
    public static Tensor Of(double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Core.ofArray(values);
    }

    /// <summary>A matrix; the numbers are copied.</summary>
    /// <param name="values">Rows and columns.</param>
    public static Tensor Of(double[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Core.ofArray2D(values);
    }

    /// <summary>A tensor of a shape from its numbers, last axis innermost; they are copied.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="shape">The size of each axis.</param>
    /// <exception cref="ArgumentException">There are not as many numbers as the shape has places.</exception>
    public static Tensor Of(double[] values, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(shape);
        return Core.ofShape(shape, values);
    }

    /// <summary>A tensor of one number throughout.</summary>
    /// <param name="value">The number.</param>
    /// <param name="shape">The size of each axis.</param>
    public static Tensor Full(double value, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Core.full([.. shape], value);
    }

    /// <summary>Zeros.</summary>
    /// <param name="shape">The size of each axis.</param>
    public static Tensor Zeros(params int[] shape) => Full(0.0, shape);

    /// <summary>Ones.</summary>
    /// <param name="shape">The size of each axis.</param>
    public static Tensor Ones(params int[] shape) => Full(1.0, shape);

    /// <summary>Zeros of the shape of another tensor.</summary>
    /// <param name="x">The tensor whose shape is taken.</param>
    public static Tensor ZerosLike(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.zerosLike(x);
    }

    /// <summary>The identity matrix.</summary>
    /// <param name="size">Its rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative size.</exception>
    public static Tensor Eye(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return Core.eye(size);
    }

    /// <summary>0, 1, …, count - 1.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static Tensor Range(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Core.arange(count);
    }
}
