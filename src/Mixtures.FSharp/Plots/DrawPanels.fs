namespace Mixtures

open System

/// What pictures of draws share: panels above each other, and draws that are thinned.
[<RequireQualifiedAccess>]
module internal DrawPanels =

    open PlotParts

    /// More panels than this are not drawn.
    [<Literal>]
    let Most = 8

    /// More draws of a chain than this are thinned evenly.
    [<Literal>]
    let MostDraws = 2000

    let chainName (chain: int) = "chain " + string (chain + 1)

    /// The axes of the i-th of so many panels, from the top.
    let axesOf (i: int) =
        PairsChart.axisName "x" i, PairsChart.axisName "y" i

    /// The places of the chosen parameters; of none chosen, all of them. At most so many are drawn.
    let choose (names: string list) (draws: Draws) =
        let places =
            if names.IsEmpty then
                [| 0 .. draws.Dimension - 1 |]
            else
                names |> List.map (fun name -> Draws.index name draws) |> List.toArray

        if draws.Count < 1 then
            invalidArg (nameof draws) "expected at least 1 draw in each chain, received none"

        Array.truncate Most places, places.Length

    /// What the title adds where not all is drawn.
    let note (drawn: int) (all: int) =
        if drawn < all then
            " (first " + count drawn + " of " + count all + " parameters)"
        else
            ""

    /// The layout of panels above each other, each with a name at its y axis; x axes have one title, below the last.
    let stacked (titles: string[]) (xTitle: string) (xFields: int -> (string * PlotValue) list) (figure: Figure) =
        let panels = titles.Length

        (figure, Array.indexed titles)
        ||> Array.fold (fun figure (i, title) ->
            let x, y = axesOf i
            let last = (i = panels - 1)

            figure
            |> Figure.withLayout
                (PairsChart.axisKey "x" i)
                (axis (if last then xTitle else "") [ "anchor", text y; "showticklabels", flag last; yield! xFields i ])
            |> Figure.withLayout
                (PairsChart.axisKey "y" i)
                (axis
                    (shorten 18 title)
                    [
                        "anchor", text x
                        "domain", PairsChart.band panels (panels - 1 - i)
                        "nticks", int 5
                    ]))
        |> Figure.withAspect (max 0.6 (min 2.0 (5.0 / float panels)))

    /// A number for people: four digits.
    let short (value: float) = Wording.short value
