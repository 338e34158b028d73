namespace Mixtures

open System

/// Some of the columns, and the family that they have together.
[<NoEquality; NoComparison>]
type internal ProductPart =
    {
        /// The positions of the columns.
        Columns: int[]
        Family: IComponentFamily
    }

/// The statistics of the parts of a product, in their order.
[<Sealed>]
type ProductStatistics internal (counts: float[], parts: IStatistics[]) =

    /// Σ a, per component.
    member _.Counts = counts

    /// The statistics of each part.
    member _.Parts = parts

    /// The statistics of both sets of rows together.
    member _.Merge(other: ProductStatistics) =
        if other.Parts.Length <> parts.Length then
            invalidArg (nameof other) $"expected statistics of {parts.Length} parts, received {other.Parts.Length}"

        ProductStatistics(
            Array.map2 (+) counts other.Counts,
            Array.map2 (fun (a: IStatistics) b -> a.Merge b) parts other.Parts
        )

    interface IStatistics with
        member _.Counts = counts

        member _.IsFinite =
            Array.forall Double.IsFinite counts && parts |> Array.forall _.IsFinite

        member this.Merge other =
            match other with
            | :? ProductStatistics as other -> this.Merge other
            | _ -> invalidArg (nameof other) "expected statistics of a product"

/// The kernel of a product: each part's on a tile of its own columns, which belongs to the tile.
[<Sealed>]
type internal ProductKernel(columns: int[][], kernels: IBlockKernel[]) =
    let ends lengths = Array.scan (+) 0 lengths
    // neighbouring parts start on cache lines
    let rooms = kernels |> Array.map (fun k -> (k.AccumulatorLength + 7) / 8 * 8)
    let accumulatorStarts = ends rooms
    let statisticsStarts = ends (kernels |> Array.map _.StatisticsLength)

    let part (tile: Tile) index =
        let own = columns[index]
        let child = tile.Child(index, own.Length)

        for c in 0 .. own.Length - 1 do
            tile.Column(own[c]).Slice(0, tile.Count).CopyTo(child.Column c)

        child.SetCount tile.Count
        child

    interface IBlockKernel with
        member _.ScratchLength capacity =
            kernels |> Array.map (fun k -> k.ScratchLength capacity) |> Array.max

        member _.AccumulatorLength = accumulatorStarts[kernels.Length]
        member _.StatisticsLength = statisticsStarts[kernels.Length]

        member _.AddLogDensity(tile, scratch, lanes) =
            for p in 0 .. kernels.Length - 1 do
                kernels[p].AddLogDensity(part tile p, scratch.Slice(0, kernels[p].ScratchLength tile.Capacity), lanes)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            for p in 0 .. kernels.Length - 1 do
                kernels[p]
                    .AddStatistics(
                        part tile p,
                        scratch.Slice(0, kernels[p].ScratchLength tile.Capacity),
                        lanes,
                        accumulators.Slice(accumulatorStarts[p], kernels[p].AccumulatorLength)
                    )

        member _.Reduce(accumulators, statistics) =
            for p in 0 .. kernels.Length - 1 do
                kernels[p]
                    .Reduce(
                        accumulators.Slice(accumulatorStarts[p], kernels[p].AccumulatorLength),
                        statistics.Slice(statisticsStarts[p], kernels[p].StatisticsLength)
                    )

        member _.ToStatistics(counts, statistics) =
            let parts = Array.zeroCreate kernels.Length

            for p in 0 .. kernels.Length - 1 do
                parts[p] <-
                    kernels[p].ToStatistics(counts, statistics.Slice(statisticsStarts[p], kernels[p].StatisticsLength))

            ProductStatistics(Array.copy counts, parts)

