namespace Mixtures

open System

/// How a gradient fit went.
[<RequireQualifiedAccess>]
module internal LossChart =

    open PlotParts

    /// More steps than this are thinned evenly.
    let private mostSteps = 5000

    let private log (title: string) (fields: (string * PlotValue) list) =
        axis title ([ "type", text "log"; "exponentformat", text "power"; "nticks", int 6 ] @ fields)

    let create (best: int) (losses: float[]) (norms: float[]) =
        requireLength (nameof norms) "loss" losses.Length norms.Length

        if best < 0 || best >= losses.Length then
            invalidArg (nameof best) $"expected a step from 0 to {losses.Length - 1}, received {best}"

        let drawn = evenRows mostSteps losses.Length
        let finite = losses |> Array.filter Double.IsFinite
        let least = if finite.Length = 0 then 0.0 else Array.min finite

        // what has no logarithm is a gap
        let positive value =
            if Double.IsFinite value && value > 0.0 then value else nan

        let excess = losses |> Array.map (fun loss -> positive (loss - least))
        let norms = norms |> Array.map positive

        let trace name (axes: string * string) colour (values: float[]) (fields: (string * PlotValue) list) =
            obj (
                [
                    "type", text "scatter"
                    "mode", text (if drawn.Length <= 40 then "lines+markers" else "lines")
                    "name", text name
                    "x", PlotValue.integers drawn
                    "y", drawn |> Array.map (fun i -> values[i]) |> PlotValue.Numbers
                    "xaxis", text (fst axes)
                    "yaxis", text (snd axes)
                    "line", obj [ "color", text colour; "width", num 2.0; "simplify", flag false ]
                    "marker", obj [ "size", int 5 ]
                ]
                @ fields
            )

        let mark named axes (value: float) =
            obj
                [
                    "type", text "scatter"
                    "mode", text "markers"
                    "name", text ("best step: " + count best)
                    "legendgroup", text "best"
                    "showlegend", flag named
                    "x", PlotValue.Numbers [| float best |]
                    "y", PlotValue.Numbers [| value |]
                    "xaxis", text (fst axes)
                    "yaxis", text (snd axes)
                    "marker",
                    obj
                        [
                            "symbol", text "circle-open"
                            "size", int 14
                            "color", text Palette.ink
                            "line", obj [ "width", num 2.5 ]
                        ]
                    "hovertemplate", text "best step %{x}<extra></extra>"
                ]

        let line =
            obj
                [
                    "type", text "line"
                    "xref", text "x"
                    "yref", text "paper"
                    "x0", int best
                    "x1", int best
                    "y0", num 0.0
                    "y1", num 1.0
                    "line", obj [ "color", text Palette.muted; "width", num 1.5; "dash", text "dot" ]
                ]

        let steps = losses.Length - 1
        let upper, lower = ("x", "y"), ("x", "y2")

        [
            trace
                "loss above its least"
                upper
                (Palette.colour 0)
                excess
                [
                    "customdata", drawn |> Array.map (fun i -> losses[i]) |> PlotValue.Numbers
                    "hovertemplate",
                    text "step %{x}<br>loss %{customdata:.6~f}<br>above its least %{y:.4g}<extra></extra>"
                ]
            trace
                "gradient norm"
                lower
                (Palette.colour 1)
                norms
                [ "hovertemplate", text "step %{x}<br>gradient norm %{y:.4g}<extra></extra>" ]
            if not (Double.IsNaN excess[best]) then
                mark false upper excess[best]
            if not (Double.IsNaN norms[best]) then
                mark true lower norms[best]
        ]
        |> Figure.ofTraces
        |> Figure.withTitle "Loss and gradient by step"
        |> Figure.withLayout
            "xaxis"
            (axis
                "step"
                [
                    "anchor", text "y2"
                    "range", pair (-0.02 * float steps) (max 1.0 (1.02 * float steps))
                    "tickformat", text ",d"
                    if steps <= 10 then
                        "dtick", int 1
                ])
        |> Figure.withLayout "yaxis" (log "loss above its least (nats)" [ "domain", pair 0.54 1.0; "anchor", text "x" ])
        |> Figure.withLayout "yaxis2" (log "gradient norm" [ "domain", pair 0.0 0.46; "anchor", text "x" ])
        |> Figure.withLayout "shapes" (PlotValue.List [ line ])
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "The loss at the start and after each of "
            + count steps
            + " steps, above its least value "
            + decimals 4 least
            + ", and the norm of the gradient of the mean loss, on logarithmic axes. The best parameters are those of step "
            + count best
            + "."
        )
