namespace Mixtures

open System
open System.Threading

/// What one step of a minimiser did.
[<RequireQualifiedAccess>]
type MinimiserStep =
    /// It moved.
    | Moved
    /// No step lowers the value, not even one straight down the gradient.
    | NoDecrease
    /// Neither value nor gradient (nor second derivatives, where they are used) are finite where the step would go.
    | NotFinite
    /// The value falls without end.
    | Unbounded

/// What is known about one step, and not carried on.
[<NoEquality; NoComparison>]
type MinimiserInfo =
    {
        /// What it did.
        Step: MinimiserStep
        /// The step in multiples of the direction.
        Length: float
        /// Evaluations of value and gradient.
        Evaluations: int
        /// Whether what had been learnt of the curvature had to be forgotten or corrected.
        Corrected: bool
    }

/// What a minimiser carries from step to step: a point and what it has learnt. Immutable.
[<NoEquality; NoComparison>]
type MinimiserState<'Memory> =
    {
        /// The point reached.
        Point: ObjectivePoint
        /// How many steps have been taken.
        Iterations: int
        /// What it has learnt.
        Memory: 'Memory
    }

/// A deterministic minimiser as a value of two pure functions.
[<NoEquality; NoComparison>]
type Minimiser<'Memory> =
    {
        /// What it is called in messages.
        Name: string
        /// The state at a start: at least one parameter, all finite. Evaluates the objective once.
        Init: float[] -> MinimiserState<'Memory>
        /// The next state, and what the step did; where it did not move, the state's point is the same.
        Step: MinimiserState<'Memory> -> struct (MinimiserState<'Memory> * MinimiserInfo)
    }

