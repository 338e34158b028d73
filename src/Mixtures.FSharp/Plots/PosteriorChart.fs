namespace Mixtures

/// Posterior distributions by their draws.
[<RequireQualifiedAccess>]
module internal PosteriorChart =

    open PlotParts

    let private quantile (share: float) (draws: float[]) =
        let sorted = Array.sort draws
        sorted[Operators.int (share * float (sorted.Length - 1))]

    let marginals (quantity: string) (names: string[]) (draws: float[][]) =
        requireLength (nameof names) "quantity" draws.Length names.Length

        if names.Length = 0 then
            invalidArg (nameof names) "expected at least one quantity, received none"

        let trace k =
            let struct (grid, density) = KernelDensity.curve 240 draws[k]
            let colour = Palette.colour k

            obj
                [
                    "type", text "scatter"
                    "mode", text "lines"
                    "name", plain (shorten 28 names[k])
                    "x", PlotValue.Numbers grid
                    "y", PlotValue.Numbers density
                    "line",
                    obj
                        [
                            "color", text colour
                            "width", num 2.0
                            "dash", text (Palette.dash k)
                            "simplify", flag false
                        ]
                    "fill", text "tozeroy"
                    "fillcolor", text (Palette.withOpacity 0.12 colour)
                    "hovertemplate", text ("%{x:.5g}<br>density %{y:.4g}<extra>" + escape names[k] + "</extra>")
                ]

        let described k =
            names[k]
            + ": median "
            + Wording.short (quantile 0.5 draws[k])
            + ", nine in ten between "
            + Wording.short (quantile 0.05 draws[k])
            + " and "
            + Wording.short (quantile 0.95 draws[k])

        List.init names.Length trace
        |> Figure.ofTraces
        |> Figure.withTitle ("Posterior of " + quantity)
        |> Figure.withAxisTitles quantity "density"
        |> Figure.withLayout "yaxis.rangemode" (text "tozero")
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "Posterior densities, smoothed, of "
            + count draws[0].Length
            + " draws. "
            + (Seq.init (min 6 names.Length) described |> String.concat "; ")
            + "."
        )

    let joint (nameX: string, xs: float[]) (nameY: string, ys: float[]) =
        let struct (gridX, gridY, regions) = KernelDensity.regions 90 xs ys

        let contours =
            obj
                [
                    "type", text "contour"
                    "x", PlotValue.Numbers gridX
                    "y", PlotValue.Numbers gridY
                    "z", regions |> Array.map PlotValue.Numbers |> Array.toList |> PlotValue.List
                    "contours", obj [ "start", num 0.1; "end", num 0.9; "size", num 0.2; "coloring", text "fill" ]
                    "colorscale",
                    PlotValue.List
                        [
                            for at, colour in
                                [
                                    0.0, "#08306B"
                                    0.25, "#2171B5"
                                    0.5, "#6BAED6"
                                    0.75, "#C6DBEF"
                                    1.0, "#FFFFFF"
                                ] -> PlotValue.List [ num at; text colour ]
                        ]
                    "zmin", num 0.0
                    "zmax", num 1.0
                    "line", obj [ "color", text "#FFFFFF"; "width", num 0.75 ]
                    "colorbar",
                    obj
                        [
                            "title", obj [ "text", text "share inside" ]
                            "tickvals", PlotValue.Numbers [| 0.1; 0.3; 0.5; 0.7; 0.9 |]
                            "tickformat", text ".0%"
                        ]
                    "hovertemplate",
                    text (
                        escape nameX
                        + " %{x:.5g}<br>"
                        + escape nameY
                        + " %{y:.5g}<br>inside: %{z:.0%} of the draws<extra></extra>"
                    )
                ]

        [ contours ]
        |> Figure.ofTraces
        |> Figure.withTitle ("Joint posterior of " + nameX + " and " + nameY)
        |> Figure.withAxisTitles nameX nameY
        |> Figure.withSummary (
            "Regions of highest posterior density that hold 10, 30, 50, 70 and 90 per cent of "
            + count xs.Length
            + " draws of "
            + nameX
            + " and "
            + nameY
            + "."
        )
