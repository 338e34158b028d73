namespace Mixtures

open System
open System.Diagnostics
open System.Globalization
open System.Threading

/// Options of expectation-maximisation.
[<NoEquality; NoComparison>]
type EmOptions =
    {
        /// How many random starts; given starts run once.
        Restarts: int
        /// The seed of the random starts.
        Seed: int
        /// Where to start.
        Start: Start
        /// How often a start by k-means++ is drawn, at most, until every component has a row.
        Attempts: int
        /// The limit of iterations of each start.
        MaxIterations: int
        /// Converged when the gain still to come is below this, in nats a row; 0 runs to the limit.
        Tolerance: float
        /// The least eigenvalue of a covariance in units of the columns' variances.
        RelativeFloor: float
        /// Added to every covariance's diagonal in each M-step; for comparison with other tools.
        AbsoluteFloor: float
        /// What to do with a component that collapses.
        Collapse: CollapsePolicy
        /// Whether slow convergence is accelerated (Anderson's method, safeguarded so that the log-likelihood never
        /// falls). Never done where the tolerance is 0, which asks for exactly so many plain steps.
        Accelerate: bool
        /// The number of threads; 0 for one a core. Results do not depend on it.
        Threads: int
        /// The rows of a block; 0 for as many as suit the cache.
        BlockRows: int
    }

