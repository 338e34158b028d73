namespace Mixtures

open System
open System.Threading

/// How one start of a search for a mode ended.
[<RequireQualifiedAccess>]
type ModeOutcome =
    /// At a minimum of the loss: the gradient is zero, and the curvature positive.
    | Stationary
    /// Where the gradient is zero, but the loss falls in some direction.
    | Saddle
    /// The loss falls without end as a site's values go to the edge of their support.
    | RunAway of site: string
    /// The gradient is not zero: the limit of iterations, or rounding, came first.
    | NotConverged
    /// The loss is not finite at the start.
    | NotFinite

/// One start of a search for a mode.
type ModeStart =
    {
        /// Its number, from 0.
        Start: int
        /// The loss at the start, in nats.
        InitialLoss: float
        /// The loss where it ended; that at the start where it was not run.
        Loss: float
        /// How it ended; nothing where it was not run, others being more promising.
        Outcome: ModeOutcome voption
    }

/// How a mode is looked for.
[<NoEquality; NoComparison>]
type ModeOptions =
    {
        /// How many random starts are evaluated.
        Starts: int
        /// How many of these, those of least loss, are run to the end.
        Finalists: int
        /// The seed of the starts.
        Seed: int
        /// First-order steps before the rest of the way, if any, and how many.
        Optimiser: (Optimiser * int) option
        /// The limit of iterations of L-BFGS, which goes the rest of the way; 0 to stop after the optimiser's steps.
        MaxIterations: int
        /// Values of the sites to start from, in their order, instead of random ones.
        Start: Tensor[] option
        /// Called after each step with the start, the step and the loss.
        Progress: int -> int -> float -> unit
        /// Stops the search, which then returns the best that was reached.
        Cancellation: CancellationToken
    }

/// A mode that was found, in free real numbers.
[<NoEquality; NoComparison>]
type internal Mode =
    {
        Vector: float[]
        Loss: float
        Losses: float[]
        GradientNorms: float[]
        Outcome: ModeOutcome
        Starts: ModeStart[]
        Returned: int
    }

