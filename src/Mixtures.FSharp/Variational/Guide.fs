namespace Mixtures

open System

/// A family of distributions over the sites of a model, from which the one nearest to the posterior is sought: a product of
/// factors, which together cover every site once. Its parameters are free real numbers, one vector. Immutable.
[<Sealed>]
type Guide internal (name: string, sites: Site[], factors: GuideFactor[]) =
    let parameters = factors |> Array.collect _.Parameters
    let length = Site.length parameters
    let sizes = parameters |> Array.map (fun p -> Shape.size p.Dims)
    let starts = Array.scan (+) 0 sizes

    /// Where each factor's parameters begin, and where each of its sites is among the model's.
    let layout =
        let firsts = factors |> Array.map _.Parameters.Length |> Array.scan (+) 0

        factors
        |> Array.mapi (fun i factor ->
            let places =
                factor.Targets
                |> Array.map (fun target -> sites |> Array.findIndex (fun site -> site.Name = target.Name))

            struct (factor, firsts[i], places))

    member internal _.Factors = factors
    member internal _.Sites = sites
    member internal _.Layout = layout

    /// What it is called, such as mean-field.
    member _.Name = name

    /// The parameters, named and with their supports, such as mu.location; the free vector holds them in this order.
    member _.Parameters = Array.copy parameters

    /// How many free real numbers the parameters have.
    member _.Dimension = length

    /// The parameters of a free vector.
    member _.Constrain(vector: Tensor) : Tensor[] = Site.constrain parameters vector

    /// The free vector of parameters; raises ArgumentException for ones that do not fit.
    member _.Unconstrain(values: Tensor[]) : Tensor = Site.unconstrain parameters values

    /// How many numbers the parameters have, without leaving out those that follow from others.
    member internal _.Width = starts[sizes.Length]

    /// The parameters of their own numbers, one after the other.
    member internal _.Split(numbers: Tensor) : Tensor[] =
        parameters
        |> Array.mapi (fun i p -> numbers |> Tensor.slice 0 starts[i] sizes[i] |> Tensor.reshape p.Dims)

    /// The numbers of parameters, one after the other.
    member internal _.Join(values: Tensor[]) : float[] = values |> Array.collect _.ToArray()

    /// A step of natural gradients, from the parameters' own numbers and the gradient by these. Raises ArgumentException for
    /// a factor that has none.
    member internal _.NaturalStep (rate: float) (numbers: float[]) (gradient: float[]) : float[] =
        let result = Array.copy numbers

        for struct (factor, first, _) in layout do
            match factor.Natural with
            | ValueNone ->
                let names = String.Join(", ", factor.Sites)

                invalidArg
                    "method"
                    $"expected a guide whose factors have natural gradients, received a {factor.Family} factor of {names}: fit it by Adam"
            | ValueSome step ->
                let last = first + factor.Parameters.Length - 1

                let part (all: float[]) =
                    [| first..last |] |> Array.map (fun i -> Array.sub all starts[i] sizes[i])

                let moved = step rate (part numbers) (part gradient)

                for i in first..last do
                    Array.blit moved[i - first] 0 result starts[i] sizes[i]

        result

    /// Parameters of narrow distributions around values of the sites.
    member internal _.Around(values: Tensor[]) : Tensor[] =
        layout
        |> Array.collect (fun struct (factor, _, places) -> factor.Around(places |> Array.map (fun at -> values[at])))

