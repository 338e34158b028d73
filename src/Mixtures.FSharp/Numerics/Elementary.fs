namespace Mixtures

open System.Runtime.CompilerServices

/// Exponential and logarithm over the ranges that log-sum-exp needs: shorter than the general ones, the same bits in
/// every lane whatever its neighbours hold, and the same at every width.
[<AbstractClass; Sealed>]
type internal Elementary<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// eˣ for x ≤ 0, within 1 ulp; exactly 0 below -708 and for NaN.
    /// With x = n log 2 + r, |r| ≤ log 2 / 2: eʳ = 1 + r + r² p(r), p of degree 9 through Chebyshev points (relative
    /// error below 2e-17).
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Exp(x: 'V) : 'V =
        let limit = 'O.Splat SimdWidth.SmallestExponent
        let clamped = 'O.Max(x, limit)
        // 1.5 x 2⁵²: adding it leaves the nearest integer in the lowest bits
        let magic = 'O.Splat 6755399441055744.0
        let shifted = 'O.Fma(clamped, 'O.Splat 1.4426950408889634, magic)
        let n = 'O.Sub(shifted, magic)
        // log 2 in two parts, the first with trailing zeros
        let r = 'O.Fnma(n, 'O.Splat 6.93147180369123816490e-01, clamped)
        let r = 'O.Fnma(n, 'O.Splat 1.90821492927058770002e-10, r)
        let p = 'O.Fma('O.Splat 2.51003758422237e-08, r, 'O.Splat 2.7620075892548164e-07)
        let p = 'O.Fma(p, r, 'O.Splat 2.7557268480289716e-06)
        let p = 'O.Fma(p, r, 'O.Splat 2.480152132234228e-05)
        let p = 'O.Fma(p, r, 'O.Splat 0.00019841269863040559)
        let p = 'O.Fma(p, r, 'O.Splat 0.0013888888917196736)
        let p = 'O.Fma(p, r, 'O.Splat 0.008333333333330065)
        let p = 'O.Fma(p, r, 'O.Splat 0.041666666666624164)
        let p = 'O.Fma(p, r, 'O.Splat 0.16666666666666669)
        let p = 'O.Fma(p, r, 'O.Splat 0.5000000000000001)
        let tail = 'O.Fma('O.Mul(r, r), p, r)
        let power = 'O.PowerOfTwo shifted
        'O.ZeroBelow(limit, x, 'O.Fma(tail, power, power))

    /// log x, within 1 ulp, of x = m 2ᵉ with m in [√½, √2), given 1 / (1 + m). With f = m - 1 and s = f / (2 + f):
    /// log(1 + f) = f - f²/2 + s (f²/2 + R(s²)) (the coefficients of Sun's fdlibm).
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Log(mantissa: 'V, exponent: 'V, inverse: 'V) : 'V =
        let e = exponent
        let f = 'O.Sub(mantissa, 'O.Splat 1.0)
        let s = 'O.Mul(f, inverse)
        let z = 'O.Mul(s, s)

        let p =
            'O.Fma('O.Splat 1.479819860511658591e-01, z, 'O.Splat 1.531383769920937332e-01)

        let p = 'O.Fma(p, z, 'O.Splat 1.818357216161805012e-01)
        let p = 'O.Fma(p, z, 'O.Splat 2.222219843214978396e-01)
        let p = 'O.Fma(p, z, 'O.Splat 2.857142874366239149e-01)
        let p = 'O.Fma(p, z, 'O.Splat 3.999999999940941908e-01)
        let p = 'O.Fma(p, z, 'O.Splat 6.666666666666735130e-01)
        let half = 'O.Mul('O.Splat 0.5, 'O.Mul(f, f))
        let inner = 'O.Fma(p, z, half)
        // e log 2 (high) + (f - (half - (s inner + e log 2 (low))))
        let small = 'O.Fma(s, inner, 'O.Mul(e, 'O.Splat 1.90821492927058770002e-10))
        'O.Fma(e, 'O.Splat 6.93147180369123816490e-01, 'O.Sub(f, 'O.Sub(half, small)))