/// Components of parts over different columns, which are independent given the component. Immutable.
[<Sealed>]
type internal ProductComponents
    (familyOf: ProductPart[] -> IComponentFamily, dimension: int, columns: int[][], parts: IComponents[]) =
    let count = parts[0].Count

    let family =
        familyOf (Array.map2 (fun c (p: IComponents) -> { Columns = c; Family = p.Family }) columns parts)

    /// Which part a column belongs to, and where it is in it.
    let places =
        let result = Array.create dimension struct (-1, -1)

        columns
        |> Array.iteri (fun p own -> own |> Array.iteri (fun at c -> result[c] <- struct (p, at)))

        result

    /// The chosen columns' parts: for each the positions among the chosen, and in the part.
    let split (chosen: int[]) =
        [|
            for p in 0 .. parts.Length - 1 do
                let own =
                    chosen
                    |> Array.indexed
                    |> Array.choose (fun (position, c) ->
                        let struct (part, at) = places[c]
                        if part = p then Some(position, at) else None)

                if own.Length > 0 then
                    (p, Array.map fst own, Array.map snd own)
        |]

    let wrap columns (parts: IComponents[]) =
        ProductComponents(familyOf, dimension, columns, parts)

    let marginal (chosen: int[]) =
        let chosenParts = split chosen

        ProductComponents(
            familyOf,
            chosen.Length,
            chosenParts |> Array.map (fun (_, positions, _) -> positions),
            chosenParts |> Array.map (fun (p, _, own) -> parts[p].Marginal own)
        )

    let pick (own: int[]) (values: 'T[]) = own |> Array.map (fun c -> values[c])

    member _.Columns = columns
    member _.Parts = parts

    interface IMarginalComponents with
        member _.MarginalKernel(observed, request) =
            let kernels =
                Array.map2
                    (fun (own: int[]) (p: IComponents) ->
                        match p with
                        | :? IMarginalComponents as marginal ->
                            let present =
                                [| 0 .. own.Length - 1 |]
                                |> Array.filter (fun at -> Array.contains own[at] observed)

                            marginal.MarginalKernel(present, request.Of(own, dimension))
                        | _ -> MissingKernel.Refuse p)
                    columns
                    parts

            // where the observed columns of each part lie among all that are observed
            let places =
                columns
                |> Array.map (fun own ->
                    own
                    |> Array.choose (fun c ->
                        match Array.IndexOf(observed, c) with
                        | -1 -> None
                        | at -> Some at))

            ProductKernel(places, kernels)

    interface IComponents with
        member _.Family = family
        member _.Count = count
        member _.Dimension = dimension
        member _.FreeParameters = parts |> Array.sumBy _.FreeParameters

        member _.ActiveColumns =
            Array.map2 (fun (own: int[]) (p: IComponents) -> pick p.ActiveColumns own) columns parts
            |> Array.concat
            |> Array.sort

        member this.Active =
            let active = (this :> IComponents).ActiveColumns
            if active.Length = dimension then this else marginal active

        member _.Kernel request =
            let kernels =
                Array.map2 (fun (own: int[]) (p: IComponents) -> p.Kernel(request.Of(own, dimension))) columns parts

            ProductKernel(columns, kernels)

        member _.Magnification reference =
            Array.map2 (fun own (p: IComponents) -> p.Magnification(pick own reference)) columns parts
            |> Array.max

        member _.Choose indices =
            wrap columns (parts |> Array.map _.Choose(indices))

        member this.Marginal chosen =
            if chosen = [| 0 .. dimension - 1 |] then
                this
            else
                marginal chosen

        member _.Condition(chosen, values) =
            let rest = [| 0 .. dimension - 1 |] |> Array.except chosen
            let densities = Array.zeroCreate<float> count
            let restParts = ResizeArray<IComponents>()
            let restColumns = ResizeArray<int[]>()

            for p in 0 .. parts.Length - 1 do
                let given =
                    chosen
                    |> Array.indexed
                    |> Array.choose (fun (i, c) ->
                        let struct (part, at) = places[c]
                        if part = p then Some(at, values[i]) else None)

                let free = [| 0 .. columns[p].Length - 1 |] |> Array.except (Array.map fst given)

                let positions = free |> Array.map (fun at -> Array.IndexOf(rest, columns[p].[at]))

                let add (own: float[]) =
                    for k in 0 .. count - 1 do
                        densities[k] <- densities[k] + own[k]

                if given.Length = 0 then
                    restParts.Add parts[p]
                    restColumns.Add positions
                elif free.Length > 0 then
                    let struct (remaining, own) =
                        parts[p].Condition(Array.map fst given, Array.map snd given)

                    add own
                    restParts.Add remaining
                    restColumns.Add positions
                else
                    // all of the part is given: its density alone
                    let row = Array.zeroCreate columns[p].Length

                    for at, value in given do
                        row[at] <- value

                    add (ProductComponents.LogDensityOf(parts[p], row))

            struct (ProductComponents(familyOf, rest.Length, restColumns.ToArray(), restParts.ToArray()) :> IComponents,
                    densities)

        member _.Sample(k, stream, row) =
            for p in 0 .. parts.Length - 1 do
                let own = Array.zeroCreate columns[p].Length
                parts[p].Sample(k, stream, Span own)

                for at in 0 .. own.Length - 1 do
                    row[columns[p].[at]] <- own[at]

        member _.Mean k =
            let result = Array.zeroCreate dimension

            for p in 0 .. parts.Length - 1 do
                parts[p].Mean k |> Array.iteri (fun at m -> result[columns[p].[at]] <- m)

            result

        member _.Covariance k =
            let result = Array2D.zeroCreate dimension dimension

            for p in 0 .. parts.Length - 1 do
                parts[p].Covariance k
                |> Array2D.iteri (fun i j v -> result[columns[p].[i], columns[p].[j]] <- v)

            result

        member _.Entropy k =
            parts |> Array.sumBy (fun p -> p.Entropy k)

        member _.Cdf(k, x) =
            if dimension <> 1 then
                invalidOp $"the distribution function is of one column, but these components have {dimension}"

            parts[0].Cdf(k, x)

    /// Each component's log-density of one row over all the columns of some components.
    static member LogDensityOf(components: IComponents, row: float[]) : float[] =
        let active = components.Active
        let columns = components.ActiveColumns
        let tile = Tile(columns.Length, 32)

        for c in 0 .. columns.Length - 1 do
            tile.Column(c)[0] <- row[columns[c]]

        tile.Weights[0] <- 1.0
        tile.SetCount 1
        let kernel = active.Kernel(KernelRequest.Plain(columns.Length, int SimdWidth.best))
        let lanes = AlignedArray(components.Count * 32)
        let scratch = AlignedArray(kernel.ScratchLength 32)
        kernel.AddLogDensity(tile, scratch.Span, lanes.Span)
        Array.init components.Count (fun k -> lanes.Span[k * 32])
