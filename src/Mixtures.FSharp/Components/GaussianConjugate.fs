namespace Mixtures

/// The M-step of Gaussian components under conjugate priors, from the unpenalised one: means under a normal prior given the
/// spread before, and the spread given these means (expectation-conditional-maximisation, Meng & Rubin 1993); or both at
/// once under a normal-inverse-Wishart prior.
[<RequireQualifiedAccess>]
module internal GaussianConjugate =

    /// What a spread's prior adds: the new spread is (prior + scatter) / (rows + this), scatter about the new mean.
    [<NoEquality; NoComparison>]
    type private SpreadPrior =
        {
            /// Added to the scatter: numbers in the layout of the covariances.
            Scatter: float[]
            /// Added to the rows: one number for each matrix or variance.
            Rows: float[]
        }

    let private isMatrix structure =
        structure = CovarianceStructure.Full || structure = CovarianceStructure.Tied

    /// Squares L Lᵀ of lower factors side by side, or their inverses.
    let private products d (factors: float[]) inverted =
        Array.init (factors.Length / (d * d)) (fun m ->
            let l = Array.sub factors (m * d * d) (d * d)

            if inverted then
                let identity = Array.init (d * d) (fun at -> if at / d = at % d then 1.0 else 0.0)

                // (L Lᵀ)⁻¹ = L⁻ᵀ L⁻¹, column by column
                let columns =
                    Array.init d (fun i ->
                        let column = Array.init d (fun j -> identity[j * d + i])
                        Cholesky.solveLower d l (System.Span column)
                        Cholesky.solveUpper d l (System.Span column)
                        column)

                Array.init (d * d) (fun at -> columns[at % d].[at / d])
            else
                Array.init (d * d) (fun at ->
                    Seq.sum (seq { for j in 0 .. d - 1 -> l[at / d * d + j] * l[at % d * d + j] })))
        |> Array.concat

    /// The M-step; ml gives means and covariances of greatest expected log-likelihood, and create makes components.
    let step
        (structure: CovarianceStructure)
        (count: int)
        (d: int)
        (priors: (string * IDistribution) list)
        (ml: GaussianStatistics -> GaussianComponents -> DataScale -> struct (float[] * float[]))
        (create: float[] -> float[] -> GaussianStatistics -> DataScale -> Floor -> IComponents)
        : GaussianStatistics -> GaussianComponents -> DataScale -> Floor -> IComponents =
        let numbers = ConjugatePriors.numbers

        let spreads =
            if isMatrix structure then
                [ "covariances"; "precision_matrices" ]
                @ (if d = 1 then [ "variances"; "precisions" ] else [])
            elif structure = CovarianceStructure.Known then
                []
            else
                [ "variances"; "precisions" ]

        ConjugatePriors.onlyOf
            ([ "means" ]
             @ spreads
             @ (if structure = CovarianceStructure.Full then
                    [ "components" ]
                else
                    []))
            priors

        let batch =
            match structure with
            | CovarianceStructure.Tied -> [||]
            | CovarianceStructure.Diagonal -> [| count; d |]
            | _ -> [| count |]

        let meansPrior =
            match ConjugatePriors.find "means" priors with
            | None -> ValueNone
            | Some(_, prior) when prior.Name = "normal" ->
                ValueSome(
                    struct (numbers [| count; d |] prior.Parameters[0],
                            numbers [| count; d |] prior.Parameters[1] |> Array.map (fun s -> 1.0 / (s * s)))
                )
            | Some(name, prior) -> ConjugatePriors.refuse name prior "a normal distribution"

        let joint =
            match ConjugatePriors.find "components" priors with
            | None -> ValueNone
            | Some(_, prior) when prior.Name = "normal-inverse-wishart" ->
                ValueSome(
                    struct (numbers [| count; d |] prior.Parameters[0],
                            numbers [| count |] prior.Parameters[1],
                            numbers [| count |] prior.Parameters[2],
                            products d (numbers [| count; d; d |] prior.Parameters[3]) false)
                )
            | Some(name, prior) -> ConjugatePriors.refuse name prior "a normal-inverse-Wishart distribution"

        let spreadPrior =
            match spreads |> List.tryPick (fun name -> ConjugatePriors.find name priors) with
            | None -> ValueNone
            | Some(name, prior) ->
                let parameter i own =
                    numbers (Array.append batch own) prior.Parameters[i]

                match ParameterSites.localName name, prior.Name with
                | "covariances", "inverse-wishart" ->
                    ValueSome
                        {
                            Scatter = products d (parameter 1 [| d; d |]) false
                            Rows = parameter 0 [||] |> Array.map (fun nu -> nu + float d + 1.0)
                        }
                | "precision_matrices", "wishart" ->
                    ValueSome
                        {
                            Scatter = products d (parameter 1 [| d; d |]) true
                            Rows = parameter 0 [||] |> Array.map (fun nu -> nu - float d - 1.0)
                        }
                | "variances", "inverse-gamma" ->
                    ValueSome
                        {
                            Scatter = parameter 1 [||] |> Array.map (fun b -> 2.0 * b)
                            Rows = parameter 0 [||] |> Array.map (fun a -> 2.0 * (a + 1.0))
                        }
                | "precisions", "gamma" ->
                    ValueSome
                        {
                            Scatter = parameter 1 [||] |> Array.map (fun b -> 2.0 * b)
                            Rows = parameter 0 [||] |> Array.map (fun a -> 2.0 * (a - 1.0))
                        }
                | "covariances", _ -> ConjugatePriors.refuse name prior "an inverse-Wishart distribution"
                | "precision_matrices", _ -> ConjugatePriors.refuse name prior "a Wishart distribution"
                | "variances", _ -> ConjugatePriors.refuse name prior "an inverse-gamma distribution"
                | _ -> ConjugatePriors.refuse name prior "a gamma distribution"

        /// The inverse of component k's covariance before.
        let precisionOf (before: GaussianComponents) k : float[] =
            let c = (before :> IComponents).Covariance k
            let flat = Array.init (d * d) (fun at -> c[at / d, at % d])

            match Cholesky.tryFactor d (System.ReadOnlySpan flat) with
            | ValueSome l -> products d l true
            | ValueNone -> invalidArg (nameof before) "expected positive definite covariances, received one that is not"

        /// (Λ N + diag(1/s²)) μ = Λ N x̄ + m/s², given the covariance before.
        let meanUnder
            (s: GaussianStatistics)
            (before: GaussianComponents)
            (ml: float[])
            (centres: float[])
            (weights: float[])
            k
            =
            let precision = precisionOf before k
            let n = s.Counts[k]

            let matrix =
                Array.init (d * d) (fun at ->
                    n * precision[at] + (if at / d = at % d then weights[k * d + at / d] else 0.0))

            let right =
                Array.init d (fun i ->
                    let mutable sum = weights[k * d + i] * centres[k * d + i]

                    for j in 0 .. d - 1 do
                        sum <- sum + n * precision[i * d + j] * ml[k * d + j]

                    sum)

            match Cholesky.tryFactor d (System.ReadOnlySpan matrix) with
            | ValueSome l ->
                Cholesky.solveLower d l (System.Span right)
                Cholesky.solveUpper d l (System.Span right)
                right
            | ValueNone -> Array.sub ml (k * d) d

        fun s before scale floor ->
            let struct (own, covariances) = ml s before scale

            if s.ColumnCounts.Length > 0 then
                invalidArg
                    "priors"
                    "EM takes priors of Gaussian parameters for rows without missing values only: fit by gradient (MAP)"

            match joint with
            | ValueSome(struct (centres, strengths, degrees, scatters)) ->
                let means =
                    Array.init (count * d) (fun at ->
                        let k = at / d
                        let n, kappa = s.Counts[k], strengths[k]
                        let mean = if n > 0.0 then own[at] else centres[at]
                        (kappa * centres[at] + n * mean) / (kappa + n))

                let spread =
                    Array.init (count * d * d) (fun at ->
                        let k, i, j = at / (d * d), at / d % d, at % d
                        let n, kappa = s.Counts[k], strengths[k]
                        let off i = own[k * d + i] - centres[k * d + i]

                        let scatter =
                            if n > 0.0 then
                                n * covariances[at] + kappa * n / (kappa + n) * off i * off j
                            else
                                0.0

                        (scatters[at] + scatter) / (degrees[k] + n + float d + 2.0))

                create means spread s scale floor
            | ValueNone ->
                let means =
                    match meansPrior with
                    | ValueNone -> own
                    | ValueSome(struct (centres, weights)) ->
                        Array.init count (fun k -> meanUnder s before own centres weights k)
                        |> Array.concat

                // scatter about the new means, in the layout of the covariances
                let off k i = own[k * d + i] - means[k * d + i]

                let struct (scatter, rows) =
                    match structure with
                    | CovarianceStructure.Known -> struct ([||], [||])
                    | CovarianceStructure.Full ->
                        struct (Array.init (count * d * d) (fun at ->
                                    let k, i, j = at / (d * d), at / d % d, at % d
                                    s.Counts[k] * (covariances[at] + off k i * off k j)),
                                s.Counts)
                    | CovarianceStructure.Tied ->
                        let total = Array.sum s.Counts

                        struct (Array.init (d * d) (fun at ->
                                    let shift =
                                        Seq.sum (
                                            seq {
                                                for k in 0 .. count - 1 ->
                                                    s.Counts[k] * off k (at / d) * off k (at % d)
                                            }
                                        )

                                    total * covariances[at] + shift),
                                [| total |])
                    | CovarianceStructure.Diagonal ->
                        struct (Array.init (count * d) (fun at ->
                                    let shift = off (at / d) (at % d)
                                    s.Counts[at / d] * (covariances[at] + shift * shift)),
                                Array.init (count * d) (fun at -> s.Counts[at / d]))
                    | CovarianceStructure.Spherical ->
                        struct (Array.init count (fun k ->
                                    let shift = Seq.sum (seq { for i in 0 .. d - 1 -> off k i * off k i })

                                    s.Counts[k] * (float d * covariances[k] + shift)),
                                s.Counts |> Array.map (fun n -> float d * n))

                let size = if rows.Length = 0 then 1 else scatter.Length / rows.Length

                let spread =
                    Array.init scatter.Length (fun at ->
                        let m = at / size

                        match spreadPrior with
                        | ValueSome prior ->
                            let all = rows[m] + prior.Rows[m]
                            // an improper mode of no rows stays where it was
                            if all > 0.0 then
                                (prior.Scatter[at] + scatter[at]) / all
                            else
                                covariances[at]
                        | ValueNone ->
                            if rows[m] > 0.0 then
                                scatter[at] / rows[m]
                            else
                                covariances[at])

                create
                    means
                    (if structure = CovarianceStructure.Known then
                         covariances
                     else
                         spread)
                    s
                    scale
                    floor
