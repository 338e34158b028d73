module Mixtures.Tests.LogDensityFileTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

/// Laplace components, which no built-in family covers.
let laplace =
    Component.ofLogDensity
        "laplace"
        [ "location", 1; "log-scale", 1 ]
        (fun point sds -> [| point[0]; log (0.5 * sds[0]) |])
        (fun p rows ->
            let logScale = Tensor.select 0 1 p

            let z =
                Tensor.abs (Tensor.select 1 0 rows - Tensor.select 0 0 p) * Tensor.exp -logScale

            -z - logScale - log 2.0)

let private model =
    lazy
        (Mixture.create
            (Some [ "waiting" ])
            [| 0.1 + 0.2; 0.7 |]
            (Component.create laplace 1 [| [| 54.1; 1.0 / 3.0 |]; [| Math.PI; -1e-300 |] |]))

/// Catches a bit lost in the parameters, and columns or fits that the file forgets.
[<Fact>]
let ``models of a family of one's own come back to the same bits, given the family`` () =
    let json = ModelFile.toJson None model.Value
    Assert.Contains("\"family\": \"laplace\"", json)
    Assert.Contains("\"parameters\"", json)
    Assert.DoesNotContain("covariance", json)
    let again = (ModelFile.ofJsonWith laplace json).Mixture
    Assert.Equal<float>(model.Value.Weights, again.Weights)

    Assert.Equal<float[]>(Component.parameters model.Value.Components, Component.parameters again.Components)

    Assert.Equal<string seq>([ "waiting" ], again.ColumnNames)
    let data = Dataset.ofColumn [| 1.0; 53.0; 80.0 |]
    Assert.Equal<float>(Mixture.logDensity model.Value data, Mixture.logDensity again data)

    // a fit's numbers come along; a prior does not
    let fit =
        Em.fit
            { Em.defaults with Restarts = 1 }
            (MixtureSpec.Create(laplace, 2) |> MixtureSpec.withWeightsPrior 3.0)
            (EmReferenceTests.faithful.Value.Select [ "waiting" ])

    let folder = IO.Directory.CreateTempSubdirectory().FullName

    try
        let path = IO.Path.Combine(folder, "model.json")
        ModelFile.saveFit path fit
        let saved = ModelFile.loadWith laplace path
        Assert.Equal<FitSummary option>(Some fit.Summary, saved.Fit)
        Assert.True saved.Mixture.Spec.Priors.Weights.IsFlat
        let error = Assert.Throws<DataException>(fun () -> ModelFile.load path |> ignore)
        Assert.Contains(path, error.Message)
    finally
        IO.Directory.Delete(folder, true)

/// Catches files of a family that is not given, or of another one, that are read all the same.
[<Fact>]
let ``files of an unknown or another family are refused with what to do`` () =
    let json = ModelFile.toJson None model.Value
    rejects [ "'laplace' is not built in"; "ModelFile.loadWith"; "Mixture.Load" ] (fun () -> ModelFile.ofJson json)

    let other =
        Component.ofLogDensity "cauchy" [ "location", 2 ] (fun p _ -> [| p[0]; 0.0 |]) (fun _ rows -> rows)

    rejects [ "'cauchy'"; "'laplace'" ] (fun () -> ModelFile.ofJsonWith other json)

    let gaussian =
        Gaussian.create CovarianceStructure.Full [| 1.0 |] [| [| 0.0 |] |] [| array2D [ [ 1.0 ] ] |]

    rejects [ "'laplace'"; "'gaussian'" ] (fun () -> ModelFile.ofJsonWith laplace (ModelFile.toJson None gaussian))

    let broken (old: string) (changed: string) parts =
        let dense = json.Replace("\n", "").Replace(" ", "")
        Assert.Contains(old, dense)
        rejects parts (fun () -> ModelFile.ofJsonWith laplace (dense.Replace(old, changed)))

    broken "[54.1," "[54.1,1," [ "2 parameters"; "received 3" ]
    broken "[54.1," "[null," [ "parameters"; "null" ]
    broken "\"dimension\":1" "\"dimension\":2" [ "columns"; "dimension"; "received 1" ]
    broken "\"parameters\"" "\"parameter\"" [ "no 'parameters'" ]
    broken "0.7]" "0.3,0.4]" [ "lists"; "received 2" ]

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Component.ofLogDensity "gaussian" [ "m", 1 ] (fun p _ -> p) (fun _ rows -> rows)
            |> ignore)

    Assert.Contains("'gaussian'", error.Message)
