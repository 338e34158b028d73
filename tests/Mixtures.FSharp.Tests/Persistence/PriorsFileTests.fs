module Mixtures.Tests.PriorsFileTests

open System
open System.IO
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

let private t (values: float list) = Tensor.ofArray (List.toArray values)

let private matrix (rows: float list list) = array2D rows

let private every =
    [
        "a", Prior.normal (0.1 + 0.2) Math.PI
        "b", Normal.distribution (Tensor.ofArray2D (array2D [ [ 1.0; 2.0 ]; [ 3.0; 1e-300 ] ])) (t [ 0.5; 1.0 / 3.0 ])
        "c", Prior.halfNormal 2.0
        "d", Prior.logNormal -1.0 2.0
        "e", Prior.gamma 5.0 0.1
        "f", Prior.inverseGamma 3.0 2.0
        "g", Prior.exponential 0.7
        "h", Prior.halfCauchy 5.0
        "i", Prior.studentT 3.0 0.5 2.0
        "j", Prior.beta 2.0 3.0
        "k", Prior.uniform -1.0 2.5
        "l", Weibull.distribution (t [ 1.5 ]) (t [ 2.0; 3.0 ])
        "m", Prior.vonMises 0.3 4.0
        "n", Prior.dirichlet [| 0.5; 1.0; 2.0 |]
        "o", Prior.wishart 4.0 (matrix [ [ 2.0; 0.5 ]; [ 0.5; 1.0 ] ])
        "p", Prior.inverseWishart 4.5 (matrix [ [ 2.0; -0.5 ]; [ -0.5; 1.0 ] ])
        "q", Prior.normalInverseWishart [| 1.0; -1.0 |] 0.1 4.0 (matrix [ [ 2.0; 0.5 ]; [ 0.5; 1.0 ] ])
    ]

let private same (a: IDistribution) (b: IDistribution) =
    Assert.Equal(a.Name, b.Name)

    for x, y in Array.zip a.Parameters b.Parameters do
        Assert.Equal<int>(x.Dims, y.Dims)

        for u, v in Array.zip (x.ToArray()) (y.ToArray()) do
            // matrices go through their factors
            if a.Name.EndsWith "wishart" then
                Assert.Equal(u, v, 1e-14)
            else
                Assert.Equal(u, v)

/// Catches a distribution that files forget, or an argument that comes back as another.
[<Fact>]
let ``every distribution comes back from JSON`` () =
    Assert.Equal<string seq>(
        PriorsFile.distributions |> List.sort,
        every
        |> List.map (fun (_, p) -> p.Name.Replace('-', '_'))
        |> List.distinct
        |> List.sort
    )

    for weights in [ Flat; Dirichlet [| 0.5 |]; Dirichlet [| 1.0; 2.0 |]; DirichletProcess 1.5 ] do
        let priors =
            {
                Weights = weights
                Parameters = every
            }

        let again = PriorsFile.ofJson (PriorsFile.toJson priors)
        Assert.Equal(weights, again.Weights)
        Assert.Equal<string list>(List.map fst every, List.map fst again.Parameters)
        List.iter2 (fun (_, a) (_, b) -> same a b) every again.Parameters

/// Catches short forms that are read otherwise than the long ones.
[<Fact>]
let ``priors written by hand are read`` () =
    let priors =
        PriorsFile.ofJson
            """{"weights": {"dirichlet": {"concentrations": [1, 2]}}, "rates": {"exponential": 2},
                "means": {"normal": {"sd": [1, 10], "mean": [[0], [1], [2]]}}, "scales": null}"""

    Assert.Equal(Dirichlet [| 1.0; 2.0 |], priors.Weights)
    Assert.Equal<string list>([ "rates"; "means" ], List.map fst priors.Parameters)
    same (Prior.exponential 2.0) (snd priors.Parameters[0])
    let means = snd priors.Parameters[1]
    Assert.Equal<int>([| 3; 2 |], means.BatchShape)
    Assert.Equal<float>([| 0.0; 0.0; 1.0; 1.0; 2.0; 2.0 |], means.Mean.ToArray())

    Assert.Equal(DirichletProcess 3.0, (PriorsFile.ofJson """{"weights": {"dirichlet_process": 3}}""").Weights)
    let none = PriorsFile.ofJson "{}"
    Assert.True(none.Weights.IsFlat && none.Parameters.IsEmpty)

