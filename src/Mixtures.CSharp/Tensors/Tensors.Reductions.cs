using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <content>Reductions.</content>
public static partial class Tensors
{
    /// <summary>The sum of all elements.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Sum(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.sum(x);
    }

    /// <summary>The sum over axes.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes; none for all.</param>
    /// <param name="keepDim">Whether the axes stay, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis, or one is given twice.</exception>
    public static Tensor Sum(this Tensor x, int[] axes, bool keepDim = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return Core.sumOver(axes, keepDim, x);
    }

    /// <summary>The sum over an axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepDim">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Sum(this Tensor x, int axis, bool keepDim = false) => x.Sum([axis], keepDim);

    /// <summary>The mean of all elements.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Mean(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.mean(x);
    }

    /// <summary>The mean over axes.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes; none for all.</param>
    /// <param name="keepDim">Whether the axes stay, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis, or one is given twice.</exception>
    public static Tensor Mean(this Tensor x, int[] axes, bool keepDim = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return Core.meanOver(axes, keepDim, x);
    }

    /// <summary>The mean over an axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepDim">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Mean(this Tensor x, int axis, bool keepDim = false) => x.Mean([axis], keepDim);

    /// <summary>The largest element (equal ones share the derivative) of all.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Max(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.max(x);
    }

    /// <summary>The largest element (equal ones share the derivative) over axes.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes; none for all.</param>
    /// <param name="keepDim">Whether the axes stay, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis, or one is given twice.</exception>
    public static Tensor Max(this Tensor x, int[] axes, bool keepDim = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return Core.maxOver(axes, keepDim, x);
    }

    /// <summary>The largest element (equal ones share the derivative) over an axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepDim">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Max(this Tensor x, int axis, bool keepDim = false) => x.Max([axis], keepDim);

    /// <summary>The least element (equal ones share the derivative) of all.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Min(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.min(x);
    }

    /// <summary>The least element (equal ones share the derivative) over axes.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes; none for all.</param>
    /// <param name="keepDim">Whether the axes stay, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis, or one is given twice.</exception>
    public static Tensor Min(this Tensor x, int[] axes, bool keepDim = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return Core.minOver(axes, keepDim, x);
    }

    /// <summary>The least element (equal ones share the derivative) over an axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepDim">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Min(this Tensor x, int axis, bool keepDim = false) => x.Min([axis], keepDim);

    /// <summary>
    /// log Σ exp over axes, each sum shifted by its own largest term; minus infinity, with derivative 0, where every term
    /// is.
    /// </summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes; none for all.</param>
    /// <param name="keepDim">Whether the axes stay, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis, or one is given twice.</exception>
    public static Tensor LogSumExp(this Tensor x, int[] axes, bool keepDim = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return Core.logsumexpOver(axes, keepDim, x);
    }

    /// <summary>log Σ exp over an axis, each sum shifted by its own largest term.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepDim">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor LogSumExp(this Tensor x, int axis, bool keepDim = false) => x.LogSumExp([axis], keepDim);

    /// <summary>log Σ exp over all elements.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor LogSumExp(this Tensor x) => x.LogSumExp([]);

    /// <summary>Exponentials over an axis, divided by their sum.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor Softmax(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.softmax(axis, x);
    }

    /// <summary>The logarithm of softmax over an axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static Tensor LogSoftmax(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.logsoftmax(axis, x);
    }
}
