namespace Mixtures

open System.Runtime.CompilerServices

/// Four neighbouring vectors: the unit in which kernels keep rows in registers.
[<Struct; NoEquality; NoComparison>]
type internal Quad<'V when 'V: struct> =
    val A: 'V
    val B: 'V
    val C: 'V
    val D: 'V
    new(a, b, c, d) = { A = a; B = b; C = c; D = d }

/// Operations on quads (Q for short: the kernels are made of them); everything here is inlined.
[<AbstractClass; Sealed>]
type internal Q<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    static member Zero: Quad<'V> = Q<'O, 'V>.Repeat 'O.Zero

    /// The number at an offset, in every lane.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Splat(source: byref<float>, offset: unativeint) : 'V = 'O.Splat(Unsafe.Add(&source, offset))

    /// The same vector four times.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Repeat(vector: 'V) =
        Quad<'V>(vector, vector, vector, vector)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Load(source: byref<float>, offset: unativeint) =
        let w = unativeint 'O.Width

        Quad<'V>(
            'O.Load(&source, offset),
            'O.Load(&source, offset + w),
            'O.Load(&source, offset + 2un * w),
            'O.Load(&source, offset + 3un * w)
        )

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Store(value: Quad<'V>, target: byref<float>, offset: unativeint) =
        let w = unativeint 'O.Width
        'O.Store(value.A, &target, offset)
        'O.Store(value.B, &target, offset + w)
        'O.Store(value.C, &target, offset + 2un * w)
        'O.Store(value.D, &target, offset + 3un * w)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Sub(a: Quad<'V>, s: 'V) =
        Quad<'V>('O.Sub(a.A, s), 'O.Sub(a.B, s), 'O.Sub(a.C, s), 'O.Sub(a.D, s))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Sub(a: Quad<'V>, b: Quad<'V>) =
        Quad<'V>('O.Sub(a.A, b.A), 'O.Sub(a.B, b.B), 'O.Sub(a.C, b.C), 'O.Sub(a.D, b.D))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Scale(a: Quad<'V>, s: 'V) =
        Quad<'V>('O.Mul(a.A, s), 'O.Mul(a.B, s), 'O.Mul(a.C, s), 'O.Mul(a.D, s))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Mul(a: Quad<'V>, b: Quad<'V>) =
        Quad<'V>('O.Mul(a.A, b.A), 'O.Mul(a.B, b.B), 'O.Mul(a.C, b.C), 'O.Mul(a.D, b.D))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Add(a: Quad<'V>, b: Quad<'V>) =
        Quad<'V>('O.Add(a.A, b.A), 'O.Add(a.B, b.B), 'O.Add(a.C, b.C), 'O.Add(a.D, b.D))

    /// s a + b
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Fma(s: 'V, a: Quad<'V>, b: Quad<'V>) =
        Quad<'V>('O.Fma(s, a.A, b.A), 'O.Fma(s, a.B, b.B), 'O.Fma(s, a.C, b.C), 'O.Fma(s, a.D, b.D))

    /// a b + c
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member MulAdd(a: Quad<'V>, b: Quad<'V>, c: Quad<'V>) =
        Quad<'V>('O.Fma(a.A, b.A, c.A), 'O.Fma(a.B, b.B, c.B), 'O.Fma(a.C, b.C, c.C), 'O.Fma(a.D, b.D, c.D))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member SumOfFour(a: Quad<'V>) =
        'O.Add('O.Add(a.A, a.B), 'O.Add(a.C, a.D))

    /// Adds four vectors to memory.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Accumulate(value: Quad<'V>, target: byref<float>, offset: unativeint) =
        Q<'O, 'V>.Store(Q<'O, 'V>.Add(Q<'O, 'V>.Load(&target, offset), value), &target, offset)