/// Catches wrong files that are taken, and refusals that do not say what or where.
[<Theory>]
[<InlineData("""{"means": {"normal": {"mean": 0, "sd": 1}}""", "not valid JSON")>]
[<InlineData("[1]", "Expected an object in 'priors', received a list of 1")>]
[<InlineData("""{"means": {"gauss": {"mean": 0, "sd": 1}}}""",
             "distributions normal, half_normal, log_normal, gamma,|in 'priors.means', received 'gauss'")>]
[<InlineData("""{"means": {"normal": {"mean": 0}}}""",
             "Expected the arguments mean, sd in 'priors.means.normal', there is no 'sd'")>]
[<InlineData("""{"means": {"normal": {"mean": 0, "sd": 1, "scale": 2}}}""",
             "Expected the arguments mean, sd in 'priors.means.normal', received 'scale'")>]
[<InlineData("""{"means": {"normal": {"mean": "0", "sd": 1}}}""",
             "Expected a number, or a list of numbers, in 'priors.means.normal.mean', received '0'")>]
[<InlineData("""{"means": {"normal": {"mean": 1e999, "sd": 1}}}""", "finite number in 'priors.means.normal.mean'")>]
[<InlineData("""{"means": {"normal": {"mean": [], "sd": 1}}}""", "received an empty list")>]
[<InlineData("""{"means": {"normal": {"mean": [[1, 2], [3]], "sd": 1}}}""", "lists of one length in 'priors.means")>]
[<InlineData("""{"means": {"normal": {"mean": [1, 2], "sd": [1, 2, 3]}}}""", "in 'priors.means.normal'")>]
[<InlineData("""{"means": {"normal": {"mean": 0, "sd": -1}}}""",
             "Expected numbers above 0 in 'priors.means.normal.sd', received -1")>]
[<InlineData("""{"means": {"normal": {"mean": 0, "sd": 1}, "beta": {"a": 1, "b": 1}}}""",
             "Expected one distribution in 'priors.means'|received 2")>]
[<InlineData("""{"means": {"normal": 3}}""", "Expected an object in 'priors.means.normal', received 3")>]
[<InlineData("""{"means": 3}""", "Expected an object in 'priors.means', received 3")>]
[<InlineData("""{"means": {"exponential": 1}, "means": {"exponential": 2}}""", "Expected 'means' once in 'priors'")>]
[<InlineData("""{"shares": {"uniform": {"low": 2, "high": 1}}}""", "in 'priors.shares.uniform'")>]
[<InlineData("""{"p": {"dirichlet": 1}}""", "Expected a list of numbers in 'priors.p.dirichlet.concentrations'")>]
[<InlineData("""{"weights": {"dirichlet": 0}}""", "Expected numbers above 0 in 'priors.weights.dirichlet', received 0")>]
[<InlineData("""{"weights": {"dirichlet": [[1], [2]]}}""", "received a list of lists")>]
[<InlineData("""{"weights": {"dirichlet_process": [1, 2]}}""", "Expected a number in 'priors.weights.dirichlet_process'")>]
[<InlineData("""{"weights": {"gamma": 1}}""", "Expected dirichlet or dirichlet_process in 'priors.weights'")>]
[<InlineData("""{"covariances": {"inverse_wishart": {"degrees_of_freedom": 4, "scale": [[1, 0.5], [0.4, 1]]}}}""",
             "symmetric positive definite matrix in 'priors.covariances.inverse_wishart.scale'")>]
[<InlineData("""{"covariances": {"inverse_wishart": {"degrees_of_freedom": 4, "scale": [[1, 2], [2, 1]]}}}""",
             "symmetric positive definite matrix in 'priors.covariances.inverse_wishart.scale'")>]
[<InlineData("""{"covariances": {"inverse_wishart": {"degrees_of_freedom": 4, "scale": [1, 2]}}}""",
             "Expected a square matrix, a list of rows, in 'priors.covariances.inverse_wishart.scale'")>]
