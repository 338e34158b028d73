namespace Mixtures

/// The guide of Bernoulli components: probabilities are beta.
[<Sealed>]
type internal BetaBlock
    (family: BernoulliFamily, count: int, d: int, prior: struct (float[] * float[]), own: struct (float[] * float[])) =
    inherit CaviBlock()
    let struct (a0, b0) = prior
    let struct (a, b) = own
    let digamma = SpecialFunctions.digamma

    // x E log p + (1 - x) E log (1 - p): log-odds whose own constant the offsets replace
    let logits = Array.map2 (fun a b -> digamma a - digamma b) a b

    let components: Lazy<IComponents> = lazy (family.OfLogits(count, d, logits))

    let table (values: float[]) =
        Array.init count (fun k -> Array.sub values (k * d) d)

    let means () = Array.map2 (fun a b -> a / (a + b)) a b

    override _.Components = components.Value

    override _.Offsets =
        // as the components hold the log-odds, which are bounded
        let held = (components.Value :?> BernoulliComponents).Logits

        Array.init count (fun k ->
            Seq.sum (
                seq {
                    for at in k * d .. k * d + d - 1 ->
                        digamma b[at] - digamma (a[at] + b[at])
                        + max 0.0 held[at]
                        + SpecialFunctions.log1p (exp -(abs held[at]))
                }
            ))

    override _.Divergence =
        let logBeta a b =
            SpecialFunctions.logGamma a + SpecialFunctions.logGamma b
            - SpecialFunctions.logGamma (a + b)

        Seq.sum (
            seq {
                for at in 0 .. count * d - 1 do
                    let total = digamma (a[at] + b[at])

                    logBeta a0[at] b0[at] - logBeta a[at] b[at]
                    + (a[at] - a0[at]) * (digamma a[at] - total)
                    + (b[at] - b0[at]) * (digamma b[at] - total)
            }
        )

    override _.Update statistics =
        let s = statistics :?> BernoulliStatistics
        let n at = s.CountOf(at / d, at % d)

        BetaBlock(
            family,
            count,
            d,
            prior,
            struct (Array.init (count * d) (fun at -> a0[at] + s.Sums[at]),
                    Array.init (count * d) (fun at -> b0[at] + max 0.0 (n at - s.Sums[at])))
        )

    override _.Choose indices =
        let pick (values: float[]) =
            indices |> Array.collect (fun k -> Array.sub values (k * d) d)

        BetaBlock(family, indices.Length, d, struct (pick a0, pick b0), struct (pick a, pick b))

    override _.PlugIn = family.Create(count, d, means ())

    override _.Draw stream =
        family.Create(count, d, Array.map2 (fun a b -> Beta.sample a b stream) a b)

    override _.Posterior = BetaProbabilities(table a, table b)

    // the posterior mean is the predictive probability
    override this.Predictive = ValueSome this.PlugIn

/// The guide of categorical components: the probabilities of each column's levels are Dirichlet.
[<Sealed>]
type internal DirichletBlock(like: IndependentComponents, count: int, prior: float[][], own: float[][]) =
    inherit CaviBlock()
    let columns = like.Columns
    let d = columns.Length

    let create (probabilities: float[][]) : IComponents =
        IndependentComponents((fun c -> IndependentFamily.Of("categorical", c)), columns, count, probabilities)

    /// exp E log p of each level, and the logarithm of their sum.
    let expected =
        lazy
            (own
             |> Array.map (fun alpha ->
                 let total = SpecialFunctions.digamma (Array.sum alpha)
                 let logs = alpha |> Array.map (fun a -> SpecialFunctions.digamma a - total)
                 let norm = LogSumExp.ofArray logs
                 struct (logs |> Array.map (fun l -> exp (l - norm)), norm)))

    let components =
        lazy (create (expected.Value |> Array.map (fun struct (p, _) -> p)))

    let mean (alpha: float[]) =
        let total = Array.sum alpha
        alpha |> Array.map (fun a -> a / total)

    override _.Components = components.Value

    override _.Offsets =
        Array.init count (fun k ->
            Seq.sum (
                seq {
                    for c in 0 .. d - 1 do
                        let struct (_, norm) = expected.Value[k * d + c]
                        norm
                }
            ))

    override _.Divergence =
        Seq.map2 (fun alpha0 alpha -> WeightsPosterior.divergence alpha0 (DirichletWeights alpha)) prior own
        |> Seq.sum

    override _.Update statistics =
        let s = statistics :?> ExponentialStatistics
        let starts = Array.scan (+) 0 s.Features
        let length = starts[d]

        DirichletBlock(
            like,
            count,
            prior,
            Array.init (count * d) (fun at ->
                let k, c = at / d, at % d
                Array.mapi (fun level a -> a + s.Sums[k * length + starts[c] + level]) prior[at])
        )

    override _.Choose indices =
        let pick (values: float[][]) =
            indices |> Array.collect (fun k -> Array.sub values (k * d) d)

        DirichletBlock(like, indices.Length, pick prior, pick own)

    override _.PlugIn = create (own |> Array.map mean)

    override _.Draw stream =
        create (own |> Array.map (fun alpha -> Dirichlet.sample alpha stream))

    override _.Posterior =
        DirichletProbabilities(Array.init count (fun k -> Array.init d (fun c -> Array.copy own[k * d + c])))

    override this.Predictive = ValueSome this.PlugIn
