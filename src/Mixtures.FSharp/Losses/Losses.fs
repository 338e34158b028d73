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
