namespace Mixtures

open System

/// Batches of rows in shuffled order, one epoch after the other: every row is in a batch equally often.
[<Sealed>]
type internal ShuffledBatches(rowCount: int, size: int, key: RandomKey) =
    let order = Array.init rowCount id
    let mutable at = rowCount
    let mutable epoch = 0

    let shuffle () =
        let stream = (key.Child epoch).Stream()
        epoch <- epoch + 1

        for i in rowCount - 1 .. -1 .. 1 do
            let j = stream.NextInt32(i + 1)
            let kept = order[i]
            order[i] <- order[j]
            order[j] <- kept

        at <- 0

    /// The next rows; a batch that an epoch's end cuts is filled from the next epoch.
    member _.Next() =
        Array.init size (fun _ ->
            if at = rowCount then
                shuffle ()

            at <- at + 1
            order[at - 1])

/// Steps of stochastic variational inference from one start.
[<Sealed>]
type internal SviRun(elbo: Elbo, guide: Guide, options: SviOptions, rowCount: int, start: float[], key: RandomKey) =
    let mutable vector = Array.copy start
    let iterates = ResizeArray<float[]>()
    let history = ResizeArray<float>()
    let mutable attempts = 0
    let mutable skipped = 0
    let mutable inARow = 0
    /// By how much natural gradients are shorter than asked for.
    let mutable scale = 1.0

    let batches =
        if options.BatchRows = 0 || options.BatchRows >= rowCount then
            ValueNone
        else
            ValueSome(ShuffledBatches(rowCount, options.BatchRows, key.Child 0))

    /// The parameters' own numbers, where natural gradients move these.
    let mutable numbers = guide.Join(guide.Constrain(Tensor.ofArray start))

    let optimiser =
        match options.Method with
        | NaturalGradient _ -> ValueNone
        | StochasticGradient optimiser -> ValueSome(optimiser.Begin start)

    let nextPlan () =
        attempts <- attempts + 1

        {
            Rows = batches |> ValueOption.map _.Next()
            Draws = options.Draws
            IsPerRow = options.DrawsPerRow
            IsAntithetic = options.Antithetic
            Key = (key.Child 1).Child attempts
        }

    let evaluate plan =
        match options.Method with
        | NaturalGradient _ -> elbo.ValueAndGradient plan guide.Split numbers
        | StochasticGradient _ -> elbo.ValueAndGradient plan guide.Constrain vector

    let move (gradient: float[]) =
        match options.Method, optimiser with
        | StochasticGradient _, ValueSome run ->
            run.Step(Vectors.scaled (-1.0 / float (max 1 rowCount)) gradient)
            vector <- Array.copy run.Parameters
        | NaturalGradient rate, _ ->
            let moved =
                guide.NaturalStep (scale * Schedule.at "rate" history.Count rate) numbers gradient

            vector <- (guide.Unconstrain(guide.Split(Tensor.ofArray moved))).ToArray()
            numbers <- moved
        | StochasticGradient _, ValueNone -> ()

    /// A step so long that parameters stop being numbers cannot be drawn from again: it is told at once.
    let requireFinite () =
        // free numbers of this size are no trouble, whatever they are mapped to
        if vector |> Array.exists (fun v -> not (abs v < 300.0)) then
            Array.iter2
                (fun (site: Site) (value: Tensor) ->
                    match value.ToArray() |> Array.tryFind (Double.IsFinite >> not) with
                    | Some wrong ->
                        let cause = $"the guide's parameter {site.Name} is {Wording.number wrong}"
                        raise (SviException(BoundNotFinite(history.Count, cause)))
                    | None -> ())
                guide.Parameters
                (guide.Constrain(Tensor.ofArray vector))

    member _.Vector = vector

    /// The free vectors after each step.
    member _.Iterates = iterates

    /// The noisy bound before each step.
    member _.History = history

    /// Steps that were given up.
    member _.Skipped = skipped

    /// One step; draws whose bound or gradient is not finite are drawn again, ten times at most.
    member _.Step() =
        let mutable isDone = false

        while not isDone do
            let plan = nextPlan ()

            // parameters at the edge of what floating point can factorise: drawn again as well
            let struct (value, gradient) =
                try
                    evaluate plan
                with :? ArgumentException when history.Count > 0 ->
                    struct (nan, [||])

            if Double.IsFinite value && Vectors.isFinite gradient then
                inARow <- 0
                move gradient
                requireFinite ()
                history.Add value
                iterates.Add vector
                isDone <- true
            else
                skipped <- skipped + 1
                inARow <- inARow + 1

                if inARow = 10 then
                    let cause =
                        try
                            elbo.Culprit plan.Key (guide.Constrain(Tensor.ofArray vector))
                        with :? ArgumentException as e ->
                            Wording.sentence(e).TrimEnd '.'

                    raise (SviException(BoundNotFinite(history.Count, cause)))

    /// By how much natural gradients are shorter than asked for: 1 until they overshot.
    member _.Scale = scale

    /// Goes back to the mean of the parameters over some steps, and on from there by shorter natural gradients.
    member _.GoBack(first: int, last: int) =
        vector <- IterateDiagnostics.mean iterates first last
        numbers <- guide.Join(guide.Constrain(Tensor.ofArray vector))
        scale <- 0.4 * scale

    /// The mean bound of the last so many steps.
    member _.RecentMean(count: int) =
        let n = min count history.Count

        if n = 0 then
            Double.NegativeInfinity
        else
            Seq.init n (fun i -> history[history.Count - 1 - i]) |> Seq.average
