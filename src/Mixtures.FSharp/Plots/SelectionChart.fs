namespace Mixtures

open System

/// What a selection found.
[<RequireQualifiedAccess>]
module internal SelectionChart =

    open PlotParts

    let private counted components =
        if components = 1 then
            "1 component"
        else
            string components + " components"

    let create (criterion: string) (candidates: ChartCandidate list) =
        let structures = candidates |> List.map _.Structure |> List.distinct
        let finite = candidates |> List.filter (fun c -> Double.IsFinite c.Value)

        let trace index structure =
            let own =
                candidates
                |> List.filter (fun c -> c.Structure = structure)
                |> List.sortBy _.Components

            obj
                [
                    "type", text "scatter"
                    "mode", text "lines+markers"
                    "name", plain structure
                    "x", PlotValue.integers (own |> Seq.map _.Components)
                    "y", own |> Seq.map _.Value |> Seq.toArray |> PlotValue.Numbers
                    "line",
                    obj
                        [
                            "color", text (Palette.colour index)
                            "dash", text (Palette.dash index)
                            "width", num 2.0
                        ]
                    "marker", obj [ "size", int 7; "symbol", text (Palette.symbol index) ]
                    "hovertemplate",
                    text (
                        "components: %{x}<br>"
                        + escape criterion
                        + " %{y:.2f}<extra>"
                        + escape structure
                        + "</extra>"
                    )
                ]

        let ring (best: ChartCandidate) =
            let name = "lowest: " + best.Structure + ", " + counted best.Components

            obj
                [
                    "type", text "scatter"
                    "mode", text "markers"
                    "name", plain name
                    "x", PlotValue.Numbers [| float best.Components |]
                    "y", PlotValue.Numbers [| best.Value |]
                    "marker",
                    obj
                        [
                            "symbol", text "circle-open"
                            "size", int 18
                            "color", text Palette.ink
                            "line", obj [ "width", num 2.5 ]
                        ]
                    "hoverinfo", text "skip"
                ]

        let lowest =
            if finite.IsEmpty then
                None
            else
                Some(List.minBy _.Value finite)

        let summary =
            match lowest with
            | Some best ->
                "Smaller is better. The lowest is "
                + decimals 2 best.Value
                + ", with "
                + counted best.Components
                + " ("
                + best.Structure
                + ")."
            | None -> "No candidate could be fitted."

        let widest =
            match candidates with
            | [] -> 0
            | _ -> candidates |> List.map _.Components |> List.max

        [
            yield! List.mapi trace structures
            match lowest with
            | Some best -> ring best
            | None -> ()
        ]
        |> Figure.ofTraces
        |> Figure.withTitle (criterion + " by number of components")
        |> Figure.withAxisTitles "number of components" (criterion + " (smaller is better)")
        |> Figure.withLayout "xaxis.dtick" (if widest <= 15 then int 1 else PlotValue.Null)
        |> Figure.withLayout "xaxis.tickformat" (text "d")
        |> Figure.withLayout "yaxis.tickformat" (text ",~f")
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary summary
