namespace Mixtures

open System

/// The usual maps from free real numbers to values, on plain numbers: what a sampler needs of them millions of times.
[<NoEquality; NoComparison>]
type internal FreeMap =
    /// x = centre + scale u.
    | Affine of centre: float[] * scale: float[]
    /// x = exp u.
    | Exponential
    /// x = 1 / (1 + exp -u).
    | Logistic
    /// K - 1 numbers to K probabilities, by breaking a stick; see Bijector.simplex.
    | Stick of outcomes: int

/// Values, Jacobians and their derivatives of such maps.
[<RequireQualifiedAccess>]
module internal FreeMap =

    /// The map of a site, where it is one of these.
    let ofSite (site: Site) : FreeMap voption =
        let zeros () = Tensor.zeros site.FreeDims

        match site.Bijector.Name with
        | "identity"
        | "affine" ->
            // the slope is that of the Jacobian, number by number
            let logs = site.Bijector.LogDeterminant(zeros ())

            if Shape.equal logs.Dims site.FreeDims then
                ValueSome(Affine((site.Bijector.Forward(zeros ())).ToArray(), logs.ToArray() |> Array.map Math.Exp))
            else
                let n = Shape.size site.FreeDims
                ValueSome(Affine(Array.zeroCreate n, Array.create n 1.0))
        | "exp" -> ValueSome Exponential
        | "sigmoid" -> ValueSome Logistic
        | "simplex" ->
            match site.Support with
            | Support.Simplex k -> ValueSome(Stick k)
            | _ -> ValueNone
        | _ -> ValueNone

    let private softplus (x: float) =
        if x > 0.0 then
            x + SpecialFunctions.log1p (exp -x)
        else
            SpecialFunctions.log1p (exp x)

    /// Writes the values of free numbers, and the derivatives of the log-determinant by these; returns the log-determinant, or
    /// NaN where rounding takes a value to the edge of its support.
    let forward (map: FreeMap) (u: ReadOnlySpan<float>) (x: Span<float>) (slopes: Span<float>) : float =
        let mutable log' = 0.0

        match map with
        | Affine(centre, scale) ->
            for i in 0 .. u.Length - 1 do
                x[i] <- centre[i] + scale[i] * u[i]
                slopes[i] <- 0.0
                log' <- log' + log scale[i]
        | Exponential ->
            for i in 0 .. u.Length - 1 do
                x[i] <- exp u[i]
                slopes[i] <- 1.0
                log' <- log' + u[i]

                if x[i] = 0.0 || Double.IsInfinity x[i] then
                    log' <- nan
        | Logistic ->
            for i in 0 .. u.Length - 1 do
                x[i] <- SpecialFunctions.sigmoid u[i]
                slopes[i] <- 1.0 - 2.0 * x[i]
                log' <- log' - softplus u[i] - softplus -u[i]

                if x[i] = 0.0 || x[i] = 1.0 then
                    log' <- nan
        | Stick k ->
            for b in 0 .. u.Length / (k - 1) - 1 do
                // the logarithm of what is left of the stick
                let mutable left = 0.0

                for i in 0 .. k - 2 do
                    let t = u[b * (k - 1) + i] - log (float (k - 1 - i))
                    let logShare, logRest = -(softplus -t), -(softplus t)
                    let own = left + logShare
                    x[b * k + i] <- exp own
                    // log xᵢ + log(1 - shareᵢ), summed
                    log' <- log' + own + logRest
                    let share = exp logShare
                    slopes[b * (k - 1) + i] <- 1.0 - share * float (k - i)
                    left <- left + logRest

                x[b * k + k - 1] <- exp left

                for i in 0 .. k - 1 do
                    if x[b * k + i] = 0.0 then
                        log' <- nan

        log'

    /// Adds the derivatives by the free numbers to the target, given those by the values.
    let pull
        (map: FreeMap)
        (u: ReadOnlySpan<float>)
        (x: ReadOnlySpan<float>)
        (byValue: ReadOnlySpan<float>)
        (target: Span<float>)
        =
        match map with
        | Affine(_, scale) ->
            for i in 0 .. u.Length - 1 do
                target[i] <- target[i] + scale[i] * byValue[i]
        | Exponential ->
            for i in 0 .. u.Length - 1 do
                target[i] <- target[i] + x[i] * byValue[i]
        | Logistic ->
            for i in 0 .. u.Length - 1 do
                target[i] <- target[i] + x[i] * (1.0 - x[i]) * byValue[i]
        | Stick k ->
            for b in 0 .. u.Length / (k - 1) - 1 do
                // Σ x g of what comes after
                let mutable after = x[b * k + k - 1] * byValue[b * k + k - 1]

                for i in k - 2 .. -1 .. 0 do
                    let at = b * (k - 1) + i
                    let share = SpecialFunctions.sigmoid (u[at] - log (float (k - 1 - i)))
                    let own = x[b * k + i] * byValue[b * k + i]
                    target[at] <- target[at] + (1.0 - share) * own - share * after
                    after <- after + own
