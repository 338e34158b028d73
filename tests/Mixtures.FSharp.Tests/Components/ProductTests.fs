module Mixtures.Tests.ProductTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let names = [| "height"; "smoker"; "visits"; "blood"; "cost"; "weight" |]

/// Rows of two groups that differ in every column.
let private table n (stream: RandomStream) =
    let groups = Array.init n (fun _ -> if stream.NextDouble() < 0.6 then 0 else 1)

    let rows =
        groups
        |> Array.map (fun g ->
            let pick (a: 'a) (b: 'a) = if g = 0 then a else b
            let height = pick 165.0 182.0 + 6.0 * stream.NextNormal()

            [|
                height
                if stream.NextDouble() < pick 0.2 0.7 then 1.0 else 0.0
                Poisson.sample (pick 2.0 7.0) stream
                float (Categorical.sample (pick [| 0.6; 0.3; 0.1 |] [| 0.1; 0.3; 0.6 |]) stream)
                Gamma.sample (pick 3.0 5.0) (pick 1.0 0.4) stream
                0.8 * (height - 170.0) + pick 60.0 85.0 + 4.0 * stream.NextNormal()
            |])

    groups, Dataset.FromRows(rows, names)

let private family =
    Product.familyOf
        [
            [ "smoker" ], Families.bernoulli
            [ "height"; "weight" ], (Gaussian.spec CovarianceStructure.Full 1).Family
            [ "visits" ], Families.poisson
            [ "blood" ], Families.categorical
            [ "cost" ], Families.gamma
        ]

let private spec = MixtureSpec.Create(family, 2)

/// Catches parts that see the wrong columns, and densities that are not the sum of the parts'.
[<Fact>]
let ``a product fits mixed columns and its density is the sum of the parts'`` () =
    let stream = (RandomKey.ofSeed 1).Stream()
    let groups, data = table 1500 stream
    let fit = Em.fit { Em.defaults with Restarts = 4 } spec data
    Assert.Equal(Converged, fit.Termination)
    Assert.Equal(0, fit.Certificate.MonotonicityViolations)
    Assert.InRange(fit.Certificate.LargestGradient, 0.0, 1e-3)
    Assert.True(Agreement.adjustedRandIndex groups (Mixture.predict fit.Mixture data) > 0.9)
    Assert.Equal(1 + 2 * (1 + 5 + 1 + 2 + 2), fit.Parameters)
    let joint = Mixture.componentLogDensities fit.Mixture data

    let parts =
        Product.parts fit.Mixture
        |> Array.map (fun (columns, part) -> Mixture.componentLogDensities part (data.Select columns))

    for i in 0 .. data.Count - 1 do
        for k in 0..1 do
            let sum = parts |> Array.sumBy (fun p -> p[i, k])
            near 1e-12 (10.0 + abs sum) sum joint[i, k] $"row {i}"

    // columns in another order, and others beside, are found by name
    let shuffled =
        data.Select [| "cost"; "weight"; "blood"; "height"; "visits"; "smoker" |]

    Assert.Equal(Mixture.score fit.Mixture data, Mixture.score fit.Mixture shuffled, 1e-8)
    let other = Em.fit { Em.defaults with Restarts = 4 } spec shuffled
    Assert.Equal(fit.LogLikelihood, other.LogLikelihood, 1e-4)

/// Catches an M-step of one part that sees another's statistics, or a vector cut at the wrong places.
[<Fact>]
let ``gradients equal central differences, and tensors the kernels`` () =
    let stream = (RandomKey.ofSeed 2).Stream()
    let _, data = table 60 stream

    let start =
        Em.fit
            { Em.defaults with
                Restarts = 1
                MaxIterations = 2
                Tolerance = 0.0
            }
            spec
            data

    let likelihood = LikelihoodFunction.create spec data
    let x = likelihood.OfMixture start.Mixture
    let struct (value, gradient) = Tensor.valueAndGrad likelihood.LogLikelihood x

    let struct (composedValue, composed) = Tensor.valueAndGrad likelihood.Composed x

    near 1e-11 (1.0 + abs start.LogLikelihood) start.LogLikelihood (value.ToScalar()) "value"
    near 1e-11 (1.0 + abs start.LogLikelihood) start.LogLikelihood (composedValue.ToScalar()) "composed value"
    let numbers, a, b = x.ToArray(), gradient.ToArray(), composed.ToArray()

    for i in 0 .. numbers.Length - 1 do
        near 1e-8 (10.0 + abs a[i]) a[i] b[i] $"tensor gradient {i}"
        let h = 1e-6 * max 1.0 (abs numbers[i])

        let at delta =
            let moved = Array.copy numbers
            moved[i] <- moved[i] + delta
            (likelihood.LogLikelihood(Tensor.ofArray moved)).ToScalar()

        near 1e-4 (10.0 + abs a[i]) ((at h - at -h) / (2.0 * h)) a[i] $"gradient {i}"

