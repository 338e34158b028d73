namespace Mixtures

open System
open System.Globalization

/// Short names for building figures, and the pieces that the charts share.
module internal PlotParts =

    let num (value: float) = PlotValue.Number value
    let int (value: int) = PlotValue.Number(float value)
    let text (value: string) = PlotValue.Text value
    let flag (value: bool) = PlotValue.Bool value
    let obj fields = PlotValue.Object fields
    let pair (low: float) (high: float) = PlotValue.Numbers [| low; high |]

    /// A text as Plotly's markup: names of columns and components must not become tags, nor fields of a hover template.
    let escape (value: string) =
        value.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("%{", "%&#123;")

    /// A text that is drawn as it stands.
    let plain (value: string) = PlotValue.Text(escape value)

    /// A number for people: at most so many decimals.
    let decimals (count: int) (value: float) =
        value.ToString("F" + count.ToString CultureInfo.InvariantCulture, CultureInfo.InvariantCulture)

    /// A count for people, with commas between thousands.
    let count (value: int) =
        value.ToString("N0", CultureInfo.InvariantCulture)

    /// A weight for people: two decimals, or two significant digits where these would hide it.
    let weight (value: float) =
        if value >= 0.01 || value = 0.0 then
            decimals 2 value
        else
            value.ToString("G2", CultureInfo.InvariantCulture)

    /// At most so many characters of a text; the last is an ellipsis where there were more.
    let shorten (length: int) (value: string) =
        if value.Length <= length then
            value
        else
            value.Substring(0, length - 1) + "…"

    /// The name in the legend: the name and the weight.
    let legendName (name: string) (share: float) =
        shorten 28 name + " (" + weight share + ")"

    /// The components of a summary, by name where they are few: "2 components (weights in brackets): a (0.36), b (0.64)".
    let listed (names: string[]) (weights: float[]) =
        if names.Length = 1 then
            "1 component, " + names[0]
        elif names.Length <= 6 then
            count names.Length
            + " components (weights in brackets): "
            + (Array.map2 (fun name share -> name + " (" + weight share + ")") names weights
               |> String.concat ", ")
        else
            count names.Length + " components"

    /// "20,000 of 60,000 rows, evenly spaced," or, where all are drawn, "272 rows".
    let rowsDrawn (drawn: int) (rows: int) =
        if drawn = rows then
            count rows + (if rows = 1 then " row" else " rows")
        else
            count drawn + " of " + count rows + " rows, evenly spaced,"

    /// What becomes of rows that lack a value in a column, where there are any.
    let withoutValues (columns: float[][]) =
        if columns |> Array.exists (Array.exists (Double.IsFinite >> not)) then
            " Rows without a value in a column are left out of its panels."
        else
            ""

    /// So many of at most `limit` rows, evenly spaced and the first among them.
    let evenRows (limit: int) (rows: int) =
        if rows <= limit then
            Array.init rows id
        else
            Array.init limit (fun i -> Operators.int (int64 i * int64 rows / int64 limit))

    /// An axis with a title.
    let axis (title: string) (fields: (string * PlotValue) list) =
        obj (("title", obj [ "text", plain (shorten 34 title) ]) :: fields)

    /// Legends in one or more rows above the plot, which take their room from the margin and never from the drawing.
    let legendAbove =
        obj
            [
                "orientation", text "h"
                "x", num 0.0
                "xanchor", text "left"
                "y", num 1.02
                "yanchor", text "bottom"
                "tracegroupgap", int 0
                // in pixels: a page makes room for the legend, so it need not scroll
                "maxheight", int 2000
            ]

    let private axisDefaults =
        obj
            [
                "automargin", flag true
                "showline", flag true
                "linecolor", text "#9AA5B1"
                "gridcolor", text "#E9ECEF"
                "zeroline", flag false
                "ticks", text "outside"
                "ticklen", int 4
                "tickcolor", text "#9AA5B1"
                "title", obj [ "standoff", int 10; "font", obj [ "size", int 14 ] ]
            ]

    /// The look that every figure shares, as a Plotly template.
    let template =
        obj
            [
                "layout",
                obj
                    [
                        "font",
                        obj
                            [
                                "family", text "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
                                "size", int 13
                                "color", text Palette.ink
                            ]
                        "colorway", PlotValue.texts Palette.colours
                        "paper_bgcolor", text "#FFFFFF"
                        "plot_bgcolor", text "#FFFFFF"
                        "margin", obj [ "l", int 56; "r", int 16; "t", int 12; "b", int 48 ]
                        "title",
                        obj
                            [
                                "x", num 0.0
                                "xref", text "paper"
                                "xanchor", text "left"
                                "yref", text "container"
                                "y", num 1.0
                                "yanchor", text "top"
                                "pad", obj [ "t", int 12; "b", int 8 ]
                                "automargin", flag true
                                "font", obj [ "size", int 17 ]
                            ]
                        "hovermode", text "closest"
                        "hoverlabel", obj [ "align", text "left" ]
                        "xaxis", axisDefaults
                        "yaxis", axisDefaults
                    ]
            ]

    /// Checks that an array has one entry for each row, component or point.
    let requireLength (name: string) (what: string) (expected: Int32) (received: Int32) =
        if received <> expected then
            invalidArg name $"expected one number for each {what} ({expected}), received {received}"
