module Mixtures.Tests.EmReferenceTests

open System
open System.Text.Json
open Xunit
open Mixtures

let faithful = lazy (Dataset.ofCsv (ReferenceFile.path "faithful.csv"))

let iris =
    lazy (Dataset.ofCsvWith (CsvOptions.defaults.WithLabelColumn "Species") (ReferenceFile.path "iris.csv"))

let fitDefault structure k (data: Dataset) =
    Em.fit Em.defaults (Gaussian.spec structure k) data

/// Catches a fit with default options that ends in a worse optimum than the best known one (mclust 6, scikit-learn 1.2).
[<Fact>]
let ``default fits of faithful and iris reach the best known log-likelihoods`` () =
    let check expected (fit: MixtureFit) =
        Assert.Equal(expected, fit.LogLikelihood, 1e-5)
        Assert.Equal(Converged, fit.Termination)
        Assert.Equal(0, fit.Certificate.MonotonicityViolations)
        Assert.InRange(fit.Certificate.LargestGradient, 0.0, 1e-4)

    check -1126.315928 (fitDefault CovarianceStructure.Tied 3 faithful.Value)
    check -1130.263960 (fitDefault CovarianceStructure.Full 2 faithful.Value)
    check -180.185477 (fitDefault CovarianceStructure.Full 3 iris.Value)
    check -306.860461 (fitDefault CovarianceStructure.Diagonal 3 iris.Value)

/// Catches a seed that happens to be lucky.
[<Fact>]
let ``other seeds reach the same log-likelihoods`` () =
    for seed in 1..8 do
        let fit structure k data =
            (Em.fit { Em.defaults with Seed = seed } (Gaussian.spec structure k) data).LogLikelihood

        Assert.Equal(-1126.315928, fit CovarianceStructure.Tied 3 faithful.Value, 1e-5)
        Assert.Equal(-180.185477, fit CovarianceStructure.Full 3 iris.Value, 1e-5)
        Assert.Equal(-306.860461, fit CovarianceStructure.Diagonal 3 iris.Value, 1e-5)

/// Catches a wrong count of parameters or a wrong criterion. BIC from mclust 6 (with the sign turned); its ICL of
/// 2357.82 stops EM earlier.
[<Fact>]
let ``criteria of faithful with three tied components`` () =
    let fit = fitDefault CovarianceStructure.Tied 3 faithful.Value
    Assert.Equal(11, fit.Parameters)
    Assert.Equal(2314.2957, fit.Bic, 1e-4)
    Assert.Equal(2.0 * 11.0 - 2.0 * fit.LogLikelihood, fit.Aic, 1e-9)
    Assert.InRange(fit.Icl, 2357.0, 2359.0)
    Assert.Equal(fit.Bic, Mixture.bic fit.Mixture faithful.Value, 1e-8)
    Assert.Equal(fit.Icl, Mixture.icl fit.Mixture faithful.Value, 1e-8)
    Assert.Equal(fit.Aic, Mixture.aic fit.Mixture faithful.Value, 1e-8)

/// Catches labels that do not find the species; 0.9039 is mclust's adjusted Rand index for this model.
[<Fact>]
let ``iris labels agree with the species`` () =
    let fit = fitDefault CovarianceStructure.Full 3 iris.Value
    let labels = Mixture.predict fit.Mixture iris.Value
    let species = (nonNull iris.Value.Labels).Codes.ToArray()
    Assert.Equal(0.9039, Agreement.adjustedRandIndex labels species, 1e-3)
    Assert.Equal(150, Agreement.crossTable labels species |> Seq.cast<int> |> Seq.sum)

let private close (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)
    Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 1e-12 * max 1.0 (abs e))) expected actual

let private matrices (element: JsonElement) =
    [| for m in element.EnumerateArray() -> array2D (ReferenceFile.rows m) |]

let private flat (matrix: float[,]) =
    matrix |> Seq.cast<float> |> Seq.toArray

let private ottSets =
    lazy
        (let root = ReferenceFile.json "ott_weighted_em.json"

         [
             for set in root.EnumerateObject() do
                 if
                     set.Value.ValueKind = JsonValueKind.Object
                     && fst (set.Value.TryGetProperty "point_weights")
                 then
                     set.Value
         ])

