namespace Mixtures

open System

/// Images of equal size side by side, such as the means of components.
[<RequireQualifiedAccess>]
module internal ImageGrid =

    open PlotParts

    /// Pixels between neighbouring images.
    [<Literal>]
    let private Gap = 2

    /// One drawing of all images, row by row, gaps as nothing: y grows downwards.
    let private pixels (width: int) (columns: int) (images: float[][]) =
        let height = images[0].Length / width
        let rows = (images.Length + columns - 1) / columns

        let drawn =
            Array.init (rows * (height + Gap) - Gap) (fun _ -> Array.create (columns * (width + Gap) - Gap) nan)

        images
        |> Array.iteri (fun at image ->
            let top, left = at / columns * (height + Gap), at % columns * (width + Gap)

            for i in 0 .. height - 1 do
                for j in 0 .. width - 1 do
                    drawn[top + i][left + j] <- image[i * width + j])

        drawn

    let private trace (low: float) (high: float) (drawn: float[][]) =
        obj
            [
                "type", text "heatmap"
                "z", drawn |> Array.map PlotValue.Numbers |> Array.toList |> PlotValue.List
                "zmin", num low
                "zmax", num high
                "colorscale",
                PlotValue.List
                    [
                        PlotValue.List [ num 0.0; text "#FFFFFF" ]
                        PlotValue.List [ num 1.0; text Palette.ink ]
                    ]
                "showscale", flag false
                "hoverongaps", flag false
                "hovertemplate", text "%{z:.3f}<extra></extra>"
            ]

    let private caption (width: int) (height: int) (columns: int) (at: int) (name: string) =
        obj
            [
                "text", plain name
                "x", num (float (at % columns * (width + Gap)))
                "y", num (float (at / columns * (height + Gap)))
                "xanchor", text "left"
                "yanchor", text "top"
                "showarrow", flag false
                "font", obj [ "size", int 11; "color", text (Palette.colour 0) ]
            ]

    /// Images of width pixels in a row, row by row, with a caption each (or none at all), in so many columns; colours go from
    /// white at low to ink at high.
    let create
        (title: string)
        (width: int)
        (columns: int)
        (low: float, high: float)
        (captions: string[])
        (images: float[][])
        =
        if images.Length = 0 then
            invalidArg (nameof images) "expected at least one image, received none"

        if
            width < 1
            || images
               |> Array.exists (fun image ->
                   image.Length = 0
                   || image.Length % width <> 0
                   || image.Length <> images[0].Length)
        then
            invalidArg
                (nameof width)
                $"expected images of one size whose pixels are a multiple of the width, received width {width} for {images[0].Length} pixels"

        if captions.Length <> 0 then
            requireLength (nameof captions) "image" images.Length captions.Length

        let columns = max 1 (min columns images.Length)
        let height = images[0].Length / width
        let drawn = pixels width columns images

        let hidden =
            [ "showgrid"; "zeroline"; "showline"; "showticklabels" ]
            |> List.map (fun name -> name, flag false)

        let annotations =
            captions |> Array.mapi (caption width height columns) |> Array.toList

        [ trace low high drawn ]
        |> Figure.ofTraces
        |> Figure.withTitle title
        |> Figure.withLayout "xaxis" (obj (("ticks", text "") :: ("constrain", text "domain") :: hidden))
        |> Figure.withLayout
            "yaxis"
            (obj (
                ("ticks", text "")
                :: ("autorange", text "reversed")
                :: ("scaleanchor", text "x")
                :: ("constrain", text "domain")
                :: hidden
            ))
        |> Figure.withLayout "annotations" (PlotValue.List annotations)
        |> Figure.withAspect (float drawn[0].Length / float drawn.Length)
        |> Figure.withSummary (
            $"""{Wording.count images.Length "image"} of {width} x {height} pixels, row by row, white for {Wording.short low} and dark for {Wording.short high}."""
        )

    /// The same grid at several steps, with a slider.
    let animated title (label: string) width columns range (frames: (string * string[] * float[][]) list) =
        let first, captions, images =
            match frames with
            | frame :: _ -> frame
            | [] -> invalidArg (nameof frames) "expected at least one step, received none"

        ignore first
        let columns' = max 1 (min columns images.Length)
        let low, high = range

        create title width columns range captions images
        |> AnimatedChart.create
            label
            (frames
             |> List.map (fun (name, _, images) -> name, [ trace low high (pixels width columns' images) ]))
