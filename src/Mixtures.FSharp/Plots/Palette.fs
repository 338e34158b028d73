namespace Mixtures

open System
open System.Globalization

/// The colours, marker symbols and dashes of components, in a fixed order. The colours are those of Okabe and Ito
/// (Color Universal Design, 2008) without black and yellow, followed by four dark ones; they can be told apart with every
/// common kind of colour vision and are visible on white. After the last the colours repeat, with another symbol and dash.
[<RequireQualifiedAccess>]
module Palette =

    let private order =
        [|
            "#0072B2"
            "#D55E00"
            "#009E73"
            "#CC79A7"
            "#E69F00"
            "#56B4E9"
            "#332288"
            "#661100"
            "#882255"
            "#8C510A"
        |]

    let private symbols = [| "circle"; "square"; "diamond"; "triangle-up"; "cross" |]

    let private dashes = [| "solid"; "dash"; "dot"; "dashdot"; "longdash" |]

    /// Text, and lines that stand for the whole.
    let ink = "#1F2933"

    /// What stays in the background: histograms, lines of lesser interest.
    let muted = "#AAB4C0"

    /// The colours, in order.
    let colours = List.ofArray order

    let private at (values: string[]) (index: int) =
        if index < 0 then
            invalidArg (nameof index) $"expected an index of at least 0, received {index}"

        values[index % values.Length]

    /// The colour of a component, from 0, such as #0072B2.
    let colour (index: int) = at order index

    /// The marker symbol of a component, from 0: a circle for as long as the colours do not repeat.
    let symbol (index: int) = at symbols (index / order.Length)

    /// The dash of a component's line, from 0: solid for as long as the colours do not repeat.
    let dash (index: int) = at dashes (index / order.Length)

    /// A colour such as #0072B2 with an opacity between 0 and 1, in CSS.
    let withOpacity (opacity: float) (colour: string) =
        let channel (start: int) =
            Convert.ToInt32(colour.Substring(start, 2), 16).ToString CultureInfo.InvariantCulture

        "rgba("
        + channel 1
        + ","
        + channel 3
        + ","
        + channel 5
        + ","
        + opacity.ToString("0.###", CultureInfo.InvariantCulture)
        + ")"