let private modelOf (parameters: JsonElement) =
    Gaussian.create
        CovarianceStructure.Full
        (ReferenceFile.numbers (parameters.GetProperty "weights"))
        (ReferenceFile.rows (parameters.GetProperty "means"))
        (matrices (parameters.GetProperty "covariances"))

/// Catches an update that differs from weighted EM's in any term.
[<Fact>]
let ``weighted EM follows the reference to 1e-12, step by step`` () =
    Assert.Equal(3, ottSets.Value.Length)

    for set in ottSets.Value do
        let points = Dataset.ofSeq (ReferenceFile.rows (set.GetProperty "points"))
        let start = modelOf (set.GetProperty "init")

        let runs =
            [
                "weighted", points.WithWeights(ReferenceFile.numbers (set.GetProperty "point_weights"))
                "unweighted", points
            ]

        for name, data in runs do
            for entry in set.GetProperty(name).EnumerateArray() do
                let steps = entry.GetProperty("steps").GetInt32()

                let options =
                    { Em.defaults with
                        Start = GivenModel start
                        MaxIterations = steps
                        Tolerance = 0.0
                    }

                let fit = Em.fit options start.Spec data
                let view = Gaussian.view fit.Mixture
                Assert.Equal(steps, fit.Iterations)
                Assert.Equal(steps + 1, fit.History.Length)
                close (ReferenceFile.numbers (entry.GetProperty "weights")) view.Weights
                close (Array.concat (ReferenceFile.rows (entry.GetProperty "means"))) (Array.concat view.Means)

                close
                    (matrices (entry.GetProperty "covariances") |> Array.collect flat)
                    (Array.collect flat view.Covariances)

                let loss = entry.GetProperty("log_prob_loss").GetDouble()
                close [| loss |] [| Loss.meanNegativeLogLikelihood fit.Mixture data |]
                close [| loss |] [| -fit.LogLikelihood / data.TotalWeight |]

                match entry.TryGetProperty "assignment_probs" with
                | true, expected ->
                    let r = Mixture.responsibilities fit.Mixture data
                    close (Array.concat (ReferenceFile.rows expected)) (flat r)

                    close
                        (Array.concat (ReferenceFile.rows expected))
                        (Mixture.logResponsibilities fit.Mixture data |> flat |> Array.map exp)

                    let q = Loss.expectedCompleteLogLikelihood r fit.Mixture data
                    close [| entry.GetProperty("q_of_these_params").GetDouble() |] [| q |]

                    let next =
                        Em.fit
                            { options with
                                MaxIterations = steps + 1
                            }
                            start.Spec
                            data

                    let q = Loss.expectedCompleteLogLikelihood r next.Mixture data
                    close [| entry.GetProperty("q_of_params_after_next_M_step").GetDouble() |] [| q |]
                | _ -> ()

/// Catches a start from given responsibilities that is not exactly one M-step.
[<Fact>]
let ``given hard responsibilities start with the reference's M-step`` () =
    for set in ottSets.Value do
        let data =
            (Dataset.ofSeq (ReferenceFile.rows (set.GetProperty "points")))
                .WithWeights(ReferenceFile.numbers (set.GetProperty "point_weights"))

        let expected = set.GetProperty "hard_assignment_from_locs"

        let responsibilities =
            array2D (ReferenceFile.rows (expected.GetProperty "assignment_probs"))

        let options =
            { Em.defaults with
                Start = GivenResponsibilities responsibilities
                MaxIterations = 0
            }

        let fit =
            Em.fit options (Gaussian.spec CovarianceStructure.Full (responsibilities.GetLength 1)) data

        let view = Gaussian.view fit.Mixture
        close (ReferenceFile.numbers (expected.GetProperty "weights")) view.Weights
        close (Array.concat (ReferenceFile.rows (expected.GetProperty "means"))) (Array.concat view.Means)

        close
            (matrices (expected.GetProperty "covariances") |> Array.collect flat)
            (Array.collect flat view.Covariances)

        close [| expected.GetProperty("log_prob_loss").GetDouble() |] [| -fit.LogLikelihood / data.TotalWeight |]
