namespace Mixtures

/// How certain the rows' components are.
[<RequireQualifiedAccess>]
module internal UncertaintyChart =

    open PlotParts

    /// More rows than this are thinned.
    let private mostRows = 20000

    let private share (part: int) (whole: int) =
        decimals 1 (100.0 * float part / float (max 1 whole)) + "\u00A0%"

    let create (names: string[]) (labels: int[]) (uncertainty: float[]) =
        if names.Length = 0 then
            invalidArg (nameof names) "expected the name of at least one component, received none"

        requireLength (nameof uncertainty) "label" labels.Length uncertainty.Length

        match labels |> Array.tryFind (fun label -> label < 0 || label >= names.Length) with
        | Some label -> invalidArg (nameof labels) $"expected labels from 0 to {names.Length - 1}, received {label}"
        | None -> ()

        let total = labels.Length

        // the rows of a component, most certain first
        let ordered k =
            Array.init total id
            |> Array.filter (fun row -> labels[row] = k)
            |> Array.sortBy (fun row -> uncertainty[row])

        let trace k (rows: int[]) =
            // in proportion to the component's rows
            let limit =
                int64 mostRows * int64 rows.Length / int64 total |> Operators.int |> max 1

            let kept =
                if total > mostRows then
                    evenRows limit rows.Length
                else
                    evenRows total rows.Length

            // the last is the least certain, the one that people look for
            let kept =
                if kept[kept.Length - 1] = rows.Length - 1 then
                    kept
                else
                    Array.append kept [| rows.Length - 1 |]

            let rank at =
                100.0 * float (at + 1) / float rows.Length

            let colour = Palette.colour k

            obj
                [
                    "type", text "scatter"
                    "mode", text (if rows.Length <= 300 then "lines+markers" else "lines")
                    "name", plain (shorten 28 names[k])
                    "x", PlotValue.Numbers(kept |> Array.map rank)
                    "y", PlotValue.Numbers(kept |> Array.map (fun at -> uncertainty[rows[at]]))
                    "customdata", PlotValue.Numbers(kept |> Array.map (fun at -> float (rows[at] + 1)))
                    "line", obj [ "color", text colour; "dash", text (Palette.dash k); "width", num 2.0 ]
                    "marker", obj [ "symbol", text (Palette.symbol k); "size", int 5; "opacity", num 0.7 ]
                    "hovertemplate",
                    text (
                        "row %{customdata}<br>uncertainty %{y:.3f}<extra>"
                        + escape names[k]
                        + "</extra>"
                    )
                ]

        let above limit =
            uncertainty |> Array.sumBy (fun u -> if u > limit then 1 else 0)

        let highest =
            uncertainty |> Array.fold (fun most u -> if u > most then u else most) 0.1

        [
            for k in 0 .. names.Length - 1 do
                match ordered k with
                | [||] -> ()
                | rows -> trace k rows
        ]
        |> Figure.ofTraces
        |> Figure.withTitle (
            "Uncertainty of the classification"
            + (if total > mostRows then
                   " (" + count mostRows + " of " + count total + " rows drawn)"
               else
                   "")
        )
        |> Figure.withAxisTitles "share of the component's rows (%)" "1 − largest responsibility"
        |> Figure.withLayout "xaxis.range" (pair 0.0 101.0)
        |> Figure.withLayout "yaxis.range" (pair (-0.02 * highest) (1.05 * highest))
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "The rows of each component, most certain first, by 1 minus their largest responsibility. Above 0.05: "
            + share (above 0.05) total
            + " of "
            + rowsDrawn total total
            + "; above 0.25: "
            + share (above 0.25) total
            + "."
        )
