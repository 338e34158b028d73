namespace Mixtures

/// How chains share the ranks of all draws.
[<RequireQualifiedAccess>]
module internal RankChart =

    open PlotParts

    let private bins = 20

    /// Histograms of each chain's ranks among the draws of all chains (Vehtari et al. 2021, section 5.3).
    let create (name: string) (draws: Draws) =
        if draws.Count < 1 then
            invalidArg (nameof draws) "expected at least 1 draw in each chain, received none"

        let values = Draws.parameter name draws
        let ranks = NormalScores.ranks values
        let total = float (values.Length * draws.Count)
        let chains = min DrawPanels.Most values.Length
        let expected = float draws.Count / float bins

        let panel c =
            let counts = Array.zeroCreate<float> bins

            for rank in ranks[c] do
                let bin = min (bins - 1) (Operators.int ((rank - 0.5) / total * float bins))
                counts[bin] <- counts[bin] + 1.0

            let x, y = DrawPanels.axesOf c
            let centres = Array.init bins (fun i -> (float i + 0.5) * total / float bins)

            [
                obj
                    [
                        "type", text "bar"
                        "name", text (DrawPanels.chainName c)
                        "showlegend", flag false
                        "x", PlotValue.Numbers centres
                        "y", PlotValue.Numbers counts
                        "xaxis", text x
                        "yaxis", text y
                        "marker",
                        obj
                            [
                                "color", text (Palette.colour c)
                                "line", obj [ "color", text "#FFFFFF"; "width", num 1.0 ]
                            ]
                        "hovertemplate", text ("%{y} draws<extra>" + DrawPanels.chainName c + "</extra>")
                    ]
                obj
                    [
                        "type", text "scatter"
                        "mode", text "lines"
                        "name", text "if chains agree"
                        "showlegend", flag (c = 0)
                        "x", PlotValue.Numbers [| 0.0; total |]
                        "y", PlotValue.Numbers [| expected; expected |]
                        "xaxis", text x
                        "yaxis", text y
                        "line", obj [ "color", text Palette.ink; "width", num 1.5; "dash", text "dash" ]
                        "hoverinfo", text "skip"
                    ]
            ]

        [ 0 .. chains - 1 ]
        |> List.collect panel
        |> Figure.ofTraces
        |> DrawPanels.stacked (Array.init chains DrawPanels.chainName) "rank among all draws" (fun _ ->
            [ "range", pair 0.0 total; "tickformat", text ",d" ])
        |> Figure.withLayout "bargap" (num 0.0)
        |> Figure.withTitle (
            "Ranks of "
            + name
            + (if chains < values.Length then
                   " (first " + count chains + " of " + count values.Length + " chains)"
               else
                   "")
        )
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "How the ranks of each chain's "
            + count draws.Count
            + " draws among those of all chains are spread. Chains that agree have level bars; a chain that is elsewhere leans to one side."
        )
