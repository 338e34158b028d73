namespace Mixtures

/// Draws in the order in which they were made.
[<RequireQualifiedAccess>]
module internal TraceChart =

    open PlotParts

    /// Chains over each other, a panel a parameter; divergent draws (an array for each chain, or none) are marked below.
    let create (names: string list) (divergent: bool[][]) (draws: Draws) =
        let places, all = DrawPanels.choose names draws
        let total = draws.Count
        let drawn = evenRows DrawPanels.MostDraws total

        if divergent.Length > 0 then
            requireLength (nameof divergent) "chain" draws.ChainCount divergent.Length

        let panel i place =
            let values = Draws.parameterAt place draws
            let axes = DrawPanels.axesOf i
            let least = values |> Seq.map Array.min |> Seq.min

            [
                for c in 0 .. values.Length - 1 do
                    obj
                        [
                            "type", text "scatter"
                            "mode", text "lines"
                            "name", text (DrawPanels.chainName c)
                            "legendgroup", text (string c)
                            "showlegend", flag (i = 0)
                            "x", PlotValue.integers (drawn |> Array.map (fun s -> s + 1))
                            "y", PlotValue.Numbers(drawn |> Array.map (fun s -> values[c].[s]))
                            "xaxis", text (fst axes)
                            "yaxis", text (snd axes)
                            "opacity", num 0.75
                            "line",
                            obj
                                [
                                    "color", text (Palette.colour c)
                                    "dash", text (Palette.dash c)
                                    "width", num 1.0
                                    "simplify", flag false
                                ]
                            "hovertemplate",
                            text ("draw %{x}<br>%{y:.4~g}<extra>" + DrawPanels.chainName c + "</extra>")
                        ]

                let marked =
                    [|
                        for chain in divergent do
                            for s in 0 .. min total chain.Length - 1 do
                                if chain[s] then
                                    s + 1
                    |]
                    |> Array.truncate 5000

                if marked.Length > 0 then
                    obj
                        [
                            "type", text "scatter"
                            "mode", text "markers"
                            "name", text "divergent"
                            "legendgroup", text "divergent"
                            "showlegend", flag (i = 0)
                            "x", PlotValue.integers marked
                            "y", PlotValue.Numbers(Array.create marked.Length least)
                            "xaxis", text (fst axes)
                            "yaxis", text (snd axes)
                            "marker", obj [ "symbol", text "line-ns-open"; "size", int 9; "color", text Palette.ink ]
                            "hovertemplate", text "draw %{x}<extra>divergent</extra>"
                        ]
            ]

        let thinned =
            if drawn.Length < total then
                ", every " + count ((total + drawn.Length - 1) / drawn.Length) + " or so drawn,"
            else
                ""

        places
        |> Array.mapi panel
        |> Seq.concat
        |> Seq.toList
        |> Figure.ofTraces
        |> DrawPanels.stacked (places |> Array.map (fun p -> draws.Names[p])) "draw" (fun i ->
            [
                if i < places.Length - 1 then
                    "matches", text (fst (DrawPanels.axesOf (places.Length - 1)))
            ])
        |> Figure.withTitle ("Draws by chain" + DrawPanels.note places.Length all)
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            count total
            + " draws"
            + thinned
            + " of "
            + count draws.ChainCount
            + " chains in the order in which they were made. Chains that have mixed look alike and stay at no level of their own."
        )
