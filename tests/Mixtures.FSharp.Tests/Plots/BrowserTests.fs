module Mixtures.Tests.BrowserTests

open System
open System.Diagnostics
open System.IO
open Xunit
open Mixtures

/// The folder of the browser check, above the folder of the test's own files.
let private folder =
    let rec above (directory: DirectoryInfo | null) =
        match directory with
        | null -> None
        | directory ->
            let candidate = Path.Combine(directory.FullName, "tests", "browser", "check.mjs")

            if File.Exists candidate then
                Some(Path.GetDirectoryName candidate |> nonNull)
            else
                above directory.Parent

    above (DirectoryInfo AppContext.BaseDirectory)

let private plotly (folder: string) =
    Path.Combine(folder, "node_modules", "plotly.js-dist-min", "plotly.min.js")

let private chromium =
    match Environment.GetEnvironmentVariable "CHROMIUM" with
    | null
    | "" -> "/usr/bin/chromium"
    | path -> path

let private hasNode =
    let names = [ "node"; "node.exe" ]

    match Environment.GetEnvironmentVariable "PATH" with
    | null -> false
    | path ->
        path.Split Path.PathSeparator
        |> Array.exists (fun place -> names |> List.exists (fun name -> File.Exists(Path.Combine(place, name))))

/// A test that needs a browser; where one is missing it is skipped and says what to install.
type BrowserFactAttribute() as this =
    inherit FactAttribute()

    do
        match folder with
        | None -> this.Skip <- "tests/browser is not there"
        | Some _ when not hasNode -> this.Skip <- "node is not installed"
        | Some _ when not (File.Exists chromium) ->
            this.Skip <- $"there is no Chromium at {chromium}: install it or set CHROMIUM"
        | Some folder when
            not (File.Exists(plotly folder))
            || not (Directory.Exists(Path.Combine(folder, "node_modules", "playwright-core")))
            ->
            this.Skip <- "run 'npm ci' in tests/browser"
        | Some _ -> ()

/// Runs check.mjs on pages and gives its exit code and output.
let private run (folder: string) (arguments: string list) =
    let start = ProcessStartInfo "node"
    start.ArgumentList.Add(Path.Combine(folder, "check.mjs"))

    for argument in arguments do
        start.ArgumentList.Add argument

    start.RedirectStandardOutput <- true
    start.RedirectStandardError <- true
    start.Environment["CHROMIUM"] <- chromium
    use running = Process.Start start |> nonNull
    let error = running.StandardError.ReadToEndAsync()
    let output = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    running.ExitCode, output + error.Result

/// Makes a folder for pages, and removes it at the end. Where MIXTURES_SCREENSHOTS names a folder, pictures go there.
let private inFolder (test: string -> unit) =
    let directory = Directory.CreateTempSubdirectory "mixtures-pages-"

    try
        test directory.FullName
    finally
        directory.Delete true

let private pictures =
    match Environment.GetEnvironmentVariable "MIXTURES_SCREENSHOTS" with
    | null
    | "" -> []
    | place -> [ "--screenshot"; place ]

/// Catches figures that Plotly rejects, draws only in part or warns of, pages that need the network, and titles, legends
/// or axis labels that are cut off, on a screen and on a telephone.
[<BrowserFact>]
let ``every chart is drawn offline without an error`` () =
    inFolder (fun directory ->
        let folder = folder.Value

        let inlined =
            { Html.defaults with
                Plotly = PlotlySource.Inline(plotly folder)
            }

        let pages =
            [
                for name, figure in
                    SampleFigures.all
                    @ MarginalFigures.all
                    @ GuidePlotTests.figures.Value
                    @ PosteriorFigures.all do
                    let path = Path.Combine(directory, name + ".html")
                    Html.save inlined path figure
                    path
                for name, sections in PosteriorPageTests.pages.Value do
                    let path = Path.Combine(directory, name + ".html")
                    Html.saveReport inlined path sections
                    path
            ]

        for size in [ [ "--width"; "1200" ]; [ "--width"; "375"; "--height"; "700" ] ] do
            let code, output = run folder (pages @ size @ pictures)
            Assert.True((code = 0), output))

/// Catches reports whose figures get in each other's way, and pages that do not find Plotly in the file beside them.
[<BrowserFact>]
let ``a report with Plotly beside it is drawn offline`` () =
    inFolder (fun directory ->
        let folder = folder.Value
        File.Copy(plotly folder, Path.Combine(directory, "plotly min.js"))
        let path = Path.Combine(directory, "report.html")

        let sections =
            [
                {
                    Heading = "How the fit went"
                    Paragraphs = [ "Eight starts, of which one was best."; SampleFigures.nasty ]
                    Figure =
                        SampleFigures.all
                        |> List.find (fun (name, _) -> name = "log-likelihood")
                        |> snd
                        |> Some
                }
                Html.section (SampleFigures.all |> List.find (fun (name, _) -> name = "density") |> snd)
                {
                    Heading = "Remarks"
                    Paragraphs = [ "No figure here." ]
                    Figure = None
                }
            ]

        let options =
            { Html.defaults with
                Title = "A report on <eruptions>"
                Plotly = PlotlySource.Beside "plotly min.js"
            }

        Html.saveReport options path sections
        let code, output = run folder ([ path; "--expect-traces"; "12" ] @ pictures)
        Assert.True((code = 0), output))

/// Catches a check that passes whatever it is given: a page that asks the network for Plotly must fail it.
[<BrowserFact>]
let ``a page that needs the network fails the check`` () =
    inFolder (fun directory ->
        let path = Path.Combine(directory, "cdn.html")
        Html.save Html.defaults path (Charts.density1D SampleFigures.density)
        let code, output = run folder.Value [ path ]
        Assert.Equal(1, code)
        Assert.Contains("asked the network for https://cdn.plot.ly/plotly-" + Html.plotlyVersion, output))
