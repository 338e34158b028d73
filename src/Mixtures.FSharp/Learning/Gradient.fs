namespace Mixtures

open System
open System.Diagnostics

/// Gradient descent on the negative log-likelihood, or with priors on the negative log joint density (MAP).
[<RequireQualifiedAccess>]
module Gradient =

    /// L-BFGS from ten starts by k-means++, at most 1000 iterations, in standardised units, to a gradient of 1e-9.
    let defaults = GradientOptions.defaults

    /// The defaults with Adam at a learning rate, one start.
    let adam (rate: float) = GradientOptions.adam rate

    /// Whether each coordinate is free, by the names of the parts that are frozen.
    let private freeOf (parts: struct (string * int)[]) (frozen: string list) =
        for name in frozen do
            if not (parts |> Array.exists (fun struct (part, _) -> part = name)) then
                let known = String.Join(", ", parts |> Array.map (fun struct (part, _) -> part))
                invalidArg "Frozen" $"expected parts of the parameters ({known}), received '{name}'"

        parts
        |> Array.collect (fun struct (part, n) -> Array.create n (not (List.contains part frozen)))

    /// L-BFGS or Newton's method on all rows.
    let private minimise
        (objective: GradientObjective)
        (options: GradientOptions)
        (free: bool[])
        (start: float[])
        (keep: bool)
        (cancellation: Threading.CancellationToken)
        (after: int -> float -> float -> bool)
        : GradientRun =
        // softmax does not change when every logit is shifted: for second derivatives one of them is held
        let free =
            match options.Method with
            | NewtonMethod ->
                let struct (_, count) = objective.Likelihood.Parts[0]
                free |> Array.mapi (fun i isFree -> isFree && i <> count - 1)
            | FirstOrder _
            | QuasiNewton -> free

        let losses = ResizeArray<float>()
        let norms = ResizeArray<float>()
        let history = ResizeArray<float[]>()

        let note (point: ObjectivePoint) =
            losses.Add point.Value
            norms.Add(sqrt (Array.sumBy (fun g -> g * g) point.Gradient))

            if keep then
                history.Add(Mask.scatter free start point.Parameters)

        let masked = Objective.masked free start objective.Whole
        let reduced = Mask.gather free start

        if reduced.Length = 0 then
            invalidArg "Frozen" "expected at least one part of the parameters that is free, received all frozen"

        note (Objective.evaluate masked reduced)

        if not (Double.IsFinite losses[0]) then
            raise (FitException(NotFinite 0))

        use stop = Threading.CancellationTokenSource.CreateLinkedTokenSource cancellation

        let minimiseOptions =
            { Minimiser.defaults with
                GradientTolerance = options.Tolerance
                MaxIterations = options.Steps
                Cancellation = stop.Token
                Progress =
                    fun progress ->
                        let before = losses[losses.Count - 1]
                        note progress.Point

                        if not (after progress.Iteration progress.Point.Value (before - progress.Point.Value)) then
                            stop.Cancel()
            }

        let result =
            match options.Method with
            | NewtonMethod ->
                let places = [| 0 .. free.Length - 1 |] |> Array.filter (fun i -> free[i])

                let hessian (x: float[]) =
                    let whole = objective.Hessian(Mask.scatter free start x)

                    Array.init (places.Length * places.Length) (fun at ->
                        whole[places[at / places.Length] * free.Length + places[at % places.Length]])

                Newton.minimise minimiseOptions masked hessian reduced
            | FirstOrder _
            | QuasiNewton -> Lbfgs.minimise minimiseOptions masked reduced

        let termination, warnings =
            match result.Termination with
            | MinimiserTermination.Converged
            | MinimiserTermination.ValueConverged
            | MinimiserTermination.NoProgress -> Converged, []
            | MinimiserTermination.IterationLimit -> IterationLimit, []
            | MinimiserTermination.Interrupted -> Interrupted, []
            | MinimiserTermination.NotFinite ->
                IterationLimit,
                [
                    $"The loss is not finite wherever the next step leads, after {result.Iterations} iterations; the last finite one is returned."
                ]
            | MinimiserTermination.Unbounded ->
                IterationLimit,
                [
                    "The loss falls without end: a component is shrinking to a point. Give a prior, ask for fewer components, or fit by EM, whose floor prevents this."
                ]

        {
            Best = Mask.scatter free start result.Parameters
            BestLoss = result.Value
            // an iteration that found no step is counted, but has no point of its own
            BestStep =
                match Seq.tryFindIndexBack (fun loss -> loss = result.Value) losses with
                | Some step -> step
                | None -> losses.Count - 1
            Losses = losses.ToArray()
            Norms = norms.ToArray()
            History = history.ToArray()
            Deaths = []
            Termination = termination
            Warnings = warnings
        }

    /// L-BFGS from where a first-order method got to; its losses follow those of the steps.
    let private polish objective options free cancellation (run: GradientRun) : GradientRun =
        let refined =
            minimise
                objective
                { options with
                    Method = QuasiNewton
                    Steps = 1000
                    Batches = AllRows
                }
                free
                run.Best
                options.KeepParameters
                cancellation
                (fun _ _ _ -> true)

        if refined.BestLoss <= run.BestLoss then
            { run with
                Best = refined.Best
                Losses = Array.append run.Losses (Array.skip 1 refined.Losses)
                Norms = Array.append run.Norms (Array.skip 1 refined.Norms)
                History =
                    if run.History.Length > 0 then
                        Array.append run.History (Array.skip 1 refined.History)
                    else
                        [||]
                Termination =
                    if run.Termination = Interrupted then
                        Interrupted
                    else
                        refined.Termination
                Warnings = run.Warnings @ refined.Warnings
            }
        else
            run

    /// The deaths, the failure to converge and the like, in plain words.
    let private warningsOf (options: GradientOptions) (run: GradientRun) =
        [
            yield! run.Warnings

            for death in run.Deaths do
                let what =
                    if death.Reseeded then
                        "it was moved to a random row"
                    else
                        "re-seed dead components, or follow the steps by EM, to put it to use"

                $"Component {death.Component + 1} died by step {death.Step} (weight {Wording.short death.Weight}): {what}."

            if
                run.Termination = IterationLimit
                && options.Tolerance > 0.0
                && options.Batches.IsAllRows
            then
                $"Not converged after {run.Losses.Length - 1} steps: allow more, or polish by L-BFGS or EM."
        ]

    /// Fits the specification to data by gradient descent, watched. Raises FitException where there is nothing to return,
    /// and ArgumentException for options out of range.
    let fitWith (monitor: FitMonitor) (options: GradientOptions) (spec: MixtureSpec) (data: Dataset) : GradientFit =
        GradientOptions.check data.Count options
        let clock = Stopwatch.StartNew()

        let emOptions =
            { EmOptions.defaults with
                Threads = options.Threads
                Seed = options.Seed
                Start = options.Start
            }

        let spec = FitData.bind spec data

        let struct (fitData, columns, scale) =
            FitData.prepare emOptions SimdWidth.best spec data

        let like =
            spec.Family.At(Array.zeroCreate (spec.Components * columns.Length), fitData.Scale)

        let objective = GradientObjective(spec, fitData, options.Standardise, like)
        let total = objective.TotalWeight
        let parts = objective.Likelihood.Parts
        let free = freeOf parts options.Frozen
        let key = RandomKey.ofSeed options.Seed

        let starts =
            if EmOptions.isRandom options.Start then
                options.Restarts
            else
                1

        let run index =
            let point =
                Starts.create fitData spec columns data.Dimension emOptions.Attempts options.Start (key.Child index)

            let start = objective.OfPoint point

            let after iteration value change =
                monitor.Progress
                    {
                        Start = index
                        Starts = starts
                        Final = starts = 1
                        Iteration = iteration
                        MaxIterations = options.Steps
                        LogLikelihood = -value * total
                        Change = change * total
                        Elapsed = clock.Elapsed
                    }

                not monitor.Cancellation.IsCancellationRequested

            let run =
                match options.Method with
                | FirstOrder optimiser ->
                    FirstOrderRun(objective, options, optimiser, free, start, (key.Child index).Child 77, after).Run()
                | QuasiNewton
                | NewtonMethod ->
                    minimise objective options free start options.KeepParameters monitor.Cancellation after

            match options.Polish, options.Method with
            | PolishByQuasiNewton, FirstOrder _ when run.Termination <> Interrupted ->
                polish objective options free monitor.Cancellation run
            | _ -> run

        let failures = ResizeArray<FitError>()

        let runs =
            [|
                for index in 0 .. starts - 1 do
                    if index = 0 || not monitor.Cancellation.IsCancellationRequested then
                        try
                            run index
                        with :? FitException as e ->
                            failures.Add e.Error
            |]

        if runs.Length = 0 then
            raise (FitException failures[0])

        // a weight whose prior's density is endless at 0 draws some starts there, where there is no optimum
        let ranAway (run: GradientRun) =
            match spec.Concentrations with
            | ValueNone -> false
            | ValueSome alpha ->
                let weights = (objective.ToPoint run.Best).Weights
                Array.exists2 (fun a w -> a < 1.0 && w < 1e-10) alpha weights

        let runAways = runs |> Array.filter ranAway |> Array.length

        if runAways = runs.Length then
            raise (
                FitException(
                    NoStart
                        "Every start ran away: a weight falls to 0, where the density of the weights' prior (a concentration below 1) is endless, so that there is no best point. Ask for fewer components, a concentration of at least 1, or more restarts."
                )
            )

        let runs = runs |> Array.filter (ranAway >> not)

        // the final loss of a run is that of its best parameters, polished or not
        let finals = runs |> Array.map (fun run -> objective.Value run.Best)

        // the best sound solution, as EM chooses: components near a point make the likelihood as large as one likes
        let isSound (run: GradientRun) =
            let point = objective.ToPoint run.Best

            not (
                spec.Family.EstimatesSpread
                && spec.Family.Health(point.Components, fitData.Scale)
                   |> Array.exists (fun health -> health.SmallestEigenvalue < 1e-6)
            )

        let ranked = Array.init runs.Length id |> Array.sortBy (fun i -> finals[i], i)

        let chosen =
            ranked
            |> Array.tryFind (fun i -> isSound runs[i])
            |> Option.defaultValue ranked[0]

        let best = runs[chosen]
        let point = objective.ToPoint best.Best

        let order =
            if
                EmOptions.isRandom options.Start
                && spec.IsExchangeable
                && fitData.Pass.Known.IsNone
            then
                FitData.heaviestFirst point
            else
                [| 0 .. point.Weights.Length - 1 |]

        let mixture = FitData.toMixture data columns scale.Means order point

        // an E-step of EM at the solution gives criteria and certificate, and a run of it polishes
        let evaluated =
            Em.fitWith
                { FitMonitor.None with
                    Cancellation =
                        if options.Polish = PolishByEm then
                            monitor.Cancellation
                        else
                            Threading.CancellationToken.None
                }
                { emOptions with
                    Start = GivenModel mixture
                    MaxIterations = if options.Polish = PolishByEm then 2000 else 0
                }
                (if options.Polish = PolishByEm then
                     spec
                 else
                     Em.withoutParameterPriors spec)
                data

        let polishedByEm = options.Polish = PolishByEm

        // whether a polish by EM converged is for EM to say
        let own =
            warningsOf
                options
                (if polishedByEm && best.Termination = IterationLimit then
                     { best with Termination = Converged }
                 else
                     best)

        let termination =
            if polishedByEm && best.Termination <> Interrupted then
                evaluated.Termination
            else
                best.Termination

        // what EM says of its own run does not apply where it made no steps
        let own =
            if runAways > 0 then
                let starts = Wording.count runAways "start"

                own
                @ [
                    $"{starts} ran away to a weight of 0, where the density of the weights' prior (a concentration below 1) is endless, and did not count."
                ]
            else
                own

        let warnings =
            own
            @ (evaluated.Warnings
               |> List.filter (fun w -> polishedByEm || not (w.StartsWith("Not converged", StringComparison.Ordinal))))

        let toLogLikelihood loss = -loss * total

        let history =
            Array.append
                (best.Losses |> Array.map toLogLikelihood)
                (if polishedByEm then
                     Array.skip 1 evaluated.History
                 else
                     [||])

        let restarts = ranked |> Array.map (fun i -> toLogLikelihood finals[i])
        let returned = toLogLikelihood finals[chosen]

        let agreement =
            restarts
            |> Array.filter (fun l -> abs (l - returned) <= 1e-6 * total)
            |> Array.length

        let loss =
            if polishedByEm then
                let prior =
                    match Loss.negativeLogPrior spec objective.Likelihood with
                    | ValueNone -> 0.0
                    | ValueSome prior ->
                        {
                            Weights = evaluated.Mixture.Weights
                            Components = evaluated.Mixture.ActiveComponents
                        }
                        |> objective.OfPoint
                        |> Tensor.ofArray
                        |> prior
                        |> Tensor.toScalar

                prior - evaluated.LogLikelihood
            else
                finals[chosen] * total

        // the data stay reachable through the fit only where steps were kept
        let mixtureAt =
            if best.History.Length = 0 then
                fun _ -> invalidOp "The fit did not keep the parameters of its steps: set KeepParameters."
            else
                let kept = best.History

                fun step ->
                    if step < 0 || step >= kept.Length then
                        invalidArg (nameof step) $"expected a step from 0 to {kept.Length - 1}, received {step}"

                    FitData.toMixture data columns scale.Means order (objective.ToPoint kept[step])

        let summary =
            { evaluated.Summary with
                Method = "gradient"
                Iterations = history.Length - 1
                Termination = termination
                Seed = options.Seed
                History = history
                Restarts = restarts
                Agreement = agreement
                Seconds = clock.Elapsed.TotalSeconds
                Warnings = warnings
                Priors = spec.Priors
            }

        {
            Fit =
                { evaluated with
                    Summary = summary
                    Certificate =
                        { evaluated.Certificate with
                            Termination = termination
                            Iterations = summary.Iterations
                            Restarts = restarts
                            Histories = [| history |]
                            Returned = 0
                            Agreement = agreement
                            LargestGradient =
                                if spec.Priors.Parameters.IsEmpty || polishedByEm then
                                    evaluated.Certificate.LargestGradient
                                else
                                    let struct (_, gradient) = objective.Whole best.Best
                                    gradient |> Array.fold (fun most g -> max most (abs g)) 0.0
                            Warnings = warnings
                        }
                }
            Loss = loss
            Losses = best.Losses |> Array.map (fun l -> l * total)
            GradientNorms = best.Norms
            ParameterHistory = best.History
            MixtureAt = mixtureAt
            Parts = parts
            Parameters = best.Best
            BestStep = best.BestStep
            BestLoss = best.BestLoss * total
            Deaths = best.Deaths
        }

    /// Fits the specification to data by gradient descent. Raises FitException where the data cannot be fitted, and
    /// ArgumentException for options out of range.
    let fit (options: GradientOptions) (spec: MixtureSpec) (data: Dataset) : GradientFit =
        fitWith FitMonitor.None options spec data

    /// Fits the specification to data, with what went wrong as a value.
    let tryFit (options: GradientOptions) (spec: MixtureSpec) (data: Dataset) : Result<GradientFit, FitError> =
        try
            Ok(fit options spec data)
        with :? FitException as e ->
            Error e.Error
