namespace Mixtures

open System

/// Gaussian components with a covariance matrix each, fitted (full) or given (known).
[<Sealed>]
type internal FullGaussianKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>(input: GaussianKernelInput) =
    let d = input.Dimension
    let count = input.Count
    let triangle = d * (d + 1) / 2
    let packedLength = TriangularKernels<'O, 'V>.PackedLength d
    let fitted = input.Structure = CovarianceStructure.Full

    let packed =
        let packed = AlignedArray(count * packedLength)

        for k in 0 .. count - 1 do
            TriangularKernels<'O, 'V>
                .Pack(
                    d,
                    Span.op_Implicit (input.Mean k),
                    ReadOnlySpan(input.Factors, k * d * d, d * d),
                    packed.Slice(k * packedLength, packedLength)
                )

        packed

    // accumulators of a component: D sums, then the scatter's register tiles
    let scatterLength = TriangularKernels<'O, 'V>.ScatterLength d
    let componentLength = d + scatterLength
    let sumsStep = DiagonalKernels<'O, 'V>.SumsStep d

    interface IBlockKernel with
        member _.ScratchLength capacity = (d + 1) * capacity

        member _.AccumulatorLength =
            if fitted then
                count * componentLength
            else
                DiagonalKernels<'O, 'V>.SumsLength(count, d)

        member _.StatisticsLength = count * d + (if fitted then count * triangle else 0)

        member _.AddLogDensity(tile, scratch, lanes) =
            for k in 0 .. count - 1 do
                TriangularKernels<'O, 'V>
                    .AddLogDensity(
                        tile.Data,
                        tile.Capacity,
                        tile.PaddedCount,
                        d,
                        packed.Slice(k * packedLength, packedLength),
                        scratch,
                        false,
                        input.Constants[k],
                        lanes.Slice(k * tile.Capacity, tile.Capacity)
                    )

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity

            if fitted then
                let y = scratch.Slice(0, d * capacity)
                let roots = scratch.Slice(d * capacity, capacity)

                for k in 0 .. count - 1 do
                    let weights = lanes.Slice(k * capacity, capacity)

                    if ResponsibilityKernels<'O, 'V>.AnyPositive(weights, rows) then
                        let sums = accumulators.Slice(k * componentLength, d)
                        let scatter = accumulators.Slice(k * componentLength + d, scatterLength)

                        DiagonalKernels<'O, 'V>
                            .Centre(tile.Data, capacity, rows, weights, input.Centre k, roots, y, sums)

                        TriangularKernels<'O, 'V>.AddScatter(y, capacity, rows, d, scatter)
            else
                DiagonalKernels<'O, 'V>
                    .AddSums(tile.Data, capacity, rows, d, count, lanes, Span input.Centres, accumulators)

        member _.Reduce(accumulators, statistics) =
            for k in 0 .. count - 1 do
                let start = k * (if fitted then componentLength else sumsStep)

                for i in 0 .. d - 1 do
                    statistics[k * d + i] <- statistics[k * d + i] + accumulators[start + i]

                if fitted then
                    TriangularKernels<'O, 'V>
                        .ReduceScatter(
                            d,
                            accumulators.Slice(start + d, scatterLength),
                            statistics.Slice(count * d + k * triangle, triangle)
                        )

        member _.ToStatistics(counts, statistics) =
            input.Statistics(counts, statistics.Slice(0, count * d).ToArray(), statistics.Slice(count * d).ToArray())
