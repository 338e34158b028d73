namespace Mixtures

open System

/// The gradient of the log-likelihood in Gaussian parameters, from the E-step's statistics.
[<RequireQualifiedAccess>]
module internal GaussianGradient =

    /// The largest component of the gradient of the mean log-likelihood per row, in coordinates in which each
    /// component's covariance is the identity. Covariances' second moments are clipped to the floor first, so that
    /// what an active floor holds back does not count.
    let largest (statistics: GaussianStatistics) (c: GaussianComponents) (scale: DataScale) (floor: Floor) =
        let s = statistics.CentredOn c.Means
        let d = c.Dimension
        let total = Array.sum s.Counts
        let mutable worst = 0.0
        let note value = worst <- max worst (abs value)

        // ∂/∂μ: n_k/n L⁻¹ δ_k
        for k in 0 .. c.Count - 1 do
            let residual = Array.init d (fun i -> s.Sums[k * d + i] / total)

            c.Whiten(k, Span residual)
            Array.iter note residual

        let room = Array.zeroCreate (d * d)

        let triangleToSquare start divisor =
            Array.init (d * d) (fun at ->
                let i, j = max (at / d) (at % d), min (at / d) (at % d)
                s.SecondMoments[start + i * (i + 1) / 2 + j] / divisor)

        // ∂/∂Σ: n_k/2n (L⁻¹ S_k L⁻ᵀ / n_k - I)
        let full (moments: float[]) factor share =
            for i in 0 .. d - 1 do
                moments[i * d + i] <- moments[i * d + i] + floor.Absolute

            CovarianceFloor.clip d scale.Variances floor.Relative room (Span moments)
            |> ignore

            let white = Cholesky.whiten d factor moments

            for i in 0 .. d - 1 do
                for j in 0..i do
                    note (0.5 * share * (white[i * d + j] - (if i = j then 1.0 else 0.0)))

        match c.Structure with
        | CovarianceStructure.Known -> ()
        | CovarianceStructure.Full ->
            for k in 0 .. c.Count - 1 do
                if s.Counts[k] > 0.0 then
                    full
                        (triangleToSquare (k * d * (d + 1) / 2) s.Counts[k])
                        (Array.sub c.Factors (k * d * d) (d * d))
                        (s.Counts[k] / total)
        | CovarianceStructure.Tied -> full (triangleToSquare 0 total) c.Factors 1.0
        | CovarianceStructure.Diagonal ->
            for at in 0 .. c.Count * d - 1 do
                let n = s.Counts[at / d]

                if n > 0.0 then
                    let moment =
                        max (s.SecondMoments[at] / n + floor.Absolute) (floor.Relative * scale.Variances[at % d])

                    note (0.5 * n / total * (moment / c.Covariances[at] - 1.0))
        | CovarianceStructure.Spherical ->
            for k in 0 .. c.Count - 1 do
                let n = s.Counts[k]

                if n > 0.0 then
                    let moment =
                        max
                            (s.SecondMoments[k] / (n * float d) + floor.Absolute)
                            (floor.Relative * Array.max scale.Variances)

                    note (0.5 * float d * n / total * (moment / c.Covariances[k] - 1.0))

        worst
