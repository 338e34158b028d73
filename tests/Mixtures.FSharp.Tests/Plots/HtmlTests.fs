module Mixtures.Tests.HtmlTests

open System.IO
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

let private figure =
    SampleFigures.all |> List.find (fun (name, _) -> name = "scatter-nasty") |> snd

let private nastyPage plotly =
    let nasty = SampleFigures.nasty

    Html.report
        {
            Title = nasty
            Language = "\"><script>alert(2)</script>"
            Plotly = plotly
        }
        [
            {
                Heading = nasty
                Paragraphs = [ nasty ]
                Figure = Some(Figure.withSummary nasty figure)
            }
        ]

/// Catches names, titles and texts that become elements of the page.
[<Fact>]
let ``no text becomes markup`` () =
    let page = nastyPage (PlotlySource.Beside "\"><script>alert(3)</script>")
    Assert.DoesNotContain("<b>", page)
    Assert.DoesNotContain("<script>alert", page)
    // Plotly, the figure's data, the drawing: three elements, each opened and closed once
    Assert.Equal(3, Regex.Matches(page, "<script").Count)
    Assert.Equal(3, Regex.Matches(page, "</script>").Count)
    Assert.Contains("<html lang=\"&quot;&gt;&lt;script&gt;", page)

/// Catches a page whose figure is not the figure that was given.
[<Fact>]
let ``the figure in the page is the figure, less the title that the page prints`` () =
    let found =
        Regex.Match(nastyPage PlotlySource.Cdn, "<script type=\"application/json\" id=\"figure-1-data\">(.*?)</script>")

    use inPage = JsonDocument.Parse found.Groups[1].Value
    use given = JsonDocument.Parse(Figure.toJson figure)

    Assert.Equal(
        given.RootElement.GetProperty("data").GetRawText(),
        inPage.RootElement.GetProperty("data").GetRawText()
    )

    Assert.False(inPage.RootElement.GetProperty("layout").TryGetProperty("title") |> fst)
    Assert.True(inPage.RootElement.GetProperty("layout").TryGetProperty("xaxis") |> fst)

/// Catches pages that people with a telephone, a screen reader or without JavaScript cannot use.
[<Fact>]
let ``a page declares itself and describes its figure`` () =
    let page = Html.page Html.defaults (Charts.density1D SampleFigures.density)

    for part in
        [
            "<!DOCTYPE html>\n<html lang=\"en\">"
            "<meta charset=\"utf-8\">"
            "width=device-width"
            "<title>Density of waiting (min)</title>"
            "<h1>Density of waiting (min)</h1>"
            "role=\"figure\" aria-label=\"Density of waiting (min)\" aria-describedby=\"figure-1-summary\""
            "<figcaption id=\"figure-1-summary\">A histogram of 272 values"
            "<noscript>"
        ] do
        Assert.Contains(part, page)

/// Catches Plotly taken from another place than was asked for, and a script that ends too early.
[<Fact>]
let ``Plotly comes from where the options say`` () =
    let page plotly =
        Html.page { Html.defaults with Plotly = plotly } figure

    Assert.Contains("src=\"https://cdn.plot.ly/plotly-" + Html.plotlyVersion + ".min.js\"", page PlotlySource.Cdn)

    Assert.Contains("src=\"lib/my%20plotly.js\"", page (PlotlySource.Beside "lib/my plotly.js"))

    withBytes ".js" (Encoding.UTF8.GetBytes "var ü='</SCRIPT><!--<script>';") (fun path ->
        let inlined = page (PlotlySource.Inline path)
        Assert.Contains("<script>var ü='<\\/", inlined)
        Assert.DoesNotContain("https://", inlined)
        Assert.Equal(3, Regex.Matches(inlined, "</script>", RegexOptions.IgnoreCase).Count))

    (fun () -> page (PlotlySource.Inline "nowhere/plotly.min.js"))
    |> rejects [ "nowhere/plotly.min.js"; "plotly.min.js" ]

/// Catches temporary files that stay, files that are appended to, and byte-order marks.
[<Fact>]
let ``a page is moved into place`` () =
    let directory = Directory.CreateTempSubdirectory "mixtures-html-"

    try
        let path = Path.Combine(directory.FullName, "page.html")
        File.WriteAllText(path, String.replicate 10_000_000 "old")
        Html.save Html.defaults path figure
        Assert.Equal(Html.page Html.defaults figure, Encoding.UTF8.GetString(File.ReadAllBytes path))
        Assert.Equal<string>([| path |], Directory.GetFileSystemEntries directory.FullName)

        (fun () -> Html.save Html.defaults (Path.Combine(directory.FullName, "missing", "page.html")) figure)
        |> rejects [ "missing" ]

        Assert.Equal<string>([| path |], Directory.GetFileSystemEntries directory.FullName)
    finally
        directory.Delete true

/// Catches a CDN version that is not the version that the browser test draws with.
[<Fact>]
let ``the version on the CDN is the version that is tested`` () =
    let rec find (directory: DirectoryInfo | null) =
        match directory with
        | null -> None
        | directory ->
            let path = Path.Combine(directory.FullName, "tests", "browser", "package.json")

            if File.Exists path then
                Some path
            else
                find directory.Parent

    match find (DirectoryInfo System.AppContext.BaseDirectory) with
    | None -> Assert.Fail "there is no tests/browser/package.json above the tests"
    | Some path ->
        use parsed = JsonDocument.Parse(File.ReadAllText path)

        let version =
            parsed.RootElement.GetProperty("devDependencies").GetProperty("plotly.js-dist-min").GetString()

        Assert.Equal(Html.plotlyVersion, version)
