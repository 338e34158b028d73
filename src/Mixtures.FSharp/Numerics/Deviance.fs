namespace Mixtures

open System

/// Poisson and binomial probabilities of real arguments in saddle-point form (Loader 2000, "Fast and accurate computation
/// of binomial probabilities"): log-densities of large counts without the loss of digits that differences of
/// log-gammas bring.
[<RequireQualifiedAccess>]
module internal Deviance =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    /// log(a / b) for positive a and b whose ratio may be out of range.
    let logRatio (a: float) (b: float) =
        let ratio = a / b

        if Double.IsNormal ratio then log ratio else log a - log b

    /// a log(a / m) + m - a for positive a and m: half the deviance of a count a from its mean m.
    let half (a: float) (m: float) =
        let relative = (m - a) / a

        if abs relative <= 0.5 then
            a * SpecialFunctions.excess relative
        else
            a * logRatio a m + (m - a)

    /// a log x - x - log Γ(a + 1) for a ≥ 0 and x > 0.
    let logPoisson (a: float) (x: float) =
        if Double.IsPositiveInfinity x then
            Double.NegativeInfinity
        elif a < 10.0 then
            if a = 0.0 then
                -x
            else
                a * log x - x - SpecialFunctions.logGamma1p a
        elif x = 0.0 then
            Double.NegativeInfinity
        else
            -(half a x) - SpecialFunctions.stirlingCorrection a - 0.5 * log a - HalfLogTwoPi

    /// a log x + b log y - log B(a, b) for positive a, b, x and y = 1 - x.
    let logBetaPower (a: float) (b: float) (x: float) (y: float) =
        let logX = if x <= 0.5 then log x else SpecialFunctions.log1p -y
        let logY = if y <= 0.5 then log y else SpecialFunctions.log1p -x
        let small, large = min a b, max a b

        if small < 10.0 then
            a * logX + b * logY - SpecialFunctions.logBeta a b
        else
            let n = a + b

            SpecialFunctions.stirlingCorrection n
            - SpecialFunctions.stirlingCorrection a
            - SpecialFunctions.stirlingCorrection b
            - half a (n * x)
            - half b (n * y)
            + 0.5 * log small
            - 0.5 * SpecialFunctions.log1p (small / large)
            - HalfLogTwoPi

    /// The log-probability of k successes in n trials, each of probability p, for real 0 ≤ k ≤ n; q = 1 - p.
    let logBinomial (n: float) (k: float) (p: float) (q: float) =
        if k = 0.0 then
            if n = 0.0 then 0.0
            elif p > 0.5 then n * log q
            else n * SpecialFunctions.log1p -p
        elif k = n then
            if q > 0.5 then n * log p else n * SpecialFunctions.log1p -q
        elif p = 0.0 || q = 0.0 then
            Double.NegativeInfinity
        else
            let rest = n - k
            // log C(n, k) = log n - log k - log (n - k) - log B(k, n - k)
            logBetaPower k rest p q + (logRatio n k - log rest)
