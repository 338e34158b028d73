module Mixtures.Tests.CaviPredictiveTests

open System
open Xunit
open Mixtures

let private rows count d =
    let stream = (RandomKey.ofSeed 9).Stream()

    Array.init count (fun i ->
        Array.init d (fun c -> 0.5 * float c + (if i % 3 = 0 then 2.0 else 0.0) + stream.NextNormal()))

let private psi = array2D [ [ 1.4; 0.3 ]; [ 0.3; 0.9 ] ]

let private withPrior prior k structure =
    (Gaussian.spec structure k).WithPriors
        {
            Weights = Dirichlet [| 1.5 |]
            Parameters = [ "components", prior ]
        }

let private niw = Prior.normalInverseWishart [| 0.3; -0.2 |] 0.7 4.5 psi

let private columns (values: float[]) = Tensor.ofArray values

let private normalGamma =
    NormalGamma.distribution
        (columns [| 0.3; -0.2 |])
        (Tensor.scalar 0.7)
        (columns [| 1.5; 2.5 |])
        (columns [| 0.8; 1.1 |])

let private fit spec data =
    Cavi.fit { Cavi.defaults with Restarts = 2 } spec data

/// With one component the guide is the exact posterior: p(y | x) = p(x, y) / p(x), both bounds being evidences. Catches wrong
/// degrees of freedom, scales and constants.
[<Fact>]
let ``the predictive density of one component is a ratio of evidences`` () =
    let data = rows 9 2
    let more = [| 1.1; -0.7 |]

    let models =
        [
            for structure in CovarianceStructure.fitted do
                withPrior niw 1 structure

            withPrior normalGamma 1 CovarianceStructure.Diagonal
        ]

    for spec in models do
        let before = fit spec (Dataset.ofSeq data)
        let after = fit spec (Dataset.ofSeq (Array.append data [| more |]))
        let received = CaviPredictive.logDensities before (Dataset.ofSeq [ more ])
        Assert.Equal(after.Bound - before.Bound, received[0], 1e-10)

let private apart k =
    (Gaussian.spec CovarianceStructure.Diagonal k).WithPriors
        {
            Weights = Flat
            Parameters = [ "means", Prior.normal 0.0 2.0; "precisions", Prior.gamma 1.2 0.8 ]
        }

/// Catches quadrature that stops too early: few rows leave a heavy tail.
[<Fact>]
let ``densities of independent means and precisions integrate to one, and have the guide's moments`` () =
    for count in [ 3; 40 ] do
        let own = fit (apart 1) (Dataset.ofSeq (rows count 1))
        // x = sinh t covers the tails
        let step = 0.01
        let ts = Array.init 6001 (fun i -> -30.0 + step * float i)
        let xs = ts |> Array.map sinh

        let densities =
            CaviPredictive.logDensities own (Dataset.ofSeq (xs |> Array.map Array.singleton))

        let integral f =
            Array.map3 (fun t x l -> f x * exp l * cosh t * step) ts xs densities
            |> Array.sum

        Assert.Equal(1.0, integral (fun _ -> 1.0), 1e-10)

        match own.Components with
        | IndependentNormalGamma(means, deviations, shapes, rates) ->
            let m = means[0].[0]
            Assert.Equal(m, integral id, 1e-8)
            let variance = deviations[0].[0] ** 2.0 + rates[0].[0] / (shapes[0].[0] - 1.0)
            Assert.Equal(1.0, integral (fun x -> (x - m) ** 2.0) / variance, 1e-6)
        | other -> Assert.Fail $"unexpected {other}"

/// The predictive densities and those averaged over draws of the guide are of one distribution.
[<Fact>]
let ``predictive densities equal averages over draws`` () =
    let data = Dataset.ofSeq (rows 60 2)
    let key = RandomKey.ofSeed 3

    let models =
        [
            for structure in CovarianceStructure.fitted do
                withPrior niw 2 structure

            apart 2
        ]

    for spec in models do
        let own = fit spec data
        let draws = 4000
        let averaged = Cavi.predictiveLogDensities key draws own data
        let exact = CaviPredictive.logDensities own data

        for i in 0 .. data.Count - 1 do
            Assert.True(
                abs (averaged[i] - exact[i]) < 0.15,
                $"{spec.Family.Structure}, row {i}: {averaged[i]} over draws, {exact[i]}"
            )

        // Monte Carlo error of single rows averages out
        Assert.Equal(Array.average exact, Array.average averaged, 0.01)

