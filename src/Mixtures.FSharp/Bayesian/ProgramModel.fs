namespace Mixtures

open System.Collections.Generic

/// How programs are run to find their sites, to take their log-densities and to predict.
[<RequireQualifiedAccess>]
module internal ProgramRuns =

    /// A mixture's distribution; weights are at least a tiny number, so that their logarithms are numbers.
    let mixture (weights: Tensor) components =
        MixtureDistribution.ofBatch (Tensor.log weights) components

    /// The value's shape: the prior's batch, then a value's own axes.
    let private shapeOf (prior: IDistribution) =
        Array.append prior.BatchShape prior.EventShape

    /// The observeds rows: their first axis, where a row has as many axes as a draw or one more than the batch's last.
    let private rowsOf (data: Tensor) =
        if data.Rank = 0 then 0 else data.Dims[0]

    /// Sites drawn from their priors, in the order of the program.
    [<Sealed>]
    type Discovery(stream: RandomStream) =
        inherit ProgramRun()
        let names = HashSet<string>()
        let sites = ResizeArray<Site>()
        let priors = ResizeArray<IDistribution>()
        let values = ResizeArray<Tensor>()
        let rows = ResizeArray<int>()
        let observed = ResizeArray<ObservedData>()

        let add name =
            if System.String.IsNullOrWhiteSpace name then
                invalidArg (nameof name) "expected a name for each site and observation, received an empty one"

            if not (names.Add name) then
                invalidArg
                    (nameof name)
                    $"expected each site and observation to have a name of its own, received {name} twice"

        let observe name (data: Tensor) =
            rows.Add(rowsOf data)

            observed.Add
                {
                    Name = name
                    Columns =
                        if data.Rank < 2 then
                            [| name |]
                        else
                            Array.init data.Dims[data.Rank - 1] (fun j -> $"{name}[{j + 1}]")
                    Values = data
                }

        member _.Sites = sites.ToArray()
        member _.Priors = priors.ToArray()
        member _.Values = values.ToArray()

        /// The common number of rows, or 0.
        member _.Rows =
            match Seq.distinct rows |> Seq.toList with
            | [ one ] -> one
            | _ -> 0

        override _.Latent(name, prior) =
            add name

            if Support.isDiscrete prior.Support then
                invalidArg
                    (nameof prior)
                    $"the site {name}: expected a prior over a continuum, received a {prior.Name} distribution; sum discrete quantities out (observeMixture does)"

            sites.Add(Site.create name (shapeOf prior) prior.Support)
            priors.Add prior
            let value = prior.Sample stream
            values.Add value
            value

        /// The data by observation.
        member _.Observed = List.ofSeq observed

        override _.Observe(name, _, data) =
            add name
            observe name data

        override _.ObserveMixture(name, _, _, data) =
            add name
            observe name data

        override _.Factor(name, _) = add name

    /// Log-densities at given values, of all rows or of some; the priors of marked sites (all are taken where there are no
    /// marks) are left out.
    [<Sealed>]
    type Density(sites: Site[], values: Tensor[], rows: int[] voption, skipped: bool[]) =
        inherit ProgramRun()
        let priors = ResizeArray<struct (string * Tensor)>()
        let likelihoods = ResizeArray<struct (string * Tensor)>()
        let mutable next = 0

        let chosen (data: Tensor) =
            match rows with
            | ValueNone -> data
            | ValueSome rows -> Tensor.indexSelect 0 rows data

        let named (terms: ResizeArray<struct (string * Tensor)>) =
            [ for struct (name, term) in terms -> name, term ]

        member _.Priors = named priors
        member _.Likelihoods = named likelihoods

        override _.Latent(name, prior) =
            if next >= sites.Length || sites[next].Name <> name then
                invalidOp
                    $"The program asked for the site {name} where another run of it did not: its sites must be the same, in the same order, whatever their values."

            let value = values[next]

            if skipped.Length = 0 || not skipped[next] then
                priors.Add(struct (name, Tensor.sum (prior.LogDensity value)))

            next <- next + 1
            value

        override _.Observe(name, distribution, data) =
            likelihoods.Add(struct (name, Tensor.sum (distribution.LogDensity(chosen data))))

        override _.ObserveMixture(name, weights, components, data) =
            likelihoods.Add(struct (name, Tensor.sum ((mixture weights components).LogDensity(chosen data))))

        override _.Factor(name, value) =
            // a term of the model, not of rows
            priors.Add(struct (name, Tensor.sum value))

    /// log p(row | values) of the data's rows, or of some: N numbers. Every observation is one of rows.
    [<Sealed>]
    type RowDensity(values: Tensor[], count: int, rows: int[] voption) =
        inherit ProgramRun()
        let mutable next = 0

        let sums =
            Array.zeroCreate<float>(
                match rows with
                | ValueSome rows -> rows.Length
                | ValueNone -> count
            )

        let add (distribution: IDistribution) (data: Tensor) =
            let chosen =
                match rows with
                | ValueNone -> data
                | ValueSome rows -> Tensor.indexSelect 0 rows data

            let logs = (distribution.LogDensity chosen).ToArray()
            let each = logs.Length / sums.Length

            for i in 0 .. logs.Length - 1 do
                sums[i / each] <- sums[i / each] + logs[i]

        member _.Sums = sums

        override _.Latent(_, _) =
            next <- next + 1
            values[next - 1]

        override _.Observe(_, distribution, data) = add distribution data

        override _.ObserveMixture(_, weights, components, data) = add (mixture weights components) data

        override _.Factor(_, _) = ()

    /// Joint log-densities log π_k + log p_k(x) of a mixture's rows, N x K: of the data, or of others.
    [<Sealed>]
    type Joint(values: Tensor[], chosen: ChosenRows) =
        inherit ProgramRun()
        let mutable next = 0
        let mutable found: Tensor voption = ValueNone
        member _.Found = found

        override _.Latent(_, _) =
            next <- next + 1
            values[next - 1]

        override _.Observe(_, _, _) = ()
        override _.Factor(_, _) = ()

        override _.ObserveMixture(_, weights, components, data) =
            if found.IsNone then
                let rows =
                    match chosen with
                    | AllRows -> data
                    | SomeRows rows -> Tensor.indexSelect 0 rows data
                    | OtherRows rows -> rows

                // a row beside K components: the component's axis goes before a value's own
                let apart = Tensor.unsqueeze (rows.Rank - components.EventShape.Length) rows

                found <- ValueSome(Tensor.log weights + components.LogDensity apart)

    /// Data drawn given values.
    [<Sealed>]
    type Prediction(values: Tensor[], stream: RandomStream) =
        inherit ProgramRun()
        let mutable next = 0
        let drawn = ResizeArray<struct (string * Tensor)>()

        let draw name (distribution: IDistribution) (data: Tensor) =
            let own = Array.append distribution.BatchShape distribution.EventShape

            let value =
                if own.Length >= data.Rank then
                    distribution.Sample stream
                else
                    // one draw for each of the observeds axes before the distribution's own
                    let before = data.Dims[.. data.Rank - own.Length - 1]

                    Distribution.sampleMany (Shape.size before) distribution stream
                    |> Tensor.reshape (Array.append before own)

            drawn.Add(struct (name, value))

        member _.Drawn = [ for struct (name, value) in drawn -> name, value ]

        override _.Latent(_, _) =
            next <- next + 1
            values[next - 1]

        override _.Observe(name, distribution, data) = draw name distribution data

        override _.ObserveMixture(name, weights, components, data) =
            draw name (mixture weights components) data

        override _.Factor(_, _) = ()

