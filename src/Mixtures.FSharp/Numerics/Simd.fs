namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// The width of the vectors that kernels work with. All widths compute the same sums; the last bits may differ.
type internal SimdWidth =
    | Scalar = 1
    | Vector256 = 4
    | Vector512 = 8

[<RequireQualifiedAccess>]
module internal SimdWidth =
    /// The widest vectors that this machine runs in hardware.
    let best =
        if Vector512.IsHardwareAccelerated then
            SimdWidth.Vector512
        elif Vector256.IsHardwareAccelerated then
            SimdWidth.Vector256
        else
            SimdWidth.Scalar

    /// Below this argument an exponential counts as exactly zero.
    [<Literal>]
    let SmallestExponent = -708.0

/// Bit patterns of doubles.
[<RequireQualifiedAccess>]
module internal Bits =
    /// 1.0
    [<Literal>]
    let One = 0x3FF0000000000000L

    /// √½, rounded down
    [<Literal>]
    let RootHalf = 0x3FE6A09E667F3BCCL

    /// The fraction's 52 bits
    [<Literal>]
    let Fraction = 0x000FFFFFFFFFFFFFL

/// The operations that the kernels need of a vector of doubles, so that one kernel serves every width.
type internal IOps<'V when 'V: struct> =
    static abstract Width: int
    static abstract Load: byref<float> * unativeint -> 'V
    static abstract Store: 'V * byref<float> * unativeint -> unit
    static abstract Splat: float -> 'V
    static abstract Zero: 'V
    static abstract Add: 'V * 'V -> 'V
    static abstract Sub: 'V * 'V -> 'V
    static abstract Mul: 'V * 'V -> 'V
    static abstract Div: 'V * 'V -> 'V
    static abstract Max: 'V * 'V -> 'V
    static abstract Min: 'V * 'V -> 'V
    static abstract Sqrt: 'V -> 'V

    /// a b + c, rounded once.
    static abstract Fma: 'V * 'V * 'V -> 'V

    /// c - a b, rounded once.
    static abstract Fnma: 'V * 'V * 'V -> 'V

    /// 2ⁿ, where n is the integer in the lowest bits of each lane's mantissa (as adding 1.5 x 2⁵² puts it there).
    static abstract PowerOfTwo: 'V -> 'V

    /// The exponent e of each positive, normal lane m 2ᵉ with m in [√½, √2).
    static abstract Exponent: 'V -> 'V

    /// The mantissa m of each positive, normal lane m 2ᵉ with m in [√½, √2).
    static abstract Mantissa: 'V -> 'V

    /// 2⁻ᵉ of each positive, normal lane m 2ᵉ with that mantissa m.
    static abstract InverseScale: whole: 'V * mantissa: 'V -> 'V

    /// The lanes that are at least the limit, and 0 for the others (and for NaN).
    static abstract ZeroBelow: limit: 'V * tested: 'V * value: 'V -> 'V

    /// The lanes, with minus infinity in place of NaN.
    static abstract NoNaN: 'V -> 'V

    /// Whether each lane is greater than zero.
    static abstract AllPositive: 'V -> bool

    /// Whether some lane is not zero.
    static abstract AnyNonZero: 'V -> bool

    static abstract Sum: 'V -> float

    /// Adds the sums over the lanes of eight vectors to memory: four from one place on, four from another.
    static abstract AddSums:
        'V * 'V * 'V * 'V * 'V * 'V * 'V * 'V * target: byref<float> * first: unativeint * second: unativeint -> unit

/// Adds to numbers in memory.
[<AbstractClass; Sealed>]
type private Memory =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Add(target: byref<float>, offset: unativeint, value: float) =
        let place = &Unsafe.Add(&target, offset)
        place <- place + value

