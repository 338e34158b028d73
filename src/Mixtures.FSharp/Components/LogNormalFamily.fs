namespace Mixtures

open System
open System.Numerics.Tensors

/// The kernel of log-normal components: the Gaussian kernel on the logarithms of the rows.
[<Sealed>]
type internal LogNormalKernel(inner: IBlockKernel, dimension: int, shift: float) =

    /// The tile of logarithms, which belongs to the tile.
    let logs (tile: Tile) =
        let child = tile.Child(0, dimension)

        for c in 0 .. dimension - 1 do
            TensorPrimitives.Log(Span.op_Implicit (tile.Column(c).Slice(0, tile.Count)), child.Column c)

        child.SetCount tile.Count
        child

    interface IBlockKernel with
        member _.ScratchLength capacity = inner.ScratchLength capacity
        member _.AccumulatorLength = inner.AccumulatorLength
        member _.StatisticsLength = inner.StatisticsLength

        member _.AddLogDensity(tile, scratch, lanes) =
            let child = logs tile
            let rows = tile.PaddedCount
            let capacity = tile.Capacity
            inner.AddLogDensity(child, scratch, lanes)
            let carrier = child.Weights.Slice(0, rows)
            carrier.Fill shift

            for c in 0 .. dimension - 1 do
                TensorPrimitives.Subtract(
                    Span.op_Implicit carrier,
                    Span.op_Implicit (child.Column(c).Slice(0, rows)),
                    carrier
                )

            for k in 0 .. lanes.Length / capacity - 1 do
                let own = lanes.Slice(k * capacity, rows)
                TensorPrimitives.Add(Span.op_Implicit own, Span.op_Implicit carrier, own)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            inner.AddStatistics(logs tile, scratch, lanes, accumulators)

        member _.Reduce(accumulators, statistics) = inner.Reduce(accumulators, statistics)

        member _.ToStatistics(counts, statistics) = inner.ToStatistics(counts, statistics)

/// Log-normal components: Gaussian ones of the logarithms, with a variance for each column. Immutable.
[<Sealed>]
type internal LogNormalComponents(family: IComponentFamily, gaussian: GaussianComponents) =
    let inner = gaussian :> IComponents
    let d = gaussian.Dimension

    let wrap (part: IComponents) =
        LogNormalComponents(family, (part :?> GaussianComponents))

    let location k c = gaussian.Means[k * d + c]

    let scale k c =
        sqrt (gaussian.CovarianceEntry(k, c, c))

    /// What is asked of the Gaussian kernel of the logarithms.
    let logRequest (request: KernelRequest) =
        { request with
            Reference = Array.create d 1.0
            // points are given in the data's units
            Centres = request.Centres |> ValueOption.map (Array.map (fun x -> log (max 1e-300 x)))
            Whole = ValueNone
        }

    /// The components of the logarithms.
    member _.Gaussian = gaussian

    interface IMarginalComponents with
        member _.MarginalKernel(observed, request) =
            let shift = observed |> Array.sumBy (fun c -> log request.Reference[c])

            let kernel =
                (gaussian :> IMarginalComponents).MarginalKernel(observed, logRequest request)

            LogNormalKernel(kernel, observed.Length, shift)

    interface IComponents with
        member _.Family = family
        member _.Count = inner.Count
        member _.Dimension = d
        member _.FreeParameters = inner.FreeParameters
        member _.ActiveColumns = [| 0 .. d - 1 |]
        member this.Active = this

        member _.Kernel request =
            LogNormalKernel(inner.Kernel(logRequest request), d, Array.sumBy log request.Reference)

        member _.Magnification _ = inner.Magnification(Array.create d 1.0)
        member _.Choose indices = wrap (inner.Choose indices)
        member _.Marginal columns = wrap (inner.Marginal columns)

        member _.Condition(columns, values) =
            if values |> Array.forall (fun x -> x > 0.0) then
                let struct (rest, densities) = inner.Condition(columns, Array.map log values)
                let jacobian = Array.sumBy log values
                struct (wrap rest :> IComponents, densities |> Array.map (fun l -> l - jacobian))
            else
                let rest = [| 0 .. d - 1 |] |> Array.except columns
                struct (wrap (inner.Marginal rest) :> IComponents, Array.create inner.Count Double.NegativeInfinity)

        member _.Sample(k, stream, row) =
            for c in 0 .. d - 1 do
                row[c] <- LogNormal.sample (location k c) (scale k c) stream

        member _.Mean k =
            Array.init d (fun c -> LogNormal.mean (location k c) (scale k c))

        member _.Covariance k =
            Array2D.init d d (fun i j ->
                if i = j then
                    LogNormal.variance (location k i) (scale k i)
                else
                    0.0)

        member _.Entropy k =
            Seq.sum (seq { for c in 0 .. d - 1 -> LogNormal.entropy (location k c) (scale k c) })

        member _.Cdf(k, x) =
            if d <> 1 then
                invalidOp $"the distribution function is of one column, but these components have {d}"

            LogNormal.cdf (location k 0) (scale k 0) x

