namespace Mixtures

open System

/// The mean loss of a gradient fit and its gradient, on all rows or on some of them.
[<Sealed>]
type internal GradientObjective(spec: MixtureSpec, data: FitData, standardise: bool, like: IComponents) =

    let scale =
        if standardise then
            data.Scale
        else
            { data.Scale with
                Means = Array.zeroCreate data.Scale.Means.Length
                Variances = Array.create data.Scale.Variances.Length 1.0
            }

    let over (pass: RowPass) =
        LikelihoodFunction(pass, like, scale, data.Reference, None)

    let whole = over data.Pass
    let total = data.Scale.TotalWeight

    let prior = Loss.negativeLogPrior spec whole

    /// -(factor L + log prior) / Σw
    let loss (likelihood: LikelihoodFunction) factor (vector: Tensor) =
        let fitted = likelihood.LogLikelihood vector * (-factor / total)

        match prior with
        | ValueNone -> fitted
        | ValueSome prior -> fitted + prior vector * (1.0 / total)

    let evaluate likelihood factor (parameters: float[]) : struct (float * float[]) =
        let struct (value, gradient) =
            Tensor.valueAndGrad (loss likelihood factor) (Tensor.ofArray parameters)

        struct (value.ToScalar(), gradient.Numbers)

    member _.Likelihood = whole
    member _.TotalWeight = total

    /// The mean loss of all rows, and its gradient.
    member _.Whole(parameters: float[]) = evaluate whole 1.0 parameters

    /// The mean loss of all rows.
    member _.Value(parameters: float[]) =
        (loss whole 1.0 (Tensor.ofArray parameters)).ToScalar()

    /// The second derivatives of the mean loss, by tensor operations.
    member _.Hessian(parameters: float[]) : float[] =
        let prior =
            prior |> ValueOption.defaultValue (fun vector -> Tensor.sum vector * 0.0)

        let x = Tensor.ofArray parameters
        (((Tensor.hessian prior x) - whole.Curvature x) * (1.0 / total)).ToArray()

    /// The mean loss estimated from some rows, and its gradient.
    member _.Batch(rows: int[], parameters: float[]) =
        let all = data.Pass.Data

        if all.HasWeights && rows |> Array.forall (fun i -> all.Weights.Span[i] = 0.0) then
            // rows that count for nothing leave the priors' part
            evaluate whole 0.0 parameters
        else
            let pass = RowPass(all.Take rows, data.Pass.Execution, true)
            // as many rows as there are, for each of those drawn
            evaluate (over pass) (float all.Count / float rows.Length) parameters

    member _.ToPoint(parameters: float[]) : Point =
        let struct (weights, components) = whole.ToPoint parameters

        {
            Weights = weights
            Components = components
        }

    member _.OfPoint(point: Point) =
        whole.OfPoint(point.Weights, point.Components)

    /// The greatest responsibility that each component has for a row.
    member this.LargestShares(parameters: float[]) : float[] =
        let point = this.ToPoint parameters
        let count = point.Weights.Length
        let largest = Array.zeroCreate<float> count

        let kernel =
            data.Pass.KernelOf(
                point.Components,
                { KernelRequest.Plain(data.Reference.Length, int data.Pass.Execution.Width) with
                    Reference = data.Reference
                }
            )

        data.Pass.Responsibilities(
            kernel,
            point.Weights,
            fun worker _ ->
                let tile = worker.Tile
                let lanes = worker.Lanes.Span
                let own = Array.zeroCreate<float> count

                for k in 0 .. count - 1 do
                    for i in 0 .. tile.Count - 1 do
                        if tile.Weights[i] > 0.0 then
                            own[k] <- max own[k] lanes[k * tile.Capacity + i]

                lock largest (fun () ->
                    for k in 0 .. count - 1 do
                        largest[k] <- max largest[k] own[k])
        )

        largest

    /// The parameters with one component moved to a row, with the spread of the data and a share of the weight.
    member this.Reseed(parameters: float[], k: int, row: int) : float[] =
        let point = this.ToPoint parameters
        let share = 1.0 / float point.Weights.Length

        let weights =
            point.Weights
            |> Array.mapi (fun i w -> if i = k then share else w * (1.0 - share))

        let total = Array.sum weights

        this.OfPoint
            {
                Weights = weights |> Array.map (fun w -> max (w / total) 1e-300)
                Components = like.Family.Reseed(point.Components, k, data.PointOf row, data.Scale)
            }