/// Looking for the least point of a loss over a model's free real numbers, from many starts.
[<RequireQualifiedAccess>]
module internal ModeSearch =

    /// Beyond this many units of its free number a value is at the edge of its support, to rounding.
    [<Literal>]
    let private Edge = 30.0

    let private norm (g: float[]) = sqrt (Array.sumBy (fun v -> v * v) g)

    /// Second derivatives by differences of gradients, symmetric.
    let curvature (objective: Objective) (x: float[]) : float[] =
        let n = x.Length

        let columns =
            Array.init n (fun i ->
                let h = 1e-5 * max 1.0 (abs x[i])

                let at step =
                    let moved = Array.copy x
                    moved[i] <- x[i] + step
                    let struct (_, g) = objective moved
                    g

                Array.map2 (fun a b -> (a - b) / (2.0 * h)) (at h) (at -h))

        Array.init (n * n) (fun at -> 0.5 * (columns[at / n][at % n] + columns[at % n][at / n]))

    /// The site whose free numbers are farthest out.
    let private farthest (sites: Site[]) (vector: float[]) =
        let starts = Array.scan (fun at (site: Site) -> at + site.Length) 0 sites

        sites
        |> Array.mapi (fun i site ->
            site.Name,
            Array.sub vector starts[i] site.Length
            |> Array.fold (fun most v -> max most (abs v)) 0.0)
        |> Array.maxBy snd

    let private judge
        (sites: Site[])
        (objective: Objective)
        (point: ObjectivePoint)
        (termination: MinimiserTermination voption)
        =
        let site, distance = farthest sites point.Parameters

        if
            termination = ValueSome MinimiserTermination.Unbounded
            || (termination = ValueSome MinimiserTermination.NotFinite && distance > Edge)
        then
            ModeOutcome.RunAway site
        elif not point.IsFinite then
            ModeOutcome.NotFinite
        elif point.ScaledGradient > 1e-6 then
            if distance > Edge then
                ModeOutcome.RunAway site
            else
                ModeOutcome.NotConverged
        else
            let n = point.Parameters.Length
            let second = curvature objective point.Parameters

            if not (Array.forall Double.IsFinite second) then
                ModeOutcome.RunAway site
            else
                let values = Eigen.valuesInPlace n (Array.copy second)
                // differences of gradients are known to about this
                let slack = 1e-6 * max 1.0 (Array.max (Array.map abs values))

                if Array.min values < -slack then
                    ModeOutcome.Saddle
                else
                    ModeOutcome.Stationary

    /// Searches. The loss is a tensor function of the free numbers, in nats.
    let run (options: ModeOptions) (model: BayesianModel) (loss: Tensor -> Tensor) : Mode =
        OptionCheck.atLeast 1 (nameof options.Starts) options.Starts
        OptionCheck.atLeast 1 (nameof options.Finalists) options.Finalists
        OptionCheck.atLeast 0 (nameof options.MaxIterations) options.MaxIterations
        let sites = model.Sites

        let objective: Objective =
            fun x ->
                // of minus the loss: outside it is minus infinity
                let struct (value, gradient) = model.Within((fun u -> -(loss u)), x)
                struct (-value, Array.map (~-) gradient)

        let key = RandomKey.ofSeed options.Seed

        let starts =
            match options.Start with
            | Some values ->
                Site.check sites values
                model.Demand values
                [| (model.Unconstrain values).ToArray() |]
            | None ->
                Array.init options.Starts (fun i ->
                    (model.Unconstrain(model.DrawStart((key.Child i).Stream()))).ToArray())

        let initial =
            starts
            |> Array.map (fun x ->
                let struct (value, _) = objective x
                value)

        if not (Array.exists Double.IsFinite initial) then
            // names the term that is at fault
            model.Demand(model.Constrain(Tensor.ofArray starts[0]))

        let order =
            [| 0 .. starts.Length - 1 |]
            |> Array.sortBy (fun i -> struct ((if Double.IsFinite initial[i] then initial[i] else infinity), i))

        let follow (index: int) =
            let losses = ResizeArray [ initial[index] ]

            let norms =
                ResizeArray
                    [
                        let struct (_, g) = objective starts[index]
                        norm g
                    ]

            let mutable point = Objective.evaluate objective starts[index]

            match options.Optimiser with
            | Some(optimiser, steps) when point.IsFinite ->
                let optimiserRun = optimiser.Begin starts[index]
                let mutable step = 0

                while step < steps
                      && point.IsFinite
                      && not options.Cancellation.IsCancellationRequested do
                    optimiserRun.Step point.Gradient
                    let next = Objective.evaluate objective (Array.copy optimiserRun.Parameters)
                    step <- step + 1
                    losses.Add next.Value
                    norms.Add(norm next.Gradient)
                    options.Progress index step next.Value
                    point <- next
            | _ -> ()

            let mutable termination = ValueNone

            if options.MaxIterations > 0 && point.IsFinite then
                let steps = losses.Count - 1

                let result =
                    Lbfgs.minimise
                        { Minimiser.defaults with
                            GradientTolerance = 1e-12
                            MaxIterations = options.MaxIterations
                            Cancellation = options.Cancellation
                            Progress =
                                fun progress ->
                                    losses.Add progress.Point.Value
                                    norms.Add(norm progress.Point.Gradient)
                                    options.Progress index (steps + progress.Iteration) progress.Point.Value
                        }
                        objective
                        point.Parameters

                termination <- ValueSome result.Termination
                point <- result.Point

            struct (point, judge sites objective point termination, losses.ToArray(), norms.ToArray())

        let finalists =
            order
            |> Array.filter (fun i -> Double.IsFinite initial[i])
            // starts may repeat, as when they are rows of few data
            |> Array.distinctBy (fun i -> List.ofArray starts[i])
            |> Array.truncate options.Finalists

        let ended =
            [|
                for i in finalists do
                    if i = finalists[0] || not options.Cancellation.IsCancellationRequested then
                        struct (i, follow i)
            |]

        // the best stationary point; where there is none, the best that did not run away
        let rank (outcome: ModeOutcome) =
            match outcome with
            | ModeOutcome.Stationary -> 0
            | ModeOutcome.NotConverged -> 1
            | ModeOutcome.Saddle -> 2
            | ModeOutcome.RunAway _ -> 3
            | ModeOutcome.NotFinite -> 4

        let struct (returned, (struct (point, outcome, losses, norms))) =
            ended
            |> Array.minBy (fun struct (i, (struct (p, outcome, _, _))) -> struct (rank outcome, p.Value, i))

        {
            Vector = point.Parameters
            Loss = point.Value
            Losses = losses
            GradientNorms = norms
            Outcome = outcome
            Returned = returned
            Starts =
                [|
                    for i in order do
                        match ended |> Array.tryFind (fun struct (j, _) -> j = i) with
                        | Some(struct (_, (struct (p, outcome, _, _)))) ->
                            {
                                Start = i
                                InitialLoss = initial[i]
                                Loss = p.Value
                                Outcome = ValueSome outcome
                            }
                        | None ->
                            {
                                Start = i
                                InitialLoss = initial[i]
                                Loss = initial[i]
                                Outcome = ValueNone
                            }
                |]
        }

    /// What a person should know of a search.
    let warnings (mode: Mode) =
        [
            match mode.Outcome with
            | ModeOutcome.Stationary -> ()
            | ModeOutcome.Saddle ->
                "The returned point is a saddle: the loss falls in some direction from it. Use other starts."
            | ModeOutcome.RunAway site ->
                $"Every start ran away: the density grows without end as {site} goes to the edge of its support, so that there is no mode there. A prior that vanishes at the edge (a Dirichlet concentration above 1, say) gives one; or use more starts."
            | ModeOutcome.NotConverged ->
                "Not converged: the gradient is not zero at the returned point. Allow more iterations."
            | ModeOutcome.NotFinite -> "The loss is not finite where the search ended: check the priors' supports."

            let runAways =
                mode.Starts
                |> Array.choose (fun start ->
                    match start.Outcome with
                    | ValueSome(ModeOutcome.RunAway site) -> Some site
                    | _ -> None)

            match mode.Outcome with
            | ModeOutcome.RunAway _ -> ()
            | _ when runAways.Length > 0 ->
                let sites = runAways |> Array.distinct |> String.concat ", "
                let times = Wording.count runAways.Length "start"

                $"{times} ran away to where the density grows without end ({sites} at the edge of its support) and did not count: the joint density is unbounded there."
            | _ -> ()
        ]
