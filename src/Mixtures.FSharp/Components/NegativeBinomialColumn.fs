namespace Mixtures

open System

/// Negative binomial counts, by the number of successes r (any positive number, at most 1e6, where they are Poisson's) and
/// the probability p of a success. The M-step takes the counts as Poisson ones of gamma rates: the rates' expectations and
/// those of their logarithms, under the parameters before, give r as the shape of a gamma distribution; the mean of the
/// counts then gives p. The expected log-likelihood never falls in it.
[<Sealed>]
type internal NegativeBinomialColumn() =
    inherit CountColumn()

    let bound r p =
        [|
            Math.Clamp(r, 1e-6, ColumnMath.LargestShape)
            ColumnMath.boundProbability p
        |]

    override _.IsLinear = false
    override _.Features = 2
    override _.Parameters = [| "successes"; "probability" |]

    override _.Sites =
        [|
            struct ("successes", Support.Positive)
            struct ("probabilities", Support.UnitInterval)
        |]

    override _.Reals = [| "log-successes"; "log-odds" |]

    /// x and ψ(r + x).
    override _.FillFeatures(stated, values, strips, stride) =
        values.CopyTo strips

        for i in 0 .. values.Length - 1 do
            strips[stride + i] <- SpecialFunctions.digamma (stated[0] + values[i])

    override _.AddLogDensity(stated, values, sums) =
        let r, p = stated[0], stated[1]
        let atZero = r * log p
        let slope = SpecialFunctions.log1p -p

        for i in 0 .. values.Length - 1 do
            sums[i] <-
                sums[i] + atZero + values[i] * slope
                - SpecialFunctions.logGammaRatio values[i] r

    override _.Estimate(means, before, _) =
        let mean = means[0]

        if not (mean > 0.0) then
            bound before[0] 1.0
        else
            let r = before[0]
            let total = r / before[1]
            // the rates over their mean, given the counts: E g and E log g
            let rate = (r + mean) / total
            let logRate = means[1] - log total

            let next =
                max 1e-6 (ColumnMath.shapeOf (rate - 1.0 - logRate) ColumnMath.LargestShape)

            bound next (next / (next + mean))

    override _.At(point, mean, variance) =
        let point = max point (0.01 * mean) + 0.01 * mean + 1e-6
        // r of the column's own dispersion
        let r =
            if variance > mean then
                Math.Clamp(mean * mean / (variance - mean), 0.5, 100.0)
            else
                100.0

        bound r (r / (r + point))

    override _.HasCap = false

    /// r log p has the rounding of p, next to 1 where r is large, r times.
    override column.Magnification stated =
        stated[0] + ColumnMath.countTerms (column.Mean stated)

    override _.ToReals stated =
        [| log stated[0]; ColumnMath.logit stated[1] |]

    override _.OfReals reals =
        bound (exp (Math.Clamp(reals[0], -700.0, 700.0))) (SpecialFunctions.sigmoid reals[1])

    override _.Gradient(stated, n, sums) =
        let r, p = stated[0], stated[1]

        [|
            r * (sums[1] + n * (log p - SpecialFunctions.digamma r))
            n * r * (1.0 - p) - sums[0] * p
        |]

    override _.Information stated =
        let r, p = stated[0], stated[1]
        // of r next to nothing where counts are nearly Poisson's: half the square of the mean over r + mean
        [| 0.5 * (1.0 - p) * (1.0 - p); r * (1.0 - p) |]

    override _.Density(reals, values) =
        let r = Tensor.exp reals[0]

        Tensor.lgamma (r + values)
        - Tensor.lgamma r
        - r * Tensor.softplus -reals[1]
        - values * Tensor.softplus reals[1]

    override _.Stated reals =
        [| Tensor.exp reals[0]; Tensor.sigmoid reals[1] |]

    override _.LogDensity(stated, value) =
        NegativeBinomial.kernel stated[0] stated[1] value

    override _.Sample(stated, stream) =
        NegativeBinomial.sample stated[0] stated[1] stream

    override _.Mean stated =
        NegativeBinomial.mean stated[0] stated[1]

    override _.Variance stated =
        NegativeBinomial.variance stated[0] stated[1]

    override _.Cdf(stated, value) =
        NegativeBinomial.cdf stated[0] stated[1] value

    override _.Check stated =
        NegativeBinomial.check stated[0] stated[1]
