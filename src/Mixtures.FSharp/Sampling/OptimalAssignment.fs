namespace Mixtures

open System

/// The cheapest assignment of rows to columns (Kuhn's Hungarian algorithm, by shortest augmenting paths in O(K³) steps;
/// Jonker & Volgenant 1987).
[<RequireQualifiedAccess>]
module internal OptimalAssignment =

    /// For each row of a square matrix of finite costs the column that it is assigned, so that the sum is least.
    let solve (cost: float[,]) : int[] =
        let n = cost.GetLength 0

        if cost.GetLength 1 <> n then
            invalidArg (nameof cost) $"expected a square matrix, received {n} x {cost.GetLength 1}"

        if cost |> Seq.cast<float> |> Seq.exists (Double.IsFinite >> not) then
            invalidArg (nameof cost) "expected finite costs, received one that is not"

        // potentials of rows and columns, and the row of each column; place 0 stands for none
        let u = Array.zeroCreate (n + 1)
        let v = Array.zeroCreate (n + 1)
        let rowOf: int[] = Array.zeroCreate (n + 1)
        let way: int[] = Array.zeroCreate (n + 1)

        for row in 1..n do
            rowOf[0] <- row
            let least = Array.create (n + 1) Double.PositiveInfinity
            let used = Array.create (n + 1) false
            let mutable column = 0

            while rowOf[column] <> 0 do
                used[column] <- true
                let i = rowOf[column]
                let mutable delta = Double.PositiveInfinity
                let mutable next = 0

                for j in 1..n do
                    if not used[j] then
                        let reduced = cost[i - 1, j - 1] - u[i] - v[j]

                        if reduced < least[j] then
                            least[j] <- reduced
                            way[j] <- column

                        if least[j] < delta then
                            delta <- least[j]
                            next <- j

                for j in 0..n do
                    if used[j] then
                        u[rowOf[j]] <- u[rowOf[j]] + delta
                        v[j] <- v[j] - delta
                    else
                        least[j] <- least[j] - delta

                column <- next

            while column <> 0 do
                rowOf[column] <- rowOf[way[column]]
                column <- way[column]

        let columns = Array.zeroCreate n

        for j in 1..n do
            columns[rowOf[j] - 1] <- j - 1

        columns
