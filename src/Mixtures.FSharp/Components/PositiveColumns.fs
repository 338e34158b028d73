namespace Mixtures

open System
open System.Numerics.Tensors

/// What columns of positive numbers share.
[<AbstractClass>]
type internal PositiveColumn() =
    inherit ColumnFamily()
    override _.Expected = "a number above 0"
    override _.Contains value = value > 0.0

/// Waiting times, by their rate: log p = log λ - λ x. Where all rows are zeros the likelihood is unbounded: a component's
/// mean is at least 1e-9 of the column's.
[<Sealed>]
type internal ExponentialColumn() =
    inherit ColumnFamily()
    let least columnMean = max 1e-300 (1e-9 * columnMean)
    override _.Expected = "a number of at least 0"
    override _.Contains value = value >= 0.0
    override _.Features = 1
    override _.FillFeatures(_, values, strips, _) = values.CopyTo strips
    override _.Parameters = [| "rate" |]
    override _.Reals = [| "log-rate" |]

    override _.Conjugate =
        ValueSome(struct ("gamma", (fun p -> struct (p[0].[0] - 1.0, [| p[1].[0] |]))))


    override _.Natural(stated, slopes) =
        slopes[0] <- -stated[0]
        log stated[0]

    override _.Estimate(means, _, columnMean) =
        [| 1.0 / max (least columnMean) means[0] |]

    override _.At(point, mean, _) = [| 1.0 / max (0.01 * mean) point |]
    override _.HasCap = true

    override _.IsAtCap(stated, columnMean) =
        1.0 / stated[0] <= 1.000001 * least columnMean

    override _.ToReals stated = [| log stated[0] |]

    override _.OfReals reals =
        [| exp (Math.Clamp(reals[0], -690.0, 690.0)) |]

    override _.Gradient(stated, n, sums) = [| n - sums[0] * stated[0] |]
    override _.Information _ = [| 1.0 |]
    override _.Density(reals, values) = reals[0] - values * Tensor.exp reals[0]
    override _.Stated reals = [| Tensor.exp reals[0] |]
    override _.LogDensity(stated, value) = Exponential.kernel stated[0] value
    override _.Sample(stated, stream) = Exponential.sample stated[0] stream
    override _.Mean stated = Exponential.mean stated[0]
    override _.Variance stated = Exponential.variance stated[0]
    override _.Entropy stated = Exponential.entropy stated[0]
    override _.Cdf(stated, value) = Exponential.cdf stated[0] value
    override _.Check stated = Exponential.check stated[0]

