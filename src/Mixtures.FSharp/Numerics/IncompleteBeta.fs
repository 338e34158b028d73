namespace Mixtures

open System

/// The regularised incomplete beta function I(x; a, b) for positive a and b and 0 ≤ x ≤ 1, its complement and its inverse;
/// relative errors are small (1e-13, more only where exponents beyond a few hundred cost digits) in both, however small.
/// Series, continued fraction and expansion are those of Didonato & Morris 1992 (ACM TOMS 18, algorithm 708).
[<RequireQualifiedAccess>]
module IncompleteBeta =
    /// I by the continued fraction, for x below about the mean; y = 1 - x.
    let private fraction (a: float) (b: float) (x: float) (y: float) =
        let tiny = 1e-290
        let guard v = if v = 0.0 then tiny else v

        let denominator m =
            let rest = (a + m) / (a + 2.0 * m + 1.0) * (a * y - b * x + 1.0 + m * (2.0 - x))

            if m = 0.0 then
                rest
            else
                m + m * (b - m) * x / (a + 2.0 * m - 1.0) + rest

        let mutable f = guard (denominator 0.0)
        let mutable c = f
        let mutable d = 0.0
        let mutable m = 1.0
        let mutable factor = 0.0

        while abs (factor - 1.0) > 2e-16 && m < 1e5 do
            let width = a + 2.0 * m - 1.0

            let numerator =
                (a + m - 1.0) / width * ((a + b + m - 1.0) / width) * (m * (b - m) * x * x)

            let here = denominator m
            d <- 1.0 / guard (here + numerator * d)
            c <- guard (here + numerator / c)
            factor <- c * d
            f <- f * factor
            m <- m + 1.0

        exp (Deviance.logBetaPower a b x y) / f

    /// 1 - I for small a and b x, where I is near one: 1 - xᵃ / (a B) (1 + a Σ (1 - b) … (n - b) / n! xⁿ / (a + n)).
    /// logPower is log(xᵃ / (a B)).
    let private complementSeries (a: float) (b: float) (x: float) (logPower: float) =
        let mutable term = 1.0
        let mutable sum = 0.0
        let mutable n = 0.0

        while abs term > 1e-18 do
            n <- n + 1.0
            term <- term * (n - b) / n * x
            sum <- sum + term / (a + n)

        -(SpecialFunctions.expm1 logPower) - exp logPower * a * sum

    /// I for a and b above 100 and a - (a + b) x = below between 0 and 3 % of both: the asymptotic expansion about the mean
    /// (their procedure BASYM).
    let private aboutTheMean (a: float) (b: float) (below: float) =
        let terms = 20
        let e0 = 1.12837916709551257390 // 2 / √π
        let e1 = 0.35355339059327376220 // 2^(-3/2)

        let h, r1, w0 =
            if a < b then
                let h = a / b
                h, (b - a) / b, 1.0 / sqrt (a * (1.0 + h))
            else
                let h = b / a
                h, (b - a) / a, 1.0 / sqrt (b * (1.0 + h))

        let r0 = 1.0 / (1.0 + h)

        let f =
            a * SpecialFunctions.excess (-below / a)
            + b * SpecialFunctions.excess (below / b)

        let z0 = sqrt f
        let z2 = 2.0 * f

        let a0, b0, c, d =
            Array.zeroCreate 22, Array.zeroCreate 22, Array.zeroCreate 22, Array.zeroCreate 22

        a0[1] <- 2.0 / 3.0 * r1
        c[1] <- -0.5 * a0[1]
        d[1] <- -c[1]
        let mutable j0 = 0.5 / e0 * ErrorFunction.erfcx z0
        let mutable j1 = e1
        let mutable sum = j0 + d[1] * w0 * j1
        let mutable s = 1.0
        let h2 = h * h
        let mutable hn = 1.0
        let mutable w = w0
        let mutable before = z0 / e1 * 0.5
        let mutable power = z2
        let mutable n = 2

        while n <= terms do
            hn <- h2 * hn
            a0[n] <- 2.0 * r0 * (1.0 + h * hn) / (float n + 2.0)
            s <- s + hn
            a0[n + 1] <- 2.0 * r1 * s / (float n + 3.0)

            for i in n .. n + 1 do
                let r = -0.5 * (float i + 1.0)
                b0[1] <- r * a0[1]

                for m in 2..i do
                    let mutable inner = 0.0

                    for j in 1 .. m - 1 do
                        inner <- inner + (float j * r - float (m - j)) * a0[j] * b0[m - j]

                    b0[m] <- r * a0[m] + inner / float m

                c[i] <- b0[i] / (float i + 1.0)
                let mutable inner = 0.0

                for j in 1 .. i - 1 do
                    inner <- inner + d[i - j] * c[j]

                d[i] <- -(inner + c[i])

            j0 <- e1 * before + (float n - 1.0) * j0
            j1 <- e1 * power + float n * j1
            before <- z2 * before
            power <- z2 * power
            w <- w0 * w
            let t0 = d[n] * w * j0
            w <- w0 * w
            let t1 = d[n + 1] * w * j1
            sum <- sum + (t0 + t1)
            n <- if abs t0 + abs t1 <= 1e-17 * sum then terms + 1 else n + 2

        let correction =
            SpecialFunctions.stirlingCorrection a + SpecialFunctions.stirlingCorrection b
            - SpecialFunctions.stirlingCorrection (a + b)

        e0 * exp (-f - correction) * sum

    /// I and 1 - I for a ≤ b, with y = 1 - x, both inside (0, 1).
    let private ordered (a: float) (b: float) (x: float) (y: float) : struct (float * float) =
        let ofLower p = struct (p, 1.0 - p)
        let ofUpper q = struct (1.0 - q, q)
        let below = if a > b * x then a * y - b * x else a - (a + b) * x

        if a >= 100.0 then
            if below >= 0.0 then
                ofLower (
                    if below <= 0.03 * a then
                        aboutTheMean a b below
                    else
                        fraction a b x y
                )
            else
                ofUpper (
                    if -below <= 0.03 * a then
                        aboutTheMean b a -below
                    else
                        fraction b a y x
                )
        elif a >= 1.0 then
            if below >= 0.0 then
                ofLower (fraction a b x y)
            else
                ofUpper (fraction b a y x)
        elif b * x < 1.5 && x <= 0.7 then
            let logPower = a * log x - SpecialFunctions.logScaledBeta a b

            if logPower > -0.6 then
                ofUpper (complementSeries a b x logPower)
            else
                ofLower (fraction a b x y)
        else
            ofUpper (fraction b a y x)

    /// I(x; a, b) and 1 - I, given x and y = 1 - x (whichever is small, exactly).
    let internal bothOf (a: float) (b: float) (x: float) (y: float) : struct (float * float) =
        if
            not (a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0)
            || Double.IsPositiveInfinity(a + b)
        then
            struct (nan, nan)
        elif x = 0.0 then
            struct (0.0, 1.0)
        elif y = 0.0 then
            struct (1.0, 0.0)
        elif a <= b then
            ordered a b x y
        else
            let struct (p, q) = ordered b a y x
            struct (q, p)

    /// I(x; a, b), the probability that a Beta(a, b) variable is at most x.
    let lower (a: float) (b: float) (x: float) =
        let struct (p, _) = bothOf a b x (1.0 - x)
        p

    /// 1 - I(x; a, b), without loss where it is small.
    let upper (a: float) (b: float) (x: float) =
        let struct (_, q) = bothOf a b x (1.0 - x)
        q

    /// x and 1 - x where I(x; a, b) = p and 1 - I = q, for p and q inside (0, 1), of which the smaller one counts.
    let internal inverseBoth (a: float) (b: float) (p: float) (q: float) : struct (float * float) =
        let useLower = p <= q
        let logP = if useLower then log p else SpecialFunctions.log1p -q
        let logQ = if useLower then SpecialFunctions.log1p -p else log q
        // where one tail is a pure power: I = xᵃ / (a B), 1 - I = yᵇ / (b B)
        let logX = (logP + SpecialFunctions.logScaledBeta a b) / a
        let logY = (logQ + SpecialFunctions.logScaledBeta b a) / b

        if logX < -690.0 then
            struct (exp logX, 1.0)
        elif logY < -690.0 then
            struct (1.0, exp logY)
        else
            // the unknown is u = log(x / y); the smaller tail's logarithm is solved for by Newton between bounds
            let target = if useLower then logP else logQ

            let start =
                if min a b >= 1.0 then
                    let z =
                        if useLower then
                            ErrorFunction.normalQuantile p
                        else
                            -(ErrorFunction.normalQuantile q)

                    log (a / b) + z * sqrt (1.0 / a + 1.0 / b)
                elif useLower then
                    min logX (log (a / b) + 1.0)
                else
                    max -logY (log (a / b) - 1.0)

            let evaluate u =
                let x =
                    if u > 0.0 then
                        1.0 / (1.0 + exp -u)
                    else
                        exp u / (1.0 + exp u)

                let y =
                    if u > 0.0 then
                        exp -u / (1.0 + exp -u)
                    else
                        1.0 / (1.0 + exp u)

                let struct (lowerTail, upperTail) = bothOf a b x y
                let tail = if useLower then lowerTail else upperTail
                let slope = exp (Deviance.logBetaPower a b x y - log tail)
                let gap = if useLower then log tail - target else target - log tail
                struct (x, y, gap, slope)

            let mutable low = -700.0
            let mutable high = 700.0
            let mutable u = max low (min high start)
            let mutable step = Double.PositiveInfinity
            let mutable iteration = 0

            while abs step > 1e-10 && iteration < 100 do
                iteration <- iteration + 1
                let struct (_, _, gap, slope) = evaluate u
                if gap > 0.0 then high <- u else low <- u
                let newton = u - gap / slope

                let next =
                    if gap = 0.0 then u
                    elif newton > low && newton < high then newton
                    else 0.5 * (low + high)

                step <- next - u
                u <- next

            // the last step, in x and y themselves
            let struct (x, y, gap, slope) = evaluate u
            let move = gap / slope

            if abs move < 1e-6 then
                struct (x - x * y * move, y + x * y * move)
            else
                struct (x, y)

    /// The x at which I(x; a, b) = p.
    let inverse (a: float) (b: float) (p: float) =
        if not (a > 0.0 && b > 0.0 && p >= 0.0 && p <= 1.0) then
            nan
        elif p = 0.0 || p = 1.0 then
            p
        else
            let struct (x, _) = inverseBoth a b p (1.0 - p)
            x
