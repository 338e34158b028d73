namespace Mixtures

open System

/// Mixtures of any distributions as one distribution: Σ wₖ pₖ(x).
[<RequireQualifiedAccess>]
module MixtureDistribution =
    let private refuse (message: string) : 'a = Shape.refuse "mixture" message

    /// The support that holds all of the components'.
    let private supportOf (supports: Support list) : Support =
        match List.distinct supports with
        | [ support ] -> support
        | several when List.forall Support.isDiscrete several -> Support.NonNegativeInteger
        | several when List.exists Support.isDiscrete several ->
            refuse "expected components that are all of whole numbers or all of a continuum"
        | several ->
            match Support.shape several.Head with
            | [||] -> Support.Real
            | [| d |] -> Support.RealVector d
            | _ -> refuse "expected components of one support, received matrices of several"

    let private parts
        (logWeights: Tensor)
        (parameters: Tensor[])
        (support: Support)
        (batch: int[])
        (logDensities: Tensor -> Tensor)
        (draw: RandomStream -> Tensor)
        (means: unit -> Tensor)
        (variances: unit -> Tensor)
        =
        let event = (Support.shape support).Length
        let logShares = Tensor.logsoftmax -1 logWeights
        // a component of weight 0 stays out, were its density infinite
        let isDead = Lifted.satisfies Double.IsNegativeInfinity logWeights
        let anyDead = (Tensor.sum isDead).ToScalar() > 0.0

        let weighted logDensity =
            if anyDead then
                Tensor.where isDead (Tensor.scalar Double.NegativeInfinity) (logShares + logDensity)
            else
                logShares + logDensity

        // weights beside means of batch x K x event
        let weights =
            Seq.fold (fun t _ -> Tensor.unsqueeze -1 t) (Tensor.exp logShares) (seq { 1..event })

        let average (t: Tensor) =
            Tensor.sumOver [| -1 - event |] false (weights * t)

        Distribution.ofParts
            {
                Name = "mixture"
                Parameters = Array.append [| logWeights |] parameters
                Support = support
                BatchShape = batch
                IsReparametrised = false
                LogDensity = fun x -> Tensor.logsumexp -1 (weighted (logDensities x))
                Sample = draw
                Mean = fun () -> average (means ())
                Variance =
                    fun () ->
                        let means = means ()
                        let mean = Tensor.sumOver [| -1 - event |] true (weights * means)
                        average (variances () + Tensor.square (means - mean))
                Entropy = ValueNone
                KullbackLeibler = ValueNone
            }

    let private checkWeights (logWeights: Tensor) (count: int) =
        if logWeights.Rank < 1 || logWeights.Dims[logWeights.Rank - 1] <> count then
            refuse $"expected {count} log-weights in the last axis, received shape {Shape.text logWeights.Dims}"

        for row in Array.chunkBySize count (logWeights.ToArray()) do
            Categorical.checkLogits row

    /// For each place of the batch, an index drawn by the weights.
    let private drawIndices (logWeights: Tensor) (batch: int[]) (stream: RandomStream) : Tensor =
        Lifted.eachBlock
            batch
            [||]
            [| struct (logWeights, 1) |]
            (fun p stream -> [| float (Categorical.sampleOfLogits p[0] stream) |])
            stream

    /// The mixture of components of one event shape, whose batches broadcast. The logarithms of the weights (batch x K) need
    /// not be normalised; minus infinity is a weight of 0.
    let create (logWeights: Tensor) (components: IDistribution list) : IDistribution =
        if components.IsEmpty then
            refuse "expected at least one component, received none"

        checkWeights logWeights components.Length
        let event = components.Head.EventShape

        for one in components do
            if not (Shape.equal one.EventShape event) then
                refuse
                    $"expected components of one event shape, received {Shape.text event} and {Shape.text one.EventShape}"

        let batch =
            components
            |> List.fold (fun shape c -> Shape.broadcast "mixture" shape c.BatchShape) (Lifted.batchBefore 1 logWeights)

        // one below another along a new axis before the event's
        let side (values: Tensor list) =
            let whole = Array.append batch event
            values |> List.map (Lifted.stretch whole) |> Tensor.stack batch.Length

        let logDensities (x: Tensor) =
            let values = components |> List.map (fun c -> c.LogDensity x)

            let shape =
                values |> List.fold (fun shape v -> Shape.broadcast "mixture" shape v.Dims) [||]

            values |> List.map (Lifted.stretch shape) |> Tensor.stack shape.Length

        let draw (stream: RandomStream) =
            if batch.Length = 0 then
                let index = Categorical.sampleOfLogits (logWeights.ToArray()) stream

                components[index].Sample stream
            else
                let indices = drawIndices logWeights batch stream
                let drawn = components |> List.map (fun c -> c.Sample stream) |> side

                let places =
                    Seq.fold (fun t _ -> Tensor.unsqueeze -1 t) (Tensor.unsqueeze -1 indices) event

                drawn
                |> Tensor.gather batch.Length (Lifted.stretch (Array.concat [ batch; [| 1 |]; event ]) places)
                |> Tensor.squeeze batch.Length

        parts
            logWeights
            (components |> List.toArray |> Array.collect _.Parameters)
            (supportOf (components |> List.map _.Support))
            batch
            logDensities
            draw
            (fun () -> side (components |> List.map _.Mean))
            (fun () -> side (components |> List.map _.Variance))

    /// The mixture over the last axis of the batch of one distribution: K components of a family with parameters side by
    /// side. The logarithms of the weights (batch x K) need not be normalised.
    let ofBatch (logWeights: Tensor) (components: IDistribution) : IDistribution =
        let own = components.BatchShape

        if own.Length = 0 then
            refuse "expected a batch of components, received a single distribution"

        let k = own[own.Length - 1]
        checkWeights logWeights k
        let event = components.EventShape

        let batch =
            Shape.broadcast "mixture" (Lifted.batchBefore 1 logWeights) own[.. own.Length - 2]

        let whole = Array.concat [ batch; [| k |]; event ]

        let draw (stream: RandomStream) =
            let indices = drawIndices logWeights batch stream

            let places =
                Seq.fold (fun t _ -> Tensor.unsqueeze -1 t) (Tensor.unsqueeze -1 indices) event

            Lifted.stretch whole (components.Sample stream)
            |> Tensor.gather batch.Length (Lifted.stretch (Array.concat [ batch; [| 1 |]; event ]) places)
            |> Tensor.squeeze batch.Length

        parts
            logWeights
            components.Parameters
            components.Support
            batch
            (Tensor.unsqueeze (-1 - event.Length) >> components.LogDensity)
            draw
            (fun () -> Lifted.stretch whole components.Mean)
            (fun () -> Lifted.stretch whole components.Variance)