/// Gamma, by shape and rate, features log x and x. Repeated values would drive the shape to infinity: it is at most 1e6 (a
/// standard deviation of a thousandth of the mean).
[<Sealed>]
type internal GammaColumn() =
    inherit PositiveColumn()

    let bound shape rate =
        [|
            Math.Clamp(shape, 1e-6, ColumnMath.LargestShape)
            Math.Clamp(rate, 1e-300, 1e300)
        |]

    override _.Features = 2

    override _.FillFeatures(_, values, strips, stride) =
        TensorPrimitives.Log(values, strips)
        values.CopyTo(strips.Slice stride)

    override _.AddCarrier(values, sums) =
        for i in 0 .. values.Length - 1 do
            sums[i] <- sums[i] - log values[i]

    override _.Parameters = [| "shape"; "rate" |]
    override _.Reals = [| "log-shape"; "log-rate" |]

    override _.Natural(stated, slopes) =
        slopes[0] <- stated[0]
        slopes[1] <- -stated[1]
        stated[0] * log stated[1] - SpecialFunctions.logGamma stated[0]

    override _.Estimate(means, _, _) =
        let mean = means[1]

        let shape =
            max 1e-6 (ColumnMath.shapeOf (log mean - means[0]) ColumnMath.LargestShape)

        bound shape (shape / mean)

    override _.At(point, mean, variance) =
        let point = max point (0.01 * mean)
        let shape = Math.Clamp(point * point / variance, 0.5, 1e3)
        bound shape (shape / point)

    override _.HasCap = true

    override _.IsAtCap(stated, _) =
        stated[0] >= 0.999999 * ColumnMath.LargestShape

    override _.Magnification stated =
        stated[0] * (1.0 + abs (log stated[0]) + abs (log stated[1]))

    override _.ToReals stated = [| log stated[0]; log stated[1] |]

    override _.OfReals reals =
        bound (exp (Math.Clamp(reals[0], -700.0, 700.0))) (exp (Math.Clamp(reals[1], -690.0, 690.0)))

    override _.Gradient(stated, n, sums) =
        let a, b = stated[0], stated[1]

        [|
            a * (sums[0] + n * (log b - SpecialFunctions.digamma a))
            n * a - b * sums[1]
        |]

    override _.Information stated =
        let a = stated[0]
        [| a * a * SpecialFunctions.trigamma a; a |]

    override _.Density(reals, values) =
        let shape = Tensor.exp reals[0]

        shape * (Tensor.log values + reals[1])
        - values * Tensor.exp reals[1]
        - Tensor.lgamma shape

    override _.Stated reals =
        [| Tensor.exp reals[0]; Tensor.exp reals[1] |]

    override _.LogDensity(stated, value) = Gamma.kernel stated[0] stated[1] value
    override _.Sample(stated, stream) = Gamma.sample stated[0] stated[1] stream
    override _.Mean stated = Gamma.mean stated[0] stated[1]
    override _.Variance stated = Gamma.variance stated[0] stated[1]
    override _.Entropy stated = Gamma.entropy stated[0] stated[1]
    override _.Cdf(stated, value) = Gamma.cdf stated[0] stated[1] value
    override _.Check stated = Gamma.check stated[0] stated[1]

