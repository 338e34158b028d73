namespace Mixtures

open System

/// Draws in pairs of parameters, with those that diverged.
[<RequireQualifiedAccess>]
module internal PosteriorPairsChart =

    open PlotParts

    let private mostColumns = 6
    let private mostPoints = 30000

    /// The lower half of the matrix of scatters, and histograms on the diagonal; divergent draws (an array for each chain, or
    /// none) are drawn over the others.
    let create (names: string list) (divergent: bool[][]) (draws: Draws) =
        let _, all = DrawPanels.choose names draws

        if divergent.Length > 0 then
            requireLength (nameof divergent) "chain" draws.ChainCount divergent.Length

        let places =
            (if names.IsEmpty then
                 [ 0 .. draws.Dimension - 1 ]
             else
                 names |> List.map (fun name -> Draws.index name draws))
            |> List.truncate mostColumns
            |> List.toArray

        if places.Length < 2 then
            invalidArg (nameof names) $"expected at least 2 parameters, received {places.Length}"

        let panels = places.Length

        let values =
            places |> Array.map (fun p -> Draws.parameterAt p draws |> Array.concat)

        let total = values[0].Length

        let lost =
            if divergent.Length = 0 then
                Array.create total false
            else
                divergent |> Array.map (Array.truncate draws.Count) |> Array.concat

        requireLength (nameof divergent) "draw" total lost.Length
        let pictures = panels * (panels - 1) / 2
        let limit = mostPoints / pictures

        let sound = Array.init total id |> Array.filter (fun s -> not lost[s])

        let marked = Array.init total id |> Array.filter (fun s -> lost[s])
        let drawn = evenRows limit sound.Length |> Array.map (fun i -> sound[i])
        let drawnLost = evenRows limit marked.Length |> Array.map (fun i -> marked[i])

        let kind =
            if (drawn.Length + drawnLost.Length) * pictures > 10000 then
                "scattergl"
            else
                "scatter"

        let ranges =
            values
            |> Array.map (fun column ->
                let finite = column |> Array.filter Double.IsFinite

                if finite.Length = 0 then
                    invalidArg (nameof draws) "expected finite draws of every parameter, received none"

                let low, high = Array.min finite, Array.max finite
                let margin = if high > low then 0.04 * (high - low) else 0.5
                low - margin, high + margin)

        let points name colour symbol size opacity named (rows: int[]) r c =
            obj
                [
                    "type", text kind
                    "mode", text "markers"
                    "name", text name
                    "legendgroup", text name
                    "showlegend", flag named
                    "x", PlotValue.Numbers(rows |> Array.map (fun s -> values[c].[s]))
                    "y", PlotValue.Numbers(rows |> Array.map (fun s -> values[r].[s]))
                    "xaxis", text (PairsChart.axisName "x" c)
                    "yaxis", text (PairsChart.axisName "y" r)
                    "marker",
                    obj
                        [
                            "color", text colour
                            "symbol", text symbol
                            "size", num size
                            "opacity", num opacity
                        ]
                    "hovertemplate", text ("%{x:.4~g}, %{y:.4~g}<extra>" + name + "</extra>")
                ]

        let figure =
            [
                for c in 0 .. panels - 1 do
                    let bins = HistogramBins.ofValues None values[c]

                    if bins.Density.Length > 0 then
                        DensityChart.bars (PairsChart.axisName "x" c, PairsChart.axisName "y" (panels + c)) false bins
                for r in 1 .. panels - 1 do
                    for c in 0 .. r - 1 do
                        let first = (r = 1)
                        points "draws" (Palette.colour 0) "circle" 3.0 0.35 first drawn r c

                        if drawnLost.Length > 0 then
                            points "divergent" (Palette.colour 1) "x" 6.0 0.9 first drawnLost r c
            ]
            |> Figure.ofTraces
            |> Figure.withTitle ("Posterior in pairs of parameters" + DrawPanels.note panels all)
            |> Figure.withLayout "bargap" (num 0.0)
            |> Figure.withLayout "showlegend" (flag true)
            |> Figure.withLayout "legend" legendAbove
            |> Figure.withAspect 1.0
            |> Figure.withMinimumWidth (130 * panels)
            |> Figure.withSummary (
                (if drawn.Length < sound.Length then
                     count drawn.Length + " of "
                 else
                     "")
                + count sound.Length
                + " draws in pairs of "
                + (places |> Seq.map (fun p -> draws.Names[p]) |> String.concat ", ")
                + "; "
                + count marked.Length
                + " that diverged are marked. Where these gather, the posterior is too narrow for the step size."
            )

        (figure, PairsChart.axes (places |> Array.map (fun p -> draws.Names[p])) ranges)
        ||> List.fold (fun figure (key, value) -> Figure.withLayout key value figure)
