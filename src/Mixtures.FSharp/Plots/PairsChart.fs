namespace Mixtures

/// The scatter matrix of several columns.
[<RequireQualifiedAccess>]
module internal PairsChart =

    open PlotParts

    /// More points than this, all panels together, are drawn by WebGL.
    let private mostSvgPoints = 20000

    /// More points than this, all panels together, are not drawn.
    let private mostPoints = 40000

    /// More columns than this are not drawn.
    let private mostColumns = 6

    /// Plotly's name of the n-th axis, from 0: x, x2, x3.
    let axisName (letter: string) (index: int) =
        if index = 0 then letter else letter + string (index + 1)

    let axisKey (letter: string) (index: int) =
        if index = 0 then
            letter + "axis"
        else
            letter + "axis" + string (index + 1)

    /// The band of the i-th of so many panels, from 0 to 1.
    let band (panels: int) (i: int) =
        let gap = 0.025
        let size = (1.0 - gap * float (panels - 1)) / float panels
        let low = float i * (size + gap)
        pair low (min 1.0 (low + size))

    let panelAxis (fields: (string * PlotValue) list) =
        [
            "mirror", text "all"
            "linecolor", text "#CBD2D9"
            "showgrid", flag false
            "ticks", text ""
            "nticks", int 5
            "tickfont", obj [ "size", int 11 ]
            yield! fields
        ]

    /// The axes: column c has x axis c, row r has y axis r, and the diagonal has y axes of its own.
    let axes (columns: string[]) (ranges: (float * float)[]) =
        let panels = columns.Length
        let row r = band panels (panels - 1 - r)
        let titled c = axis (shorten 18 columns[c])

        [
            for c in 0 .. panels - 1 do
                // the lowest panel of a column carries its ticks: on the diagonal only for the last
                let lowest =
                    if c = panels - 1 then
                        axisName "y" (panels + c)
                    else
                        axisName "y" (panels - 1)

                axisKey "x" c,
                titled c (panelAxis [ "domain", band panels c; "anchor", text lowest; "range", ranges[c] ||> pair ])

                if c > 0 then
                    axisKey "y" c,
                    titled c (panelAxis [ "domain", row c; "anchor", text "x"; "range", ranges[c] ||> pair ])

                axisKey "y" (panels + c),
                obj (
                    panelAxis
                        [
                            "domain", row c
                            "anchor", text (axisName "x" c)
                            "showticklabels", flag false
                            "rangemode", text "tozero"
                            "fixedrange", flag true
                        ]
                )
        ]

    let private diagonal (components: ChartComponents) (rows: ChartRows) (low: float, high: float) c panels =
        let axes = axisName "x" c, axisName "y" (panels + c)
        let bins = HistogramBins.ofValues rows.Weights rows.Values[c]
        let grid = Array.init 201 (fun i -> low + (high - low) * float i / 200.0)

        // a curve that is nowhere finite has nothing to draw
        let curves =
            ChartComponents.marginal components c grid
            |> Array.indexed
            |> Array.filter (fun (_, curve) -> Array.exists System.Double.IsFinite curve)

        [
            if bins.Density.Length > 0 then
                DensityChart.bars axes false bins
            for k, curve in curves do
                DensityChart.componentCurve axes false k components.Names[k] grid curve
            yield! DensityChart.totalCurve axes false grid (Array.map snd curves)
        ]

    /// In the empty half of the matrix where the legend fits there, else above.
    let private legend panels (components: int) =
        if panels >= 3 && components <= 6 then
            obj
                [
                    "x", num 1.0
                    "xanchor", text "right"
                    "y", num 1.0
                    "yanchor", text "top"
                    "tracegroupgap", int 0
                ]
        else
            legendAbove

    let create (components: ChartComponents) (rows: ChartRows) =
        if rows.Columns.Length < 2 then
            invalidArg (nameof rows) $"expected at least 2 columns, received {rows.Columns.Length}"

        ChartComponents.check rows.Columns.Length components
        ChartRows.check components.Weights.Length rows
        let total = rows.Labels.Length
        let panels = min mostColumns rows.Columns.Length
        let pictures = panels * (panels - 1) / 2
        let drawn = evenRows (min ScatterChart.mostRows (mostPoints / pictures)) total

        let style =
            { ScatterTraces.style (drawn.Length * pictures > mostSvgPoints) (drawn.Length * panels) with
                Size = if drawn.Length <= 1000 then 4.5 else 3.0
            }

        let ranges =
            Array.init panels (fun c -> ScatterTraces.range components c rows.Values[c])

        let cell r c =
            let axes = axisName "x" c, axisName "y" r
            ScatterChart.traces style axes ((r, c) = (1, 0)) false components rows drawn c r

        let notes =
            [
                if drawn.Length < total then
                    count drawn.Length + " of " + count total + " rows drawn"
                if panels < rows.Columns.Length then
                    "first " + count panels + " of " + count rows.Columns.Length + " columns"
            ]

        let note =
            if notes.IsEmpty then
                ""
            else
                " (" + String.concat ", " notes + ")"

        let figure =
            [
                for c in 0 .. panels - 1 do
                    yield! diagonal components rows ranges[c] c panels
                for r in 1 .. panels - 1 do
                    for c in 0 .. r - 1 do
                        yield! cell r c
            ]
            |> Figure.ofTraces
            |> Figure.withTitle ("Components in pairs of columns" + note)
            |> Figure.withLayout "bargap" (num 0.0)
            |> Figure.withLayout "legend" (legend panels components.Weights.Length)
            |> Figure.withAspect 1.0
            |> Figure.withMinimumWidth (130 * panels)
            |> Figure.withSummary (
                rowsDrawn drawn.Length total
                + " and "
                + listed components.Names components.Weights
                + (if panels < rows.Columns.Length then
                       ", in the first "
                       + count panels
                       + " of "
                       + count rows.Columns.Length
                       + " columns"
                   else
                       "")
                + ". The diagonal has each column's histogram and densities."
                + ScatterChart.reading components rows
            )

        (figure, axes (Array.truncate panels rows.Columns) ranges)
        ||> List.fold (fun figure (key, value) -> Figure.withLayout key value figure)
