namespace Mixtures

open System

/// What a Gaussian kernel computes with: means and centres K x D, and per component (one for all if tied) a lower
/// Cholesky factor D x D, or the reciprocal standard deviations (D numbers, one if spherical).
[<NoEquality; NoComparison>]
type internal GaussianKernelInput =
    {
        Structure: CovarianceStructure
        Count: int
        Dimension: int
        Means: float[]
        Centres: float[]
        /// Cholesky factors, or reciprocal standard deviations.
        Factors: float[]
        /// Per component: -D/2 log 2π - log det L.
        Constants: float[]
    }

/// The Gaussian family's work on tiles, for vectors of one width.
[<Sealed>]
type internal GaussianKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>(input: GaussianKernelInput) =
    let d = input.Dimension
    let count = input.Count
    let square = d * d
    let packedLength = TriangularKernels<'O, 'V>.PackedLength d
    let triangle = d * (d + 1) / 2

    let mean k = Span<float>(input.Means, k * d, d)
    let centre k = Span<float>(input.Centres, k * d, d)

    // tied: whiten about a shared point while the means are not too far from it, in within-component sds
    let shared, whitened =
        if input.Structure = CovarianceStructure.Tied then
            let middle =
                Array.init d (fun i ->
                    Seq.sum (seq { for k in 0 .. count - 1 -> input.Means[k * d + i] / float count }))

            let z = Array.init (count * d) (fun at -> input.Means[at] - middle[at % d])

            for k in 0 .. count - 1 do
                Cholesky.solveLower d input.Factors (Span<float>(z, k * d, d))

            let far =
                seq { 0 .. count - 1 }
                |> Seq.exists (fun k ->
                    not (Seq.sum (seq { for i in 0 .. d - 1 -> z[k * d + i] * z[k * d + i] }) <= 1e6))

            if far then [||], [||] else middle, z
        else
            [||], [||]

    let packed =
        match input.Structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Known ->
            let packed = AlignedArray(count * packedLength)

            for k in 0 .. count - 1 do
                TriangularKernels<'O, 'V>
                    .Pack(
                        d,
                        Span.op_Implicit (mean k),
                        ReadOnlySpan(input.Factors, k * square, square),
                        packed.Slice(k * packedLength, packedLength)
                    )

            packed
        | CovarianceStructure.Tied when shared.Length > 0 ->
            let packed = AlignedArray packedLength
            TriangularKernels<'O, 'V>.Pack(d, ReadOnlySpan shared, ReadOnlySpan input.Factors, packed.Span)
            packed
        | CovarianceStructure.Tied ->
            let packed = AlignedArray(count * packedLength)

            for k in 0 .. count - 1 do
                TriangularKernels<'O, 'V>
                    .Pack(
                        d,
                        Span.op_Implicit (mean k),
                        ReadOnlySpan input.Factors,
                        packed.Slice(k * packedLength, packedLength)
                    )

            packed
        | CovarianceStructure.Diagonal
        | CovarianceStructure.Spherical -> AlignedArray 0

    // vectors of accumulators of one component's second moments, before reduction
    let secondVectors =
        match input.Structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Tied -> TriangularKernels<'O, 'V>.ScatterVectors d
        | CovarianceStructure.Diagonal
        | CovarianceStructure.Spherical -> d
        | CovarianceStructure.Known -> 0

    let pooled = input.Structure = CovarianceStructure.Tied
    let firstAccumulator k = k * d * 'O.Width

    let secondAccumulator k =
        (count * d + (if pooled then 0 else k * secondVectors)) * 'O.Width

    let addTriangular (tile: Tile, scratch: Span<float>, lanes: Span<float>, rows) =
        for k in 0 .. count - 1 do
            TriangularKernels<'O, 'V>
                .AddLogDensity(
                    tile.Data,
                    tile.Capacity,
                    rows,
                    d,
                    packed.Slice(k * packedLength, packedLength),
                    scratch,
                    false,
                    input.Constants[k],
                    lanes.Slice(k * tile.Capacity, tile.Capacity)
                )

    interface IBlockKernel with
        member _.ScratchLength capacity = (d + 1) * capacity

        member _.AccumulatorLength =
            (count * d + (if pooled then 1 else count) * secondVectors) * 'O.Width

        member _.StatisticsLength =
            count * d + GaussianStatistics.SecondLength(input.Structure, count, d)

        member _.AddLogDensity(tile, scratch, lanes) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity

            match input.Structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Known -> addTriangular (tile, scratch, lanes, rows)
            | CovarianceStructure.Tied when shared.Length = 0 -> addTriangular (tile, scratch, lanes, rows)
            | CovarianceStructure.Tied ->
                let z = scratch.Slice(0, d * capacity)
                let unused = scratch.Slice(d * capacity, capacity)
                TriangularKernels<'O, 'V>.AddLogDensity(tile.Data, capacity, rows, d, packed.Span, z, true, 0.0, unused)

                for k in 0 .. count - 1 do
                    DiagonalKernels<'O, 'V>
                        .AddDistance(
                            z,
                            capacity,
                            rows,
                            Span<float>(whitened, k * d, d),
                            0.5,
                            input.Constants[k],
                            lanes.Slice(k * capacity, capacity)
                        )
            | CovarianceStructure.Diagonal ->
                for k in 0 .. count - 1 do
                    DiagonalKernels<'O, 'V>
                        .AddScaledDistance(
                            tile.Data,
                            capacity,
                            rows,
                            mean k,
                            Span<float>(input.Factors, k * d, d),
                            0.5,
                            input.Constants[k],
                            lanes.Slice(k * capacity, capacity)
                        )
            | CovarianceStructure.Spherical ->
                for k in 0 .. count - 1 do
                    DiagonalKernels<'O, 'V>
                        .AddDistance(
                            tile.Data,
                            capacity,
                            rows,
                            mean k,
                            0.5 * input.Factors[k] * input.Factors[k],
                            input.Constants[k],
                            lanes.Slice(k * capacity, capacity)
                        )

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let rows = tile.PaddedCount
            let capacity = tile.Capacity

            for k in 0 .. count - 1 do
                let weights = lanes.Slice(k * capacity, capacity)

                if ResponsibilityKernels<'O, 'V>.AnyPositive(weights, rows) then
                    let first = accumulators.Slice(firstAccumulator k, d * 'O.Width)
                    let second = accumulators.Slice(secondAccumulator k, secondVectors * 'O.Width)

                    match input.Structure with
                    | CovarianceStructure.Full
                    | CovarianceStructure.Tied ->
                        let y = scratch.Slice(0, d * capacity)
                        let roots = scratch.Slice(d * capacity, capacity)
                        DiagonalKernels<'O, 'V>.Centre(tile.Data, capacity, rows, weights, centre k, roots, y, first)
                        TriangularKernels<'O, 'V>.AddScatter(y, capacity, rows, d, second)
                    | CovarianceStructure.Diagonal
                    | CovarianceStructure.Spherical ->
                        DiagonalKernels<'O, 'V>
                            .AddSumsAndSquares(tile.Data, capacity, rows, weights, centre k, first, second)
                    | CovarianceStructure.Known ->
                        DiagonalKernels<'O, 'V>.AddSums(tile.Data, capacity, rows, weights, centre k, first)

        member _.Reduce(accumulators, statistics) =
            for k in 0 .. count - 1 do
                DiagonalKernels<'O, 'V>
                    .Reduce(accumulators.Slice(firstAccumulator k, d * 'O.Width), statistics.Slice(k * d, d))

            let second = statistics.Slice(count * d)

            match input.Structure with
            | CovarianceStructure.Full ->
                for k in 0 .. count - 1 do
                    TriangularKernels<'O, 'V>
                        .ReduceScatter(d, accumulators.Slice(secondAccumulator k), second.Slice(k * triangle, triangle))
            | CovarianceStructure.Tied ->
                TriangularKernels<'O, 'V>.ReduceScatter(d, accumulators.Slice(secondAccumulator 0), second)
            | CovarianceStructure.Diagonal ->
                DiagonalKernels<'O, 'V>.Reduce(accumulators.Slice(secondAccumulator 0, count * d * 'O.Width), second)
            | CovarianceStructure.Spherical ->
                for k in 0 .. count - 1 do
                    for i in 0 .. d - 1 do
                        DiagonalKernels<'O, 'V>
                            .Reduce(
                                accumulators.Slice(secondAccumulator k + i * 'O.Width, 'O.Width),
                                second.Slice(k, 1)
                            )
            | CovarianceStructure.Known -> ()

        member _.ToStatistics(counts, statistics) =
            GaussianStatistics(
                input.Structure,
                d,
                Array.copy counts,
                input.Centres,
                statistics.Slice(0, count * d).ToArray(),
                statistics.Slice(count * d).ToArray()
            )
