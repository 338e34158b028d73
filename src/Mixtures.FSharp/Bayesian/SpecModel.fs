namespace Mixtures

open System

/// Bayesian models of mixture specifications: the sites are the weights (or, of a Dirichlet process, the shares) and the
/// family's parameters; which component a row comes from is summed out by the kernels of EM.
[<RequireQualifiedAccess>]
module SpecModel =

    /// x = centre + scale u, batch axes before those of centre and scale.
    let private affine (centre: Tensor) (scale: Tensor) : Bijector =
        let logScale = Tensor.log scale

        {
            Name = "affine"
            Support = Support.Real
            UnconstrainedShape = [||]
            Forward = fun u -> centre + scale * u
            Inverse = fun x -> (x - centre) / scale
            LogDeterminant = fun u -> Tensor.zerosLike u + logScale
        }

    /// The direction of the mean of angles on the circle, among the values: any number in their range where they are no angles.
    let private directionOf (column: float[]) : float =
        let there = column |> Array.filter Double.IsFinite
        let low, high = Array.min there, Array.max there
        let angle = Math.Atan2(Array.sumBy sin there, Array.sumBy cos there)

        [ angle; angle + 2.0 * Math.PI ]
        |> List.map (fun angle -> struct (abs (angle - Math.Clamp(angle, low, high)), Math.Clamp(angle, low, high)))
        |> List.minBy (fun struct (distance, _) -> distance)
        |> fun struct (_, inside) -> inside

    /// Angles within half a turn of a centre: where the numbers end, opposite to it, is no place for chains to be.
    let private angleAround (centre: Tensor) : Bijector =
        { Bijector.angle with
            Forward = fun u -> centre + Bijector.angle.Forward u
            Inverse = fun x -> Bijector.angle.Inverse(x - centre)
        }

    /// The map to a site's values: that of the prior's support where it is narrower, real numbers in units of the prior.
    let private bijectorOf (site: ParameterSite) (prior: IDistribution voption) (typical: Tensor) : Bijector =
        match prior with
        | ValueSome prior when prior.Support <> site.Support -> Bijector.ofSupport prior.Support
        | ValueSome prior when site.Support = Support.Real && prior.Name = "normal" ->
            affine (Tensor.expand site.Batch prior.Mean) (Tensor.expand site.Batch (Tensor.sqrt prior.Variance))
        | _ ->
            match site.Support with
            | Support.Real -> affine typical (Tensor.ones typical.Dims)
            | Support.Angle -> angleAround typical
            | support -> Bijector.ofSupport support

    let private build complete (spec: MixtureSpec) (data: Dataset) : BayesianModel =
        let spec = FitData.bind spec data

        let struct (fitData, columns, scale) =
            FitData.prepare EmOptions.defaults SimdWidth.best spec data

        let count = spec.Components
        let names = columns |> Array.map (fun c -> data.ColumnNames[c])

        let middle =
            Array.init (count * columns.Length) (fun at -> fitData.Scale.Means[at % columns.Length])

        let like = spec.Family.At(middle, fitData.Scale)

        let likelihoodOf (pass: RowPass) =
            LikelihoodFunction(pass, like, fitData.Scale, fitData.Reference, None)

        let likelihood = likelihoodOf fitData.Pass

        // a pass keeps its buffers, so it is one thread's at a time: few rows have a pass for each thread (chains of a sampler
        // run side by side), many rows share one, which uses all threads itself
        let own =
            new Threading.ThreadLocal<LikelihoodFunction>(fun () ->
                likelihoodOf (
                    RowPass(
                        fitData.Pass.Data,
                        { fitData.Pass.Execution with
                            Threads = 1
                        },
                        true
                    )
                ))

        let gate = obj ()

        let logLikelihood (vector: Tensor) =
            if fitData.Pass.IsSmall then
                own.Value.LogLikelihood vector
            else
                lock gate (fun () -> likelihood.LogLikelihood vector)

        let parameters =
            ParameterSites.ofComponents like fitData.Scale names (ParameterPriors.wanted spec)

        let valuesAt (components: IComponents) =
            parameters.OfVector(Tensor.ofArray (components.Family.ToVector(components, fitData.Scale)))

        let typical =
            if parameters.Sites |> Array.exists (fun site -> site.Support = Support.Angle) then
                // the mean of angles is no direction: those sites are taken at the directions of the columns
                let directions = columns |> Array.map (data.Column >> directionOf)

                let around =
                    spec.Family.At(
                        Array.init (count * columns.Length) (fun at -> directions[at % columns.Length]),
                        fitData.Scale
                    )

                Array.map3
                    (fun (site: ParameterSite) mean direction ->
                        if site.Support = Support.Angle then direction else mean)
                    parameters.Sites
                    (valuesAt like)
                    (valuesAt around)
            else
                valuesAt like

        let given = ParameterPriors.resolve spec parameters

        let struct (priors, notes) =
            if complete then
                let struct (all, notes) = DefaultPriors.complete parameters.Sites given typical
                struct (all |> Array.map ValueSome, notes)
            else
                struct (given, [])

        let isProcess, weightsPrior, weightsNotes =
            match spec.Priors.Weights, spec.Concentrations with
            | _ when count = 1 -> false, ValueNone, []
            | DirichletProcess concentration, _ ->
                true,
                ValueSome(
                    Beta.distribution (Tensor.scalar 1.0) (Tensor.scalar concentration)
                    |> Distribution.expand [| count - 1 |]
                ),
                []
            | _, ValueSome concentrations ->
                false, ValueSome(Dirichlet.distribution (Tensor.ofArray concentrations)), []
            | _, ValueNone when complete ->
                false,
                ValueSome(Dirichlet.distribution (Tensor.ones [| max 2 count |])),
                [ "weights: uniform (Dirichlet 1) (by default)" ]
            | _, ValueNone -> false, ValueNone, []

        // one component alone has no weights to find
        let weightSites, weightPriors =
            if count = 1 then
                [||], [||]
            elif isProcess then
                [| Site.create "shares" [| count - 1 |] Support.UnitInterval |], [| weightsPrior |]
            else
                [| Site.create "weights" [| count |] (Support.Simplex count) |], [| weightsPrior |]

        let first = weightSites.Length

        let sites =
            Array.append
                weightSites
                (Array.map3
                    (fun (site: ParameterSite) prior value ->
                        {
                            Site.Name = site.Name
                            Dims = site.Dims
                            Bijector = bijectorOf site prior value
                        })
                    parameters.Sites
                    priors
                    typical)

        let allPriors = Array.append weightPriors priors

        /// Whether a prior has no axis for the components, the first of a site's: one of a column each has none.
        let sameForEach (name: string, prior: IDistribution) =
            let own = prior.BatchShape

            parameters.Sites
            |> Array.filter (ParameterSites.answers name)
            |> Array.forall (fun site ->
                Shape.size own = 1
                || own.Length < site.Batch.Length
                || (own.Length = site.Batch.Length && own[0] = 1))

        /// The logarithms of the weights, K.
        let logWeights (values: Tensor[]) : Tensor =
            if count = 1 then
                Tensor.zeros [| 1 |]
            elif isProcess then
                let logs = Tensor.log values[0]
                let rest = Tensor.log1p -values[0]
                // what is left before each share, and after the last
                let before =
                    Array2D.init (count - 1) count (fun i j -> if i < j then 1.0 else 0.0)
                    |> Tensor.ofArray2D

                Tensor.concatenate 0 [ logs; Tensor.zeros [| 1 |] ]
                + Tensor.squeeze 0 (Tensor.matmul (Tensor.unsqueeze 0 rest) before)
            else
                Tensor.log values[0]

        let vectorOf (values: Tensor[]) : Tensor =
            Tensor.concatenate 0 [ logWeights values; parameters.ToVector values[first..] ]

        let valuesOf (point: Point) : Tensor[] =
            let weights =
                if count = 1 then
                    [||]
                elif isProcess then
                    let mutable rest = 1.0

                    let shares =
                        Array.init (count - 1) (fun k ->
                            let share = Math.Clamp(point.Weights[k] / rest, 1e-9, 1.0 - 1e-9)
                            rest <- rest * (1.0 - share)
                            share)

                    [| Tensor.ofArray shares |]
                else
                    let floor = 1e-9 / float count
                    let lifted = point.Weights |> Array.map (max floor)
                    let total = Array.sum lifted
                    [| Tensor.ofArray (lifted |> Array.map (fun w -> w / total)) |]

            parameters.OfVector(Tensor.ofArray (like.Family.ToVector(point.Components, fitData.Scale)))
            |> Array.append weights

        let mixtureOf (values: Tensor[]) : Mixture =
            let struct (weights, components) = likelihood.ToPoint((vectorOf values).ToArray())

            FitData.toMixture
                data
                columns
                scale.Means
                [| 0 .. count - 1 |]
                {
                    Weights = weights
                    Components = components
                }

        let toTensor (dataset: Dataset) =
            let columns = Array.init dataset.Dimension dataset.Column

            Tensor.ofShape
                [| dataset.Count; dataset.Dimension |]
                (Array.init (dataset.Count * dataset.Dimension) (fun at ->
                    columns[at % dataset.Dimension][at / dataset.Dimension]))

        // what is asked of single rows does not depend on their weights
        let unweighted =
            lazy
                (if data.HasWeights then
                     data.WithWeights(Array.create data.Count 1.0)
                 else
                     data)

        /// The log-densities of the priors, but for those of the marked sites.
        let priorTerms (skipped: bool[]) (values: Tensor[]) =
            [
                for i in 0 .. sites.Length - 1 do
                    match allPriors[i] with
                    | ValueSome prior when skipped.Length = 0 || not skipped[i] ->
                        sites[i].Name, Tensor.sum (prior.LogDensity values[i])
                    | _ -> ()
            ]

        BayesianModel
            {
                Sites = sites
                PriorTerms = priorTerms [||]
                Rest =
                    fun skipped values ->
                        priorTerms skipped values
                        |> List.fold (fun sum (_, term) -> sum + term) (logLikelihood (vectorOf values))
                LikelihoodTerms =
                    fun values rows ->
                        match rows with
                        | ValueNone -> [ "rows", logLikelihood (vectorOf values) ]
                        | ValueSome rows ->
                            // rows of weight zero do not count, also where a batch has no others
                            let counted =
                                if data.HasWeights then
                                    rows |> Array.filter (fun row -> data.Weights.Span[row] > 0.0)
                                else
                                    rows

                            let ofRows (rows: int[]) (values: Tensor[]) =
                                if rows.Length = 0 then
                                    0.0 * Tensor.sum values[first]
                                else
                                    let part =
                                        likelihoodOf (
                                            RowPass(fitData.Pass.Data.Take rows, fitData.Pass.Execution, true)
                                        )

                                    part.LogLikelihood(vectorOf values)

                            // values with an axis of as many draws as there are rows: each row has its own
                            if values[0].Rank > sites[0].Dims.Length then
                                [
                                    "rows",
                                    Array.indexed rows
                                    |> Array.filter (fun (_, row) ->
                                        not data.HasWeights || data.Weights.Span[row] > 0.0)
                                    |> Array.map (fun (i, row) ->
                                        ofRows [| row |] (values |> Array.map (Tensor.select 0 i)))
                                    |> Array.fold (+) (0.0 * Tensor.sum values[first])
                                ]
                            else
                                [ "rows", ofRows counted values ]
                RowCount = data.Count
                FixedPriors = allPriors
                Draw =
                    fun stream ->
                        allPriors
                        |> Array.mapi (fun i prior ->
                            match prior with
                            | ValueSome prior -> prior.Sample stream
                            | ValueNone ->
                                invalidOp
                                    $"The site {sites[i].Name} has no prior to draw from: give it one, or let the defaults complete the model.")
                Start =
                    fun stream ->
                        let key = RandomKey.ofSeed (int (stream.NextUInt64() >>> 33))
                        Starts.create fitData spec columns data.Dimension 50 RandomRows key |> valuesOf
                Predict =
                    fun values stream ->
                        let key = RandomKey.ofSeed (int (stream.NextUInt64() >>> 33))
                        [ "rows", toTensor (Mixture.sample key data.Count (mixtureOf values)) ]
                Joint =
                    ValueSome(fun chosen ->
                        let rows =
                            match chosen with
                            | AllRows -> data
                            | SomeRows rows -> unweighted.Value.Take rows
                            | OtherRows rows ->
                                let rows = if rows.Rank = 1 then Tensor.unsqueeze 1 rows else rows
                                let numbers = rows.ToArray()
                                let d = rows.Dims[1]
                                Dataset.ofArray2D (Array2D.init rows.Dims[0] d (fun i j -> numbers[i * d + j]))

                        let kept =
                            rows.LabelsOption |> ValueOption.ofOption |> ValueOption.bind _.Components

                        fun values ->
                            let densities = Mixture.componentLogDensities (mixtureOf values) rows

                            // a row that keeps to a component comes from no other
                            match kept with
                            | ValueSome kept ->
                                densities
                                |> Array2D.iteri (fun i k _ ->
                                    if kept[i] >= 0 && kept[i] <> k then
                                        densities[i, k] <- Double.NegativeInfinity)
                            | ValueNone -> ()

                            Tensor.ofArray2D densities + logWeights values)
                RowLogLikelihoods =
                    fun rows ->
                        let own =
                            match rows with
                            | ValueNone -> data
                            | ValueSome rows -> unweighted.Value.Take rows

                        fun values -> Mixture.logDensity (mixtureOf values) own
                Observed =
                    lazy
                        [
                            {
                                Name = "rows"
                                Columns = Seq.toArray data.ColumnNames
                                Values = toTensor data
                            }
                        ]
                RowWeights =
                    if data.HasWeights then
                        ValueSome(data.Weights.ToArray())
                    else
                        ValueNone
                Mixture = ValueSome mixtureOf
                Exchangeable =
                    // rows that keep to a component tell it from the others
                    let hasNames =
                        match data.Labels with
                        | null -> false
                        | labels -> labels.AreComponents

                    if
                        hasNames
                        || not (spec.HasExchangeableWeights && List.forall sameForEach spec.Priors.Parameters)
                    then
                        1
                    else
                        match spec.Family with
                        | :? NoiseFamily -> count - 1
                        | _ -> count
                Paired = ValueNone
                Notes = weightsNotes @ notes
                Warnings =
                    [
                        for c in 0 .. data.Dimension - 1 do
                            if not (Array.contains c columns) then
                                FitData.constantColumn data.ColumnNames[c]
                    ]
            }

    /// The model with the specification's own priors; where there are none, densities are flat, which suits MAP estimates
    /// but gives samplers and guides nothing to hold on to. Raises FitException where the data cannot be fitted, and
    /// ArgumentException for priors that do not fit the family's parameters.
    let ofSpec (spec: MixtureSpec) (data: Dataset) : BayesianModel = build false spec data

    /// The model with weakly informative priors on the data's scale wherever the specification has none; Notes tells which.
    let withDefaults (spec: MixtureSpec) (data: Dataset) : BayesianModel = build true spec data
