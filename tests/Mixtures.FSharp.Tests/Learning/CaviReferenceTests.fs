/// Coordinate ascent against reference numbers: 3000 points of three sources, and scikit-learn's variational mixtures.
module Mixtures.Tests.CaviReferenceTests

open System.Text.Json
open Xunit
open Mixtures
open Mixtures.Tests.EmReferenceTests

let rec private flat (e: JsonElement) : float[] =
    if e.ValueKind = JsonValueKind.Array then
        [|
            for x in e.EnumerateArray() do
                yield! flat x
        |]
    else
        [| e.GetDouble() |]

let points = lazy (Dataset.ofCsv (ReferenceFile.path "tfp-mixture.csv"))

/// Independent normal means and gamma precisions, as in the reference.
let pointsSpec =
    Gaussian.spec CovarianceStructure.Diagonal 3
    |> MixtureSpec.withWeightsPrior 2.0
    |> MixtureSpec.withPrior "means" (Prior.normal 0.0 1.0)
    |> MixtureSpec.withPrior "precisions" (Prior.gamma 5.0 5.0)

[<Fact>]
let ``the bound and the posterior of 3000 points, from ten starts`` () =
    let optimum =
        (ReferenceFile.json "tfp_bayesian_gmm.json").GetProperty("cavi_optimum")

    let fit =
        Cavi.fit
            { Cavi.defaults with
                Tolerance = 0.0
                MaxIterations = 120
            }
            pointsSpec
            points.Value

    Assert.Equal(-11807.0416852613, fit.Bound, 1e-6)
    Assert.Equal(10, fit.Restarts.Length)

    let reached =
        fit.Restarts |> Array.filter (fun b -> abs (b + 11807.0416852613) <= 1e-6)

    Assert.InRange(reached.Length, 9, 10)

    match fit.Components, fit.Weights with
    | IndependentNormalGamma(means, deviations, shapes, rates), DirichletWeights counts ->
        let expected = ReferenceFile.rows (optimum.GetProperty "locs")
        // the reference's component that each of ours is
        let own =
            expected
            |> Array.map (fun loc ->
                means
                |> Array.findIndex (fun m -> abs (m[0] - loc[0]) + abs (m[1] - loc[1]) < 0.5))

        let check (name: string) (values: float[][]) =
            for k, row in Seq.indexed (ReferenceFile.rows (optimum.GetProperty name)) do
                for c in 0..1 do
                    Assert.Equal(row[c], values[own[k]].[c], 1e-6 * max 1.0 (abs row[c]))

        check "locs" means
        check "scales" deviations
        check "alpha" shapes
        check "beta" rates

        for k, count in Seq.indexed (ReferenceFile.numbers (optimum.GetProperty "counts")) do
            Assert.Equal(count, counts[own[k]], 1e-6 * count)
    | other -> Assert.Fail $"received {other}"

    // a true bound: below the evidence of one labelling
    Assert.True(fit.Bound < -11806.7292)

    let kl =
        ReferenceFile.numbers (optimum.GetProperty "kl_parts_normal_gamma_dirichlet")

    Assert.Equal(kl[0] + kl[1], fit.Terms.ComponentsDivergence, 1e-6)
    Assert.Equal(kl[2], fit.Terms.WeightsDivergence, 1e-6)