/// Guides: making them, drawing from them, and their densities.
[<RequireQualifiedAccess>]
module Guide =

    let private listed (names: string seq) = String.Join(", ", names)

    /// A guide of factors for the sites of a model. Raises ArgumentException, with the site named, where one is not covered,
    /// is covered twice, is not the model's, or has another shape there.
    let ofFactors (model: BayesianModel) (factors: GuideFactor list) : Guide =
        let sites = model.Sites
        let all = sites |> Array.map _.Name
        let covered = factors |> List.toArray |> Array.collect _.Sites

        for factor in factors do
            for target in factor.Targets do
                match sites |> Array.tryFind (fun site -> site.Name = target.Name) with
                | None ->
                    invalidArg
                        (nameof factors)
                        $"expected factors of the model's sites {listed all}, received one of {target.Name}"
                | Some site ->
                    if not (Shape.equal site.Dims target.Dims) || site.Support <> target.Support then
                        invalidArg
                            (nameof factors)
                            $"the site {site.Name}: expected a factor for {Support.name site.Support} of shape {Shape.text site.Dims}, received one for {Support.name target.Support} of shape {Shape.text target.Dims}"

        for name in all do
            match covered |> Array.filter ((=) name) |> Array.length with
            | 1 -> ()
            | 0 ->
                invalidArg
                    (nameof factors)
                    $"expected a guide that covers every site of the model, received one without a factor for {name}: give it a family, or leave it to Guide.suited"
            | several -> invalidArg (nameof factors) $"expected one factor for each site, received {several} for {name}"

        let guide = Guide("structured", sites, List.toArray factors)

        for parameter in guide.Parameters do
            if
                guide.Parameters
                |> Array.filter (fun p -> p.Name = parameter.Name)
                |> Array.length
                    >
                    1
            then
                invalidArg
                    (nameof factors)
                    $"expected a name of its own for each parameter, received {parameter.Name} twice"

        guide

    /// Families by the sites' names: a structured guide, such as Normal x Gamma x Dirichlet, with positive parameters held
    /// so in the way given. Raises ArgumentException for a site that is not covered, with its name.
    let structuredBy (positivity: Positivity) (families: (string * GuideFamily) list) (model: BayesianModel) : Guide =
        let sites = model.Sites

        families
        |> List.map (fun (name, family) ->
            match sites |> Array.tryFind (fun site -> site.Name = name) with
            | Some site -> GuideFactor.ofFamily positivity family site
            | None ->
                invalidArg
                    (nameof families)
                    $"expected families for the model's sites {sites |> Array.map _.Name |> listed}, received one for {name}")
        |> ofFactors model

    /// Families by the sites' names, with exponentials for positive parameters.
    let structured families model =
        structuredBy Positivity.Exponential families model

    /// The structured guide of the families that suit the sites' supports.
    let suited (model: BayesianModel) : Guide =
        model.Sites
        |> Array.toList
        |> List.map (fun site -> GuideFactor.ofFamily Positivity.Exponential (GuideFactor.suited site) site)
        |> ofFactors model

    /// Independent normals over the free real numbers of every site (Kucukelbir et al. 2017).
    let meanField (model: BayesianModel) : Guide =
        let sites = model.Sites

        Guide(
            "mean-field",
            sites,
            sites
            |> Array.map (GuideFactor.ofFamily Positivity.Exponential GuideFamily.FreeNormal)
        )

    /// One normal, with all correlations, over the free real numbers of all sites.
    let fullRank (model: BayesianModel) : Guide =
        Guide("full-rank", model.Sites, [| GuideFactor.fullNormal model.Sites |])

    /// Stretches the first parameter by a leading axis of so many draws.
    let private lead (count: int voption) (parameters: Tensor[]) =
        match count with
        | ValueNone -> parameters
        | ValueSome n ->
            parameters
            |> Array.mapi (fun i p ->
                if i = 0 then
                    Tensor.expand (Array.append [| n |] p.Dims) p
                else
                    p)

    /// The part of a vector of free numbers (in the last axis) that belongs to each site, in the site's shape.
    let internal splitFree (targets: Site[]) (vector: Tensor) : Tensor[] =
        let before = vector.Dims[.. vector.Rank - 2]
        let starts = Array.scan (fun at (site: Site) -> at + site.Length) 0 targets

        targets
        |> Array.mapi (fun i site ->
            vector
            |> Tensor.slice -1 starts[i] site.Length
            |> Tensor.reshape (Array.append before site.FreeDims))

    /// What a factor draws: its distribution, the draw, and the values of its sites.
    [<NoEquality; NoComparison>]
    type internal Drawn =
        {
            Distribution: IDistribution
            Draw: Tensor
            /// log |det ∂values/∂draw|, summed, for factors over free numbers.
            LogDeterminant: Tensor voption
        }

    /// One draw of all sites, or so many along a leading axis; factors draw from branches of the stream.
    let internal drawFrom
        (count: int voption)
        (guide: Guide)
        (parameters: Tensor[])
        (stream: RandomStream)
        : struct (Tensor[] * Drawn[]) =
        let values = Array.zeroCreate<Tensor> guide.Sites.Length

        let drawn =
            guide.Layout
            |> Array.map (fun struct (factor, first, places) ->
                let own = Array.sub parameters first factor.Parameters.Length
                let distribution = factor.Make(lead count own)
                let draw = distribution.Sample(stream.Branch())

                if factor.IsFree then
                    let free = splitFree factor.Targets draw

                    Array.iteri (fun i at -> values[at] <- factor.Targets[i].Bijector.Forward free[i]) places

                    let logDeterminant =
                        Array.map2
                            (fun (site: Site) u -> Tensor.sum (site.Bijector.LogDeterminant u))
                            factor.Targets
                            free
                        |> Array.reduce (+)

                    {
                        Distribution = distribution
                        Draw = draw
                        LogDeterminant = ValueSome logDeterminant
                    }
                else
                    values[places[0]] <- draw

                    {
                        Distribution = distribution
                        Draw = draw
                        LogDeterminant = ValueNone
                    })

        struct (values, drawn)

    /// log q of a draw in the coordinates of the values: the factors' log-densities, those over free numbers less the
    /// logarithm of the Jacobian.
    let internal logDensityOf (drawn: Drawn[]) : Tensor =
        drawn
        |> Array.map (fun d ->
            let density = Tensor.sum (d.Distribution.LogDensity d.Draw)

            match d.LogDeterminant with
            | ValueSome logDeterminant -> density - logDeterminant
            | ValueNone -> density)
        |> Array.reduce (+)

    /// The values of all sites under one draw from the guide with the parameters of a free vector, in the model's order.
    let draw (guide: Guide) (vector: float[]) (stream: RandomStream) : Tensor[] =
        let struct (values, _) =
            drawFrom ValueNone guide (guide.Constrain(Tensor.ofArray vector)) stream

        values

    /// Draws along a leading axis.
    let drawMany (count: int) (guide: Guide) (vector: float[]) (stream: RandomStream) : Tensor[] =
        if count < 1 then
            invalidArg (nameof count) $"expected at least 1 draw, received {count}"

        let struct (values, _) =
            drawFrom (ValueSome count) guide (guide.Constrain(Tensor.ofArray vector)) stream

        values

    /// The values of all sites at the centre of the guide with the parameters of a free vector, in the model's order: means of
    /// factors over values, the values at the location of normals over free numbers.
    let centre (guide: Guide) (vector: float[]) : Tensor[] =
        let parameters = guide.Constrain(Tensor.ofArray vector)
        let values = Array.zeroCreate<Tensor> guide.Sites.Length

        for struct (factor, first, places) in guide.Layout do
            let mean = (factor.Make(Array.sub parameters first factor.Parameters.Length)).Mean

            if factor.IsFree then
                let free = splitFree factor.Targets mean
                Array.iteri (fun i at -> values[at] <- factor.Targets[i].Bijector.Forward free[i]) places
            else
                values[places[0]] <- mean

        values

    /// The free vector of parameters given by name, all of them. Raises ArgumentException for names and shapes that are not
    /// the guide's.
    let vectorOf (guide: Guide) (parameters: (string * Tensor) list) : float[] =
        let names = guide.Parameters |> Array.map _.Name

        for name, _ in parameters do
            if not (Array.contains name names) then
                invalidArg (nameof parameters) $"expected the parameters {listed names}, received {name}"

        let values =
            guide.Parameters
            |> Array.map (fun p ->
                match parameters |> List.tryFind (fun (name, _) -> name = p.Name) with
                | Some(_, value) -> value
                | None ->
                    invalidArg (nameof parameters) $"expected the parameters {listed names}, received none of {p.Name}")

        (guide.Unconstrain values).ToArray()

    /// KL(p ‖ q) in nats of two settings of a guide's parameters, where every factor has it in closed form.
    let internal divergence (guide: Guide) (p: float[]) (q: float[]) : float voption =
        let left = guide.Constrain(Tensor.ofArray p)
        let right = guide.Constrain(Tensor.ofArray q)

        (ValueSome 0.0, guide.Layout)
        ||> Array.fold (fun sum struct (factor, first, _) ->
            let make (all: Tensor[]) =
                factor.Make(Array.sub all first factor.Parameters.Length)

            match sum, (make left).KullbackLeibler(make right) with
            | ValueSome total, ValueSome kl -> ValueSome(total + (Tensor.sum kl).ToScalar())
            | _ -> ValueNone)
