namespace Mixtures

open System

/// Histograms with densities.
[<RequireQualifiedAccess>]
module internal DensityChart =

    open PlotParts

    /// The bars of a histogram of density, in a pair of axes.
    let bars (axes: string * string) (named: bool) (bins: HistogramBins) =
        let count = bins.Density.Length

        let centre i =
            0.5 * (bins.Edges[i] + bins.Edges[i + 1])

        obj
            [
                "type", text "bar"
                "name", text "data"
                "legendgroup", text "data"
                "showlegend", flag named
                "x", PlotValue.Numbers(Array.init count centre)
                "y", PlotValue.Numbers bins.Density
                "width", PlotValue.Numbers(Array.init count (fun i -> bins.Edges[i + 1] - bins.Edges[i]))
                "xaxis", text (fst axes)
                "yaxis", text (snd axes)
                "marker",
                obj
                    [
                        "color", text "#D5DBE2"
                        "line", obj [ "color", text "#FFFFFF"; "width", num (if count > 40 then 0.0 else 1.0) ]
                    ]
                "hovertemplate", text "%{x}<br>density %{y:.4g}<extra>data</extra>"
            ]

    let private line (axes: string * string) (name: string) group named (fields: (string * PlotValue) list) grid curve =
        obj (
            [
                "type", text "scatter"
                "mode", text "lines"
                "name", plain name
                "legendgroup", text group
                "showlegend", flag named
                "x", PlotValue.Numbers grid
                "y", PlotValue.Numbers curve
                "xaxis", text (fst axes)
                "yaxis", text (snd axes)
                "hovertemplate", text ("%{x}<br>density %{y:.4g}<extra>" + escape name + "</extra>")
            ]
            @ fields
        )

    /// The name by which the traces of a component are shown and hidden together.
    let group (k: int) = "component-" + string k

    /// The curve of one component.
    let componentCurve axes (named: bool) (k: int) (name: string) (grid: float[]) (curve: float[]) =
        let colour = Palette.colour k

        let fields =
            [
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
            ]

        line axes name (group k) named fields grid curve

    /// The curve of all components together; where there is only one, it is that one.
    let totalCurve axes (named: bool) (grid: float[]) (curves: float[][]) =
        if curves.Length < 2 then
            []
        else
            let total = Array.init grid.Length (fun i -> curves |> Array.sumBy (fun c -> c[i]))

            let fields =
                [
                    "line",
                    obj
                        [
                            "color", text Palette.ink
                            "width", num 2.0
                            "dash", text "7px,4px"
                            "simplify", flag false
                        ]
                ]

            [ line axes "total" "total" named fields grid total ]

    let private check (input: ChartDensity) =
        requireLength (nameof input.Names) "component" input.Curves.Length input.Names.Length
        requireLength (nameof input.Weights) "component" input.Curves.Length input.Weights.Length

        for curve in input.Curves do
            requireLength (nameof input.Curves) "point of the grid" input.Grid.Length curve.Length

        match input.RowWeights with
        | Some weights -> requireLength (nameof input.RowWeights) "row" input.Values.Length weights.Length
        | None -> ()

    let create (input: ChartDensity) =
        check input
        let axes = "x", "y"
        let bins = HistogramBins.ofValues input.RowWeights input.Values

        let curves =
            input.Curves
            |> Array.mapi (fun k curve ->
                componentCurve axes true k (legendName input.Names[k] input.Weights[k]) input.Grid curve)
            |> Array.toList

        let summary =
            "A histogram of "
            + count input.Values.Length
            + " values of "
            + input.Column
            + ", scaled to have area one, under the densities, times their weights, of "
            + listed input.Names input.Weights
            + (if curves.Length > 1 then
                   ". The dashed line is their sum."
               else
                   ".")

        [
            if bins.Density.Length > 0 then
                bars axes true bins
            yield! curves
            yield! totalCurve axes true input.Grid input.Curves
        ]
        |> Figure.ofTraces
        |> Figure.withTitle ("Density of " + input.Column)
        |> Figure.withAxisTitles input.Column "density"
        |> Figure.withLayout "yaxis.rangemode" (text "tozero")
        |> Figure.withLayout "bargap" (num 0.0)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary summary
