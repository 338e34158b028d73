namespace Mixtures

open System
open System.Globalization
open System.IO
open System.Net
open System.Text

/// Where a page finds Plotly's JavaScript.
[<RequireQualifiedAccess>]
type PlotlySource =
    /// On Plotly's own server: a small page, which needs the network to be drawn.
    | Cdn
    /// Copied into the page from this plotly.min.js: a page of about 5 MB, which needs nothing else.
    | Inline of path: string
    /// In a file beside the page, named relative to it: a small page that works offline together with that file.
    | Beside of fileName: string

/// How a page is written.
type HtmlOptions =
    {
        /// The page's title; where empty, the title of its first figure.
        Title: string
        /// The language of its texts, such as en.
        Language: string
        /// Where it finds Plotly.
        Plotly: PlotlySource
    }

/// A part of a page: a heading, paragraphs and a figure, each of which may be missing.
type PageSection =
    {
        /// The heading; where empty, the figure's title.
        Heading: string
        /// Plain text before the figure.
        Paragraphs: string list
        /// The figure.
        Figure: Figure option
    }

/// Self-contained HTML pages of figures: responsive, readable without a mouse or without JavaScript as far as possible.
[<RequireQualifiedAccess>]
module Html =

    /// The version of Plotly that the figures are tested with and that the CDN is asked for.
    let plotlyVersion = "4.1.2"

    /// English, Plotly from its CDN, and the figure's own title.
    let defaults =
        {
            Title = ""
            Language = "en"
            Plotly = PlotlySource.Cdn
        }

    /// A section that is one figure, under its own title.
    let section (figure: Figure) =
        {
            Heading = ""
            Paragraphs = []
            Figure = Some figure
        }

    let private style =
        "*{box-sizing:border-box}\n\
         body{margin:0 auto;max-width:1080px;padding:1.5rem clamp(.75rem,3vw,2rem) 3rem;background:#fff;color:#1F2933;\
         font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n\
         h1{font-size:1.55rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}\n\
         h2{font-size:1.2rem;line-height:1.3;margin:2.25rem 0 .5rem;overflow-wrap:anywhere}\n\
         p{max-width:75ch;margin:.5rem 0}\n\
         figure{margin:0 0 1.5rem;break-inside:avoid}\n\
         figcaption{max-width:90ch;margin-top:.5rem;color:#52606D;font-size:.9rem;overflow-wrap:anywhere}\n\
         .sideways{overflow-x:auto}\n\
         .plot{width:100%;height:calc(clamp(360px,64vh,560px) + var(--legend,0px))}\n\
         .plot.shaped{height:auto;min-height:340px}\n\
         .plot.missing{height:auto;min-height:0;padding:1rem;border:1px solid #CBD2D9}\n"

    /// Draws every figure, gives it the height of a legend above it on top of its own, and follows the page's width.
    let private script =
        "(function(){\"use strict\";\n\
         function fit(place){\n\
         var legend=place.querySelector(\".legend\");\n\
         var above=legend&&place._fullLayout.legend.orientation===\"h\";\n\
         place.style.setProperty(\"--legend\",(above?Math.ceil(legend.getBoundingClientRect().height):0)+\"px\");\n\
         return Plotly.Plots.resize(place);}\n\
         document.querySelectorAll(\".plot\").forEach(function(place){\n\
         var figure=JSON.parse(document.getElementById(place.id+\"-data\").textContent);\n\
         if(typeof Plotly===\"undefined\"){\n\
         place.classList.add(\"missing\");\n\
         place.textContent=\"The chart could not be drawn, because Plotly did not load.\";\n\
         return;}\n\
         Plotly.newPlot(place,{data:figure.data,layout:figure.layout,frames:figure.frames||[],\
         config:{displaylogo:false}}).then(function(){return fit(place);}).then(function(){\n\
         var width=place.clientWidth,waiting;\n\
         new ResizeObserver(function(){\n\
         if(place.clientWidth===width){return;}\n\
         width=place.clientWidth;\n\
         clearTimeout(waiting);\n\
         waiting=setTimeout(function(){Plotly.Plots.resize(place).then(function(){fit(place);});},100);\n\
         }).observe(place);\n\
         place.dataset.drawn=\"true\";});\n\
         });})();\n"

    /// A text inside an element or a quoted attribute.
    let private encode (text: string) : string = nonNull (WebUtility.HtmlEncode text)

    /// JavaScript inside a script element: what would end the element, or hide its end, is written another way.
    let private scriptSafe (code: string) =
        code
            .Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)
            .Replace("<script", "<\\script", StringComparison.OrdinalIgnoreCase)

    let private plotlyElement (source: PlotlySource) =
        match source with
        | PlotlySource.Cdn ->
            "<script src=\"https://cdn.plot.ly/plotly-"
            + plotlyVersion
            + ".min.js\" charset=\"utf-8\"></script>\n"
        | PlotlySource.Inline path ->
            if not (File.Exists path) then
                raise (
                    DataException $"There is no file '{path}' to copy into the page: give the path of plotly.min.js."
                )

            "<script>" + scriptSafe (File.ReadAllText path) + "</script>\n"
        | PlotlySource.Beside fileName ->
            let address =
                fileName.Split '/' |> Array.map Uri.EscapeDataString |> String.concat "/"

            "<script src=\"" + address + "\" charset=\"utf-8\"></script>\n"

    /// The figure without what the page itself prints, its title, and without the room for it.
    let private drawn (figure: Figure) =
        figure
        |> Figure.withLayout "title" (PlotValue.Object [ "automargin", PlotValue.Bool false ])

    let private appendFigure (page: StringBuilder) (id: string) (label: string) (figure: Figure) =
        let number (value: float) =
            value.ToString("0.###", CultureInfo.InvariantCulture)

        let shape =
            match Figure.tryAspect figure with
            | Some aspect -> " shaped\" style=\"aspect-ratio:" + number aspect
            | None -> "\" style=\""

        let narrowest =
            match Figure.tryMinimumWidth figure with
            | Some pixels -> ";min-width:" + number pixels + "px"
            | None -> ""

        let summary = Figure.trySummary figure

        let described =
            match summary with
            | Some _ -> " aria-describedby=\"" + id + "-summary\""
            | None -> ""

        page
            .Append("<figure role=\"figure\" aria-label=\"")
            .Append(encode label)
            .Append("\"")
            .Append(described)
            .Append(">\n<div class=\"sideways\"><div id=\"")
            .Append(id)
            .Append("\" class=\"plot")
            .Append(shape)
            .Append(narrowest)
            .Append(
                "\"></div></div>\n<noscript><p>The chart is drawn with JavaScript, which is switched off.</p></noscript>\n"
            )
        |> ignore

        match summary with
        | Some text ->
            page
                .Append("<figcaption id=\"")
                .Append(id)
                .Append("-summary\">")
                .Append(encode text)
                .Append("</figcaption>\n")
            |> ignore
        | None -> ()

        page
            .Append("</figure>\n<script type=\"application/json\" id=\"")
            .Append(id)
            .Append("-data\">")
            .Append(Figure.toJson (drawn figure))
            .Append("</script>\n")
        |> ignore

    let private heading (section: PageSection) =
        match section.Heading, section.Figure with
        | "", Some figure -> Figure.tryTitle figure |> Option.defaultValue ""
        | text, _ -> text

    /// A page of sections, in order. DataException where Plotly is to be copied from a file that is not there.
    let report (options: HtmlOptions) (sections: PageSection list) =
        let title =
            if options.Title <> "" then
                options.Title
            else
                sections
                |> List.map heading
                |> List.tryFind (fun text -> text <> "")
                |> Option.defaultValue "Figures"

        let page = StringBuilder()

        page
            .Append("<!DOCTYPE html>\n<html lang=\"")
            .Append(encode options.Language)
            .Append("\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<link rel=\"icon\" href=\"data:,\">\n<title>")
            .Append(encode title)
            .Append("</title>\n<style>\n")
            .Append(style)
            .Append("</style>\n")
            .Append(plotlyElement options.Plotly)
            .Append("</head>\n<body>\n<main>\n<h1>")
            .Append(encode title)
            .Append("</h1>\n")
        |> ignore

        sections
        |> List.iteri (fun index section ->
            let text = heading section
            let label = if text = "" then title else text

            page.Append("<section>\n") |> ignore

            if text <> "" && text <> title then
                page.Append("<h2>").Append(encode text).Append("</h2>\n") |> ignore

            for paragraph in section.Paragraphs do
                page.Append("<p>").Append(encode paragraph).Append("</p>\n") |> ignore

            match section.Figure with
            | Some figure ->
                let id = "figure-" + (index + 1).ToString CultureInfo.InvariantCulture
                appendFigure page id label figure
            | None -> ()

            page.Append("</section>\n") |> ignore)

        page.Append("</main>\n<script>\n").Append(script).Append("</script>\n</body>\n</html>\n").ToString()

    /// A page of one figure. DataException where Plotly is to be copied from a file that is not there.
    let page (options: HtmlOptions) (figure: Figure) = report options [ section figure ]

    let private write (path: string) (text: string) =
        AtomicFile.Write(path, (fun (stream: Stream) -> stream.Write(Encoding.UTF8.GetBytes(text).AsSpan())))

    /// Saves a page of sections, whole or not at all. DataException where it cannot be written.
    let saveReport (options: HtmlOptions) (path: string) (sections: PageSection list) =
        report options sections |> write path

    /// Saves a page of one figure, whole or not at all. DataException where it cannot be written.
    let save (options: HtmlOptions) (path: string) (figure: Figure) = page options figure |> write path