/// q(z) is what the bound's rows say; drawn assignments follow it.
[<Fact>]
let ``assignments under the guide sum to the counts, and draws follow them`` () =
    let data = Dataset.ofSeq (rows 400 2)
    let own = fit (withPrior niw 2 CovarianceStructure.Full) data
    let r = Cavi.assignments own data

    for k in 0..1 do
        Assert.Equal(own.Counts[k], Seq.sum (seq { for i in 0 .. data.Count - 1 -> r[i, k] }), 1e-8)

    let drawn = CaviPredictive.sampleAssignments (RandomKey.ofSeed 4) own data
    let again = CaviPredictive.sampleAssignments (RandomKey.ofSeed 4) own data
    Assert.Equal<int[]>(drawn, again)
    let spread = Seq.sum (seq { for i in 0 .. data.Count - 1 -> r[i, 0] * r[i, 1] })
    let zeros = drawn |> Array.filter (fun k -> k = 0) |> Array.length
    Assert.True(abs (float zeros - own.Counts[0]) <= 5.0 * sqrt spread + 1e-9)

let private refused part spec data =
    let error = Assert.Throws<FitException>(fun () -> fit spec data |> ignore)
    Assert.Contains(part, error.Message)

[<Fact>]
let ``priors that are not conjugate or do not fit are refused by name`` () =
    let data = Dataset.ofSeq (rows 30 2)
    let full = CovarianceStructure.Full
    let spherical = CovarianceStructure.Spherical

    let with' structure name prior =
        (Gaussian.spec structure 2).WithPriors
            {
                Weights = Flat
                Parameters = [ name, prior ]
            }

    refused "components" (with' full "components" (Prior.normal 0.0 1.0)) data
    refused "means" (with' full "means" (Prior.normal 0.0 1.0)) data
    refused "scales" (with' CovarianceStructure.Diagonal "scales" (Prior.logNormal 0.0 1.0)) data
    refused "half" (with' CovarianceStructure.Diagonal "precisions" (Prior.halfNormal 1.0)) data
    refused "components" (with' full "components" normalGamma) data
    refused "shapes" (with' spherical "components" normalGamma) data
    // of three columns, where the data have two
    refused
        "components"
        (with'
            full
            "components"
            (Prior.normalInverseWishart
                [| 0.0; 0.0; 0.0 |]
                1.0
                5.0
                (Array2D.init 3 3 (fun i j -> if i = j then 1.0 else 0.0))))
        data
    // for three components, where there are two
    let three = Tensor.ofArray [| 1.0; 2.0; 3.0 |]

    refused
        "components"
        (with'
            CovarianceStructure.Diagonal
            "components"
            (NormalGamma.distribution
                (Tensor.unsqueeze 1 three)
                (Tensor.scalar 1.0)
                (Tensor.scalar 1.0)
                (Tensor.scalar 1.0)))
        data

    refused "poisson" (MixtureSpec.Create(Families.poisson, 2)) (Dataset.ofColumn [ 1.0; 2.0; 3.0; 0.0; 5.0 ])
    refused "row" (Gaussian.spec full 31) data

    refused
        "missing"
        (Gaussian.spec full 2)
        (Dataset.ofRowsWithMissing [ [| 1.0; 2.0 |]; [| nan; 1.0 |]; [| 3.0; 1.0 |]; [| 0.0; 7.0 |] ])

    Assert.Throws<ArgumentException>(fun () ->
        (Gaussian.spec full 2).WithPriors
            {
                Weights = DirichletProcess 0.0
                Parameters = []
            }
        |> ignore)
    |> ignore
