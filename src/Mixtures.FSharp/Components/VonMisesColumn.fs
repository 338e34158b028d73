namespace Mixtures

open System

/// Angles in radians from -π to 2π (so both usual ranges), by location (from -π to π) and concentration. The reals are the
/// concentration times the location's direction. Repeated angles would drive the concentration to infinity: it is at most
/// 1e6 (a standard deviation of a thousandth of a radian).
[<Sealed>]
type internal VonMisesColumn() =
    inherit ColumnFamily()

    [<Literal>]
    let LogTwoPi = 1.8378770664093454836

    /// Angles that were rounded to a few digits may lie a little outside.
    [<Literal>]
    let Slack = 1e-6

    let bound location concentration =
        [|
            Math.IEEERemainder(location, 2.0 * Math.PI)
            Math.Clamp(concentration, 1e-8, ColumnMath.LargestShape)
        |]

    override _.Expected = "an angle in radians, from -π to 2π"

    override _.Contains value =
        value >= -Math.PI - Slack && value <= 2.0 * Math.PI + Slack

    override _.Features = 2

    override _.FillFeatures(_, values, strips, stride) =
        for i in 0 .. values.Length - 1 do
            let struct (sine, cosine) = Math.SinCos values[i]
            strips[i] <- cosine
            strips[stride + i] <- sine

    override _.Parameters = [| "location"; "concentration" |]

    override _.Sites =
        [|
            struct ("locations", Support.Angle)
            struct ("concentrations", Support.Positive)
        |]

    override _.RealsOfSites values =
        [| values[1] * Tensor.cos values[0]; values[1] * Tensor.sin values[0] |]

    override _.Reals = [| "cosine"; "sine" |]

    override _.Natural(stated, slopes) =
        let struct (sine, cosine) = Math.SinCos stated[0]
        slopes[0] <- stated[1] * cosine
        slopes[1] <- stated[1] * sine
        -(Bessel.logI0 stated[1]) - LogTwoPi

    override _.Estimate(means, _, _) =
        let length = Double.Hypot(means[0], means[1])

        let concentration =
            if length >= 1.0 - 0.4 / ColumnMath.LargestShape then
                ColumnMath.LargestShape
            else
                Bessel.inverseRatio length

        bound (Math.Atan2(means[1], means[0])) concentration

    override _.At(point, _, variance) =
        bound point (Math.Clamp(1.0 / max 1e-9 variance, 0.5, 100.0))

    override _.HasCap = true

    override _.IsAtCap(stated, _) =
        stated[1] >= 0.999999 * ColumnMath.LargestShape

    override _.Magnification stated = stated[1]

    override _.ToReals stated =
        let struct (sine, cosine) = Math.SinCos stated[0]
        [| stated[1] * cosine; stated[1] * sine |]

    override _.OfReals reals =
        bound (Math.Atan2(reals[1], reals[0])) (Double.Hypot(reals[0], reals[1]))

    override column.Gradient(stated, n, sums) =
        let struct (sine, cosine) = Math.SinCos stated[0]
        let ratio = Bessel.ratio stated[1]
        [| sums[0] - n * ratio * cosine; sums[1] - n * ratio * sine |]

    override _.Information stated =
        // the variances of the cosine and the sine: along the location and across it
        let k = stated[1]
        let a = Bessel.ratio k
        let along = max 1e-300 (1.0 - a / k - a * a)
        let across = a / k
        let struct (sine, cosine) = Math.SinCos stated[0]

        [|
            along * cosine * cosine + across * sine * sine
            along * sine * sine + across * cosine * cosine
        |]

    override _.Density(reals, values) =
        // the tiny number keeps the derivative of the root at 0 a number
        let concentration =
            Tensor.sqrt (Tensor.square reals[0] + Tensor.square reals[1] + 1e-200)

        reals[0] * Tensor.cos values + reals[1] * Tensor.sin values
        - Tensor.logScaledBesselI0 concentration
        - concentration
        - LogTwoPi

    override _.Stated reals =
        let concentration =
            Tensor.sqrt (Tensor.square reals[0] + Tensor.square reals[1] + 1e-200)

        // atan2 has no tensor form: an angle near its value v is v + sin(angle - v), to second order
        let turn =
            Tensor.ofShape
                (Seq.toArray reals[0].Shape)
                (Array.map2 (fun (s: float) (c: float) -> Math.Atan2(s, c)) (reals[1].ToArray()) (reals[0].ToArray()))

        let offset =
            (reals[1] * Tensor.cos turn - reals[0] * Tensor.sin turn) / concentration

        [| turn + offset; concentration |]

    override _.LogDensity(stated, value) =
        VonMises.kernel stated[0] stated[1] (Bessel.logScaledI0 stated[1]) value

    override _.Sample(stated, stream) =
        VonMises.sample stated[0] stated[1] stream

    /// The mean direction.
    override _.Mean stated = stated[0]

    /// The variance of the deviation from the mean direction, taken from -π to π, by quadrature.
    override column.Variance stated =
        column.Integral(stated, -Math.PI, Math.PI, (fun angle -> angle * angle))

    override _.Entropy stated = VonMises.entropy stated[0] stated[1]

    /// From the angle opposite the location, over angles within half a turn of it.
    override column.Cdf(stated, value) =
        let deviation = Math.Clamp(value - stated[0], -Math.PI, Math.PI)

        if deviation <= 0.0 then
            column.Integral(stated, -Math.PI, deviation, (fun _ -> 1.0))
        else
            1.0 - column.Integral(stated, deviation, Math.PI, (fun _ -> 1.0))

    /// ∫ f(t) p(location + t) dt by Gauss-Legendre panels where the density is not negligible.
    member private column.Integral(stated: float[], low: float, high: float, f: float -> float) =
        let reach = min Math.PI (40.0 / sqrt (max 1e-3 stated[1]))
        let low, high = max low -reach, min high reach

        if high <= low then
            0.0
        else
            let panels = 64
            let half = 0.5 * (high - low) / float panels
            // five points a panel
            let nodes = [| 0.0; 0.5384693101056831; 0.9061798459386640 |]
            let weights = [| 0.5688888888888889; 0.4786286704993665; 0.2369268850561891 |]

            let density t =
                f t * exp (column.LogDensity(stated, stated[0] + t))

            let mutable sum = 0.0

            for panel in 0 .. panels - 1 do
                let middle = low + half * float (2 * panel + 1)
                sum <- sum + weights[0] * density middle

                for i in 1..2 do
                    let offset = half * nodes[i]
                    sum <- sum + weights[i] * (density (middle - offset) + density (middle + offset))

            sum * half

    override _.Check stated =
        VonMises.check stated[0] stated[1]
        Parameter.positive "concentration" stated[1]
