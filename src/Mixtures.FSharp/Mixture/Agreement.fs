namespace Mixtures

open System

/// How labels agree with a known grouping.
[<RequireQualifiedAccess>]
module Agreement =

    /// How many rows have label i in the first and j in the second grouping; rows with a negative label are left out.
    let crossTable (first: int[]) (second: int[]) : int[,] =
        if first.Length <> second.Length then
            invalidArg (nameof second) $"expected {first.Length} labels, received {second.Length}"

        let kept = Array.zip first second |> Array.filter (fun (a, b) -> a >= 0 && b >= 0)

        let size labels =
            if Array.isEmpty labels then 0 else Array.max labels + 1

        let table =
            Array2D.zeroCreate (size (Array.map fst kept)) (size (Array.map snd kept))

        for a, b in kept do
            table[a, b] <- table[a, b] + 1

        table

    /// The adjusted Rand index of two groupings: 1 if they are the same up to names, 0 on average for independent ones
    /// (Hubert & Arabie 1985, eq. 5). Rows with a negative label are left out.
    let adjustedRandIndex (first: int[]) (second: int[]) : float =
        let table = crossTable first second
        let pairs n = 0.5 * float n * (float n - 1.0)
        let rows = [| for i in 0 .. table.GetLength 0 - 1 -> Array.sum table[i, *] |]
        let columns = [| for j in 0 .. table.GetLength 1 - 1 -> Array.sum table[*, j] |]
        let together = table |> Seq.cast<int> |> Seq.sumBy pairs
        let inRows = rows |> Array.sumBy pairs
        let inColumns = columns |> Array.sumBy pairs
        let expected = inRows * inColumns / max 1.0 (pairs (Array.sum rows))
        let largest = 0.5 * (inRows + inColumns)

        // both groupings put everything together, or everything apart
        if largest = expected then
            1.0
        else
            (together - expected) / (largest - expected)
