namespace Mixtures

open System

/// Columns that a kernel works on together, so that their features stay in the nearest cache for all components.
[<NoEquality; NoComparison>]
type internal ColumnBlock =
    {
        /// The first column, and how many there are.
        First: int
        Columns: int
        /// Where their features start among all, and how many there are.
        FirstFeature: int
        Features: int
        /// Where their sums start in the accumulators.
        Offset: int
    }

/// The kernel of components whose columns are independent: features of the rows, computed once for all components, times
/// natural parameters. Columns whose features depend on the component are worked on one component at a time.
[<Sealed>]
type internal IndependentKernel(columns: ColumnFamily[], count: int, stated: float[][], request: KernelRequest) =
    let d = columns.Length
    let arithmetic = BlockArithmetic.For(enum<SimdWidth> request.Width)
    let features = columns |> Array.map _.Features
    let starts = Array.scan (+) 0 features
    let length = starts[d]
    let of' k c = stated[k * d + c]

    // blocks of neighbouring linear columns; each other column is a block of its own
    let blocks =
        let result = ResizeArray<ColumnBlock>()
        let mutable offset = 0
        let mutable c = 0

        while c < d do
            let mutable next = c + 1

            while columns[c].IsLinear
                  && next < d
                  && columns[next].IsLinear
                  && starts[next + 1] - starts[c] <= 12 do
                next <- next + 1

            let size = starts[next] - starts[c]

            result.Add
                {
                    First = c
                    Columns = next - c
                    FirstFeature = starts[c]
                    Features = size
                    Offset = offset
                }

            let room =
                if columns[c].IsLinear then
                    arithmetic.SumsLength(count, size)
                else
                    count * arithmetic.SumsLength(1, size)

            offset <- offset + (room + 7) / 8 * 8
            c <- next

        result.ToArray()

    let accumulatorLength =
        let last = blocks[blocks.Length - 1]
        last.Offset + count * (arithmetic.SumsLength(1, last.Features) + 8) + 8

    let widest = blocks |> Array.map _.Features |> Array.max
    let zeros = Array.zeroCreate<float>(count * widest)
    let nothing = Array.zeroCreate<float> count
    let slopes = Array.zeroCreate<float>(count * length)
    let constants = Array.create count (Array.sumBy log request.Reference)

    do
        for k in 0 .. count - 1 do
            for c in 0 .. d - 1 do
                if columns[c].IsLinear then
                    constants[k] <-
                        constants[k]
                        + columns[c].Natural(of' k c, Span<float>(slopes, k * length + starts[c], features[c]))

    /// Features of a linear block's columns, in strips.
    let fill (block: ColumnBlock) (tile: Tile) (strips: Span<float>) =
        for c in block.First .. block.First + block.Columns - 1 do
            columns[c]
                .FillFeatures(
                    of' 0 c,
                    Span.op_Implicit (tile.Column(c).Slice(0, tile.PaddedCount)),
                    strips.Slice((starts[c] - block.FirstFeature) * tile.Capacity),
                    tile.Capacity
                )

    interface IBlockKernel with
        member _.ScratchLength capacity = (1 + widest) * capacity
        member _.AccumulatorLength = accumulatorLength
        member _.StatisticsLength = count * length

        member _.AddLogDensity(tile, scratch, lanes) =
            let capacity = tile.Capacity
            let rows = tile.PaddedCount
            let carrier = scratch.Slice(0, rows)
            let strips = scratch.Slice(capacity, widest * capacity)
            carrier.Clear()

            for c in 0 .. d - 1 do
                columns[c].AddCarrier(Span.op_Implicit (tile.Column(c).Slice(0, rows)), carrier)

            for k in 0 .. count - 1 do
                System.Numerics.Tensors.TensorPrimitives.Add(
                    Span.op_Implicit carrier,
                    Span.op_Implicit (lanes.Slice(k * capacity, rows)),
                    lanes.Slice(k * capacity, rows)
                )

            for index in 0 .. blocks.Length - 1 do
                let block = blocks[index]

                if columns[block.First].IsLinear then
                    fill block tile strips

                    arithmetic.AddProducts(
                        strips,
                        capacity,
                        rows,
                        block.Features,
                        Span<float>(slopes).Slice block.FirstFeature,
                        length,
                        Span<float> nothing,
                        lanes
                    )
                else
                    for k in 0 .. count - 1 do
                        columns[block.First]
                            .AddLogDensity(
                                of' k block.First,
                                Span.op_Implicit (tile.Column(block.First).Slice(0, rows)),
                                lanes.Slice(k * capacity, rows)
                            )

            for k in 0 .. count - 1 do
                let own = lanes.Slice(k * capacity, rows)
                System.Numerics.Tensors.TensorPrimitives.Add(Span.op_Implicit own, constants[k], own)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let capacity = tile.Capacity
            let strips = scratch.Slice(capacity, widest * capacity)

            for index in 0 .. blocks.Length - 1 do
                let block = blocks[index]

                if columns[block.First].IsLinear then
                    fill block tile strips

                    arithmetic.AddSums(
                        strips,
                        capacity,
                        tile.PaddedCount,
                        block.Features,
                        count,
                        lanes,
                        Span<float> zeros,
                        accumulators.Slice(block.Offset, arithmetic.SumsLength(count, block.Features))
                    )
                else
                    let room = arithmetic.SumsLength(1, block.Features)

                    for k in 0 .. count - 1 do
                        columns[block.First]
                            .FillFeatures(
                                of' k block.First,
                                Span.op_Implicit (tile.Column(block.First).Slice(0, tile.PaddedCount)),
                                strips,
                                capacity
                            )

                        arithmetic.AddSums(
                            strips,
                            capacity,
                            tile.PaddedCount,
                            block.Features,
                            1,
                            lanes.Slice(k * capacity, capacity),
                            Span<float> zeros,
                            accumulators.Slice(block.Offset + k * room, room)
                        )

        member _.Reduce(accumulators, statistics) =
            for index in 0 .. blocks.Length - 1 do
                let block = blocks[index]

                let step =
                    if columns[block.First].IsLinear then
                        arithmetic.SumsStep block.Features
                    else
                        arithmetic.SumsLength(1, block.Features)

                for k in 0 .. count - 1 do
                    for f in 0 .. block.Features - 1 do
                        let at = k * length + block.FirstFeature + f
                        statistics[at] <- statistics[at] + accumulators[block.Offset + k * step + f]

        member _.ToStatistics(counts, statistics) =
            ExponentialStatistics(features, Array.copy counts, statistics.ToArray(), stated, [||])
