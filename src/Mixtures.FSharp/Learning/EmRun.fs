namespace Mixtures

open System

/// How a run of EM goes.
[<NoEquality; NoComparison>]
type internal EmRunOptions =
    {
        Tolerance: float
        Policy: CollapsePolicy
        Accelerate: bool
        /// The concentrations of the weights' Dirichlet prior.
        Concentrations: float[] voption
        /// The M-step under priors of the components' parameters, and their log-density.
        Parameters: struct (ConjugateStep * (IComponents -> float)) voption
        Key: RandomKey
    }

/// One run of EM from one start. It can be advanced in parts; it always holds the E-step of its current parameters.
[<Sealed>]
type internal EmRun(data: FitData, start: Point, options: EmRunOptions) =
    let policy = options.Policy
    /// A run moves collapsed components at most this often, then holds them at the floor.
    let mutable reseedsLeft = 10
    let mutable point = start
    let mutable passes = 0
    let mutable iterations = 0
    let mutable collapses: CollapseEvent list = []
    let history = ResizeArray<float>()

    let convergence =
        Convergence(options.Tolerance, data.Scale.TotalWeight, data.Reference, data.Floor.Absolute = 0.0)

    let kernelOf (point: Point) (centres: float[] voption) =
        try
            data.Pass.KernelOf(
                point.Components,
                {
                    Reference = data.Reference
                    Centres = centres
                    Whole =
                        if data.Scale.Scatter.Length > 0 then
                            ValueSome data.Scale
                        else
                            ValueNone
                    Width = int data.Pass.Execution.Width
                }
            )
        with :? ArgumentException as e ->
            // only with the floor switched off, or a given start that is no model
            raise (FitException(SingularCovariance(iterations, Wording.sentence e)))

    let expect (centres: float[] voption) =
        passes <- passes + 1
        data.Pass.EStep(kernelOf point centres, point.Weights)

    /// log p(π) up to a constant: what EM raises is the log-likelihood with the priors' part.
    let logPrior (weights: float[]) =
        match options.Concentrations with
        | ValueNone -> 0.0
        | ValueSome alpha ->
            let mutable sum = 0.0

            for k in 0 .. weights.Length - 1 do
                // a weight that the prior pushed to 0 is out of the model
                if alpha[k] <> 1.0 && weights[k] > 0.0 then
                    sum <- sum + (alpha[k] - 1.0) * log weights[k]

            sum

    let logParameters (components: IComponents) =
        match options.Parameters with
        | ValueSome(struct (_, density)) -> density components
        | ValueNone -> 0.0

    let objectiveOf (at: Point) (step: EStep) =
        step.LogLikelihood + logPrior at.Weights + logParameters at.Components

    let checkFinite (step: EStep) =
        // rows without any density make it minus infinity, which EM can recover from; NaN is a defect
        if
            Double.IsNaN step.LogLikelihood
            || not (Array.forall Double.IsFinite step.Counts)
            || not step.Statistics.IsFinite
        then
            raise (FitException(NotFinite iterations))

        step

    let mutable step = checkFinite (expect ValueNone)

    do
        history.Add step.LogLikelihood
        convergence.Add(objectiveOf point step, (fun () -> point.Components.Magnification data.Reference))

    let family = start.Components.Family

    let shares (counts: float[]) =
        let total = Array.sum counts
        counts |> Array.map (fun n -> n / total)

    /// The weights of the M-step: (n_k + α_k - 1) / Σ, none below zero.
    let weightsOf (counts: float[]) =
        match options.Concentrations with
        | ValueNone -> shares counts
        | ValueSome alpha -> shares (Array.map2 (fun n a -> max 0.0 (n + a - 1.0)) counts alpha)

    /// Components with less than a row's weight in all, or held at the floor.
    let collapsed (components: IComponents) =
        let known = not family.EstimatesSpread
        let row = data.Scale.TotalWeight / data.Scale.EffectiveRows

        family.Health(components, data.Scale)
        |> Seq.indexed
        |> Seq.filter (fun (k, health) ->
            not (NoiseComponents.IsNoise(components, k))
            && (step.Counts[k] < row
                || (not known && health.SmallestEigenvalue <= 1.000001 * data.Floor.Relative)))
        |> Seq.toList

    let note k (health: ComponentHealth) action =
        collapses <-
            {
                Component = k
                Iteration = iterations + 1
                EffectiveRows = step.EffectiveRows[k]
                SmallestEigenvalue = health.SmallestEigenvalue
                Policy = action
            }
            :: collapses

    /// What the policy makes of a component that collapsed.
    let handle (next: Point) k (health: ComponentHealth) =
        match policy with
        | HoldAtFloor -> next
        | Fail ->
            raise (
                FitException(ComponentCollapsed(k, iterations + 1, step.EffectiveRows[k], health.SmallestEigenvalue))
            )
        | Prune ->
            note k health Prune

            let kept =
                [| 0 .. next.Weights.Length - 1 |] |> Array.filter (fun other -> other <> k)

            convergence.Reset()

            {
                Weights = shares (kept |> Array.map (fun i -> next.Weights[i]))
                Components = next.Components.Choose kept
            }
        | Reseed when reseedsLeft > 0 ->
            reseedsLeft <- reseedsLeft - 1
            note k health Reseed
            convergence.Reset()
            let rows = data.Pass.Data
            let stream = (options.Key.Child(1000 + reseedsLeft)).Stream()

            let row =
                if rows.HasWeights then
                    stream.NextIndex rows.Weights.Span
                else
                    stream.NextInt32 rows.Count

            let share = 1.0 / float next.Weights.Length

            {
                Weights =
                    shares (
                        next.Weights
                        |> Array.mapi (fun i w -> if i = k then share else w * (1.0 - share))
                    )
                Components = family.Reseed(next.Components, k, data.PointOf row, data.Scale)
            }
        | Reseed -> next

    let maximise () =
        let closedForm () =
            // where means moved so far that second moments lost digits, collect these again around the new means
            let statistics =
                match family.Recentre step.Statistics with
                | ValueSome centres -> (expect (ValueSome centres)).Statistics
                | ValueNone -> step.Statistics

            match options.Parameters with
            | ValueSome(struct (conjugate, _)) -> conjugate statistics point.Components data.Scale data.Floor
            | ValueNone -> family.Estimate(statistics, ValueSome point.Components, data.Scale, data.Floor)

        let next =
            {
                Weights = weightsOf step.Counts
                Components =
                    match family with
                    | :? INumericalFamily -> NumericalMStep.components data (kernelOf point ValueNone) point
                    | _ -> closedForm ()
            }

        match policy with
        | HoldAtFloor -> next
        | Fail
        | Prune
        | Reseed ->
            // one at a time: removing one renumbers the others
            match collapsed next.Components with
            | (k, health) :: _ when (NoiseComponents.Proper next.Components).Count > 1 || policy <> Prune ->
                handle next k health
            | _ -> next

    // Acceleration begins once plain EM has found its way and has so far to go that learning and confirming pay; it never
    // runs where exactly so many steps are asked for.
    let plainIterations = 10
    let leastStepsToGo = 30.0
    let mutable started = false
    let anderson = Anderson 6
    // With an absolute floor the M-step does not maximise the log-likelihood, so its falls cannot judge proposals.
    let accelerates =
        options.Accelerate && options.Tolerance > 0.0 && data.Floor.Absolute = 0.0

    /// Rejected proposals running, and plain iterations left before the next one.
    let mutable rejections = 0
    let mutable resting = 0

    /// Plain iterations left that are to confirm a convergence seen under acceleration.
    let mutable confirming = 0
    let mutable confirmed = false

    let toVector (p: Point) =
        Array.append (Array.map log p.Weights) (family.ToVector(p.Components, data.Scale))

    let ofVector (vector: float[]) (like: Point) =
        let count = like.Weights.Length
        let logs = Array.sub vector 0 count
        let total = LogSumExp.ofArray logs

        {
            Weights = logs |> Array.map (fun l -> exp (l - total))
            Components =
                family.Project(
                    family.OfVector(Array.skip count vector, like.Components, data.Scale),
                    data.Scale,
                    data.Floor
                )
        }

    /// Moves to the given point, without a look at what it brings.
    let moveTo next =
        // a weight that the prior pushed to 0 ends the comparison with what came before; removing one has ended it already
        if
            point.Weights.Length = next.Weights.Length
            && Array.exists2 (fun before after -> before > 0.0 && after = 0.0) point.Weights next.Weights
        then
            convergence.Reset()

        point <- next
        step <- checkFinite (expect ValueNone)

    /// Moves to the accelerated point if the log-likelihood does not fall there, else to the EM step.
    let moveBeyond (next: Point) =
        let before = step
        let here = point

        let accepted =
            try
                point <- ofVector (anderson.Propose(toVector point, toVector next)) next
                let there = expect ValueNone

                if
                    objectiveOf point there >= objectiveOf here before
                    && Array.forall Double.IsFinite there.Counts
                then
                    step <- there
                    true
                else
                    false
            with
            // a proposal, or the step itself, without a Cholesky factor: the plain step tells
            | :? FitException
            | :? ArgumentException -> false

        if accepted then
            rejections <- 0
        else
            rejections <- min 4 (rejections + 1)
            resting <- pown 2 rejections - 1
            anderson.Reset()
            point <- here
            step <- before
            moveTo next

    let learn (next: Point) =
        try
            anderson.Propose(toVector point, toVector next) |> ignore
        with :? ArgumentException ->
            // a covariance without a Cholesky factor: the plain step tells
            anderson.Reset()

    let advance () =
        let collapsesBefore = collapses.Length
        let next = maximise ()

        started <-
            started
            || (accelerates
                && iterations >= plainIterations
                && convergence.StepsToGo > leastStepsToGo)

        let plain = not started || confirming > 0 || collapses.Length > collapsesBefore

        if collapses.Length > collapsesBefore then
            anderson.Reset()

        if plain then
            if accelerates && confirming = 0 then
                learn next

            moveTo next
        elif resting > 0 then
            // where proposals are bad, plain steps for a while, from which the next ones learn
            resting <- resting - 1
            learn next
            moveTo next
        else
            moveBeyond next

    /// A convergence seen under acceleration counts only once plain EM steps agree: enough of them for the slowest
    /// direction to show in the rate.
    let confirm () =
        if confirming > 0 then
            confirming <- confirming - 1

            // less than a tenth of the tolerance to come needs fewer steps
            if
                confirming <= 4
                && convergence.Converged
                && convergence.RemainingGain < 0.1 * options.Tolerance
            then
                confirming <- 0

            confirmed <- confirming = 0 && convergence.Converged

            if confirming = 0 && not confirmed then
                anderson.Reset()
                convergence.Reset()
        elif accelerates && convergence.Converged then
            if started then
                confirming <- 10
                convergence.Reset()
            else
                confirmed <- true

    member _.Point = point
    member _.EStep = step
    member _.LogLikelihood = step.LogLikelihood

    /// The log-likelihood with the priors' part, up to a constant.
    member _.Objective = objectiveOf point step
    member _.History = history.ToArray()
    member _.Iterations = iterations
    member _.Passes = passes
    member _.Collapses = List.rev collapses
    member _.Converged = if accelerates then confirmed else convergence.Converged

    member _.RemainingGain = convergence.RemainingGain
    member _.Violations = convergence.Violations

    /// Runs to convergence or to the limit (counted from the start), calling after each iteration with the iteration
    /// and the change in log-likelihood; stops early when the callback returns false, and then returns false.
    member run.Advance(limit: int, after: int -> float -> bool) =
        let mutable going = true

        while going && iterations < limit && not run.Converged do
            let before = step.LogLikelihood
            advance ()
            iterations <- iterations + 1
            history.Add step.LogLikelihood
            convergence.Add(objectiveOf point step, (fun () -> point.Components.Magnification data.Reference))
            confirm ()
            going <- after iterations (step.LogLikelihood - before)

        // what was held at the floor, each component once
        for k, health in collapsed point.Components do
            if
                not (
                    collapses
                    |> List.exists (fun event -> event.Component = k && event.Policy = HoldAtFloor)
                )
            then
                note k health HoldAtFloor

        going
