module Mixtures.Tests.PosteriorFileTests

open System
open System.IO
open Xunit
open Mixtures
open Mixtures.Tests

let private faithful = EmReferenceTests.faithful
let private few = { Cavi.defaults with Restarts = 2 }

let private codes =
    lazy
        (let stream = (RandomKey.ofSeed 3).Stream()

         Dataset.ofArray2D (
             Array2D.init 60 3 (fun i _ ->
                 if stream.NextDouble() < (if i < 30 then 0.2 else 0.8) then
                     1.0
                 else
                     0.0)
         ))

/// Fits of every kind of posterior.
let private fits =
    lazy
        (let gaussian structure spec =
            Cavi.fit few (spec (Gaussian.spec structure 3)) faithful.Value

         [
             gaussian CovarianceStructure.Full id
             gaussian CovarianceStructure.Tied id
             gaussian CovarianceStructure.Diagonal id
             gaussian CovarianceStructure.Spherical id
             gaussian
                 CovarianceStructure.Diagonal
                 (MixtureSpec.withPrior "means" (Prior.normal 0.0 100.0)
                  >> MixtureSpec.withPrior "precisions" (Prior.gamma 2.0 1.0))
             gaussian CovarianceStructure.Full (fun spec ->
                 spec.WithPriors
                     { Priors.None with
                         Weights = DirichletProcess 1.0
                     })
             Cavi.fit few (MixtureSpec.Create(Families.bernoulli, 2)) codes.Value
             Cavi.fit few (MixtureSpec.Create(Families.categorical, 2)) codes.Value
         ])

let private arrays (components: ComponentsPosterior) : float[] =
    match components with
    | NormalWishart(m, s, v, p) ->
        Array.concat [ Array.concat m; s; v; p |> Array.collect (Seq.cast<float> >> Seq.toArray) ]
    | NormalGamma(m, s, a, b) -> Array.concat [ Array.concat m; s; Array.concat a; Array.concat b ]
    | IndependentNormalGamma(m, s, a, b) -> Array.concat (Array.concat [ m; s; a; b ])
    | BetaProbabilities(a, b) -> Array.concat (Array.append a b)
    | DirichletProbabilities c -> Array.concat (Array.concat c)

/// Catches a number of any posterior that is lost or moved on the way to the file and back.
[<Fact>]
let ``posteriors come back from JSON to the same bits`` () =
    let kinds = Collections.Generic.HashSet<string>()

    for fit in fits.Value do
        let saved = PosteriorFile.ofFit fit
        let json = PosteriorFile.toJson saved
        let again = PosteriorFile.ofJson json
        kinds.Add(fit.Components.GetType().Name) |> ignore
        Assert.Equal(fit.Bound, again.Bound)
        Assert.Equal(fit.Terms, again.Terms)
        Assert.Equal(fit.Weights, again.Weights)
        Assert.Equal(fit.Components.GetType(), again.Components.GetType())
        Assert.Equal<float>(arrays fit.Components, arrays again.Components)
        Assert.Equal<float>(fit.Counts, again.Counts)
        Assert.Equal<string list>(fit.Priors, again.Priors)
        Assert.Equal<float>(fit.Mixture.Weights, again.Model.Mixture.Weights)
        // the plug-in model is a model like any other
        let model = ModelFile.ofJson json
        Assert.Equal("cavi", model.Fit.Value.Method)
        Assert.Equal<float>(fit.History, model.Fit.Value.History)

    Assert.Equal(5, kinds.Count)

/// Catches files that are taken though they cannot be right, and refusals that do not say what or where.
[<Fact>]
let ``wrong posteriors are refused by what and where`` () =
    let json = PosteriorFile.toJson (PosteriorFile.ofFit fits.Value.Head)

    let refused (part: string) (text: string) =
        Assert.Contains(part, Assert.Throws<DataException>(fun () -> PosteriorFile.ofJson text |> ignore).Message)

    let changed (from: string) (into: string) =
        Assert.Contains(from, json)
        json.Replace(from, into)

    refused "has no 'posterior'" (ModelFile.toJson None fits.Value.Head.Mixture)
    refused "cut off" (json.Substring(0, json.Length / 2))
    refused "received 'normal'" (changed "\"normal_wishart\"" "\"normal\"")
    refused "either dirichlet or stick_breaking" (changed "\"dirichlet\"" "\"beta\"")
    refused "no 'evidence_term'" (changed "evidence_term" "evidence")
    refused "no 'strengths'" (changed "strengths" "strength")
    let strength = arrays fits.Value.Head.Components |> Array.item 6

    refused
        "above 0 in 'posterior.components.normal_wishart.strengths'"
        (changed (strength.ToString("R", Globalization.CultureInfo.InvariantCulture)) "-1")

/// Catches files that are not named in errors.
[<Fact>]
let ``posteriors are saved whole and loaded by name`` () =
    let folder = Directory.CreateTempSubdirectory().FullName

    try
        let path = Path.Combine(folder, "posterior.json")
        PosteriorFile.save path (PosteriorFile.ofFit fits.Value.Head)
        Assert.Equal(fits.Value.Head.Bound, (PosteriorFile.load path).Bound)
        Assert.Equal<string[]>([| path |], Directory.GetFileSystemEntries folder)
        ModelFile.save path None fits.Value.Head.Mixture
        Assert.StartsWith(path, Assert.Throws<DataException>(fun () -> PosteriorFile.load path |> ignore).Message)
    finally
        Directory.Delete(folder, true)

/// Catches a fit that calls it a fault that its prior leaves components without rows.
[<Fact>]
let ``components that are not needed are no fault`` () =
    let spec =
        (Gaussian.spec CovarianceStructure.Full 8).WithPriors
            { Priors.None with
                Weights = DirichletProcess 1.0
            }

    let fit = Cavi.fit { few with Restarts = 6 } spec faithful.Value
    Assert.Contains(fit.Counts, fun rows -> rows < 1e-6)
    Assert.DoesNotContain(fit.Warnings, fun w -> w.Contains "died" || w.Contains "equal")
