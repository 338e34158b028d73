namespace Mixtures

open System
open System.Diagnostics

/// What the starts of a fit came to.
[<NoEquality; NoComparison>]
type internal EmSearchResult =
    {
        /// The runs that were continued to convergence, best first.
        Finished: EmRun[]
        /// The best of these that is sound, if there is one; else the best.
        Returned: EmRun
        /// E-passes over the data, all starts together.
        Passes: int
        /// Why starts failed, in their order.
        Failures: FitError list
    }

/// Runs EM from several starts: short runs of all, the best few to convergence.
[<RequireQualifiedAccess>]
module internal EmSearch =

    /// Iterations of the short runs that choose which starts to go on with.
    [<Literal>]
    let private ShortIterations = 30

    /// How many starts are run to convergence.
    [<Literal>]
    let private Finalists = 3

    /// The M-step under the priors of the components' parameters, with their log-density.
    let private parameterPriors (data: FitData) (spec: MixtureSpec) (point: Point) =
        if spec.Priors.Parameters.IsEmpty then
            ValueNone
        else
            let columns = Seq.toArray data.Pass.Data.ColumnNames

            let density =
                match ParameterPriors.logDensityOf spec point.Components data.Scale columns with
                | ValueSome density -> density
                | ValueNone -> fun _ -> Tensor.scalar 0.0

            let logDensity (components: IComponents) =
                (density (Tensor.ofArray (components.Family.ToVector(components, data.Scale)))).ToScalar()

            if spec.Family :? INumericalFamily then
                let name = fst spec.Priors.Parameters.Head

                raise (
                    FitException(
                        InvalidModel
                            $"EM takes no priors of the {spec.Family.Name} family's parameters, whose M-step is numerical, and there is one of {name}: fit by gradient (MAP)."
                    )
                )

            try
                ValueSome(struct (ConjugatePriors.stepOf point.Components columns spec.Priors.Parameters, logDensity))
            with :? ArgumentException as e ->
                raise (FitException(InvalidModel(Wording.sentence e + ".")))

    /// Columns are the positions of fitData's columns among all of the data's dimension; toUnits takes log-likelihoods
    /// back to the data's units.
    let run
        (monitor: FitMonitor)
        (options: EmOptions)
        (spec: MixtureSpec)
        (fitData: FitData)
        (columns: int[])
        (dimension: int)
        (toUnits: float -> float)
        : EmSearchResult =
        let clock = Stopwatch.StartNew()
        let key = RandomKey.ofSeed options.Seed

        let starts =
            if EmOptions.isRandom options.Start then
                options.Restarts
            else
                1

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
                            },
                            true
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
                        Starts.create own spec columns dimension options.Attempts options.Start (key.Child index)

                    let run =
                        EmRun(
                            own,
                            point,
                            {
                                Tolerance = options.Tolerance
                                Policy = options.Collapse
                                Accelerate = options.Accelerate
                                Concentrations = spec.Concentrations
                                Parameters = parameterPriors own spec point
                                Key = key.Child index
                            }
                        )

                    began[index] <- Some run
                    advance run index (starts <= Finalists) shortLimit |> ignore
                with :? FitException as e ->
                    failures[index] <- Some e.Error
                    began[index] <- None)

        // the policy to fail stops at the first collapse, by the number of the start
        match options.Collapse, Array.tryPick id failures with
        | Fail, Some(ComponentCollapsed _ as error) -> raise (FitException error)
        | _ -> ()

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
                match compare b.Objective a.Objective with
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

        {
            Finished = Array.map snd finished
            Returned = returned
            Passes = candidates |> Array.sumBy (fun (_, run) -> run.Passes)
            Failures = failures |> Array.choose id |> Array.toList
        }
