module Mixtures.Tests.MixturePosteriorTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SampleChains
open Mixtures.Tests.SamplingTargets

let rec private permutations (items: int list) : int list list =
    match items with
    | [] -> [ [] ]
    | _ ->
        [
            for item in items do
                for rest in permutations (List.except [ item ] items) -> item :: rest
        ]

let private shuffled k (stream: RandomStream) =
    let order = Array.init k id

    for i in k - 1 .. -1 .. 1 do
        let j = stream.NextInt32(i + 1)
        let kept = order[i]
        order[i] <- order[j]
        order[j] <- kept

    order

/// Against all assignments. Catches augmenting paths that end early.
[<Fact>]
let ``assignments are the cheapest of all`` () =
    forSeeds 60 (fun stream ->
        let k = between 1 6 stream
        let cost = Array2D.init k k (fun _ _ -> 10.0 * stream.NextNormal())

        let total order =
            order |> Seq.mapi (fun i j -> cost[i, j]) |> Seq.sum

        let solved = OptimalAssignment.solve cost
        Assert.Equal<int[]>([| 0 .. k - 1 |], Array.sort solved)
        close 1e-12 (permutations [ 0 .. k - 1 ] |> List.map total |> List.min) (total solved))

let private names = [| "mean"; "sd" |]

/// Draws of three components that keep their numbers, and the rows' probabilities.
let private clean (stream: RandomStream) =
    let draws = 40
    let y = [| 0.1; -0.4; 4.9; 5.2; 5.6; 11.0; 10.2 |]

    let parameters =
        Array.init draws (fun _ ->
            Array.init 3 (fun k -> 5.0 * float k + 0.3 * stream.NextNormal(), exp (0.2 * stream.NextNormal())))

    let weights = Array.init draws (fun _ -> randomWeights 3 stream)

    let shares s =
        [|
            for v in y do
                let densities =
                    Array.init 3 (fun k ->
                        let mean, sd = parameters[s].[k]
                        weights[s].[k] * exp (-0.5 * ((v - mean) / sd) ** 2.0) / sd)

                for density in densities do
                    density / Array.sum densities
        |]

    let flat =
        [|
            for draw in parameters do
                for mean, sd in draw do
                    mean
                    sd
        |]

    let logs = Array.init draws (fun _ -> stream.NextNormal())

    MixtureDraws.create 2 3 names (Array.concat weights) flat logs, { Rows = y.Length; At = shares }

/// Catches orders that are inverted, and places taken for components: draws whose components were shuffled come back.
[<Fact>]
let ``relabelling undoes switched labels`` () =
    forSeeds 10 (fun stream ->
        let original, shares = clean stream
        let orders = Array.init original.Count (fun _ -> shuffled 3 stream)
        let mixed = MixtureDraws.permute orders original

        let mixedShares =
            {
                Rows = shares.Rows
                At =
                    fun s ->
                        let r = shares.At s
                        Array.init r.Length (fun i -> r[i / 3 * 3 + orders[s].[i % 3]])
            }

        let reference = [| 0; 0; 1; 1; 1; 2; 2 |]
        let expected = Relabelling.toReference reference shares original

        for relabelled in
            [
                Relabelling.toReference reference mixedShares mixed
                Relabelling.stephens 20 reference mixedShares mixed
            ] do
            Assert.Equal<float[]>(original.Weights, relabelled.Draws.Weights)
            Assert.Equal<float[]>(original.Parameters, relabelled.Draws.Parameters)

            for i in 0 .. shares.Rows - 1 do
                for k in 0..2 do
                    close 1e-12 expected.Assignments[i, k] relabelled.Assignments[i, k]

        Assert.Equal(0, expected.Switches)
        Assert.Equal<float[]>((MixtureDraws.orderBy 0 original).Parameters, (MixtureDraws.orderBy 0 mixed).Parameters)
        // from any reference that keeps groups apart, up to one renaming
        let pivot = Relabelling.pivot mixedShares mixed
        let byPivot = Relabelling.stephens 20 pivot mixedShares mixed

        Assert.Equal<float[]>(
            (MixtureDraws.orderBy 0 original).Parameters,
            (MixtureDraws.orderBy 0 byPivot.Draws).Parameters
        )

        // what does not depend on labels is the same to the bit, in order or not
        Assert.Equal<float[][]>(
            (MixtureDraws.invariants original |> Draws.parameter "mean(2)"),
            (MixtureDraws.invariants mixed |> Draws.parameter "mean(2)")
        )

        let entropies d =
            MixtureDraws.invariants d |> Draws.parameter "entropy" |> Array.concat

        for a, b in Array.zip (entropies original) (entropies mixed) do
            close 1e-12 a b)

