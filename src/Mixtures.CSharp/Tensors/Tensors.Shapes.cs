using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <content>Shapes.</content>
public static partial class Tensors
{
    /// <summary>The same elements in another shape; one size may be -1, and follows from the others.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="shape">The size of each axis.</param>
    /// <exception cref="ArgumentException">The shape has not as many places as there are elements.</exception>
    public static Tensor Reshape(this Tensor x, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(shape);
        return Core.reshape([.. shape], x);
    }

    /// <summary>Stretched to a shape that it broadcasts to.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="shape">The size of each axis.</param>
    /// <exception cref="ArgumentException">It cannot be stretched to the shape.</exception>
    public static Tensor Expand(this Tensor x, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(shape);
        return Core.expand([.. shape], x);
    }

    /// <summary>The last two axes exchanged.</summary>
    /// <param name="x">The tensor.</param>
    /// <exception cref="ArgumentException">It has fewer than two axes.</exception>
    public static Tensor Transpose(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.transpose(x);
    }

    /// <summary>The axes in another order.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">Every axis once.</param>
    /// <exception cref="ArgumentException">An axis is missing or there is no such one.</exception>
    public static Tensor Permute(this Tensor x, params int[] axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return Core.permute([.. axes], x);
    }

    /// <summary>A new axis of size 1 at a position.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The position.</param>
    /// <exception cref="ArgumentException">There is no such position.</exception>
    public static Tensor Unsqueeze(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.unsqueeze(axis, x);
    }

    /// <summary>Without an axis of size 1.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ArgumentException">There is no such axis, or its size is not 1.</exception>
    public static Tensor Squeeze(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.squeeze(axis, x);
    }

    /// <summary>So many elements of an axis from a start.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="start">The first, from 0.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentException">The range is not within the axis.</exception>
    public static Tensor Slice(this Tensor x, int axis, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.slice(axis, start, count, x);
    }

    /// <summary>One element of an axis, which goes.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="index">Which, from 0.</param>
    /// <exception cref="ArgumentException">There is no such axis or element.</exception>
    public static Tensor Select(this Tensor x, int axis, int index)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.select(axis, index, x);
    }

    /// <summary>The elements of an axis at indices, repeated or not.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="indices">Which, from 0.</param>
    /// <exception cref="ArgumentException">There is no such axis or element.</exception>
    public static Tensor IndexSelect(this Tensor x, int axis, int[] indices)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(indices);
        return Core.indexSelect(axis, [.. indices], x);
    }

    /// <summary>For every element of indices (whole numbers, as many axes as x), the element of x at the same place but on the axis, where the index says. Repeated indices are right, also in derivatives.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="indices">Where on the axis, from 0.</param>
    /// <exception cref="ArgumentException">The shapes do not go together, or there is no such element.</exception>
    public static Tensor Gather(this Tensor x, int axis, Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(indices);
        return Core.gather(axis, indices, x);
    }

    /// <summary>Adds every element of source to x at the same place but on the axis, where the index says. Repeated indices add up.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="indices">Where on the axis, from 0.</param>
    /// <param name="source">What is added.</param>
    /// <exception cref="ArgumentException">The shapes do not go together, or there is no such element.</exception>
    public static Tensor ScatterAdd(this Tensor x, int axis, Tensor indices, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(source);
        return Core.scatterAdd(axis, indices, source, x);
    }

    /// <summary>Tensors one after the other along an axis.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="parts">The tensors, equal in all other axes.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor Concatenate(int axis, params Tensor[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return Core.concatenate(axis, parts);
    }

    /// <summary>Tensors of one shape along a new axis.</summary>
    /// <param name="axis">The new axis.</param>
    /// <param name="parts">The tensors.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor Stack(int axis, params Tensor[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return Core.stack(axis, parts);
    }
}
