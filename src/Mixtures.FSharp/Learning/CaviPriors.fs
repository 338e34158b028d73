namespace Mixtures

/// From a specification's priors, and defaults on the data's scale where it has none, to the guide that coordinate ascent
/// begins with: the priors themselves.
[<RequireQualifiedAccess>]
module internal CaviPriors =

    let private refuse (name: string) (received: string) (expected: string) : 'a =
        raise (
            FitException(
                InvalidModel
                    $"Coordinate ascent takes conjugate priors: of {name} expected {expected}, received {received}. SVI, NUTS and gradient (MAP) take any prior."
            )
        )

    let private numbers = ConjugatePriors.numbers
    let private find = ConjugatePriors.find

    let private only (known: string list) (priors: (string * IDistribution) list) =
        for name, prior in priors do
            if not (List.contains (ParameterSites.localName name) known) then
                let listed = String.concat ", " known
                refuse name $"a {prior.Name} distribution" $"none; the parameters that may have one are {listed}"

    /// A broadcast that is refused by name.
    let private broadcast name batch parameter =
        try
            numbers batch parameter
        with :? System.ArgumentException ->
            refuse name $"parameters of shape {Shape.text parameter.Dims}" $"parameters that fit {Shape.text batch}"

    /// The layout of K matrices Ψ (D x D each) in the structure's: of diagonal ones the diagonal, of spherical ones its mean.
    let private layOut structure count d (matrices: float[]) =
        match structure with
        | CovarianceStructure.Full -> matrices
        | CovarianceStructure.Tied -> Array.sub matrices 0 (d * d)
        | CovarianceStructure.Diagonal -> Array.init (count * d) (fun at -> matrices[at / d * d * d + at % d * (d + 1)])
        | _ ->
            Array.init count (fun k -> Seq.average (seq { for c in 0 .. d - 1 -> matrices[k * d * d + c * (d + 1)] }))

    let private degreesOf structure count d (each: float[]) =
        match structure with
        | CovarianceStructure.Tied -> [| each[0] |]
        | CovarianceStructure.Diagonal -> Array.init (count * d) (fun at -> each[at / d])
        | _ -> each

    let private squares d (factors: float[]) =
        Array.init (factors.Length / (d * d)) (fun m ->
            Array.init (d * d) (fun at ->
                Seq.sum (
                    seq {
                        for j in 0 .. d - 1 ->
                            factors[m * d * d + at / d * d + j] * factors[m * d * d + at % d * d + j]
                    }
                )))
        |> Array.concat

    let private gaussian
        (family: GaussianFamily)
        updates
        (scale: DataScale)
        count
        (priors: (string * IDistribution) list)
        =
        let structure = family.Structure
        let d = scale.Variances.Length

        if structure = CovarianceStructure.Known then
            raise (
                FitException(
                    InvalidModel
                        "Coordinate ascent estimates covariances, and these are known: use EM, gradient (MAP) or NUTS."
                )
            )

        let apart =
            find "means" priors |> Option.isSome
            || find "precisions" priors |> Option.isSome

        if apart then
            only [ "means"; "precisions" ] priors

            if structure <> CovarianceStructure.Diagonal then
                refuse
                    "means or precisions alone"
                    "one of each"
                    "a joint prior of components (normal-inverse-Wishart), for other than diagonal covariances"

            let table name conjugate index =
                match find name priors with
                | Some(_, prior) when prior.Name = conjugate ->
                    ValueSome(broadcast name [| count; d |] prior.Parameters[index])
                | Some(_, prior) -> refuse name $"a {prior.Name} distribution" $"a {conjugate} one"
                | None -> ValueNone

            let or' (value: int -> float) (given: float[] voption) =
                match given with
                | ValueSome given -> given
                | ValueNone -> Array.init (count * d) (fun at -> value (at % d))

            let notes =
                [
                    if (find "means" priors).IsNone then
                        "means: normal around the data's mean, 3 of their standard deviations wide (by default)"
                    if (find "precisions" priors).IsNone then
                        "precisions: gamma of shape 1 and the data's variance as rate (by default)"
                ]

            let l = table "means" "normal" 0 |> or' (fun c -> scale.Means[c])

            let v =
                table "means" "normal" 1
                |> or' (fun c -> 3.0 * sqrt scale.Variances[c])
                |> Array.map (fun s -> s * s)

            let a = table "precisions" "gamma" 0 |> or' (fun _ -> 1.0)
            let b = table "precisions" "gamma" 1 |> or' (fun c -> scale.Variances[c])
            struct (IndependentNormalBlock(family, scale, count, struct (l, v, a, b), ValueNone) :> CaviBlock, notes)
        else
            only [ "components" ] priors

            let struct (prior, notes) =
                match find "components" priors with
                | Some(name, prior) when prior.Name = "normal-inverse-wishart" ->
                    let p = prior.Parameters

                    struct ({
                                Means = broadcast name [| count; d |] p[0]
                                Strengths = broadcast name [| count |] p[1]
                                Degrees = degreesOf structure count d (broadcast name [| count |] p[2])
                                Scales = layOut structure count d (squares d (broadcast name [| count; d; d |] p[3]))
                            },
                            [])
                | Some(name, prior) when
                    prior.Name = "normal-gamma"
                    && (structure = CovarianceStructure.Diagonal
                        || structure = CovarianceStructure.Spherical)
                    ->
                    let table i =
                        broadcast name [| count; d |] prior.Parameters[i]

                    /// What is one for all columns of a component.
                    let one what (values: float[]) =
                        Array.init count (fun k ->
                            for c in 1 .. d - 1 do
                                if values[k * d + c] <> values[k * d] then
                                    refuse name $"{what} that differ between columns" $"the same {what} in each column"

                            values[k * d])

                    // a gamma distribution is a Wishart one of one column
                    let twice (values: float[]) = values |> Array.map (fun v -> 2.0 * v)

                    let spread what i =
                        if structure = CovarianceStructure.Spherical then
                            one what (table i)
                        else
                            table i

                    struct ({
                                Means = table 0
                                Strengths = one "strengths" (table 1)
                                Degrees = twice (spread "shapes" 2)
                                Scales = twice (spread "rates" 3)
                            },
                            [])
                | Some(name, prior) ->
                    refuse
                        name
                        $"a {prior.Name} distribution"
                        "a normal-inverse-Wishart one (or normal-gamma, where covariances are diagonal or spherical)"
                | None ->
                    let matrix =
                        Array.init (d * d) (fun at -> if at / d = at % d then scale.Variances[at / d] else 0.0)

                    // a precision of one column has one dimension
                    let dimension =
                        if structure = CovarianceStructure.Diagonal then
                            1.0
                        else
                            float d

                    struct ({
                                Means = Array.init (count * d) (fun at -> scale.Means[at % d])
                                Strengths = Array.create count 0.01
                                Degrees = degreesOf structure count d (Array.create count (dimension + 2.0))
                                Scales = layOut structure count d (Array.init count (fun _ -> matrix) |> Array.concat)
                            },
                            [
                                "components: normal-inverse-Wishart around the data's mean (strength 0.01) and variances (D + 2 degrees of freedom, 3 for each column of diagonal ones), by default (Fraley & Raftery 2007)"
                            ])

            struct (NormalWishartBlock(family, scale, updates, prior, prior) :> CaviBlock, notes)

    let private bernoulli (family: BernoulliFamily) count d (priors: (string * IDistribution) list) =
        only [ "probabilities" ] priors

        let struct (a, b, notes) =
            match find "probabilities" priors with
            | Some(name, prior) when prior.Name = "beta" ->
                struct (broadcast name [| count; d |] prior.Parameters[0],
                        broadcast name [| count; d |] prior.Parameters[1],
                        [])
            | Some(name, prior) -> refuse name $"a {prior.Name} distribution" "a beta one"
            | None ->
                struct (Array.create (count * d) 1.0,
                        Array.create (count * d) 1.0,
                        [ "probabilities: uniform (beta 1, 1) (by default)" ])

        struct (BetaBlock(family, count, d, struct (a, b), struct (a, b)) :> CaviBlock, notes)

    let private categorical
        (like: IndependentComponents)
        count
        (names: string[])
        (priors: (string * IDistribution) list)
        =
        let d = like.Columns.Length
        let prior = Array.create (count * d) [||]
        let notes = ResizeArray<string>()

        for c in 0 .. d - 1 do
            let levels = (like.Columns[c] :?> CategoricalColumn).Levels

            match
                priors
                |> List.tryFind (fun (name, _) -> name = "probabilities" || name = $"{names[c]}.probabilities")
            with
            | Some(name, own) when own.Name = "dirichlet" ->
                let all = broadcast name [| count; levels |] own.Parameters[0]

                for k in 0 .. count - 1 do
                    prior[k * d + c] <- Array.sub all (k * levels) levels
            | Some(name, own) -> refuse name $"a {own.Name} distribution" "a Dirichlet one"
            | None ->
                notes.Add $"{names[c]}.probabilities: uniform (Dirichlet 1) (by default)"

                for k in 0 .. count - 1 do
                    prior[k * d + c] <- Array.create levels 1.0

        for name, own in priors do
            if
                name <> "probabilities"
                && not (names |> Array.exists (fun column -> name = $"{column}.probabilities"))
            then
                refuse name $"a {own.Name} distribution" "probabilities, or column.probabilities"

        struct (DirichletBlock(like, count, prior, prior) :> CaviBlock, List.ofSeq notes)

    /// The concentrations of the weights' prior (one for a process), and a line where it is a default.
    let weights (spec: MixtureSpec) : struct (bool * float[] * string list) =
        match spec.Priors.Weights, spec.Concentrations with
        | DirichletProcess concentration, _ -> struct (true, [| concentration |], [])
        | _, ValueSome concentrations -> struct (false, concentrations, [])
        | _, ValueNone ->
            struct (false, Array.create spec.Components 1.0, [ "weights: uniform (Dirichlet 1) (by default)" ])

    /// The guide of the components that is their prior, with a line on each default.
    let components (spec: MixtureSpec) (data: FitData) (updates: CaviUpdates) : struct (CaviBlock * string list) =
        let count = spec.Components
        let priors = spec.Priors.Parameters
        let d = data.Scale.Variances.Length

        match spec.Family with
        | :? GaussianFamily as family -> gaussian family updates data.Scale count priors
        | :? BernoulliFamily as family -> bernoulli family count d priors
        | _ ->
            match spec.Family.At(Array.zeroCreate (count * d), data.Scale) with
            | :? IndependentComponents as like when like.Columns |> Array.forall (fun c -> c :? CategoricalColumn) ->
                categorical like count (Seq.toArray data.Pass.Data.ColumnNames) priors
            | _ ->
                raise (
                    FitException(
                        InvalidModel
                            $"Coordinate ascent fits Gaussian, Bernoulli and categorical components, not {spec.Family.Name} ones: use SVI, NUTS or gradient (MAP)."
                    )
                )