/// Catches parameters in the wrong places.
[<Fact>]
let ``mixture draws are read by name`` () =
    let draws =
        MixtureDraws.create
            1
            2
            names
            [| 0.3; 0.7; 0.6; 0.4 |]
            [| 1.0; 2.0; 3.0; 4.0; 7.0; 6.0; 5.0; 8.0 |]
            [| -1.0; -2.0 |]

    let all = MixtureDraws.toDraws draws
    Assert.Equal<string[]>([| "weight[1]"; "weight[2]"; "mean[1]"; "sd[1]"; "mean[2]"; "sd[2]" |], all.Names)
    Assert.Equal<float[]>([| 0.6; 0.4; 7.0; 6.0; 5.0; 8.0 |], Draws.row 0 1 all)
    let invariant = MixtureDraws.invariants draws

    Assert.Equal<string[]>(
        [|
            "log_density"
            "entropy"
            "weight(1)"
            "weight(2)"
            "mean(1)"
            "mean(2)"
            "sd(1)"
            "sd(2)"
        |],
        invariant.Names
    )

    Assert.Equal<float[]>([| 0.6; 0.4; 5.0; 7.0; 6.0; 8.0 |], Array.skip 2 (Draws.row 0 1 invariant))
    close 1e-12 (log 2.0) (MixtureDraws.entropy [| 0.5; 0.5 |])
    Assert.Equal(0.0, MixtureDraws.entropy [| 1.0; 0.0 |])
    Assert.Equal<int[][]>([| [| 0; 1 |]; [| 1; 0 |] |], MixtureDraws.orders 0 draws)

/// Against a naive program: all pairs of clusters searched at every step, distances averaged over all pairs of rows.
[<Fact>]
let ``average linkage merges the nearest clusters`` () =
    forSeeds 20 (fun stream ->
        let n = between 2 12 stream
        let points = Array.init n (fun _ -> stream.NextNormal(), stream.NextNormal())

        let distances =
            Array2D.init n n (fun i j ->
                let a, b = points[i], points[j]
                sqrt ((fst a - fst b) ** 2.0 + (snd a - snd b) ** 2.0))

        let merges = AverageLinkage.merges distances
        let mutable clusters = [ for i in 0 .. n - 1 -> [ i ] ]

        for left in n - 1 .. -1 .. 1 do
            let average a b =
                List.allPairs a b |> List.averageBy (fun (i, j) -> distances[i, j])

            let a, b, height =
                [
                    for a in clusters do
                        for b in clusters do
                            if List.head a < List.head b then
                                a, b, average a b
                ]
                |> List.minBy (fun (_, _, height) -> height)

            clusters <- (a @ b |> List.sort) :: List.except [ a; b ] clusters
            let struct (_, _, found) = merges[n - 1 - left]
            close 1e-12 height found
            let labels = AverageLinkage.cut left merges

            for cluster in clusters do
                Assert.Equal(1, cluster |> List.distinctBy (fun i -> labels[i]) |> List.length)

            Assert.Equal(left, labels |> Array.distinct |> Array.length))

/// Hard assignments of so many rows to K components in each draw.
let private hard (labels: int[][]) k =
    {
        Rows = labels[0].Length
        At = fun s -> Array.init (labels[0].Length * k) (fun i -> if labels[s].[i / k] = i % k then 1.0 else 0.0)
    }

/// Catches losses that are not those of the draws' partitions. Binder's loss is linear in the co-assignments, so it is the mean
/// over the draws; of a single draw the bound of the variation of information is exact.
[<Fact>]
let ``losses of partitions are the draws' mean losses`` () =
    forSeeds 20 (fun stream ->
        let n = between 2 10 stream
        let draws = Array.init 7 (fun _ -> Array.init n (fun _ -> stream.NextInt32 3))
        let labels = Array.init n (fun _ -> stream.NextInt32 4)
        let matrix = Coassignment.matrix 3 7 (hard draws 3)

        let apart (a: int[]) (b: int[]) =
            Seq.sum (
                seq {
                    for i in 0 .. n - 1 do
                        for j in 0 .. i - 1 -> if (a[i] = a[j]) = (b[i] = b[j]) then 0.0 else 1.0
                }
            )
            / (0.5 * float n * float (n - 1))

        close 1e-12 (draws |> Array.averageBy (apart labels)) (PointPartition.expectedLoss Binder matrix labels)

        // H(A) + H(B) - 2 I(A, B) from the cross table
        let share (counts: seq<int>) =
            counts
            |> Seq.sumBy (fun c ->
                if c = 0 then
                    0.0
                else
                    float c / float n * log (float c / float n))

        let table = Agreement.crossTable labels draws[0]
        let joint = share (table |> Seq.cast<int>)
        let a = share (labels |> Seq.countBy id |> Seq.map snd)
        let b = share (draws[0] |> Seq.countBy id |> Seq.map snd)
        let known = a + b - 2.0 * joint

        close
            1e-12
            known
            (PointPartition.expectedLoss VariationOfInformation (Coassignment.matrix 3 1 (hard draws 3)) labels))

