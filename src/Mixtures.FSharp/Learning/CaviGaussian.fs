namespace Mixtures

open System

/// Priors of Gaussian components: normal-Wishart, of which Ψ is laid out as the structure's covariances.
[<NoEquality; NoComparison>]
type internal NormalWishartPrior =
    {
        /// K x D.
        Means: float[]
        /// K.
        Strengths: float[]
        /// One for each matrix or variance of the layout.
        Degrees: float[]
        /// In the layout of the covariances.
        Scales: float[]
    }

    member prior.Choose(structure, d, indices: int[]) =
        let pick size (values: float[]) =
            indices |> Array.collect (fun k -> Array.sub values (k * size) size)

        let degrees, scales =
            match structure with
            | CovarianceStructure.Full -> 1, d * d
            | CovarianceStructure.Diagonal -> d, d
            | _ -> 1, 1

        {
            Means = pick d prior.Means
            Strengths = pick 1 prior.Strengths
            Degrees =
                if structure = CovarianceStructure.Tied then
                    prior.Degrees
                else
                    pick degrees prior.Degrees
            Scales =
                if structure = CovarianceStructure.Tied then
                    prior.Scales
                else
                    pick scales prior.Scales
        }

/// The guide of Gaussian components in which mean and precision of a component go together (Bishop 2006, section 10.2;
/// Attias 2000): precisions are Wishart, and means normal given these.
[<Sealed>]
type internal NormalWishartBlock
    (
        family: GaussianFamily,
        scale: DataScale,
        updates: CaviUpdates,
        prior: NormalWishartPrior,
        // the posterior, in the prior's layout
        own: NormalWishartPrior
    ) =
    inherit CaviBlock()
    let structure = family.Structure
    let d = scale.Variances.Length
    let count = own.Strengths.Length
    let columns = float d

    /// The dimension of one matrix.
    let p =
        match structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Tied -> d
        | _ -> 1

    let expected =
        lazy (Array.init own.Scales.Length (fun at -> own.Scales[at] / own.Degrees[at / (p * p)]))

    let components: Lazy<IComponents> =
        lazy (family.Create(count, d, own.Means, expected.Value) :> IComponents)

    /// The matrix or variance of component k's column c.
    let indexOf k c =
        match structure with
        | CovarianceStructure.Tied -> 0
        | CovarianceStructure.Diagonal -> k * d + c
        | _ -> k

    let psi (of': NormalWishartPrior) index =
        ReadOnlySpan(of'.Scales, index * p * p, p * p)

    override _.Components = components.Value

    override _.Offsets =
        Array.init count (fun k ->
            let gaps =
                match updates, structure with
                | ScikitLearn _, _ -> CaviWishart.logGap d own.Degrees[indexOf k 0]
                | Exact, CovarianceStructure.Full
                | Exact, CovarianceStructure.Tied -> CaviWishart.logGap d own.Degrees[indexOf k 0]
                | Exact, _ -> Seq.sum (seq { for c in 0 .. d - 1 -> CaviWishart.logGap 1 own.Degrees[indexOf k c] })

            0.5 * gaps - 0.5 * columns / own.Strengths[k])

    override _.Divergence =
        let precisions =
            Seq.sum (
                seq {
                    for i in 0 .. own.Degrees.Length - 1 ->
                        CaviWishart.divergence p own.Degrees[i] (psi own i) prior.Degrees[i] (psi prior i)
                }
            )

        let means =
            Seq.sum (
                seq {
                    for k in 0 .. count - 1 do
                        let ratio = prior.Strengths[k] / own.Strengths[k]
                        let off = Array.init d (fun c -> own.Means[k * d + c] - prior.Means[k * d + c])

                        // Σ (m - m₀)ᵀ E Λ (m - m₀)
                        let distance =
                            if
                                p = d
                                && structure <> CovarianceStructure.Spherical
                                && structure <> CovarianceStructure.Diagonal
                            then
                                own.Degrees[indexOf k 0] * CaviWishart.quadratic d (psi own (indexOf k 0)) off
                            else
                                Seq.sum (
                                    seq {
                                        for c in 0 .. d - 1 ->
                                            off[c] * off[c] * own.Degrees[indexOf k c] / own.Scales[indexOf k c]
                                    }
                                )

                        0.5 * (columns * (ratio - 1.0 - log ratio) + prior.Strengths[k] * distance)
                }
            )

        precisions + means

    override _.Update statistics =
        let s = statistics :?> GaussianStatistics
        let struct (means, covariances) = family.Moments(s, components.Value, scale)

        let floor =
            match updates with
            | ScikitLearn floor -> floor
            | Exact -> 0.0

        let n = s.Counts
        let strengths = Array.map2 (+) prior.Strengths n

        let off k c =
            means[k * d + c] - prior.Means[k * d + c]

        let pull k =
            prior.Strengths[k] * n[k] / strengths[k]

        let isSklearn = updates <> Exact
        let shares = if isSklearn then float count else 1.0

        /// The covariance of the rows with the floor, at a place of the layout.
        let raised at diagonal =
            if diagonal then
                covariances[at] + floor
            else
                covariances[at]

        let degrees, scales =
            match structure with
            | CovarianceStructure.Full ->
                Array.map2 (+) prior.Degrees n,
                Array.init (count * d * d) (fun at ->
                    let k, i, j = at / (d * d), at / d % d, at % d
                    prior.Scales[at] + n[k] * raised at (i = j) + pull k * off k i * off k j)
            | CovarianceStructure.Tied ->
                let total = Array.sum n

                [| prior.Degrees[0] + total / shares |],
                Array.init (d * d) (fun at ->
                    let i, j = at / d, at % d

                    let between =
                        Seq.sum (seq { for k in 0 .. count - 1 -> pull k * off k i * off k j })

                    prior.Scales[at] + (total * raised at (i = j) + between) / shares)
            | CovarianceStructure.Diagonal ->
                Array.init (count * d) (fun at -> prior.Degrees[at] + n[at / d]),
                Array.init (count * d) (fun at ->
                    let k, c = at / d, at % d
                    prior.Scales[at] + n[k] * raised at true + pull k * off k c * off k c)
            | _ ->
                let each = if isSklearn then 1.0 else columns

                Array.init count (fun k -> prior.Degrees[k] + each * n[k]),
                Array.init count (fun k ->
                    let between = Seq.sum (seq { for c in 0 .. d - 1 -> off k c * off k c })
                    prior.Scales[k] + each * (n[k] * raised k true + pull k * between / columns))

        NormalWishartBlock(
            family,
            scale,
            updates,
            prior,
            {
                Means =
                    Array.init (count * d) (fun at ->
                        let k = at / d
                        (prior.Strengths[k] * prior.Means[at] + n[k] * means[at]) / strengths[k])
                Strengths = strengths
                Degrees = degrees
                Scales = scales
            }
        )

    override _.Choose indices =
        NormalWishartBlock(
            family,
            scale,
            updates,
            prior.Choose(structure, d, indices),
            own.Choose(structure, d, indices)
        )

    override _.PlugIn = components.Value

    override _.Draw stream =
        let drawn =
            if
                p = d
                && (structure = CovarianceStructure.Full || structure = CovarianceStructure.Tied)
            then
                Array.init own.Degrees.Length (fun i ->
                    CaviWishart.sampleCovariance d own.Degrees[i] ((psi own i).ToArray()) stream)
                |> Array.concat
            else
                Array.init own.Degrees.Length (fun i ->
                    1.0 / Gamma.sample (0.5 * own.Degrees[i]) (0.5 * own.Scales[i]) stream)

        let spread = family.Create(count, d, own.Means, drawn) :> IComponents

        let means =
            Array.init count (fun k ->
                // around the guide's mean, with the drawn covariance over the strength
                let row = Array.zeroCreate d
                spread.Sample(k, stream, Span row)

                Array.init d (fun c -> own.Means[k * d + c] + (row[c] - own.Means[k * d + c]) / sqrt own.Strengths[k]))
            |> Array.concat

        family.Create(count, d, means, drawn)

    override _.Posterior =
        let means = Array.init count (fun k -> Array.sub own.Means (k * d) d)

        match structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Tied ->
            NormalWishart(
                means,
                Array.copy own.Strengths,
                Array.copy own.Degrees,
                Array.init own.Degrees.Length (fun i ->
                    let m = (psi own i).ToArray()
                    Array2D.init d d (fun a b -> m[a * d + b]))
            )
        | _ ->
            let per = own.Degrees.Length / count

            NormalGamma(
                means,
                Array.copy own.Strengths,
                Array.init count (fun k -> Array.init per (fun c -> 0.5 * own.Degrees[k * per + c])),
                Array.init count (fun k -> Array.init per (fun c -> 0.5 * own.Scales[k * per + c]))
            )

    /// Student-t components of ν - p + 1 degrees of freedom and scale Ψ (β + 1) / (β (ν - p + 1)); of several columns with a
    /// precision each there is none.
    override _.Predictive =
        if updates <> Exact || structure = CovarianceStructure.Diagonal && d > 1 then
            ValueNone
        else
            let degrees = Array.init count (fun k -> own.Degrees[indexOf k 0] - float p + 1.0)

            let matrices =
                Array.init count (fun k ->
                    let factor = (own.Strengths[k] + 1.0) / (own.Strengths[k] * degrees[k])
                    let source = (psi own (indexOf k 0)).ToArray()

                    Array2D.init d d (fun i j ->
                        if p = d then factor * source[i * d + j]
                        elif i = j then factor * source[0]
                        else 0.0))

            let mixture =
                Families.studentTMixture
                    (Families.studentT CovarianceStructure.Full (DegreesOfFreedom.Fixed degrees[0]))
                    (Array.create count (1.0 / float count))
                    (Array.init count (fun k -> Array.sub own.Means (k * d) d))
                    matrices
                    degrees

            ValueSome mixture.Components

/// The guide of diagonal Gaussian components in which means and precisions are independent: normal and gamma.
[<Sealed>]
type internal IndependentNormalBlock
    (
        family: GaussianFamily,
        scale: DataScale,
        count: int,
        // K x D each: location and variance of the means, shape and rate of the precisions
        prior: struct (float[] * float[] * float[] * float[]),
        own: struct (float[] * float[] * float[] * float[]) voption
    ) =
    inherit CaviBlock()
    let d = scale.Variances.Length
    let struct (l0, v0, a0, b0) = prior
    let struct (l, v, a, b) = own |> ValueOption.defaultValue prior

    let components: Lazy<IComponents> =
        lazy (family.Create(count, d, l, Array.map2 (fun b a -> b / a) b a) :> IComponents)

    let table (values: float[]) =
        Array.init count (fun k -> Array.sub values (k * d) d)

    override _.Components = components.Value

    override _.Offsets =
        Array.init count (fun k ->
            Seq.sum (
                seq {
                    for at in k * d .. k * d + d - 1 ->
                        0.5 * (SpecialFunctions.digamma a[at] - log a[at]) - 0.5 * a[at] / b[at] * v[at]
                }
            ))

    override _.Divergence =
        Seq.sum (
            seq {
                for at in 0 .. count * d - 1 do
                    let shift = l[at] - l0[at]
                    let ratio = v[at] / v0[at]
                    0.5 * (ratio + shift * shift / v0[at] - 1.0 - log ratio)

                    (a[at] - a0[at]) * SpecialFunctions.digamma a[at]
                    - SpecialFunctions.logGamma a[at]
                    + SpecialFunctions.logGamma a0[at]
                    + a0[at] * (log b[at] - log b0[at])
                    + a[at] * (b0[at] - b[at]) / b[at]
            }
        )

    override _.Update statistics =
        let s = statistics :?> GaussianStatistics
        let struct (means, covariances) = family.Moments(s, components.Value, scale)
        let n at = s.Counts[at / d]

        // the first time the precisions are those that the rows' own means would give
        let precision at =
            match own with
            | ValueSome _ -> a[at] / b[at]
            | ValueNone -> (a0[at] + 0.5 * n at) / (b0[at] + 0.5 * n at * covariances[at])

        let variances =
            Array.init (count * d) (fun at -> 1.0 / (1.0 / v0[at] + precision at * n at))

        let locations =
            Array.init (count * d) (fun at -> variances[at] * (l0[at] / v0[at] + precision at * n at * means[at]))

        let shapes = Array.init (count * d) (fun at -> a0[at] + 0.5 * n at)

        let rates =
            Array.init (count * d) (fun at ->
                let off = means[at] - locations[at]
                b0[at] + 0.5 * n at * (covariances[at] + off * off + variances[at]))

        IndependentNormalBlock(family, scale, count, prior, ValueSome(struct (locations, variances, shapes, rates)))

    override _.Choose indices =
        let pick (values: float[]) =
            indices |> Array.collect (fun k -> Array.sub values (k * d) d)

        IndependentNormalBlock(
            family,
            scale,
            indices.Length,
            struct (pick l0, pick v0, pick a0, pick b0),
            ValueSome(struct (pick l, pick v, pick a, pick b))
        )

    override _.PlugIn = components.Value

    override _.Draw stream =
        let variances =
            Array.init (count * d) (fun at -> 1.0 / Gamma.sample a[at] b[at] stream)

        let means =
            Array.init (count * d) (fun at -> l[at] + sqrt v[at] * stream.NextNormal())

        family.Create(count, d, means, variances)

    override _.Posterior =
        IndependentNormalGamma(table l, table (Array.map sqrt v), table a, table b)

    override _.Predictive = ValueNone
