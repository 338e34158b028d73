/// Partly labelled samples: rows with a label keep to its component.
module Mixtures.Tests.PartialLabelsTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// Every n-th row keeps its label, the others have none.
let private label every (data: Dataset) =
    let labels = data.Labels |> nonNull
    let codes = labels.Codes.ToArray()

    data.WithLabels(Array.init data.Count (fun i -> if i % every = 0 then labels.Names[codes[i]] else ""))

let private known (data: Dataset) =
    (nonNull data.Labels).Components
    |> ValueOption.defaultValue (Array.create data.Count -1)

/// Σ_unlabelled w log p(x) + Σ_labelled w log π_k p_k(x), from densities alone.
let private bruteForce (mixture: Mixture) (data: Dataset) =
    let plain = Array.init data.Count data.Row
    let components = known data

    Array.init data.Count (fun i ->
        let w = if data.HasWeights then data.Weights.Span[i] else 1.0

        if w = 0.0 then
            0.0
        else
            let columns =
                [ 0 .. data.Dimension - 1 ]
                |> List.filter (fun c -> not (Double.IsNaN plain[i].[c]))

            let row = columns |> List.map (fun c -> plain[i].[c]) |> List.toArray

            let densities =
                if columns.IsEmpty then
                    Array.zeroCreate mixture.Count
                else
                    Mixture.componentLogDensitiesOfRow (Mixture.marginal columns mixture) row

            let joint = Array.map2 (fun pi l -> log pi + l) mixture.Weights densities

            w
            * if components[i] >= 0 then
                  joint[components[i]]
              else
                  LogSumExp.ofArray joint)
    |> Array.sum

let private remove share (stream: RandomStream) (data: Dataset) =
    let rows =
        Array.init data.Count (fun i ->
            data.Row i
            |> Array.mapi (fun c x -> if c > 0 && stream.NextDouble() < share then nan else x))

    let made = Dataset.FromRows(rows, Seq.toArray data.ColumnNames, MissingCells.Keep)

    let made =
        if data.HasWeights then
            made.WithWeights(data.Weights.ToArray())
        else
            made

    made.WithLabels(nonNull data.Labels)

/// Catches a criterion or a gradient that forgets labels, weights or missing values where all three are there.
[<Fact>]
let ``criteria and gradients are those of the partly labelled sample, with weights and missing values`` () =
    for structure in structures do
        forSeeds 8 (fun stream ->
            let k, d = between 1 3 stream, between 2 4 stream
            let mixture = randomMixture structure k d 0.0 2.0 1.0 stream

            let sample = Mixture.sample (RandomKey.ofSeed (stream.NextInt32 100000)) 80 mixture

            let data =
                (sample.WithWeights(randomRowWeights 80 stream) |> label 3).KeepLabels()
                |> fun data ->
                    if stream.NextDouble() < 0.5 then
                        remove 0.2 stream data
                    else
                        data

            let expected = bruteForce mixture data
            let name = CovarianceStructure.name structure
            near 1e-11 (100.0 + abs expected) expected (Mixture.score mixture data) name

            // labelled rows are certain
            let responsibilities = Mixture.responsibilities mixture data

            known data
            |> Array.iteri (fun i own ->
                if own >= 0 then
                    Assert.Equal(1.0, responsibilities[i, own]))

            let likelihood = LikelihoodFunction.create mixture.Spec data
            let at = likelihood.OfMixture mixture
            let struct (value, gradient) = Tensor.valueAndGrad likelihood.LogLikelihood at
            let struct (composed, other) = Tensor.valueAndGrad likelihood.Composed at
            near 1e-11 (100.0 + abs expected) expected (value.ToScalar()) name
            near 1e-11 (100.0 + abs expected) expected (composed.ToScalar()) name

            Array.iter2
                (fun (e: float) a -> near 1e-10 (100.0 + abs expected) e a $"{name}, gradient")
                (other.ToArray())
                (gradient.ToArray())

            let fit =
                Em.fit
                    { Em.defaults with
                        Start = GivenModel mixture
                        MaxIterations = 20
                        Tolerance = 0.0
                    }
                    mixture.Spec
                    data

            Assert.Equal(0, fit.Certificate.MonotonicityViolations)
            let reached = bruteForce fit.Mixture data
            near 1e-10 (100.0 + abs reached) reached fit.LogLikelihood name
            near 1e-10 (100.0 + abs fit.Bic) (float fit.Parameters * log data.TotalWeight - 2.0 * reached) fit.Bic name
            // the ICL's penalty is of the free rows alone
            let free = Mixture.responsibilities fit.Mixture data

            let penalty =
                Seq.sum (
                    seq {
                        for i in 0 .. data.Count - 1 ->
                            data.Weights.Span[i] * log (Seq.max (seq { for k in 0 .. k - 1 -> free[i, k] }))
                    }
                )

            near 1e-9 (100.0 + abs fit.Icl) (fit.Bic - 2.0 * penalty) fit.Icl name)

