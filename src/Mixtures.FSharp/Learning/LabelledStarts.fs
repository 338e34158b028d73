namespace Mixtures

open System

/// What starts make of rows that keep to a component.
[<RequireQualifiedAccess>]
module internal LabelledStarts =

    /// The mean of the rows that keep to each component, where there are any.
    let means (data: FitData) count : float[] voption[] =
        match data.Pass.Known with
        | ValueNone -> Array.create count ValueNone
        | ValueSome known ->
            let rows = data.Pass.Data
            let d = rows.Dimension
            let sums = Array.zeroCreate<float>(count * d)
            let totals = Array.zeroCreate<float> count

            for i in 0 .. rows.Count - 1 do
                let k = known[i]
                let w = if rows.HasWeights then rows.Weights.Span[i] else 1.0

                if k >= 0 && w > 0.0 then
                    totals[k] <- totals[k] + w
                    let point = data.PointOf i

                    for c in 0 .. d - 1 do
                        sums[k * d + c] <- sums[k * d + c] + w * point[c]

            Array.init count (fun k ->
                if totals[k] > 0.0 then
                    ValueSome(Array.init d (fun c -> sums[k * d + c] / totals[k]))
                else
                    ValueNone)

    /// Whether the rows that keep to a component are enough to start it from them alone: more than it has columns.
    let areEnough (data: FitData) count : bool[] =
        match data.Pass.Known with
        | ValueNone -> Array.create count false
        | ValueSome known ->
            let rows = Array.zeroCreate<int> count
            let weights = data.Pass.Data.Weights

            for i in 0 .. known.Length - 1 do
                if known[i] >= 0 && (weights.IsEmpty || weights.Span[i] > 0.0) then
                    rows[known[i]] <- rows[known[i]] + 1

            rows |> Array.map (fun n -> n > data.Pass.Data.Dimension)

    /// Components, from 1, that no row can belong to because every row keeps to another.
    let unreachable (data: FitData) count : int list =
        match data.Pass.Known with
        | ValueNone -> []
        | ValueSome known ->
            let weights = data.Pass.Data.Weights

            let kept =
                known
                |> Array.indexed
                |> Array.filter (fun (i, _) -> weights.IsEmpty || weights.Span[i] > 0.0)
                |> Array.map snd
                |> Array.distinct

            if Array.contains -1 kept then
                []
            else
                List.except (kept |> Array.map (fun k -> k + 1)) [ 1..count ]

    /// Free rows do not count in components that start from labelled rows alone.
    let leaveToLabels (settled: bool[]) (worker: PassWorker) =
        if Array.contains true settled then
            let lanes = worker.Lanes.Span

            for i in 0 .. worker.Tile.Count - 1 do
                if worker.Known i < 0 then
                    for k in 0 .. settled.Length - 1 do
                        if settled[k] then
                            lanes[k * worker.Tile.Capacity + i] <- 0.0

    /// Responsibilities in the lanes of rows that keep to a component are made so.
    let keep count (worker: PassWorker) =
        for i in 0 .. worker.Tile.Count - 1 do
            let kept = worker.Known i

            if kept >= 0 then
                for k in 0 .. count - 1 do
                    worker.Lanes.Span[k * worker.Tile.Capacity + i] <- if k = kept then 1.0 else 0.0
