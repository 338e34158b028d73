module Mixtures.Tests.ModelFileTests

open System
open System.IO
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.DataHelpers

/// Catches a bit lost on the way to the file and back, for every structure.
[<Fact>]
let ``models come back from JSON to the same bits`` () =
    forSeeds 60 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]

        let mixture =
            randomMixture
                structure
                (between 1 4 stream)
                (between 1 4 stream)
                1e3
                3.0
                (1e-3 + stream.NextExponential())
                stream

        let again = (ModelFile.ofJson (ModelFile.toJson None mixture)).Mixture
        Assert.Equal<float>(EmLawTests.parameters mixture, EmLawTests.parameters again)
        Assert.Equal(structure, Gaussian.structure again)
        let data = draw 50 stream mixture
        Assert.Equal<float>(Mixture.logDensity mixture data, Mixture.logDensity again data))

/// Catches a fit whose numbers or columns are lost in its file, and temporary files that stay behind.
[<Fact>]
let ``a saved fit keeps its numbers and columns`` () =
    let folder = Directory.CreateTempSubdirectory().FullName

    try
        let path = Path.Combine(folder, "model.json")
        let data = EmReferenceTests.faithful.Value

        let fit =
            Em.fit { Em.defaults with Restarts = 2 } (Gaussian.spec CovarianceStructure.Tied 3) data

        ModelFile.saveFit path fit
        let saved = ModelFile.load path
        Assert.Equal<FitSummary option>(Some fit.Summary, saved.Fit)
        Assert.Equal<string seq>([ "eruptions"; "waiting" ], saved.Mixture.ColumnNames)
        Assert.Equal(fit.LogLikelihood, Mixture.score saved.Mixture data, 1e-9)
        Assert.Equal<string[]>([| path |], Directory.GetFileSystemEntries folder)
    finally
        Directory.Delete(folder, true)

/// Catches a format that people cannot write by hand.
[<Fact>]
let ``a model written by hand is read`` () =
    let json =
        """{"format": "mixtures-model", "version": 1, "family": "gaussian", "covariance": "tied",
            "weights": [0.25, 0.75], "means": [[0, 0], [3, 4]], "covariances": [[1, 0.5], [0.5, 2]]}"""

    let saved = ModelFile.ofJson json
    Assert.True saved.Fit.IsNone
    Assert.False saved.Mixture.HasColumnNames
    Assert.Equal(0.5, (Gaussian.view saved.Mixture).Covariances[1].[0, 1])

    let start covariance covariances =
        $"""{{"format":"mixtures-model","version":1,"family":"gaussian","covariance":"{covariance}","columns":["a","b"],"weights":[0.5,0.5],"means":[[0,0],[1,1]],"covariances":{covariances}}}"""

    for covariance, covariances in
        [
            "full", "[[[1,0],[0,1]],[[2,0],[0,2]]]"
            "known", "[[[1,0],[0,1]],[[2,0],[0,2]]]"
            "diagonal", "[[1,1],[2,2]]"
            "spherical", "[1,2]"
        ] do
        let view = Gaussian.view (ModelFile.ofJson (start covariance covariances)).Mixture
        Assert.Equal(2.0, view.Covariances[1].[1, 1])
        Assert.Equal(0.0, view.Covariances[1].[0, 1])