/// Catches labels that do not find their components, from every kind of start.
[<Fact>]
let ``components are in the order of the labels from every start, and a few labels settle an overlap`` () =
    // two components share their centre: only labels tell them apart at once
    let means = [| [| 0.0; 0.0 |]; [| 0.0; 0.0 |]; [| 6.0; 0.0 |] |]

    let covariances =
        [|
            array2D [ [ 4.0; 1.9 ]; [ 1.9; 1.0 ] ]
            array2D [ [ 4.0; -1.9 ]; [ -1.9; 1.0 ] ]
            array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]
        |]

    let truth =
        Gaussian.create CovarianceStructure.Full [| 0.3; 0.3; 0.4 |] means covariances

    let sample = Mixture.sample (RandomKey.ofSeed 5) 3000 truth
    let components = (nonNull sample.Labels).Codes.ToArray()
    let names = [| "zebra"; "ant"; "mole" |]

    let data =
        sample.WithLabels(components |> Array.mapi (fun i k -> if i % 10 = 0 then names[k] else "")).KeepLabels()

    Assert.Equal<string>([ "ant"; "mole"; "zebra" ], (nonNull data.Labels).ComponentNames)

    for start in [ KMeansPlusPlus; RandomRows; RandomResponsibilities ] do
        let fit =
            Em.fit
                { Em.defaults with
                    Start = start
                    Restarts = 3
                }
                truth.Spec
                data

        let view = Gaussian.view fit.Mixture
        // ant is the second component of the truth, mole the third
        Assert.Equal(0.0, view.Means[0].[0], 0.4)
        Assert.True(view.Covariances[0].[0, 1] < -1.5, $"{start}")
        Assert.Equal(6.0, view.Means[1].[0], 0.3)
        Assert.True(view.Covariances[2].[0, 1] > 1.5, $"{start}")
        Assert.InRange(fit.Certificate.LargestGradient, 0.0, 1e-3)
        // prediction of data without labels
        let plain = Mixture.predict fit.Mixture (sample.WithLabels(Array.create 3000 ""))
        let expected = components |> Array.map (fun k -> [| 2; 0; 1 |][k])
        Assert.True(Agreement.adjustedRandIndex expected plain > 0.75)

/// Catches numbers taken as names, and too many labels.
[<Fact>]
let ``labels that are numbers are components' numbers; too many are refused`` () =
    let rows = [| for i in 0..19 -> [| float i; float (i * i % 7) |] |]
    let data = Dataset.ofSeq rows

    let numbered =
        (data.WithLabels(
            Array.init 20 (fun i ->
                if i = 3 then "3"
                elif i = 4 then "1"
                else "")
        ))
            .KeepLabels()

    Assert.Equal<string>([ "1"; ""; "3" ], (nonNull numbered.Labels).ComponentNames)

    let error =
        Assert.Throws<FitException>(fun () ->
            Em.fit { Em.defaults with Restarts = 1 } (Gaussian.spec CovarianceStructure.Diagonal 2) numbered
            |> ignore)

    Assert.Contains("The label '3' stands for component 3, but there are 2 components", error.Message)

    let one =
        Assert.Throws<FitException>(fun () ->
            Em.fit { Em.defaults with Restarts = 1 } (Gaussian.spec CovarianceStructure.Diagonal 1) numbered
            |> ignore)

    Assert.Contains("but there is 1 component:", one.Message)

    // what stands for no value names no component
    let gaps =
        (data.WithLabels(Array.init 20 (fun i -> [| "b"; "NA"; "a"; "?" |][i % 4]))).KeepLabels()

    Assert.Equal<string>([ "a"; "b" ], (nonNull gaps.Labels).ComponentNames)
    Assert.Equal<int[]>([| 1; -1; 0; -1 |], (known gaps)[..3])

    let unlabelled = Assert.Throws<DataException>(fun () -> data.KeepLabels() |> ignore)
    Assert.Contains("no labels", unlabelled.Message)

    // other policies hold, but removing a component would renumber the others
    Assert.Throws<ArgumentException>(fun () ->
        Em.fit { Em.defaults with Collapse = Prune } (Gaussian.spec CovarianceStructure.Diagonal 3) numbered
        |> ignore)
    |> ignore

/// Catches a start that is looked for where no row is free to go to it.
[<Fact>]
let ``components that labels leave no row for are told`` () =
    let data = Dataset.ofSeq [| for i in 0..19 -> [| float i; float (i * i % 7) |] |]

    let fit (label: int -> string) count =
        let labelled = (data.WithLabels(Array.init 20 label)).KeepLabels()

        Em.fit { Em.defaults with Restarts = 1 } (Gaussian.spec CovarianceStructure.Diagonal count) labelled

    let refused label count (expected: string) =
        let error = Assert.Throws<FitException>(fun () -> fit label count |> ignore)
        Assert.Contains(expected, error.Message)
        Assert.Contains("as many components as there are labels", error.Message)

    let two i = if i < 10 then "a" else "b"
    refused two 3 "no row for component 3"
    refused two 4 "no row for components 3, 4"
    refused (fun i -> if i < 10 then "1" else "3") 3 "no row for component 2"
    Assert.Equal(2, (fit two 2).Mixture.Count)
    Assert.Equal(3, (fit (fun i -> if i % 2 = 0 then two i else "") 3).Mixture.Count)
