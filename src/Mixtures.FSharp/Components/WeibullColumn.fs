namespace Mixtures

open System
open System.Numerics.Tensors

/// Weibull lifetimes, by shape and scale. There is no closed M-step: the features log x and (log x)² serve starts alone.
/// Repeated values would drive the shape to infinity: it is at most 1e6.
[<Sealed>]
type internal WeibullColumn() =
    inherit PositiveColumn()

    [<Literal>]
    let EulerGamma = 0.57721566490153286061

    let largest = log ColumnMath.LargestShape

    let bound shape scale =
        [|
            Math.Clamp(shape, 1e-6, ColumnMath.LargestShape)
            Math.Clamp(scale, 1e-300, 1e300)
        |]

    override _.IsLinear = false
    override _.IsClosed = false
    override _.Features = 2
    override _.Parameters = [| "shape"; "scale" |]
    override _.Reals = [| "log-shape"; "log-scale" |]

    override _.FillFeatures(_, values, strips, stride) =
        TensorPrimitives.Log(values, strips)

        TensorPrimitives.Multiply(
            Span.op_Implicit (strips.Slice(0, values.Length)),
            Span.op_Implicit (strips.Slice(0, values.Length)),
            strips.Slice stride
        )

    override _.AddLogDensity(stated, values, sums) =
        for i in 0 .. values.Length - 1 do
            sums[i] <- sums[i] + Weibull.kernel stated[0] stated[1] values[i]

    /// By the moments of the logarithm: mean log λ - γ / k, variance π² / 6k².
    override _.Estimate(means, _, _) =
        let variance = max 1e-8 (means[1] - means[0] * means[0])
        let shape = Math.Clamp(Math.PI / sqrt (6.0 * variance), 0.1, 100.0)
        bound shape (exp (means[0] + EulerGamma / shape))

    override _.At(point, mean, variance) =
        let point = max point (0.01 * mean)
        // the coefficient of variation is about 1.2 / k
        let shape = Math.Clamp(1.2 * point / sqrt variance, 0.8, 20.0)
        bound shape (point / exp (SpecialFunctions.logGamma1p (1.0 / shape)))

    override _.HasCap = true

    override _.IsAtCap(stated, _) =
        stated[0] >= 0.999999 * ColumnMath.LargestShape

    override _.Magnification stated = stated[0]

    override _.ToReals stated = [| log stated[0]; log stated[1] |]

    override _.OfReals reals =
        bound (exp (Math.Clamp(reals[0], -700.0, 700.0))) (exp (Math.Clamp(reals[1], -690.0, 690.0)))

    override _.Gradient(_, _, _) = [||]
    override _.Information _ = [||]

    override _.Density(reals, values) =
        let logShape = Tensor.clamp -14.0 largest reals[0]
        let shape = Tensor.exp logShape
        let logRatio = Tensor.log values - reals[1]
        // beyond e⁷⁰⁰ the density is zero, and so is its derivative
        let power = Tensor.exp (Tensor.clamp -800.0 700.0 (shape * logRatio))
        logShape - reals[1] + (shape - 1.0) * logRatio - power

    override _.Stated reals =
        [| Tensor.exp reals[0]; Tensor.exp reals[1] |]

    override _.LogDensity(stated, value) =
        Weibull.kernel stated[0] stated[1] value

    override _.Sample(stated, stream) =
        Weibull.sample stated[0] stated[1] stream

    override _.Mean stated = Weibull.mean stated[0] stated[1]
    override _.Variance stated = Weibull.variance stated[0] stated[1]
    override _.Entropy stated = Weibull.entropy stated[0] stated[1]
    override _.Cdf(stated, value) = Weibull.cdf stated[0] stated[1] value
    override _.Check stated = Weibull.check stated[0] stated[1]
