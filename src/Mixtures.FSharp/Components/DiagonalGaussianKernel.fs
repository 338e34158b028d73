namespace Mixtures

open System

/// Gaussian components with a variance for each column (diagonal) or one for all (spherical).
[<Sealed>]
type internal DiagonalGaussianKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>
    (input: GaussianKernelInput) =
    let d = input.Dimension
    let count = input.Count
    let width = 'O.Width
    let spherical = input.Structure = CovarianceStructure.Spherical

    /// Columns that are worked on together, so that they stay in the nearest cache for all components.
    let columnsPerBlock capacity = max 8 (3072 / capacity)

    interface IBlockKernel with
        member _.ScratchLength _ = 0

        // K x D pairs: a sum and a square
        member _.AccumulatorLength = 2 * count * d * width
        member _.StatisticsLength = count * d + (if spherical then count else count * d)

        member _.AddLogDensity(tile, _, lanes) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity
            let block = columnsPerBlock capacity

            for first in 0..block .. d - 1 do
                let columns = min block (d - first)
                let part = tile.Data.Slice(first * capacity, columns * capacity)

                for k in 0 .. count - 1 do
                    let mean = Span<float>(input.Means, k * d + first, columns)
                    let constant = if first = 0 then input.Constants[k] else 0.0
                    let out = lanes.Slice(k * capacity, capacity)

                    if spherical then
                        let factor = 0.5 * input.Factors[k] * input.Factors[k]
                        DiagonalKernels<'O, 'V>.AddDistance(part, capacity, rows, mean, factor, constant, out)
                    else
                        let scale = Span<float>(input.Factors, k * d + first, columns)
                        DiagonalKernels<'O, 'V>.AddScaledDistance(part, capacity, rows, mean, scale, 0.5, constant, out)

        member _.AddStatistics(tile, _, lanes, accumulators) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity
            let block = columnsPerBlock capacity

            for first in 0..block .. d - 1 do
                let columns = min block (d - first)
                let part = tile.Data.Slice(first * capacity, columns * capacity)

                for k in 0 .. count - 1 do
                    let at = k * d + first

                    DiagonalKernels<'O, 'V>
                        .AddSumsAndSquares(
                            part,
                            capacity,
                            rows,
                            lanes.Slice(k * capacity, capacity),
                            Span<float>(input.Centres, at, columns),
                            accumulators.Slice(2 * at * width, 2 * columns * width)
                        )

        member _.Reduce(accumulators, statistics) =
            let numbers = count * d

            for at in 0 .. numbers - 1 do
                let second = numbers + (if spherical then at / d else at)
                let pair = accumulators.Slice(2 * at * width, 2 * width)
                DiagonalKernels<'O, 'V>.Reduce(pair.Slice(0, width), statistics.Slice(at, 1))
                DiagonalKernels<'O, 'V>.Reduce(pair.Slice(width, width), statistics.Slice(second, 1))

        member _.ToStatistics(counts, statistics) =
            input.Statistics(counts, statistics.Slice(0, count * d).ToArray(), statistics.Slice(count * d).ToArray())
