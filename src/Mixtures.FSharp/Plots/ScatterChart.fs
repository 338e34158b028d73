namespace Mixtures

/// Rows and components in two columns.
[<RequireQualifiedAccess>]
module internal ScatterChart =

    open PlotParts

    /// More rows than this are thinned, and drawn by WebGL.
    let mostRows = 20000

    let private hasRows (rows: ChartRows) (drawn: int[]) first second k =
        drawn |> Array.exists (ScatterTraces.isDrawn rows first second k)

    /// What the points and ellipses mean, for people.
    let reading (components: ChartComponents) (rows: ChartRows) =
        let hasEllipses =
            components.Covariances
            |> Array.exists (fun c -> System.Double.IsFinite(Seq.sum (Seq.cast<float> c)))

        " Points are coloured by their most probable component; the less certain, the larger and darker."
        + (if hasEllipses then
               " Ellipses are at one and two standard deviations of each component, which hold 39 % and 86 % of a Gaussian."
           else
               "")
        + withoutValues rows.Values

    /// All points, then all ellipses, then all means, in one pair of axes. The legend's entry of a component is that of
    /// its ellipse, or of its points where it has none.
    let traces style axes named withNames (components: ChartComponents) (rows: ChartRows) drawn first second =
        let every = [ 0 .. components.Weights.Length - 1 ]

        [
            for k in every do
                if hasRows rows drawn first second k then
                    let alone = named && not (ScatterTraces.hasEllipse components first second k)
                    ScatterTraces.points style axes alone components rows drawn first second k
            for k in every do
                yield! ScatterTraces.ellipses style axes named components first second k
            for k in every do
                yield! ScatterTraces.mean style axes withNames components rows.Columns first second k
        ]

    let create (components: ChartComponents) (rows: ChartRows) =
        if rows.Columns.Length <> 2 then
            invalidArg (nameof rows) $"expected 2 columns, received {rows.Columns.Length}"

        ChartComponents.check 2 components
        ChartRows.check components.Weights.Length rows
        let total = rows.Labels.Length
        let drawn = evenRows mostRows total
        let style = ScatterTraces.style (total > mostRows) drawn.Length

        let note =
            if drawn.Length < total then
                " (" + count drawn.Length + " of " + count total + " rows drawn)"
            else
                ""

        let range column =
            ScatterTraces.range components column rows.Values[column] ||> pair

        traces style ("x", "y") true (not style.WebGl) components rows drawn 0 1
        |> Figure.ofTraces
        |> Figure.withTitle ("Components in " + rows.Columns[0] + " and " + rows.Columns[1] + note)
        |> Figure.withAxisTitles rows.Columns[0] rows.Columns[1]
        |> Figure.withLayout "xaxis.range" (range 0)
        |> Figure.withLayout "yaxis.range" (range 1)
        |> Figure.withLayout "legend" legendAbove
        |> (if style.WebGl then
                Figure.withLayout "annotations" (ScatterTraces.nameLabels components 0 1)
            else
                id)
        |> Figure.withSummary (
            rowsDrawn drawn.Length total
            + " and "
            + listed components.Names components.Weights
            + "."
            + reading components rows
        )