[<InlineData("""{"covariances": {"inverse_wishart": {"degrees_of_freedom": 1, "scale": [[1, 0], [0, 1]]}}}""",
             "in 'priors.covariances.inverse_wishart'")>]
let ``wrong priors are refused by what and where`` (json: string, parts: string) =
    let error = Assert.Throws<DataException>(fun () -> PriorsFile.ofJson json |> ignore)

    for part in parts.Split '|' do
        Assert.Contains(part, error.Message)

/// Catches files that are not named in errors, and a distribution that is dropped in silence.
[<Fact>]
let ``files of priors are saved whole and named in errors`` () =
    let folder = Directory.CreateTempSubdirectory().FullName

    try
        let path = Path.Combine(folder, "priors.json")

        let priors =
            {
                Weights = Dirichlet [| 2.0 |]
                Parameters = [ "means", Prior.normal 0.0 10.0 ]
            }

        PriorsFile.save path priors
        Assert.Equal<string[]>([| path |], Directory.GetFileSystemEntries folder)
        same (Prior.normal 0.0 10.0) (snd (PriorsFile.load path).Parameters[0])
        File.WriteAllText(path, "{")
        Assert.StartsWith(path, Assert.Throws<DataException>(fun () -> PriorsFile.load path |> ignore).Message)

        for wrong, part in
            [
                "", "give a path"
                folder, "is a directory"
                Path.Combine(folder, "none"), "check the path"
            ] do
            Assert.Contains(part, Assert.Throws<DataException>(fun () -> PriorsFile.load wrong |> ignore).Message)

        let counts =
            { priors with
                Parameters = [ "rates", Poisson.distribution (Tensor.scalar 1.0) ]
            }

        Assert.Contains(
            "received a poisson distribution",
            Assert.Throws<ArgumentException>(fun () -> PriorsFile.toJson counts |> ignore).Message
        )
    finally
        Directory.Delete(folder, true)

/// Catches the priors of a fit that its file forgets, by either learner.
[<Fact>]
let ``a saved fit keeps its priors`` () =
    let data = EmReferenceTests.faithful.Value.Select [ "waiting" ]

    let spec =
        Gaussian.spec CovarianceStructure.Diagonal 2
        |> MixtureSpec.withWeightsPrior 3.0
        |> MixtureSpec.withPrior "means" (Prior.normal 70.0 20.0)
        |> MixtureSpec.withPrior "scales" (Prior.logNormal 2.0 1.0)

    let fit = (Gradient.fit Gradient.defaults spec data).Fit
    let saved = ModelFile.ofJson (ModelFile.toJson (Some fit.Summary) fit.Mixture)
    let priors = saved.Fit.Value.Priors
    Assert.Equal(Dirichlet [| 3.0 |], priors.Weights)
    Assert.Equal<string list>([ "means"; "scales" ], List.map fst priors.Parameters)
    List.iter2 (fun (_, a) (_, b) -> same a b) spec.Priors.Parameters priors.Parameters
    // the same fit again, from the file alone
    let again =
        Gradient.fit Gradient.defaults (MixtureSpec.Create(saved.Mixture.Family, 2).WithPriors priors) data

    Assert.Equal(fit.Summary.LogLikelihood, again.Fit.Summary.LogLikelihood, 1e-9)

    let plain =
        Em.fit { Em.defaults with Restarts = 1 } (Gaussian.spec CovarianceStructure.Tied 2) data

    Assert.DoesNotContain("priors", ModelFile.toJson (Some plain.Summary) plain.Mixture)

    let processed =
        Em.fit
            { Em.defaults with Restarts = 1 }
            ((Gaussian.spec CovarianceStructure.Tied 2).WithPriors
                { Priors.None with
                    Weights = DirichletProcess 2.0
                })
            data

    let saved =
        ModelFile.ofJson (ModelFile.toJson (Some processed.Summary) processed.Mixture)

    Assert.Equal(DirichletProcess 2.0, saved.Fit.Value.Priors.Weights)
