namespace Mixtures

open System

/// Draws from fitted guides, number by number.
[<RequireQualifiedAccess>]
module internal GuideDraws =

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

            struct (Site.numberNames fit.Guide.Sites[index],
                    Array.init size (fun at -> Array.init count (fun i -> values[i * size + at])))
