namespace Mixtures

open System

/// Log-densities of priors that depend on no other site, on plain numbers: what a sampler needs of them millions of times.
[<RequireQualifiedAccess>]
module internal FixedPrior =

    let private HalfLogTwoPi = 0.91893853320467274178
    let private logGamma = SpecialFunctions.logGamma

    /// A density of numbers: value, and the derivative added to a place.
    type Density = delegate of x: ReadOnlySpan<float> * byValue: Span<float> -> float

    /// Each number by itself, from log p, up to a constant that is summed once, and its derivative.
    let private each (constants: float[]) (density: int -> float -> struct (float * float)) =
        let constant = Array.sum constants

        Density(fun x byValue ->
            let mutable sum = constant

            for i in 0 .. x.Length - 1 do
                let struct (value, slope) = density i x[i]
                sum <- sum + value
                byValue[i] <- byValue[i] + slope

            sum)

    let private make (prior: IDistribution) (dims: int[]) : Density voption =
        let number index =
            (Tensor.expand dims (prior.Parameters[index].Detach())).ToArray()

        match prior.Name with
        | "normal" ->
            let m, s = number 0, number 1

            each (s |> Array.map (fun s -> -(log s) - HalfLogTwoPi)) (fun i x ->
                let z = (x - m[i]) / s[i]
                struct (-0.5 * z * z, -z / s[i]))
            |> ValueSome
        | "log-normal" ->
            let m, s = number 0, number 1

            each (s |> Array.map (fun s -> -(log s) - HalfLogTwoPi)) (fun i x ->
                let l = log x
                let z = (l - m[i]) / s[i]
                struct (-0.5 * z * z - l, -(z / s[i] + 1.0) / x))
            |> ValueSome
        | "half-normal" ->
            let s = number 0

            each (s |> Array.map (fun s -> log 2.0 - HalfLogTwoPi - log s)) (fun i x ->
                let z = x / s[i]
                struct (-0.5 * z * z, -z / s[i]))
            |> ValueSome
        | "half-cauchy" ->
            let s = number 0

            each (s |> Array.map (fun s -> log (2.0 / Math.PI) - log s)) (fun i x ->
                let z = x / s[i]
                struct (-(SpecialFunctions.log1p (z * z)), -2.0 * x / (s[i] * s[i] + x * x)))
            |> ValueSome
        | "exponential" ->
            let b = number 0
            each (b |> Array.map log) (fun i x -> struct (-b[i] * x, -b[i])) |> ValueSome
        | "gamma" ->
            let a, b = number 0, number 1

            each (Array.map2 (fun a b -> a * log b - logGamma a) a b) (fun i x ->
                struct ((a[i] - 1.0) * log x - b[i] * x, (a[i] - 1.0) / x - b[i]))
            |> ValueSome
        | "inverse-gamma" ->
            let a, b = number 0, number 1

            each (Array.map2 (fun a b -> a * log b - logGamma a) a b) (fun i x ->
                struct (-(a[i] + 1.0) * log x - b[i] / x, (b[i] / x - (a[i] + 1.0)) / x))
            |> ValueSome
        | "beta" ->
            let a, b = number 0, number 1

            each (Array.map2 (fun a b -> logGamma (a + b) - logGamma a - logGamma b) a b) (fun i x ->
                struct ((a[i] - 1.0) * log x + (b[i] - 1.0) * SpecialFunctions.log1p -x,
                        (a[i] - 1.0) / x - (b[i] - 1.0) / (1.0 - x)))
            |> ValueSome
        | "dirichlet" ->
            let a = number 0
            let k = dims[dims.Length - 1]

            let constants =
                Array.init (a.Length / k) (fun b ->
                    let own = Array.sub a (b * k) k
                    logGamma (Array.sum own) - Array.sumBy logGamma own)

            each constants (fun i x -> struct ((a[i] - 1.0) * log x, (a[i] - 1.0) / x))
            |> ValueSome
        | _ -> ValueNone

    /// The density of a site's values under a prior, where there is a plain form that agrees with the prior's own at a draw.
    let tryCreate (prior: IDistribution) (site: Site) : Density voption =
        match make prior site.Dims with
        | ValueNone -> ValueNone
        | ValueSome density ->
            let wide = Distribution.expand site.Batch prior

            let x = wide.Sample((RandomKey.ofSeed 17).Stream())

            let struct (expected, slopes) =
                Tensor.valueAndGrad (fun v -> Tensor.sum (prior.LogDensity v)) x

            let numbers = x.ToArray()
            let found = Array.zeroCreate numbers.Length
            let value = density.Invoke(ReadOnlySpan numbers, Span found)
            let near (a: float) b = abs (a - b) <= 1e-9 * (1.0 + abs a)

            if near (expected.ToScalar()) value && Array.forall2 near (slopes.ToArray()) found then
                ValueSome density
            else
                ValueNone
