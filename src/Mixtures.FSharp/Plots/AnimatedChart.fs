namespace Mixtures

open System.Globalization

/// Figures that move.
[<RequireQualifiedAccess>]
module internal AnimatedChart =

    open PlotParts

    /// How long a frame stays while playing, in milliseconds.
    let private frameTime = 350

    let private animate (target: PlotValue) (duration: int) (extra: (string * PlotValue) list) =
        [
            "method", text "animate"
            "args",
            PlotValue.List
                [
                    target
                    obj (
                        [
                            "mode", text "immediate"
                            "frame", obj [ "duration", num (float duration); "redraw", flag true ]
                            "transition", obj [ "duration", num 0.0 ]
                        ]
                        @ extra
                    )
                ]
        ]

    let create (caption: string) (frames: (string * PlotValue list) list) (figure: Figure) =
        let key (index: int) =
            "frame-" + (index + 1).ToString CultureInfo.InvariantCulture

        let step index (name: string, _) =
            obj (("label", plain name) :: animate (PlotValue.List [ text (key index) ]) 0 [])

        let slider =
            obj
                [
                    "active", num 0.0
                    "steps", frames |> List.mapi step |> PlotValue.List
                    "x", num 0.0
                    "len", num 1.0
                    "pad", obj [ "t", int 92; "b", int 8 ]
                    "currentvalue",
                    obj
                        [
                            "prefix", plain (if caption = "" then "" else caption + " ")
                            "xanchor", text "right"
                            "font", obj [ "size", int 14 ]
                        ]
                    "ticklen", int 4
                    "minorticklen", int 0
                    "activebgcolor", text (Palette.colour 0)
                ]

        let button label fields = obj (("label", text label) :: fields)

        let buttons =
            obj
                [
                    "type", text "buttons"
                    "direction", text "left"
                    "showactive", flag false
                    "x", num 0.0
                    "xanchor", text "left"
                    "y", num 0.0
                    "yanchor", text "top"
                    "pad", obj [ "t", int 58 ]
                    "buttons",
                    PlotValue.List
                        [
                            button "▶ Play" (animate PlotValue.Null frameTime [ "fromcurrent", flag true ])
                            button "❚❚ Pause" (animate (PlotValue.List [ PlotValue.Null ]) 0 [])
                        ]
                ]

        figure
        |> Figure.withFrames (
            frames
            |> List.mapi (fun index (_, traces) -> obj [ "name", text (key index); "data", PlotValue.List traces ])
        )
        |> Figure.withLayout "sliders" (PlotValue.List [ slider ])
        |> Figure.withLayout "updatemenus" (PlotValue.List [ buttons ])
