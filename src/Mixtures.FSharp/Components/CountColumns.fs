namespace Mixtures

open System

/// What columns of counts share.
[<AbstractClass>]
type internal CountColumn() =
    inherit ColumnFamily()
    override _.Expected = "a whole number of at least 0"
    override _.Contains value = Whole.isCount value
    override _.AddCarrier(values, sums) = ColumnMath.addCountCarrier values sums
    override _.Features = 1
    override _.FillFeatures(_, values, strips, _) = values.CopyTo strips

    override column.Entropy stated =
        ColumnMath.countEntropy
            (fun k -> column.LogDensity(stated, k))
            (column.Mean stated)
            (sqrt (column.Variance stated))

/// Poisson counts, by their rate: log p = x log λ - λ - log x!.
[<Sealed>]
type internal PoissonColumn() =
    inherit CountColumn()
    let bound (rate: float) = max ColumnMath.Least rate
    override _.Parameters = [| "rate" |]

    override _.Conjugate =
        ValueSome(struct ("gamma", (fun p -> struct (p[1].[0], [| p[0].[0] - 1.0 |]))))

    override _.Reals = [| "log-rate" |]

    override _.Natural(stated, slopes) =
        slopes[0] <- log stated[0]
        -stated[0]

    override _.Estimate(means, _, _) = [| bound means[0] |]
    override _.At(point, mean, _) = [| bound (max point (0.01 * mean)) |]
    override _.ToReals stated = [| log stated[0] |]
    override _.OfReals reals = [| bound (exp (min 700.0 reals[0])) |]
    override _.Gradient(stated, n, sums) = [| sums[0] - n * stated[0] |]
    override _.Information stated = [| stated[0] |]
    override _.Magnification stated = ColumnMath.countTerms stated[0]

    override _.Density(reals, values) = values * reals[0] - Tensor.exp reals[0]

    override _.Stated reals = [| Tensor.exp reals[0] |]
    override _.LogDensity(stated, value) = Poisson.kernel stated[0] value

    override _.Sample(stated, stream) =
        Poisson.sampleUnchecked stated[0] stream

    override _.Mean stated = stated[0]
    override _.Variance stated = stated[0]
    override _.Cdf(stated, value) = Poisson.cdf stated[0] value
    override _.Check stated = Parameter.positive "rate" stated[0]

/// Failures before the first success, by the probability of a success: log p = x log(1 - p) + log p.
[<Sealed>]
type internal GeometricColumn() =
    inherit CountColumn()
    override _.AddCarrier(_, _) = ()
    override _.Parameters = [| "probability" |]
    override _.Sites = [| struct ("probabilities", Support.UnitInterval) |]
    override _.Reals = [| "log-odds" |]

    override _.Conjugate =
        ValueSome(struct ("beta", (fun p -> struct (p[0].[0] - 1.0, [| p[1].[0] - 1.0 |]))))


    override _.Natural(stated, slopes) =
        slopes[0] <- SpecialFunctions.log1p -stated[0]
        log stated[0]

    override _.Estimate(means, _, _) =
        [| ColumnMath.boundProbability (1.0 / (1.0 + means[0])) |]

    override _.At(point, mean, _) =
        [| ColumnMath.boundProbability (1.0 / (1.0 + max point (0.01 * mean))) |]

    override _.ToReals stated = [| ColumnMath.logit stated[0] |]

    override _.OfReals reals =
        [| ColumnMath.boundProbability (SpecialFunctions.sigmoid reals[0]) |]

    override _.Gradient(stated, n, sums) =
        [| n * (1.0 - stated[0]) - sums[0] * stated[0] |]

    override _.Information stated = [| 1.0 - stated[0] |]

    override _.Density(reals, values) =
        -(values * Tensor.softplus reals[0]) - Tensor.softplus -reals[0]

    override _.Stated reals = [| Tensor.sigmoid reals[0] |]
    override _.LogDensity(stated, value) = Geometric.kernel stated[0] value
    override _.Sample(stated, stream) = Geometric.sample stated[0] stream
    override _.Mean stated = Geometric.mean stated[0]
    override _.Variance stated = Geometric.variance stated[0]
    override _.Entropy stated = Geometric.entropy stated[0]
    override _.Cdf(stated, value) = Geometric.cdf stated[0] value

    override _.Check stated =
        Parameter.positiveProbability "probability" stated[0]

