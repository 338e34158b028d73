namespace Mixtures

/// A density with its uncertainty: the mean of many densities and a band that holds most of them.
[<RequireQualifiedAccess>]
module internal DensityBandChart =

    open PlotParts

    /// The quantile of sorted numbers, between neighbours by their distance.
    let private quantile (share: float) (sorted: float[]) =
        let at = share * float (sorted.Length - 1)
        let low = Operators.int (floor at)
        let high = min (low + 1) (sorted.Length - 1)
        sorted[low] + (at - float low) * (sorted[high] - sorted[low])

    let create (share: float) (density: ChartDensity) (draws: float[][]) =
        if not (share > 0.0 && share < 1.0) then
            invalidArg (nameof share) $"expected a share between 0 and 1, received {Wording.number share}"

        if draws.Length = 0 then
            invalidArg (nameof draws) "expected at least one draw, received none"

        for draw in draws do
            requireLength (nameof draws) "point of the grid" density.Grid.Length draw.Length

        let at i =
            draws |> Array.map (fun draw -> draw[i]) |> Array.sort

        let columns = Array.init density.Grid.Length at
        let low = columns |> Array.map (quantile (0.5 * (1.0 - share)))
        let high = columns |> Array.map (quantile (1.0 - 0.5 * (1.0 - share)))
        let mean = columns |> Array.map Array.average
        let percent = decimals 0 (100.0 * share) + "\u00A0%"

        let edge name shown fields values =
            obj (
                [
                    "type", text "scatter"
                    "mode", text "lines"
                    "name", text name
                    "legendgroup", text "band"
                    "showlegend", flag shown
                    "x", PlotValue.Numbers density.Grid
                    "y", PlotValue.Numbers values
                    "line", obj [ "color", text Palette.ink; "width", num 0.0 ]
                    "hoverinfo", text "skip"
                ]
                @ fields
            )

        let centre =
            obj
                [
                    "type", text "scatter"
                    "mode", text "lines"
                    "name", text "mean"
                    "x", PlotValue.Numbers density.Grid
                    "y", PlotValue.Numbers mean
                    "line", obj [ "color", text Palette.ink; "width", num 2.0; "simplify", flag false ]
                    "hovertemplate", text "%{x}<br>mean density %{y:.4g}<extra></extra>"
                ]

        let figure = DensityChart.create density

        figure
        |> Figure.addTraces
            [
                edge "low" false [] low
                edge
                    (percent + " of the draws")
                    true
                    [
                        "fill", text "tonexty"
                        "fillcolor", text (Palette.withOpacity 0.22 Palette.ink)
                    ]
                    high
                centre
            ]
        |> Figure.withTitle ("Density of " + density.Column + " and its uncertainty")
        |> Figure.withSummary (
            "The density's mean over "
            + count draws.Length
            + " draws of the parameters, with the band that holds "
            + percent
            + " of them at each value; the components are those of the estimate."
        )
