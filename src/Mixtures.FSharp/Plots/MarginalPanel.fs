namespace Mixtures

/// One column's panel: the data in grey, each component in its colour, all of them together dashed.
[<RequireQualifiedAccess>]
module internal MarginalPanel =

    open PlotParts

    let private grey = "#D5DBE2"

    let private bar axes (name: string) group named colour (x: float[]) (y: float[]) (width: float) hover =
        obj
            [
                "type", text "bar"
                "name", plain name
                "legendgroup", text group
                "showlegend", flag named
                "x", PlotValue.Numbers x
                "y", PlotValue.Numbers y
                "width", num width
                "xaxis", text (fst axes)
                "yaxis", text (snd axes)
                "marker",
                obj
                    [
                        "color", text colour
                        "line", obj [ "color", text "#FFFFFF"; "width", num 0.5 ]
                    ]
                "hovertemplate", text (hover + "<extra>" + escape name + "</extra>")
            ]

    /// Probabilities at whole numbers: points, joined to lead the eye.
    let private masses axes (name: string) group named (colour: string) dash symbol (x: float[]) (y: float[]) =
        obj
            [
                "type", text "scatter"
                // many markers in a narrow panel hide the bars
                "mode",
                text (
                    if symbol = "circle-open" && x.Length > 25 then
                        "lines"
                    else
                        "lines+markers"
                )
                "name", plain name
                "legendgroup", text group
                "showlegend", flag named
                "x", PlotValue.Numbers x
                "y", PlotValue.Numbers y
                "xaxis", text (fst axes)
                "yaxis", text (snd axes)
                "line", obj [ "color", text colour; "width", num 1.25; "dash", text dash ]
                "marker",
                obj
                    [
                        "color", text colour
                        "symbol", text symbol
                        "size", num (if x.Length > 25 then 3.0 else 5.5)
                    ]
                "hovertemplate", text ("%{x}<br>probability %{y:.4g}<extra>" + escape name + "</extra>")
            ]

    let private total (marginal: ColumnMarginal) =
        Array.init marginal.Points.Length (fun i -> marginal.Curves |> Array.sumBy (fun c -> c[i]))

    let private counts axes named (legend: string[]) (marginal: ColumnMarginal) =
        let x = marginal.Points

        [
            bar
                axes
                "data"
                "data"
                named
                grey
                x
                (ColumnMarginal.observed marginal)
                0.9
                "%{x}<br>share of the rows %{y:.4g}"

            for k in 0 .. marginal.Curves.Length - 1 do
                masses
                    axes
                    legend[k]
                    (DensityChart.group k)
                    named
                    (Palette.colour k)
                    (Palette.dash k)
                    (Palette.symbol k)
                    x
                    marginal.Curves[k]

            if marginal.Curves.Length > 1 then
                masses axes "total" "total" named Palette.ink "7px,4px" "circle-open" x (total marginal)
        ]

    /// Side by side at each level: the rows' share with the mixture's probability as a mark on it, and each component's
    /// own probability, without its weight.
    let private levels axes named (legend: string[]) (weights: float[]) (marginal: ColumnMarginal) =
        let count = marginal.Curves.Length
        let width = 0.84 / float (count + 1)

        let place j =
            marginal.Points |> Array.map (fun l -> l - 0.42 + (float j + 0.5) * width)

        [
            bar
                axes
                "data"
                "data"
                named
                grey
                (place 0)
                (ColumnMarginal.observed marginal)
                width
                "share of the rows %{y:.4g}"

            for k in 0 .. count - 1 do
                let own =
                    marginal.Curves[k]
                    |> Array.map (fun p -> if weights[k] > 0.0 then p / weights[k] else 0.0)

                bar
                    axes
                    legend[k]
                    (DensityChart.group k)
                    named
                    (Palette.colour k)
                    (place (k + 1))
                    own
                    width
                    "probability %{y:.4g}"

            if count > 1 then
                obj
                    [
                        "type", text "scatter"
                        "mode", text "markers"
                        "name", text "total"
                        "legendgroup", text "total"
                        "showlegend", flag named
                        "x", PlotValue.Numbers(place 0)
                        "y", PlotValue.Numbers(total marginal)
                        "xaxis", text (fst axes)
                        "yaxis", text (snd axes)
                        "marker",
                        obj
                            [
                                "symbol", text "diamond-open"
                                "size", num 9.0
                                "color", text Palette.ink
                                "line", obj [ "width", num 2.0 ]
                            ]
                        "hovertemplate", text "probability %{y:.4g}<extra>total</extra>"
                    ]
        ]

    let private highest (values: float[]) =
        values |> Array.filter System.Double.IsFinite |> Array.fold max 0.0

    /// The traces on a pair of axes, and how high these reach; named in the legend or not.
    let create axes named (names: string[]) (weights: float[]) (marginal: ColumnMarginal) : PlotValue list * float =
        let legend = Array.map2 legendName names weights

        match marginal.Kind with
        | ColumnKind.Levels _ -> levels axes named legend weights marginal, 1.0
        | ColumnKind.Counts when
            Array.forall2
                (fun (a: float) b -> b - a = 1.0)
                marginal.Points[.. marginal.Points.Length - 2]
                marginal.Points[1..]
            ->
            counts axes named legend marginal,
            max (highest (total marginal)) (highest (ColumnMarginal.observed marginal))
        | ColumnKind.Counts
        | ColumnKind.Angles
        | ColumnKind.Numbers _ ->
            let bins = HistogramBins.ofValues marginal.RowWeights marginal.Values
            let seen = highest bins.Density

            let traces =
                [
                    if bins.Density.Length > 0 then
                        DensityChart.bars axes named bins
                    for k in 0 .. marginal.Curves.Length - 1 do
                        DensityChart.componentCurve axes named k legend[k] marginal.Points marginal.Curves[k]
                    yield! DensityChart.totalCurve axes named marginal.Points marginal.Curves
                ]

            // a density that rises without end, at 0 say, would leave nothing else to see
            traces, max seen (min (2.0 * seen) (highest (total marginal)))

    /// What the vertical axis measures.
    let measure (marginal: ColumnMarginal) =
        match marginal.Kind with
        | ColumnKind.Levels _
        | ColumnKind.Counts -> "probability"
        | ColumnKind.Angles
        | ColumnKind.Numbers _ -> "density"
