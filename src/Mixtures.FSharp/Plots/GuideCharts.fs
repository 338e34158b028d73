namespace Mixtures

open System

/// What a mean-field posterior says of the weights, and how its bound rose.
[<RequireQualifiedAccess>]
module internal GuideCharts =

    open PlotParts

    /// Bars of weights in their order, each with an interval of probability 0.9.
    let weights (names: string[]) (means: float[]) (low: float[]) (high: float[]) =
        let refuse (what: string) (values: float[]) =
            if values.Length <> means.Length then
                invalidArg what $"expected {means.Length} numbers, one for each weight, received {values.Length}"

        refuse (nameof low) low
        refuse (nameof high) high

        if names.Length <> means.Length then
            invalidArg (nameof names) $"expected {means.Length} names, one for each weight, received {names.Length}"

        let bars =
            obj
                [
                    "type", text "bar"
                    "name", text "expected weight"
                    "x", names |> Array.map plain |> Array.toList |> PlotValue.List
                    "y", PlotValue.Numbers means
                    "marker", obj [ "color", text (Palette.colour 0); "opacity", num 0.75 ]
                    "error_y",
                    obj
                        [
                            "type", text "data"
                            "symmetric", flag false
                            "array", Array.map2 (fun h m -> max 0.0 (h - m)) high means |> PlotValue.Numbers
                            "arrayminus", Array.map2 (fun m l -> max 0.0 (m - l)) means low |> PlotValue.Numbers
                            "color", text Palette.ink
                            "thickness", num 1.5
                            "width", num 4.0
                        ]
                    "customdata",
                    Array.map2 (fun l h -> PlotValue.Numbers [| l; h |]) low high
                    |> Array.toList
                    |> PlotValue.List
                    "hovertemplate",
                    text (
                        "component %{x}<br>weight %{y:.4f}<br>90 %: %{customdata[0]:.4f} to %{customdata[1]:.4f}<extra></extra>"
                    )
                ]

        let above = means |> Array.filter (fun w -> w > 0.01) |> Array.length

        Figure.ofTraces [ bars ]
        |> Figure.withTitle "Posterior of the weights"
        |> Figure.withAxisTitles "component" "weight"
        |> Figure.withLayout "xaxis.type" (text "category")
        |> Figure.withLayout "yaxis.rangemode" (text "tozero")
        |> Figure.withSummary (
            "Expected weights with the interval that holds each with probability 0.9. "
            + count above
            + " of "
            + count means.Length
            + " components have more than 1 % of the weight."
        )

    /// The bound at the start and after each iteration, one line for each start, the best in front.
    let bound (best: int) (histories: float[][]) =
        LogLikelihoodChart.ofQuantity "lower bound" best histories