[<Struct>]
type internal Ops512 =
    interface IOps<Vector512<float>> with
        static member Width = 8
        static member Load(source, offset) = Vector512.LoadUnsafe(&source, offset)
        static member Store(value, target, offset) = value.StoreUnsafe(&target, offset)
        static member Splat value = Vector512.Create(value: float)
        static member Zero = Vector512<float>.Zero
        static member Add(a, b) = Vector512.Add(a, b)
        static member Sub(a, b) = Vector512.Subtract(a, b)
        static member Mul(a: Vector512<float>, b: Vector512<float>) = Vector512.Multiply(a, b)
        static member Div(a: Vector512<float>, b: Vector512<float>) = Vector512.Divide(a, b)
        static member Max(a, b) = Vector512.MaxNative(a, b)
        static member Min(a, b) = Vector512.MinNative(a, b)
        static member Sqrt a = Vector512.Sqrt a
        static member Fma(a, b, c) = Vector512.FusedMultiplyAdd(a, b, c)

        static member Fnma(a, b, c) =
            Vector512.FusedMultiplyAdd(Vector512.Negate a, b, c)

        static member PowerOfTwo a =
            Vector512.Add(Vector512.ShiftLeft(a.AsInt64(), 52), Vector512.Create Bits.One).AsDouble()

        static member Exponent a =
            Vector512.ConvertToDouble(
                Vector512.ShiftRightArithmetic(Vector512.Subtract(a.AsInt64(), Vector512.Create Bits.RootHalf), 52)
            )

        static member Mantissa a =
            let offset = Vector512.Subtract(a.AsInt64(), Vector512.Create Bits.RootHalf)

            Vector512
                .Add(Vector512.BitwiseAnd(offset, Vector512.Create Bits.Fraction), Vector512.Create Bits.RootHalf)
                .AsDouble()

        static member InverseScale(whole, mantissa) =
            let scale = Vector512.Subtract(whole.AsInt64(), mantissa.AsInt64())
            Vector512.Subtract(Vector512.Create Bits.One, scale).AsDouble()

        static member ZeroBelow(limit, tested, value) =
            Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(tested, limit), value, Vector512<float>.Zero)

        static member NoNaN a =
            Vector512.ConditionalSelect(Vector512.Equals(a, a), a, Vector512.Create Double.NegativeInfinity)

        static member AllPositive a =
            Vector512.GreaterThanAll(a, Vector512<float>.Zero)

        static member AnyNonZero a =
            not (Vector512.EqualsAll(a, Vector512<float>.Zero))

        static member Sum a = Vector512.Sum a

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member AddSums(a, b, c, d, e, f, g, h, target, first, second) =
            if Avx512F.IsSupported then
                // neighbouring lanes, then quarters, then halves
                let ab = Vector512.Add(Avx512F.UnpackLow(a, b), Avx512F.UnpackHigh(a, b))
                let cd = Vector512.Add(Avx512F.UnpackLow(c, d), Avx512F.UnpackHigh(c, d))
                let ef = Vector512.Add(Avx512F.UnpackLow(e, f), Avx512F.UnpackHigh(e, f))
                let gh = Vector512.Add(Avx512F.UnpackLow(g, h), Avx512F.UnpackHigh(g, h))

                let abcd =
                    Vector512.Add(Avx512F.Shuffle4x128(ab, cd, 0x88uy), Avx512F.Shuffle4x128(ab, cd, 0xDDuy))

                let efgh =
                    Vector512.Add(Avx512F.Shuffle4x128(ef, gh, 0x88uy), Avx512F.Shuffle4x128(ef, gh, 0xDDuy))

                let all =
                    Vector512.Add(Avx512F.Shuffle4x128(abcd, efgh, 0x88uy), Avx512F.Shuffle4x128(abcd, efgh, 0xDDuy))

                Vector256.Add(all.GetLower(), Vector256.LoadUnsafe(&target, first)).StoreUnsafe(&target, first)
                Vector256.Add(all.GetUpper(), Vector256.LoadUnsafe(&target, second)).StoreUnsafe(&target, second)
            else
                Memory.Add(&target, first, Vector512.Sum a)
                Memory.Add(&target, first + 1un, Vector512.Sum b)
                Memory.Add(&target, first + 2un, Vector512.Sum c)
                Memory.Add(&target, first + 3un, Vector512.Sum d)
                Memory.Add(&target, second, Vector512.Sum e)
                Memory.Add(&target, second + 1un, Vector512.Sum f)
                Memory.Add(&target, second + 2un, Vector512.Sum g)
                Memory.Add(&target, second + 3un, Vector512.Sum h)

