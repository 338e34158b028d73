namespace Mixtures

open System

/// Hierarchical clustering by average linkage.
[<RequireQualifiedAccess>]
module internal AverageLinkage =

    /// The N - 1 merges of the rows of a symmetric matrix of distances, nearest first: two rows of the clusters that merge,
    /// and their distance (nearest-neighbour chains in O(N²) steps; Murtagh 1983).
    let merges (distances: float[,]) : struct (int * int * float)[] =
        let n = distances.GetLength 0
        let d = Array2D.copy distances
        let size = Array.create n 1
        let alive = Array.create n true
        let found = ResizeArray()
        let chain = Collections.Generic.List<int>()

        while found.Count < n - 1 do
            if chain.Count = 0 then
                chain.Add(Array.IndexOf(alive, true))

            let top = chain[chain.Count - 1]
            let before = if chain.Count > 1 then chain[chain.Count - 2] else -1
            // of equal distances the cluster that the chain came from, so that it ends
            let mutable nearest = before

            let mutable least =
                if before >= 0 then
                    d[top, before]
                else
                    Double.PositiveInfinity

            for j in 0 .. n - 1 do
                if alive[j] && j <> top && (nearest < 0 || d[top, j] < least) then
                    nearest <- j
                    least <- d[top, j]

            if nearest = before then
                chain.RemoveRange(chain.Count - 2, 2)
                let total = float (size[top] + size[nearest])

                for j in 0 .. n - 1 do
                    if alive[j] && j <> top && j <> nearest then
                        let mean =
                            (float size[top] * d[top, j] + float size[nearest] * d[nearest, j]) / total

                        d[nearest, j] <- mean
                        d[j, nearest] <- mean

                alive[top] <- false
                size[nearest] <- size[nearest] + size[top]
                found.Add(struct (top, nearest, least))
            else
                chain.Add nearest

        found.ToArray() |> Array.sortBy (fun (struct (_, _, distance)) -> distance)

    /// The labels of the rows, from 0 in order of appearance, when so many clusters are left.
    let cut (clusters: int) (merges: struct (int * int * float)[]) : int[] =
        let n = merges.Length + 1
        let parent = Array.init n id

        let rec root i =
            if parent[i] = i then
                i
            else
                parent[i] <- parent[parent[i]]
                root parent[i]

        for m in 0 .. n - clusters - 1 do
            let struct (a, b, _) = merges[m]
            parent[root a] <- root b

        let names = Collections.Generic.Dictionary<int, int>()

        Array.init n (fun i ->
            let r = root i

            if not (names.ContainsKey r) then
                names[r] <- names.Count

            names[r])
