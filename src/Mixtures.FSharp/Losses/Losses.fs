namespace Mixtures

open System

/// Losses and objectives of a mixture on data.
[<RequireQualifiedAccess>]
module Loss =

    /// The negative log-likelihood -Σ w log p(x), in nats, summed over rows.
    let negativeLogLikelihood (mixture: Mixture) (data: Dataset) = -(Mixture.score mixture data)

    /// The weighted mean of -log p(x): nats a row.
    let meanNegativeLogLikelihood (mixture: Mixture) (data: Dataset) =
        -(Mixture.score mixture data) / data.TotalWeight

    /// The expected complete log-likelihood per row, Σ_i w_i Σ_k r_ik (log π_k + log p_k(x_i)) / Σ w, of a mixture under
    /// given responsibilities (N x K), without their entropy (Dempster, Laird & Rubin 1977). Components with
    /// responsibility zero contribute zero.
    let expectedCompleteLogLikelihood (responsibilities: float[,]) (mixture: Mixture) (data: Dataset) =
        if
            responsibilities.GetLength 0 <> data.Count
            || responsibilities.GetLength 1 <> mixture.Count
        then
            invalidArg
                (nameof responsibilities)
                $"expected {data.Count} x {mixture.Count} responsibilities, received {responsibilities.GetLength 0} x {responsibilities.GetLength 1}"

        let densities = Mixture.componentLogDensities mixture data
        let logWeights = mixture.Weights |> Array.map log
        let weights = data.Weights
        let mutable sum = 0.0

        for i in 0 .. data.Count - 1 do
            let w = if data.HasWeights then weights.Span[i] else 1.0

            if w > 0.0 then
                for k in 0 .. mixture.Count - 1 do
                    let r = responsibilities[i, k]

                    if r > 0.0 then
                        sum <- sum + w * r * (logWeights[k] + densities[i, k])

        sum / data.TotalWeight

    /// The negative log-likelihood, summed over rows, as a differentiable function of free parameters.
    let negativeLogLikelihoodOf (likelihood: LikelihoodFunction) (vector: Tensor) : Tensor =
        -(likelihood.LogLikelihood vector)

    /// The weighted mean of the negative log-likelihood as a differentiable function of free parameters: nats a row.
    let meanNegativeLogLikelihoodOf (likelihood: LikelihoodFunction) (vector: Tensor) : Tensor =
        likelihood.LogLikelihood vector * (-1.0 / likelihood.TotalWeight)

    /// The negative log-density of weights under a Dirichlet prior, -(Σ (α_k - 1) log π_k + log Γ(Σ α) - Σ log Γ(α_k)),
    /// as a function of the log-weights; the concentrations are one for all, or K.
    let dirichlet (concentrations: float[]) (logWeights: Tensor) : Tensor =
        let count = logWeights.Count

        let alpha =
            match concentrations with
            | [| one |] -> Array.create count one
            | all when all.Length = count -> all
            | other ->
                invalidArg (nameof concentrations) $"expected 1 or {count} concentrations, received {other.Length}"

        for a in alpha do
            if not (Double.IsFinite a && a > 0.0) then
                invalidArg (nameof concentrations) $"expected positive concentrations, received {Wording.number a}"

        let constant =
            SpecialFunctions.logGamma (Array.sum alpha)
            - Array.sumBy SpecialFunctions.logGamma alpha

        // a concentration of 1 has no term, were the weight zero
        let used =
            [|
                for k in 0 .. count - 1 do
                    if alpha[k] <> 1.0 then
                        k
            |]

        let terms =
            if used.Length = 0 then
                Tensor.scalar 0.0
            else
                Tensor.sum (
                    Tensor.ofArray (used |> Array.map (fun k -> alpha[k] - 1.0))
                    * Tensor.indexSelect 0 used logWeights
                )

        -(terms + constant)

    /// The negative log-density of weights under a prior, as a function of the log-weights; that of a Dirichlet process is
    /// a density of its shares. Nothing where the prior is flat.
    let weightsPrior (spec: MixtureSpec) : (Tensor -> Tensor) voption =
        match spec.Priors.Weights, spec.Concentrations with
        | DirichletProcess concentration, ValueSome _ ->
            // Π γ (1 - v_k)^(γ - 1) over the first K - 1 shares; what they leave is the last weight
            let last = spec.Components - 1

            ValueSome(fun logWeights ->
                (1.0 - concentration) * Tensor.select 0 last logWeights
                - float last * log concentration)
        | _, ValueSome concentrations -> ValueSome(dirichlet concentrations)
        | _, ValueNone -> ValueNone

    /// The negative log-density of a fit's vector under a specification's priors, in the constrained parameters; nothing
    /// where all are flat.
    let negativeLogPrior (spec: MixtureSpec) (likelihood: LikelihoodFunction) : (Tensor -> Tensor) voption =
        let weights =
            weightsPrior spec
            |> ValueOption.map (fun prior -> fun vector -> prior (likelihood.LogWeights vector))

        let parameters =
            ParameterPriors.logDensity spec likelihood
            |> ValueOption.map (fun density ->
                let first = spec.Components

                fun vector -> -(density (Tensor.slice 0 first (likelihood.Length - first) vector)))

        match weights, parameters with
        | ValueSome a, ValueSome b -> ValueSome(fun vector -> a vector + b vector)
        | ValueSome one, ValueNone
        | ValueNone, ValueSome one -> ValueSome one
        | ValueNone, ValueNone -> ValueNone

    /// Minus the log joint density of data and parameters, up to the priors that are flat: the negative log-likelihood
    /// plus that of the specification's priors, in the constrained parameters. Its least point is the MAP estimate.
    let negativeLogJoint (spec: MixtureSpec) (likelihood: LikelihoodFunction) (vector: Tensor) : Tensor =
        let loss = negativeLogLikelihoodOf likelihood vector

        match negativeLogPrior spec likelihood with
        | ValueNone -> loss
        | ValueSome prior -> loss + prior vector
