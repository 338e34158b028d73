namespace Mixtures

open System

/// Weighted means and variances of a dataset's columns.
[<RequireQualifiedAccess>]
module internal ColumnSummary =

    let private moments (pass: RowPass) (centre: float[]) =
        let d = pass.Data.Dimension
        let width = pass.Arithmetic.Width

        let total =
            pass.Fold(
                1,
                0,
                2 * d * width,
                2 * d,
                (fun worker -> worker.Accumulators.Span.Clear()),
                (fun worker _ ->
                    pass.Arithmetic.AddSumsAndSquares(
                        worker.Tile.Data,
                        worker.Tile.Capacity,
                        worker.Tile.PaddedCount,
                        worker.Tile.Weights,
                        Span centre,
                        worker.Accumulators.Slice(0, d * width),
                        worker.Accumulators.Slice(d * width, d * width)
                    )),
                fun worker total -> pass.Arithmetic.Reduce(worker.Accumulators.Span, Span total)
            )

        Array.map (fun sum -> sum / pass.Data.TotalWeight) total

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

        let origin = data.Row first
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
            Variances = variances |> Array.map (max 0.0)
            TotalWeight = data.TotalWeight
            EffectiveRows = data.EffectiveRows
        }
