namespace Mixtures

/// An M-step under conjugate priors: of a component's statistics and the parameters before.
type internal ConjugateStep = IStatistics -> IComponents -> DataScale -> Floor -> IComponents

/// A family whose M-step has a closed form under some priors.
type internal IConjugateFamily =
    /// The M-step of greatest expected log-likelihood plus log-density of the priors, by the sites' names, in the parameters
    /// that these are stated on; it raises neither sum by less than before. Raises ArgumentException for other priors, and
    /// says which are conjugate.
    abstract WithPriors: like: IComponents * columns: string[] * priors: (string * IDistribution) list -> ConjugateStep

/// What families share in recognising conjugate priors.
[<RequireQualifiedAccess>]
module internal ConjugatePriors =

    /// Refuses a prior, with those that would do.
    let refuse (name: string) (prior: IDistribution) (conjugate: string) : 'a =
        invalidArg
            "priors"
            $"EM takes conjugate priors of parameters: of {name} expected {conjugate}, received a {prior.Name} distribution. Fit by gradient (MAP), which takes any prior"

    /// The numbers of a prior's parameter, one for each value of a batch.
    let numbers (batch: int[]) (parameter: Tensor) : float[] =
        (Tensor.expand batch (parameter.Detach())).ToArray()

    /// The priors whose site's name answers.
    let find (name: string) (priors: (string * IDistribution) list) =
        priors |> List.tryFind (fun (own, _) -> ParameterSites.localName own = name)

    /// Raises ArgumentException for a prior of none of the known parameters.
    let onlyOf (known: string list) (priors: (string * IDistribution) list) =
        for name, prior in priors do
            if not (List.contains (ParameterSites.localName name) known) then
                let listed = String.concat ", " known
                refuse name prior $"a prior of one of {listed}"

    /// The M-step of a family that has conjugate priors.
    let stepOf (like: IComponents) (columns: string[]) (priors: (string * IDistribution) list) : ConjugateStep =
        match like.Family :> obj with
        | :? IConjugateFamily as family -> family.WithPriors(like, columns, priors)
        | _ ->
            let name, prior = List.head priors
            refuse name prior $"no prior, for the {like.Family.Name} family"
