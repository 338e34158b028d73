namespace Mixtures

open System
open System.Numerics.Tensors

/// An optimiser's run in arrays of its own, without new ones at each step: a local, mutable value. It gives the numbers
/// that pure steps give. After a step that raised, the parameters are those before it, and the run is over.
type IOptimiserRun =

    /// The parameters, always in the same array, which steps change: copy what is to be kept.
    abstract Parameters: float[]

    /// How many steps have been taken.
    abstract Steps: int

    /// One step down the gradient at the parameters.
    abstract Step: gradient: float[] -> unit

/// A first-order method as a value of pure functions.
[<NoEquality; NoComparison>]
type Optimiser =
    {
        /// What it is called in messages.
        Name: string
        /// The state before the first step, from the parameters that the run starts at: at least one, all finite.
        Init: float[] -> OptimiserState
        /// One step down. Takes the gradient at the parameters, the state and the parameters; returns new parameters and
        /// the next state and changes nothing that it was given. Raises ArgumentException where lengths differ from the
        /// start's, or where the gradient or a parameter is not finite.
        Step: float[] -> OptimiserState -> float[] -> struct (float[] * OptimiserState)
        /// Begins a run in place, for many parameters: there, new arrays cost more than the arithmetic.
        Begin: float[] -> IOptimiserRun
    }

/// Optimisers: making, chaining and running them.
///
///     let optimiser = Optimiser.chain [ Clip.byNorm 1.0; Adam.transform Adam.defaults ]
///     let mutable parameters = start
///     let mutable state = optimiser.Init start
///     for _ in 1..1000 do
///         let struct (moved, next) = optimiser.Step (gradient parameters) state parameters
///         parameters <- moved
///         state <- next
[<RequireQualifiedAccess>]
module Optimiser =

    /// Turns an update into the moved parameters, in place; these must be finite.
    let private apply name step (parameters: float[]) (update: float[]) =
        TensorPrimitives.Add(ReadOnlySpan parameters, ReadOnlySpan update, Span update)

        if not (Vectors.isFinite update) then
            Vectors.requireFinite (nameof parameters) parameters

            invalidArg
                "gradient"
                $"expected a step within the range of numbers, received one that leaves it ({name}, step {step}): lower the rate or clip the gradient"

    let private checkGradient length (gradient: float[]) =
        Vectors.requireLength (nameof gradient) length gradient
        Vectors.requireFinite (nameof gradient) gradient

    let private beginTransform (transform: GradientTransform) (start: float[]) =
        Vectors.requireStart "parameters" start
        let parameters = Array.copy start
        let update = Vectors.fresh start.Length
        let state = transform.Init parameters
        let mutable steps = 0

        { new IOptimiserRun with
            member _.Parameters = parameters
            member _.Steps = steps

            member _.Step gradient =
                checkGradient parameters.Length gradient
                transform.Advance(steps, gradient, parameters, state, update)
                apply transform.Name steps parameters update
                ReadOnlySpan(update).CopyTo(Span parameters)
                steps <- steps + 1
        }

    /// The optimiser that adds a transform's update to the parameters.
    let ofTransform (transform: GradientTransform) : Optimiser =
        {
            Name = transform.Name
            Init =
                fun parameters ->
                    Vectors.requireStart (nameof parameters) parameters
                    transform.Init parameters
            Step =
                fun gradient state parameters ->
                    Vectors.requireLength (nameof parameters) state.Length parameters
                    checkGradient state.Length gradient
                    let struct (update, next) = transform.Update(gradient, state, parameters)
                    apply transform.Name state.Steps parameters update
                    struct (update, next)
            Begin = beginTransform transform
        }

    /// The optimiser of several transforms, each of which gets what the one before it made of the gradient; the last one
    /// descends. An empty list raises ArgumentException.
    let chain (transforms: GradientTransform list) : Optimiser =
        GradientTransform.chain transforms |> ofTransform

    let private beginMasked (places: int[]) count (optimiser: Optimiser) (start: float[]) =
        Vectors.requireLength "parameters" count start
        let parameters = Array.copy start
        let inner = optimiser.Begin(Mask.gatherAt places start)
        let reduced = Vectors.fresh places.Length

        { new IOptimiserRun with
            member _.Parameters = parameters
            member _.Steps = inner.Steps

            member _.Step gradient =
                Vectors.requireLength (nameof gradient) count gradient

                for i in 0 .. places.Length - 1 do
                    reduced[i] <- gradient[places[i]]

                inner.Step reduced

                for i in 0 .. places.Length - 1 do
                    parameters[places[i]] <- inner.Parameters[i]
        }

    /// The optimiser on the free coordinates alone: true in the mask is free, false is frozen. Frozen parameters keep
    /// their bits, their gradient is not looked at, and norms do not include them. Raises ArgumentException where nothing
    /// is free, or where lengths differ from the mask's.
    let masked (free: bool[]) (optimiser: Optimiser) : Optimiser =
        let places = Mask.places free

        {
            Name = optimiser.Name
            Init =
                fun parameters ->
                    Vectors.requireLength (nameof parameters) free.Length parameters
                    optimiser.Init(Mask.gatherAt places parameters)
            Step =
                fun gradient state parameters ->
                    Vectors.requireLength (nameof parameters) free.Length parameters
                    Vectors.requireLength (nameof gradient) free.Length gradient

                    let struct (moved, next) =
                        optimiser.Step (Mask.gatherAt places gradient) state (Mask.gatherAt places parameters)

                    struct (Mask.scatterAt places parameters moved, next)
            Begin = beginMasked places free.Length optimiser
        }

    /// So many steps from a start with the gradient at each point: the last parameters. The gradient is given the same
    /// array at every step.
    let iterate (steps: int) (gradient: float[] -> float[]) (start: float[]) (optimiser: Optimiser) =
        OptionCheck.atLeast 0 (nameof steps) steps
        let run = optimiser.Begin start

        for _ in 1..steps do
            run.Step(gradient run.Parameters)

        Array.copy run.Parameters
