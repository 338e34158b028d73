namespace Mixtures

open System

/// Gaussian components that share one covariance matrix. A row is whitened once for all components, about a point
/// between them, as long as they are not too far apart for that; and where all rows of the data pass by, their second
/// moments follow from the data's total scatter.
[<Sealed>]
type internal TiedGaussianKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>(input: GaussianKernelInput) =
    let d = input.Dimension
    let count = input.Count
    let packedLength = TriangularKernels<'O, 'V>.PackedLength d

    let middle =
        Array.init d (fun i ->
            let mutable sum = 0.0

            for k in 0 .. count - 1 do
                sum <- sum + input.Means[k * d + i] / float count

            sum)

    /// The means in whitened coordinates, K x D.
    let whitened =
        let z = Array.init (count * d) (fun at -> input.Means[at] - middle[at % d])

        for k in 0 .. count - 1 do
            Cholesky.solveLower d input.Factors (Span<float>(z, k * d, d))

        z

    /// Whether between and within variance are close enough for a shared centre.
    let near =
        whitened
        |> Array.chunkBySize d
        |> Array.forall (fun z -> Array.sumBy (fun v -> v * v) z <= 1e6)

    let fromTotal = near && input.Whole.IsSome

    let packed =
        let centres = if near then middle else input.Means
        let packed = AlignedArray(centres.Length / d * packedLength)

        for k in 0 .. centres.Length / d - 1 do
            TriangularKernels<'O, 'V>
                .Pack(
                    d,
                    ReadOnlySpan(centres, k * d, d),
                    ReadOnlySpan input.Factors,
                    packed.Slice(k * packedLength, packedLength)
                )

        packed

    let sumsStep = DiagonalKernels<'O, 'V>.SumsStep d
    let sumsLength = DiagonalKernels<'O, 'V>.SumsLength(count, d)

    let scatterLength =
        if fromTotal then
            0
        else
            TriangularKernels<'O, 'V>.ScatterLength d

    let halves = Array.create count -0.5

    /// Σ_k Σ a (x - c_k)(x - c_k)ᵀ from the total scatter T about m: with e_k = m - c_k and sums s_k about c_k, it is
    /// T + Σ_k (s_k e_kᵀ + e_k s_kᵀ - n_k e_k e_kᵀ), since the a of a row sum to its weight.
    let pooled (whole: DataScale) (counts: float[]) (sums: float[]) =
        let result = Array.copy whole.Scatter

        for k in 0 .. count - 1 do
            for i in 0 .. d - 1 do
                let ei = whole.Means[i] - input.Centres[k * d + i]

                for j in 0..i do
                    let ej = whole.Means[j] - input.Centres[k * d + j]
                    let at = i * (i + 1) / 2 + j

                    result[at] <- result[at] + sums[k * d + i] * ej + sums[k * d + j] * ei - counts[k] * ei * ej

        result

    interface IBlockKernel with
        member _.ScratchLength capacity = (d + 1) * capacity
        member _.AccumulatorLength = sumsLength + scatterLength
        member _.StatisticsLength = count * d + (if fromTotal then 0 else d * (d + 1) / 2)

        member _.AddLogDensity(tile, scratch, lanes) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity

            if near then
                let z = scratch.Slice(0, d * capacity)
                let unused = scratch.Slice(d * capacity, capacity)
                TriangularKernels<'O, 'V>.AddLogDensity(tile.Data, capacity, rows, d, packed.Span, z, true, 0.0, unused)

                DiagonalKernels<'O, 'V>
                    .AddDistances(z, capacity, rows, d, Span whitened, d, Span halves, Span input.Constants, lanes)
            else
                for k in 0 .. count - 1 do
                    TriangularKernels<'O, 'V>
                        .AddLogDensity(
                            tile.Data,
                            capacity,
                            rows,
                            d,
                            packed.Slice(k * packedLength, packedLength),
                            scratch,
                            false,
                            input.Constants[k],
                            lanes.Slice(k * capacity, capacity)
                        )

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity

            if fromTotal then
                DiagonalKernels<'O, 'V>
                    .AddSums(tile.Data, capacity, rows, d, count, lanes, Span input.Centres, accumulators)
            else
                let y = scratch.Slice(0, d * capacity)
                let roots = scratch.Slice(d * capacity, capacity)
                let scatter = accumulators.Slice(sumsLength, scatterLength)

                for k in 0 .. count - 1 do
                    let weights = lanes.Slice(k * capacity, capacity)

                    if ResponsibilityKernels<'O, 'V>.AnyPositive(weights, rows) then
                        let sums = accumulators.Slice(k * sumsStep, d)

                        DiagonalKernels<'O, 'V>
                            .Centre(tile.Data, capacity, rows, weights, input.Centre k, roots, y, sums)

                        TriangularKernels<'O, 'V>.AddScatter(y, capacity, rows, d, scatter)

        member _.Reduce(accumulators, statistics) =
            for k in 0 .. count - 1 do
                for i in 0 .. d - 1 do
                    statistics[k * d + i] <- statistics[k * d + i] + accumulators[k * sumsStep + i]

            if not fromTotal then
                TriangularKernels<'O, 'V>
                    .ReduceScatter(d, accumulators.Slice(sumsLength, scatterLength), statistics.Slice(count * d))

        member _.ToStatistics(counts, statistics) =
            let sums = statistics.Slice(0, count * d).ToArray()

            let second =
                match input.Whole with
                | ValueSome whole when fromTotal -> pooled whole counts sums
                | _ -> statistics.Slice(count * d).ToArray()

            input.Statistics(counts, sums, second)
