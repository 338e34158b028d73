namespace Mixtures

open System

/// An unobserved quantity of a model: a named tensor, each value of which lives in a support.
[<NoEquality; NoComparison>]
type Site =
    {
        /// The name, once in a model.
        Name: string
        /// The shape of the whole, the axes of one value last.
        Dims: int[]
        /// The map from free real numbers to one value.
        Bijector: Bijector
    }

    /// Where each value lives.
    member site.Support = site.Bijector.Support

    /// The axes before those of one value.
    member site.Batch =
        site.Dims[.. site.Dims.Length - 1 - site.Bijector.ConstrainedShape.Length]

    /// The shape of the free real numbers.
    member site.FreeDims = Array.append site.Batch site.Bijector.UnconstrainedShape

    /// How many free real numbers it has.
    member site.Length = Shape.size site.FreeDims

/// Values of sites, and their free real numbers one after the other in one vector.
[<RequireQualifiedAccess>]
module Site =

    /// A site with the usual map to its support.
    let create name (dims: int[]) (support: Support) : Site =
        {
            Name = name
            Dims = dims
            Bijector = Bijector.ofSupport support
        }

    /// How many free real numbers the sites have.
    let length (sites: Site[]) = sites |> Array.sumBy _.Length

    /// The names of a site's numbers, the last axis innermost: name, name[1], name[1,2].
    let numberNames (site: Site) : string[] =
        let rec places (dims: int list) =
            match dims with
            | [] -> [ [] ]
            | n :: rest ->
                [
                    for i in 1..n do
                        for tail in places rest -> string i :: tail
                ]

        [|
            for place in places (List.ofArray site.Dims) do
                if place.IsEmpty then
                    site.Name
                else
                    let text = String.Join(",", place)
                    $"{site.Name}[{text}]"
        |]

    /// Each site's own numbers of a vector, in its own shape.
    let private split (sites: Site[]) (vector: Tensor) : Tensor[] =
        let starts = Array.scan (fun at (site: Site) -> at + site.Length) 0 sites

        if vector.Rank <> 1 || vector.Count <> starts[sites.Length] then
            let expected =
                sites |> Array.map (fun s -> $"{s.Length} of {s.Name}") |> String.concat ", "

            Shape.refuse
                "sites"
                $"expected a vector of {starts[sites.Length]} numbers ({expected}), received shape {Shape.text vector.Dims}"

        sites
        |> Array.mapi (fun i site -> vector |> Tensor.slice 0 starts[i] site.Length |> Tensor.reshape site.FreeDims)

    /// The values of a vector of free numbers.
    let constrain (sites: Site[]) (vector: Tensor) : Tensor[] =
        Array.map2 (fun (site: Site) u -> site.Bijector.Forward u) sites (split sites vector)

    /// Checks that there is a value for each site, of its shape and in its support; raises ArgumentException that names it.
    let check (sites: Site[]) (values: Tensor[]) =
        if values.Length <> sites.Length then
            let names = sites |> Array.map _.Name |> String.concat ", "
            invalidArg (nameof values) $"expected values of {sites.Length} sites ({names}), received {values.Length}"

        for site, value in Array.zip sites values do
            if not (Shape.equal value.Dims site.Dims) then
                invalidArg
                    (nameof values)
                    $"expected values of shape {Shape.text site.Dims} for the site {site.Name}, received {Shape.text value.Dims}"

            let numbers = value.ToArray()
            let size = Support.size site.Support

            for i in 0 .. numbers.Length / size - 1 do
                match Support.violation site.Support (ReadOnlySpan(numbers, i * size, size)) with
                | ValueSome text -> invalidArg (nameof values) $"the site {site.Name}: {text}"
                | ValueNone -> ()

    /// The free numbers of values.
    let unconstrain (sites: Site[]) (values: Tensor[]) : Tensor =
        check sites values

        Array.map2 (fun (site: Site) value -> Tensor.reshape [| -1 |] (site.Bijector.Inverse value)) sites values
        |> Tensor.concatenate 0

    /// log |det ∂values/∂vector|.
    let logDeterminant (sites: Site[]) (vector: Tensor) : Tensor =
        Array.map2 (fun (site: Site) u -> Tensor.sum (site.Bijector.LogDeterminant u)) sites (split sites vector)
        |> Array.reduce (+)
