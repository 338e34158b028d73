namespace Mixtures

open System
open System.Globalization

/// Draws from fitted guides, number by number.
[<RequireQualifiedAccess>]
module internal GuideDraws =

    /// The name of a number of a site by its place, the last axis innermost; places are counted from 1: mu[2, 1].
    let private nameAt (site: Site) (at: int) =
        let mutable rest = at

        let places =
            Array.rev site.Dims
            |> Array.map (fun size ->
                let i = rest % size
                rest <- rest / size
                (i + 1).ToString CultureInfo.InvariantCulture)
            |> Array.rev

        if places.Length = 0 then
            site.Name
        else
            site.Name + "[" + String.Join(", ", places) + "]"

    /// The names of a site's numbers, and so many draws of each.
    let ofSite (count: int) (site: string) (fit: SviFit) : struct (string[] * float[][]) =
        match fit.Guide.Sites |> Array.tryFindIndex (fun s -> s.Name = site) with
        | None ->
            let names = fit.Guide.Sites |> Array.map _.Name |> String.concat ", "
            invalidArg (nameof site) $"expected one of the sites {names}, received {site}"
        | Some index ->
            let drawn = fit.DrawMany count ((RandomKey.ofSeed fit.Seed).Stream())
            let values = drawn[index].ToArray()
            let size = values.Length / count

            struct (Array.init size (nameAt fit.Guide.Sites[index]),
                    Array.init size (fun at -> Array.init count (fun i -> values[i * size + at])))
