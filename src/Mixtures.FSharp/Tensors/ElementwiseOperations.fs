namespace Mixtures

open System

/// Element-wise operations: each with its value and its rule.
[<RequireQualifiedAccess>]
module internal Elementwise =

    /// An operation of one tensor: raw value, itself, and the pull of a derivative g back through x -> y.
    let inline private unary
        ([<InlineIfLambda>] raw: Tensor -> Tensor)
        ([<InlineIfLambda>] self: Tensor -> Tensor)
        ([<InlineIfLambda>] pull: Tensor -> Tensor -> Tensor -> Tensor)
        (a: Tensor)
        : Tensor =
        match a.Tape with
        | null -> raw a
        | tape ->
            let x = a.Primal
            let y = self x
            tape.Record(y, a, (fun g -> pull x y g))

    /// An operation of two tensors that broadcast; pulls are summed back to the operands' shapes.
    let inline private binary
        ([<InlineIfLambda>] raw: Tensor -> Tensor -> Tensor)
        ([<InlineIfLambda>] self: Tensor -> Tensor -> Tensor)
        ([<InlineIfLambda>] pullA: Tensor -> Tensor -> Tensor -> Tensor -> Tensor)
        ([<InlineIfLambda>] pullB: Tensor -> Tensor -> Tensor -> Tensor -> Tensor)
        (a: Tensor)
        (b: Tensor)
        : Tensor =
        match Tape.Later(a.Tape, b.Tape) with
        | null -> raw a b
        | tape ->
            let x, y = tape.Strip a, tape.Strip b
            let z = self x y

            tape.Record(
                z,
                a,
                (fun g -> Tensor.SumTo(pullA x y z g, x.Dims)),
                b,
                (fun g -> Tensor.SumTo(pullB x y z g, y.Dims))
            )

    let private map operation (a: Tensor) = Tensor.Map(operation, a, 0.0)
    let private zip name operation (a: Tensor) (b: Tensor) = Tensor.Zip(name, operation, a, b)

    let rec exp a =
        unary (map UnaryOperation.Exp) exp (fun _ y g -> g * y) a

    let rec log a =
        unary (map UnaryOperation.Log) log (fun x _ g -> g / x) a

    let rec log1p a =
        unary (map UnaryOperation.Log1p) log1p (fun x _ g -> g / (1.0 + x)) a

    let rec expm1 a =
        unary (map UnaryOperation.Expm1) expm1 (fun x _ g -> g * exp x) a

    let rec sqrt a =
        unary (map UnaryOperation.Sqrt) sqrt (fun _ y g -> g / (2.0 * y)) a

    /// The sign is a constant: its derivative is 0.
    let sign (a: Tensor) = map UnaryOperation.Sign (a.Detach())

    let rec abs a =
        unary (map UnaryOperation.Abs) abs (fun x _ g -> g * sign x) a

    let rec square a =
        unary (map UnaryOperation.Square) square (fun x _ g -> g * (2.0 * x)) a

    let rec reciprocal a =
        unary (map UnaryOperation.Reciprocal) reciprocal (fun _ y g -> -g * square y) a

    let rec sigmoid a =
        unary (map UnaryOperation.Sigmoid) sigmoid (fun _ y g -> g * (y * (1.0 - y))) a

    let rec softplus a =
        unary (map UnaryOperation.Softplus) softplus (fun x _ g -> g * sigmoid x) a

    let rec tanh a =
        unary (map UnaryOperation.Tanh) tanh (fun _ y g -> g * (1.0 - square y)) a

    let rec sin a =
        unary (map UnaryOperation.Sin) sin (fun x _ g -> g * cos x) a

    and cos a : Tensor =
        unary (map UnaryOperation.Cos) cos (fun x _ g -> -(g * sin x)) a

    let rec erf a =
        unary (map UnaryOperation.Erf) erf (fun x _ g -> g * (2.0 / Math.Sqrt Math.PI * exp -(square x))) a

    /// The polygamma function of an order: digamma for 0.
    let rec polygamma (order: int) (a: Tensor) : Tensor =
        unary
            (fun x -> Tensor.Map(UnaryOperation.Polygamma, x, float order))
            (polygamma order)
            (fun x _ g -> g * polygamma (order + 1) x)
            a

    let rec logGamma a =
        unary (map UnaryOperation.LogGamma) logGamma (fun x _ g -> g * polygamma 0 x) a

    /// xᵖ for a constant p.
    let rec power (p: float) (a: Tensor) : Tensor =
        unary
            (fun x -> Tensor.Map(UnaryOperation.Power, x, p))
            (power p)
            (fun x _ g -> if p = 0.0 then g * 0.0 else g * (p * power (p - 1.0) x))
            a

    /// a log b, with 0 log 0 = 0.
    let rec xlogy a b =
        binary
            (zip "xlogy" BinaryOperation.XLogY)
            xlogy
            (fun _ y _ g -> xlogy g y)
            (fun x y _ g -> xratio (g * x) y)
            a
            b

    /// a / b, with 0 / 0 = 0: a exp(-log b).
    and private xratio (a: Tensor) (b: Tensor) : Tensor =
        let isZero = zip "equal" BinaryOperation.Equal (a.Detach()) (Tensor.Scalar 0.0)
        let isZero = Tensor.Expand(isZero, Shape.broadcast "xlogy" a.Dims b.Dims)
        // where the numerator is 0 the denominator does not matter
        a / (b * (1.0 - isZero) + isZero)

    /// exp(a - b), 0 where a is minus infinity: the share of a term in a log-sum-exp.
    let rec expDifference a b =
        binary
            (zip "expDifference" BinaryOperation.ExpDifference)
            expDifference
            (fun _ _ z g -> g * z)
            (fun _ _ z g -> -(g * z))
            a
            b

    let private compare name operation (a: Tensor) (b: Tensor) =
        Tensor.Zip(name, operation, a.Detach(), b.Detach())

    let less a b = compare "less" BinaryOperation.Less a b

    let lessOrEqual a b =
        compare "lessOrEqual" BinaryOperation.LessOrEqual a b

    let equal a b =
        compare "equal" BinaryOperation.Equal a b

    let isNaN (a: Tensor) = map UnaryOperation.IsNaN (a.Detach())

    /// aᵇ; where a = 0 the derivative in b is 0, and where b = 0 that in a.
    let rec pow a b =
        binary
            (zip "pow" BinaryOperation.Power)
            pow
            (fun x y _ g ->
                let isZero = equal y (Tensor.Scalar 0.0)
                g * y * pow x (y - 1.0 + isZero))
            (fun x _ z g -> xlogy (g * z) x)
            a
            b

    // where both are equal, each takes half of the derivative
    let rec maximum a b =
        binary
            (zip "maximum" BinaryOperation.Maximum)
            maximum
            (fun x y _ g -> g * (0.5 * (less y x + lessOrEqual y x)))
            (fun x y _ g -> g * (0.5 * (less x y + lessOrEqual x y)))
            a
            b

    let rec minimum a b =
        binary
            (zip "minimum" BinaryOperation.Minimum)
            minimum
            (fun x y _ g -> g * (0.5 * (less x y + lessOrEqual x y)))
            (fun x y _ g -> g * (0.5 * (less y x + lessOrEqual y x)))
            a
            b

    /// a where the condition is not 0, else b. What is not chosen leaves no trace, were it infinite or no number.
    let rec where (condition: Tensor) (a: Tensor) (b: Tensor) : Tensor =
        let condition = condition.Detach()

        match Tape.Later(a.Tape, b.Tape) with
        | null ->
            let shape =
                Shape.broadcast "where" a.Dims b.Dims |> Shape.broadcast "where" condition.Dims

            let whole (t: Tensor) = Tensor.Expand(t, shape).Storage
            Tensor.Plain(a.Storage.Backend.Where(whole condition, whole a, whole b), shape)
        | tape ->
            let x, y = tape.Strip a, tape.Strip b
            let zero = Tensor.Scalar 0.0

            tape.Record(
                where condition x y,
                a,
                (fun g -> Tensor.SumTo(where condition g zero, x.Dims)),
                b,
                (fun g -> Tensor.SumTo(where condition zero g, y.Dims))
            )

    /// The derivative of |x| from the right: 1 at 0, where it begins for what is a function of x ≥ 0.
    let private rightSign x =
        2.0 * lessOrEqual (Tensor.Scalar 0.0) x - 1.0

    /// 1 - I₁(|x|) / I₀(|x|).
    let rec besselRatioComplement (a: Tensor) : Tensor =
        unary
            (map UnaryOperation.BesselRatioComplement)
            besselRatioComplement
            (fun x c g ->
                // with r = 1 - c: r′ = 1 - r/x - r², and r/x = ½ - x²/16 + x⁴/96 near zero
                let z = abs x
                let isSmall = less z (Tensor.Scalar 1e-3)
                let s = square x

                let overX =
                    where isSmall (0.5 - s / 16.0 + square s / 96.0) ((1.0 - c) / (z + isSmall))

                -(g * rightSign x * (2.0 * c - square c - overX)))
            a

    /// log(e^-|x| I₀(|x|)).
    let rec logScaledBesselI0 (a: Tensor) : Tensor =
        unary
            (map UnaryOperation.LogScaledBesselI0)
            logScaledBesselI0
            (fun x _ g -> -(g * rightSign x * besselRatioComplement x))
            a

    /// Limits to [low, high]; the derivative is that of the identity there, 0 beyond.
    let clamp low high (a: Tensor) : Tensor =
        let inside = lessOrEqual (Tensor.Scalar low) a * lessOrEqual a (Tensor.Scalar high)

        let bounded =
            zip "clamp" BinaryOperation.Maximum (a.Detach()) (Tensor.Scalar low)
            |> fun t -> zip "clamp" BinaryOperation.Minimum t (Tensor.Scalar high)

        where inside a bounded
