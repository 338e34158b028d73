namespace Mixtures

open System

/// A parameter of a family's components, as it is stated to people and as a prior speaks of it.
[<NoEquality; NoComparison>]
type ParameterSite =
    {
        /// Its name, such as means, scales or rates; in a product, column.name.
        Name: string
        /// How many there are: K, K x D, or none for one that all components share.
        Batch: int[]
        /// Where each lives.
        Support: Support
    }

    /// The shape of all its values together: the batch, then a value's own axes.
    member site.Dims = Array.append site.Batch (Support.shape site.Support)

/// The parameters of a family's components as named tensors, and the way to and from the vector of free numbers that fits
/// work on; both ways are differentiable.
[<NoEquality; NoComparison>]
type ParameterSites =
    {
        /// The parameters.
        Sites: ParameterSite[]
        /// The vector of given values, in the order of the sites.
        ToVector: Tensor[] -> Tensor
        /// The values of a vector.
        OfVector: Tensor -> Tensor[]
    }

/// A prior of a parameter that a family lacks, with those that it has. Families made of others say it in their own names.
[<Sealed>]
type internal UnknownParameterException(family: string, wanted: string, known: string list) =
    inherit ArgumentException()

    /// The sentence of the argument's error.
    override _.Message =
        $"""expected a parameter of the {family} family ({String.Join(", ", known)}), received a prior of {wanted}"""

    /// The name that was asked for.
    member _.Wanted = wanted

    /// The names that there are.
    member _.Known = known

/// A family whose parameters can have priors.
type IParametricFamily =
    /// The parameters of components like the given ones, whose vector is in units of the scale. A spread may be stated in
    /// several ways; wanted names those that priors are stated on (the family's own where none is). The columns' names are
    /// those of products. Raises ArgumentException for a name that there is none of, with those that there are.
    abstract Parameters:
        like: IComponents * scale: DataScale * columns: string[] * wanted: string list -> ParameterSites

/// Names and choices of parameters.
[<RequireQualifiedAccess>]
module ParameterSites =

    /// The name after the column's: rates for visits.rates.
    let localName (name: string) =
        name.Substring(name.LastIndexOf '.' + 1)

    /// Whether a prior of that name speaks of the site.
    let answers (name: string) (site: ParameterSite) =
        site.Name = name || localName site.Name = name

    let internal refuse family (wanted: string) (known: string seq) : 'a =
        raise (UnknownParameterException(family, wanted, List.ofSeq known))

    /// Raises ArgumentException for a wanted name that no site answers to.
    let internal check family (wanted: string list) (sites: ParameterSite[]) =
        for name in wanted do
            if not (Array.exists (answers name) sites) then
                refuse family name (sites |> Array.map _.Name)

    /// As ofComponents, for families made of others: a name that there is none of raises UnknownParameterException.
    let internal ofPart (components: IComponents) (scale: DataScale) (columns: string[]) (wanted: string list) =
        match components.Family :> obj with
        | :? IParametricFamily as family -> family.Parameters(components, scale, columns, wanted)
        | _ ->
            invalidArg
                (nameof wanted)
                $"The parameters of the {components.Family.Name} family have no names, so there can be no priors of them."

    /// The parameters of a family's components; see IParametricFamily. Raises ArgumentException for a family that has none.
    let ofComponents (components: IComponents) (scale: DataScale) (columns: string[]) (wanted: string list) =
        try
            ofPart components scale columns wanted
        with :? UnknownParameterException as unknown ->
            invalidArg "priors" unknown.Message

    let internal flat (t: Tensor) = Tensor.reshape [| -1 |] t

    /// Sites of several families one after the other; lengths are those of their vectors.
    let internal concatenate (parts: struct (ParameterSites * int)[]) : ParameterSites =
        let sites = parts |> Array.map (fun struct (p, _) -> p.Sites)
        let counts = Array.scan (fun at (own: ParameterSite[]) -> at + own.Length) 0 sites
        let starts = Array.scan (fun at struct (_, length: int) -> at + length) 0 parts

        {
            Sites = Array.concat sites
            ToVector =
                fun values ->
                    parts
                    |> Array.mapi (fun i struct (p, _) -> p.ToVector(Array.sub values counts[i] p.Sites.Length))
                    |> Tensor.concatenate 0
            OfVector =
                fun vector ->
                    parts
                    |> Array.mapi (fun i struct (p, length) -> p.OfVector(Tensor.slice 0 starts[i] length vector))
                    |> Array.concat
        }

    /// The same sites under other names.
    let internal rename (name: string -> string) (sites: ParameterSites) : ParameterSites =
        { sites with
            Sites = sites.Sites |> Array.map (fun s -> { s with Name = name s.Name })
        }

    /// The parameters of the components that a family is made of, under its own names: pairs of inner and own ones, the
    /// others being the same. What is refused is refused in the family's name, with its names, the further ones last.
    let internal translated
        (family: string)
        (pairs: (string * string) list)
        (further: string list)
        (parameters: string list -> ParameterSites)
        (wanted: string list)
        : ParameterSites =
        // both ways, so that an inner name is none that the inner components know
        let other name =
            pairs
            |> List.tryPick (fun (inner, own) ->
                if name = inner then Some own
                elif name = own then Some inner
                else None)
            |> Option.defaultValue name

        try
            wanted |> List.map other |> parameters |> rename other
        with :? UnknownParameterException as unknown ->
            refuse family (other unknown.Wanted) (List.map other unknown.Known @ further)
