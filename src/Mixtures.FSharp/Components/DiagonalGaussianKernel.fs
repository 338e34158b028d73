namespace Mixtures

open System

/// Gaussian components with a variance for each column (diagonal, or full over one column; fitted or known) or one for
/// all (spherical).
[<Sealed>]
type internal DiagonalGaussianKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>
    (input: GaussianKernelInput) =
    let d = input.Dimension
    let count = input.Count
    let spherical = input.Structure = CovarianceStructure.Spherical

    /// How many second moments there are: none where the variances are known.
    let secondLength =
        if input.Structure = CovarianceStructure.Known then 0
        elif spherical then count
        else count * d

    /// Over many columns, moments go row by row and leave out the rows of no responsibility. Turning tiles back
    /// into rows has to pay off.
    let byRows = d >= DiagonalGaussianKernel<'O, 'V>.ManyColumns && count >= 4

    let centres =
        if byRows then
            RowMoments<'O, 'V>.Pack(count, d, input.Centres)
        else
            AlignedArray 0

    let step = DiagonalKernels<'O, 'V>.MomentsStep d
    let nothing = Array.zeroCreate<float> count

    let factors =
        if spherical then
            input.Factors |> Array.map (fun s -> -0.5 * s * s)
        else
            [||]

    /// Columns that are worked on together, so that they stay in the nearest cache for all components: an even number.
    let columnsPerBlock capacity = max 8 (3072 / capacity / 2 * 2)

    /// From so many columns on, moments go row by row.
    static member private ManyColumns = 64

    interface IBlockKernel with
        member _.ScratchLength capacity =
            if byRows then
                RowMoments<'O, 'V>.ScratchLength(count, capacity)
            else
                0

        member _.AccumulatorLength =
            if byRows then
                RowMoments<'O, 'V>.MomentsLength(count, d)
            else
                DiagonalKernels<'O, 'V>.MomentsLength(count, d)

        member _.StatisticsLength = count * d + secondLength

        member _.AddLogDensity(tile, _, lanes) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity
            let block = columnsPerBlock capacity

            for first in 0..block .. d - 1 do
                let columns = min block (d - first)
                let part = tile.Data.Slice(first * capacity, columns * capacity)
                let means = Span<float>(input.Means).Slice first
                let constants = Span<float>(if first = 0 then input.Constants else nothing)

                if spherical then
                    DiagonalKernels<'O, 'V>
                        .AddDistances(part, capacity, rows, columns, means, d, Span factors, constants, lanes)
                else
                    let scales = Span<float>(input.Factors).Slice first

                    DiagonalKernels<'O, 'V>
                        .AddScaledDistances(part, capacity, rows, columns, means, d, scales, d, -0.5, constants, lanes)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let capacity = tile.Capacity

            if byRows then
                RowMoments<'O, 'V>
                    .Add(tile.Data, capacity, tile.PaddedCount, d, count, lanes, centres.Span, scratch, accumulators)
            else
                let block = columnsPerBlock capacity

                for first in 0..block .. d - 1 do
                    let columns = min block (d - first)

                    DiagonalKernels<'O, 'V>
                        .AddMoments(
                            tile.Data.Slice(first * capacity, columns * capacity),
                            capacity,
                            tile.PaddedCount,
                            columns,
                            count,
                            lanes,
                            Span<float>(input.Centres).Slice first,
                            d,
                            accumulators.Slice(2 * first),
                            step
                        )

        member _.Reduce(accumulators, statistics) =
            let first = statistics.Slice(0, count * d)
            let second = statistics.Slice(count * d, secondLength)

            if byRows then
                RowMoments<'O, 'V>.Reduce(accumulators, count, d, first, second, not spherical)
            else
                for k in 0 .. count - 1 do
                    for column in 0 .. d - 1 do
                        let at = k * d + column
                        let from = k * step + 2 * column
                        first[at] <- first[at] + accumulators[from]

                        if secondLength > 0 then
                            let at = if spherical then k else at
                            second[at] <- second[at] + accumulators[from + 1]

        member _.ToStatistics(counts, statistics) =
            input.Statistics(counts, statistics.Slice(0, count * d).ToArray(), statistics.Slice(count * d).ToArray())
