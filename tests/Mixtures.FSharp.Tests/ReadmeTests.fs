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

/// Catches an F# start in README that does not run, or does not say what it should.
[<Fact>]
let ``README's F# start runs`` () =
    let readme = File.ReadAllText(Path.Combine(root, "README.md"))
    let first = readme.IndexOf "```fsharp\n" + 10
    let code = readme.Substring(first, readme.IndexOf("```", first) - first)
    let folder = Directory.CreateTempSubdirectory().FullName

    try
        Directory.CreateDirectory(Path.Combine(folder, "data")) |> ignore
        File.Copy(Path.Combine(root, "data", "faithful.csv"), Path.Combine(folder, "data", "faithful.csv"))
        let exitCode, output, errors = runScript folder code
        Assert.True((exitCode = 0), errors)
        Assert.StartsWith("log-likelihood -1126.3159, BIC 2314.30, Converged", output)
        Assert.Contains("component 1", output)
        Assert.True(File.Exists(Path.Combine(folder, "faithful.json")))
        Assert.True(File.Exists(Path.Combine(folder, "faithful.html")))
    finally
        Directory.Delete(folder, true)
