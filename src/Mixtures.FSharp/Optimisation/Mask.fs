namespace Mixtures

/// Frozen coordinates: a mask says of each parameter whether it is free (true) or frozen (false).
[<RequireQualifiedAccess>]
module Mask =

    let internal places (free: bool[]) =
        if not (Array.contains true free) then
            invalidArg (nameof free) $"expected at least 1 free parameter, received a mask of {free.Length} frozen ones"

        free |> Seq.indexed |> Seq.filter snd |> Seq.map fst |> Seq.toArray

    let internal gatherAt (places: int[]) (full: float[]) =
        let result = Vectors.fresh places.Length

        for i in 0 .. places.Length - 1 do
            result[i] <- full[places[i]]

        result

    let internal scatterAt (places: int[]) (full: float[]) (reduced: float[]) =
        let result = Array.copy full

        for i in 0 .. places.Length - 1 do
            result[places[i]] <- reduced[i]

        result

    /// The free coordinates of a full vector, in order.
    let gather (free: bool[]) (full: float[]) =
        let places = places free
        Vectors.requireLength (nameof full) free.Length full
        gatherAt places full

    /// The full vector with its free coordinates replaced, in order.
    let scatter (free: bool[]) (full: float[]) (reduced: float[]) =
        let places = places free
        Vectors.requireLength (nameof full) free.Length full
        Vectors.requireLength (nameof reduced) places.Length reduced
        scatterAt places full reduced