/// Catches point partitions that are not the best of all: against every partition of few rows.
[<Fact>]
let ``point partitions are the best of their candidates`` () =
    forSeeds 10 (fun stream ->
        let n = 5
        let draws = Array.init 9 (fun _ -> Array.init n (fun _ -> stream.NextInt32 3))
        let matrix = Coassignment.matrix 3 9 (hard draws 3)

        let rec all (labels: int list) =
            if labels.Length = n then
                [ List.toArray (List.rev labels) ]
            else
                let next = if labels.IsEmpty then 0 else 1 + List.max labels
                [ 0..next ] |> List.collect (fun label -> all (label :: labels))

        for loss in [ Binder; VariationOfInformation ] do
            let least = all [] |> List.map (PointPartition.expectedLoss loss matrix) |> List.min
            let best = PointPartition.best loss n (all []) matrix
            close 1e-12 least best.Loss
            Assert.Equal(best.Clusters, best.Labels |> Array.distinct |> Array.length)
            let drawn = PointPartition.ofDraws loss 3 9 (hard draws 3)
            Assert.True(drawn.Loss >= least - 1e-12))

/// The five-point posterior end to end: what does not depend on labels against the exact posterior (quadrature), from draws
/// in which labels switch between chains.
[<Fact>]
let ``co-assignments and the point partition of the five points are the exact ones`` () =
    let y = [| 0.0; 1.0; 10.0; 11.0; 12.0 |]

    let options =
        { Nuts.defaults with
            Draws = 5000
            TargetAcceptance = 0.95
            Seed = 3
        }

    let starts =
        [|
            for c in 0..3 ->
                if c % 2 = 0 then
                    [| 0.0; 0.5; 11.0; 0.0 |]
                else
                    [| 0.0; 11.0; 0.5; 0.0 |]
        |]

    let run = Nuts.sample options fivePoints starts
    let rows = Array.init 20000 (fun s -> Draws.row (s / 5000) (s % 5000) run.Draws)

    let weightsOf (x: float[]) =
        [| SpecialFunctions.sigmoid x[0]; SpecialFunctions.sigmoid -x[0] |]

    let shares (x: float[]) =
        [|
            for v in y do
                let logs =
                    Array.init 2 (fun k ->
                        let z = (v - x[1 + k]) * exp -x[3]
                        log ((weightsOf x)[k]) - 0.5 * z * z)

                let total = LogSumExp.ofArray logs

                for l in logs do
                    exp (l - total)
        |]

    let draws =
        MixtureDraws.create
            4
            2
            [| "loc" |]
            (rows |> Array.collect weightsOf)
            (rows |> Array.collect (fun x -> [| x[1]; x[2] |]))
            (run.Chains |> Array.collect _.LogDensities)

    let assignments =
        {
            Rows = 5
            At = fun s -> shares rows[s]
        }

    let matrix = Coassignment.matrix 2 draws.Count assignments

    let exact =
        ReferenceFile.json "pyro_gmm.json"
        |> ReferenceFile.at "posterior/values/P_same_cluster_matrix"

    for i in 0..4 do
        for j in 0 .. i - 1 do
            let each =
                Draws.quantity
                    (fun x ->
                        let r = shares x
                        r[2 * i] * r[2 * j] + r[2 * i + 1] * r[2 * j + 1])
                    run.Draws

            let s = PosteriorSummary.ofChains "together" each
            close 1e-9 s.Mean matrix[i, j]

            Assert.InRange(
                matrix[i, j],
                exact[i].[j].GetDouble() - 4.0 * s.McseMean,
                exact[i].[j].GetDouble() + 4.0 * s.McseMean
            )

    for loss in [ Binder; VariationOfInformation ] do
        Assert.Equal<int[]>([| 0; 0; 1; 1; 1 |], (PointPartition.ofDraws loss 2 draws.Count assignments).Labels)

    // labels switch between and within chains; what is relabelled and what is invariant agrees
    let rHat name draws =
        Diagnostics.rHat (Draws.parameter name draws)

    let relabelled =
        Relabelling.stephens 20 (Relabelling.pivot assignments draws) assignments draws

    Assert.True(relabelled.Switches > 0)
    let raw = rHat "loc[1]" (MixtureDraws.toDraws draws)
    let cured = rHat "loc[1]" (MixtureDraws.toDraws relabelled.Draws)
    Assert.True(cured < 1.01 && cured < raw, $"{raw} before, {cured} after")

    for s in PosteriorSummary.ofDraws (MixtureDraws.invariants draws) do
        Assert.True(s.RHat.Value <= 1.01, $"{s.Name} {s.RHat.Value}")

    // 0 and 1 belong together, and the reference decides the column
    let column = if relabelled.Assignments[0, 0] > 0.5 then 0 else 1
    Assert.True(relabelled.Assignments[1, column] > 0.8)
    Assert.True(relabelled.Assignments[4, 1 - column] > 0.8)

    for i in 0..4 do
        close 1e-9 1.0 (relabelled.Assignments[i, 0] + relabelled.Assignments[i, 1])