[<Fact>]
let ``Bayesian mixtures of iris as scikit-learn fits them`` () =
    let reference = ReferenceFile.json "bayesian_gmm_iris.json"

    let data =
        Dataset.ofArray2D (array2D (ReferenceFile.rows (reference.GetProperty "X")))

    let labels = ReferenceFile.numbers (reference.GetProperty "init_labels")

    let start =
        GivenResponsibilities(Array2D.init 150 4 (fun i k -> if labels[i] = float k then 1.0 else 0.0))

    let structures =
        [
            "full", CovarianceStructure.Full
            "tied", CovarianceStructure.Tied
            "diag", CovarianceStructure.Diagonal
            "spherical", CovarianceStructure.Spherical
        ]

    for weightsName in [ "dirichlet_distribution"; "dirichlet_process" ] do
        for name, structure in structures do
            let own = reference.GetProperty(weightsName).GetProperty(name)
            let priors = own.GetProperty "priors"
            let number (what: string) = priors.GetProperty(what).GetDouble()
            let scale = flat (priors.GetProperty "covariance_prior")

            let psi =
                Array2D.init 4 4 (fun i j ->
                    match scale.Length with
                    | 16 -> scale[i * 4 + j]
                    | 4 when i = j -> scale[i]
                    | 1 when i = j -> scale[0]
                    | _ -> 0.0)

            let concentration = number "weight_concentration_prior"

            let spec =
                (Gaussian.spec structure 4).WithPriors
                    {
                        Weights =
                            if weightsName = "dirichlet_process" then
                                DirichletProcess concentration
                            else
                                Dirichlet [| concentration |]
                        Parameters =
                            [
                                ("components",
                                 Prior.normalInverseWishart
                                     (ReferenceFile.numbers (priors.GetProperty "mean_prior"))
                                     (number "mean_precision_prior")
                                     (number "degrees_of_freedom_prior")
                                     psi)
                            ]
                    }

            let run updates iterations =
                Cavi.fit
                    { Cavi.defaults with
                        Start = start
                        MaxIterations = iterations
                        Tolerance = 0.0
                        Updates = updates
                    }
                    spec
                    data

            let check (expected: JsonElement) (fit: CaviFit) =
                let close what (e: float[]) (a: float[]) =
                    Assert.Equal(e.Length, a.Length)

                    Array.iter2
                        (fun (e: float) a ->
                            Assert.True(
                                abs (e - a) <= 1e-8 * max 1.0 (abs e),
                                $"{weightsName} {name} {what}: {a}, expected {e}"
                            ))
                        e
                        a

                let get (what: string) = flat (expected.GetProperty what)

                match fit.Components with
                | NormalWishart(means, strengths, degrees, scales) ->
                    close "means" (get "means_") (Array.concat means)
                    close "strengths" (get "mean_precision_") strengths
                    close "degrees" (get "degrees_of_freedom_") degrees

                    scales
                    |> Array.mapi (fun i m -> [| for v in Seq.cast<float> m -> v / degrees[i] |])
                    |> Array.concat
                    |> close "covariances" (get "covariances_")
                | NormalGamma(means, strengths, shapes, rates) ->
                    close "means" (get "means_") (Array.concat means)
                    close "strengths" (get "mean_precision_") strengths
                    close "degrees" (get "degrees_of_freedom_") (shapes |> Array.map (fun a -> 2.0 * a[0]))

                    Array.map2 (Array.map2 (fun a b -> b / a)) shapes rates
                    |> Array.concat
                    |> close "covariances" (get "covariances_")
                | other -> Assert.Fail $"received {other}"

                match fit.Weights with
                | DirichletWeights c -> close "weights" (get "weight_concentration_") c
                | StickBreaking(a, b) -> close "weights" (get "weight_concentration_") (Array.append a b)

            check (own.GetProperty "after_5") (run (ScikitLearn 1e-6) 5)
            check (own.GetProperty "converged") (run (ScikitLearn 1e-6) 3000)
            let hasExact, exact = own.TryGetProperty "exact_elbo_reg0"

            if hasExact then
                let converged = exact.GetProperty "converged"
                let bound = converged.GetProperty("exact_elbo").GetDouble()
                let fit = run (ScikitLearn 0.0) 3000
                check converged fit
                Assert.Equal(bound, fit.Bound, 1e-8)

                // exact updates are the same here, but for the order of a process's components, which can only be better
                let ours = run Exact 3000
                Assert.True(ours.Bound >= bound - 1e-8)

/// A process with more room than it needs comes to the same components, whatever the room.
[<Fact>]
let ``Dirichlet processes on faithful and iris do not depend on the truncation`` () =
    for data in [ faithful.Value; iris.Value ] do
        let fits =
            [ 12; 20 ]
            |> List.map (fun k ->
                Cavi.fit
                    { Cavi.defaults with Restarts = 20 }
                    ((Gaussian.spec CovarianceStructure.Full k).WithPriors
                        { Priors.None with
                            Weights = DirichletProcess 1.0
                        })
                    data)

        let heavy (fit: CaviFit) =
            WeightsPosterior.means fit.Weights |> Array.filter (fun w -> w > 0.01)

        Assert.Equal(2, (heavy fits[0]).Length)
        Array.iter2 (fun (a: float) b -> Assert.Equal(a, b, 1e-5)) (heavy fits[0]) (heavy fits[1])
        Assert.Equal(fits[0].Bound, fits[1].Bound, 1e-5)
