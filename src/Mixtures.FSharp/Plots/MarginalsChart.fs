namespace Mixtures

/// A panel for each column of a mixture on data.
[<RequireQualifiedAccess>]
module internal MarginalsChart =

    open PlotParts

    /// More columns than this are not drawn.
    [<Literal>]
    let private MostPanels = 12

    let private key (letter: string) index =
        if index = 0 then
            letter + "axis"
        else
            letter + "axis" + string (index + 1)

    let private name (letter: string) index =
        if index = 0 then letter else letter + string (index + 1)

    /// Panels side by side.
    let private across panels =
        match panels with
        | 1 -> 1
        | 2
        | 4 -> 2
        | _ -> 3

    /// The band of the i-th of so many, from 0 to 1, with a gap between them.
    let private band (gap: float) (count: int) (i: int) =
        let size = (1.0 - gap * float (count - 1)) / float count
        let low = float i * (size + gap)
        pair low (min 1.0 (low + size))

    let private axes wide high index (marginal: ColumnMarginal) (top: float) =
        let row, column = index / wide, index % wide
        let small = obj [ "size", int (if wide > 1 then 11 else 13) ]

        let ticks =
            match marginal.Kind with
            | ColumnKind.Levels count when count <= 12 ->
                [
                    "tickvals", PlotValue.Numbers marginal.Points
                    "ticktext",
                    (if marginal.Levels.Length = count then
                         marginal.Levels
                         |> Array.map (shorten 12 >> plain)
                         |> Array.toList
                         |> PlotValue.List
                     else
                         PlotValue.texts (marginal.Points |> Array.map (fun l -> string (Operators.int l))))
                ]
            | ColumnKind.Levels _
            | ColumnKind.Counts -> [ "tickformat", text "d"; "nticks", int 8 ]
            | ColumnKind.Angles ->
                [
                    "tickvals", PlotValue.Numbers [| for i in -2 .. 4 -> float i * 0.5 * System.Math.PI |]
                    "ticktext", PlotValue.texts [ "−π"; "−π/2"; "0"; "π/2"; "π"; "3π/2"; "2π" ]
                ]
            | ColumnKind.Numbers _ -> [ "nticks", int 6 ]

        let x =
            axis
                (shorten 24 marginal.Column)
                ([
                    "domain", band 0.08 wide column
                    "anchor", text (name "y" index)
                    "showgrid", flag false
                    "tickfont", small
                 ]
                 @ ticks)

        let y =
            axis
                (MarginalPanel.measure marginal)
                [
                    "domain", band (0.22 / float (max 1 (high - 1)) |> min 0.16) high (high - 1 - row)
                    "anchor", text (name "x" index)
                    "range", pair 0.0 (if top > 0.0 then 1.06 * top else 1.0)
                    "nticks", int 5
                    "tickfont", small
                ]

        [ key "x" index, x; key "y" index, y ]

    /// Names and weights of K components, and the columns.
    let create (names: string[]) (weights: float[]) (columns: ColumnMarginal[]) (all: int) : Figure =
        let panels = columns.Length
        let wide = across panels
        let high = (panels + wide - 1) / wide

        let drawn =
            columns
            |> Array.mapi (fun i marginal ->
                MarginalPanel.create (name "x" i, name "y" i) (i = 0) names weights marginal)

        let title =
            if panels = 1 then
                "Distribution of " + columns[0].Column
            elif panels < all then
                $"Columns one by one (first {panels} of {all})"
            else
                "Columns one by one"

        let hasLevels =
            columns
            |> Array.exists (fun c ->
                match c.Kind with
                | ColumnKind.Levels _ -> true
                | ColumnKind.Counts
                | ColumnKind.Angles
                | ColumnKind.Numbers _ -> false)

        let summary =
            count columns[0].Values.Length
            + " rows in grey, under "
            + listed names weights
            + ", times their weights."
            + (if weights.Length > 1 then
                   " What is dashed is their sum."
               else
                   "")
            + (if hasLevels then
                   " At levels the bars of components are their own probabilities, and diamonds are the mixture's."
               else
                   "")
            + withoutValues (columns |> Array.map _.Values)

        let figure =
            drawn
            |> Seq.collect fst
            |> Seq.toList
            |> Figure.ofTraces
            |> Figure.withTitle title
            |> Figure.withLayout "barmode" (text "overlay")
            |> Figure.withLayout "bargap" (num 0.0)
            |> Figure.withLayout "legend" legendAbove
            |> Figure.withSummary summary

        let figure =
            if panels > 1 then
                figure
                |> Figure.withAspect (1.25 * float wide / float high)
                |> Figure.withMinimumWidth (260 * wide)
            else
                figure

        (figure, Seq.indexed columns)
        ||> Seq.fold (fun figure (i, marginal) ->
            (figure, axes wide high i marginal (snd drawn[i]))
            ||> List.fold (fun figure (path, value) -> Figure.withLayout path value figure))

    /// The most columns that are drawn.
    let mostPanels = MostPanels
