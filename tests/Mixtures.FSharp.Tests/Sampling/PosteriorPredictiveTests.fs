/// What draws of a posterior say of rows: WAIC, leave-one-out, predictive checks, averaged assignments, the plug-in model.
module Mixtures.Tests.PosteriorPredictiveTests

open System
open Xunit
open Mixtures

let private options =
    { Nuts.defaults with
        Chains = 2
        Draws = 200
        Warmup = 200
        Seed = 4
    }

/// Two groups and a weight a row, one of them 0.
let private data =
    let stream = (RandomKey.ofSeed 11).Stream()

    Dataset
        .ofArray2D(Array2D.init 40 1 (fun i _ -> (if i < 15 then 6.0 else 0.0) + stream.NextNormal()))
        .WithWeights(Array.init 40 (fun i -> float (i % 3)))

let private spec = Gaussian.spec CovarianceStructure.Spherical 2
let private model = lazy SpecModel.withDefaults spec data

let private sample = lazy (PosteriorSample.draw options ModelStarts model.Value)

/// Catches rows in another order, weights taken for rows, blocks of rows that differ from the whole.
[<Fact>]
let ``the log-likelihoods of rows add up to that of the data`` () =
    let s = sample.Value

    let row = PosteriorPredictive.rowLogLikelihoods s.Model [| 0..199 |] s.Draws

    let rows = Array.init 40 row

    for draw in [ 0; 57; 199 ] do
        for chain in 0..1 do
            let total =
                Seq.sum (seq { for i in 0..39 -> data.Weights.Span[i] * rows[i].[chain * 200 + draw] })

            Assert.Equal((s.Model.LogLikelihood(s.Values chain draw)).ToScalar(), total, 1e-9)

[<Fact>]
let ``WAIC and leave-one-out are those of the matrix of log-likelihoods`` () =
    let s = sample.Value

    let plain =
        PosteriorSample.draw options ModelStarts (SpecModel.withDefaults spec (Dataset.ofColumn (data.Column 0)))

    let logs =
        Array2D.init 400 40 (fun d i ->
            let mixture = plain.Model.ToMixture(plain.Values (d / 200) (d % 200))
            Mixture.logDensityOfRow mixture [| (data.Column 0)[i] |])

    let waic, loo = PosteriorSample.waic plain, PosteriorSample.loo plain
    Assert.Equal((PredictiveAccuracy.waic logs).Elpd, waic.Elpd, 1e-9)
    Assert.Equal((PredictiveAccuracy.loo 2 logs).Elpd, loo.Elpd, 1e-9)
    Assert.Equal(loo.Elpd, waic.Elpd, 1.0)

    // a row of weight 2 is two rows, one of weight 0 none
    let twice = PosteriorSample.waic s

    let expected =
        let each =
            Array2D.init 400 40 (fun d i ->
                let mixture = s.Model.ToMixture(s.Values (d / 200) (d % 200))
                Mixture.logDensityOfRow mixture [| (data.Column 0)[i] |])

        let index =
            [|
                for i in 0..39 do
                    yield! Array.create (i % 3) i
            |]

        PredictiveAccuracy.waic (Array2D.init 400 index.Length (fun d i -> each[d, index[i]]))

    Assert.Equal(expected.Elpd, twice.Elpd, 1e-9)
    Assert.Equal(expected.EffectiveParameters, twice.EffectiveParameters, 1e-9)

/// Of a program, whose observations are summed row by row, and one without rows.
[<Fact>]
let ``programs have log-likelihoods of rows where their data have rows`` () =
    let s = PosteriorSample.draw options ModelStarts FivePoints.model
    let row = PosteriorPredictive.rowLogLikelihoods s.Model [| 3 |] s.Draws
    let total = Seq.sum (seq { for i in 0..4 -> (row i)[1] })
    Assert.Equal((s.Model.LogLikelihood(s.Values 1 3)).ToScalar(), total, 1e-9)

    let odd =
        bayesian {
            let! centre = latent "centre" (Prior.normal 0.0 1.0)
            let scale = Tensor.scalar 1.0
            do! observe "x" (Normal.distribution centre scale) (Tensor.ofArray [| 0.1; 0.3 |])
            do! observe "y" (Normal.distribution centre scale) (Tensor.ofArray [| 0.1; 0.3; 0.2 |])
        }
        |> ProgramModel.ofProgram
        |> PosteriorSample.draw options ModelStarts

    let refusal =
        Assert.Throws<InvalidOperationException>(fun () -> PosteriorSample.waic odd |> ignore)

    Assert.Contains("common rows", refusal.Message)

    let which =
        Assert.Throws<ArgumentException>(fun () -> PosteriorSample.check 10 (RandomKey.ofSeed 1) odd |> ignore)

    Assert.Contains("x, y", which.Message)

    Assert.Equal(
        1,
        PosteriorSample.checkOf [ "sum", (fun t -> (Tensor.sum t).ToScalar()) ] "y" 10 (RandomKey.ofSeed 1) odd
        |> List.length
    )

