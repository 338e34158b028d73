namespace Mixtures

open System

/// What one start of a gradient fit came to, in mean losses and the parameters of the fit.
[<NoEquality; NoComparison>]
type internal GradientRun =
    {
        Best: float[]
        BestLoss: float
        BestStep: int
        Losses: float[]
        Norms: float[]
        History: float[][]
        Deaths: DeathEvent list
        Termination: Termination
        Warnings: string list
    }

/// Runs first-order methods, on all rows or on batches.
[<Sealed>]
type internal FirstOrderRun
    (
        objective: GradientObjective,
        options: GradientOptions,
        optimiser: Optimiser,
        free: bool[],
        start: float[],
        key: RandomKey,
        after: int -> float -> float -> bool
    ) =
    let rows = objective.Likelihood.Pass.Data.Count
    let parts = objective.Likelihood.Parts

    let count =
        let struct (_, n) = parts[0]
        n

    let optimiser =
        if Array.forall id free then
            optimiser
        else
            Optimiser.masked free optimiser

    /// Steps of an epoch.
    let epoch =
        match options.Batches with
        | AllRows -> 1
        | ShuffledRows n
        | DrawnRows n -> (rows + n - 1) / n

    let order = Array.init rows id

    let shuffle (stream: RandomStream) =
        for i in rows - 1 .. -1 .. 1 do
            let j = stream.NextInt32(i + 1)
            let kept = order[i]
            order[i] <- order[j]
            order[j] <- kept

    /// The rows of a step; nothing for all.
    let batch step =
        match options.Batches with
        | AllRows -> [||]
        | DrawnRows n ->
            let stream = ((key.Child 1).Child step).Stream()
            Array.init n (fun _ -> stream.NextInt32 rows)
        | ShuffledRows n ->
            if step % epoch = 0 then
                shuffle (((key.Child 2).Child(step / epoch)).Stream())

            let first = step % epoch * n
            Array.sub order first (min n (rows - first))

    let evaluate step (parameters: float[]) =
        match batch step with
        | [||] -> objective.Whole parameters
        | chosen -> objective.Batch(chosen, parameters)

    /// The name of a coordinate, such as means[3].
    let nameOf (index: int) =
        let mutable rest = index
        let mutable name = ""

        for struct (part, n) in parts do
            if name = "" then
                if rest < n then
                    name <- $"{part}[{rest}]"
                else
                    rest <- rest - n

        name

    let norm (gradient: float[]) =
        sqrt (Array.sumBy (fun g -> g * g) gradient)

    let isFinite (value: float) (gradient: float[]) =
        Double.IsFinite value && Array.forall Double.IsFinite gradient

    /// Every so many steps it is looked at which components have rows of their own.
    let lookEvery = 20

    /// Steps without rows of its own after which a component counts as dead.
    let deadAfter = 100

    let weightOf (parameters: float[]) k =
        exp (parameters[k] - LogSumExp.ofSpan (ReadOnlySpan(parameters, 0, count)))

    /// The components that are dead at a step, given since when each has had no row of its own.
    let dead (parameters: float[]) step (lonely: int[]) =
        if count > 1 && step % lookEvery = 0 then
            let shares = objective.LargestShares parameters

            for k in 0 .. count - 1 do
                lonely[k] <-
                    if shares[k] > 1.0 / float count then
                        0
                    else
                        lonely[k] + lookEvery

        [
            for k in 0 .. count - 1 do
                if
                    count > 1
                    && not (NoiseComponents.IsNoise(objective.Likelihood.Like, k))
                    && (weightOf parameters k < 0.1 / objective.TotalWeight || lonely[k] > deadAfter)
                then
                    k
        ]

    member _.Run() : GradientRun =
        let mutable parameters = start
        let mutable state = optimiser.Init start
        let losses = ResizeArray<float>()
        let norms = ResizeArray<float>()
        let history = ResizeArray<float[]>()
        let lonely = Array.zeroCreate<int> count
        let isDead = Array.zeroCreate<bool> count
        let mutable deaths: DeathEvent list = []
        let mutable warnings: string list = []
        let mutable best = start
        let mutable bestLoss = Double.PositiveInfinity
        let mutable bestStep = 0
        let mutable sinceBest = 0
        let mutable step = 0
        let mutable termination = ValueNone

        let consider value (at: float[]) step =
            if value < bestLoss then
                if value < bestLoss - 1e-9 * max 1.0 (abs value) || Double.IsInfinity bestLoss then
                    sinceBest <- 0
                else
                    sinceBest <- sinceBest + 1

                best <- at
                bestLoss <- value
                bestStep <- step
            else
                sinceBest <- sinceBest + 1

        /// Ends the steps where the loss, its gradient or the next step left the range of numbers.
        let leave (what: string) (gradient: float[]) =
            if losses.Count = 0 then
                raise (FitException(NotFinite 0))

            // the parameter whose derivative is no number, else the one that has gone farthest
            let culprit =
                match Array.tryFindIndex (Double.IsFinite >> not) gradient with
                | Some i -> i
                | None ->
                    Seq.init parameters.Length id
                    |> Seq.maxBy (fun i -> abs (parameters[i] - start[i]))

            let last = losses[losses.Count - 1] * objective.TotalWeight

            warnings <-
                [
                    $"{what} at step {step}, parameter {nameOf culprit} = {Wording.short parameters[culprit]}; the last finite loss was {Wording.number last}, and the best parameters until then (step {bestStep}) are returned. Lower the learning rate, or clip the gradient."
                ]

            termination <- ValueSome IterationLimit

        /// The step of the optimiser; nothing where it leaves the range of numbers.
        let tryStep gradient state parameters =
            try
                ValueSome(optimiser.Step gradient state parameters)
            with :? ArgumentException ->
                ValueNone

        /// Notes the components that have died, and moves them where that is asked for.
        let bury () =
            for k in dead parameters step lonely do
                if not isDead[k] then
                    let reseeds = options.Dead = ReseedDead && deaths.Length < 10 * count

                    deaths <-
                        {
                            Component = k
                            Step = step
                            Weight = weightOf parameters k
                            Reseeded = reseeds
                        }
                        :: deaths

                    if reseeds then
                        let stream = ((key.Child 3).Child step).Stream()
                        parameters <- objective.Reseed(parameters, k, stream.NextInt32 rows)
                        state <- optimiser.Init parameters
                        lonely[k] <- 0
                    else
                        isDead[k] <- true

        while termination.IsNone do
            let struct (value, gradient) = evaluate step parameters

            if not (isFinite value gradient) then
                leave "The loss or its gradient is not a finite number" gradient
            else
                losses.Add value
                norms.Add(norm gradient)

                if options.KeepParameters then
                    history.Add(Array.copy parameters)

                match options.Batches with
                | AllRows -> consider value parameters step
                | ShuffledRows _
                | DrawnRows _ ->
                    if step % epoch = 0 || step = options.Steps then
                        consider (objective.Value parameters) parameters step

                let change =
                    if losses.Count > 1 then
                        losses[losses.Count - 2] - value
                    else
                        0.0

                let going = after step value change

                let scaled =
                    Seq.fold2
                        (fun worst (g: float) isFree -> if isFree then max worst (abs g) else worst)
                        0.0
                        gradient
                        free

                if
                    options.Batches.IsAllRows
                    && options.Tolerance > 0.0
                    && scaled <= options.Tolerance
                then
                    termination <- ValueSome Converged
                elif options.Patience > 0 && sinceBest >= options.Patience then
                    termination <- ValueSome Converged
                elif not going then
                    termination <- ValueSome Interrupted
                elif step >= options.Steps then
                    termination <- ValueSome IterationLimit
                else
                    match tryStep gradient state parameters with
                    | ValueNone -> leave "The next step leaves the range of numbers" gradient
                    | ValueSome(struct (moved, next)) ->
                        parameters <- moved
                        state <- next
                        step <- step + 1
                        bury ()

        {
            Best = best
            BestLoss = bestLoss
            BestStep = bestStep
            Losses = losses.ToArray()
            Norms = norms.ToArray()
            History = history.ToArray()
            Deaths = List.rev deaths
            Termination = termination.Value
            Warnings = warnings
        }
