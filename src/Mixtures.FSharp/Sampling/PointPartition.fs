namespace Mixtures

open System
open System.Collections.Generic

/// What it costs to report a partition where another is true.
type PartitionLoss =
    /// The share of pairs of rows that are together in one and apart in the other (Binder 1978).
    | Binder
    /// The variation of information, in nats: by its lower bound, which the co-assignment matrix tells (Wade & Ghahramani
    /// 2018, equation 13).
    | VariationOfInformation

/// The partition of rows that a posterior is best summed up by.
[<NoEquality; NoComparison>]
type PointPartition =
    {
        /// The rows' labels, from 0 in order of appearance.
        Labels: int[]
        /// The number of clusters.
        Clusters: int
        /// The expected loss.
        Loss: float
    }

/// Point estimates of partitions.
[<RequireQualifiedAccess>]
module PointPartition =

    /// Labels from 0 in order of appearance.
    let private canonical (labels: int[]) =
        let names = Dictionary<int, int>()

        labels
        |> Array.map (fun label ->
            match names.TryGetValue label with
            | true, name -> name
            | false, _ ->
                let name = names.Count
                names[label] <- name
                name)

    let private check (coassignment: float[,]) =
        let n = coassignment.GetLength 0

        if n < 1 || coassignment.GetLength 1 <> n then
            invalidArg (nameof coassignment) $"expected a square matrix, received {n} x {coassignment.GetLength 1}"

        if
            coassignment
            |> Seq.cast<float>
            |> Seq.exists (fun p -> not (p >= 0.0 && p <= 1.0))
        then
            invalidArg (nameof coassignment) "expected probabilities from 0 to 1, received another number"

        n

    /// The expected loss of a partition under co-assignment probabilities, N x N.
    let expectedLoss (loss: PartitionLoss) (coassignment: float[,]) (labels: int[]) : float =
        let n = check coassignment

        if labels.Length <> n then
            invalidArg (nameof labels) $"expected {n} labels, received {labels.Length}"

        match loss with
        | Binder ->
            let mutable sum = 0.0

            for i in 0 .. n - 1 do
                for j in 0 .. i - 1 do
                    sum <-
                        sum
                        + (if labels[i] = labels[j] then
                               1.0 - coassignment[i, j]
                           else
                               coassignment[i, j])

            sum / max 1.0 (0.5 * float n * float (n - 1))
        | VariationOfInformation ->
            let mutable sum = 0.0

            // 1/N Σ_i log Σ_j 1(same) + log Σ_j p_ij - 2 log Σ_j p_ij 1(same)
            for i in 0 .. n - 1 do
                let mutable same = 0.0
                let mutable all = 0.0
                let mutable both = 0.0

                for j in 0 .. n - 1 do
                    all <- all + coassignment[i, j]

                    if labels[i] = labels[j] then
                        same <- same + 1.0
                        both <- both + coassignment[i, j]

                sum <- sum + log same + log all - 2.0 * log both

            sum / float n

    /// The best of given partitions and of the cuts of the average-linkage tree of 1 - p into 1 to as many clusters as asked
    /// for. Raises ArgumentException where there is none.
    let best
        (loss: PartitionLoss)
        (mostClusters: int)
        (candidates: seq<int[]>)
        (coassignment: float[,])
        : PointPartition =
        let n = check coassignment

        if mostClusters < 0 then
            invalidArg (nameof mostClusters) $"expected 0 or more clusters, received {mostClusters}"

        let merges =
            if mostClusters > 0 then
                AverageLinkage.merges (coassignment |> Array2D.map (fun p -> 1.0 - p))
            else
                [||]

        let all =
            seq {
                for clusters in 1 .. min n mostClusters do
                    AverageLinkage.cut clusters merges

                for labels in candidates do
                    canonical labels
            }
            |> Seq.distinct
            |> Seq.toArray

        if all.Length = 0 then
            invalidArg (nameof candidates) "expected at least one partition, received none"

        // the first of the best, so that the order of equal ones decides nothing at random
        let losses = all |> Array.map (expectedLoss loss coassignment)
        let chosen = Array.IndexOf(losses, Array.min losses)

        {
            Labels = all[chosen]
            Clusters = 1 + Array.max all[chosen]
            Loss = losses[chosen]
        }

    /// The best of the most probable partitions of at most 200 draws, evenly spaced, and of the cuts of the tree into at most
    /// K clusters, by draws of the rows' probabilities of K components; of at most 5000 rows.
    let ofDraws (loss: PartitionLoss) (components: int) (count: int) (assignments: DrawnAssignments) : PointPartition =
        let matrix = Coassignment.matrix components count assignments
        let kept = min 200 count

        let candidates =
            Seq.init kept (fun i ->
                let shares = assignments.At(int (int64 i * int64 count / int64 kept))

                Array.init assignments.Rows (fun row ->
                    let row = Array.sub shares (row * components) components
                    Array.IndexOf(row, Array.max row)))

        best loss components candidates matrix
