namespace Mixtures

open System

/// Levels 0 … L - 1, by their probabilities; the reals are log-ratios to the first level's. The levels may have names.
[<Sealed>]
type internal CategoricalColumn(levels: int, names: string[]) =
    inherit ColumnFamily()

    let bound (probabilities: float[]) =
        let raised = probabilities |> Array.map (max ColumnMath.Least)
        let total = Array.sum raised
        raised |> Array.map (fun p -> p / total)

    /// 0, then the reals: logits of all levels.
    let logits (reals: Tensor[]) = Array.append [| reals[0] * 0.0 |] reals

    new(levels) = CategoricalColumn(levels, [||])

    member _.Levels = levels

    /// The names of the levels; none where they are known by their codes only.
    member _.Names = names

    override _.Parameters =
        Array.init levels (fun l ->
            if names.Length = 0 then
                $"probability[{l}]"
            else
                $"probability[{names[l]}]")

    override _.Sites = [| struct ("probabilities", Support.Simplex levels) |]

    override _.Conjugate =
        ValueSome(
            struct ("dirichlet",
                    (fun p ->
                        let more = p[0] |> Array.map (fun a -> a - 1.0)
                        struct (Array.sum more, more)))
        )

    override _.RealsOfSites values =
        let logs = Tensor.log values[0]
        let first = Tensor.select -1 0 logs
        Array.init (levels - 1) (fun l -> Tensor.select -1 (l + 1) logs - first)

    override column.SitesOfReals reals =
        [| Tensor.stack -1 (column.Stated reals) |]

    override _.Reals = Array.init (levels - 1) (fun l -> $"log-ratio {l + 1}")
    override _.Features = levels

    override _.Expected =
        if names.Length = 0 then
            $"a level from 0 to {levels - 1}"
        else
            $"the code of a level, from 0 to {levels - 1} ({LevelNames.show names})"

    override _.Contains value =
        Whole.isCount value && value < float levels

    override _.FillFeatures(_, values, strips, stride) =
        for l in 0 .. levels - 1 do
            let strip = strips.Slice(l * stride, values.Length)
            let level = float l

            for i in 0 .. values.Length - 1 do
                strip[i] <- if values[i] = level then 1.0 else 0.0

    override _.Natural(stated, slopes) =
        for l in 0 .. levels - 1 do
            slopes[l] <- log stated[l]

        0.0

    override _.Estimate(means, _, _) = bound means

    override _.At(point, _, _) =
        // half of it uniform, the rest on the levels next to the point
        let at = Math.Clamp(point, 0.0, float (levels - 1))

        Array.init levels (fun l ->
            let near = max 0.0 (1.0 - abs (float l - at))
            0.5 / float levels + 0.5 * near)
        |> bound

    override _.ToReals stated =
        Array.init (levels - 1) (fun l -> log (stated[l + 1] / stated[0]))

    override _.OfReals reals =
        let logits = Array.zeroCreate levels

        for l in 1 .. levels - 1 do
            logits[l] <- reals[l - 1]

        let total = LogSumExp.ofArray logits
        logits |> Array.map (fun l -> exp (l - total)) |> bound

    override _.Gradient(stated, n, sums) =
        let gradient = Array.zeroCreate (levels - 1)

        for l in 1 .. levels - 1 do
            gradient[l - 1] <- sums[l] - n * stated[l]

        gradient

    override _.Information stated =
        Array.init (levels - 1) (fun l -> stated[l + 1] * (1.0 - stated[l + 1]))

    override _.Density(reals, values) =
        let all = logits reals

        let terms =
            all
            |> Array.mapi (fun l logit -> Tensor.eq values (Tensor.scalar (float l)) * logit)

        Array.reduce (+) terms - Tensor.logsumexp 0 (Tensor.stack 0 all)

    override _.Stated reals =
        let all = logits reals
        let total = Tensor.logsumexp 0 (Tensor.stack 0 all)
        all |> Array.map (fun logit -> Tensor.exp (logit - total))

    override _.LogDensity(stated, value) = log stated[int value]

    override _.Sample(stated, stream) =
        float (stream.NextIndex(ReadOnlySpan stated))

    override _.Mean stated =
        stated |> Seq.mapi (fun l p -> float l * p) |> Seq.sum

    override column.Variance stated =
        let mean = column.Mean stated

        stated
        |> Seq.mapi (fun l p -> (float l - mean) * (float l - mean) * p)
        |> Seq.sum

    override _.Entropy stated =
        -(stated |> Array.sumBy (fun p -> if p = 0.0 then 0.0 else p * log p))

    override _.Cdf(stated, value) =
        stated |> Seq.mapi (fun l p -> if float l <= value then p else 0.0) |> Seq.sum

    override _.Check stated =
        Parameter.simplex "probabilities" stated