/// Successes of a known number of trials, by the probability of a success.
[<Sealed>]
type internal BinomialColumn(trials: int) =
    inherit CountColumn()
    let n = float trials
    member _.Trials = trials
    override _.Expected = $"a whole number from 0 to {trials}"
    override _.Contains value = Whole.isCount value && value <= n

    override _.AddCarrier(values, sums) =
        for i in 0 .. values.Length - 1 do
            sums[i] <- sums[i] + SpecialFunctions.logBinomial n values[i]

    override _.Parameters = [| "probability" |]
    override _.Sites = [| struct ("probabilities", Support.UnitInterval) |]
    override _.Reals = [| "log-odds" |]

    override _.Conjugate =
        ValueSome(struct ("beta", (fun p -> struct ((p[0].[0] + p[1].[0] - 2.0) / n, [| p[0].[0] - 1.0 |]))))


    override _.Natural(stated, slopes) =
        slopes[0] <- ColumnMath.logit stated[0]
        n * SpecialFunctions.log1p -stated[0]

    override _.Estimate(means, _, _) =
        [| ColumnMath.boundProbability (means[0] / n) |]

    override _.At(point, mean, _) =
        // half way between the point and the mean of all rows, off the ends
        [| Math.Clamp(0.5 * (point + mean) / n, 0.02, 0.98) |]

    override _.ToReals stated = [| ColumnMath.logit stated[0] |]

    override _.OfReals reals =
        [| ColumnMath.boundProbability (SpecialFunctions.sigmoid reals[0]) |]

    override _.Gradient(stated, count, sums) = [| sums[0] - count * n * stated[0] |]
    override _.Information stated = [| n * stated[0] * (1.0 - stated[0]) |]
    override _.Magnification _ = n

    override _.Density(reals, values) =
        values * reals[0] - n * Tensor.softplus reals[0]

    override _.Stated reals = [| Tensor.sigmoid reals[0] |]
    override _.LogDensity(stated, value) = Binomial.kernel n stated[0] value

    override _.Sample(stated, stream) =
        Binomial.sampleUnchecked n stated[0] stream

    override _.Mean stated = n * stated[0]
    override _.Variance stated = n * stated[0] * (1.0 - stated[0])
    override _.Cdf(stated, value) = Binomial.cdf trials stated[0] value

    override _.Check stated =
        Parameter.probability "probability" stated[0]

