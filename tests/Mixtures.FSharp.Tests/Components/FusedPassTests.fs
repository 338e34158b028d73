module Mixtures.Tests.FusedPassTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.GaussianKernelTests

/// What an E-step adds up, row by row in log space, and the sums of absolute terms that rounding is relative to.
type private Naive =
    {
        LogLikelihood: float
        LogLikelihoodSize: float
        /// w r of each row and component.
        Shares: float[,]
        /// How many units of rounding each share may be off by, relative to itself.
        Doubts: float[,]
    }

let private naive (mixture: Mixture) (rows: float[][]) (weights: float[]) =
    let n, k = rows.Length, mixture.Count
    let shares = Array2D.zeroCreate n k
    let doubts = Array2D.zeroCreate n k
    let mutable total = 0.0
    let mutable size = 0.0
    let density = Array.init k (fun c -> naiveLogDensity mixture c)

    for i in 0 .. n - 1 do
        let joint = Array.init k (fun c -> density[c] rows[i])
        let logs = Array.init k (fun c -> log mixture.Weights[c] + fst joint[c])
        let evidence = LogSumExp.ofArray logs
        total <- total + weights[i] * evidence
        // a responsibility below e⁻⁷⁰⁸ counts as exactly 0
        let r =
            logs
            |> Array.map (fun l -> if l - evidence < -708.0 then 0.0 else exp (l - evidence))

        // an error of each log-density is one of the responsibility, relative to itself
        let doubt = Array.sum (Array.map2 (fun share (_, m) -> share * m) r joint)
        size <- size + weights[i] * (1.0 + abs evidence + doubt)

        for c in 0 .. k - 1 do
            shares[i, c] <- weights[i] * r[c]
            doubts[i, c] <- 1.0 + snd joint[c] + doubt

    {
        LogLikelihood = total
        LogLikelihoodSize = size
        Shares = shares
        Doubts = doubts
    }

/// An E-step of every width on random rows and weights, against a naive one.
let private compare structure n d k (stream: RandomStream) =
    let large = d > 9 || k > 7
    let offset = [| 0.0; 1e8; -1e8; 1e4 |][stream.NextInt32 4]
    let mixture = randomMixture structure k d offset 3.0 1.0 stream
    let sample = draw n stream mixture
    let rows = Array.init n sample.Row

    // some rows a thousand standard deviations away
    for row in rows do
        if stream.NextDouble() < 0.1 then
            row[stream.NextInt32 d] <- offset + 1e3 * stream.NextNormal()

    let weights = randomRowWeights n stream
    let data = (Dataset.ofSeq rows).WithWeights weights
    let expected = naive mixture rows weights
    let blockRows = if stream.NextDouble() < 0.5 then 32 else 0

    for width in widths do
        let what = $"{mixture.Family.Structure} {n} x {d}, {k} components, width {width}:"
        let pass = RowPass(data, execution width blockRows (between 1 3 stream))
        let step = pass.EStep(kernelOf width mixture, mixture.Weights)
        let statistics = step.Statistics :?> GaussianStatistics

        near 1e-12 expected.LogLikelihoodSize expected.LogLikelihood step.LogLikelihood $"{what} log-likelihood"

        let check (actual: float) name first last (term: int -> int -> float) =
            let mutable sum = 0.0
            // exponentials below e⁻⁷⁰⁸ count as zero
            let mutable size = 1e-280

            for c in first..last do
                for i in 0 .. n - 1 do
                    let value = expected.Shares[i, c] * term i c
                    sum <- sum + value
                    size <- size + abs value * expected.Doubts[i, c]

            // rounding may put a responsibility of e⁻⁷⁰⁸ on the other side of that limit
            near 1e-12 (size + 1e-295) sum actual $"{what} {name}"

        let means = Array.init k mixture.Components.Mean
        let residual i c j = rows[i][j] - means[c][j]
        let second = statistics.SecondMoments

        for c in 0 .. k - 1 do
            check step.Counts[c] "count" c c (fun _ _ -> 1.0)
            check step.SquaredCounts[c] "squared count" c c (fun i c -> expected.Shares[i, c])

            for j in 0 .. d - 1 do
                check statistics.Sums[c * d + j] "sum" c c (fun i c -> residual i c j)

            match structure with
            | CovarianceStructure.Full ->
                for i in 0 .. d - 1 do
                    for j in (if large then max 0 (i - 5) else 0) .. i do
                        check second[c * d * (d + 1) / 2 + i * (i + 1) / 2 + j] "second moment" c c (fun row c ->
                            residual row c i * residual row c j)
            | CovarianceStructure.Diagonal ->
                for i in 0 .. d - 1 do
                    check second[c * d + i] "second moment" c c (fun row c -> residual row c i ** 2.0)
            | CovarianceStructure.Spherical ->
                check second[c] "second moment" c c (fun row c ->
                    Seq.sum (seq { for i in 0 .. d - 1 -> residual row c i ** 2.0 }))
            | CovarianceStructure.Tied
            | CovarianceStructure.Known -> ()

        if structure = CovarianceStructure.Tied then
            for i in 0 .. d - 1 do
                for j in max 0 (i - 5) .. i do
                    check second[i * (i + 1) / 2 + j] "second moment" 0 (k - 1) (fun row c ->
                        residual row c i * residual row c j)

/// Catches a wrong sum anywhere between the rows and the statistics, at any shape: what tiles, pairs of components,
/// columns without a partner, remainders and parts of folds can do wrong together.
[<Fact>]
let ``a whole E-step equals a naive one in log space for every structure, shape and width`` () =
    forSeeds 200 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]
        let large = stream.NextDouble() < 0.25
        let d = if large then between 1 70 stream else between 1 9 stream
        let k = if large then between 1 40 stream else between 1 7 stream
        let n = between 1 (if large then 130 else 600) stream
        compare structure n d k stream)

/// Catches what goes wrong only with many columns: sums row by row that leave out rows without responsibility, blocks of
/// columns that are partly empty, small tiles.
[<Fact>]
let ``a whole E-step of many columns equals a naive one`` () =
    forSeeds 25 (fun stream ->
        let structure =
            [| CovarianceStructure.Diagonal; CovarianceStructure.Spherical |][stream.NextInt32 2]

        let d =
            if stream.NextDouble() < 0.1 then
                between 360 420 stream
            else
                between 60 200 stream

        compare structure (between 1 150 stream) d (between 1 9 stream) stream)
