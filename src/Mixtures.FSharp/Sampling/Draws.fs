namespace Mixtures

open System

/// Draws of several chains, in memory as one array a chain. Immutable by agreement: arrays that were handed over must not
/// be changed.
[<NoEquality; NoComparison>]
type Draws =
    {
        /// The names of the D parameters.
        Names: string[]
        /// Each chain's draws, row by row: draw s has its D values from place s D on. A run that was stopped may have chains
        /// of different lengths.
        Chains: float[][]
    }

    /// The number of parameters.
    member draws.Dimension = draws.Names.Length

    /// The number of chains.
    member draws.ChainCount = draws.Chains.Length

    /// The number of draws of each chain.
    member draws.Counts =
        draws.Chains |> Array.map (fun chain -> chain.Length / max 1 draws.Names.Length)

    /// The number of draws of the shortest chain.
    member draws.Count =
        if draws.Chains.Length = 0 then
            0
        else
            Array.min draws.Counts

/// Draws of several chains: making, reading and transforming them.
[<RequireQualifiedAccess>]
module Draws =

    /// Draws from names and one array a chain, row by row. Raises ArgumentException for lengths that are no multiple of the
    /// number of names.
    let create (names: string[]) (chains: float[][]) : Draws =
        if names.Length = 0 then
            invalidArg (nameof names) "expected the name of at least one parameter, received none"

        for c in 0 .. chains.Length - 1 do
            if chains[c].Length % names.Length <> 0 then
                invalidArg
                    (nameof chains)
                    $"expected a multiple of {names.Length} numbers in each chain, received {chains[c].Length} in chain {c + 1}"

        { Names = names; Chains = chains }

    /// The place of a parameter. Raises ArgumentException for a name that there is not.
    let index (name: string) (draws: Draws) =
        match Array.IndexOf(draws.Names, name) with
        | -1 ->
            let known = String.Join(", ", Array.truncate 20 draws.Names)
            invalidArg (nameof name) $"expected the name of a parameter ({known}), received {name}"
        | place -> place

    /// The draws of one parameter (its place, from 0): an array for each chain, as many draws of each as the shortest has.
    let parameterAt (place: int) (draws: Draws) : float[][] =
        if place < 0 || place >= draws.Dimension then
            invalidArg (nameof place) $"expected a parameter from 0 to {draws.Dimension - 1}, received {place}"

        let count = draws.Count

        draws.Chains
        |> Array.map (fun chain -> Array.init count (fun s -> chain[s * draws.Dimension + place]))

    /// The draws of one parameter by name; see parameterAt.
    let parameter (name: string) (draws: Draws) : float[][] = parameterAt (index name draws) draws

    /// The values of all parameters in one draw (from 0) of a chain (from 0).
    let row (chain: int) (draw: int) (draws: Draws) : float[] =
        Array.sub draws.Chains[chain] (draw * draws.Dimension) draws.Dimension

    /// A number of each draw: an array for each chain, as many draws of each as the shortest has.
    let quantity (f: float[] -> float) (draws: Draws) : float[][] =
        let count = draws.Count

        Array.init draws.ChainCount (fun c -> Array.init count (fun s -> f (row c s draws)))

    /// Other parameters made of each draw's: their names, and a function from D values to as many as there are names.
    let map (names: string[]) (f: float[] -> float[]) (draws: Draws) : Draws =
        let counts = draws.Counts

        Array.init draws.ChainCount (fun c ->
            let made = Array.zeroCreate (counts[c] * names.Length)

            for s in 0 .. counts[c] - 1 do
                let values = f (row c s draws)

                if values.Length <> names.Length then
                    invalidArg (nameof f) $"expected {names.Length} values of a draw, received {values.Length}"

                values.CopyTo(made, s * names.Length)

            made)
        |> create names

    /// The draws of several runs of the same chains, one after the other.
    let append (first: Draws) (second: Draws) : Draws =
        if first.Names <> second.Names then
            invalidArg (nameof second) "expected the same parameters in both, received others"

        if first.ChainCount <> second.ChainCount then
            invalidArg (nameof second) $"expected {first.ChainCount} chains, received {second.ChainCount}"

        { first with
            Chains = Array.map2 Array.append first.Chains second.Chains
        }