/// Expectation-maximisation (Dempster, Laird & Rubin 1977).
[<RequireQualifiedAccess>]
module Em =

    /// Ten starts by k-means++, seed 0, tolerance 1e-8, at most 2000 iterations, relative floor 1e-9.
    let defaults =
        {
            Restarts = 10
            Seed = 0
            Start = KMeansPlusPlus
            Attempts = 50
            MaxIterations = 2000
            Tolerance = 1e-8
            RelativeFloor = 1e-9
            AbsoluteFloor = 0.0
            Collapse = HoldAtFloor
            Accelerate = true
            Threads = 0
            BlockRows = 0
        }

    /// Iterations of the short runs that choose which starts to go on with.
    [<Literal>]
    let private ShortIterations = 30

    /// How many starts are run to convergence.
    [<Literal>]
    let private Finalists = 3

    /// Nats a row within which two starts count as the same.
    [<Literal>]
    let private SameLogLikelihood = 1e-6

    let private check (options: EmOptions) =
        let require condition name expected (value: obj) =
            if not condition then
                invalidArg name $"expected {expected}, received {Convert.ToString(value, CultureInfo.InvariantCulture)}"

        require (options.Restarts >= 1) (nameof options.Restarts) "at least 1 start" options.Restarts
        require (options.Attempts >= 1) (nameof options.Attempts) "at least 1 attempt" options.Attempts

        require
            (options.MaxIterations >= 0)
            (nameof options.MaxIterations)
            "at least 0 iterations"
            options.MaxIterations

        require (options.Threads >= 0) (nameof options.Threads) "0 or more threads" options.Threads

        require
            (options.BlockRows >= 0 && options.BlockRows <= 1024)
            (nameof options.BlockRows)
            "0 to 1024 rows"
            options.BlockRows

        require
            (Double.IsFinite options.Tolerance && options.Tolerance >= 0.0)
            (nameof options.Tolerance)
            "a tolerance of 0 or more"
            options.Tolerance

        require
            (Double.IsFinite options.RelativeFloor && options.RelativeFloor >= 0.0)
            (nameof options.RelativeFloor)
            "a floor of 0 or more"
            options.RelativeFloor

        require
            (Double.IsFinite options.AbsoluteFloor && options.AbsoluteFloor >= 0.0)
            (nameof options.AbsoluteFloor)
            "a floor of 0 or more"
            options.AbsoluteFloor

    let private positiveRows (data: Dataset) =
        if data.HasWeights then
            let mutable n = 0

            for w in data.Weights.Span do
                if w > 0.0 then
                    n <- n + 1

            n
        else
            data.Count

    /// The pass over the columns that vary, and the positions of these; the others are constant.
    let private prepare (options: EmOptions) width (spec: MixtureSpec) (data: Dataset) =
        let rows = positiveRows data

        if rows < spec.Components then
            raise (FitException(TooFewRows(rows, spec.Components)))

        match spec.Family.Check(spec.Components, data.Dimension) with
        | ValueSome reason -> raise (FitException(InvalidModel(reason + ".")))
        | ValueNone -> ()

        let execution =
            {
                Threads = options.Threads
                BlockRows = options.BlockRows
                Width = width
            }

        let whole = RowPass(data, execution)
        let scale = ColumnSummary.ofPass whole

        let known =
            spec.Family.Structure = CovarianceStructure.name CovarianceStructure.Known

        let varying =
            [| 0 .. data.Dimension - 1 |]
            |> Array.filter (fun i -> scale.Variances[i] > 0.0)

        if varying.Length = 0 && not (known && spec.Components = 1) then
            raise (FitException(IdenticalRows data.Count))

        // with an absolute floor a constant column has a variance, as in tools that add one
        let keepAll = known || options.AbsoluteFloor > 0.0

        let columns = if keepAll then [| 0 .. data.Dimension - 1 |] else varying

        let pick (values: float[]) =
            columns |> Array.map (fun i -> values[i])

        let part =
            if columns.Length = data.Dimension then
                whole
            else
                RowPass(data.SelectAt columns, execution)

        let variances = pick scale.Variances

        let partScale =
            { scale with
                Means = pick scale.Means
                // a constant column that is kept has no scale of its own
                Variances = variances |> Array.map (fun v -> if v > 0.0 then v else 1.0)
            }

        let fitData =
            {
                Pass = part
                Scale =
                    if spec.Family.UsesScatter then
                        ColumnSummary.withScatter part partScale
                    else
                        partScale
                Floor =
                    {
                        Relative = options.RelativeFloor
                        Absolute = options.AbsoluteFloor
                    }
                Reference = variances |> Array.map (fun v -> if v > 0.0 then sqrt v else 1.0)
            }

        struct (fitData, columns, scale)

    /// The point as a mixture over all columns, constant ones included.
    let private toMixture (data: Dataset) (columns: int[]) (means: float[]) (order: int[]) (point: Point) =
        let components = point.Components.Choose order

        let whole =
            if columns.Length = data.Dimension then
                components
            else
                components.Family.Embed(components, columns, means)

        let names =
            if data.HasColumnNames then
                Some(Seq.toArray data.ColumnNames)
            else
                None

        Mixture(order |> Array.map (fun k -> point.Weights[k]), whole, names)

    let internal fitWidth width (monitor: FitMonitor) (options: EmOptions) (spec: MixtureSpec) (data: Dataset) =
        check options
        let clock = Stopwatch.StartNew()
        let struct (fitData, columns, scale) = prepare options width spec data
        let key = RandomKey.ofSeed options.Seed
        let random = Starts.isRandom options.Start
        let starts = if random then options.Restarts else 1
        let totalWeight = scale.TotalWeight

        // log-likelihoods inside are of standardised columns; this takes them back to the data's units
        let jacobian = totalWeight * Array.sumBy log fitData.Reference
        let toUnits value = value - jacobian
        let gate = obj ()

        let advance (run: EmRun) index final limit =
            run.Advance(
                limit,
                fun iteration change ->
                    lock gate (fun () ->
                        monitor.Progress
                            {
                                Start = index
                                Starts = starts
                                Final = final
                                Iteration = iteration
                                MaxIterations = limit
                                LogLikelihood = toUnits run.LogLikelihood
                                Change = change
                                Elapsed = clock.Elapsed
                            })

                    not monitor.Cancellation.IsCancellationRequested
            )

        // small data: one start a thread; large data: all threads on one start
        let concurrent = starts > 1 && fitData.Pass.IsSmall

        let fitDataOf () =
            if concurrent then
                { fitData with
                    Pass =
                        RowPass(
                            fitData.Pass.Data,
                            { fitData.Pass.Execution with
                                Threads = 1
                            }
                        )
                }
            else
                fitData

        let threads = if concurrent then fitData.Pass.Execution.ThreadCount else 1
        let failures: FitError option[] = Array.create starts None
        let began: EmRun option[] = Array.create starts None

        let shortLimit =
            if starts <= Finalists then
                options.MaxIterations
            else
                min ShortIterations options.MaxIterations

        ParallelFold.run threads starts (fun _ index ->
            if not monitor.Cancellation.IsCancellationRequested then
                try
                    let own = fitDataOf ()

                    let point =
                        Starts.create own spec columns data.Dimension options.Attempts options.Start (key.Child index)

                    let run =
                        EmRun(
                            own,
                            point,
                            {
                                Tolerance = options.Tolerance
                                Policy = options.Collapse
                                Accelerate = options.Accelerate
                                Key = key.Child index
                            }
                        )

                    began[index] <- Some run
                    advance run index (starts <= Finalists) shortLimit |> ignore
                with :? FitException as e ->
                    failures[index] <- Some e.Error
                    began[index] <- None)

        let candidates =
            began
            |> Array.indexed
            |> Array.choose (fun (i, run) -> run |> Option.map (fun r -> i, r))

        if candidates.Length = 0 then
            match Array.tryPick id failures with
            | Some error -> raise (FitException error)
            | None -> raise (OperationCanceledException "The fit was cancelled before it began.")

        // best first; equal ones in the order of their starts
        let ranking (pairs: (int * EmRun)[]) =
            pairs
            |> Array.sortWith (fun (i, a) (j, b) ->
                match compare b.LogLikelihood a.LogLikelihood with
                | 0 -> compare i j
                | c -> c)

        let continueRuns (chosen: (int * EmRun)[]) =
            ParallelFold.run threads chosen.Length (fun _ at ->
                let index, run = chosen[at]

                if not monitor.Cancellation.IsCancellationRequested then
                    try
                        advance run index true options.MaxIterations |> ignore
                    with :? FitException as e ->
                        failures[index] <- Some e.Error
                        began[index] <- None)

            chosen |> Array.filter (fun (index, _) -> began[index].IsSome)

        let ranked = ranking candidates
        let finalists, others = Array.splitAt (min Finalists ranked.Length) ranked

        let isSound (_, run: EmRun) =
            not (Certification.components fitData run |> Array.exists _.Spurious)

        // where no finalist is sound, the other starts get their chance
        let finished =
            let first = continueRuns finalists

            if Array.exists isSound first || others.Length = 0 then
                first
            else
                Array.append first (continueRuns others)
            |> ranking

        if finished.Length = 0 then
            raise (FitException(Array.pick id failures))

        let best = snd finished[0]

        let returned =
            match Array.tryFind isSound finished with
            | Some(_, sound) -> sound
            | None -> best

        if not (Double.IsFinite returned.LogLikelihood) then
            raise (FitException(NotFinite returned.Iterations))

        let termination =
            if returned.Converged then
                Converged
            elif returned.Iterations >= options.MaxIterations then
                IterationLimit
            else
                Interrupted

        // random starts number components at random: put the heaviest first
        let order =
            let all = [| 0 .. returned.Point.Weights.Length - 1 |]

            if random then
                all
                |> Array.sortWith (fun a b ->
                    match compare returned.Point.Weights[b] returned.Point.Weights[a] with
                    | 0 -> compare a b
                    | c -> c)
            else
                all

        let mixture = toMixture data columns scale.Means order returned.Point
        let reports = Certification.components fitData returned
        let reports = order |> Array.map (fun k -> reports[k])
        let restarts = finished |> Array.map (fun (_, run) -> toUnits run.LogLikelihood)

        let agreement =
            finished
            |> Array.filter (fun (_, run) ->
                returned.LogLikelihood - run.LogLikelihood <= SameLogLikelihood * totalWeight
                && run.LogLikelihood - returned.LogLikelihood <= SameLogLikelihood * totalWeight)
            |> Array.length

        let constants =
            [
                for i in 0 .. data.Dimension - 1 do
                    if not (scale.Variances[i] > 0.0) then
                        data.ColumnNames[i]
            ]

        let setAside =
            if
                obj.ReferenceEquals(returned, best)
                || best.LogLikelihood - returned.LogLikelihood <= SameLogLikelihood * totalWeight
            then
                None
            else
                Some(toUnits best.LogLikelihood)

        let gradient = Certification.largestGradient fitData returned

        let warnings =
            Certification.warnings
                fitData
                constants
                returned
                termination
                reports
                setAside
                restarts
                agreement
                mixture.FreeParameters
                options.Tolerance
                gradient

        let logLikelihood = toUnits returned.LogLikelihood
        let parameters = float mixture.FreeParameters
        let bic = parameters * log totalWeight - 2.0 * logLikelihood

        let certificate =
            {
                Termination = termination
                Iterations = returned.Iterations
                Passes = candidates |> Array.sumBy (fun (_, run) -> run.Passes)
                Restarts = restarts
                Histories = finished |> Array.map (fun (_, run) -> Array.map toUnits run.History)
                Returned = finished |> Array.findIndex (fun (_, run) -> obj.ReferenceEquals(run, returned))
                Agreement = agreement
                RemainingGain = returned.RemainingGain
                LargestGradient = gradient
                MonotonicityViolations = returned.Violations
                Components = reports
                Collapses = returned.Collapses
                Warnings = warnings
            }

        {
            Mixture = mixture
            Certificate = certificate
            Summary =
                {
                    Method = "em"
                    LogLikelihood = logLikelihood
                    Parameters = mixture.FreeParameters
                    Aic = 2.0 * parameters - 2.0 * logLikelihood
                    Bic = bic
                    Icl = bic - 2.0 * Mixture.classificationPenalty mixture data
                    Rows = data.Count
                    TotalWeight = totalWeight
                    EffectiveRows = data.EffectiveRows
                    Iterations = returned.Iterations
                    Termination = termination
                    Seed = options.Seed
                    History = returned.History |> Array.map toUnits
                    Restarts = restarts
                    Agreement = agreement
                    Seconds = clock.Elapsed.TotalSeconds
                    Warnings = warnings
                }
        }

    /// Fits the specification to data, watched: progress is reported after each iteration, and a cancelled fit returns
    /// what was reached, with Termination = Interrupted. Raises FitException where there is nothing to return,
    /// ArgumentException for options out of range, and OperationCanceledException if cancelled before the first step.
    let fitWith (monitor: FitMonitor) (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : MixtureFit =
        fitWidth SimdWidth.best monitor options spec data

    /// Fits the specification to data. Raises FitException where the data cannot be fitted, and ArgumentException for
    /// options out of range.
    let fit (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : MixtureFit =
        fitWith FitMonitor.None options spec data

    /// The mixture that the first start begins with.
    let initialise (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : Mixture =
        (fit
            { options with
                Restarts = 1
                MaxIterations = 0
            }
            spec
            data)
            .Mixture

    /// Fits the specification to data, with what went wrong as a value.
    let tryFit (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : Result<MixtureFit, FitError> =
        try
            Ok(fit options spec data)
        with :? FitException as e ->
            Error e.Error
