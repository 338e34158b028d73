namespace Mixtures

open System

/// The statistics of a mixture with noise: those of its other components, and the noise's rows as a count alone.
[<Sealed>]
type NoiseStatistics internal (counts: float[], inner: IStatistics) =

    /// Σ a, per component, the noise's last.
    member _.Counts = counts

    /// The statistics of the components beside the noise.
    member _.Inner = inner

    interface IStatistics with
        member _.Counts = counts

        member _.IsFinite = Array.forall Double.IsFinite counts && inner.IsFinite

        member _.Merge other =
            match other with
            | :? NoiseStatistics as other ->
                NoiseStatistics(Array.map2 (+) counts other.Counts, inner.Merge other.Inner)
            | _ -> invalidArg (nameof other) "expected statistics of a mixture with noise"

/// The kernel of components and noise: the others' on their lanes, a constant on the last.
[<Sealed>]
type internal NoiseKernel(inner: IBlockKernel, count: int, box: NoiseBox, reference: float[]) =
    // log-densities are of x / reference
    let inside = NoiseBox.logDensity box + Array.sumBy log reference

    let others (tile: Tile) (lanes: Span<float>) = lanes.Slice(0, count * tile.Capacity)

    interface IBlockKernel with
        member _.ScratchLength capacity = inner.ScratchLength capacity
        member _.AccumulatorLength = inner.AccumulatorLength
        member _.StatisticsLength = inner.StatisticsLength

        member _.AddLogDensity(tile, scratch, lanes) =
            inner.AddLogDensity(tile, scratch, others tile lanes)
            let own = lanes.Slice(count * tile.Capacity, tile.PaddedCount)

            for i in 0 .. own.Length - 1 do
                own[i] <- own[i] + inside

            for c in 0 .. box.Lower.Length - 1 do
                let column = tile.Column c
                let low, high = box.Lower[c], box.Upper[c]

                for i in 0 .. own.Length - 1 do
                    if column[i] < low || column[i] > high then
                        own[i] <- Double.NegativeInfinity

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            inner.AddStatistics(tile, scratch, others tile lanes, accumulators)

        member _.Reduce(accumulators, statistics) = inner.Reduce(accumulators, statistics)

        member _.ToStatistics(counts, statistics) =
            NoiseStatistics(Array.copy counts, inner.ToStatistics(Array.sub counts 0 count, statistics))

/// Components of any family and one, the last, of constant density over a box (Banfield & Raftery 1993; Fraley & Raftery
/// 2002). The box is given, not fitted. Immutable.
[<Sealed>]
type internal NoiseComponents
    (familyOf: IComponentFamily -> NoiseBox -> IComponentFamily, inner: IComponents, box: NoiseBox) =
    let count = inner.Count
    let family = familyOf inner.Family box
    let wrap inner box = NoiseComponents(familyOf, inner, box)

    /// What is asked of the others' kernel.
    let others (request: KernelRequest) =
        { request with
            Centres =
                request.Centres
                |> ValueOption.map (fun centres -> Array.sub centres 0 (count * inner.Dimension))
            // the responsibilities of the others do not sum to one
            Whole = ValueNone
        }

    /// The components beside the noise.
    member _.Inner = inner

    member _.Box = box

    /// Whether a component is the noise of its mixture.
    static member IsNoise(components: IComponents, index: int) =
        match components with
        | :? NoiseComponents as c -> index = c.Inner.Count
        | _ -> false

    /// The components beside the noise, where there is any.
    static member Proper(components: IComponents) : IComponents =
        match components with
        | :? NoiseComponents as c -> c.Inner
        | _ -> components

    interface IMarginalComponents with
        member _.MarginalKernel(observed, request) =
            match inner with
            | :? IMarginalComponents as marginal ->
                let kernel = marginal.MarginalKernel(observed, others request)

                NoiseKernel(
                    kernel,
                    count,
                    NoiseBox.pick observed box,
                    (request.Of(observed, inner.Dimension)).Reference
                )
            | _ -> MissingKernel.Refuse inner

    interface IComponents with
        member _.Family = family
        member _.Count = count + 1
        member _.Dimension = inner.Dimension
        member _.FreeParameters = inner.FreeParameters
        member _.ActiveColumns = inner.ActiveColumns

        member this.Active =
            let active = inner.ActiveColumns

            if active.Length = inner.Dimension then
                this
            else
                wrap inner.Active (NoiseBox.pick active box)

        member _.Kernel request =
            NoiseKernel(inner.Kernel(others request), count, box, request.Reference)

        member _.Magnification reference = inner.Magnification reference

        member _.Choose indices =
            match Array.IndexOf(indices, count) with
            | -1 -> inner.Choose indices
            | at when at > 0 && at = indices.Length - 1 -> wrap (inner.Choose(Array.sub indices 0 at)) box
            | _ ->
                invalidArg
                    (nameof indices)
                    "expected the noise as the last of several components, received another order"

        member this.Marginal columns =
            if columns = [| 0 .. inner.Dimension - 1 |] then
                this
            else
                wrap (inner.Marginal columns) (NoiseBox.pick columns box)

        member _.Condition(columns, values) =
            let struct (rest, densities) = inner.Condition(columns, values)
            let others = [| 0 .. inner.Dimension - 1 |] |> Array.except columns
            let active = inner.ActiveColumns
            let mutable own = 0.0

            for i in 0 .. columns.Length - 1 do
                if Array.contains columns[i] active then
                    own <-
                        if NoiseBox.contains box columns[i] values[i] then
                            own - NoiseBox.logWidth box columns[i]
                        else
                            Double.NegativeInfinity

            struct (wrap rest (NoiseBox.pick others box) :> IComponents, Array.append densities [| own |])

        member _.Sample(k, stream, row) =
            if k < count then
                inner.Sample(k, stream, row)
            else
                for c in 0 .. row.Length - 1 do
                    row[c] <- NoiseBox.sample box c stream

        member _.Mean k =
            if k < count then
                inner.Mean k
            else
                Array.init inner.Dimension (NoiseBox.mean box)

        member _.Covariance k =
            if k < count then
                inner.Covariance k
            else
                Array2D.init inner.Dimension inner.Dimension (fun i j -> if i = j then NoiseBox.variance box i else 0.0)

        member _.Entropy k =
            if k < count then
                inner.Entropy k
            else
                inner.ActiveColumns |> Array.sumBy (NoiseBox.logWidth box)

        member _.Cdf(k, x) =
            if k < count then
                inner.Cdf(k, x)
            elif inner.Dimension = 1 then
                NoiseBox.cdf box 0 x
            else
                invalidOp $"the distribution function is of one column, but these components have {inner.Dimension}"
