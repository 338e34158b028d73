namespace Mixtures

open System

/// Which rows and draws one evaluation of the evidence lower bound takes.
[<NoEquality; NoComparison>]
type internal ElboPlan =
    {
        /// The rows; none for all of them.
        Rows: int[] voption
        /// How many draws, or pairs of draws.
        Draws: int
        /// Whether each row has draws of its own.
        IsPerRow: bool
        /// Whether each draw has an antithetic partner.
        IsAntithetic: bool
        Key: RandomKey
    }

/// The evidence lower bound E log p(data, values) - E log q(values) of a guide, by draws and, where there are any, closed
/// forms: a factor whose site has a prior of its own family enters by their divergence, others by their entropy. Sums over
/// rows of a batch are scaled to all rows. Nats.
[<Sealed>]
type internal Elbo(model: BayesianModel, guide: Guide, threads: int) =
    let sites = model.Sites
    let rowCount = model.RowCount

    /// The most rows with draws of their own that are evaluated at a time: their tensors stay in cache.
    let mostRows = 512

    let values = model.DrawStart((RandomKey.ofSeed 0).Stream())
    let example = guide.Around values

    /// For each factor the prior that it has a closed divergence from.
    let priors =
        guide.Layout
        |> Array.map (fun struct (factor, first, places) ->
            if factor.IsFree then
                ValueNone
            else
                match model.PriorOf sites[places[0]].Name with
                | ValueNone -> ValueNone
                | ValueSome prior ->
                    let q = factor.Make(Array.sub example first factor.Parameters.Length)

                    if (q.KullbackLeibler prior).IsSome then
                        ValueSome prior
                    else
                        ValueNone)

    /// Whether the priors of sites are all that there is, and all in closed form.
    let allClosed =
        priors |> Array.forall _.IsSome
        && model.Parts.PriorTerms values
           |> List.forall (fun (name, _) -> sites |> Array.exists (fun site -> site.Name = name))

    let sum (terms: Tensor seq) =
        terms
        |> Seq.fold (fun total (t: Tensor) -> total + Tensor.sum t) (Tensor.scalar 0.0)

    /// What needs no draws: minus divergences, plus entropies.
    let closed (parameters: Tensor[]) =
        guide.Layout
        |> Array.mapi (fun i struct (factor, first, _) ->
            let q = factor.Make(Array.sub parameters first factor.Parameters.Length)

            match priors[i] with
            | ValueSome prior -> -(Tensor.sum (Distribution.kullbackLeibler q prior))
            | ValueNone ->
                match q.Entropy with
                | ValueSome entropy -> Tensor.sum entropy
                | ValueNone -> Tensor.scalar 0.0)
        |> sum

    /// What one draw adds of priors and Jacobians, but for the sites whose divergence is closed.
    let ofPrior (values: Tensor[]) (drawn: Guide.Drawn[]) =
        let own =
            guide.Layout
            |> Array.mapi (fun i struct (_, _, places) ->
                match priors[i] with
                | ValueSome prior -> -(Tensor.sum (prior.LogDensity values[places[0]]))
                | ValueNone ->
                    let jacobian =
                        drawn[i].LogDeterminant |> ValueOption.defaultValue (Tensor.scalar 0.0)

                    if drawn[i].Distribution.Entropy.IsSome then
                        jacobian
                    else
                        jacobian - Tensor.sum (drawn[i].Distribution.LogDensity drawn[i].Draw))

        model.LogPrior values + sum own

    let stream isMirrored (key: RandomKey) =
        if isMirrored then key.AntitheticStream() else key.Stream()

    /// The evaluations of a plan, each a function of the parameters, whose values add up to the bound.
    let units (plan: ElboPlan) : (Tensor[] -> Tensor)[] =
        let mirrors = if plan.IsAntithetic then [| false; true |] else [| false |]
        let share = 1.0 / float (plan.Draws * mirrors.Length)

        let rows =
            match plan.Rows with
            | ValueSome rows -> rows
            | ValueNone -> if plan.IsPerRow then Array.init rowCount id else [||]

        let scale =
            match plan.Rows with
            | ValueSome rows -> share * float rowCount / float rows.Length
            | ValueNone -> share

        let draws =
            [|
                for i in 0 .. plan.Draws - 1 do
                    for isMirrored in mirrors do
                        struct (plan.Key.Child i, isMirrored)
            |]

        // one draw for all rows, and the priors' terms
        let shared (key: RandomKey) isMirrored (parameters: Tensor[]) =
            let struct (values, drawn) =
                Guide.drawFrom ValueNone guide parameters (stream isMirrored (key.Child 0))

            let prior =
                if allClosed then
                    Tensor.scalar 0.0
                else
                    share * ofPrior values drawn

            if plan.IsPerRow then
                prior
            else
                let likelihood =
                    match plan.Rows with
                    | ValueSome rows -> model.LogLikelihoodOf rows values
                    | ValueNone -> model.LogLikelihood values

                prior + scale * likelihood

        let perRow (key: RandomKey) isMirrored chunk (some: int[]) (parameters: Tensor[]) =
            let struct (values, _) =
                Guide.drawFrom (ValueSome some.Length) guide parameters (stream isMirrored (key.Child(1 + chunk)))

            scale * model.LogLikelihoodOf some values

        [|
            closed

            if not (plan.IsPerRow && allClosed) then
                for struct (key, isMirrored) in draws do
                    shared key isMirrored

            if plan.IsPerRow then
                // a few pieces even of a small batch, so that threads share it
                let size = min mostRows (max 64 ((rows.Length + 3) / 4))
                let chunks = Array.chunkBySize size rows

                for struct (key, isMirrored) in draws do
                    for chunk in 0 .. chunks.Length - 1 do
                        perRow key isMirrored chunk chunks[chunk]
        |]

    /// Whether every site's prior meets a closed divergence, so that no prior is drawn from.
    member _.IsClosed = allClosed

    /// A noisy value of the bound at the parameters that split makes of numbers, and its gradient by the numbers.
    member _.ValueAndGradient
        (plan: ElboPlan)
        (split: Tensor -> Tensor[])
        (numbers: float[])
        : struct (float * float[]) =
        let all = units plan
        let results = Array.zeroCreate<struct (float * float[])> all.Length
        let x = Tensor.ofArray numbers

        ParallelFold.run threads all.Length (fun _ i ->
            let struct (value, gradient) = Tensor.valueAndGrad (fun p -> all[i](split p)) x
            results[i] <- struct (value.ToScalar(), gradient.ToArray()))

        let mutable total = 0.0
        let gradient = Array.zeroCreate numbers.Length

        for struct (value, part) in results do
            total <- total + value
            Vectors.add 1.0 part gradient

        struct (total, gradient)

    /// A noisy value of the bound.
    member _.Value (plan: ElboPlan) (parameters: Tensor[]) : float =
        units plan |> Array.sumBy (fun f -> (f parameters).ToScalar())

    /// The bound and its Monte Carlo standard error, from so many draws (or pairs) for each row, in parallel.
    member elbo.Estimate (plan: ElboPlan) (parameters: Tensor[]) : struct (float * float) =
        let values = Array.zeroCreate plan.Draws

        ParallelFold.run threads plan.Draws (fun _ i ->
            values[i] <-
                elbo.Value
                    { plan with
                        Draws = 1
                        Key = plan.Key.Child i
                    }
                    parameters)

        let n = float values.Length
        let mean = Array.average values

        let error =
            if values.Length < 2 then
                nan
            else
                sqrt ((values |> Array.sumBy (fun v -> (v - mean) * (v - mean))) / (n * (n - 1.0)))

        struct (mean, error)

    /// log p(values, data) - log q(values) of draws, the logarithms of importance weights: of so many, or of fewer, but at
    /// least 1000, where these would evaluate more than four million rows.
    member _.LogWeights (most: int) (key: RandomKey) (parameters: Tensor[]) : float[] =
        let count = min most (max 1000 (4000000 / max 1 rowCount))
        let result = Array.zeroCreate count

        ParallelFold.run threads count (fun _ i ->
            let struct (values, drawn) =
                Guide.drawFrom ValueNone guide parameters ((key.Child i).Stream())

            let ratio =
                model.LogPrior values + model.LogLikelihood values - Guide.logDensityOf drawn

            result[i] <- ratio.ToScalar())

        result

    /// Raises ArgumentException unless rows can have draws of their own: the model's log-likelihood of some rows, of
    /// values with a leading axis of as many draws, must be the sum over rows under their own draws.
    member _.RequirePerRow(parameters: Tensor[]) =
        let refuse reason =
            invalidArg
                "DrawsPerRow"
                $"expected a model whose log-likelihood takes one draw for each row ({reason}): write the program so that sites may have a leading axis, or use the same draws for all rows"

        if rowCount = 0 then
            refuse "its data have no common rows"

        let count = min 3 rowCount
        let some = Array.init count id

        let struct (values, _) =
            Guide.drawFrom (ValueSome count) guide parameters ((RandomKey.ofSeed 5).Stream())

        let alone =
            some
            |> Array.sumBy (fun i ->
                let own = values |> Array.map (Tensor.select 0 i)
                (model.LogLikelihoodOf [| i |] own).ToScalar())

        let together =
            try
                (model.LogLikelihoodOf some values).ToScalar()
            with :? ArgumentException as e ->
                refuse (Wording.sentence e)

        if not (abs (together - alone) <= 1e-8 * (1.0 + abs alone)) then
            refuse $"of {count} rows, expected {Wording.short alone}, received {Wording.short together}"

    /// The term of the log joint density that is not finite under some draw, and what it is.
    member _.Culprit (key: RandomKey) (parameters: Tensor[]) : string =
        let found =
            Seq.init 64 (fun i ->
                let struct (values, drawn) =
                    Guide.drawFrom ValueNone guide parameters ((key.Child i).Stream())

                let term =
                    model.Terms values
                    |> List.tryFind (fun (_, value) -> not (Double.IsFinite value))
                    |> Option.map (fun (name, value) -> $"the term of {name} is {Wording.number value}")

                match term with
                | Some text -> Some text
                | None ->
                    let density = (Guide.logDensityOf drawn).ToScalar()

                    if Double.IsFinite density then
                        None
                    else
                        Some $"the guide's own log-density is {Wording.number density}")
            |> Seq.tryPick id

        found |> Option.defaultValue "its gradient is not finite"
