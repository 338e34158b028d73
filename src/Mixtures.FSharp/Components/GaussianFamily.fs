namespace Mixtures

open System

/// The Gaussian family with one covariance structure: M-steps, starts, and how components are judged.
[<Sealed>]
type internal GaussianFamily(structure: CovarianceStructure, known: KnownCovariances voption) =
    let knownArrays components = known.Value.ForComponents components

    let statisticsOf (statistics: IStatistics) =
        match statistics with
        | :? GaussianStatistics as s -> s
        | _ -> invalidArg (nameof statistics) "expected Gaussian statistics"

    let componentsOf (components: IComponents) =
        match components with
        | :? GaussianComponents as c -> c
        | _ -> invalidArg (nameof components) "expected Gaussian components"

    /// Fills component k's D x D square from its packed lower triangle, divided by n, less δ δᵀ.
    let unpack d (triangle: ReadOnlySpan<float>) n (delta: ReadOnlySpan<float>) (square: Span<float>) =
        for i in 0 .. d - 1 do
            for j in 0..i do
                let value = triangle[i * (i + 1) / 2 + j] / n - delta[i] * delta[j]
                square[i * d + j] <- value
                square[j * d + i] <- value

    /// Means and covariances of greatest expected log-likelihood, before any floor.
    /// With keepCentres, covariances are about the centres, which become the means.
    let estimate (s: GaussianStatistics) (previous: GaussianComponents voption) (scale: DataScale) keepCentres =
        let d = s.Dimension
        let count = s.Counts.Length
        let square = d * d
        let triangle = d * (d + 1) / 2
        let means = Array.zeroCreate (count * d)
        let delta = Array.zeroCreate (count * d)
        let empty k = not (s.Counts[k] > 0.0)
        let cells k i = s.CountOf(k, i)

        for at in 0 .. count * d - 1 do
            let k = at / d

            if not (cells k (at % d) > 0.0) then
                means[at] <-
                    match previous with
                    | ValueSome p -> p.Means[at]
                    | ValueNone -> s.Centres[at]
            else
                delta[at] <- if keepCentres then 0.0 else s.Sums[at] / cells k (at % d)
                means[at] <- s.Centres[at] + delta[at]

        let covariances =
            if structure = CovarianceStructure.Known then
                [||]
            else
                Array.zeroCreate (CovarianceStructure.storageLength count d structure)

        match structure with
        | CovarianceStructure.Full ->
            for k in 0 .. count - 1 do
                let target = Span<float>(covariances, k * square, square)

                if not (empty k) then
                    unpack
                        d
                        (ReadOnlySpan(s.SecondMoments, k * triangle, triangle))
                        s.Counts[k]
                        (ReadOnlySpan(delta, k * d, d))
                        target
                else
                    match previous with
                    | ValueSome p -> ReadOnlySpan(p.Covariances, k * square, square).CopyTo target
                    | ValueNone ->
                        for i in 0 .. d - 1 do
                            target[i * d + i] <- scale.Variances[i]
        | CovarianceStructure.Tied ->
            let total = Array.sum s.Counts

            for i in 0 .. d - 1 do
                for j in 0..i do
                    let mutable sum = s.SecondMoments[i * (i + 1) / 2 + j]

                    for k in 0 .. count - 1 do
                        sum <- sum - s.Counts[k] * delta[k * d + i] * delta[k * d + j]

                    covariances[i * d + j] <- sum / total
                    covariances[j * d + i] <- sum / total
        | CovarianceStructure.Diagonal ->
            for at in 0 .. count * d - 1 do
                let k = at / d

                covariances[at] <-
                    if cells k (at % d) > 0.0 then
                        s.SecondMoments[at] / cells k (at % d) - delta[at] * delta[at]
                    else
                        match previous with
                        | ValueSome p -> p.Covariances[at]
                        | ValueNone -> scale.Variances[at % d]
        | CovarianceStructure.Spherical ->
            for k in 0 .. count - 1 do
                covariances[k] <-
                    if s.Cells k > 0.0 then
                        let mutable shift = 0.0

                        for i in 0 .. d - 1 do
                            shift <- shift + cells k i * delta[k * d + i] * delta[k * d + i]

                        (s.SecondMoments[k] - shift) / s.Cells k
                    else
                        match previous with
                        | ValueSome p -> p.Covariances[k]
                        | ValueNone -> Array.average scale.Variances
        | CovarianceStructure.Known -> ()

        let covariances =
            if structure = CovarianceStructure.Known then
                match previous with
                | ValueSome p -> p.Covariances
                | ValueNone -> knownArrays count
            else
                covariances

        struct (means, covariances)

    member _.Structure = structure

    /// The means and covariances of each component's rows, in the layout of the structure; those before where it has none.
    member _.Moments(statistics: GaussianStatistics, previous: IComponents, scale: DataScale) =
        estimate statistics (ValueSome(componentsOf previous)) scale false

    /// The family of components with these covariances: this one, unless they are known and others.
    member private this.Of count dimension (covariances: float[]) : IComponentFamily =
        if structure = CovarianceStructure.Known then
            GaussianFamily(
                structure,
                ValueSome
                    {
                        Dimension = dimension
                        Count = count
                        Values = covariances
                    }
            )
        else
            this

    member this.Create(count, dimension, means, covariances) =
        this.CreateWith([||], count, dimension, means, covariances)

    /// As Create, with columns that are constant under a spherical structure.
    member this.CreateWith(constants, count, dimension, means, covariances) =
        let covariances =
            if structure = CovarianceStructure.Known then
                KnownCovariances.compress dimension count covariances
            else
                covariances

        GaussianComponents(
            (fun k d c -> this.Of k d c),
            structure,
            count,
            dimension,
            means,
            covariances,
            constants,
            ValueNone
        )

    interface IComponentFamily with
        member _.Name = "gaussian"
        member _.Structure = CovarianceStructure.name structure

        member _.UsesScatter = (structure = CovarianceStructure.Tied)
        member _.EstimatesSpread = (structure <> CovarianceStructure.Known)

        member _.Check(components, dimension) =
            match known with
            | ValueSome known when known.Count <> 1 && known.Count <> components ->
                ValueSome $"expected 1 or {components} known covariances, received {known.Count}"
            | ValueSome known when known.Dimension <> dimension ->
                ValueSome
                    $"expected known covariances of {dimension} x {dimension}, received one of {known.Dimension} x {known.Dimension}"
            | ValueSome _
            | ValueNone -> ValueNone

        member this.Estimate(statistics, previous, scale, floor) =
            let s = statisticsOf statistics

            let struct (means, covariances) =
                estimate s (ValueOption.map componentsOf previous) scale false

            CovarianceFloor.apply structure s.Counts.Length s.Dimension scale floor covariances
            this.Create(s.Counts.Length, s.Dimension, means, covariances)

        member _.Recentre statistics =
            let s = statisticsOf statistics
            let d = s.Dimension
            let means = Array.copy s.Centres
            let mutable far = false

            for k in 0 .. s.Counts.Length - 1 do
                for i in 0 .. d - 1 do
                    let n = s.CountOf(k, i)

                    if n > 0.0 then
                        let delta = s.Sums[k * d + i] / n
                        means[k * d + i] <- s.Centres[k * d + i] + delta

                        let second =
                            match structure with
                            | CovarianceStructure.Full -> s.SecondMoments[k * d * (d + 1) / 2 + i * (i + 3) / 2] / n
                            | CovarianceStructure.Tied -> s.SecondMoments[i * (i + 3) / 2] / Array.sum s.Counts
                            | CovarianceStructure.Diagonal -> s.SecondMoments[k * d + i] / n
                            | CovarianceStructure.Spherical -> s.SecondMoments[k] / n
                            | CovarianceStructure.Known -> Double.PositiveInfinity

                        // second - δ² has lost more than six digits
                        if delta * delta > 1e6 * (second - delta * delta) then
                            far <- true

            if far then ValueSome means else ValueNone

        member this.At(points, scale) =
            let d = scale.Variances.Length
            let count = points.Length / d

            let diagonal k =
                Array.init (k * d * d) (fun at -> if at / d % d = at % d then scale.Variances[at % d] else 0.0)

            let covariances =
                match structure with
                | CovarianceStructure.Full -> diagonal count
                | CovarianceStructure.Tied -> diagonal 1
                | CovarianceStructure.Diagonal -> Array.init (count * d) (fun at -> scale.Variances[at % d])
                | CovarianceStructure.Spherical -> Array.create count (Array.average scale.Variances)
                | CovarianceStructure.Known -> knownArrays count

            this.Create(count, d, points, covariances)

        member this.Start(statistics, keepCentres, scale, floor) =
            let s = statisticsOf statistics
            let d = s.Dimension
            let count = s.Counts.Length
            let struct (means, covariances) = estimate s ValueNone scale keepCentres
            let square = d * d

            // Σ_k = (n_k Σ_k + ν pooled) / (n_k + ν): a component with few rows borrows the others' spread
            let weight = float (d + 1) * scale.TotalWeight / max 1.0 scale.EffectiveRows
            let total = Array.sum s.Counts

            let shrink size =
                let pooled =
                    Array.init size (fun at ->
                        let mutable sum = 0.0

                        for k in 0 .. count - 1 do
                            sum <- sum + s.Counts[k] / total * covariances[k * size + at]

                        sum)

                for k in 0 .. count - 1 do
                    let n = s.Counts[k]

                    for at in 0 .. size - 1 do
                        covariances[k * size + at] <-
                            (n * covariances[k * size + at] + weight * pooled[at]) / (n + weight)

            match structure with
            | CovarianceStructure.Full -> shrink square
            | CovarianceStructure.Diagonal -> shrink d
            | CovarianceStructure.Spherical -> shrink 1
            | CovarianceStructure.Tied
            | CovarianceStructure.Known -> ()

            CovarianceFloor.apply structure count d scale floor covariances
            this.Create(count, d, means, covariances)

        member this.Project(components, scale, floor) =
            let c = componentsOf components

            let covariances = Array.copy c.Covariances

            CovarianceFloor.apply structure c.Count c.Dimension scale { floor with Absolute = 0.0 } covariances
            this.Create(c.Count, c.Dimension, c.Means, covariances)

        member this.Reseed(components, k, point, scale) =
            let c = componentsOf components
            let d = c.Dimension
            let means = Array.copy c.Means
            point.CopyTo(means, k * d)
            let covariances = Array.copy c.Covariances

            match structure with
            | CovarianceStructure.Full ->
                Array.Clear(covariances, k * d * d, d * d)

                for i in 0 .. d - 1 do
                    covariances[k * d * d + i * d + i] <- scale.Variances[i]
            | CovarianceStructure.Diagonal -> scale.Variances.CopyTo(covariances, k * d)
            | CovarianceStructure.Spherical -> covariances[k] <- Array.average scale.Variances
            | CovarianceStructure.Tied
            | CovarianceStructure.Known -> ()

            this.Create(c.Count, d, means, covariances)

        member _.Health(components, scale) =
            let c = componentsOf components

            let health (eigenvalues: float[]) =
                {
                    SmallestEigenvalue = Array.min eigenvalues
                    ConditionNumber = Array.max eigenvalues / Array.min eigenvalues
                }

            let d = c.Dimension
            let room = Array.zeroCreate (d * d)

            Array.init c.Count (fun k ->
                match c.Layout with
                | CovarianceStructure.Diagonal
                | CovarianceStructure.Spherical ->
                    health (Array.init d (fun i -> c.CovarianceEntry(k, i, i) / scale.Variances[i]))
                | CovarianceStructure.Full
                | CovarianceStructure.Tied
                | CovarianceStructure.Known ->
                    for i in 0 .. d - 1 do
                        for j in 0..i do
                            room[i * d + j] <-
                                c.CovarianceEntry(k, i, j) / (sqrt scale.Variances[i] * sqrt scale.Variances[j])

                    health (Eigen.valuesInPlace d room))

        member _.LargestGradient(statistics, components, scale, floor) =
            let s = statisticsOf statistics
            let c = componentsOf components
            GaussianGradient.largest s c scale floor

        member _.ToVector(components, scale) =
            GaussianVector.ofComponents (componentsOf components) scale

        member this.OfVector(vector, like, scale) =
            let c = componentsOf like

            let struct (means, covariances, factors) =
                GaussianVector.toParameters vector c scale

            GaussianComponents(
                (fun k d c -> this.Of k d c),
                structure,
                c.Count,
                c.Dimension,
                means,
                covariances,
                [||],
                ValueSome factors
            )

        member _.VectorParts components =
            GaussianVector.parts (componentsOf components)

        member _.Gradient(statistics, components, scale) =
            GaussianGradient.vector (statisticsOf statistics) (componentsOf components) scale
            |> ValueSome

        member _.Natural(vector, like, scale, columns) =
            GaussianTensors.natural (componentsOf like) scale columns vector

        member _.LogDensity(vector, like, scale, rows) =
            GaussianTensors.logDensity (componentsOf like) scale vector rows

        member this.Embed(components, positions, constants) =
            let c = componentsOf components
            let d = constants.Length
            let means = Array.init (c.Count * d) (fun at -> constants[at % d])

            let place size (source: float[]) =
                let target = Array.zeroCreate (size * d * d)

                for k in 0 .. size - 1 do
                    for i in 0 .. positions.Length - 1 do
                        for j in 0 .. positions.Length - 1 do
                            target[k * d * d + positions[i] * d + positions[j]] <-
                                source[(k * positions.Length + i) * positions.Length + j]

                target

            for k in 0 .. c.Count - 1 do
                for i in 0 .. positions.Length - 1 do
                    means[k * d + positions[i]] <- c.Means[k * positions.Length + i]

            let covariances =
                match c.Layout with
                | CovarianceStructure.Full
                | CovarianceStructure.Known -> place c.Count c.Covariances
                | CovarianceStructure.Tied -> place 1 c.Covariances
                | CovarianceStructure.Diagonal ->
                    let target = Array.zeroCreate (c.Count * d)

                    for k in 0 .. c.Count - 1 do
                        for i in 0 .. positions.Length - 1 do
                            target[k * d + positions[i]] <- c.Covariances[k * positions.Length + i]

                    target
                | CovarianceStructure.Spherical -> c.Covariances

            let constants =
                if structure = CovarianceStructure.Spherical then
                    Array.except positions [| 0 .. d - 1 |]
                else
                    [||]

            this.CreateWith(constants, c.Count, d, means, covariances)

    interface IParametricFamily with
        member _.Parameters(like, scale, _, wanted) =
            GaussianParameters.sites (componentsOf like) scale wanted

    interface IConjugateFamily with
        member this.WithPriors(like, _, priors) =
            let count, d = like.Count, like.Dimension

            let create means covariances (s: GaussianStatistics) scale floor =
                CovarianceFloor.apply structure s.Counts.Length s.Dimension scale floor covariances
                this.Create(s.Counts.Length, s.Dimension, means, covariances) :> IComponents

            let ml s before scale =
                estimate s (ValueSome before) scale false

            let step = GaussianConjugate.step structure count d priors ml create
            fun statistics before scale floor -> step (statisticsOf statistics) (componentsOf before) scale floor
