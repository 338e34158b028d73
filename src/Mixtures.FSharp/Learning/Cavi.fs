namespace Mixtures

open System
open System.Diagnostics

/// Mean-field posteriors of mixtures by coordinate ascent (CAVI): assignments, weights and components' parameters are taken
/// as independent, and each is updated in closed form under conjugate priors (Bishop 2006, section 10.2; Blei & Jordan
/// 2006). The bound is a true lower bound of the log evidence.
[<RequireQualifiedAccess>]
module Cavi =

    /// Ten starts by k-means++ (of a Dirichlet process the first with all components, the others with 1, 2, 3 and so on),
    /// seed 0, tolerance 1e-10, at most 2000 iterations, exact updates, nothing removed.
    let defaults: CaviOptions =
        {
            Restarts = 10
            Seed = 0
            Start = KMeansPlusPlus
            MaxIterations = 2000
            Tolerance = 1e-10
            Updates = Exact
            PruneBelow = 0.0
            Threads = 0
        }

    let private check (options: CaviOptions) =
        OptionCheck.atLeast 1 (nameof options.Restarts) options.Restarts
        OptionCheck.atLeast 0 (nameof options.MaxIterations) options.MaxIterations
        OptionCheck.notNegative (nameof options.Tolerance) options.Tolerance
        OptionCheck.notNegative (nameof options.PruneBelow) options.PruneBelow
        OptionCheck.atLeast 0 (nameof options.Threads) options.Threads

        match options.Updates with
        | ScikitLearn floor -> OptionCheck.notNegative "floor" floor
        | Exact -> ()

    /// The statistics of a start: of the given responsibilities, or of those under the start's point, which may have fewer
    /// components than the guide; the others then begin without rows.
    let private begin'
        (data: FitData)
        (spec: MixtureSpec)
        columns
        dimension
        (options: CaviOptions)
        (size: int)
        (key: RandomKey)
        : EStep =
        match options.Start with
        | GivenResponsibilities given -> Starts.givenStatistics data spec.Family spec.Components given
        | start ->
            let sized =
                if size = spec.Components then
                    spec
                else
                    MixtureSpec.Create(spec.Family, size)

            let point = Starts.create data sized columns dimension 50 start key

            let components =
                if size = spec.Components then
                    point.Components
                else
                    point.Components.Choose(Array.init spec.Components (fun k -> if k < size then k else 0))

            let kernel =
                data.Pass.KernelOf(
                    components,
                    { KernelRequest.Plain(data.Reference.Length, int data.Pass.Execution.Width) with
                        Reference = data.Reference
                    }
                )

            let weights =
                Array.init spec.Components (fun k -> if k < size then point.Weights[k] else 0.0)

            data.Pass.EStep(kernel, weights)

    let private warnings (options: CaviOptions) (run: CaviRun) (bounds: float[]) totalWeight pruned =
        [
            if options.Tolerance > 0.0 && not run.Converged then
                "Not converged: the bound was still rising. Allow more iterations."

            if run.Violations > 0 && options.Updates = Exact then
                let times = Wording.count run.Violations "time"
                $"The bound fell {times} by more than rounding explains."

            match options.Updates with
            | ScikitLearn _ ->
                "The updates are scikit-learn's, not those of coordinate ascent, so that the bound may fall; they are for comparison."
            | Exact -> ()

            let agreeing =
                bounds
                |> Array.filter (fun b -> bounds[0] - b <= 1e-6 * totalWeight)
                |> Array.length

            if bounds.Length > 1 && agreeing = 1 then
                "Only one start came to the best bound: use more restarts."

            if pruned > 0 then
                let components = Wording.count pruned "component"
                $"{components} of negligible weight removed."
        ]

    /// Fits the posterior to data, watched: progress is reported after each iteration (with the bound in place of the
    /// log-likelihood), and a cancelled fit returns what was reached. Raises FitException where the data or the priors cannot
    /// be fitted, ArgumentException for options out of range, and OperationCanceledException if cancelled before the first
    /// step.
    let fitWith (monitor: FitMonitor) (options: CaviOptions) (spec: MixtureSpec) (data: Dataset) : CaviFit =
        check options
        let clock = Stopwatch.StartNew()
        let spec = FitData.bind spec data

        let emOptions =
            { EmOptions.defaults with
                Threads = options.Threads
            }

        let struct (fitData, columns, scale) =
            FitData.prepare emOptions SimdWidth.best spec data

        if fitData.Pass.Patterns.IsSome then
            raise (
                FitException(
                    InvalidModel
                        "Coordinate ascent does not marginalise missing values: leave out the rows that have some, impute them, or use EM or gradient (MAP)."
                )
            )

        // no total scatter: statistics are of the guide's responsibilities, whose pass sees all rows anyway
        let struct (isProcess, concentrations, weightNotes) = CaviPriors.weights spec
        let struct (prior, notes) = CaviPriors.components spec fitData options.Updates

        let reorders =
            isProcess
            && options.Updates = Exact
            && spec.Priors.Parameters
               |> List.forall (fun (_, p) -> Shape.size p.BatchShape <= 1)

        let key = RandomKey.ofSeed options.Seed

        /// How many components a start begins with: starts of a process differ in it, for from too many the ascent seldom
        /// finds the way to few.
        let sizeOf index =
            if
                isProcess
                && EmOptions.isRandom options.Start
                && fitData.Pass.Known.IsNone
                && index > 0
            then
                1 + (index - 1) % spec.Components
            else
                spec.Components


        let starts =
            if EmOptions.isRandom options.Start then
                options.Restarts
            else
                1

        let runs: CaviRun option[] = Array.create starts None
        let failures: FitError option[] = Array.create starts None

        let report index (run: int) bound change =
            monitor.Progress
                {
                    Start = index
                    Starts = starts
                    Final = true
                    Iteration = run
                    MaxIterations = options.MaxIterations
                    LogLikelihood = bound
                    Change = change
                    Elapsed = clock.Elapsed
                }

            not monitor.Cancellation.IsCancellationRequested

        let concurrent = starts > 1 && fitData.Pass.IsSmall
        let gate = obj ()

        ParallelFold.run (if concurrent then fitData.Pass.Execution.ThreadCount else 1) starts (fun _ index ->
            if index = 0 || not monitor.Cancellation.IsCancellationRequested then
                try
                    let own =
                        if concurrent then
                            { fitData with
                                Pass =
                                    RowPass(
                                        fitData.Pass.Data,
                                        { fitData.Pass.Execution with
                                            Threads = 1
                                        },
                                        true
                                    )
                            }
                        else
                            fitData

                    let first =
                        begin' own spec columns data.Dimension options (sizeOf index) (key.Child index)

                    let run =
                        CaviRun(own, isProcess, concentrations, prior, reorders, options.Tolerance, first)

                    runs[index] <- Some run
                    run.Advance(options.MaxIterations, (fun i b c -> lock gate (fun () -> report index i b c)))
                with :? FitException as e ->
                    failures[index] <- Some e.Error)

        let finished = runs |> Array.choose id |> Array.sortBy (fun run -> -run.Bound)

        if finished.Length = 0 then
            match Array.tryPick id failures with
            | Some error -> raise (FitException error)
            | None -> raise (OperationCanceledException monitor.Cancellation)

        let best = finished[0]

        /// The run with the components below the threshold removed, run to convergence again.
        let prune (run: CaviRun) =
            let means = WeightsPosterior.means run.Weights

            let kept =
                [| 0 .. means.Length - 1 |]
                |> Array.filter (fun k -> means[k] >= options.PruneBelow)

            if options.PruneBelow = 0.0 || kept.Length = means.Length || kept.Length = 0 then
                run
            else
                let fewer =
                    if isProcess then
                        concentrations
                    else
                        kept |> Array.map (fun k -> concentrations[k])

                let block = run.Block.Choose kept

                let kernel =
                    fitData.Pass.KernelOf(
                        block.Components,
                        { KernelRequest.Plain(fitData.Reference.Length, int fitData.Pass.Execution.Width) with
                            Reference = fitData.Reference
                        }
                    )

                let logs = WeightsPosterior.expectedLogs run.Weights

                let first =
                    fitData.Pass.GradientStep(
                        kernel,
                        Array.map2 (+) (kept |> Array.map (fun k -> logs[k])) block.Offsets
                    )

                let again =
                    CaviRun(fitData, isProcess, fewer, block, reorders, options.Tolerance, first)

                again.Advance(options.MaxIterations, report 0)
                again

        let returned = prune best
        let pruned = best.EStep.Counts.Length - returned.EStep.Counts.Length
        let expected = WeightsPosterior.means returned.Weights
        let total = Array.sum expected
        let count = expected.Length

        // random starts number components at random; those of a process are in order already
        let order =
            if
                EmOptions.isRandom options.Start
                && spec.IsExchangeable
                && fitData.Pass.Known.IsNone
            then
                [| 0 .. count - 1 |] |> Array.sortBy (fun k -> struct (-expected[k], k))
            else
                [| 0 .. count - 1 |]

        let weights =
            match returned.Weights with
            | DirichletWeights c -> DirichletWeights(order |> Array.map (fun k -> c[k]))
            | sticks -> sticks

        let block = returned.Block.Choose order

        let mixture =
            FitData.toMixture
                data
                columns
                scale.Means
                [| 0 .. count - 1 |]
                {
                    Weights = order |> Array.map (fun k -> expected[k] / total)
                    Components = block.PlugIn
                }

        let plainSpec = MixtureSpec.Create(spec.Family, count)

        let evaluated =
            Em.fit
                { emOptions with
                    Start = GivenModel mixture
                    MaxIterations = 0
                }
                plainSpec
                data

        let termination =
            if returned.Converged then
                Converged
            elif returned.Iterations >= options.MaxIterations then
                IterationLimit
            else
                Interrupted

        let bounds = finished |> Array.map _.Bound
        let totalWeight = fitData.Scale.TotalWeight
        let own = warnings options returned bounds totalWeight pruned

        let all =
            own
            @ (evaluated.Warnings
               |> List.filter (fun w ->
                   // components that the data do not need keep their prior, all the same one: that is no fault
                   not (
                       w.StartsWith("Not converged", StringComparison.Ordinal)
                       || w.StartsWith("Some components are equal", StringComparison.Ordinal)
                       || w.Contains(" has died: ", StringComparison.Ordinal)
                   )))

        let agreement =
            bounds
            |> Array.filter (fun b -> abs (b - returned.Bound) <= 1e-6 * totalWeight)
            |> Array.length

        {
            Plug =
                { evaluated with
                    Mixture = mixture
                    Summary =
                        { evaluated.Summary with
                            Method = "cavi"
                            Iterations = returned.Iterations
                            Termination = termination
                            Seed = options.Seed
                            History = returned.History
                            Restarts = bounds
                            Agreement = agreement
                            Seconds = clock.Elapsed.TotalSeconds
                            Warnings = all
                            Priors = spec.Priors
                        }
                    Certificate =
                        { evaluated.Certificate with
                            Termination = termination
                            Iterations = returned.Iterations
                            Passes = finished |> Array.sumBy (fun run -> run.Iterations + 2)
                            Restarts = bounds
                            Histories = finished |> Array.map _.History
                            Returned = 0
                            Agreement = agreement
                            MonotonicityViolations = returned.Violations
                            Warnings = all
                        }
                }
            Block = block
            BoundParts = returned.Terms
            WeightsGuide = weights
            PriorNotes = weightNotes @ notes
            BoundHistories = finished |> Array.map _.History
            BoundViolations = returned.Violations
            Masses = order |> Array.map (fun k -> returned.EStep.Counts[k])
            PrunedCount = pruned
        }

    /// Fits the posterior to data; see fitWith.
    let fit (options: CaviOptions) (spec: MixtureSpec) (data: Dataset) : CaviFit =
        fitWith FitMonitor.None options spec data

    /// Fits the posterior to data, with what went wrong as a value.
    let tryFit (options: CaviOptions) (spec: MixtureSpec) (data: Dataset) : Result<CaviFit, FitError> =
        try
            Ok(fit options spec data)
        with :? FitException as e ->
            Error e.Error

    /// The names of the columns that the density is over.
    let private namesOf (fit: CaviFit) =
        if fit.Mixture.HasColumnNames then
            Some(fit.Mixture.ActiveColumns |> Array.map (fun c -> fit.Mixture.ColumnNames[c]))
        else
            None

    /// The probability of each component for each row under the guide, N x K: not those of the plug-in mixture.
    let assignments (fit: CaviFit) (data: Dataset) : float[,] =
        let active = fit.Mixture.ActiveData data
        let uniform = Array.create fit.Mixture.Count (1.0 / float fit.Mixture.Count)

        let densities =
            Mixture.componentLogDensities (Mixture(uniform, fit.Block.Components, namesOf fit)) active

        let logs =
            Array.map2 (+) (WeightsPosterior.expectedLogs fit.Weights) fit.Block.Offsets

        let own = Array.zeroCreate logs.Length
        let result = Array2D.zeroCreate active.Count logs.Length

        for i in 0 .. active.Count - 1 do
            for k in 0 .. logs.Length - 1 do
                own[k] <- densities[i, k] + logs[k]

            let total = LogSumExp.ofArray own

            for k in 0 .. logs.Length - 1 do
                result[i, k] <- exp (own[k] - total)

        result

    /// A mixture drawn from the guide, over the columns that vary.
    let draw (key: RandomKey) (fit: CaviFit) : Mixture =
        let stream = key.Stream()
        let weights = WeightsPosterior.sample fit.Weights stream
        Mixture(weights, fit.Block.Draw stream, namesOf fit)

    /// The posterior predictive density as a mixture, where it is one of a family: of Student-t components for full, tied and
    /// spherical Gaussians (Bishop 2006, equation 10.81), of the same family for Bernoulli and categorical ones. Otherwise
    /// nothing: average the densities of draws.
    let predictive (fit: CaviFit) : Mixture option =
        match fit.Block.Predictive with
        | ValueNone -> None
        | ValueSome components ->
            let means = WeightsPosterior.means fit.Weights
            let total = Array.sum means
            Some(Mixture(means |> Array.map (fun w -> w / total), components, namesOf fit))

    /// The logarithm of the posterior predictive density of rows, averaged over draws of the guide: any family's.
    let predictiveLogDensities (key: RandomKey) (draws: int) (fit: CaviFit) (data: Dataset) : float[] =
        OptionCheck.atLeast 1 (nameof draws) draws
        let active = fit.Mixture.ActiveData data

        let all =
            Array.init draws (fun i -> Mixture.logDensity (draw (key.Child i) fit) active)

        Array.init active.Count (fun i -> LogSumExp.ofArray (all |> Array.map (fun own -> own[i])) - log (float draws))