/// Catches a fall of the log-likelihood with parts of every kind, numerical ones too.
[<Fact>]
let ``the log-likelihood never falls, with closed and numerical parts`` () =
    let stream = (RandomKey.ofSeed 3).Stream()
    let _, data = table 200 stream

    let groups cost =
        [
            [ "smoker" ], Families.bernoulli
            [ "height"; "weight" ], Families.studentT CovarianceStructure.Full DegreesOfFreedom.Estimated
            [ "visits" ], Families.negativeBinomial
            [ "blood" ], Families.categorical
            [ "cost" ], cost
        ]

    for cost in [ Families.logNormal; Families.weibull; Families.gaussian ] do
        let fit =
            Em.fit
                { Em.defaults with
                    Restarts = 1
                    MaxIterations = 25
                    Tolerance = 0.0
                }
                (MixtureSpec.Create(Product.familyOf (groups cost), 2))
                data

        for i in 1 .. fit.History.Length - 1 do
            Assert.True(
                fit.History[i] >= fit.History[i - 1] - 1e-9 * (1.0 + abs fit.History[i]),
                $"{cost.Name}: {fit.History[i - 1]:R} then {fit.History[i]:R}"
            )

        near 1e-10 (100.0 + abs fit.LogLikelihood) (Mixture.score fit.Mixture data) fit.LogLikelihood cost.Name

/// Catches marginals and conditionals that mix up columns.
[<Fact>]
let ``the joint density is the marginal's times the conditional's`` () =
    let stream = (RandomKey.ofSeed 4).Stream()
    let _, data = table 300 stream

    let model =
        (Em.fit
            { Em.defaults with
                Restarts = 1
                MaxIterations = 10
            }
            spec
            data)
            .Mixture

    let joint = Mixture.logDensity model data

    for given in [ [ 0 ]; [ 3 ]; [ 1; 5 ]; [ 0; 5 ]; [ 2; 4; 3 ] ] do
        let marginal = Mixture.marginal given model

        for i in 0..9 do
            let row = data.Row i
            let rest = Mixture.conditional (given |> List.map (fun c -> c, row[c])) model
            let free = [| 0..5 |] |> Array.except given

            let sum =
                Mixture.logDensityOfRow marginal (given |> List.map (fun c -> row[c]) |> List.toArray)
                + Mixture.logDensityOfRow rest (free |> Array.map (fun c -> row[c]))

            near 1e-10 (10.0 + abs joint[i]) joint[i] sum $"row {i}"

/// Catches sampling into the wrong columns, and results that depend on the number of threads.
[<Fact>]
let ``draws refit to the model, with the same bits on 1, 2 and 7 threads`` () =
    let stream = (RandomKey.ofSeed 5).Stream()
    let _, data = table 800 stream
    let model = (Em.fit { Em.defaults with Restarts = 2 } spec data).Mixture
    let drawn = Mixture.sample (RandomKey.ofSeed 6) 20000 model
    Assert.Equal<string>(names, drawn.ColumnNames)

    let run threads =
        Em.fit
            { Em.defaults with
                Start = GivenModel model
                Threads = threads
                MaxIterations = 3
                Tolerance = 0.0
            }
            model.Spec
            drawn

    let one = run 1
    Assert.Equal<float>(one.History, (run 2).History)
    Assert.Equal<float>(one.History, (run 7).History)
    // one step from the truth, means stay within 5 standard errors
    let mean = Mixture.mean model
    let covariance = Mixture.covariance model
    let refitted = Mixture.mean one.Mixture

    for c in 0..5 do
        Assert.InRange(abs (refitted[c] - mean[c]), 0.0, 5.0 * sqrt (covariance[c, c] / 20000.0))

/// Catches values that a part cannot hold, and columns without a family.
[<Fact>]
let ``bad values and bad schemas are refused in words`` () =
    let stream = (RandomKey.ofSeed 7).Stream()
    let _, data = table 30 stream
    let rows = Array.init 30 data.Row

    let refused (changed: float[][]) (parts: string list) =
        let error =
            Assert.ThrowsAny<Exception>(fun () -> Em.fit Em.defaults spec (Dataset.FromRows(changed, names)) |> ignore)

        for part in parts do
            Assert.Contains(part, error.Message)

    let change row column value =
        rows
        |> Array.mapi (fun i r ->
            if i = row then
                Array.mapi (fun c v -> if c = column then value else v) r
            else
                r)

    refused (change 4 1 2.0) [ "Row 5"; "column 'smoker'"; "the bernoulli family"; "0, 1" ]
    refused (change 4 2 -1.0) [ "Row 5"; "column 'visits'"; "the poisson family"; "whole number" ]
    refused (change 0 4 0.0) [ "Row 1"; "column 'cost'"; "the gamma family"; "above 0" ]

    let noisy =
        Assert.ThrowsAny<Exception>(fun () ->
            Em.fit Em.defaults (MixtureSpec.withNoise spec) (Dataset.FromRows(change 4 2 -1.0, names))
            |> ignore)

    Assert.Contains("the poisson family", noisy.Message)

    let fitted = Em.fit { Em.defaults with Restarts = 1 } spec data

    let single =
        Assert.ThrowsAny<Exception>(fun () -> Mixture.logDensityOfRow fitted.Mixture (change 4 2 -1.0).[4] |> ignore)

    Assert.Contains("the poisson family", single.Message)
    refused (rows |> Array.map (Array.mapi (fun c v -> if c = 0 then 170.0 else v))) [ "'height' is constant" ]

    let error =
        Assert.Throws<DataException>(fun () ->
            Em.fit Em.defaults spec (data.Select [| "height"; "smoker"; "visits"; "blood"; "cost" |])
            |> ignore)

    Assert.Contains("weight", error.Message)
