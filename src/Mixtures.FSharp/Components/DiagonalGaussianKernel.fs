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

    let step = DiagonalKernels<'O, 'V>.MomentsStep d
    let nothing = Array.zeroCreate<float> count

    let factors =
        if spherical then
            input.Factors |> Array.map (fun s -> -0.5 * s * s)
        else
            [||]

    /// Columns that are worked on together, so that they stay in the nearest cache for all components: an even number.
    let columnsPerBlock capacity = max 8 (3072 / capacity / 2 * 2)

    interface IBlockKernel with
        member _.ScratchLength _ = 0
        member _.AccumulatorLength = DiagonalKernels<'O, 'V>.MomentsLength(count, d)
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

        member _.AddStatistics(tile, _, lanes, accumulators) =
            let capacity = tile.Capacity
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
            for at in 0 .. count * d - 1 do
                let from = at / d * step + 2 * (at % d)
                statistics[at] <- statistics[at] + accumulators[from]

                if secondLength > 0 then
                    let second = count * d + (if spherical then at / d else at)
                    statistics[second] <- statistics[second] + accumulators[from + 1]

        member _.ToStatistics(counts, statistics) =
            input.Statistics(counts, statistics.Slice(0, count * d).ToArray(), statistics.Slice(count * d).ToArray())
