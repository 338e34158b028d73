namespace Mixtures

open System
open System.Diagnostics
open System.Threading

/// Stochastic variational inference: the guide nearest to the posterior, by gradients of the evidence lower bound through its
/// draws (Hoffman et al. 2013; Kingma & Welling 2014; Figurnov et al. 2018).
///
///     let guide = Guide.structured [ "theta", GuideFamily.Dirichlet; "mu", GuideFamily.Normal; "tau", GuideFamily.Gamma ] model
///     let fit = Svi.fit { Svi.defaults with DrawsPerRow = true; Seed = 7 } guide model
///     fit.Parameters ; fit.Elbo ; fit.ParetoK ; fit.Report
[<RequireQualifiedAccess>]
module Svi =

    /// Natural gradients at rate 0.3 from the best of four starts, at most 2000 steps of all rows, one antithetic pair of draws
    /// a step, the tail averaged until its noise costs 0.002 nats.
    let defaults: SviOptions =
        {
            Method = NaturalGradient(Schedule.constant 0.3)
            Steps = 2000
            BatchRows = 0
            Draws = 1
            DrawsPerRow = false
            Antithetic = true
            Averaging = TailAverage
            Tolerance = 0.002
            CheckEvery = 50
            Restarts = 4
            Start = []
            FinalDraws = 100
            ParetoDraws = 40000
            Seed = 0
            Threads = 0
        }

    /// The defaults with Adam at a rate.
    let adam (rate: Schedule) : SviOptions =
        { defaults with
            Method = StochasticGradient(Adam.create { Adam.defaults with Rate = rate })
        }

    let private check (model: BayesianModel) (options: SviOptions) =
        let atLeast least name value what =
            if value < least then
                invalidArg name $"expected at least {Wording.count least what}, received {value}"

        atLeast 1 (nameof options.Draws) options.Draws "draw"
        atLeast 0 (nameof options.Steps) options.Steps "step"
        atLeast 2 (nameof options.CheckEvery) options.CheckEvery "step"
        atLeast 1 (nameof options.Restarts) options.Restarts "start"
        atLeast 1 (nameof options.FinalDraws) options.FinalDraws "draw"
        atLeast 0 (nameof options.Threads) options.Threads "thread"
        OptionCheck.notNegative (nameof options.Tolerance) options.Tolerance

        if options.ParetoDraws <> 0 then
            atLeast 25 (nameof options.ParetoDraws) options.ParetoDraws "draw"

        if options.BatchRows <> 0 then
            if model.RowCount = 0 then
                invalidArg
                    (nameof options.BatchRows)
                    "expected 0, all rows, for a model whose data have no common rows, received a batch"

            if options.BatchRows < 1 || options.BatchRows > model.RowCount then
                invalidArg
                    (nameof options.BatchRows)
                    $"expected batches of 1 to {model.RowCount} rows, as many as the data have, or 0 for all, received {options.BatchRows}"

        match options.Method with
        | NaturalGradient rate ->
            let first = rate 0

            if not (first > 0.0 && first <= 1.0) then
                invalidArg
                    (nameof options.Method)
                    $"expected natural gradients at a rate above 0 and at most 1, received {Wording.number first}"
        | StochasticGradient _ -> ()

    let private checkGuide (model: BayesianModel) (guide: Guide) =
        let fits =
            model.Sites.Length = guide.Sites.Length
            && Array.forall2
                (fun (a: Site) (b: Site) -> a.Name = b.Name && Shape.equal a.Dims b.Dims && a.Support = b.Support)
                model.Sites
                guide.Sites

        if not fits then
            let text (sites: Site[]) =
                String.Join(", ", sites |> Array.map (fun site -> $"{site.Name} {Shape.text site.Dims}"))

            invalidArg
                (nameof guide)
                $"expected a guide of the model's sites {text model.Sites}, received one of {text guide.Sites}"

    let private planOf (options: SviOptions) key draws : ElboPlan =
        {
            Rows = ValueNone
            Draws = draws
            IsPerRow = options.DrawsPerRow
            IsAntithetic = options.Antithetic
            Key = key
        }

    /// The shape of the tail of weights by their logarithms; NaN where some are not numbers, or none is above 0.
    let private kHat (logWeights: float[]) =
        if
            logWeights |> Array.exists Double.IsNaN
            || logWeights |> Array.forall Double.IsNegativeInfinity
        then
            nan
        elif logWeights |> Array.exists Double.IsPositiveInfinity then
            Double.PositiveInfinity
        else
            ParetoSmoothing.kHat logWeights

    let private threadsOf threads =
        if threads = 0 then Environment.ProcessorCount else threads

    /// The bound of a guide with the parameters of a free vector and its Monte Carlo standard error, in nats, from so many
    /// draws (antithetic pairs count once) for each row.
    let elbo (options: SviOptions) (guide: Guide) (model: BayesianModel) (vector: float[]) : struct (float * float) =
        check model options
        checkGuide model guide
        let bound = Elbo(model, guide, threadsOf options.Threads)
        let parameters = guide.Constrain(Tensor.ofArray vector)

        if options.DrawsPerRow then
            bound.RequirePerRow parameters

        bound.Estimate (planOf options ((RandomKey.ofSeed options.Seed).Child 90) options.FinalDraws) parameters

    /// The shape k-hat of the tail of the importance weights of the posterior over the guide, from so many draws, or from
    /// fewer, but at least 1000, where these would evaluate more than four million rows.
    let paretoK (draws: int) (seed: int) (guide: Guide) (model: BayesianModel) (vector: float[]) : float =
        checkGuide model guide

        if draws < 25 then
            invalidArg (nameof draws) $"expected at least 25 draws, received {draws}"

        Elbo(model, guide, threadsOf 0).LogWeights
            draws
            ((RandomKey.ofSeed seed).Child 91)
            (guide.Constrain(Tensor.ofArray vector))
        |> kHat

    /// Fits a guide; progress is called after each step, and the token asked whether to stop with what was reached. Raises ArgumentException for options out of range and for a guide that is not the model's, and
    /// SviException where the bound stops being finite.
    let fitWith
        (progress: SviProgress -> unit)
        (cancellation: CancellationToken)
        (options: SviOptions)
        (guide: Guide)
        (model: BayesianModel)
        : SviFit =
        check model options
        checkGuide model guide
        let clock = Stopwatch.StartNew()
        let key = RandomKey.ofSeed options.Seed
        let bound = Elbo(model, guide, threadsOf options.Threads)

        let startOf index =
            if options.Start.IsEmpty then
                let values = model.DrawStart(((key.Child 1).Child index).Stream())
                (guide.Unconstrain(guide.Around values)).ToArray()
            else
                Guide.vectorOf guide options.Start

        let starts = if options.Start.IsEmpty then options.Restarts else 1
        let first = startOf 0

        if options.DrawsPerRow then
            bound.RequirePerRow(guide.Constrain(Tensor.ofArray first))

        let isCancelled () = cancellation.IsCancellationRequested

        let advance index (run: SviRun) isAveraging =
            run.Step()

            progress
                {
                    Start = index
                    Step = run.History.Count
                    Steps = options.Steps
                    Elbo = run.History[run.History.Count - 1]
                    Averaging = isAveraging
                    Elapsed = clock.Elapsed
                }

        let begin' index =
            SviRun(
                bound,
                guide,
                options,
                model.RowCount,
                (if index = 0 then first else startOf index),
                (key.Child 2).Child index
            )

        // how far each of several starts goes before the best goes on
        let pilot = min options.Steps ((options.CheckEvery + 1) / 2)

        let struct (chosen, run) =
            if starts = 1 then
                struct (0, begin' 0)
            else
                // a start whose bound is not finite is left out, unless every one is
                let tried =
                    Array.init starts (fun index ->
                        try
                            let run = begin' index

                            while run.History.Count < pilot && not (isCancelled ()) do
                                advance index run false

                            Ok(struct (index, run))
                        with :? SviException as e ->
                            Error e)

                let sound = tried |> Array.choose Result.toOption

                if sound.Length = 0 then
                    match tried[0] with
                    | Error e -> raise e
                    | Ok _ -> ()

                sound |> Array.maxBy (fun struct (_, run) -> run.RecentMean(max 1 (pilot / 5)))

        let mutable averagedFrom = -1
        let mutable hasConverged = false
        let mutable rHat = nan
        let mutable cost = Double.PositiveInfinity

        let costBetween first last =
            let divergence p q =
                Guide.divergence guide p q |> ValueOption.defaultValue nan

            IterateDiagnostics.cost divergence run.Iterates first last

        let mutable begunAt = 0
        let mutable best = struct (Double.NegativeInfinity, 0.0, 0)

        /// Natural gradients of few draws may be too long for a guide whose factors are correlated in the posterior: where the
        /// bound has fallen by more than its noise, they begin again at its best stretch with shorter ones.
        let overshoots () =
            let n = run.History.Count
            let window = options.CheckEvery

            let struct (mean, variance) =
                IterateDiagnostics.moments (Array.init window (fun i -> run.History[n - window + i]))

            let struct (bestMean, bestVariance, bestEnd) = best

            if mean > bestMean then
                best <- struct (mean, variance, n)
                false
            else
                match options.Method with
                | NaturalGradient _ when
                    bestMean - mean > 10.0 * sqrt (bestVariance / float window) + 0.5 * float guide.Dimension
                    ->
                    run.GoBack(bestEnd - window, bestEnd)
                    begunAt <- n
                    averagedFrom <- -1
                    true
                | _ -> false

        let inspect () =
            let n = run.Iterates.Count

            if averagedFrom < 0 then
                let first = begunAt + (n - begunAt) / 2
                rHat <- IterateDiagnostics.rHat run.Iterates first n

                if rHat < 1.1 then
                    averagedFrom <- first

            if averagedFrom >= 0 && options.Averaging = TailAverage then
                cost <- costBetween averagedFrom n
                hasConverged <- options.Tolerance > 0.0 && cost < options.Tolerance

        while run.History.Count < options.Steps && not hasConverged && not (isCancelled ()) do
            advance chosen run (averagedFrom >= 0)

            if
                run.History.Count % options.CheckEvery = 0
                && run.History.Count >= 2 * options.CheckEvery
                && not (overshoots ())
                && run.History.Count - begunAt >= 2 * options.CheckEvery
            then
                inspect ()

        let steps = run.History.Count
        let isStationary = averagedFrom >= 0

        let vector, returnedFrom =
            match options.Averaging with
            | TailAverage when steps > begunAt ->
                // without stationarity, the last quarter is the best guess
                let from =
                    if isStationary then
                        averagedFrom
                    else
                        max begunAt (steps - max 1 (steps / 4))

                IterateDiagnostics.mean run.Iterates from steps, from
            | TailAverage
            | LastIterate -> Array.copy run.Vector, steps

        let fitSeconds = clock.Elapsed.TotalSeconds
        let parameters = guide.Constrain(Tensor.ofArray vector)

        let struct (value, error) =
            bound.Estimate (planOf options (key.Child 3) options.FinalDraws) parameters

        if not (Double.IsFinite value) then
            raise (SviException(BoundNotFinite(steps, bound.Culprit (key.Child 4) parameters)))

        let paretoK =
            if options.ParetoDraws = 0 then
                nan
            else
                bound.LogWeights options.ParetoDraws (key.Child 5) parameters |> kHat

        let window = min options.CheckEvery (steps / 2)

        let meanOf skip =
            Seq.init window (fun i -> run.History[steps - 1 - skip - i]) |> Seq.average

        let change =
            if window = 0 then
                nan
            else
                (meanOf 0 - meanOf window) / (abs value + 1e-300)

        // over longer windows, no rise that their noise could not make
        let isStalled =
            let span = min (steps / 2) (max options.CheckEvery (steps / 10))

            not isStationary
            && span >= 10
            && (let part skip =
                    Array.init span (fun i -> run.History[steps - 1 - skip - i])

                let late, early = part 0, part span
                let struct (lateMean, lateVariance) = IterateDiagnostics.moments late
                let struct (earlyMean, earlyVariance) = IterateDiagnostics.moments early
                lateMean - earlyMean < 2.0 * sqrt ((lateVariance + earlyVariance) / float span))

        let termination =
            if hasConverged then Converged
            elif isCancelled () then Interrupted
            else IterationLimit

        let taken = Wording.count steps "step"
        let skipped = Wording.count run.Skipped "step"

        let warnings =
            [
                yield! model.Warnings

                if paretoK > 0.7 then
                    $"The guide misses much of the posterior (k-hat {Wording.short paretoK}): use full-rank normals, another family, or sampling."

                if steps = 0 then
                    "No steps were taken: the guide is where it started."
                elif options.Averaging = TailAverage && options.Tolerance > 0.0 && not hasConverged then
                    let why =
                        if Double.IsNaN rHat then
                            "too few to tell whether the parameters still move"
                        elif isStationary then
                            $"the averaged parameters' noise still costs {Wording.short cost} nats"
                        elif isStalled then
                            $"the bound stands still while the parameters move on (R-hat {Wording.short rHat})"
                        else
                            $"the parameters still move (R-hat {Wording.short rHat})"

                    $"Not converged after {taken}: {why}; take more steps, more draws, or lower the rate."

                match options.Method with
                | NaturalGradient rate when run.Scale < 1.0 ->
                    $"Natural gradients at a rate of {Wording.short (rate 0)} overshot: they went on at {Wording.short (run.Scale * rate 0)}."
                | _ -> ()

                if run.Skipped > 0 then
                    $"{skipped} given up because the bound was not finite."
            ]

        {
            Model = model
            Guide = guide
            Vector = vector
            Elbo = value
            ElboStandardError = error
            ParetoK = paretoK
            History = run.History.ToArray()
            Termination = termination
            Report =
                {
                    IsStationary = isStationary
                    AveragedFrom = returnedFrom
                    RHat = rHat
                    AveragingCost = cost
                    RelativeChange = change
                    IsStalled = isStalled
                    SkippedSteps = run.Skipped
                }
            Seed = options.Seed
            Seconds = clock.Elapsed.TotalSeconds
            FitSeconds = fitSeconds
            Warnings = warnings
        }

    /// Fits a guide to the posterior of a model.
    let fit (options: SviOptions) (guide: Guide) (model: BayesianModel) : SviFit =
        fitWith ignore CancellationToken.None options guide model