[<Struct>]
type internal Ops256 =
    interface IOps<Vector256<float>> with
        static member Width = 4
        static member Load(source, offset) = Vector256.LoadUnsafe(&source, offset)
        static member Store(value, target, offset) = value.StoreUnsafe(&target, offset)
        static member Splat value = Vector256.Create(value: float)
        static member Zero = Vector256<float>.Zero
        static member Add(a, b) = Vector256.Add(a, b)
        static member Sub(a, b) = Vector256.Subtract(a, b)
        static member Mul(a: Vector256<float>, b: Vector256<float>) = Vector256.Multiply(a, b)
        static member Div(a: Vector256<float>, b: Vector256<float>) = Vector256.Divide(a, b)
        static member Max(a, b) = Vector256.MaxNative(a, b)
        static member Min(a, b) = Vector256.MinNative(a, b)
        static member Sqrt a = Vector256.Sqrt a
        static member Fma(a, b, c) = Vector256.FusedMultiplyAdd(a, b, c)

        static member Fnma(a, b, c) =
            Vector256.FusedMultiplyAdd(Vector256.Negate a, b, c)

        static member PowerOfTwo a =
            Vector256.Add(Vector256.ShiftLeft(a.AsInt64(), 52), Vector256.Create Bits.One).AsDouble()

        static member Exponent a =
            Vector256.ConvertToDouble(
                Vector256.ShiftRightArithmetic(Vector256.Subtract(a.AsInt64(), Vector256.Create Bits.RootHalf), 52)
            )

        static member Mantissa a =
            let offset = Vector256.Subtract(a.AsInt64(), Vector256.Create Bits.RootHalf)

            Vector256
                .Add(Vector256.BitwiseAnd(offset, Vector256.Create Bits.Fraction), Vector256.Create Bits.RootHalf)
                .AsDouble()

        static member InverseScale(whole, mantissa) =
            let scale = Vector256.Subtract(whole.AsInt64(), mantissa.AsInt64())
            Vector256.Subtract(Vector256.Create Bits.One, scale).AsDouble()

        static member ZeroBelow(limit, tested, value) =
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(tested, limit), value, Vector256<float>.Zero)

        static member NoNaN a =
            Vector256.ConditionalSelect(Vector256.Equals(a, a), a, Vector256.Create Double.NegativeInfinity)

        static member AllPositive a =
            Vector256.GreaterThanAll(a, Vector256<float>.Zero)

        static member AnyNonZero a =
            not (Vector256.EqualsAll(a, Vector256<float>.Zero))

        static member Sum a = Vector256.Sum a

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member AddSums(a, b, c, d, e, f, g, h, target, first, second) =
            if Avx.IsSupported then
                let ab = Avx.HorizontalAdd(a, b)
                let cd = Avx.HorizontalAdd(c, d)
                let ef = Avx.HorizontalAdd(e, f)
                let gh = Avx.HorizontalAdd(g, h)

                let abcd =
                    Vector256.Add(Avx.Permute2x128(ab, cd, 0x20uy), Avx.Permute2x128(ab, cd, 0x31uy))

                let efgh =
                    Vector256.Add(Avx.Permute2x128(ef, gh, 0x20uy), Avx.Permute2x128(ef, gh, 0x31uy))

                Vector256.Add(abcd, Vector256.LoadUnsafe(&target, first)).StoreUnsafe(&target, first)
                Vector256.Add(efgh, Vector256.LoadUnsafe(&target, second)).StoreUnsafe(&target, second)
            else
                Memory.Add(&target, first, Vector256.Sum a)
                Memory.Add(&target, first + 1un, Vector256.Sum b)
                Memory.Add(&target, first + 2un, Vector256.Sum c)
                Memory.Add(&target, first + 3un, Vector256.Sum d)
                Memory.Add(&target, second, Vector256.Sum e)
                Memory.Add(&target, second + 1un, Vector256.Sum f)
                Memory.Add(&target, second + 2un, Vector256.Sum g)
                Memory.Add(&target, second + 3un, Vector256.Sum h)

[<Struct>]
type internal OpsScalar =
    interface IOps<float> with
        static member Width = 1
        static member Load(source, offset) = Unsafe.Add(&source, offset)
        static member Store(value, target, offset) = Unsafe.Add(&target, offset) <- value
        static member Splat value = value
        static member Zero = 0.0
        static member Add(a, b) = a + b
        static member Sub(a, b) = a - b
        static member Mul(a, b) = a * b
        static member Div(a, b) = a / b
        static member Max(a, b) = if a > b then a else b
        static member Min(a, b) = if a < b then a else b
        static member Sqrt a = Math.Sqrt a
        static member Fma(a, b, c) = Math.FusedMultiplyAdd(a, b, c)
        static member Fnma(a, b, c) = Math.FusedMultiplyAdd(-a, b, c)

        static member PowerOfTwo a =
            BitConverter.Int64BitsToDouble((BitConverter.DoubleToInt64Bits a <<< 52) + Bits.One)

        static member Exponent a =
            float ((BitConverter.DoubleToInt64Bits a - Bits.RootHalf) >>> 52)

        static member Mantissa a =
            let offset = BitConverter.DoubleToInt64Bits a - Bits.RootHalf
            BitConverter.Int64BitsToDouble((offset &&& Bits.Fraction) + Bits.RootHalf)

        static member InverseScale(whole, mantissa) =
            let scale =
                BitConverter.DoubleToInt64Bits whole - BitConverter.DoubleToInt64Bits mantissa

            BitConverter.Int64BitsToDouble(Bits.One - scale)

        static member ZeroBelow(limit, tested, value) = if tested >= limit then value else 0.0

        static member NoNaN a =
            if Double.IsNaN a then Double.NegativeInfinity else a

        static member AllPositive a = a > 0.0
        static member AnyNonZero a = a <> 0.0
        static member Sum a = a

        static member AddSums(a, b, c, d, e, f, g, h, target, first, second) =
            Memory.Add(&target, first, a)
            Memory.Add(&target, first + 1un, b)
            Memory.Add(&target, first + 2un, c)
            Memory.Add(&target, first + 3un, d)
            Memory.Add(&target, second, e)
            Memory.Add(&target, second + 1un, f)
            Memory.Add(&target, second + 2un, g)
            Memory.Add(&target, second + 3un, h)
