using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <content>Functions element by element.</content>
public static partial class Tensors
{
    /// <summary>eˣ</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Exp(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.exp(x);
    }

    /// <summary>The natural logarithm.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Log(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.log(x);
    }

    /// <summary>log(1 + x), exact for small x.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Log1p(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.log1p(x);
    }

    /// <summary>eˣ - 1, exact for small x.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Expm1(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.expm1(x);
    }

    /// <summary>The square root.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Sqrt(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.sqrt(x);
    }

    /// <summary>x²</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Square(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.square(x);
    }

    /// <summary>1 / x</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Reciprocal(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.reciprocal(x);
    }

    /// <summary>The absolute value; its derivative at 0 is 0.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Abs(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.abs(x);
    }

    /// <summary>-1, 0 or 1; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Sign(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.sign(x);
    }

    /// <summary>1 / (1 + e⁻ˣ)</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Sigmoid(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.sigmoid(x);
    }

    /// <summary>log(1 + eˣ), without overflow.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Softplus(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.softplus(x);
    }

    /// <summary>The hyperbolic tangent.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Tanh(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.tanh(x);
    }

    /// <summary>The sine, of radians.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Sin(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.sin(x);
    }

    /// <summary>The cosine, of radians.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Cos(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.cos(x);
    }

    /// <summary>The error function.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Erf(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.erf(x);
    }

    /// <summary>log |Γ(x)|</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor LogGamma(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.lgamma(x);
    }

    /// <summary>The digamma function, the derivative of <see cref="LogGamma"/>.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor Digamma(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.digamma(x);
    }

    /// <summary>The polygamma function of an order: 0 for digamma, 1 for trigamma, ….</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="order">At least 0.</param>
    /// <exception cref="ArgumentException">A negative order.</exception>
    public static Tensor Polygamma(this Tensor x, int order)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.polygamma(order, x);
    }

    /// <summary>log(e⁻ˣ I₀(x)) of |x|, with the modified Bessel function of order 0: what a von Mises density of concentration x is divided by, less 2π.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor LogScaledBesselI0(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.logScaledBesselI0(x);
    }

    /// <summary>1 - I₁(x) / I₀(x) of |x|: the circular variance of a von Mises distribution of concentration x.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor BesselRatioComplement(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.besselRatioComplement(x);
    }

    /// <summary>1 where the element is not a number, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    public static Tensor IsNaN(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.isNaN(x);
    }

    /// <summary>xᵖ for a constant exponent.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="exponent">The exponent p.</param>
    public static Tensor Pow(this Tensor x, double exponent)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.power(exponent, x);
    }

    /// <summary>xʸ, differentiable in both.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="exponent">The exponents y, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor Pow(this Tensor x, Tensor exponent)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(exponent);
        return Core.pow(x, exponent);
    }

    /// <summary>x log y, with 0 log 0 = 0.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor XLogY(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.xlogy(x, other);
    }

    /// <summary>exp(x - y), 0 where x is minus infinity: the share of a term x in a log-sum-exp y.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor ExpDifference(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.expDifference(x, other);
    }

    /// <summary>The greater of two; where both are equal they share the derivative.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor Maximum(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.maximum(x, other);
    }

    /// <summary>The greater of two; where both are equal they share the derivative.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor Maximum(this Tensor x, double other) => x.Maximum(Scalar(other));

    /// <summary>The lesser of two; where both are equal they share the derivative.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor Minimum(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.minimum(x, other);
    }

    /// <summary>The lesser of two; where both are equal they share the derivative.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor Minimum(this Tensor x, double other) => x.Minimum(Scalar(other));

    /// <summary>Limited to [low, high]; the derivative beyond is 0.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value.</param>
    public static Tensor Clamp(this Tensor x, double low, double high)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.clamp(low, high, x);
    }

    /// <summary>The first where the condition is not 0, else the second; what is not chosen leaves no trace.</summary>
    /// <param name="condition">Not 0 where the first is chosen.</param>
    /// <param name="x">The first.</param>
    /// <param name="other">The second.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor Where(Tensor condition, Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.where(condition, x, other);
    }

    /// <summary>1 where x &lt; y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor LessThan(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.lt(x, other);
    }

    /// <summary>1 where x &lt; y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor LessThan(this Tensor x, double other) => x.LessThan(Scalar(other));

    /// <summary>1 where x ≤ y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor LessOrEqual(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.le(x, other);
    }

    /// <summary>1 where x ≤ y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor LessOrEqual(this Tensor x, double other) => x.LessOrEqual(Scalar(other));

    /// <summary>1 where x &gt; y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor GreaterThan(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.gt(x, other);
    }

    /// <summary>1 where x &gt; y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor GreaterThan(this Tensor x, double other) => x.GreaterThan(Scalar(other));

    /// <summary>1 where x ≥ y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor GreaterOrEqual(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.ge(x, other);
    }

    /// <summary>1 where x ≥ y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor GreaterOrEqual(this Tensor x, double other) => x.GreaterOrEqual(Scalar(other));

    /// <summary>1 where x = y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The other tensor, of a shape that broadcasts with the first.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor EqualTo(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.eq(x, other);
    }

    /// <summary>1 where x = y, else 0; not differentiated.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">A number, for every element.</param>
    public static Tensor EqualTo(this Tensor x, double other) => x.EqualTo(Scalar(other));
}
