namespace Mixtures

open System

/// The log joint density of the free real numbers with its gradient, with what is usual (maps to values, fixed priors) on plain
/// numbers and only the rest by tensors. The same numbers as by tensors alone, to rounding, in about half the time where the
/// model is small. Safe for several threads.
[<Sealed>]
type internal FastDensity
    (sites: Site[], maps: FreeMap[], priors: FixedPrior.Density voption[], rest: Tensor[] -> Tensor) =
    let lengths = sites |> Array.map _.Length
    let sizes = sites |> Array.map (fun site -> Shape.size site.Dims)

    /// Where there is one: all sites' maps are usual ones. Rest is given which sites' priors it is to leave out.
    static member TryCreate(sites: Site[], priors: IDistribution voption[], rest: bool[] -> Tensor[] -> Tensor) =
        let maps = sites |> Array.map FreeMap.ofSite

        if maps |> Array.forall _.IsSome then
            let fixed' =
                Array.map2
                    (fun (prior: IDistribution voption) site ->
                        prior |> ValueOption.bind (fun p -> FixedPrior.tryCreate p site))
                    priors
                    sites

            ValueSome(FastDensity(sites, maps |> Array.map _.Value, fixed', rest (fixed' |> Array.map _.IsSome)))
        else
            ValueNone

    /// Value and gradient; minus infinity and zeros where rounding takes a value to the edge of its support.
    member _.Evaluate(u: float[]) : struct (float * float[]) =
        let gradient = Array.zeroCreate<float> u.Length
        let values = sizes |> Array.map Array.zeroCreate<float>
        let mutable total = 0.0
        let mutable at = 0

        for i in 0 .. sites.Length - 1 do
            total <-
                total
                + FreeMap.forward
                    maps[i]
                    (ReadOnlySpan(u, at, lengths[i]))
                    (Span values[i])
                    (Span<float>(gradient, at, lengths[i]))

            at <- at + lengths[i]

        if not (Double.IsFinite total) then
            struct (Double.NegativeInfinity, Array.zeroCreate u.Length)
        else
            let tensors =
                Array.map2 (fun (site: Site) (x: float[]) -> Tensor.ofShape site.Dims x) sites values

            let struct (value, slopes) = Tensor.valueAndGrads rest tensors
            total <- total + value.ToScalar()
            at <- 0

            for i in 0 .. sites.Length - 1 do
                let byValue = slopes[i].ToArray()

                match priors[i] with
                | ValueSome density -> total <- total + density.Invoke(ReadOnlySpan values[i], Span byValue)
                | ValueNone -> ()

                FreeMap.pull
                    maps[i]
                    (ReadOnlySpan(u, at, lengths[i]))
                    (ReadOnlySpan values[i])
                    (ReadOnlySpan byValue)
                    (Span<float>(gradient, at, lengths[i]))

                at <- at + lengths[i]

            struct (total, gradient)
