namespace Mixtures

open System
open System.Numerics.Tensors

/// Components that can leave columns out of a row.
type internal IMarginalComponents =
    /// The kernel of tiles that hold the observed columns only, in their order. Its log-densities are those of the observed
    /// columns. Its reduced statistics are of all columns: what is missing is replaced by its expectation given what is
    /// observed, or not counted in its column. They have the same layout for all sets of columns, also for none.
    abstract MarginalKernel: observed: int[] * request: KernelRequest -> IBlockKernel

/// The kernel of no columns at all: it adds nothing, and keeps nothing.
[<Sealed>]
type internal NoColumnsKernel() =
    interface IBlockKernel with
        member _.ScratchLength _ = 0
        member _.AccumulatorLength = 0
        member _.StatisticsLength = 0
        member _.AddLogDensity(_, _, _) = ()
        member _.AddStatistics(_, _, _, _) = ()
        member _.Reduce(_, _) = ()

        member _.ToStatistics(_, _) =
            invalidOp "no columns have no statistics"

/// What kernels over some of the columns have in common.
[<RequireQualifiedAccess>]
module internal MissingRoom =

    /// The first numbers of a buffer, or fresh ones where it is too short.
    let take (buffer: Span<float>) (length: int) : Span<float> =
        if length <= buffer.Length then
            buffer.Slice(0, length)
        else
            Span<float>(Array.zeroCreate<float> length)

    /// Adds Σ a of each component's lanes.
    let addCounts (tile: Tile) (lanes: Span<float>) (counts: Span<float>) =
        for k in 0 .. counts.Length - 1 do
            let own = lanes.Slice(k * tile.Capacity, tile.PaddedCount)
            counts[k] <- counts[k] + Sums.sum (Span.op_Implicit own)

    /// The kernel of the components of the observed columns alone.
    let kernel (part: int[] -> #IComponents) (observed: int[]) (request: KernelRequest) dimension : IBlockKernel =
        if observed.Length = 0 then
            NoColumnsKernel()
        else
            (part observed).Kernel(request.Of(observed, dimension))

/// The kernel of rows with missing cells, which are left out of the densities (marginalised). All rows of a tile lack the
/// same columns; patterns are the observed columns of each.
[<Sealed>]
type internal MissingKernel
    private (components: IMarginalComponents, dimension: int, request: KernelRequest, patterns: int[][]) =
    let whole = components.MarginalKernel([| 0 .. dimension - 1 |], request)

    let kernels =
        patterns
        |> Array.map (fun observed ->
            if observed.Length = dimension then
                lazy whole
            else
                lazy (components.MarginalKernel(observed, request)))

    // enough for most sets of columns; others make their own
    let accumulatorLength = (whole.AccumulatorLength + 7) / 8 * 8

    /// The kernel and the tile of the observed columns.
    let prepare (tile: Tile) : struct (IBlockKernel * Tile) =
        match tile.Pattern with
        | -1 -> struct (whole, tile)
        | pattern ->
            let observed = patterns[pattern]

            if observed.Length = dimension then
                struct (whole, tile)
            else
                struct (kernels[pattern].Value, tile.Selection observed)

    /// The error of components that cannot leave columns out.
    static member Refuse(components: IComponents) : 'T =
        raise (
            DataException
                $"The {components.Family.Name} family cannot leave missing values out: fill them in, remove their rows, or choose another family."
        )

    /// The kernel of components over data with these patterns of observed columns.
    static member Of(components: IComponents, request: KernelRequest, patterns: int[][]) : IBlockKernel =
        match components with
        | :? IMarginalComponents as marginal ->
            MissingKernel(marginal, components.Dimension, { request with Whole = ValueNone }, patterns)
        | _ -> MissingKernel.Refuse components

    interface IBlockKernel with
        member _.ScratchLength capacity =
            accumulatorLength + whole.ScratchLength capacity

        member _.AccumulatorLength = whole.StatisticsLength
        member _.StatisticsLength = whole.StatisticsLength

        member _.AddLogDensity(tile, scratch, lanes) =
            let struct (kernel, part) = prepare tile

            if part.Dimension > 0 then
                let room =
                    MissingRoom.take (scratch.Slice accumulatorLength) (kernel.ScratchLength part.Capacity)

                kernel.AddLogDensity(part, room, lanes)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let struct (kernel, part) = prepare tile

            let own =
                MissingRoom.take (scratch.Slice(0, accumulatorLength)) kernel.AccumulatorLength

            let room =
                MissingRoom.take (scratch.Slice accumulatorLength) (kernel.ScratchLength part.Capacity)

            own.Clear()
            kernel.AddStatistics(part, room, lanes, own)
            kernel.Reduce(own, accumulators)

        member _.Reduce(accumulators, statistics) =
            TensorPrimitives.Add(Span.op_Implicit statistics, Span.op_Implicit accumulators, statistics)

        member _.ToStatistics(counts, statistics) = whole.ToStatistics(counts, statistics)

/// The kernel of components whose columns are independent given the component, where columns are missing: each column's
/// statistics are of the rows that have it, and counted by column.
[<Sealed>]
type internal DroppingKernel
    (
        count: int,
        dimension: int,
        observed: int[],
        // of the observed columns
        inner: IBlockKernel,
        // where each of the inner kernel's statistics goes
        places: int[],
        // how many statistics there are of all columns, without the counts
        length: int,
        // from Σ a, the statistics and Σ a of each column (K x D)
        toStatistics: float[] -> float[] -> float[] -> IStatistics
    ) =
    let innerLength = (inner.AccumulatorLength + 7) / 8 * 8

    interface IBlockKernel with
        member _.ScratchLength capacity = inner.ScratchLength capacity
        member _.AccumulatorLength = innerLength + count
        member _.StatisticsLength = length + count * dimension

        member _.AddLogDensity(tile, scratch, lanes) =
            inner.AddLogDensity(tile, scratch, lanes)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            inner.AddStatistics(tile, scratch, lanes, accumulators.Slice(0, innerLength))
            MissingRoom.addCounts tile lanes (accumulators.Slice(innerLength, count))

        member _.Reduce(accumulators, statistics) =
            let own = Array.zeroCreate<float> inner.StatisticsLength
            inner.Reduce(accumulators.Slice(0, innerLength), Span own)

            for at in 0 .. own.Length - 1 do
                statistics[places[at]] <- statistics[places[at]] + own[at]

            for k in 0 .. count - 1 do
                for c in observed do
                    let at = length + k * dimension + c
                    statistics[at] <- statistics[at] + accumulators[innerLength + k]

        member _.ToStatistics(counts, statistics) =
            toStatistics
                (Array.copy counts)
                (statistics.Slice(0, length).ToArray())
                (statistics.Slice(length).ToArray())