/// Bayesian models of programs.
[<RequireQualifiedAccess>]
module ProgramModel =

    let private sameParameters (a: IDistribution) (b: IDistribution) =
        a.Name = b.Name
        && Array.forall2 (fun (x: Tensor) (y: Tensor) -> x.ToArray() = y.ToArray()) a.Parameters b.Parameters

    /// The model of a program whose starts are drawn by a function: values of some sites by name; the others come from their
    /// priors. Raises ArgumentException for names that are used twice, and for discrete sites.
    let startingFrom (starts: RandomStream -> (string * Tensor) list) (program: Program<'T>) : BayesianModel =
        let discover stream =
            let run = ProgramRuns.Discovery stream
            program.Run run |> ignore
            run

        let first = discover ((RandomKey.ofSeed 0).Stream())
        let second = discover ((RandomKey.ofSeed 1).Stream())
        let sites = first.Sites

        if sites.Length = 0 then
            invalidArg (nameof program) "expected a program with at least one latent site, received none"

        let densities values rows =
            let run = ProgramRuns.Density(sites, values, rows, [||])
            program.Run run |> ignore
            run

        let joint =
            let run = ProgramRuns.Joint(first.Values, AllRows)
            program.Run run |> ignore

            if run.Found.IsNone then
                ValueNone
            else
                ValueSome(fun chosen values ->
                    let run = ProgramRuns.Joint(values, chosen)
                    program.Run run |> ignore
                    run.Found.Value)

        BayesianModel
            {
                Sites = sites
                PriorTerms = fun values -> (densities values ValueNone).Priors
                LikelihoodTerms = fun values rows -> (densities values rows).Likelihoods
                Rest =
                    fun skipped values ->
                        let run = ProgramRuns.Density(sites, values, ValueNone, skipped)
                        program.Run run |> ignore

                        match run.Priors @ run.Likelihoods with
                        | [] -> Tensor.sum values[0] * 0.0
                        | terms -> terms |> List.map snd |> List.reduce (+)
                RowCount = first.Rows
                FixedPriors =
                    Array.map2
                        (fun a b -> if sameParameters a b then ValueSome a else ValueNone)
                        first.Priors
                        second.Priors
                Draw = fun stream -> (discover stream).Values
                Start =
                    fun stream ->
                        let given = starts stream
                        let drawn = (discover stream).Values

                        for name, _ in given do
                            if not (sites |> Array.exists (fun site -> site.Name = name)) then
                                let names = sites |> Array.map _.Name |> String.concat ", "
                                invalidArg (nameof starts) $"expected starts of the sites {names}, received {name}"

                        sites
                        |> Array.mapi (fun i site ->
                            given
                            |> List.tryFind (fun (name, _) -> name = site.Name)
                            |> Option.map snd
                            |> Option.defaultValue drawn[i])
                Predict =
                    fun values stream ->
                        let run = ProgramRuns.Prediction(values, stream)
                        program.Run run |> ignore
                        run.Drawn
                Joint = joint
                RowLogLikelihoods =
                    fun rows values ->
                        let run = ProgramRuns.RowDensity(values, first.Rows, rows)
                        program.Run run |> ignore
                        run.Sums
                Observed = lazy first.Observed
                RowWeights = ValueNone
                Mixture = ValueNone
                Exchangeable = 1
                Paired = ValueNone
                Notes = []
                Warnings = []
            }

    /// The model of a program; starts are drawn from the priors.
    let ofProgram (program: Program<'T>) : BayesianModel = startingFrom (fun _ -> []) program