/// Shares between 0 and 1, by the shapes a and b, features log x and log(1 - x). Repeated values would drive a + b to
/// infinity: it is at most 1e6.
[<Sealed>]
type internal BetaColumn() =
    inherit ColumnFamily()

    let bound (a: float) (b: float) =
        let shrink = min 1.0 (ColumnMath.LargestShape / (a + b))
        [| max 1e-6 (a * shrink); max 1e-6 (b * shrink) |]

    /// Σ a log p per row of the features' means.
    let value (g: float) (h: float) (a: float) (b: float) =
        a * g + b * h - SpecialFunctions.logBeta a b

    /// The maximum where a + b is at its largest: g - ψ(a) = h - ψ(b), by halving.
    let atCap (g: float) (h: float) =
        let mutable low, high = 0.0, 1.0

        for _ in 1..60 do
            let share = 0.5 * (low + high)
            let a = share * ColumnMath.LargestShape
            let b = ColumnMath.LargestShape - a

            if g - SpecialFunctions.digamma a > h - SpecialFunctions.digamma b then
                low <- share
            else
                high <- share

        bound (low * ColumnMath.LargestShape) ((1.0 - low) * ColumnMath.LargestShape)

    /// The maximum of value, which is concave: Newton's method, halved where it overshoots.
    let maximise (g: float) (h: float) (start: float[]) =
        let mutable a, b = start[0], start[1]
        let mutable current = value g h a b
        let mutable rounds = 0
        let mutable going = true

        while going && rounds < 100 && a + b <= ColumnMath.LargestShape do
            rounds <- rounds + 1
            let total = SpecialFunctions.digamma (a + b)
            let ga = g - SpecialFunctions.digamma a + total
            let gb = h - SpecialFunctions.digamma b + total
            let q = SpecialFunctions.trigamma (a + b)
            let haa = SpecialFunctions.trigamma a - q
            let hbb = SpecialFunctions.trigamma b - q
            let determinant = haa * hbb - q * q
            let mutable da = (hbb * ga + q * gb) / determinant
            let mutable db = (haa * gb + q * ga) / determinant

            // rounding of a nearly singular Hessian: follow the gradient in the logarithms
            if not (determinant > 0.0 && Double.IsFinite da && Double.IsFinite db) then
                da <- a * ga
                db <- b * gb

            let step = max (abs da / a) (abs db / b)
            let mutable factor = 1.0
            let mutable moved = false

            while not moved && factor > 1e-12 do
                let nextA, nextB = a + factor * da, b + factor * db

                // values say nothing of short steps: these are right
                if nextA > 0.0 && nextB > 0.0 && (step < 1e-4 || value g h nextA nextB >= current) then
                    moved <- true
                    a <- nextA
                    b <- nextB
                    current <- value g h a b
                else
                    factor <- 0.5 * factor

            going <- moved && step > 1e-13

        if a + b > ColumnMath.LargestShape then
            atCap g h
        else
            bound a b

    override _.Expected = "a number between 0 and 1, both excluded"
    override _.Contains value = value > 0.0 && value < 1.0
    override _.Features = 2

    override _.FillFeatures(_, values, strips, stride) =
        TensorPrimitives.Log(values, strips)

        for i in 0 .. values.Length - 1 do
            strips[stride + i] <- SpecialFunctions.log1p -values[i]

    override _.AddCarrier(values, sums) =
        for i in 0 .. values.Length - 1 do
            sums[i] <- sums[i] - log values[i] - SpecialFunctions.log1p -values[i]

    override _.Parameters = [| "a"; "b" |]

    override _.Sites = [| struct ("a", Support.Positive); struct ("b", Support.Positive) |]

    override _.Reals = [| "log-a"; "log-b" |]

    override _.Natural(stated, slopes) =
        slopes[0] <- stated[0]
        slopes[1] <- stated[1]
        -(SpecialFunctions.logBeta stated[0] stated[1])

    override _.Estimate(means, before, _) = maximise means[0] means[1] before

    override _.At(point, mean, variance) =
        let point = Math.Clamp(0.9 * point + 0.1 * mean, 0.01, 0.99)
        let total = Math.Clamp(point * (1.0 - point) / max 1e-12 variance - 1.0, 1.0, 1e3)
        bound (point * total) ((1.0 - point) * total)

    override _.HasCap = true

    override _.IsAtCap(stated, _) =
        stated[0] + stated[1] >= 0.999999 * ColumnMath.LargestShape

    override _.Magnification stated = stated[0] + stated[1]

    override _.ToReals stated = [| log stated[0]; log stated[1] |]

    override _.OfReals reals =
        bound (exp (Math.Clamp(reals[0], -700.0, 700.0))) (exp (Math.Clamp(reals[1], -700.0, 700.0)))

    override _.Gradient(stated, n, sums) =
        let a, b = stated[0], stated[1]
        let total = SpecialFunctions.digamma (a + b)

        [|
            a * (sums[0] - n * (SpecialFunctions.digamma a - total))
            b * (sums[1] - n * (SpecialFunctions.digamma b - total))
        |]

    override _.Information stated =
        let a, b = stated[0], stated[1]
        let q = SpecialFunctions.trigamma (a + b)

        [|
            a * a * (SpecialFunctions.trigamma a - q)
            b * b * (SpecialFunctions.trigamma b - q)
        |]

    override _.Density(reals, values) =
        let a, b = Tensor.exp reals[0], Tensor.exp reals[1]

        a * Tensor.log values + b * Tensor.log1p -values
        - Tensor.lgamma a
        - Tensor.lgamma b
        + Tensor.lgamma (a + b)

    override _.Stated reals =
        [| Tensor.exp reals[0]; Tensor.exp reals[1] |]

    override _.LogDensity(stated, value) = Beta.kernel stated[0] stated[1] value
    override _.Sample(stated, stream) = Beta.sample stated[0] stated[1] stream
    override _.Mean stated = Beta.mean stated[0] stated[1]
    override _.Variance stated = Beta.variance stated[0] stated[1]
    override _.Entropy stated = Beta.entropy stated[0] stated[1]
    override _.Cdf(stated, value) = Beta.cdf stated[0] stated[1] value
    override _.Check stated = Beta.check stated[0] stated[1]