/// States of minimisers: the first and the next.
[<RequireQualifiedAccess>]
module internal MinimiserState =

    let start (objective: Objective) (memory: 'Memory) (parameters: float[]) =
        Vectors.requireStart (nameof parameters) parameters

        {
            Point = Objective.evaluate objective (Array.copy parameters)
            Iterations = 0
            Memory = memory
        }

    /// The state after a line search.
    let next state (found: LineSearchResult) (memory: 'Memory) corrected evaluations =
        let step =
            match found.Outcome with
            | LineSearchOutcome.Wolfe
            | LineSearchOutcome.Decrease -> MinimiserStep.Moved
            | LineSearchOutcome.NoDecrease -> MinimiserStep.NoDecrease
            | LineSearchOutcome.NotFinite -> MinimiserStep.NotFinite
            | LineSearchOutcome.Unbounded -> MinimiserStep.Unbounded

        struct ({
                    Point = found.Point
                    Iterations = state.Iterations + 1
                    Memory = memory
                },
                {
                    Step = step
                    Length = found.Step
                    Evaluations = evaluations
                    Corrected = corrected
                })

/// Why a minimisation stopped.
[<RequireQualifiedAccess>]
type MinimiserTermination =
    /// The scaled gradient is within the tolerance: a minimum, unless the start was at another stationary point.
    | Converged
    /// The value changed by less than its tolerance, twice running.
    | ValueConverged
    /// Rounding hides what is left to gain: neither value nor gradient can be made smaller. The gradient tells how near
    /// it is.
    | NoProgress
    /// The limit of iterations was reached first.
    | IterationLimit
    /// It was cancelled; the result is what had been reached.
    | Interrupted
    /// The value or a derivative is not finite at the start, or wherever a step leads.
    | NotFinite
    /// The value falls without end, to minus infinity or along parameters beyond 1e100; the result is the last point
    /// with a finite value.
    | Unbounded

/// One iteration's progress.
[<Struct; NoEquality; NoComparison>]
type MinimiserProgress =
    {
        /// The iteration, from 1.
        Iteration: int
        /// The point reached.
        Point: ObjectivePoint
        /// Evaluations of value and gradient so far.
        Evaluations: int
    }

/// When a minimisation stops, and who watches it.
[<NoEquality; NoComparison>]
type MinimiseOptions =
    {
        /// Converged where max |gᵢ| max(|xᵢ|, 1) / max(|f|, 1) is at most this; 0 to go on as far as rounding allows.
        GradientTolerance: float
        /// Converged where the value changed by at most this share of max(|f|, 1) twice running; 0 for never.
        ValueTolerance: float
        /// At most so many iterations.
        MaxIterations: int
        /// Called after each iteration.
        Progress: MinimiserProgress -> unit
        /// Stops it after the running iteration, or where the objective raises OperationCanceledException.
        Cancellation: CancellationToken
    }

/// A minimum, or what was reached.
[<NoEquality; NoComparison>]
type MinimiseResult =
    {
        /// The point with value and gradient.
        Point: ObjectivePoint
        /// How many iterations it took.
        Iterations: int
        /// Evaluations of value and gradient.
        Evaluations: int
        /// Why it stopped.
        Termination: MinimiserTermination
    }

    /// The parameters.
    member result.Parameters = result.Point.Parameters
    /// The value, in the objective's own units.
    member result.Value = result.Point.Value
    /// The scaled gradient, as the tolerance measures it.
    member result.GradientNorm = result.Point.ScaledGradient

    /// Whether a tolerance was met.
    member result.HasConverged =
        result.Termination = MinimiserTermination.Converged
        || result.Termination = MinimiserTermination.ValueConverged

/// Running minimisers to the end.
[<RequireQualifiedAccess>]
module Minimiser =

    /// Gradient tolerance 1e-10, no value tolerance, 1000 iterations, nobody watches.
    let defaults: MinimiseOptions =
        {
            GradientTolerance = 1e-10
            ValueTolerance = 0.0
            MaxIterations = 1000
            Progress = ignore
            Cancellation = CancellationToken.None
        }

    /// Iterations without a smaller value or gradient after which rounding is all that moves.
    let private patience = 10

    /// Parameters beyond this size are on their way to infinity.
    let private farthest = 1e100

    /// Watches whether iterations still bring anything, and keeps the best state: smaller values first; where values
    /// stay the same, gradients halved.
    [<Sealed>]
    type private Best<'Memory>(start: MinimiserState<'Memory>) =
        let mutable best = start
        let mutable bestValue = start.Point.Value
        let mutable bestGradient = start.Point.ScaledGradient
        let mutable stalled = 0

        member _.State = best
        member _.Stalled = stalled >= patience

        member _.Add(state: MinimiserState<'Memory>) =
            let gradient = state.Point.ScaledGradient

            if state.Point.Value < bestValue || gradient <= 0.5 * bestGradient then
                bestValue <- min bestValue state.Point.Value
                bestGradient <- gradient
                best <- state
                stalled <- 0
            else
                stalled <- stalled + 1

    let private check (options: MinimiseOptions) =
        OptionCheck.notNegative (nameof options.GradientTolerance) options.GradientTolerance
        OptionCheck.notNegative (nameof options.ValueTolerance) options.ValueTolerance
        OptionCheck.atLeast 0 (nameof options.MaxIterations) options.MaxIterations

    /// Steps from a start until a tolerance is met or one of the other terminations comes. Raises ArgumentException for
    /// an option out of range, for a start that is empty or not finite, or for derivatives of the wrong length.
    let run (options: MinimiseOptions) (minimiser: Minimiser<'Memory>) (start: float[]) : MinimiseResult =
        check options
        let mutable state = minimiser.Init start
        let mutable evaluations = 1
        let best = Best state
        let mutable quiet = 0

        let judge () =
            if not state.Point.IsFinite then
                ValueSome MinimiserTermination.NotFinite
            elif state.Point.ScaledGradient <= options.GradientTolerance then
                ValueSome MinimiserTermination.Converged
            elif Vectors.largest state.Point.Parameters > farthest then
                ValueSome MinimiserTermination.Unbounded
            elif quiet >= 2 then
                ValueSome MinimiserTermination.ValueConverged
            elif best.Stalled then
                ValueSome MinimiserTermination.NoProgress
            elif options.Cancellation.IsCancellationRequested then
                ValueSome MinimiserTermination.Interrupted
            elif state.Iterations >= options.MaxIterations then
                ValueSome MinimiserTermination.IterationLimit
            else
                ValueNone

        /// Whether a change of the value counts as none.
        let still (before: float) (after: float) =
            options.ValueTolerance > 0.0
            && abs (before - after)
               <= options.ValueTolerance * max 1.0 (max (abs before) (abs after))

        let advance () =
            let before = state.Point.Value
            let struct (next, info) = minimiser.Step state
            evaluations <- evaluations + info.Evaluations
            state <- next

            match info.Step with
            | MinimiserStep.Moved ->
                best.Add state
                quiet <- if still before state.Point.Value then quiet + 1 else 0

                options.Progress
                    {
                        Iteration = state.Iterations
                        Point = state.Point
                        Evaluations = evaluations
                    }

                ValueNone
            | MinimiserStep.NoDecrease -> ValueSome MinimiserTermination.NoProgress
            | MinimiserStep.NotFinite -> ValueSome MinimiserTermination.NotFinite
            | MinimiserStep.Unbounded -> ValueSome MinimiserTermination.Unbounded

        let mutable termination = judge ()

        while termination.IsNone do
            termination <-
                try
                    advance ()
                with :? OperationCanceledException when options.Cancellation.IsCancellationRequested ->
                    ValueSome MinimiserTermination.Interrupted

            if termination.IsNone then
                termination <- judge ()

        let final =
            match termination.Value with
            | MinimiserTermination.NoProgress -> best.State
            | _ -> state

        {
            Point = final.Point
            Iterations = state.Iterations
            Evaluations = evaluations
            Termination = termination.Value
        }
