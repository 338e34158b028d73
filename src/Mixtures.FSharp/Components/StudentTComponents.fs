namespace Mixtures

open System

/// Student-t components: locations and scale matrices as Gaussian components hold them, and degrees of freedom. Immutable.
[<Sealed>]
type internal StudentTComponents
    (family: IComponentFamily, estimatesDegrees: bool, gaussian: GaussianComponents, degrees: float[]) =
    let inner = gaussian :> IComponents
    let d = gaussian.Dimension
    let active = lazy (inner.Active :?> GaussianComponents)

    let wrap (part: IComponents) (nu: float[]) =
        StudentTComponents(family, estimatesDegrees, (part :?> GaussianComponents), nu)

    /// The Gaussian log-density at the location of component k, of x / reference.
    let peak (part: IComponents) (reference: float[]) k =
        0.5 * float part.Dimension - part.Entropy k + Array.sumBy log reference

    member _.Gaussian = gaussian
    member _.DegreesOfFreedom = degrees

    /// Squared distances of one row (over the active columns) to each location, in units of the scale matrix.
    member _.Distances(row: float[]) =
        let part = active.Value :> IComponents
        let densities = active.Value.LogDensity row
        let unit = Array.create part.Dimension 1.0

        Array.init degrees.Length (fun k -> max 0.0 (2.0 * (peak part unit k - densities[k])))

    /// log t(x) given the squared distance.
    member _.OfDistance(k: int, distance: float) =
        let part = active.Value :> IComponents
        let columns = float part.Dimension
        let unit = Array.create part.Dimension 1.0
        let nu = degrees[k]

        peak part unit k
        + 0.5 * columns * log (2.0 * Math.PI)
        + StudentT.logConstant columns nu
        - 0.5 * (nu + columns) * SpecialFunctions.log1p (distance / nu)

    interface IMarginalComponents with
        member _.MarginalKernel(observed, request) =
            let kernel = gaussian.CompletingKernel(observed, request, false)

            let peaks =
                if observed.Length = 0 then
                    Array.zeroCreate degrees.Length
                else
                    let part = inner.Marginal observed
                    let reference = observed |> Array.map (fun c -> request.Reference[c])
                    Array.init degrees.Length (peak part reference)

            MarginalStudentTKernel(kernel, observed.Length, d, degrees, peaks)

    interface IComponents with
        member _.Family = family
        member _.Count = degrees.Length
        member _.Dimension = d

        member _.FreeParameters =
            inner.FreeParameters + (if estimatesDegrees then degrees.Length else 0)

        member _.ActiveColumns = inner.ActiveColumns

        member this.Active =
            if inner.ActiveColumns.Length = d then
                this
            else
                wrap active.Value degrees

        member _.Kernel request =
            // rows of weight u do not have shares that sum to one, so the total scatter is of no use
            StudentTKernel(
                inner.Kernel { request with Whole = ValueNone },
                d,
                degrees,
                Array.init degrees.Length (peak inner request.Reference)
            )

        member _.Magnification reference = inner.Magnification reference

        member _.Choose indices =
            wrap (inner.Choose indices) (indices |> Array.map (fun k -> degrees[k]))

        member _.Marginal columns = wrap (inner.Marginal columns) degrees

        member this.Condition(columns, values) =
            let struct (rest, _) = inner.Condition(columns, values)
            let given = wrap (inner.Marginal columns) degrees
            let used = (given :> IComponents).ActiveColumns
            let distances = given.Distances(used |> Array.map (fun i -> values[i]))
            let n = float used.Length
            let rest = rest :?> GaussianComponents
            // the scale grows with how far the given values are out (Kotz & Nadarajah 2004, section 1.11)
            let stretch k =
                (degrees[k] + distances[k]) / (degrees[k] + n)

            let size = rest.Covariances.Length / degrees.Length

            let scaled = rest.Covariances |> Array.mapi (fun at c -> c * stretch (at / size))

            let next =
                GaussianComponents(
                    (fun _ _ _ -> (rest :> IComponents).Family),
                    rest.Structure,
                    rest.Count,
                    rest.Dimension,
                    rest.Means,
                    scaled,
                    rest.Constants,
                    ValueNone
                )

            struct (wrap next (degrees |> Array.map (fun nu -> nu + n)) :> IComponents,
                    Array.init degrees.Length (fun k -> given.OfDistance(k, distances[k])))

        member _.Sample(k, stream, row) =
            inner.Sample(k, stream, row)
            let stretch = exp (StudentT.sampleLogStretch degrees[k] stream)

            for i in 0 .. d - 1 do
                let location = gaussian.Means[k * d + i]
                row[i] <- Draw.real (location + Draw.real ((row[i] - location) * stretch))

        /// The location.
        member _.Mean k = inner.Mean k

        /// ν / (ν - 2) times the scale matrix; infinite for ν of at most 2.
        member _.Covariance k =
            let nu = degrees[k]

            inner.Covariance k
            |> Array2D.map (fun s ->
                if s = 0.0 then 0.0
                elif nu > 2.0 then s * (nu / (nu - 2.0))
                else float (sign s) * Double.PositiveInfinity)

        member _.Entropy k =
            let part = active.Value :> IComponents
            let columns = float part.Dimension
            let half = 0.5 * degrees[k]
            let more = half + 0.5 * columns

            part.Entropy k
            - 0.5 * columns * log (2.0 * Math.PI * Math.E)
            - StudentT.logConstant columns degrees[k]
            + more * (SpecialFunctions.digamma more - SpecialFunctions.digamma half)

        member _.Cdf(k, x) =
            if d <> 1 then
                invalidOp $"the distribution function is of one column, but these components have {d}"

            let scale = sqrt (gaussian.CovarianceEntry(k, 0, 0))

            if scale = 0.0 then
                if x < gaussian.Means[k] then 0.0 else 1.0
            else
                StudentT.cdf degrees[k] gaussian.Means[k] scale x