/// Data that the model makes pass; data with an outlier that it cannot make do not.
[<Fact>]
let ``predictive checks tell what the model does not make`` () =
    let normal =
        Dataset.ofColumn (Array.init 60 (fun i -> Normal.quantile 0.0 1.0 ((float i + 0.5) / 60.0)))

    let one = Gaussian.spec CovarianceStructure.Spherical 1

    let check data =
        SpecModel.withDefaults one data
        |> PosteriorSample.draw options ModelStarts
        |> PosteriorSample.check 200 (RandomKey.ofSeed 2)

    let sound = check normal

    Assert.Equal<string list>(
        [ "mean of x1"; "standard deviation of x1"; "least x1"; "greatest x1" ],
        sound |> List.map _.Name
    )

    Assert.Empty(PredictiveChecks.warnings sound)

    let skewed =
        check (Dataset.ofColumn (Array.init 60 (fun i -> Math.Exp(3.0 * (float i + 0.5) / 60.0))))

    Assert.Contains(PredictiveChecks.warnings skewed, (fun w -> w.Contains "least x1"))

    let few =
        Assert.Throws<ArgumentException>(fun () ->
            PosteriorSample.check 401 (RandomKey.ofSeed 1) sample.Value |> ignore)

    Assert.Contains("from 1 to 400", few.Message)

[<Fact>]
let ``assignments are averaged over relabelled draws, and the plug-in model agrees with them`` () =
    let s = sample.Value
    let shares = PosteriorSample.probabilities 100 s
    let mixture = PosteriorSample.toMixture s
    let labels = Mixture.predict mixture data

    for i in 0..39 do
        Assert.Equal(1.0, shares[i, 0] + shares[i, 1], 1e-12)
        // well apart: another numbering in some draws would pull them to a half
        Assert.True(max shares[i, 0] shares[i, 1] > 0.8, $"row {i}")
        Assert.Equal(labels[i], (if shares[i, 0] > 0.5 then 0 else 1))
        Assert.Equal(labels[i] = labels[0], i < 15)

/// Rows that keep to a component do so in a posterior.
[<Fact>]
let ``labelled rows are certain, and tell components apart`` () =
    let labelled =
        Dataset.ofColumn(data.Column 0).WithLabels(Seq.init 40 (fun i -> if i < 3 then "2" else "")).KeepLabels()

    let model = SpecModel.withDefaults spec labelled
    Assert.Equal(1, model.Exchangeable)
    let values = model.DrawStart((RandomKey.ofSeed 1).Stream())
    let shares = Assignments.probabilities model values
    Assert.Equal(1.0, shares[0, 1])
    Assert.Equal(0.0, shares[2, 0])
    Assert.True(shares[20, 0] > 0.0 && shares[20, 1] > 0.0)

/// Angles around ±π: catches a line cut where they are most, which chains cannot cross, and a mean of 0.
[<Fact>]
let ``angles go round`` () =
    let stream = (RandomKey.ofSeed 8).Stream()

    let angles =
        Array.init 50 (fun _ -> Math.IEEERemainder(Math.PI + 0.2 * stream.NextNormal(), 2.0 * Math.PI))

    let model =
        SpecModel.withDefaults (MixtureSpec.Create(Families.vonMises, 1)) (Dataset.ofColumn angles)

    let s = PosteriorSample.draw { options with Draws = 100 } ModelStarts model
    let location = s.Means[model.IndexOf "locations"].ToArray() |> Array.exactlyOne
    Assert.True(abs location > 3.0, $"location {location}")
    Assert.True((s.Summary |> Array.map _.RHat.Value |> Array.max) < 1.1)

/// Catches batches whose rows all have weight zero, which are no reason to stop, and such rows in the log-likelihood.
[<Fact>]
let ``rows of weight zero do not count in a batch`` () =
    let model = model.Value
    let values = model.DrawStart((RandomKey.ofSeed 3).Stream())

    let logLikelihood rows =
        (model.LogLikelihoodOf rows values).ToScalar()
    // rows 0, 3, 6, ... have weight 0
    Assert.Equal(0.0, logLikelihood [| 0; 3; 6 |])
    Assert.Equal(logLikelihood [| 1; 2 |], logLikelihood [| 0; 1; 2; 3 |], 1e-12)

    let lead n (t: Tensor) =
        Tensor.expand (Array.append [| n |] t.Dims) t

    let apart = values |> Array.map (lead 4)
    Assert.Equal(logLikelihood [| 1; 2 |], (model.LogLikelihoodOf [| 0; 1; 2; 3 |] apart).ToScalar(), 1e-12)

[<Fact>]
let ``too few draws for a criterion are told by its name`` () =
    let one = PosteriorSample.draw { options with Draws = 1 } ModelStarts model.Value

    let refused (text: string) act =
        let refusal = Assert.Throws<ArgumentException>(fun () -> act one |> ignore)
        Assert.Contains(text, refusal.Message)

    refused "at least 2 draws of each chain for WAIC" PosteriorSample.waic
    refused "at least 6 draws of each chain for leave-one-out" PosteriorSample.loo
