namespace Mixtures

open System

/// The log-likelihood of data as one differentiable function of a mixture's free parameters: a vector of K logits (the
/// weights are their softmax), then the family's own free numbers (for Gaussian components the K x D means, then log
/// scales, or Cholesky factors row by row with logarithms on the diagonal). Nothing constrains the vector.
/// For families with closed-form statistics, value and gradient take one pass of the kernels.
[<Sealed>]
type LikelihoodFunction
    internal (pass: RowPass, like: IComponents, scale: DataScale, reference: float[], names: string[] option) =
    let count = like.Count
    let family = like.Family

    let parts = Array.append [| struct ("logits", count) |] (family.VectorParts like)

    let length = parts |> Array.sumBy (fun struct (_, n) -> n)

    // log-densities of x / reference are those of x plus this for each unit of weight
    let units = pass.LogUnits reference

    let logWeights (vector: float[]) =
        let total = LogSumExp.ofSpan (ReadOnlySpan(vector, 0, count))
        Array.init count (fun k -> vector[k] - total)

    let componentsOf (vector: float[]) =
        family.OfVector(Array.sub vector count (length - count), like, scale)

    let kernel (components: IComponents) =
        pass.KernelOf(
            components,
            { KernelRequest.Plain(reference.Length, int pass.Execution.Width) with
                Reference = reference
            }
        )

    let check (vector: Tensor) =
        if vector.Rank <> 1 || vector.Count <> length then
            let expected =
                parts |> Array.map (fun struct (name, n) -> $"{n} {name}") |> String.concat ", "

            Shape.refuse
                "log-likelihood"
                $"expected a vector of {length} numbers ({expected}), received shape {Shape.text vector.Dims}"

    /// Joint log-densities log π_k + log p_k(x), N x K, by tensor operations.
    let joint (vector: Tensor) (rows: Tensor) =
        let logits = Tensor.slice 0 0 count vector
        let rest = Tensor.slice 0 count (length - count) vector
        family.LogDensity(rest, like, scale, rows) + Tensor.logsoftmax 0 logits

    /// log p(x) of rows, of which some keep to a component.
    let evidence (keptBy: int -> int) (vector: Tensor) (rows: Tensor) =
        let all = joint vector rows

        if pass.Known.IsNone then
            Tensor.logsumexp 1 all
        else
            let n = rows.Dims[0]

            let excluded =
                Array.init (n * count) (fun at ->
                    let own = keptBy (at / count)
                    if own >= 0 && own <> at % count then 1.0 else 0.0)
                |> Tensor.ofShape [| n; count |]

            Tensor.logsumexp 1 (Tensor.where excluded (Tensor.scalar Double.NegativeInfinity) all)

    let weighted (weights: Tensor) (logDensities: Tensor) =
        // a row of weight zero counts for nothing, were its density zero
        Tensor.sum (Tensor.where (Tensor.eq weights (Tensor.scalar 0.0)) (Tensor.scalar 0.0) (weights * logDensities))

    /// The same by tensor operations, tile by tile, for families whose statistics do not give the gradient.
    let byTiles withGradient (vector: Tensor) =
        let size = 1 + (if withGradient then length else 0)

        let total =
            pass.Fold(
                1,
                0,
                size,
                size,
                (fun worker -> worker.Accumulators.Span.Clear()),
                (fun worker _ ->
                    let rows = LogDensityRows.ofTile worker.Tile worker.Tile.Count

                    let weights =
                        Tensor.ofArray (worker.Tile.Weights.Slice(0, worker.Tile.Count).ToArray())

                    let value vector =
                        weighted weights (Tensor.logsumexp 1 (joint vector rows))

                    let sums = worker.Accumulators.Span

                    if withGradient then
                        let struct (v, g) = Tensor.valueAndGrad value vector
                        sums[0] <- sums[0] + v.ToScalar()
                        let g = g.ToArray()

                        for i in 0 .. length - 1 do
                            sums[1 + i] <- sums[1 + i] + g[i]
                    else
                        sums[0] <- sums[0] + (value vector).ToScalar()),
                (fun worker total -> worker.Accumulators.Span.CopyTo(Span total))
            )

        struct (total[0], Array.sub total 1 (size - 1))

    let closedForm =
        match family with
        | :? INumericalFamily -> false
        | _ -> true

    let valueAndGradient (vector: Tensor) : struct (float * float[]) =
        if closedForm then
            let numbers = vector.Numbers
            let logs = logWeights numbers
            let components = componentsOf numbers
            let step = pass.GradientStep(kernel components, logs)
            let inner = (family.Gradient(step.Statistics, components, scale)).Value
            let total = Array.sum step.Counts

            let gradient = GC.AllocateUninitializedArray<float> length

            for k in 0 .. count - 1 do
                gradient[k] <- step.Counts[k] - exp logs[k] * total

            inner.CopyTo(gradient, count)
            struct (step.LogLikelihood - units, gradient)
        else
            let struct (value, gradient) = byTiles true vector
            struct (value, gradient)

    let value (vector: Tensor) : float =
        if closedForm then
            let numbers = vector.Numbers
            pass.LogLikelihoodAt(kernel (componentsOf numbers), logWeights numbers) - units
        else
            let struct (value, _) = byTiles false vector
            value

    /// All rows that have the same columns, their numbers and their weights.
    let groups =
        lazy
            (let data = pass.Data
             let d = data.Dimension
             let columns = Array.init d data.Column

             [|
                 for members in pass.RowGroups do
                     let values =
                         Array.init (members.Length * d) (fun at -> columns[at % d][members[at / d]])

                     let weights =
                         if data.HasWeights then
                             let all = data.Weights.ToArray()
                             members |> Array.map (fun i -> all[i])
                         else
                             Array.create members.Length 1.0

                     struct (members, Tensor.ofShape [| members.Length; d |] values, Tensor.ofArray weights)
             |])

    let composedQ (responsibilities: Tensor) (vector: Tensor) =
        groups.Value
        |> Array.map (fun struct (members, rows, weights) ->
            let own =
                if members.Length = pass.Data.Count then
                    responsibilities
                else
                    Tensor.indexSelect 0 members responsibilities

            weighted (own * Tensor.unsqueeze 1 weights) (joint vector rows))
        |> Array.reduce (+)

    /// Q under given responsibilities and its gradient, in one pass of the kernels.
    let expected (given: float[]) (vector: Tensor) : struct (float * float[]) =
        let numbers = vector.Numbers
        let logs = logWeights numbers
        let components = componentsOf numbers
        let kernel = kernel components

        let fill (worker: PassWorker) _ =
            RowPass.FillJoint(worker, kernel, logs)
            let tile = worker.Tile
            let lanes = worker.Lanes.Span
            let total = worker.LogLikelihood.Span

            for k in 0 .. count - 1 do
                let own = lanes.Slice(k * tile.Capacity, tile.Capacity)

                for i in 0 .. tile.Count - 1 do
                    let r = given[worker.Row i * count + k]
                    let share = r * tile.Weights[i]

                    if share <> 0.0 then
                        total[0] <- total[0] + share * own[i]

                    own[i] <- r

                own.Slice(tile.Count).Clear()

        let step = pass.Statistics(kernel, count, fill)
        let inner = (family.Gradient(step.Statistics, components, scale)).Value
        let all = Array.sum step.Counts

        let gradient =
            Array.init length (fun i ->
                if i < count then
                    step.Counts[i] - exp logs[i] * all
                else
                    inner[i - count])
        // joint densities are of x / reference, once for each unit of responsibility
        let ofReference (given: float[]) =
            if pass.Patterns.IsNone then
                all * Array.sumBy log reference
            else
                let shares =
                    Array.init pass.Data.Count (fun i -> Array.sum (Array.sub given (i * count) count))

                pass.LogUnitsOf(reference, fun i -> shares[i])

        struct (step.LogLikelihood - ofReference given, gradient)

    member internal _.Pass = pass
    member internal _.Scale = scale

    /// The names of the columns.
    member internal _.ColumnNames = Seq.toArray pass.Data.ColumnNames
    member internal _.Like = like

    /// How many free numbers a mixture has.
    member _.Length = length

    /// The names of the parts of the vector, and how many numbers each has, in their order.
    member _.Parts = parts

    /// The data's total weight.
    member _.TotalWeight = pass.Data.TotalWeight

    /// The vector of a mixture's free parameters.
    member internal _.OfPoint(weights: float[], components: IComponents) : float[] =
        Array.append (Array.map log weights) (family.ToVector(components, scale))

    /// The weights and components of a vector.
    member internal _.ToPoint(vector: float[]) : struct (float[] * IComponents) =
        struct (logWeights vector |> Array.map exp, componentsOf vector)

    /// The vector of a mixture of the same family and shape.
    member this.OfMixture(mixture: Mixture) : Tensor =
        if
            mixture.Count <> count
            || mixture.Dimension <> like.Dimension
            || mixture.Family.Name <> family.Name
            || mixture.Family.Structure <> family.Structure
        then
            invalidArg
                (nameof mixture)
                $"expected a mixture of {count} {family.Structure} {family.Name} components of {like.Dimension} columns, received {mixture.Count} {mixture.Family.Structure} {mixture.Family.Name} ones of {mixture.Dimension}"

        Tensor.ofArray (this.OfPoint(mixture.WeightArray, mixture.Components))

    /// The mixture of a vector.
    member this.ToMixture(vector: Tensor) : Mixture =
        check vector
        let struct (weights, components) = this.ToPoint(vector.ToArray())
        Mixture(weights, components, names)

    /// Σ w log p(x) at a vector of free parameters, in nats: differentiable, value and gradient in one pass of the
    /// kernels; where the gradient is differentiated in turn, as Composed.
    member this.LogLikelihood(vector: Tensor) : Tensor =
        check vector

        Tensor.fused
            (fun inputs -> Tensor.scalar (value inputs[0]))
            (fun inputs ->
                let struct (v, g) = valueAndGradient inputs[0]
                struct (Tensor.scalar v, [| Tensor.Own g |]))
            (fun inputs -> this.Composed inputs[0])
            [| vector |]

    /// Σ w log p(x) by tensor operations alone, on all rows at once: for second derivatives, and to check the kernels.
    member _.Composed(vector: Tensor) : Tensor =
        check vector

        groups.Value
        |> Array.map (fun struct (members, rows, weights) ->
            let keptBy i =
                match pass.Known with
                | ValueSome known -> known[members[i]]
                | ValueNone -> -1

            weighted weights (evidence keptBy vector rows))
        |> Array.reduce (+)

    /// The second derivatives of Σ w log p(x), P x P, added up tile by tile.
    member _.Curvature(vector: Tensor) : Tensor =
        check vector
        let size = length * length

        let total =
            pass.Fold(
                1,
                0,
                size,
                size,
                (fun worker -> worker.Accumulators.Span.Clear()),
                (fun worker _ ->
                    let tile = worker.Tile
                    let rows = LogDensityRows.ofTile tile tile.Count
                    let weights = Tensor.ofArray (tile.Weights.Slice(0, tile.Count).ToArray())

                    let value vector =
                        weighted weights (evidence worker.Known vector rows)

                    let second = (Tensor.hessian value (vector.Detach())).ToArray()
                    let sums = worker.Accumulators.Span

                    for i in 0 .. size - 1 do
                        sums[i] <- sums[i] + second[i]),
                (fun worker total -> worker.Accumulators.Span.CopyTo(Span total))
            )

        Tensor.ofShape [| length; length |] (Array.sub total 0 size)

    /// The log-weights, K, as a function of the vector.
    member _.LogWeights(vector: Tensor) : Tensor =
        check vector
        Tensor.logsoftmax 0 (Tensor.slice 0 0 count vector)

    /// The parameters as people state them, weights first, as a differentiable function of the vector, and their names.
    member internal _.Natural(vector: Tensor, columns: string[]) : struct (string[] * Tensor) =
        let weights = Tensor.softmax 0 (Tensor.slice 0 0 count vector)
        let rest = Tensor.slice 0 count (length - count) vector
        let struct (names, values) = family.Natural(rest, like, scale, columns)

        struct (Array.append (Array.init count (fun k -> $"weight[{k + 1}]")) names,
                Tensor.concatenate 0 [ weights; values ])

    /// Σ w Σ_k r_k (log π_k + log p_k(x)) under given responsibilities, N x K: the expected complete log-likelihood Q
    /// (Dempster, Laird & Rubin 1977) as a differentiable function of the vector. A responsibility of zero counts for
    /// nothing.
    member _.ExpectedComplete(responsibilities: Tensor, vector: Tensor) : Tensor =
        check vector

        if
            responsibilities.Rank <> 2
            || responsibilities.Dims[0] <> pass.Data.Count
            || responsibilities.Dims[1] <> count
        then
            Shape.refuse
                "expected complete log-likelihood"
                $"expected {pass.Data.Count} x {count} responsibilities, received shape {Shape.text responsibilities.Dims}"

        if closedForm && not responsibilities.IsTracked then
            let given = responsibilities.Numbers

            Tensor.fused
                (fun inputs ->
                    let struct (v, _) = expected given inputs[0]
                    Tensor.scalar v)
                (fun inputs ->
                    let struct (v, g) = expected given inputs[0]
                    struct (Tensor.scalar v, [| Tensor.Own g |]))
                (fun inputs -> composedQ responsibilities inputs[0])
                [| vector |]
        else
            composedQ responsibilities vector

/// Log-likelihoods as differentiable functions of free parameters.
[<RequireQualifiedAccess>]
module LikelihoodFunction =

    let private plainScale (data: Dataset) =
        {
            Means = Array.zeroCreate data.Dimension
            Variances = Array.create data.Dimension 1.0
            Scatter = [||]
            TotalWeight = data.TotalWeight
            EffectiveRows = data.EffectiveRows
        }

    /// The log-likelihood of data under a specification, parameters in the data's units.
    let create (spec: MixtureSpec) (data: Dataset) : LikelihoodFunction =
        match spec.Family.Check(spec.Components, data.Dimension) with
        | ValueSome reason -> invalidArg (nameof spec) reason
        | ValueNone -> ()

        let family = FamilyColumns.bind spec.Family data
        FamilyColumns.demand false family data
        let scale = plainScale data

        let like = family.At(Array.zeroCreate (spec.Components * data.Dimension), scale)

        let names =
            if data.HasColumnNames then
                Some(Seq.toArray data.ColumnNames)
            else
                None

        LikelihoodFunction(RowPass(data, Execution.Default), like, scale, Array.create data.Dimension 1.0, names)
