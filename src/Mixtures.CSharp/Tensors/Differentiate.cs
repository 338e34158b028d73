using Microsoft.FSharp.Core;
using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <summary>
/// Exact derivatives of functions of tensors, by reverse-mode differentiation. They are tensors computed by tensor
/// functions, so they nest: the gradient of a gradient is a second derivative.
/// </summary>
public static class Differentiate
{
    /// <summary>The gradient of a scalar function at x, of the shape of x.</summary>
    /// <param name="function">A function of tensors whose result is one number.</param>
    /// <param name="x">Where.</param>
    /// <exception cref="ArgumentException">The result is not one number, or shapes do not go together.</exception>
    public static Tensor Gradient(Func<Tensor, Tensor> function, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        return Core.grad(FuncConvert.FromFunc(function), x);
    }

    /// <summary>The value of a scalar function at x, and its gradient, of the shape of x.</summary>
    /// <param name="function">A function of tensors whose result is one number.</param>
    /// <param name="x">Where.</param>
    /// <exception cref="ArgumentException">The result is not one number, or shapes do not go together.</exception>
    public static (Tensor Value, Tensor Gradient) ValueAndGradient(Func<Tensor, Tensor> function, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        return Core.valueAndGrad(FuncConvert.FromFunc(function), x);
    }

    /// <summary>The value of a scalar function of several tensors, and its gradients in the same order.</summary>
    /// <param name="function">A function of tensors whose result is one number.</param>
    /// <param name="inputs">Where.</param>
    /// <exception cref="ArgumentException">The result is not one number, or shapes do not go together.</exception>
    public static (Tensor Value, Tensor[] Gradients) ValueAndGradients(
        Func<Tensor[], Tensor> function,
        params Tensor[] inputs
    )
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        return Core.valueAndGrads(FuncConvert.FromFunc(function), inputs);
    }

    /// <summary>The matrix of derivatives of a function at x: the shape of the result, then that of x.</summary>
    /// <param name="function">A function of tensors.</param>
    /// <param name="x">Where.</param>
    public static Tensor Jacobian(Func<Tensor, Tensor> function, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        return Core.jacobian(FuncConvert.FromFunc(function), x);
    }

    /// <summary>The second derivatives of a scalar function at x: the shape of x, twice.</summary>
    /// <param name="function">A function of tensors whose result is one number.</param>
    /// <param name="x">Where.</param>
    /// <exception cref="ArgumentException">The result is not one number, or shapes do not go together.</exception>
    public static Tensor Hessian(Func<Tensor, Tensor> function, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        return Core.hessian(FuncConvert.FromFunc(function), x);
    }

    /// <summary>The second derivatives of a scalar function at x times a direction, at the cost of a few gradients.</summary>
    /// <param name="function">A function of tensors whose result is one number.</param>
    /// <param name="x">Where.</param>
    /// <param name="direction">The direction, of the shape of x.</param>
    /// <exception cref="ArgumentException">The result is not one number, or shapes do not go together.</exception>
    public static Tensor HessianVector(Func<Tensor, Tensor> function, Tensor x, Tensor direction)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(direction);
        return Core.hessianVector(FuncConvert.FromFunc(function), x, direction);
    }

    /// <summary>
    /// A scalar function whose value and gradients are computed together by code of one's own, as one step of a
    /// differentiation; where the gradient is differentiated in turn, the composed form takes its place.
    /// </summary>
    /// <param name="value">The value alone.</param>
    /// <param name="valueAndGradients">The value and the gradient by each input.</param>
    /// <param name="composed">The same function made of tensor functions.</param>
    /// <param name="inputs">What it is a function of.</param>
    public static Tensor Fused(
        Func<Tensor[], Tensor> value,
        Func<Tensor[], (Tensor Value, Tensor[] Gradients)> valueAndGradients,
        Func<Tensor[], Tensor> composed,
        params Tensor[] inputs
    )
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(valueAndGradients);
        ArgumentNullException.ThrowIfNull(composed);
        ArgumentNullException.ThrowIfNull(inputs);
        return Core.fused(
            FuncConvert.FromFunc(value),
            FuncConvert.FromFunc(valueAndGradients),
            FuncConvert.FromFunc(composed),
            inputs
        );
    }
}
