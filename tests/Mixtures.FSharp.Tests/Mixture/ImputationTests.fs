/// Missing cells filled in from a fitted mixture.
module Mixtures.Tests.ImputationTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let private gaps (rows: float[][]) names =
    Dataset.FromRows(rows, names, MissingCells.Keep)

/// Catches conditional means of the wrong columns: against the regression of a single Gaussian, by hand.
[<Fact>]
let ``cells get their conditional means, and others stay`` () =
    let covariance = array2D [ [ 4.0; 1.2; 0.4 ]; [ 1.2; 1.0; 0.1 ]; [ 0.4; 0.1; 2.0 ] ]

    let mixture =
        Gaussian.create CovarianceStructure.Full [| 1.0 |] [| [| 1.0; 2.0; 3.0 |] |] [| covariance |]

    let data =
        gaps
            [|
                [| nan; 2.5; 3.0 |]
                [| 1.0; 2.0; nan |]
                [| nan; nan; nan |]
                [| 5.0; 6.0; 7.0 |]
            |]
            [| "a"; "b"; "c" |]

    let filled = Mixture.impute mixture data
    Assert.False filled.HasMissing
    // Σ_ao Σ_oo⁻¹ of b and c: solve [[1, .1], [.1, 2]] w = [1.2, .4]
    let w1 = (1.2 * 2.0 - 0.1 * 0.4) / (2.0 - 0.01)
    Assert.Equal(1.0 + w1 * 0.5, filled.Row(0)[0], 1e-12)
    Assert.Equal<float[]>([| 2.5; 3.0 |], filled.Row(0)[1..])
    Assert.Equal(3.0, filled.Row(1)[2], 1e-12)

    for c in 0..2 do
        Assert.Equal((Mixture.mean mixture)[c], filled.Row(2)[c], 1e-12)

    Assert.Equal<float[]>([| 5.0; 6.0; 7.0 |], filled.Row 3)

/// Catches a mixture of conditional means with the wrong weights, and draws that are not of the conditional distribution.
[<Fact>]
let ``draws have the moments of the conditional distribution`` () =
    let stream = (RandomKey.ofSeed 3).Stream()
    let mixture = randomMixture CovarianceStructure.Full 3 3 0.0 2.0 1.0 stream
    let n = 40000
    let data = gaps (Array.init n (fun _ -> [| 0.7; nan; nan |])) [| "a"; "b"; "c" |]
    let drawn = Mixture.imputeDraw (RandomKey.ofSeed 1) mixture data
    let rest = Mixture.conditional [ 0, 0.7 ] mixture
    let mean, covariance = Mixture.mean rest, Mixture.covariance rest
    let filled = Mixture.impute mixture (data.Take [| 0 |])

    for c in 0..1 do
        let values = drawn.Column(c + 1)
        let average = Array.average values

        Assert.InRange(
            average - mean[c],
            -5.0 * sqrt (covariance[c, c] / float n),
            5.0 * sqrt (covariance[c, c] / float n)
        )

        let variance = values |> Array.averageBy (fun v -> (v - average) * (v - average))
        Assert.InRange(variance / covariance[c, c], 0.9, 1.1)
        Assert.Equal(mean[c], filled.Row(0)[c + 1], 1e-12)

    // the same key, the same draws
    Assert.Equal<float[]>(drawn.Column 1, (Mixture.imputeDraw (RandomKey.ofSeed 1) mixture data).Column 1)

/// Catches codes of levels that are averaged.
[<Fact>]
let ``levels get the most probable one`` () =
    let family =
        Product.familyOf [ [ "x" ], Families.gaussian; [ "blood" ], Families.categorical ]

    let stream = (RandomKey.ofSeed 8).Stream()

    let rows =
        Array.init 400 (fun i ->
            let g = i % 2
            let level = if stream.NextDouble() < 0.8 then float (2 * g) else 1.0
            [| 8.0 * float g + stream.NextNormal(); (if i % 10 = 3 then nan else level) |])

    let data = (gaps rows [| "x"; "blood" |]).WithLevels(1, [| "A"; "B"; "O" |])

    let fit =
        Em.fit { Em.defaults with Restarts = 3 } (MixtureSpec.Create(family, 2)) data

    let filled = Mixture.impute fit.Mixture data

    for i in 0 .. rows.Length - 1 do
        if Double.IsNaN rows[i].[1] then
            Assert.Equal((if rows[i].[0] > 4.0 then 2.0 else 0.0), filled.Row(i)[1])

    Assert.Equal<string>([ "A"; "B"; "O" ], filled.Levels 1)
