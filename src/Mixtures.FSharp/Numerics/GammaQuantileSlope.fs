namespace Mixtures

open System

/// How a quantile of the gamma distribution moves with the shape: what a draw's derivative is made of (Figurnov, Mohamed &
/// Mnih 2018, "Implicit reparameterization gradients").
[<RequireQualifiedAccess>]
module internal GammaQuantileSlope =

    /// Σ tₙ (ψ(a + 1) - log x + hₙ) / a with tₙ = xⁿ / ((a + 1) … (a + n)) and hₙ = Σ 1 / (a + i), i up to n: the power
    /// series of P, differentiated; every term is positive where log x < ψ(a + 1).
    let private series (a: float) (logX: float) =
        let x = exp logX
        let mutable term = 1.0
        let mutable sum = 1.0
        let mutable harmonic = 0.0
        let mutable weighted = 0.0
        let mutable n = a

        while term > 1e-17 * sum do
            n <- n + 1.0
            term <- term * (x / n)
            harmonic <- harmonic + 1.0 / n
            sum <- sum + term
            weighted <- weighted + term * harmonic

        ((SpecialFunctions.digamma (a + 1.0) - logX) * sum + weighted) / a

    let private points = 48
    let private rule = GaussLegendre.rule points

    /// ∫ (log x - ψ(a) + v) exp(a v - x (eᵛ - 1)) dv over v > 0: the integral of Q with t = x eᵛ, differentiated; the
    /// integrand is positive where log x > ψ(a). It is cut off where it is below e⁻⁴⁰ of the first value.
    let private integral (a: float) (logX: float) =
        let x = exp logX
        let excess = x - a
        // (x - a) v + x v² / 2 = 40, and x (eᵛ - 1 - v) = 40 approached from above
        let parabola = 80.0 / (excess + sqrt (excess * excess + 80.0 * x))
        let once = min parabola (log (1.0 + 40.0 / x + parabola))
        let cut = min once (log (1.0 + 40.0 / x + once))
        let gap = logX - SpecialFunctions.digamma a
        let struct (nodes, weights) = rule
        let mutable sum = 0.0

        for i in 0 .. points - 1 do
            let v = cut * nodes[i]
            let exponent = -excess * v - x * (SpecialFunctions.expm1 v - v)
            sum <- sum + weights[i] * (gap + v) * exp exponent

        cut * sum

    /// Temme's uniform expansion of P (see IncompleteGamma), differentiated term by term; the exponential it shares with
    /// the density cancels.
    let private uniform (a: float) (x: float) =
        let relative = (x - a) / a
        let halfSquare = SpecialFunctions.excess relative
        let eta = Math.CopySign(sqrt (2.0 * halfSquare), relative)
        // ∂η/∂a at fixed x
        let etaSlope = if relative = 0.0 then -1.0 / a else -relative / (a * eta)
        let mutable sum = 0.0
        let mutable byShape = 0.0
        let mutable byEta = 0.0
        let expansion = IncompleteGamma.expansion
        // what the last powers of 1 / a and of η cannot change in the thirteenth digit is left out
        let orders =
            if a >= 1000.0 then 4
            elif a >= 100.0 then 5
            else expansion.Length

        let degrees = if abs eta < 0.15 then 9 else Int32.MaxValue

        for k in orders - 1 .. -1 .. 0 do
            let coefficients = expansion[k]
            let count = min degrees coefficients.Length
            let mutable value = 0.0
            let mutable slope = 0.0

            for i in count - 1 .. -1 .. 0 do
                slope <- slope * eta + value
                value <- value * eta + coefficients[i]

            sum <- sum / a + value
            byEta <- byEta / a + slope
            byShape <- byShape / a - float k * value

        let logRatio = relative - halfSquare

        let correction = (logRatio - 0.5 / a) * sum + byShape / a + byEta * etaSlope

        exp (SpecialFunctions.stirlingCorrection a)
        * (correction / a - etaSlope - 0.5 * eta / a)

    /// ∂ log x / ∂a at a fixed probability P(a, x): -∂P/∂a over x times the density, for a > 0. Takes log x, which may be
    /// that of a number too small for a double. Relative error about 1e-12.
    let ofShape (a: float) (logX: float) =
        if not (a > 0.0 && Double.IsFinite a && Double.IsFinite logX) then
            nan
        else
            let ratio = logX - log a

            if a >= 20.0 && ratio > -0.4 && ratio < 0.35 then
                uniform a (exp logX)
            elif logX <= log (a + 0.5) then
                series a logX
            else
                integral a logX
