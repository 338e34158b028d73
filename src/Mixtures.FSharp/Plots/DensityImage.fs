namespace Mixtures

/// The density of two columns as an image.
[<RequireQualifiedAccess>]
module internal DensityImage =

    open PlotParts

    /// From white to the first component's colour, dark at the top.
    let private scale =
        PlotValue.List
            [
                PlotValue.List [ num 0.0; text "#FFFFFF" ]
                PlotValue.List [ num 0.15; text "#CFE4F2" ]
                PlotValue.List [ num 0.5; text "#4F9BCB" ]
                PlotValue.List [ num 1.0; text "#08306B" ]
            ]

    /// A quantity at points of a grid, one row for each y; the quantity is named as in density.
    let createOf
        (quantity: string)
        (title: string)
        (names: string * string)
        (x: float[])
        (y: float[])
        (density: float[,])
        =
        if density.GetLength 0 <> y.Length || density.GetLength 1 <> x.Length then
            invalidArg
                (nameof density)
                $"expected {y.Length} x {x.Length} densities, a row for each y, received {density.GetLength 0} x {density.GetLength 1}"

        let values = Seq.cast<float> density
        let highest = Seq.max values

        [
            obj
                [
                    "type", text "heatmap"
                    "x", PlotValue.Numbers x
                    "y", PlotValue.Numbers y
                    "z", PlotValue.List [ for i in 0 .. y.Length - 1 -> PlotValue.Numbers density[i, *] ]
                    "colorscale", scale
                    "zmin", num 0.0
                    "zmax", num highest
                    "colorbar", obj [ "title", obj [ "text", text quantity ]; "thickness", int 14 ]
                    "hovertemplate", text ("(%{x:.3g}, %{y:.3g})<br>" + quantity + " %{z:.4g}<extra></extra>")
                ]
        ]
        |> Figure.ofTraces
        |> Figure.withTitle title
        |> Figure.withAxisTitles (fst names) (snd names)
        |> Figure.withSummary (
            "The "
            + quantity
            + " at "
            + count x.Length
            + " x "
            + count y.Length
            + " points, dark where it is high; the highest is "
            + decimals 4 highest
            + "."
        )

    /// The density at points of a grid, one row for each y.
    let create title names x y density =
        createOf "density" title names x y density
