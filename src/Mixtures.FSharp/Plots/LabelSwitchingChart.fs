namespace Mixtures

/// A parameter of every component, as drawn and as renumbered.
[<RequireQualifiedAccess>]
module internal LabelSwitchingChart =

    open PlotParts

    /// Two panels over all chains' draws, one after the other: components as they were drawn, and as they are renumbered.
    let create (parameter: int) (raw: MixtureDraws) (relabelled: MixtureDraws) =
        if raw.Count <> relabelled.Count || raw.Components <> relabelled.Components then
            invalidArg
                (nameof relabelled)
                $"expected {raw.Count} draws of {raw.Components} components, received {relabelled.Count} of {relabelled.Components}"

        if parameter < 0 || parameter >= raw.ParameterNames.Length then
            invalidArg
                (nameof parameter)
                $"expected a parameter from 0 to {raw.ParameterNames.Length - 1}, received {parameter}"

        let drawn = evenRows (2 * DrawPanels.MostDraws) raw.Count

        let panel i (draws: MixtureDraws) =
            let axes = DrawPanels.axesOf i
            let values = drawn |> Array.map (fun s -> draws.ParameterAt(s, parameter))

            [
                for k in 0 .. draws.Components - 1 do
                    let name = ChartComponents.defaultName k

                    obj
                        [
                            "type", text "scatter"
                            "mode", text "markers"
                            "name", text name
                            "legendgroup", text (string k)
                            "showlegend", flag (i = 0)
                            "x", PlotValue.integers (drawn |> Array.map (fun s -> s + 1))
                            "y", PlotValue.Numbers(values |> Array.map (fun v -> v[k]))
                            "xaxis", text (fst axes)
                            "yaxis", text (snd axes)
                            "marker",
                            obj
                                [
                                    "color", text (Palette.colour k)
                                    "symbol", text (Palette.symbol k)
                                    "size", num 2.5
                                    "opacity", num 0.6
                                ]
                            "hovertemplate", text ("draw %{x}<br>%{y:.4~g}<extra>" + name + "</extra>")
                        ]
            ]

        let each = raw.Count / raw.Chains

        let ends =
            PlotValue.List
                [
                    for chain in 1 .. raw.Chains - 1 do
                        for i in 0..1 do
                            let x, y = DrawPanels.axesOf i

                            obj
                                [
                                    "type", text "line"
                                    "xref", text x
                                    "yref", text (y + " domain")
                                    "x0", num (float (chain * each) + 0.5)
                                    "x1", num (float (chain * each) + 0.5)
                                    "y0", num 0.0
                                    "y1", num 1.0
                                    "line", obj [ "color", text Palette.muted; "width", num 1.0; "dash", text "dot" ]
                                ]
                ]

        panel 0 raw @ panel 1 relabelled
        |> Figure.ofTraces
        |> DrawPanels.stacked [| "as drawn"; "relabelled" |] "draw, chain after chain" (fun i ->
            [
                if i = 0 then
                    "matches", text "x2"
                "tickformat", text ",d"
            ])
        |> Figure.withTitle ("Labels of components: " + raw.ParameterNames[parameter])
        |> Figure.withLayout "shapes" ends
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            raw.ParameterNames[parameter]
            + " of "
            + count raw.Components
            + " components in "
            + count raw.Count
            + " draws of "
            + count raw.Chains
            + " chains, one after the other: above with the numbers that they were drawn with, below renumbered. Colours that change places above and not below are labels that switched."
        )
