namespace Mixtures

open System

/// Ranks of draws over all chains, and what a normal sample would have in their places.
[<RequireQualifiedAccess>]
module internal NormalScores =

    /// The ranks (from 1) of the values among those of all chains; equal values share the mean of theirs.
    let ranks (chains: float[][]) : float[][] =
        let values = Array.concat chains
        let order = Array.init values.Length id
        Array.Sort(Array.copy values, order)
        let ranks = Array.zeroCreate values.Length
        let mutable i = 0

        while i < order.Length do
            let mutable last = i

            while last + 1 < order.Length && values[order[last + 1]] = values[order[i]] do
                last <- last + 1

            for at in i..last do
                ranks[order[at]] <- 0.5 * float (i + last) + 1.0

            i <- last + 1

        let mutable start = 0

        chains
        |> Array.map (fun chain ->
            start <- start + chain.Length
            Array.sub ranks (start - chain.Length) chain.Length)

    /// Φ⁻¹((r - 3/8) / (S + 1/4)) for ranks r of S values (Vehtari et al. 2021, equation 14).
    let ofChains (chains: float[][]) : float[][] =
        let total = chains |> Array.sumBy Array.length |> float

        ranks chains
        |> Array.map (Array.map (fun rank -> ErrorFunction.normalQuantile ((rank - 0.375) / (total + 0.25))))
