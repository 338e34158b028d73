namespace Mixtures

open System

/// Weighted means and variances of a dataset's columns.
[<RequireQualifiedAccess>]
module internal ColumnSummary =

    let private moments (pass: RowPass) (centre: float[]) =
        let d = pass.Data.Dimension

        let total =
            pass.Fold(
                1,
                0,
                pass.Arithmetic.MomentsLength d,
                2 * d,
                (fun worker -> worker.Accumulators.Span.Clear()),
                (fun worker _ ->
                    pass.Arithmetic.AddMoments(
                        worker.Tile.Data,
                        worker.Tile.Capacity,
                        worker.Tile.PaddedCount,
                        d,
                        worker.Tile.Weights,
                        Span centre,
                        worker.Accumulators.Span
                    )),
                fun worker total -> worker.Accumulators.Slice(0, 2 * d).CopyTo(Span total)
            )

        // means of residuals first, then of their squares
        Array.init (2 * d) (fun at -> total[if at < d then 2 * at else 2 * (at - d) + 1] / pass.Data.TotalWeight)

    /// As moments, over the cells that are there.
    let private observedMoments (pass: RowPass) (centre: float[]) =
        let d = pass.Data.Dimension

        // Σ w (x - c), Σ w (x - c)² and Σ w of each column
        let total =
            pass.Fold(
                1,
                0,
                3 * d,
                3 * d,
                (fun worker -> worker.Accumulators.Span.Clear()),
                (fun worker _ ->
                    let tile = worker.Tile
                    let sums = worker.Accumulators.Span
                    let weights = tile.Weights

                    for c in 0 .. d - 1 do
                        let column = tile.Column c

                        for i in 0 .. tile.Count - 1 do
                            if not (Double.IsNaN column[i]) && weights[i] > 0.0 then
                                let residual = column[i] - centre[c]
                                sums[c] <- sums[c] + weights[i] * residual
                                sums[d + c] <- sums[d + c] + weights[i] * residual * residual
                                sums[2 * d + c] <- sums[2 * d + c] + weights[i]),
                fun worker total -> worker.Accumulators.Slice(0, 3 * d).CopyTo(Span total)
            )

        for c in 0 .. d - 1 do
            if not (total[2 * d + c] > 0.0) then
                raise (DataException $"Column '{pass.Data.ColumnNames[c]}' has no value: leave the column out.")

        Array.init (2 * d) (fun at -> total[at] / total[2 * d + at % d])

    /// Means by sums centred on a row, then variances by sums centred on the means. A column that has one value only
    /// has exactly that mean and variance zero. Rows of weight zero do not matter.
    let ofPass (pass: RowPass) : DataScale =
        let data = pass.Data
        let d = data.Dimension

        let first =
            if data.HasWeights then
                let weights = data.Weights.Span
                let mutable i = 0

                while not (weights[i] > 0.0) do
                    i <- i + 1

                i
            else
                0

        let moments = if pass.Patterns.IsSome then observedMoments else moments
        let origin = data.Row first

        // a missing cell is replaced by the column's first value
        for c in 0 .. d - 1 do
            if Double.IsNaN origin[c] then
                origin[c] <- data.Column c |> Array.tryFind (Double.IsNaN >> not) |> Option.defaultValue 0.0

        let rough = moments pass origin
        let means = Array.init d (fun i -> origin[i] + rough[i])
        let centred = moments pass means

        let variances =
            Array.init d (fun i ->
                if rough[i] = 0.0 && rough[d + i] = 0.0 then
                    0.0
                else
                    centred[d + i] - centred[i] * centred[i])

        for i in 0 .. d - 1 do
            if not (Double.IsFinite variances[i]) then
                raise (
                    DataException
                        $"The values of column '{data.ColumnNames[i]}' are too large: their variance overflows. Divide the column by a constant."
                )

        {
            Means = means
            Scatter = [||]
            Variances = variances |> Array.map (max 0.0)
            TotalWeight = data.TotalWeight
            EffectiveRows = data.EffectiveRows
        }

    /// The scale with the total scatter about the means: one pass with a single full component.
    let withScatter (pass: RowPass) (scale: DataScale) : DataScale =
        let d = scale.Means.Length
        let unit = Array.init (d * d) (fun at -> if at / d = at % d then 1.0 else 0.0)

        let kernel =
            (Gaussian.components CovarianceStructure.Full [||] 1 d scale.Means unit)
                .Kernel(KernelRequest.Plain(d, int pass.Execution.Width))

        let step = pass.Statistics(kernel, 1, (fun worker _ -> worker.Lanes.Span.Fill 1.0))

        match step.Statistics with
        | :? GaussianStatistics as s -> { scale with Scatter = s.SecondMoments }
        | _ -> scale