/// Poisson counts with a share of zeros beyond (Lambert 1992): log p is linear in whether x is 0 and in x.
[<Sealed>]
type internal ZeroInflatedPoissonColumn() =
    inherit CountColumn()

    let zero rate share = share + (1.0 - share) * exp -rate

    /// The λ of λ / (1 - e⁻λ) = m, the mean of the positive counts, m > 1.
    let truncatedRate (m: float) =
        let mutable rate = if m < 1.5 then 2.0 * (m - 1.0) else m
        let mutable step = 1.0
        let mutable rounds = 0

        while abs step > 1e-15 * rate && rounds < 50 do
            // f(λ) = λ - m (1 - e⁻λ)
            let gap = rate + m * SpecialFunctions.expm1 -rate
            let slope = 1.0 - m * exp -rate
            let next = rate - gap / slope
            step <- next - rate
            rate <- if next > 0.0 then next else 0.5 * rate
            rounds <- rounds + 1

        rate

    let bound rate share =
        [| max 1e-8 rate; ColumnMath.boundProbability share |]

    override _.Features = 2
    override _.Parameters = [| "rate"; "zero_share" |]

    override _.Sites =
        [|
            struct ("rates", Support.Positive)
            struct ("zero_shares", Support.UnitInterval)
        |]

    override _.Reals = [| "log-rate"; "zero log-odds" |]

    override _.FillFeatures(_, values, strips, stride) =
        for i in 0 .. values.Length - 1 do
            strips[i] <- if values[i] = 0.0 then 1.0 else 0.0

        values.CopyTo(strips.Slice stride)

    override _.Natural(stated, slopes) =
        let rate, share = stated[0], stated[1]
        let positive = SpecialFunctions.log1p -share - rate
        slopes[0] <- log (zero rate share) - positive
        slopes[1] <- log rate
        positive

    override _.Estimate(means, before, _) =
        let zeros, mean = means[0], means[1]
        let others = 1.0 - zeros

        if not (others > ColumnMath.Least && mean > 0.0) then
            // as good as all are zeros: what the positive counts would be is lost in rounding, and a rate that is not small is
            // one that nothing holds, which acceleration would carry away
            bound (min before[0] 1.0) 1.0
        else
            let positives = mean / others
            // 1 - e⁻λ is the share of positives that Poisson counts would have
            let rate = if positives > 1.0 then truncatedRate positives else 0.0
            let share = 1.0 - others / -(SpecialFunctions.expm1 -(max 1e-8 rate))
            if share > 0.0 then bound rate share else bound mean 0.0

    override _.At(point, mean, _) =
        bound (max point (0.01 * mean) + 0.1 * mean) 0.1

    override _.ToReals stated =
        [| log stated[0]; ColumnMath.logit stated[1] |]

    override _.OfReals reals =
        bound (exp (min 700.0 reals[0])) (SpecialFunctions.sigmoid reals[1])

    override _.Magnification stated = ColumnMath.countTerms stated[0]

    override _.Gradient(stated, n, sums) =
        let rate, share = stated[0], stated[1]
        let zeros = sums[0]
        let e = exp -rate
        let p = zero rate share
        let byRate = -zeros * (1.0 - share) * e / p - (n - zeros) + sums[1] / rate
        let byShare = zeros * (1.0 - e) / p - (n - zeros) / (1.0 - share)
        [| rate * byRate; share * (1.0 - share) * byShare |]

    override _.Information stated =
        let rate, share = stated[0], stated[1]
        let p = zero rate share
        let e = exp -rate
        let gap = (1.0 - e) * share * (1.0 - share)
        [| (1.0 - share) * rate; gap * gap / (p * max 1e-300 (1.0 - p)) |]

    override _.Density(reals, values) =
        let rate = Tensor.exp reals[0]
        let logShare = -(Tensor.softplus -reals[1])
        let logRest = -(Tensor.softplus reals[1])
        let isZero = Tensor.eq values (Tensor.scalar 0.0)

        let atZero =
            // log(π + (1 - π) e⁻λ)
            let a = logShare
            let b = logRest - rate
            let largest = Tensor.maximum a b
            largest + Tensor.softplus -(Tensor.abs (a - b))

        isZero * atZero + (1.0 - isZero) * (logRest - rate + values * reals[0])

    override _.Stated reals =
        [| Tensor.exp reals[0]; Tensor.sigmoid reals[1] |]

    override _.LogDensity(stated, value) =
        if value = 0.0 then
            log (zero stated[0] stated[1])
        else
            SpecialFunctions.log1p -stated[1] + Poisson.kernel stated[0] value

    override _.Sample(stated, stream) =
        if stream.NextDouble() < stated[1] then
            0.0
        else
            Poisson.sampleUnchecked stated[0] stream

    override _.Mean stated = (1.0 - stated[1]) * stated[0]

    override _.Variance stated =
        (1.0 - stated[1]) * stated[0] * (1.0 + stated[0] * stated[1])

    override _.Cdf(stated, value) =
        if value < 0.0 then
            0.0
        else
            stated[1] + (1.0 - stated[1]) * Poisson.cdf stated[0] value

    override _.Check stated =
        Parameter.positive "rate" stated[0]
        Parameter.probability "zero_share" stated[1]
