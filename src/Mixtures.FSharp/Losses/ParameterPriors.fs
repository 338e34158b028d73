namespace Mixtures

/// The priors of a specification beside the parameters that they speak of.
[<RequireQualifiedAccess>]
module ParameterPriors =

    /// The parameters that the priors are stated on, by name.
    let wanted (spec: MixtureSpec) = spec.Priors.Parameters |> List.map fst

    /// A prior, as one of each value of the site; raises ArgumentException where it does not fit.
    let fitting (site: ParameterSite) (prior: IDistribution) : IDistribution =
        if not (Support.isWithin site.Support prior.Support) then
            invalidArg
                "priors"
                $"expected a prior of {site.Name} over {Support.name site.Support}, received a {prior.Name} distribution over {Support.name prior.Support}"

        try
            Distribution.expand site.Batch prior
        with :? System.ArgumentException ->
            invalidArg
                "priors"
                $"expected a prior of {site.Name} for all of its {Shape.text site.Batch} values, or one for each of an axis, received a {prior.Name} distribution of batch {Shape.text prior.BatchShape}"

    /// The prior of each site, where there is one.
    let resolve (spec: MixtureSpec) (sites: ParameterSites) : IDistribution voption[] =
        sites.Sites
        |> Array.map (fun site ->
            let exact =
                spec.Priors.Parameters |> List.tryFind (fun (name, _) -> name = site.Name)

            match exact with
            | Some(_, prior) -> ValueSome(fitting site prior)
            | None ->
                match
                    spec.Priors.Parameters
                    |> List.tryFind (fun (name, _) -> ParameterSites.answers name site)
                with
                | Some(_, prior) -> ValueSome(fitting site prior)
                | None -> ValueNone)

    /// The parameters' log-density under the specification's priors, as a function of a fit's vector without the logits;
    /// nothing where there are no priors of parameters.
    let logDensityOf (spec: MixtureSpec) (like: IComponents) (scale: DataScale) (columns: string[]) =
        if spec.Priors.Parameters.IsEmpty then
            ValueNone
        else
            let sites = ParameterSites.ofComponents like scale columns (wanted spec)

            let priors = resolve spec sites

            ValueSome(fun vector ->
                Array.map2
                    (fun (prior: IDistribution voption) value ->
                        match prior with
                        | ValueSome prior -> Tensor.sum (prior.LogDensity value)
                        | ValueNone -> Tensor.scalar 0.0)
                    priors
                    (sites.OfVector vector)
                |> Array.reduce (+))

    /// The same for the vector of a likelihood.
    let logDensity (spec: MixtureSpec) (likelihood: LikelihoodFunction) : (Tensor -> Tensor) voption =
        logDensityOf spec likelihood.Like likelihood.Scale likelihood.ColumnNames
