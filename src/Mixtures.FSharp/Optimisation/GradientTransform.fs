namespace Mixtures

open System
open System.Numerics.Tensors

/// What an optimiser carries from step to step. Opaque and immutable: a step returns a new one, and stepping twice
/// from the same state gives the same twice.
[<Sealed>]
type OptimiserState internal (owner: string, length: int, steps: int, vectors: float[][], parts: OptimiserState[]) =

    /// How many steps have been taken.
    member _.Steps = steps

    /// How many parameters it belongs to.
    member _.Length = length

    /// The name of the transform that made it.
    member internal _.Owner = owner

    /// The transform's own vectors.
    member internal _.Vectors = vectors

    /// The states of the parts that it is made of.
    member internal _.Parts = parts

    /// A copy with vectors of its own, which a step may change, counted so many steps further.
    member internal _.Copy(further: int) : OptimiserState =
        OptimiserState(
            owner,
            length,
            steps + further,
            vectors |> Array.map Array.copy,
            parts |> Array.map (fun part -> part.Copy further)
        )

/// Turns a gradient into what is to be added to the parameters, or into another gradient. Transforms compose (the idea
/// of optax, Babuschkin et al. 2020); the last of a chain is the one that descends.
[<Sealed>]
type GradientTransform
    internal
    (
        name: string,
        init: float[] -> OptimiserState,
        advance: int -> float[] -> float[] -> OptimiserState -> float[] -> unit
    ) =

    /// What it is called in messages.
    member _.Name = name

    /// The state before the first step, from the parameters.
    member _.Init(parameters: float[]) = init parameters

    /// The update and the next state from the gradient, the state and the parameters, none of which is changed.
    member transform.Update
        (gradient: float[], state: OptimiserState, parameters: float[])
        : struct (float[] * OptimiserState) =
        let next = state.Copy 1
        let update = Vectors.fresh gradient.Length
        transform.Advance(state.Steps, gradient, parameters, next, update)
        struct (update, next)

    /// The same in place, at a step from 0: changes the state's vectors and fills the update, which may be the gradient.
    member internal _.Advance
        (step: int, gradient: float[], parameters: float[], state: OptimiserState, update: float[])
        =
        if not (String.Equals(state.Owner, name)) then
            invalidArg (nameof state) $"expected a state of {name}, received one of {state.Owner}"

        advance step gradient parameters state update

/// Gradient transforms: making and chaining them.
[<RequireQualifiedAccess>]
module GradientTransform =

    /// A transform with vectors that start at 0, each of the parameters' length (or empty), which advance changes.
    let internal inPlace (name: string) (wanted: bool list) advance =
        GradientTransform(
            name,
            (fun parameters ->
                let vector isWanted : float[] =
                    if isWanted then
                        Array.zeroCreate parameters.Length
                    else
                        [||]

                OptimiserState(name, parameters.Length, 0, wanted |> List.map vector |> List.toArray, [||])),
            fun step gradient parameters state update -> advance step gradient parameters state.Vectors update
        )

    /// A transform whose state is a few vectors: init gives them from the parameters, and update gets the step (from
    /// 0), the gradient, the parameters and the vectors, changes none of them, and returns the update and as many new
    /// vectors.
    let create
        (name: string)
        (init: float[] -> float[][])
        (update: int -> float[] -> float[] -> float[][] -> struct (float[] * float[][]))
        : GradientTransform =
        GradientTransform(
            name,
            (fun parameters ->
                OptimiserState(name, parameters.Length, 0, init parameters |> Array.map Array.copy, [||])),
            fun step gradient parameters state destination ->
                let struct (result, vectors) = update step gradient parameters state.Vectors
                Vectors.requireLength (nameof update) destination.Length result

                if vectors.Length <> state.Vectors.Length then
                    invalidArg
                        (nameof update)
                        $"expected {state.Vectors.Length} vectors as at the start, received {vectors.Length}"

                // copies, as the gradient may be an array that is filled again
                vectors |> Array.iteri (fun i vector -> state.Vectors[i] <- Array.copy vector)
                Array.blit result 0 destination 0 result.Length
        )

    /// A transform that remembers nothing: update gets the step (from 0), the gradient and the parameters.
    let stateless (name: string) (update: int -> float[] -> float[] -> float[]) : GradientTransform =
        create name (fun _ -> [||]) (fun step gradient parameters _ -> struct (update step gradient parameters, [||]))

    /// Each transform gets what the one before it made of the gradient. An empty list raises ArgumentException.
    let chain (transforms: GradientTransform list) : GradientTransform =
        match transforms with
        | [] -> invalidArg (nameof transforms) "expected at least 1 transform, received none"
        | [ only ] -> only
        | several ->
            let links = List.toArray several
            let name = links |> Array.map (fun link -> link.Name) |> String.concat ", "

            GradientTransform(
                name,
                (fun parameters ->
                    let parts = links |> Array.map (fun link -> link.Init parameters)
                    OptimiserState(name, parameters.Length, 0, [||], parts)),
                fun step gradient parameters state update ->
                    for i in 0 .. links.Length - 1 do
                        links[i].Advance(step, (if i = 0 then gradient else update), parameters, state.Parts[i], update)
            )

    /// Multiplies by a factor: -1 before an optimiser climbs instead of descending.
    let scale (factor: float) : GradientTransform =
        if not (Double.IsFinite factor) then
            invalidArg (nameof factor) $"expected a finite number, received {Vectors.text factor}"

        inPlace "scale" [] (fun _ gradient _ _ update ->
            TensorPrimitives.Multiply(ReadOnlySpan gradient, factor, Span update))

    /// Adds decay · parameters to the gradient: the gradient of a ridge penalty ½ decay Σ x². Beneath Adam this is not
    /// the decoupled decay of AdamW. The decay must be a finite number of 0 or more.
    let ridge (decay: float) : GradientTransform =
        OptionCheck.notNegative (nameof decay) decay

        inPlace "ridge" [] (fun _ gradient parameters _ update ->
            TensorPrimitives.MultiplyAdd(ReadOnlySpan parameters, decay, ReadOnlySpan gradient, Span update))
