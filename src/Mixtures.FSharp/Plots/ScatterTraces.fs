namespace Mixtures

open System

/// What a picture of rows and components in two columns is made of.
[<RequireQualifiedAccess>]
module internal ScatterTraces =

    open PlotParts

    /// Points of an ellipse; it looks smooth, and the file stays small.
    let private steps = 72

    /// How the points of one picture are drawn.
    type Style =
        {
            /// Whether WebGL draws them, which it does above everything that it does not draw itself.
            WebGl: bool
            /// The size of a certain point, in pixels.
            Size: float
            /// The opacity of a certain point.
            Opacity: float
        }

    /// Smaller and fainter points the more there are.
    let style (webGl: bool) (rows: int) =
        if rows <= 400 then
            {
                WebGl = webGl
                Size = 7.0
                Opacity = 0.6
            }
        elif rows <= 3000 then
            {
                WebGl = webGl
                Size = 5.0
                Opacity = 0.5
            }
        else
            {
                WebGl = webGl
                Size = 3.5
                Opacity = 0.4
            }

    let private kind style =
        text (if style.WebGl then "scattergl" else "scatter")

    /// Uncertainty as a share of the largest that so many components allow, 1 - 1/K.
    let private shareOfMost (components: int) (uncertainty: float) =
        if components < 2 || not (Double.IsFinite uncertainty) then
            0.0
        else
            min 1.0 (max 0.0 uncertainty / (1.0 - 1.0 / float components))

    let private onAxes (axes: string * string) =
        [ "xaxis", text (fst axes); "yaxis", text (snd axes) ]

    /// Whether a row is one of a component's and lacks neither column.
    let isDrawn (rows: ChartRows) first second k row =
        rows.Labels[row] = k
        && Double.IsFinite rows.Values[first].[row]
        && Double.IsFinite rows.Values[second].[row]

    /// The drawn rows (indices) of one component in two columns, of which they lack neither: the less certain, the larger and the darker.
    let points style axes named (components: ChartComponents) (rows: ChartRows) (drawn: int[]) first second k =
        let own = drawn |> Array.filter (isDrawn rows first second k)

        let column (values: float[]) =
            own |> Array.map (fun row -> values[row])

        let share =
            own
            |> Array.map (fun row -> shareOfMost components.Weights.Length rows.Uncertainty[row])

        let scaled (low: float) (high: float) =
            share
            |> Array.map (fun s -> Math.Round(low + (high - low) * s, 2))
            |> PlotValue.Numbers

        let details row =
            PlotValue.Numbers [| float (row + 1); Math.Round(rows.Uncertainty[row], 4) |]

        let outline =
            if style.WebGl || drawn.Length > 3000 then
                []
            else
                [ "line", obj [ "color", text "#FFFFFF"; "width", num 0.5 ] ]

        obj (
            [
                "type", kind style
                "mode", text "markers"
                "name", plain (legendName components.Names[k] components.Weights[k])
                "legendgroup", text (DensityChart.group k)
                "showlegend", flag named
                "x", PlotValue.Numbers(column rows.Values[first])
                "y", PlotValue.Numbers(column rows.Values[second])
                "customdata", own |> Array.map details |> Array.toList |> PlotValue.List
                "marker",
                obj (
                    [
                        "color", text (Palette.colour k)
                        "symbol", text (Palette.symbol k)
                        "size", scaled style.Size (style.Size * 1.9)
                        "opacity", scaled style.Opacity 0.95
                    ]
                    @ outline
                )
                "hovertemplate",
                text (
                    escape rows.Columns[first]
                    + " %{x}<br>"
                    + escape rows.Columns[second]
                    + " %{y}<br>uncertainty %{customdata[1]:.3f}<br>row %{customdata[0]}<extra>"
                    + escape components.Names[k]
                    + "</extra>"
                )
            ]
            @ onAxes axes
        )

    /// Whether the ellipse of a component in two columns is finite.
    let hasEllipse (components: ChartComponents) first second k =
        let mean = components.Means[k]
        let covariance = components.Covariances[k]

        [
            mean[first]
            mean[second]
            covariance[first, first]
            covariance[second, first]
            covariance[second, second]
        ]
        |> List.forall Double.IsFinite

    /// The ellipses of one component at one and two standard deviations in two columns, where they are finite: white
    /// below and in the component's colour above, so that they stand out from the points.
    let ellipses style axes named (components: ChartComponents) first second k =
        if not (hasEllipse components first second k) then
            []
        else
            let at radius =
                CovarianceEllipse.points radius steps first second components.Means[k] components.Covariances[k]

            let innerX, innerY = at 1.0
            let outerX, outerY = at 2.0
            let gap = [| nan |]

            let trace (colour: string) (width: float) dash named =
                obj (
                    [
                        "type", kind style
                        "mode", text "lines"
                        "name", plain (legendName components.Names[k] components.Weights[k])
                        "legendgroup", text (DensityChart.group k)
                        "showlegend", flag named
                        "x", PlotValue.Numbers(Array.concat [ innerX; gap; outerX ])
                        "y", PlotValue.Numbers(Array.concat [ innerY; gap; outerY ])
                        "line", obj [ "color", text colour; "width", num width; "dash", text dash ]
                        "hoverinfo", text "skip"
                    ]
                    @ onAxes axes
                )

            [
                trace "rgba(255,255,255,0.7)" 3.5 "solid" false
                trace (Palette.colour k) 2.0 (Palette.dash k) named
            ]

    /// What stands beside a mean: the name, or its number where there are too many names of no more meaning to read.
    let private label (components: ChartComponents) k =
        if
            components.Names.Length > 6
            && components.Names[k] = ChartComponents.defaultName k
        then
            plain (string (k + 1))
        else
            plain (shorten 18 components.Names[k])

    /// The mean of one component in two columns, where it is finite, with its name beside it or only a mark.
    let mean style axes withName (components: ChartComponents) (columns: string[]) first second k =
        let x = components.Means[k][first]
        let y = components.Means[k][second]

        if not (Double.IsFinite x && Double.IsFinite y) then
            []
        else
            [
                obj (
                    [
                        "type", kind style
                        "mode", text (if withName then "markers+text" else "markers")
                        "name", plain components.Names[k]
                        "legendgroup", text (DensityChart.group k)
                        "showlegend", flag false
                        "x", PlotValue.Numbers [| x |]
                        "y", PlotValue.Numbers [| y |]
                        "text", PlotValue.List [ label components k ]
                        "cliponaxis", flag false
                        "textposition", text "top center"
                        "textfont",
                        obj
                            [
                                "color", text Palette.ink
                                "size", int 13
                                "weight", int 600
                                "shadow", text "0 0 3px #fff, 0 0 3px #fff, 0 0 5px #fff"
                            ]
                        "marker",
                        obj
                            [
                                "symbol", text "diamond"
                                "size", int (if withName then 10 else 7)
                                "color", text (Palette.colour k)
                                "line", obj [ "color", text "#FFFFFF"; "width", num 1.5 ]
                            ]
                        "hovertemplate",
                        text (
                            "mean<br>"
                            + escape columns[first]
                            + " %{x}<br>"
                            + escape columns[second]
                            + " %{y}<extra>"
                            + escape components.Names[k]
                            + "</extra>"
                        )
                    ]
                    @ onAxes axes
                )
            ]

    /// The names beside the means, for pictures by WebGL, which draws text badly and everything above other text.
    let nameLabels (components: ChartComponents) first second =
        [
            for k in 0 .. components.Weights.Length - 1 do
                let x = components.Means[k][first]
                let y = components.Means[k][second]

                if Double.IsFinite x && Double.IsFinite y then
                    obj
                        [
                            "x", num x
                            "y", num y
                            "text", label components k
                            "showarrow", flag false
                            "yshift", int 16
                            "borderpad", int 1
                            "bgcolor", text "rgba(255,255,255,0.7)"
                            "font", obj [ "size", int 13; "weight", int 600 ]
                        ]
        ]
        |> PlotValue.List

    /// The range of an axis that holds a column's finite numbers and the ellipses at two standard deviations, which
    /// reach no further than the mean and twice the column's standard deviation, with some air. A component far wider
    /// than the data is cut off.
    let range (components: ChartComponents) (column: int) (values: float[]) =
        let finite = values |> Array.filter Double.IsFinite

        let reach sign =
            [
                for k in 0 .. components.Weights.Length - 1 do
                    let mean = components.Means[k][column]
                    let variance = components.Covariances[k][column, column]
                    let sd = sqrt (max 0.0 variance)

                    if Double.IsFinite mean && Double.IsFinite sd then
                        yield mean + sign * 2.0 * sd
            ]

        let low, high =
            if finite.Length > 0 then
                let least, most = Array.min finite, Array.max finite
                let slack = 0.5 * (most - least)

                max (least - slack) (List.min (least :: reach -1.0)), min (most + slack) (List.max (most :: reach 1.0))
            else
                match reach -1.0, reach 1.0 with
                | [], _
                | _, [] -> 0.0, 1.0
                | lows, highs -> List.min lows, List.max highs

        let air =
            if high > low then
                0.04 * (high - low)
            else
                max 0.5 (abs low * 1e-9)

        low - air, high + air
