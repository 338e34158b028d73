namespace Mixtures

open System

/// The degrees of freedom of Student-t components.
[<RequireQualifiedAccess>]
type DegreesOfFreedom =
    /// The same number, given, for every component.
    | Fixed of float
    /// One for each component, estimated between 1 and 200.
    | Estimated

/// The multivariate Student-t family, full or diagonal: outlying rows count for less. The M-step is that of the
/// parameter-expanded EM algorithm (Liu, Rubin & Wu 1998; weights u as in McLachlan & Peel 2000, section 7.4): scale
/// matrices are divided by Σ a u rather than Σ a, which keeps the fixed point and takes fewer iterations; degrees of freedom
/// come from the same pass.
[<Sealed>]
type internal StudentTFamily(structure: CovarianceStructure, degrees: DegreesOfFreedom) =
    let gaussian = GaussianFamily(structure, ValueNone)
    let inner = gaussian :> IComponentFamily

    [<Literal>]
    let Least = 1.0

    [<Literal>]
    let Most = 200.0

    let estimates = degrees.IsEstimated

    /// What a start has.
    let initial =
        match degrees with
        | DegreesOfFreedom.Fixed nu -> nu
        | DegreesOfFreedom.Estimated -> 10.0

    let componentsOf (components: IComponents) =
        match components with
        | :? StudentTComponents as c -> c
        | _ -> invalidArg (nameof components) "expected Student-t components"

    let statisticsOf (statistics: IStatistics) =
        match statistics with
        | :? StudentTStatistics as s -> s
        | _ -> invalidArg (nameof statistics) "expected Student-t statistics"

    let innerOf components =
        (componentsOf components).Gaussian :> IComponents

    /// The gradient's statistics: weighted by a u, but each row counts a times in the determinant.
    let gradientStatistics (s: StudentTStatistics) =
        let w = s.Weighted
        GaussianStatistics(w.Structure, w.Dimension, s.Counts, w.Centres, w.Sums, w.SecondMoments)

    /// E log of the latent precision, less that of u: ψ((ν+D)/2) - log((ν+D)/2).
    let logShift nu d =
        let half = 0.5 * (nu + float d)
        SpecialFunctions.digamma half - log half

    /// ν of log(ν/2) - ψ(ν/2) = log mean u - mean log u, the precisions' expectations under the parameters before; without
    /// the expansion, mean u - 1 - mean log u.
    let estimateDegrees (s: StudentTStatistics) expanded k =
        let n = s.Counts[k]
        let precisions = s.Weighted.Counts[k] / n

        let logs =
            s.LogPrecisions[k] / n + logShift s.DegreesOfFreedom[k] s.Weighted.Dimension

        let gap = (if expanded then log precisions else precisions - 1.0) - logs
        Math.Clamp(2.0 * ColumnMath.shapeOf gap (0.5 * Most), Least, Most)

    /// The components with the scale matrices multiplied by a factor each.
    let stretch (components: IComponents) (factor: int -> float) : IComponents =
        let c = components :?> GaussianComponents
        let size = c.Covariances.Length / c.Count

        gaussian.Create(c.Count, c.Dimension, c.Means, c.Covariances |> Array.mapi (fun at v -> v * factor (at / size)))

    /// The derivative of Σ a log t in ν.
    let degreesGradient (s: StudentTStatistics) k =
        let nu = s.DegreesOfFreedom[k]

        0.5
        * (s.Counts[k]
           * (log (0.5 * nu) - SpecialFunctions.digamma (0.5 * nu)
              + 1.0
              + logShift nu s.Weighted.Dimension)
           + s.LogPrecisions[k]
           - s.Weighted.Counts[k])

    let toReal nu =
        let share = Math.Clamp((nu - Least) / (Most - Least), 1e-12, 1.0 - 1e-12)
        ColumnMath.logit share

    let ofReal r =
        Least + (Most - Least) * SpecialFunctions.sigmoid r

    let innerLength (components: IComponents) =
        inner.VectorParts components |> Array.sumBy (fun struct (_, n) -> n)

    member _.Degrees = degrees

    member this.Wrap(part: IComponents, nu: float[]) : IComponents =
        StudentTComponents(this, estimates, (part :?> GaussianComponents), nu)

    member private this.Fresh(part: IComponents) =
        this.Wrap(part, Array.create part.Count initial)

    interface IComponentFamily with
        member _.Name = "student-t"
        member _.Structure = CovarianceStructure.name structure
        member _.UsesScatter = false
        member _.EstimatesSpread = true
        member _.Check(components, dimension) = inner.Check(components, dimension)

        member this.Estimate(statistics, previous, scale, floor) =
            let s = statisticsOf statistics
            let before = previous |> ValueOption.map innerOf
            let next = inner.Estimate(s.Weighted, before, scale, floor)

            // at the floor the expansion is no longer free: such components take the plain step, divided by Σ a
            let held =
                inner.Health(next, scale)
                |> Array.mapi (fun k health -> health.SmallestEigenvalue <= 1.001 * floor.Relative && s.Counts[k] > 0.0)

            let next =
                if Array.contains true held then
                    let free = inner.Estimate(s.Weighted, before, scale, { floor with Relative = 0.0 })

                    let plain =
                        stretch free (fun k -> if held[k] then s.Weighted.Counts[k] / s.Counts[k] else 1.0)

                    inner.Project(plain, scale, floor)
                else
                    next

            let nu =
                s.DegreesOfFreedom
                |> Array.mapi (fun k nu ->
                    if estimates && s.Counts[k] > 0.0 then
                        estimateDegrees s (not held[k]) k
                    else
                        nu)

            this.Wrap(next, nu)

        // sums are centred on the locations: rows far from these count for little
        member _.Recentre _ = ValueNone
        member this.At(points, scale) = this.Fresh(inner.At(points, scale))

        member this.Start(statistics, keepCentres, scale, floor) =
            this.Fresh(inner.Start((statisticsOf statistics).Weighted, keepCentres, scale, floor))

        member this.Project(components, scale, floor) =
            this.Wrap(inner.Project(innerOf components, scale, floor), (componentsOf components).DegreesOfFreedom)

        member this.Reseed(components, k, point, scale) =
            let nu =
                (componentsOf components).DegreesOfFreedom
                |> Array.mapi (fun i nu -> if i = k then initial else nu)

            this.Wrap(inner.Reseed(innerOf components, k, point, scale), nu)

        member _.Health(components, scale) = inner.Health(innerOf components, scale)

        member _.LargestGradient(statistics, components, scale, floor) =
            let s = statisticsOf statistics

            let largest =
                inner.LargestGradient(gradientStatistics s, innerOf components, scale, floor)

            let total = Array.sum s.Counts

            let byDegrees =
                if estimates then
                    s.DegreesOfFreedom
                    |> Array.mapi (fun k nu ->
                        let free = nu > Least * 1.000001 && nu < Most * 0.999999
                        if free then abs (nu * degreesGradient s k) / total else 0.0)
                    |> Array.max
                else
                    0.0

            max largest byDegrees

        member _.ToVector(components, scale) =
            let own =
                if estimates then
                    (componentsOf components).DegreesOfFreedom |> Array.map toReal
                else
                    [||]

            Array.append (inner.ToVector(innerOf components, scale)) own

        member this.OfVector(vector, like, scale) =
            let length = innerLength (innerOf like)

            let nu =
                if estimates then
                    Array.init like.Count (fun k -> ofReal vector[length + k])
                else
                    (componentsOf like).DegreesOfFreedom

            this.Wrap(inner.OfVector(Array.sub vector 0 length, innerOf like, scale), nu)

        member _.VectorParts components =
            let parts =
                inner.VectorParts(innerOf components)
                |> Array.map (fun struct (name, n) -> struct ((if name = "means" then "locations" else name), n))

            if estimates then
                Array.append parts [| struct ("degrees-of-freedom", components.Count) |]
            else
                parts

        member _.Gradient(statistics, components, scale) =
            let s = statisticsOf statistics
            let own = inner.Gradient(gradientStatistics s, innerOf components, scale)

            let byDegrees =
                if estimates then
                    s.DegreesOfFreedom
                    |> Array.mapi (fun k nu -> degreesGradient s k * (nu - Least) * (Most - nu) / (Most - Least))
                else
                    [||]

            own |> ValueOption.map (fun own -> Array.append own byDegrees)

        member _.LogDensity(vector, like, scale, rows) =
            let gaussianLike = innerOf like
            let d = like.Dimension
            let length = innerLength gaussianLike
            let own = Tensor.slice 0 0 length vector
            let densities = inner.LogDensity(own, gaussianLike, scale, rows)
            // the Gaussian log-density at each location, for the squared distances
            let struct (_, natural) = inner.Natural(own, gaussianLike, scale, Array.create d "")

            let all =
                Tensor.reshape [| like.Count; d |] (Tensor.slice 0 0 (like.Count * d) natural)

            // the locations lack the columns that the rows lack
            let locations, d =
                match MissingRows.observed rows with
                | ValueNone -> all, d
                | ValueSome columns ->
                    let marks =
                        Tensor.ofArray (Array.init d (fun c -> if Array.contains c columns then 0.0 else nan))

                    all + marks, columns.Length

            let peaks = Tensor.diagonal (inner.LogDensity(own, gaussianLike, scale, locations))

            let nu =
                if estimates then
                    Least
                    + (Most - Least) * Tensor.sigmoid (Tensor.slice 0 length like.Count vector)
                else
                    Tensor.ofArray (componentsOf like).DegreesOfFreedom

            let columns = float d
            let distances = 2.0 * (peaks - densities)

            let constants =
                peaks
                + 0.5 * columns * log (2.0 * Math.PI)
                + Tensor.lgamma (0.5 * (nu + columns))
                - Tensor.lgamma (0.5 * nu)
                - 0.5 * columns * (Tensor.log nu + log Math.PI)

            constants - 0.5 * (nu + columns) * Tensor.log1p (distances / nu)

        member _.Natural(vector, like, scale, columns) =
            let gaussianLike = innerOf like
            let length = innerLength gaussianLike

            let struct (names, values) =
                inner.Natural(Tensor.slice 0 0 length vector, gaussianLike, scale, columns)

            let names =
                names
                |> Array.map (fun (name: string) ->
                    name.Replace("mean[", "location[").Replace("covariance[", "scale[").Replace("sd[", "scale["))

            if estimates then
                let nu =
                    Least
                    + (Most - Least) * Tensor.sigmoid (Tensor.slice 0 length like.Count vector)

                struct (Array.append names (Array.init like.Count (fun k -> $"degrees_of_freedom[{k + 1}]")),
                        Tensor.concatenate 0 [ values; nu ])
            else
                struct (names, values)

        member this.Embed(components, positions, constants) =
            this.Wrap(inner.Embed(innerOf components, positions, constants), (componentsOf components).DegreesOfFreedom)

    interface IParametricFamily with
        /// Those of the Gaussian, means as locations and covariances as scale_matrices; degrees_of_freedom where these are
        /// estimated.
        member _.Parameters(like, scale, columns, wanted) =
            let isDegrees name =
                estimates && ParameterSites.localName name = "degrees_of_freedom"

            let gaussianLike = innerOf like

            let own =
                ParameterSites.translated
                    "student-t"
                    [ "means", "locations"; "covariances", "scale_matrices" ]
                    (if estimates then [ "degrees_of_freedom" ] else [])
                    (ParameterSites.ofPart gaussianLike scale columns)
                    (wanted |> List.filter (isDegrees >> not))

            if not estimates then
                own
            else
                let interval = Bijector.interval Least Most

                let degrees =
                    {
                        Sites =
                            [|
                                {
                                    Name = "degrees_of_freedom"
                                    Batch = [| like.Count |]
                                    Support = interval.Support
                                }
                            |]
                        ToVector = fun values -> interval.Inverse values[0]
                        OfVector = fun vector -> [| interval.Forward vector |]
                    }

                ParameterSites.concatenate [| struct (own, innerLength gaussianLike); struct (degrees, like.Count) |]