/// Catches a broken model that is accepted, or refused without saying why.
[<Fact>]
let ``broken models are refused with the place named`` () =
    let good =
        """{"format":"mixtures-model","version":1,"family":"gaussian","covariance":"full","weights":[0.5,0.5],"means":[[0],[1]],"covariances":[[[1]],[[1]]]}"""

    let broken (old: string) (changed: string) parts =
        Assert.Contains(old, good)
        rejects parts (fun () -> ModelFile.ofJson (good.Replace(old, changed)))

    rejects [ "not valid JSON"; "cut off" ] (fun () -> ModelFile.ofJson (good.Substring(0, 60)))
    rejects [ "not valid JSON" ] (fun () -> ModelFile.ofJson "")
    rejects [ "object" ] (fun () -> ModelFile.ofJson "[1]")
    broken "mixtures-model" "something" [ "mixtures-model"; "something" ]
    broken "\"version\":1" "\"version\":2" [ "version 1"; "version 2" ]
    broken "gaussian" "cauchy" [ "gaussian"; "cauchy" ]
    broken "\"full\"" "\"fat\"" [ "full, tied"; "fat" ]
    broken "[0.5,0.5]" "[0.5,0.6]" [ "sum to one"; "1.1" ]
    broken "[0.5,0.5]" "[0.5,\"x\"]" [ "weights"; "'x'" ]
    broken "[0.5,0.5]" "[1e999,0.5]" [ "weights" ]
    broken "[0.5,0.5]" "[]" [ "weight" ]
    broken "[[[1]],[[1]]]" "[[[1]],[[-1]]]" [ "component 2"; "positive definite" ]
    broken "[[[1]],[[1]]]" "[[[1]]]" [ "2 matrices"; "received 1" ]
    broken "[[0],[1]]" "[[0],[1,2]]" [ "means"; "received 2" ]
    broken "\"means\"" "\"meanz\"" [ "no 'means'" ]

    let refuse covariance d (covariances: string) parts =
        let means = "[" + String.Join(",", Array.create d "0") + "]"

        let json =
            $"""{{"format":"mixtures-model","version":1,"family":"gaussian","covariance":"{covariance}","weights":[1],"means":[{means}],"covariances":{covariances}}}"""

        rejects parts (fun () -> ModelFile.ofJson json)

    refuse "diagonal" 2 "[[-1,1]]" [ "component 1"; "-1"; "positive" ]
    refuse "spherical" 2 "[0]" [ "component 1"; "positive" ]
    refuse "full" 2 "[[[0,0.5],[0.5,1]]]" [ "positive definite" ]
    refuse "full" 2 "[[[0,0],[0,0]]]" [ "at least one that varies" ]
    refuse "tied" 2 "[[1,2],[2,1]]" [ "positive definite" ]

    let named =
        good.Replace("\"weights\"", "\"columns\":[\"a\"],\"constant_columns\":[\"a\"],\"weights\"")

    rejects [ "constant_columns"; "spherical" ] (fun () -> ModelFile.ofJson named)
    let twice = (good.Replace("\"weights\"", "\"columns\":[\"a\",\"a\"],\"weights\""))
    rejects [ "'a'" ] (fun () -> ModelFile.ofJson twice)
    rejects [ "no model file"; "nowhere.json" ] (fun () -> ModelFile.load "nowhere.json")

/// Catches a constant column that is lost, or that spoils the density after loading.
[<Fact>]
let ``models with a constant column come back whole`` () =
    let rows = Array.init 60 (fun i -> [| float (i % 7); 3.0; float (i % 5) |])
    let data = (Dataset.ofSeq rows).WithColumnNames [| "a"; "b"; "c" |]

    for structure in CovarianceStructure.fitted do
        let fit = Em.fit { Em.defaults with Restarts = 2 } (Gaussian.spec structure 2) data
        Assert.Contains(fit.Warnings, fun w -> w.Contains "'b' is constant")
        Assert.Equal(3.0, (Gaussian.view fit.Mixture).Means[0].[1])

        let again =
            (ModelFile.ofJson (ModelFile.toJson (Some fit.Summary) fit.Mixture)).Mixture

        Assert.Equal<float>(Mixture.logDensity fit.Mixture data, Mixture.logDensity again data)
        Assert.Equal(fit.LogLikelihood, Mixture.score again data, 1e-9)
        // the same fit as without the column
        let without =
            Em.fit { Em.defaults with Restarts = 2 } (Gaussian.spec structure 2) (data.Select [| "a"; "c" |])

        Assert.Equal(without.LogLikelihood, fit.LogLikelihood, 1e-9)
        Assert.Equal(without.Parameters, fit.Parameters)
        let sample = Mixture.sample (RandomKey.ofSeed 1) 10 again
        Assert.All(sample.Column 1, fun x -> Assert.Equal(3.0, x))

/// Catches a link, a permission or a device that is replaced by a plain file.
[<Fact>]
let ``links, permissions and read-only files are respected`` () =
    if not (OperatingSystem.IsWindows()) then
        let folder = Directory.CreateTempSubdirectory().FullName

        let mixture =
            randomMixture CovarianceStructure.Full 2 2 0.0 1.0 1.0 ((RandomKey.ofSeed 1).Stream())

        try
            let real, link =
                Path.Combine(folder, "real.json"), Path.Combine(folder, "link.json")

            ModelFile.save real None mixture
            File.SetUnixFileMode(real, UnixFileMode.UserRead ||| UnixFileMode.UserWrite)
            File.CreateSymbolicLink(link, real) |> ignore
            ModelFile.save link None (Mixture.marginal [ 0 ] mixture)
            Assert.Equal(1, (ModelFile.load real).Mixture.Dimension)
            Assert.NotNull(FileInfo(link).LinkTarget)
            Assert.Equal(UnixFileMode.UserRead ||| UnixFileMode.UserWrite, File.GetUnixFileMode real)
            File.SetUnixFileMode(real, UnixFileMode.UserRead)
            rejects [ "read-only" ] (fun () -> ModelFile.save real None mixture)
            Assert.Equal(2, Directory.GetFileSystemEntries(folder).Length)
        finally
            Directory.Delete(folder, true)
