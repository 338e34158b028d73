namespace Mixtures

open System.IO
open System.Net

/// A Plotly figure as a value, in Plotly's own schema {data, layout, frames}: what Plotly.newPlot takes in JavaScript
/// and what other tools' figure readers understand. Immutable.
type Figure =
    {
        /// The traces, in drawing order.
        Data: PlotValue list
        /// The layout.
        Layout: PlotValue
        /// The frames of an animation; empty for a still.
        Frames: PlotValue list
    }

/// Figures: from traces, with titles and layout, to JSON.
[<RequireQualifiedAccess>]
module Figure =

    open PlotParts

    /// A figure of traces in Mixtures' look (white, dark text, the colours of Palette), which is its layout's template.
    let ofTraces (traces: PlotValue list) =
        {
            Data = traces
            Layout = obj [ "template", template ]
            Frames = []
        }

    /// Sets a value of the layout, such as `withLayout "xaxis.range" value`: dots descend into objects.
    let withLayout (path: string) (value: PlotValue) (figure: Figure) =
        { figure with
            Layout = PlotValue.withPath (List.ofArray (path.Split '.')) value figure.Layout
        }

    /// The value of the layout at a path with dots, where there is one.
    let tryLayout (path: string) (figure: Figure) =
        PlotValue.tryPath (List.ofArray (path.Split '.')) figure.Layout

    let private tryText path figure =
        match tryLayout path figure with
        | Some(PlotValue.Text text) -> Some text
        | Some _
        | None -> None

    /// Sets the title, a plain text: markup in it is drawn, not obeyed.
    let withTitle (title: string) (figure: Figure) =
        withLayout "title.text" (plain title) figure

    /// The title as a plain text, where there is one.
    let tryTitle (figure: Figure) =
        tryText "title.text" figure
        |> Option.map (fun title -> nonNull (WebUtility.HtmlDecode title))

    /// Sets the summary of what the figure shows, a plain text: pages print it below the drawing, and screen readers
    /// read it in the drawing's place. It is kept in the layout's `meta`.
    let withSummary (summary: string) (figure: Figure) =
        withLayout "meta.summary" (PlotValue.Text summary) figure

    /// The summary of what the figure shows, where there is one.
    let trySummary (figure: Figure) = tryText "meta.summary" figure

    /// Sets the shape that a page gives the figure, width over height; it is kept in the layout's `meta`.
    let withAspect (widthOverHeight: float) (figure: Figure) =
        withLayout "meta.aspect" (PlotValue.Number widthOverHeight) figure

    /// The shape that a page gives the figure, width over height, where it is set.
    let tryAspect (figure: Figure) =
        match tryLayout "meta.aspect" figure with
        | Some(PlotValue.Number aspect) -> Some aspect
        | Some _
        | None -> None

    /// Sets the axis titles, plain texts; of a long one the first 34 characters.
    let withAxisTitles (x: string) (y: string) (figure: Figure) =
        figure
        |> withLayout "xaxis.title.text" (plain (shorten 34 x))
        |> withLayout "yaxis.title.text" (plain (shorten 34 y))

    /// Draws more traces over the others.
    let addTraces (traces: PlotValue list) (figure: Figure) =
        { figure with
            Data = figure.Data @ traces
        }

    /// Sets the frames of an animation.
    let withFrames (frames: PlotValue list) (figure: Figure) = { figure with Frames = frames }

    /// Sets the width in pixels below which a page scrolls sideways instead of drawing the figure smaller.
    let withMinimumWidth (pixels: int) (figure: Figure) =
        withLayout "meta.minimumWidth" (PlotValue.Number(float pixels)) figure

    /// The width in pixels below which a page does not draw the figure, where it is set.
    let tryMinimumWidth (figure: Figure) =
        match tryLayout "meta.minimumWidth" figure with
        | Some(PlotValue.Number pixels) -> Some pixels
        | Some _
        | None -> None

    /// The figure as a value: {data, layout} and, for an animation, frames.
    let toValue (figure: Figure) =
        obj
            [
                "data", PlotValue.List figure.Data
                "layout", figure.Layout
                if not figure.Frames.IsEmpty then
                    "frames", PlotValue.List figure.Frames
            ]

    /// The figure as JSON text. Numbers read back to the same bits; those that are not finite are null.
    let toJson (figure: Figure) = figure |> toValue |> PlotValue.toJson

    /// Saves the figure as a JSON file, whole or not at all.
    let saveJson (path: string) (figure: Figure) =
        AtomicFile.Write(path, (fun (stream: Stream) -> figure |> toValue |> PlotValue.writeTo stream))
