namespace Mixtures

open System

/// Options of L-BFGS.
[<NoEquality; NoComparison>]
type LbfgsOptions =
    {
        /// How many of the last steps the curvature is learnt from; at least 1.
        Memory: int
        /// How each step's length is found.
        LineSearch: LineSearchOptions
    }

/// A step and the change of the gradient along it.
[<NoEquality; NoComparison>]
type private CurvaturePair =
    {
        Step: float[]
        Change: float[]
        /// 1 / (stepᵀ change)
        Inverse: float
    }

/// What L-BFGS has learnt of the curvature, from the last steps. Opaque and immutable.
[<Sealed>]
type LbfgsMemory private (pairs: CurvaturePair[]) =
    /// Nothing is known.
    static member internal Empty = LbfgsMemory [||]

    /// How many steps it knows.
    member _.Count = pairs.Length

    /// With a step added and the oldest forgotten beyond the limit; the same where the step shows no positive curvature.
    member internal memory.Add(limit: int, step: float[], change: float[]) =
        let curvature = Vectors.dot step change

        if
            curvature > 1e-15 * Vectors.norm step * Vectors.norm change
            && Double.IsFinite(1.0 / curvature)
        then
            let pair =
                {
                    Step = step
                    Change = change
                    Inverse = 1.0 / curvature
                }

            LbfgsMemory(Array.append (Array.skip (max 0 (pairs.Length + 1 - limit)) pairs) [| pair |])
        else
            memory

    /// -H g by the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4), with H₀ = (sᵀy / yᵀy) I of the last step.
    member internal _.Direction(gradient: float[]) =
        let mutable direction = Vectors.scaled -1.0 gradient
        let alphas = Array.zeroCreate pairs.Length

        for i in pairs.Length - 1 .. -1 .. 0 do
            let pair = pairs[i]
            alphas[i] <- pair.Inverse * Vectors.dot pair.Step direction
            Vectors.add -alphas[i] pair.Change direction

        if pairs.Length > 0 then
            let last = pairs[pairs.Length - 1]
            direction <- Vectors.scaled (1.0 / (last.Inverse * Vectors.dot last.Change last.Change)) direction

        for i in 0 .. pairs.Length - 1 do
            let pair = pairs[i]
            let beta = pair.Inverse * Vectors.dot pair.Change direction
            Vectors.add (alphas[i] - beta) pair.Step direction

        direction

/// L-BFGS (Liu & Nocedal 1989) with a line search for the strong Wolfe conditions.
///
///     let result = Lbfgs.minimise Minimiser.defaults objective start
[<RequireQualifiedAccess>]
module Lbfgs =

    /// Ten steps of memory, the line search's defaults.
    let defaults: LbfgsOptions =
        {
            Memory = 10
            LineSearch = LineSearch.defaults
        }

    let private search (options: LbfgsOptions) objective (memory: LbfgsMemory) (point: ObjectivePoint) =
        let direction = memory.Direction point.Gradient

        // before anything is known of the curvature, a step of length 1 at most
        let first =
            if memory.Count > 0 then
                1.0
            else
                min 1.0 (1.0 / Vectors.norm point.Gradient)

        if Vectors.isFinite direction then
            LineSearch.search options.LineSearch objective direction first point
        else
            LineSearch.nowhere LineSearchOutcome.NoDecrease point

    /// The minimiser as a pair of pure functions. Raises ArgumentException for an option out of range.
    let create (options: LbfgsOptions) (objective: Objective) : Minimiser<LbfgsMemory> =
        OptionCheck.atLeast 1 (nameof options.Memory) options.Memory
        LineSearch.check options.LineSearch

        {
            Name = "lbfgs"
            Init = MinimiserState.start objective LbfgsMemory.Empty
            Step =
                fun state ->
                    let attempt = search options objective state.Memory state.Point

                    let again =
                        state.Memory.Count > 0
                        && (attempt.Outcome = LineSearchOutcome.NoDecrease
                            || attempt.Outcome = LineSearchOutcome.NotFinite)

                    // what was learnt may mislead: once more, straight down the gradient
                    let memory = if again then LbfgsMemory.Empty else state.Memory

                    let found =
                        if again then
                            search options objective memory state.Point
                        else
                            attempt

                    let learnt =
                        if found.Step > 0.0 then
                            memory.Add(
                                options.Memory,
                                Vectors.difference found.Point.Parameters state.Point.Parameters,
                                Vectors.difference found.Point.Gradient state.Point.Gradient
                            )
                        else
                            memory

                    let evaluations = found.Evaluations + (if again then attempt.Evaluations else 0)

                    MinimiserState.next state found learnt again evaluations
        }

    /// Minimises from a start with the default memory.
    let minimise (options: MinimiseOptions) (objective: Objective) (start: float[]) : MinimiseResult =
        Minimiser.run options (create defaults objective) start
