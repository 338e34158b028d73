namespace Mixtures

open System

/// Weakly informative priors on the scale of the data, for the parameters that have none: centred on the value that the
/// parameter would have if one component were to describe all rows, and wide.
[<RequireQualifiedAccess>]
module internal DefaultPriors =

    /// How many of the data's standard deviations a location may be from the middle.
    [<Literal>]
    let private Spread = 3.0

    /// The logarithm of the factor by which a positive parameter may differ.
    [<Literal>]
    let private Factor = 1.5

    /// The standard deviation of one value per column (or one for all), from the sites that state the spread.
    let private spreadBeside (name: string) (typical: (ParameterSite * Tensor) list) : Tensor =
        let prefix = name.Substring(0, name.Length - (ParameterSites.localName name).Length)

        typical
        |> List.tryPick (fun (site, value) ->
            if not (site.Name.StartsWith(prefix, StringComparison.Ordinal)) then
                None
            else
                match ParameterSites.localName site.Name with
                | "scales" -> Some value
                | "variances" -> Some(Tensor.sqrt value)
                | "precisions" -> Some(Tensor.power -0.5 value)
                | "covariances"
                | "scale_matrices" -> Some(Tensor.sqrt (Tensor.diagonal value))
                | _ -> None)
        |> Option.defaultValue (Tensor.scalar 1.0)

    let private prior (site: ParameterSite) (value: Tensor) (typical: (ParameterSite * Tensor) list) =
        match site.Support with
        | Support.Real ->
            let sd = spreadBeside site.Name typical
            // a spherical spread is one number for a component's columns
            let sd =
                if sd.Rank = 1 && value.Rank = 2 && sd.Dims[0] <> value.Dims[1] then
                    Tensor.unsqueeze 1 sd
                else
                    sd

            let scale = Spread * Tensor.expand value.Dims sd
            Normal.distribution value scale, "normal around the data's mean, 3 of their standard deviations wide"
        | Support.Positive
        | Support.NonNegative ->
            LogNormal.distribution (Tensor.log value) (Tensor.scalar Factor),
            "log-normal around the value that one component would have, a factor of e^1.5 wide"
        | Support.UnitInterval -> Beta.distribution (Tensor.scalar 1.0) (Tensor.scalar 1.0), "uniform (beta 1, 1)"
        | Support.Simplex n -> Dirichlet.distribution (Tensor.ones [| n |]), "uniform (Dirichlet 1)"
        | Support.Angle -> VonMises.distribution (Tensor.scalar 0.0) (Tensor.scalar 0.0), "uniform over the circle"
        | Support.Interval(low, high) ->
            Uniform.distribution (Tensor.scalar low) (Tensor.scalar high), "uniform over its range"
        | Support.PositiveDefinite d ->
            let degrees = float d + 2.0
            let factor = Tensor.cholesky value

            if (ParameterSites.localName site.Name).StartsWith("precision", StringComparison.Ordinal) then
                Wishart.distribution (Tensor.scalar degrees) (factor * (1.0 / sqrt degrees)),
                "Wishart of D + 2 degrees of freedom around the data's precision"
            else
                InverseWishart.distribution (Tensor.scalar degrees) factor,
                "inverse Wishart of D + 2 degrees of freedom around the data's covariance"
        | other ->
            invalidArg "priors" $"expected a prior of {site.Name}, {Support.name other}: there is no default for it"

    /// A prior for each site: those given, and defaults, with a line on each default.
    let complete (sites: ParameterSite[]) (given: IDistribution voption[]) (typical: Tensor[]) =
        let beside = Array.zip sites typical |> Array.toList

        let chosen =
            Array.map3
                (fun (site: ParameterSite) own value ->
                    match own with
                    | ValueSome own -> struct (own, ValueNone)
                    | ValueNone ->
                        let distribution, words = prior site value beside

                        struct (ParameterPriors.fitting site distribution,
                                ValueSome $"{site.Name}: {words} (by default)"))
                sites
                given
                typical

        struct (chosen |> Array.map (fun struct (own, _) -> own),
                [
                    for struct (_, note) in chosen do
                        match note with
                        | ValueSome note -> note
                        | ValueNone -> ()
                ])
