namespace Mixtures

/// The probability of each component against the value, with the boundaries between classes.
[<RequireQualifiedAccess>]
module internal AssignmentChart =

    open PlotParts

    let private curve (names: string[]) (grid: float[]) k (values: float[]) =
        obj
            [
                "type", text "scatter"
                "mode", text "lines"
                "name", plain (shorten 28 names[k])
                "x", PlotValue.Numbers grid
                "y", PlotValue.Numbers values
                "line",
                obj
                    [
                        "color", text (Palette.colour k)
                        "dash", text (Palette.dash k)
                        "width", num 2.0
                        "simplify", flag false
                    ]
                "hovertemplate", text ("%{x}<br>probability %{y:.4f}<extra>" + escape names[k] + "</extra>")
            ]

    /// Values with the component drawn for each: K rows of crosses below the axis of probabilities.
    let private crosses (names: string[]) (values: float[]) (labels: int[]) k =
        let own = Array.init values.Length id |> Array.filter (fun i -> labels[i] = k)

        if own.Length = 0 then
            []
        else
            [
                obj
                    [
                        "type", text "scatter"
                        "mode", text "markers"
                        "name", plain (shorten 28 ("drawn: " + names[k]))
                        "x", own |> Array.map (fun i -> values[i]) |> PlotValue.Numbers
                        // a class's own height, as a class label would have
                        "y", PlotValue.Numbers(Array.create own.Length (float k / float (max 1 (names.Length - 1))))
                        "marker",
                        obj
                            [
                                "symbol", text "x-thin"
                                "size", int 7
                                "color", text (Palette.colour k)
                                "line", obj [ "width", num 1.5; "color", text (Palette.colour k) ]
                            ]
                        "hovertemplate", text ("%{x}<extra>drawn: " + escape names[k] + "</extra>")
                    ]
            ]

    let create
        (column: string)
        (names: string[])
        (grid: float[])
        (curves: float[][])
        (boundaries: float[])
        (drawn: (float[] * int[]) option)
        =
        requireLength (nameof curves) "component" names.Length curves.Length

        for values in curves do
            requireLength (nameof curves) "point of the grid" grid.Length values.Length

        let line (at: float) =
            obj
                [
                    "type", text "line"
                    "xref", text "x"
                    "yref", text "paper"
                    "x0", num at
                    "x1", num at
                    "y0", num 0.0
                    "y1", num 1.0
                    "line", obj [ "color", text Palette.muted; "width", num 1.5; "dash", text "dot" ]
                ]

        let label (at: float) =
            obj
                [
                    "x", num at
                    "y", num 1.0
                    "yref", text "paper"
                    "yanchor", text "top"
                    "xanchor", text "left"
                    "text", plain (" boundary " + decimals 4 at)
                    "showarrow", flag false
                ]

        [
            for k in 0 .. curves.Length - 1 do
                curve names grid k curves[k]

            match drawn with
            | Some(values, labels) ->
                requireLength (nameof drawn) "value" values.Length labels.Length

                for k in 0 .. names.Length - 1 do
                    yield! crosses names values labels k
            | None -> ()
        ]
        |> Figure.ofTraces
        |> Figure.withTitle "Probability of each component"
        |> Figure.withAxisTitles column "probability"
        |> Figure.withLayout "yaxis.range" (pair -0.03 1.05)
        |> Figure.withLayout "shapes" (PlotValue.List [ for at in boundaries -> line at ])
        |> Figure.withLayout "annotations" (PlotValue.List [ for at in Array.truncate 8 boundaries -> label at ])
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "The probability that a value comes from each of "
            + count names.Length
            + " components."
            + (match boundaries with
               | [||] -> " One of them is the most probable everywhere."
               | several ->
                   " The most probable one changes at "
                   + (several |> Array.map (decimals 4) |> String.concat ", ")
                   + ".")
            + (match drawn with
               | Some(values, _) -> " Crosses are components drawn for " + count values.Length + " values."
               | None -> "")
        )
