namespace Mixtures

open System

/// One run of EM from one start. It can be advanced in parts; it always holds the E-step of its current parameters.
[<Sealed>]
type internal EmRun(data: FitData, start: Point, tolerance: float, policy: CollapsePolicy, key: RandomKey) =
    /// A run moves collapsed components at most this often, then holds them at the floor.
    let mutable reseedsLeft = 10
    let mutable point = start
    let mutable passes = 0
    let mutable iterations = 0
    let mutable collapses: CollapseEvent list = []
    let history = ResizeArray<float>()

    let convergence =
        Convergence(tolerance, data.Scale.TotalWeight, data.Pass.Data.Dimension)

    let expect (centres: float[] voption) =
        passes <- passes + 1

        let kernel =
            try
                point.Components.Kernel
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
            with :? ArgumentException as e ->
                // only with the floor switched off, or a given start that is no model
                raise (FitException(SingularCovariance(iterations, Wording.sentence e)))

        data.Pass.EStep(kernel, point.Weights)

    let checkFinite (step: EStep) =
        // rows without any density make it minus infinity, which EM can recover from; NaN is a defect
        if
            Double.IsNaN step.LogLikelihood
            || not (Array.forall Double.IsFinite step.Counts)
        then
            raise (FitException(NotFinite iterations))

        step

    let mutable step = checkFinite (expect ValueNone)

    do
        history.Add step.LogLikelihood
        convergence.Add(step.LogLikelihood, point.Components.Magnification data.Reference)

    let family = start.Components.Family

    let shares (counts: float[]) =
        let total = Array.sum counts
        counts |> Array.map (fun n -> n / total)

    /// Components without rows, or held at the floor.
    let collapsed (components: IComponents) (effectiveRows: float[]) =
        family.Health(components, data.Scale)
        |> Seq.indexed
        |> Seq.filter (fun (k, health) ->
            not (effectiveRows[k] > 1e-6)
            || health.SmallestEigenvalue <= 1.000001 * data.Floor.Relative)
        |> Seq.toList

    /// What the policy makes of a component that collapsed.
    let handle (next: Point) k (health: ComponentHealth) =
        let effective = step.EffectiveRows[k]

        let note action =
            collapses <-
                {
                    Component = k
                    Iteration = iterations + 1
                    EffectiveRows = effective
                    SmallestEigenvalue = health.SmallestEigenvalue
                    Policy = action
                }
                :: collapses

        match policy with
        | HoldAtFloor -> next
        | Fail -> raise (FitException(ComponentCollapsed(k, iterations + 1, effective, health.SmallestEigenvalue)))
        | Prune ->
            note Prune

            let kept =
                [| 0 .. next.Weights.Length - 1 |] |> Array.filter (fun other -> other <> k)

            convergence.Reset()

            {
                Weights = shares (kept |> Array.map (fun i -> next.Weights[i]))
                Components = next.Components.Choose kept
            }
        | Reseed when reseedsLeft > 0 ->
            reseedsLeft <- reseedsLeft - 1
            note Reseed
            convergence.Reset()
            let rows = data.Pass.Data
            let stream = (key.Child(1000 + reseedsLeft)).Stream()

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
                Components = family.Reseed(next.Components, k, rows.Row row, data.Scale)
            }
        | Reseed -> next

    let maximise () =
        // where means moved so far that second moments lost digits, collect these again around the new means
        let statistics =
            match family.Recentre step.Statistics with
            | ValueSome centres -> (expect (ValueSome centres)).Statistics
            | ValueNone -> step.Statistics

        let next =
            {
                Weights = shares step.Counts
                Components = family.Estimate(statistics, ValueSome point.Components, data.Scale, data.Floor)
            }

        match policy with
        | HoldAtFloor -> next
        | Fail
        | Prune
        | Reseed ->
            // one at a time: removing one renumbers the others
            match collapsed next.Components step.EffectiveRows with
            | (k, health) :: _ when next.Weights.Length > 1 || policy <> Prune -> handle next k health
            | _ -> next

    member _.Point = point
    member _.EStep = step
    member _.LogLikelihood = step.LogLikelihood
    member _.History = history.ToArray()
    member _.Iterations = iterations
    member _.Passes = passes
    member _.Collapses = List.rev collapses
    member _.Converged = convergence.Converged
    member _.RemainingGain = convergence.RemainingGain
    member _.Violations = convergence.Violations

    /// Runs to convergence or to the limit (counted from the start), calling after each iteration with the iteration
    /// and the change in log-likelihood; stops early when the callback returns false, and then returns false.
    member _.Advance(limit: int, after: int -> float -> bool) =
        let mutable going = true

        while going && iterations < limit && not convergence.Converged do
            point <- maximise ()
            let before = step.LogLikelihood
            step <- checkFinite (expect ValueNone)
            iterations <- iterations + 1
            history.Add step.LogLikelihood
            convergence.Add(step.LogLikelihood, point.Components.Magnification data.Reference)
            going <- after iterations (step.LogLikelihood - before)

        going
