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
                let n = s.CountOf(at / d, at % d)

                if n > 0.0 then
                    let moment =
                        max (s.SecondMoments[at] / n + floor.Absolute) (floor.Relative * scale.Variances[at % d])

                    note (0.5 * n / total * (moment / c.Covariances[at] - 1.0))
        | CovarianceStructure.Spherical ->
            for k in 0 .. c.Count - 1 do
                let n = s.Cells k

                if n > 0.0 then
                    let moment =
                        max (s.SecondMoments[k] / n + floor.Absolute) (floor.Relative * Array.max scale.Variances)

                    note (0.5 * n / total * (moment / c.Covariances[k] - 1.0))

        worst

    /// The gradient of Σ a log N(x; μ_k, Σ_k) in the coordinates of GaussianVector. With L Lᵀ = Σ, z = L⁻¹(x - μ),
    /// s = Σ a z and W = Σ a z (x - μ)ᵀ: ∂/∂μ = L⁻ᵀ s and ∂/∂L = tril(L⁻ᵀ W) - n diag(1/L).
    let vector (statistics: GaussianStatistics) (c: GaussianComponents) (scale: DataScale) : float[] =
        let s = statistics.CentredOn c.Means
        let d = c.Dimension
        let count = c.Count
        let sd i = sqrt scale.Variances[i]
        let means = Array.zeroCreate<float>(count * d)

        let factor k =
            if c.Structure = CovarianceStructure.Tied then
                c.Factors
            else
                Array.sub c.Factors (k * d * d) (d * d)

        // n and the packed second moments of the rows of one factor
        let factorGradient (l: float[]) (n: float) start : float[] =
            let w = Array.zeroCreate<float>(d * d)

            for i in 0 .. d - 1 do
                for j in 0..i do
                    let value = s.SecondMoments[start + i * (i + 1) / 2 + j]
                    w[i * d + j] <- value
                    w[j * d + i] <- value

            // L⁻ᵀ L⁻¹ S, column by column
            let column = Array.zeroCreate<float> d

            for j in 0 .. d - 1 do
                for i in 0 .. d - 1 do
                    column[i] <- w[i * d + j]

                Cholesky.solveLower d l (Span column)
                Cholesky.solveUpper d l (Span column)

                for i in 0 .. d - 1 do
                    w[i * d + j] <- column[i]

            // times L⁻ᵀ: the rows of the result are L⁻¹ of the rows so far
            for i in 0 .. d - 1 do
                Cholesky.solveLower d l (Span(w, i * d, d))

            [|
                for i in 0 .. d - 1 do
                    for j in 0..i ->
                        if i = j then
                            w[i * d + i] * l[i * d + i] - n
                        else
                            w[i * d + j] * sd i
            |]

        for k in 0 .. count - 1 do
            let residual = Array.sub s.Sums (k * d) d

            match c.Layout with
            | CovarianceStructure.Full
            | CovarianceStructure.Tied
            | CovarianceStructure.Known ->
                let l = factor k
                Cholesky.solveLower d l (Span residual)
                Cholesky.solveUpper d l (Span residual)
            | CovarianceStructure.Diagonal
            | CovarianceStructure.Spherical ->
                for i in 0 .. d - 1 do
                    let precision =
                        c.Factors[if c.Layout = CovarianceStructure.Diagonal then
                                      k * d + i
                                  else
                                      k]

                    residual[i] <- residual[i] * precision * precision

            for i in 0 .. d - 1 do
                means[k * d + i] <- residual[i] * sd i

        let spreads =
            match c.Structure with
            | CovarianceStructure.Full ->
                Array.init count (fun k -> factorGradient (factor k) s.Counts[k] (k * d * (d + 1) / 2))
                |> Array.concat
            | CovarianceStructure.Tied -> factorGradient c.Factors (Array.sum s.Counts) 0
            | CovarianceStructure.Diagonal ->
                Array.init (count * d) (fun at ->
                    s.SecondMoments[at] * c.Factors[at] * c.Factors[at] - s.CountOf(at / d, at % d))
            | CovarianceStructure.Spherical ->
                Array.init count (fun k -> s.SecondMoments[k] * c.Factors[k] * c.Factors[k] - s.Cells k)
            | CovarianceStructure.Known -> [||]

        Array.append means spreads
