namespace Mixtures

/// How a fit went.
[<RequireQualifiedAccess>]
module internal LogLikelihoodChart =

    open PlotParts

    /// Histories of a quantity of that name, such as log-likelihood, in nats.
    let ofQuantity (quantity: string) (best: int) (histories: float[][]) =
        if best < 0 || best >= histories.Length then
            invalidArg (nameof best) $"expected a start from 0 to {histories.Length - 1}, received {best}"

        let startName index = "start " + string (index + 1)
        let firstOther = if best = 0 then 1 else 0

        let longest = histories |> Array.map _.Length |> Array.max

        let trace index =
            let isBest = (index = best)
            let history = histories[index]

            obj
                [
                    "type", text "scatter"
                    "mode", text (if longest <= 40 then "lines+markers" else "lines")
                    "name",
                    text (
                        if isBest then
                            "best (" + startName index + ")"
                        else
                            "other starts"
                    )
                    "legendgroup", text (if isBest then "best" else "others")
                    "legendrank", int (if isBest then 1 else 2)
                    "showlegend", flag (isBest || index = firstOther)
                    "x", PlotValue.integers (Seq.init history.Length id)
                    "y", PlotValue.Numbers history
                    "line",
                    obj
                        [
                            "color", text (if isBest then Palette.colour 0 else Palette.muted)
                            "width", num (if isBest then 2.5 else 1.5)
                        ]
                    "marker", obj [ "size", num (if isBest then 5.0 else 4.0) ]
                    "hovertemplate",
                    text (
                        "iteration %{x}<br>"
                        + quantity
                        + " %{y:.6~f}<extra>"
                        + startName index
                        + "</extra>"
                    )
                ]

        let drawable =
            [
                for index in 0 .. histories.Length - 1 do
                    if index <> best && histories[index].Length > 0 then
                        index
                if histories[best].Length > 0 then
                    best
            ]

        let reached =
            match Array.tryLast histories[best] with
            | Some value ->
                "Start "
                + count (best + 1)
                + ", the best of "
                + count histories.Length
                + ", reached "
                + decimals 2 value
                + " in "
                + count (histories[best].Length - 1)
                + " iterations."
            | None -> ""

        drawable
        |> List.map trace
        |> Figure.ofTraces
        |> Figure.withTitle (
            quantity.Substring(0, 1).ToUpperInvariant()
            + quantity.Substring 1
            + " by iteration"
        )
        |> Figure.withAxisTitles "iteration" (quantity + " (nats)")
        |> Figure.withLayout "xaxis.range" (pair (-0.02 * float longest) (1.02 * float longest))
        |> Figure.withLayout "xaxis.tickformat" (text "d")
        // whole iterations only, however few they are
        |> (if longest <= 10 then
                Figure.withLayout "xaxis.dtick" (PlotValue.Number 1.0)
            else
                id)
        |> Figure.withLayout "yaxis.tickformat" (text ",~f")
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary ("The " + quantity + " at the start and after each iteration. " + reached)

    let create (best: int) (histories: float[][]) =
        ofQuantity "log-likelihood" best histories