/// Catches tails taken from the wrong side, and data that depend on the order of statistics.
[<Fact>]
let ``predictive checks give tail probabilities`` () =
    let check = PredictiveChecks.ofValues "max" 2.0 [| 1.0; 2.0; 3.0; 4.0 |]
    Assert.Equal(0.625, check.TailProbability)

    let statistics =
        [
            "mean", (fun (x: float[]) -> Array.average x)
            "largest", (fun (x: float[]) -> Array.max x)
        ]

    let replicate _ (stream: RandomStream) =
        Array.init 50 (fun _ -> stream.NextNormal())

    let normal = (RandomKey.ofSeed 90).Stream()
    let data = Array.init 50 (fun _ -> normal.NextNormal())
    let good = PredictiveChecks.run statistics (RandomKey.ofSeed 1) 500 replicate data
    Assert.Empty(PredictiveChecks.warnings good)
    let outlier = Array.append (Array.truncate 49 data) [| 9.0 |]
    let bad = PredictiveChecks.run statistics (RandomKey.ofSeed 1) 500 replicate outlier
    Assert.Equal(0.0, bad[1].TailProbability)

    Assert.Contains(
        "largest is 9, and almost always smaller in replicated data",
        List.head (PredictiveChecks.warnings bad)
    )
    // the same data for every statistic
    let other =
        PredictiveChecks.run (List.rev statistics) (RandomKey.ofSeed 1) 500 replicate data

    Assert.Equal<float[]>(good[1].Replicated, other[0].Replicated)

/// Catches silence on bad input.
[<Fact>]
let ``bad mixture draws are named`` () =
    let stream = (RandomKey.ofSeed 1).Stream()
    let draws, shares = clean stream

    let message (action: unit -> 'T) =
        Assert.Throws<ArgumentException>(fun () -> action () |> ignore).Message

    let many = { Rows = 5001; At = fun _ -> [||] }
    Assert.Contains("at most 5000 rows, received 5001", message (fun () -> Coassignment.matrix 3 40 many))
    Assert.Contains("at most 5 rows", message (fun () -> Coassignment.matrixUpTo 5 3 40 shares))
    Assert.Contains("7 x 2 probabilities", message (fun () -> Coassignment.matrix 2 40 shares))

    Assert.Contains(
        "labels from 0 to 2, received 3",
        message (fun () -> Relabelling.toReference (Array.create 7 3) shares draws)
    )

    Assert.Contains("expected 7 labels", message (fun () -> Relabelling.toReference [| 0 |] shares draws))

    Assert.Contains(
        "probabilities from 0 to 1",
        message (fun () ->
            Relabelling.pivot
                { shares with
                    At = fun _ -> Array.create 21 nan
                }
                draws)
    )

    Assert.Contains("every component", message (fun () -> MixtureDraws.permute (Array.create 40 [| 0; 0; 1 |]) draws))

    Assert.Contains(
        "chains of the same length",
        message (fun () -> MixtureDraws.create 3 1 [||] [| 1.0 |] [||] [| 0.0 |])
    )

    Assert.Contains("at least one partition", message (fun () -> PointPartition.best Binder 0 [] (array2D [ [ 1.0 ] ])))

    Assert.Contains(
        "expected probabilities",
        message (fun () -> PointPartition.expectedLoss Binder (array2D [ [ nan ] ]) [| 0 |])
    )

    Assert.Contains("finite max", message (fun () -> PredictiveChecks.ofValues "max" 1.0 [| nan |]))
    Assert.Contains("expected finite costs", message (fun () -> OptimalAssignment.solve (array2D [ [ nan ] ])))
