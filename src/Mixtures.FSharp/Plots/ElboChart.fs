namespace Mixtures

open System

/// How stochastic variational inference went.
[<RequireQualifiedAccess>]
module internal ElboChart =

    open PlotParts

    /// More steps than this are thinned evenly.
    let private mostSteps = 5000

    /// Means over windows of steps around each, cut off at the ends.
    let private smoothed (half: int) (values: float[]) =
        let sums = Array.scan (+) 0.0 values

        Array.init values.Length (fun i ->
            let first = max 0 (i - half)
            let last = min (values.Length - 1) (i + half)
            (sums[last + 1] - sums[first]) / float (last + 1 - first))

    let create (averagedFrom: int) (final: float) (history: float[]) =
        if history.Length = 0 then
            invalidArg (nameof history) "expected the bound of at least one step, received none"

        let steps = history.Length
        let drawn = evenRows mostSteps steps
        let smooth = smoothed (max 2 (steps / 50)) history

        let trace name colour width (values: float[]) =
            obj
                [
                    "type", text "scatter"
                    "mode", text (if drawn.Length <= 10 then "lines+markers" else "lines")
                    "name", text name
                    "x", drawn |> Array.map (fun i -> i + 1) |> PlotValue.integers
                    "y", drawn |> Array.map (fun i -> values[i]) |> PlotValue.Numbers
                    "line", obj [ "color", text colour; "width", num width; "simplify", flag false ]
                    "hovertemplate", text ("step %{x}<br>%{y:,.2f} nats<extra>" + name + "</extra>")
                ]

        // the first steps may be far below: they are out of the picture until it is zoomed out
        let settled = smooth[steps / 10 ..] |> Array.filter Double.IsFinite
        let all = Array.append settled [| final |] |> Array.filter Double.IsFinite

        let range =
            if all.Length = 0 then
                []
            else
                let low, high = Array.min all, Array.max all

                let noise =
                    Array.map2 (fun a b -> abs (a - b)) history[steps / 2 ..] smooth[steps / 2 ..]

                let room = 0.08 * (high - low) + 2.0 * Array.average noise + 1e-9 * abs high
                [ "range", pair (low - room) (high + room) ]

        let averaged =
            obj
                [
                    "type", text "rect"
                    "xref", text "x"
                    "yref", text "paper"
                    "x0", int averagedFrom
                    "x1", int steps
                    "y0", num 0.0
                    "y1", num 1.0
                    "line", obj [ "width", num 0.0 ]
                    "fillcolor", text (Palette.withOpacity 0.10 (Palette.colour 2))
                    "layer", text "below"
                ]

        let level =
            obj
                [
                    "type", text "scatter"
                    "mode", text "lines"
                    "name", text "final bound"
                    "x", pair 1.0 (float steps)
                    "y", pair final final
                    "line", obj [ "color", text Palette.ink; "width", num 1.5; "dash", text "dot" ]
                    "hovertemplate", text "final bound %{y:,.3f} nats<extra></extra>"
                ]

        [
            trace "bound of each step" Palette.muted 1.0 history
            trace "smoothed" (Palette.colour 0) 2.5 smooth
            if Double.IsFinite final then
                level
        ]
        |> Figure.ofTraces
        |> Figure.withTitle "Evidence lower bound by step"
        |> Figure.withLayout "xaxis" (axis "step" [ "range", pair 0.0 (1.02 * float steps); "tickformat", text ",d" ])
        |> Figure.withLayout "yaxis" (axis "evidence lower bound (nats)" ([ "tickformat", text ",~f" ] @ range))
        |> (if averagedFrom < steps then
                Figure.withLayout "shapes" (PlotValue.List [ averaged ])
            else
                id)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "The noisy evidence lower bound of each of "
            + count steps
            + " steps, with its mean over neighbouring steps. "
            + (if averagedFrom < steps then
                   "The parameters after step " + count averagedFrom + " are averaged. "
               else
                   "")
            + "The final bound is "
            + decimals 3 final
            + " nats."
        )
