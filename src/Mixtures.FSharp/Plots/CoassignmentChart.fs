namespace Mixtures

/// How probable it is that rows belong together.
[<RequireQualifiedAccess>]
module internal CoassignmentChart =

    open PlotParts

    /// More rows than this are thinned evenly.
    let private most = 1000

    /// Of more rows than this, pairs have no names.
    let private mostNamed = 100

    /// A heat map of N x N probabilities with the rows of each label side by side.
    let create (labels: int[]) (matrix: float[,]) =
        let n = matrix.GetLength 0

        if matrix.GetLength 1 <> n || n < 1 then
            invalidArg (nameof matrix) $"expected a square matrix, received {n} x {matrix.GetLength 1}"

        requireLength (nameof labels) "row" n labels.Length

        let order = [| 0 .. n - 1 |] |> Array.sortBy (fun i -> labels[i], i)
        let drawn = evenRows most n |> Array.map (fun i -> order[i])
        let names = drawn |> Array.map (fun i -> "row " + string (i + 1))

        // where one label ends and the next begins
        let edges =
            [
                for at in 1 .. drawn.Length - 1 do
                    if labels[drawn[at]] <> labels[drawn[at - 1]] then
                        float at - 0.5
            ]

        let line (x0: float, y0: float, x1: float, y1: float) =
            obj
                [
                    "type", text "line"
                    "x0", num x0
                    "y0", num y0
                    "x1", num x1
                    "y1", num y1
                    "line", obj [ "color", text (Palette.colour 1); "width", num 1.5 ]
                ]

        let last = float drawn.Length - 0.5

        [
            obj
                [
                    "type", text "heatmap"
                    "z",
                    drawn
                    |> Array.map (fun i -> PlotValue.Numbers(drawn |> Array.map (fun j -> matrix[i, j])))
                    |> Array.toList
                    |> PlotValue.List
                    if drawn.Length <= mostNamed then
                        "text",
                        names
                        |> Array.map (fun a -> PlotValue.texts (names |> Array.map (fun b -> a + ", " + b)))
                        |> Array.toList
                        |> PlotValue.List
                    "zmin", num 0.0
                    "zmax", num 1.0
                    "colorscale",
                    PlotValue.List
                        [
                            PlotValue.List [ num 0.0; text "#FFFFFF" ]
                            PlotValue.List [ num 1.0; text Palette.ink ]
                        ]
                    "colorbar", obj [ "title", obj [ "text", text "together" ] ]
                    "hovertemplate",
                    text (
                        (if drawn.Length <= mostNamed then "%{text}<br>" else "")
                        + "together %{z:.3f}<extra></extra>"
                    )
                ]
        ]
        |> Figure.ofTraces
        |> Figure.withTitle (
            "Rows that belong together"
            + (if drawn.Length < n then
                   " (" + count drawn.Length + " of " + count n + " rows drawn)"
               else
                   "")
        )
        |> Figure.withAxisTitles "row, by cluster" "row, by cluster"
        // places in the order of clusters are no rows' numbers
        |> Figure.withLayout "xaxis.showticklabels" (flag false)
        |> Figure.withLayout "yaxis.showticklabels" (flag false)
        |> Figure.withLayout "yaxis.autorange" (text "reversed")
        |> Figure.withLayout "yaxis.scaleanchor" (text "x")
        |> Figure.withLayout "yaxis.constrain" (text "domain")
        |> Figure.withLayout "xaxis.constrain" (text "domain")
        |> Figure.withLayout
            "shapes"
            (PlotValue.List
                [
                    for edge in edges do
                        line (edge, -0.5, edge, last)
                        line (-0.5, edge, last, edge)
                ])
        |> Figure.withAspect 1.1
        |> Figure.withSummary (
            "The posterior probability that two of "
            + rowsDrawn drawn.Length n
            + " have the same component, rows in the order of "
            + count (labels |> Array.distinct |> Array.length)
            + " clusters. Dark squares along the diagonal are clusters that the posterior is sure of."
        )
