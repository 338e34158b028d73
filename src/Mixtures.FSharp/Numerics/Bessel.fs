namespace Mixtures

open System

/// Modified Bessel functions of orders 0 and 1 as circular statistics needs them; x ≥ 0 throughout, up to the largest
/// doubles, with relative errors of a few 1e-15. Power series below 20, Hankel's asymptotic series above (DLMF 10.25.2 and
/// 10.40.1).
[<RequireQualifiedAccess>]
module Bessel =
    [<Literal>]
    let private Turn = 20.0

    [<Literal>]
    let private TwoPi = 6.2831853071795864769

    /// Iₙ(x) n! / (x/2)ⁿ - 1 by the power series Σ (x²/4)ᵏ n! / (k! (n + k)!).
    let private powerSeries (order: float) (x: float) =
        let z = 0.25 * x * x
        let mutable term = 1.0
        let mutable sum = 0.0
        let mutable k = 0.0

        while term > 1e-17 * sum && term > 0.0 do
            k <- k + 1.0
            term <- term * (z / (k * (k + order)))
            sum <- sum + term

        sum

    /// 1F1(½; b; 2x) by its power series, of positive terms: eˣ I₀(x) for b = 1 and eˣ (I₀(x) - I₁(x)) for b = 2.
    let private kummerSeries (b: float) (x: float) =
        let mutable term = 1.0
        let mutable sum = 1.0
        let mutable k = 0.0

        while term > 1e-17 * sum do
            term <- term * ((0.5 + k) / (b + k)) * (2.0 * x / (k + 1.0))
            sum <- sum + term
            k <- k + 1.0

        sum

    /// Σ (-1)ᵏ aₖ(n) x⁻ᵏ - 1, Hankel's series of √(2πx) e⁻ˣ Iₙ(x) without its first term.
    let private hankelSeries (order: float) (x: float) =
        let mutable term = 1.0
        let mutable sum = 0.0
        let mutable k = 0.0

        while abs term > 1e-18 && k < 60.0 do
            k <- k + 1.0
            let odd = 2.0 * k - 1.0
            term <- term * ((odd * odd - 4.0 * order * order) / (8.0 * k * x))
            sum <- sum + term

        sum

    /// log(e⁻ˣ I₀(x)).
    let logScaledI0 (x: float) =
        if x < Turn then
            SpecialFunctions.log1p (powerSeries 0.0 x) - x
        else
            SpecialFunctions.log1p (hankelSeries 0.0 x) - 0.5 * (log TwoPi + log x)

    /// log I₀(x).
    let logI0 (x: float) =
        if x < Turn then
            SpecialFunctions.log1p (powerSeries 0.0 x)
        else
            logScaledI0 x + x

    /// The mean resultant length A(x) = I₁(x) / I₀(x) of a von Mises distribution of concentration x.
    let ratio (x: float) =
        if x < Turn then
            0.5 * x * ((1.0 + powerSeries 1.0 x) / (1.0 + powerSeries 0.0 x))
        elif Double.IsPositiveInfinity x then
            1.0
        else
            (1.0 + hankelSeries 1.0 x) / (1.0 + hankelSeries 0.0 x)

    /// 1 - I₁(x) / I₀(x), the circular variance, without loss for large x.
    let ratioComplement (x: float) =
        if x < Turn then
            kummerSeries 2.0 x / kummerSeries 1.0 x
        elif Double.IsPositiveInfinity x then
            0.0
        else
            let zero = hankelSeries 0.0 x
            (zero - hankelSeries 1.0 x) / (1.0 + zero)

    /// The concentration x at which I₁(x) / I₀(x) is r, for 0 ≤ r ≤ 1; NaN outside.
    let inverseRatio (r: float) =
        if not (r >= 0.0 && r <= 1.0) then
            nan
        elif r = 0.0 then
            0.0
        elif r = 1.0 then
            Double.PositiveInfinity
        else
            let complement = 1.0 - r
            // Banerjee et al. 2005
            let mutable x = r * (2.0 - r * r) / (complement * (1.0 + r))
            let mutable step = Double.PositiveInfinity
            let mutable iteration = 0

            while abs step > 1e-12 * x && iteration < 50 do
                iteration <- iteration + 1

                // A′ = 1 - A/x - A²; for large x by A = 1 - 1/(2x) - 1/(8x²) - …, where that difference loses its digits
                let gap =
                    if x < Turn then
                        ratio x - r
                    else
                        complement - ratioComplement x

                let slope =
                    if x < 1e3 then
                        let a = ratio x
                        1.0 - a / x - a * a
                    else
                        (0.5 + (0.25 + 0.375 / x) / x) / (x * x)

                step <- gap / slope
                x <- max (0.5 * x) (x - step)

            x
