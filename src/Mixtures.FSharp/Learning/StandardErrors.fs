namespace Mixtures

open System

/// A parameter with how far it can be trusted.
type ParameterEstimate =
    {
        /// Its name, such as weight[1], mean[2][waiting] or sd[1][waiting]; components and columns as in the mixture.
        Name: string
        /// Its value, in the data's units.
        Value: float
        /// Its standard error.
        StandardError: float
    }

/// Standard errors of the parameters of a fitted mixture, by the observed information.
[<RequireQualifiedAccess>]
module StandardErrors =

    /// Standard errors at a maximum of the log-likelihood, or with priors of the log joint density: the observed
    /// information (exact second derivatives in the free parameters, one of the K logits held) is inverted, and the delta
    /// method takes the covariance to the parameters themselves (McLachlan & Peel 2000, section 2.15). Raises
    /// InvalidOperationException where the information is not positive definite: the mixture is not at a maximum, or a
    /// parameter is not identified.
    let ofMixture (spec: MixtureSpec) (data: Dataset) (mixture: Mixture) : ParameterEstimate[] =
        let active = mixture.ActiveData data
        let likelihood = LikelihoodFunction.create spec active
        let like = Mixture(mixture.WeightArray, mixture.ActiveComponents, None)
        let vector = likelihood.OfMixture like
        let count = mixture.Count
        let length = likelihood.Length
        let names = Seq.toArray active.ColumnNames

        let prior =
            match Loss.negativeLogPrior spec likelihood with
            | ValueNone -> Tensor.zeros [| length; length |]
            | ValueSome prior -> Tensor.hessian prior vector

        let information = (prior - likelihood.Curvature vector).ToArray()
        let free = [| 0 .. length - 1 |] |> Array.filter (fun i -> i <> count - 1)
        let n = free.Length

        // in units of each parameter's own curvature, so that the parameters' units do not matter to the factor
        let scale =
            free
            |> Array.map (fun i ->
                let curvature = information[i * length + i]
                if curvature > 0.0 then 1.0 / sqrt curvature else 1.0)

        let scaled =
            Array.init (n * n) (fun at ->
                information[free[at / n] * length + free[at % n]]
                * scale[at / n]
                * scale[at % n])

        let factor =
            match Cholesky.tryFactor n (ReadOnlySpan scaled) with
            | ValueSome l -> l
            | ValueNone ->
                invalidOp
                    "The observed information is not positive definite: the mixture is not at a maximum of its objective for these data, or some parameters are not identified. Fit to convergence first, or ask for fewer components."

        let natural v =
            let struct (_, values) = likelihood.Natural(v, names)
            values

        let struct (labels, values) = likelihood.Natural(vector, names)
        let jacobian = (Tensor.jacobian natural vector).ToArray()
        let values = values.ToArray()

        Array.init labels.Length (fun p ->
            // se² = |L⁻¹ j|²
            let gradient = Array.init n (fun i -> jacobian[p * length + free[i]] * scale[i])

            Cholesky.solveLower n factor (Span gradient)

            {
                Name = labels[p]
                Value = values[p]
                StandardError = sqrt (Array.sumBy (fun v -> v * v) gradient)
            })
