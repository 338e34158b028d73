module Mixtures.Tests.ReadmeTests

open System
open System.Diagnostics
open System.IO
open Xunit

/// The folder of the repository, above the tests' output.
let private root =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> invalidOp "The tests run outside the repository."
        | folder when File.Exists(Path.Combine(folder.FullName, "Mixtures.sln")) -> folder.FullName
        | folder -> up folder.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

/// Runs F# text as a script in a folder, with the library that is under test.
let private runScript (folder: string) (code: string) =
    let library = Path.Combine(AppContext.BaseDirectory, "Mixtures.FSharp.dll")
    let script = Path.Combine(folder, "start.fsx")
    File.WriteAllText(script, $"#r @\"{library}\"\n{code}")

    let start =
        ProcessStartInfo("dotnet", [ "fsi"; "--quiet"; script ], WorkingDirectory = folder)

    start.RedirectStandardOutput <- true
    start.RedirectStandardError <- true
    use running = Process.Start start |> nonNull
    let errors = running.StandardError.ReadToEndAsync()
    let output = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    running.ExitCode, output, errors.Result

/// A page's F# snippets, in their order.
let private snippetsOf (page: string) =
    (File.ReadAllText(Path.Combine(root, page))).Split "```fsharp\n"
    |> Array.skip 1
    |> Array.map (fun block -> block.Substring(0, block.IndexOf "```"))

let private snippets = lazy (snippetsOf "README.md")

/// Runs a snippet where README's paths lead somewhere: what it prints, and the names of the files it makes.
let private runSnippet (snippet: string) =
    let folder = Directory.CreateTempSubdirectory().FullName

    try
        Directory.CreateDirectory(Path.Combine(folder, "data")) |> ignore

        for name in [ "faithful.csv"; "patients.csv"; "iris-gaps.csv" ] do
            File.Copy(Path.Combine(root, "data", name), Path.Combine(folder, "data", name))

        let exitCode, output, errors = runScript folder snippet
        Assert.True((exitCode = 0), errors)

        output,
        Directory.GetFiles folder
        |> Array.map (Path.GetFileName >> string)
        |> Array.sort
    finally
        Directory.Delete(folder, true)

/// Catches an F# start in README that does not run, or does not say what it should.
[<Fact>]
let ``README's F# start runs`` () =
    let output, files = runSnippet snippets.Value[0]
    Assert.StartsWith("log-likelihood -1126.3159, BIC 2314.30, Converged", output)
    Assert.Contains("component 1", output)
    Assert.Contains("faithful.json", files)
    Assert.Contains("faithful.html", files)

/// Catches a gradient snippet in README that does not run, or a snippet that no test runs.
[<Fact>]
let ``README's F# gradient snippet runs`` () =
    Assert.Equal(3, snippets.Value.Length)
    let output, files = runSnippet snippets.Value[1]
    Assert.StartsWith("loss 1033.676", output)
    Assert.Contains("Converged", output)
    Assert.Contains("mean[1][waiting] 80.0", output)
    Assert.Contains("laplace: log-likelihood -1043.74", output)
    Assert.Contains("losses.html", files)

/// Catches a Bayesian snippet in README that does not run, or does not say what it should.
[<Fact>]
let ``README's Bayesian F# snippet runs`` () =
    let output, files = runSnippet snippets.Value[2]

    Assert.Equal(
        "MAP loss 1179.6315; log evidence -1192.361, reliable: true\nbound -1173.6430, 2 of 12 components in use\n",
        output
    )

    Assert.Contains("posterior.json", files)

/// Catches an F# snippet on the page on Bayesian mixtures that does not run, or does not say what the page shows.
[<Fact>]
let ``the F# snippet on Bayesian mixtures says what the page shows`` () =
    let page = Path.Combine("docs", "bayesian.md")
    let output, _ = runSnippet (Assert.Single(snippetsOf page))
    let shown = (File.ReadAllText(Path.Combine(root, page))).Split "```\n"
    Assert.Contains(output, shown)

/// Catches an F# snippet on the page on families that does not run, or does not say what it should.
[<Fact>]
let ``the F# snippet on families runs`` () =
    let output, _ =
        runSnippet (Assert.Single(snippetsOf (Path.Combine("docs", "families.md"))))

    Assert.StartsWith("log-likelihood -4579.1331, BIC 9305.40", output)
    Assert.Contains("rate[1][visits] 1.480", output)
    Assert.Contains("smoker: only 0 and 1", output)
    Assert.Contains("visits: 2 negative-binomial components", output)
    Assert.Contains("location 4.32, degrees of freedom 4", output)

/// Catches an F# snippet on the page on missing values that does not run, or does not say what it should.
[<Fact>]
let ``the F# snippet on missing values runs`` () =
    let output, _ =
        runSnippet (Assert.Single(snippetsOf (Path.Combine("docs", "missing-values.md"))))

    Assert.Equal("log-likelihood -169.4736, BIC 559.42\nsetosa: weight 0.331\nrow 2: 4.71, or 4.84\n", output)

/// Catches an F# snippet on the page on sampling that does not run, or does not say what the page does.
[<Fact>]
let ``the F# snippet on sampling runs`` () =
    let page = Path.Combine("docs", "sampling.md")
    let output, files = runSnippet (Assert.Single(snippetsOf page))
    let shown = (File.ReadAllText(Path.Combine(root, page))).Split "```\n"
    Assert.Contains(output, shown)

    for file in [ "model.json"; "sample.json"; "sample.html"; "guide.json"; "guide.html" ] do
        Assert.Contains(file, files)