/// The log-normal family: columns of positive numbers whose logarithms are Gaussian, independent within a component. The
/// variance of a logarithm is at least 1e-9 of what the column's mean and variance make it.
[<Sealed>]
type internal LogNormalFamily() =
    let gaussian = GaussianFamily(CovarianceStructure.Diagonal, ValueNone)
    let inner = gaussian :> IComponentFamily

    let innerOf (components: IComponents) =
        match components with
        | :? LogNormalComponents as c -> c.Gaussian :> IComponents
        | _ -> invalidArg (nameof components) "expected log-normal components"

    /// The scale of the logarithms, by the moments of a log-normal distribution.
    let logScale (scale: DataScale) =
        let positive (x: float) = if x > 0.0 then x else 1.0

        let variances =
            Array.map2
                (fun (v: float) m ->
                    let relative = v / (positive m * positive m)
                    max 1e-12 (SpecialFunctions.log1p relative))
                scale.Variances
                scale.Means

        { scale with
            Means = Array.map2 (fun m v -> log (positive m) - 0.5 * v) scale.Means variances
            Variances = variances
            Scatter = [||]
        }

    let logPoint (x: float) = log (max 1e-300 x)

    member this.Wrap(part: IComponents) : IComponents =
        LogNormalComponents(this, (part :?> GaussianComponents))

    /// Components from locations and scales (standard deviations of the logarithms), K x D.
    member this.Create(count, dimension, locations: float[], scales: float[]) : IComponents =
        this.Wrap(gaussian.Create(count, dimension, locations, scales |> Array.map (fun s -> s * s)))

    /// Components from locations and variances of the logarithms, K x D.
    member this.OfVariances(count, dimension, locations: float[], variances: float[]) : IComponents =
        this.Wrap(gaussian.Create(count, dimension, locations, variances))

    interface IColumnwiseFamily with
        member this.Bind _ = this
        member _.KeepsConstantColumns = true
        member _.Expected _ = "a number above 0"

        member _.FirstRefused(_, values) =
            if TensorPrimitives.Min values > 0.0 then
                -1
            else
                let mutable at = 0

                while values[at] > 0.0 do
                    at <- at + 1

                at

        member _.Warnings(_, _) = []

    interface IComponentFamily with
        member _.Name = "log-normal"
        member _.Structure = "independent"
        member _.UsesScatter = false
        member _.EstimatesSpread = true
        member _.Check(_, _) = ValueNone

        member this.Estimate(statistics, previous, scale, floor) =
            this.Wrap(inner.Estimate(statistics, previous |> ValueOption.map innerOf, logScale scale, floor))

        member _.Recentre statistics =
            inner.Recentre statistics |> ValueOption.map (Array.map exp)

        member this.At(points, scale) =
            this.Wrap(inner.At(Array.map logPoint points, logScale scale))

        member this.Start(statistics, keepCentres, scale, floor) =
            this.Wrap(inner.Start(statistics, keepCentres, logScale scale, floor))

        member this.Project(components, scale, floor) =
            this.Wrap(inner.Project(innerOf components, logScale scale, floor))

        member this.Reseed(components, k, point, scale) =
            this.Wrap(inner.Reseed(innerOf components, k, Array.map logPoint point, logScale scale))

        member _.Health(components, scale) =
            inner.Health(innerOf components, logScale scale)

        member _.LargestGradient(statistics, components, scale, floor) =
            inner.LargestGradient(statistics, innerOf components, logScale scale, floor)

        member _.ToVector(components, scale) =
            inner.ToVector(innerOf components, logScale scale)

        member this.OfVector(vector, like, scale) =
            this.Wrap(inner.OfVector(vector, innerOf like, logScale scale))

        member _.VectorParts components =
            inner.VectorParts(innerOf components)
            |> Array.map (fun struct (name, n) -> struct ((if name = "means" then "locations" else name), n))

        member _.Gradient(statistics, components, scale) =
            inner.Gradient(statistics, innerOf components, logScale scale)

        member _.LogDensity(vector, like, scale, rows) =
            let logs = Tensor.log rows

            // what is missing is missing in the Jacobian as well
            let jacobian =
                match MissingRows.observed rows with
                | ValueSome columns -> Tensor.indexSelect 1 columns logs
                | ValueNone -> logs

            inner.LogDensity(vector, innerOf like, logScale scale, logs)
            - Tensor.sumOver [| 1 |] true jacobian

        member _.Natural(vector, like, scale, columns) =
            let struct (names, values) =
                inner.Natural(vector, innerOf like, logScale scale, columns)

            struct (names
                    |> Array.map (fun (name: string) -> name.Replace("mean[", "location[").Replace("sd[", "scale[")),
                    values)

        member _.Embed(components, _, _) = components

    interface IConjugateFamily with
        member this.WithPriors(like, columns, priors) =
            let renamed =
                priors
                |> List.map (fun (name, prior) -> (if name = "locations" then "means" else name), prior)

            let step = ConjugatePriors.stepOf (innerOf like) columns renamed
            fun statistics before scale floor -> this.Wrap(step statistics (innerOf before) (logScale scale) floor)

    interface IParametricFamily with
        /// Those of the logarithms, means as locations.
        member _.Parameters(like, scale, columns, wanted) =
            ParameterSites.translated
                "log-normal"
                [ "means", "locations" ]
                []
                (ParameterSites.ofPart (innerOf like) (logScale scale) columns)
                wanted
