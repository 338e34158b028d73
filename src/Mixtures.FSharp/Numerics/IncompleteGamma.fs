namespace Mixtures

open System

/// The regularised incomplete gamma functions P(a, x) = γ(a, x) / Γ(a) and Q = 1 - P for a > 0 and x ≥ 0, with small relative
/// errors in both however small they are (1e-13, more only where exponents beyond a few hundred cost digits), and their inverses.
/// Methods and choices among them follow Gil, Segura & Temme 2012, "Efficient and accurate algorithms for the
/// computation and inversion of the incomplete gamma function ratios".
[<RequireQualifiedAccess>]
module IncompleteGamma =
    /// The coefficients of Temme's uniform expansion: row k holds the power series of Cₖ(η) (DLMF 8.12.9-10, computed with
    /// exact fractions).
    let internal expansion =
        [|
            [|
                -0.3333333333333333
                0.08333333333333333
                -0.014814814814814815
                0.0011574074074074073
                0.0003527336860670194
                -0.0001787551440329218
                3.919263178522438e-05
                -2.185448510679992e-06
                -1.85406221071516e-06
                8.296711340953087e-07
                -1.7665952736826078e-07
                6.707853543401498e-09
                1.0261809784240309e-08
                -4.382036018453353e-09
                9.14769958223679e-10
            |]
            [|
                -0.001851851851851852
                -0.003472222222222222
                0.0026455026455026454
                -0.0009902263374485596
                0.00020576131687242798
                -4.018775720164609e-07
                -1.8098550334489977e-05
                7.64916091608111e-06
                -1.6120900894563446e-06
                4.647127802807434e-09
                1.378633446915721e-07
                -5.752545603517705e-08
                1.1951628599778148e-08
                -1.7543241719747647e-11
            |]
            [|
                0.004133597883597883
                -0.0026813271604938273
                0.0007716049382716049
                2.0093878600823047e-06
                -0.0001073665322636516
                5.2923448829120125e-05
                -1.2760635188618728e-05
                3.423578734096138e-08
                1.3721957309062934e-06
                -6.298992138380055e-07
                1.4280614206064242e-07
                -2.0477098421990866e-10
            |]
            [|
                0.0006494341563786008
                0.00022947209362139917
                -0.0004691894943952557
                0.00026772063206283885
                -7.561801671883977e-05
                -2.396505113867297e-07
                1.1082654115347302e-05
                -5.6749528269915965e-06
                1.4230900732435883e-06
                -2.7861080291528143e-11
            |]
            [|
                -0.0008618882909167117
                0.0007840392217200666
                -0.0002990724803031902
                -1.4638452578843418e-06
                6.641498215465122e-05
                -3.968365047179435e-05
                1.1375726970678419e-05
                2.507497226237533e-10
            |]
            [|
                -0.00033679855336635813
                -6.972813758365857e-05
                0.0002772753244959392
                -0.00019932570516188847
                6.797780477937208e-05
                1.419062920643967e-07
            |]
            [|
                0.0005313079364639922
                -0.0005921664373536939
                0.0002708782096718045
                7.902353232660328e-07
            |]
        |]

    /// Q(a, x), or P where x is below a (the smaller of both), for a ≥ 100 and |x - a| ≤ 0.3 a: half erfc plus
    /// exp(-a η² / 2) / √(2πa) Σ Cₖ(η) a⁻ᵏ with η² / 2 = x/a - 1 - log(x/a).
    let private uniform (a: float) (x: float) =
        let relative = (x - a) / a
        let halfSquare = SpecialFunctions.excess relative
        let eta = Math.CopySign(sqrt (2.0 * halfSquare), relative)
        let mutable sum = 0.0

        for k in expansion.Length - 1 .. -1 .. 0 do
            sum <- sum / a + Series.polynomial expansion[k] eta

        // both terms share exp(-a η² / 2), which is taken out of erfc
        let scaled = 0.5 * ErrorFunction.erfcx (sqrt (a * halfSquare))
        let rest = sum / sqrt (2.0 * Math.PI * a)

        exp (-a * halfSquare) * (if x >= a then scaled + rest else scaled - rest)

    /// P by its power series xᵃ e⁻ˣ / Γ(a + 1) Σ xⁿ / ((a + 1) … (a + n)).
    let private lowerSeries (a: float) (x: float) =
        let mutable term = 1.0
        let mutable sum = 1.0
        let mutable n = a

        while term > 1e-17 * sum do
            n <- n + 1.0
            term <- term * (x / n)
            sum <- sum + term

        exp (Deviance.logPoisson a x) * sum

    /// Q by its continued fraction (modified Lentz), for x > 1 above a.
    let private upperFraction (a: float) (x: float) =
        let tiny = 1e-290
        let mutable b = x + 1.0 - a
        let mutable c = 1.0 / tiny
        let mutable d = 1.0 / b
        let mutable h = d
        let mutable i = 1.0
        let mutable factor = 0.0

        while abs (factor - 1.0) > 2e-16 && i < 1e5 do
            let numerator = -i * (i - a)
            b <- b + 2.0
            d <- numerator * d + b
            d <- 1.0 / (if d = 0.0 then tiny else d)
            c <- b + numerator / c
            c <- if c = 0.0 then tiny else c
            factor <- d * c
            h <- h * factor
            i <- i + 1.0

        // xᵃ e⁻ˣ / Γ(a) = a xᵃ e⁻ˣ / Γ(a + 1)
        exp (Deviance.logPoisson a x) * a * h

    /// Q for x below 1.5 and small a, where P is near one: 1 - xᵃ / Γ(a + 1) (1 + a Σ (-x)ⁿ / (n! (a + n))).
    let private upperSeries (a: float) (x: float) =
        let logPower = a * log x - SpecialFunctions.logGamma1p a
        let mutable term = 1.0
        let mutable sum = 0.0
        let mutable n = 0.0

        while abs term > 1e-18 do
            n <- n + 1.0
            term <- -term * x / n
            sum <- sum + term / (a + n)

        -(SpecialFunctions.expm1 logPower) - exp logPower * a * sum

    /// P(a, x) and Q(a, x) together.
    let both (a: float) (x: float) : struct (float * float) =
        let fromLower p = struct (p, 1.0 - p)
        let fromUpper q = struct (1.0 - q, q)

        if not (a > 0.0 && x >= 0.0) || Double.IsPositiveInfinity a then
            struct (nan, nan)
        elif x = 0.0 then
            struct (0.0, 1.0)
        elif Double.IsPositiveInfinity x then
            struct (1.0, 0.0)
        elif a >= 100.0 && abs (x - a) <= 0.3 * a then
            if x < a then
                fromLower (uniform a x)
            else
                fromUpper (uniform a x)
        elif x < 1.5 then
            // which of both is the smaller one
            let turn = if x < 0.5 then log 0.5 / log x else x + 0.25

            if a > turn then
                fromLower (lowerSeries a x)
            else
                fromUpper (upperSeries a x)
        elif x <= a then
            fromLower (lowerSeries a x)
        else
            fromUpper (upperFraction a x)

    /// P(a, x), the probability that a Gamma variable of shape a and rate 1 is at most x.
    let lower (a: float) (x: float) =
        let struct (p, _) = both a x
        p

    /// Q(a, x) = 1 - P(a, x), without loss where it is small.
    let upper (a: float) (x: float) =
        let struct (_, q) = both a x
        q

    /// The x at which P(a, x) = p and Q(a, x) = q, both inside (0, 1), of which the smaller one counts.
    let internal inverseBoth (a: float) (p: float) (q: float) =
        let useLower = p <= q
        let logP = if useLower then log p else SpecialFunctions.log1p -q
        // P ≤ xᵃ / Γ(a + 1), and equal to it for the smallest x
        let least = (logP + SpecialFunctions.logGamma1p a) / a

        if least < -40.0 then
            exp least
        else
            // the unknown is u = log x; the smaller tail's logarithm is solved for by Newton between bounds
            let target = if useLower then logP else log q

            let start =
                if a < 1.0 then
                    least
                else
                    // Wilson & Hilferty 1931
                    let z =
                        if useLower then
                            ErrorFunction.normalQuantile p
                        else
                            -(ErrorFunction.normalQuantile q)

                    let root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * sqrt a)
                    if root > 0.1 then log a + 3.0 * log root else least

            let evaluate u =
                let x = exp u
                let struct (lowerTail, upperTail) = both a x
                let tail = if useLower then lowerTail else upperTail
                // d log P / du = x density / P
                let slope = a * exp (Deviance.logPoisson a x - log tail)
                let gap = if useLower then log tail - target else target - log tail
                struct (x, gap, slope)

            let mutable low = least - 1.0
            let mutable high = log (a + 1.0) + 9.0
            let mutable u = max low (min high start)
            let mutable step = Double.PositiveInfinity
            let mutable iteration = 0

            while abs step > 1e-10 && iteration < 100 do
                iteration <- iteration + 1
                let struct (_, gap, slope) = evaluate u
                if gap > 0.0 then high <- u else low <- u
                let newton = u - gap / slope

                let next =
                    if gap = 0.0 then u
                    elif newton > low && newton < high then newton
                    else 0.5 * (low + high)

                step <- next - u
                u <- next

            // the last step, in x itself
            let struct (x, gap, slope) = evaluate u
            let move = gap / slope
            if abs move < 1e-6 then x - x * move else x

    /// The x at which P(a, x) = p: 0 at p = 0, plus infinity at 1.
    let inverseLower (a: float) (p: float) =
        if not (a > 0.0 && p >= 0.0 && p <= 1.0) then nan
        elif p = 0.0 then 0.0
        elif p = 1.0 then Double.PositiveInfinity
        else inverseBoth a p (1.0 - p)

    /// The x at which Q(a, x) = q: plus infinity at q = 0, 0 at 1.
    let inverseUpper (a: float) (q: float) =
        if not (a > 0.0 && q >= 0.0 && q <= 1.0) then nan
        elif q = 0.0 then Double.PositiveInfinity
        elif q = 1.0 then 0.0
        else inverseBoth a (1.0 - q) q
