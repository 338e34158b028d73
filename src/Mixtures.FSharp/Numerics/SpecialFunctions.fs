namespace Mixtures

open System

/// Polynomials and short series that the special functions share.
[<RequireQualifiedAccess>]
module internal Series =
    /// Σ cᵢ xⁱ by Horner's rule.
    let polynomial (coefficients: float[]) (x: float) =
        let mutable sum = 0.0

        for i in coefficients.Length - 1 .. -1 .. 0 do
            sum <- sum * x + coefficients[i]

        sum

    /// The Bernoulli numbers B₂, B₄, … B₃₀.
    let bernoulli =
        [|
            1.0 / 6.0
            -1.0 / 30.0
            1.0 / 42.0
            -1.0 / 30.0
            5.0 / 66.0
            -691.0 / 2730.0
            7.0 / 6.0
            -3617.0 / 510.0
            43867.0 / 798.0
            -174611.0 / 330.0
            854513.0 / 138.0
            -236364091.0 / 2730.0
            8553103.0 / 6.0
            -23749461029.0 / 870.0
            8615841276005.0 / 14322.0
        |]

/// Logarithms and exponentials near their zeros, and the gamma function with its relatives, in double precision: relative
/// errors are a few 1e-15 for positive arguments from 1e-300 to 1e300, unless a function says otherwise. Nothing is
/// checked: an argument outside a function's domain, or NaN, gives NaN.
[<RequireQualifiedAccess>]
module SpecialFunctions =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    [<Literal>]
    let private LogPi = 1.1447298858494001741

    /// log(1 + x) without loss for small x (Kahan's correction of the rounded sum).
    let log1p (x: float) =
        let u = 1.0 + x

        if u = 1.0 then x
        elif x > 1e17 then log x
        else log u * (x / (u - 1.0))

    /// eˣ - 1 without loss for small x (Kahan's correction of the rounded exponential).
    let expm1 (x: float) =
        if abs x > 1.0 then
            exp x - 1.0
        else
            let u = exp x
            if u = 1.0 then x else (u - 1.0) * (x / log u)

    /// log(1 - eˣ) for x ≤ 0 (Mächler 2012).
    let log1mExp (x: float) =
        if x > -0.6931471805599453 then
            log (-(expm1 x))
        else
            log1p (-(exp x))

    /// log(1 + eˣ), the smooth maximum of x and 0.
    let softplus (x: float) = max x 0.0 + log1p (exp -(abs x))

    /// 1 / (1 + e⁻ˣ), the probability of log-odds x.
    let sigmoid (x: float) =
        if x >= 0.0 then
            1.0 / (1.0 + exp -x)
        else
            let e = exp x
            e / (1.0 + e)

    /// x - log(1 + x) for x > -1, without loss near zero: with s = x / (2 + x), x s - 2 s³ (1/3 + s²/5 + s⁴/7 + …).
    let internal excess (x: float) =
        if abs x > 0.5 then
            x - log1p x
        else
            let s = x / (2.0 + x)
            let z = s * s
            let mutable sum = 0.0
            let mutable power = 1.0
            let mutable n = 3.0
            let mutable term = 1.0 / 3.0

            while abs term > 1e-18 && n < 60.0 do
                sum <- sum + term
                n <- n + 2.0
                power <- power * z
                term <- power / n

            x * s - 2.0 * s * z * sum

    /// Δ(x) = log Γ(x) - (x - ½) log x + x - ½ log 2π by Stirling's series, for x ≥ 10.
    let private stirlingSeries (x: float) =
        let z = 1.0 / (x * x)

        let tail =
            1.0 / 30.0
            - z
              * (1.0 / 105.0
                 - z
                   * (1.0 / 140.0
                      - z
                        * (1.0 / 99.0 - z * (691.0 / 30030.0 - z * (1.0 / 13.0 - z * (3617.0 / 10200.0))))))

        (1.0 - z * tail) / (12.0 * x)

    // log Γ(2 + z) / z for -½ ≤ z ≤ 1: a rational interpolant at Chebyshev points, computed with 80 digits; error 1.4e-18
    let private nearTwoNumerator =
        [|
            0.42278433509846713
            1.0322392924250592
            0.9416928598448896
            0.4172589188705117
            0.09527665675843039
            0.010761708654598556
            0.0005126144211989154
            6.546169219546809e-06
        |]

    let private nearTwoDenominator =
        [|
            1.0
            1.678804534788733
            1.1062047574607787
            0.36196916412627267
            0.061244858012688135
            0.005046343841908332
            0.0001674204154721995
            1.2994531242674538e-06
        |]

    /// log Γ(2 + z) for -½ ≤ z ≤ 1.
    let private logGammaNearTwo z =
        z
        * (Series.polynomial nearTwoNumerator z / Series.polynomial nearTwoDenominator z)

    /// log Γ(1 + z) for z > -½, without loss for small z.
    let rec internal logGamma1p (z: float) =
        if z <= 0.5 then
            logGammaNearTwo z - log1p z
        elif z <= 2.0 then
            logGammaNearTwo (z - 1.0)
        elif z < 9.0 then
            let mutable product = 1.0
            let mutable rest = z

            while rest > 2.0 do
                product <- product * rest
                rest <- rest - 1.0

            logGammaNearTwo (rest - 1.0) + log product
        else
            logGammaPositive (z + 1.0)

    /// log Γ(x) for x > 0.
    and private logGammaPositive (x: float) =
        if x < 0.5 then logGamma1p x - log x
        elif x < 10.0 then logGamma1p (x - 1.0)
        elif x > 2.5563481638716906e305 then Double.PositiveInfinity
        else (x - 0.5) * log x - x + HalfLogTwoPi + stirlingSeries x

    /// log |Γ(x)|; plus infinity at 0, -1, -2, …. For negative x the error is absolute near the zeros of log |Γ|.
    let logGamma (x: float) =
        if x > 0.0 then
            logGammaPositive x
        elif x > -0.5 then
            if x = 0.0 then
                Double.PositiveInfinity
            else
                logGamma1p x - log -x
        elif Double.IsNegativeInfinity x then
            Double.PositiveInfinity
        else
            // Γ(x) Γ(-x) = -π / (x sin πx)
            let sine = Double.SinPi x

            if sine = 0.0 then
                Double.PositiveInfinity
            else
                LogPi - log (abs (x * sine)) - logGammaPositive -x

    /// log Γ(x) less Stirling's leading terms (x - ½) log x - x + ½ log 2π, for x > 0.
    let internal stirlingCorrection (x: float) =
        if x >= 10.0 then
            stirlingSeries x
        else
            logGammaPositive x - ((x - 0.5) * log x - x + HalfLogTwoPi)

    // ψ(1 + z) / (1 + z - x₀), x₀ the positive zero of ψ, for 0 ≤ z ≤ 1: made like the interpolant above; error 8e-20
    let private digammaNumerator =
        [|
            1.2503801375034054
            1.8675925104074453
            0.9711327526262392
            0.21631407251432455
            0.01996408274151926
            0.0005811135063985677
            1.0894678528383955e-06
        |]

    let private digammaDenominator =
        [|
            1.0
            2.1771665986671342
            1.6630736963665909
            0.5710455727133128
            0.09111902253303285
            0.006100975692434821
            0.00012043151172286901
        |]

    /// The digamma function ψ(x) = d/dx log Γ(x). Minus infinity at 0, NaN at -1, -2, … (poles with two signs). For negative
    /// x the error is absolute near the zeros of ψ.
    let rec digamma (x: float) : float =
        if x >= 10.0 then
            if Double.IsPositiveInfinity x then
                x
            else
                let z = 1.0 / (x * x)

                let tail =
                    z
                    * (1.0 / 12.0
                       - z
                         * (1.0 / 120.0
                            - z
                              * (1.0 / 252.0
                                 - z
                                   * (1.0 / 240.0
                                      - z
                                        * (1.0 / 132.0
                                           - z * (691.0 / 32760.0 - z * (1.0 / 12.0 - z * 0.44325980392156863)))))))

                log x - 0.5 / x - tail
        elif x >= 1.0 then
            let mutable sum = 0.0
            let mutable rest = x

            while rest > 2.0 do
                rest <- rest - 1.0
                sum <- sum + 1.0 / rest

            let z = rest - 1.0
            // the zero of ψ in two parts
            let fromZero = (rest - 1.4616321449683622) - 9.549995429965697e-17

            sum
            + fromZero
              * (Series.polynomial digammaNumerator z / Series.polynomial digammaDenominator z)
        elif x > 0.0 then
            digamma (x + 1.0) - 1.0 / x
        elif x = 0.0 then
            Double.NegativeInfinity
        elif x > -1.0 then
            digamma (x + 1.0) - 1.0 / x
        else
            let tangent = Double.TanPi x

            if tangent = 0.0 || Double.IsNaN tangent then
                nan
            else
                digamma (1.0 - x) - Math.PI / tangent

    /// (-1)ⁿ⁺¹ ψ⁽ⁿ⁾(x) for n ≥ 1 and x > 0: n! Σ (x + i)⁻ⁿ⁻¹, by recurrence up to where the asymptotic series holds.
    let private polygammaPositive (order: int) (x: float) =
        let n = float order
        // m! / yᵐ⁺¹ as a product, so that neither part overflows alone
        let term m (y: float) =
            let mutable product = 1.0 / y

            for i in 1..m do
                product <- product * (float i / y)

            product

        let mutable sum = 0.0
        let mutable y = x
        let enough = 10.0 + n

        while y < enough do
            sum <- sum + term order y
            y <- y + 1.0

        // (n-1)!/yⁿ (1 + n/(2y) + Σ B₂ₖ n (n+1) … (n+2k-1) / (2k)! y⁻²ᵏ)
        let mutable factor = n / (2.0 * y)
        let mutable series = 1.0 + factor
        factor <- factor * (n + 1.0) / y
        let mutable k = 0
        let mutable previous = Double.PositiveInfinity

        while k < Series.bernoulli.Length do
            let next = Series.bernoulli[k] * factor

            if abs next < 1e-18 || abs next > previous then
                k <- Series.bernoulli.Length
            else
                series <- series + next
                previous <- abs next
                let m = 2.0 * float k + 2.0
                factor <- factor * (n + m) / (m + 1.0) / y * (n + m + 1.0) / (m + 2.0) / y
                k <- k + 1

        sum + term (order - 1) y * series

    /// dⁿ/dxⁿ cot πx over πⁿ, as a polynomial in the cotangent: Q₀ = c, Qₙ₊₁ = -(1 + c²) Qₙ′, whose terms share one sign.
    let private cotangentDerivative order (x: float) =
        let c = 1.0 / Double.TanPi x
        let mutable q = [| 0.0; 1.0 |]

        for _ in 1..order do
            let next = Array.zeroCreate (q.Length + 1)

            for i in 1 .. q.Length - 1 do
                let derivative = float i * q[i]
                next[i - 1] <- next[i - 1] - derivative
                next[i + 1] <- next[i + 1] - derivative

            q <- next

        Series.polynomial q c

    /// The polygamma function ψ⁽ⁿ⁾(x), the n-th derivative of digamma, for order n ≥ 0. At 0, -1, -2, … it is plus infinity
    /// for odd orders and NaN for even ones (poles with two signs). Relative errors grow with the order, to 1e-13 at 100.
    let polygamma (order: int) (x: float) =
        if order < 0 then
            invalidArg (nameof order) $"expected an order of at least 0, received {order}"
        elif order = 0 then
            digamma x
        elif x > 0.0 then
            let value = polygammaPositive order x
            if order % 2 = 1 then value else -value
        elif Double.IsNaN x || Double.IsNegativeInfinity x then
            nan
        elif x = floor x then
            if order % 2 = 1 then Double.PositiveInfinity else nan
        else
            // ψ⁽ⁿ⁾(x) = (-1)ⁿ ψ⁽ⁿ⁾(1 - x) - π dⁿ/dxⁿ cot πx, where ψ⁽ⁿ⁾(1 - x) has the sign (-1)ⁿ⁺¹
            -(polygammaPositive order (1.0 - x))
            - Math.Pow(Math.PI, float order + 1.0) * cotangentDerivative order x

    /// The trigamma function ψ′(x); plus infinity at 0, -1, -2, ….
    let trigamma (x: float) =
        if x > 0.0 then
            let mutable sum = 0.0
            let mutable y = x

            while y < 10.0 do
                sum <- sum + 1.0 / (y * y)
                y <- y + 1.0

            let z = 1.0 / (y * y)

            let tail =
                1.0 / 6.0
                - z
                  * (1.0 / 30.0
                     - z
                       * (1.0 / 42.0
                          - z
                            * (1.0 / 30.0
                               - z
                                 * (5.0 / 66.0 - z * (691.0 / 2730.0 - z * (7.0 / 6.0 - z * 7.092156862745098))))))

            sum + (1.0 + (0.5 + tail / y) / y) / y
        else
            polygamma 1 x

    /// Δ(b) - Δ(a + b) for a ≥ 0 and b ≥ 10, where Δ is Stirling's correction: with c = b / (a + b), each term is
    /// B₂ₖ / (2k (2k-1)) b¹⁻²ᵏ (1 - c) (1 + c + … + c²ᵏ⁻²).
    let private stirlingDifference (a: float) (b: float) =
        let total = a + b
        let c = b / total
        let mutable powers = 1.0
        let mutable power = 1.0
        let mutable scale = 1.0 / b
        let mutable sum = 0.0

        for k in 1..8 do
            let m = 2.0 * float k
            sum <- sum + Series.bernoulli[k - 1] / (m * (m - 1.0)) * scale * powers
            powers <- powers + power * c * (1.0 + c)
            power <- power * c * c
            scale <- scale / b / b

        sum * (a / total)

    /// log Γ(b) - log Γ(a + b) for a ≥ 0 and b > 0, with a small relative error however small a is beside b.
    let internal logGammaRatio (a: float) (b: float) =
        // Γ(b) / Γ(a + b) = Γ(b + n) / Γ(a + b + n) Π (1 + a / (b + i))
        let mutable sum = 0.0
        let mutable shifted = b

        while shifted < 10.0 do
            sum <- sum + log1p (a / shifted)
            shifted <- shifted + 1.0

        sum + stirlingDifference a shifted
        - (a + shifted - 0.5) * log1p (a / shifted)
        - a * (log shifted - 1.0)

    /// log B(a, b) = log Γ(a) + log Γ(b) - log Γ(a + b) for positive a and b, without the loss of that difference for large
    /// ones (Didonato & Morris 1992). The error is absolute where B is near one.
    let logBeta (a: float) (b: float) =
        let small, large = min a b, max a b

        if not (small > 0.0) then
            if small = 0.0 then Double.PositiveInfinity else nan
        elif Double.IsPositiveInfinity large then
            Double.NegativeInfinity
        elif small >= 10.0 then
            HalfLogTwoPi - 0.5 * log large
            + (stirlingSeries small + (stirlingSeries large - stirlingSeries (small + large)))
            - (small - 0.5) * log1p (large / small)
            - large * log1p (small / large)
        elif small <= 1.0 || large >= 10.0 then
            logGammaPositive small + logGammaRatio small large
        else
            logGammaPositive small + logGammaPositive large
            - logGammaPositive (small + large)

    /// log(a B(a, b)), which is small for small a, with a small relative error there.
    let internal logScaledBeta (a: float) (b: float) =
        if a <= 1.0 then
            logGamma1p a + logGammaRatio a b
        else
            log a + logBeta a b

    /// log n! of a whole number n ≥ 0 (log Γ(n + 1) of any number).
    let logFactorial (n: float) =
        if n >= 0.0 then logGamma1p n else logGamma (n + 1.0)

    /// The logarithm of the binomial coefficient "n over k" for 0 ≤ k ≤ n; minus infinity for whole k outside.
    let logBinomial (n: float) (k: float) =
        if k < 0.0 || k > n then Double.NegativeInfinity
        elif k = 0.0 || k = n then 0.0
        elif k = 1.0 || k = n - 1.0 then log n
        else -(log1p n) - logBeta (n - k + 1.0) (k + 1.0)

    /// The logarithm of the multivariate gamma function of the given dimension p for x > (p - 1) / 2:
    /// p (p - 1) / 4 log π + Σ log Γ(x - i / 2), i from 0 to p - 1.
    let logMultivariateGamma (dimension: int) (x: float) =
        if dimension < 1 then
            invalidArg (nameof dimension) $"expected a dimension of at least 1, received {dimension}"
        elif not (x > 0.5 * float (dimension - 1)) then
            nan
        else
            let p = float dimension
            let mutable sum = 0.25 * p * (p - 1.0) * LogPi

            for i in 0 .. dimension - 1 do
                sum <- sum + logGammaPositive (x - 0.5 * float i)

            sum
