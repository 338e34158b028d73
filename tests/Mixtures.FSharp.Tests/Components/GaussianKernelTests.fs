module Mixtures.Tests.GaussianKernelTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// log p_k(x) one row at a time, and the sum of the absolute terms it is made of.
let naiveLogDensity (mixture: Mixture) k (row: float[]) =
    let d = mixture.Dimension
    let covariance = mixture.Components.Covariance k
    let flat = Array.init (d * d) (fun at -> covariance[at / d, at % d])
    let l = (Cholesky.tryFactor d (ReadOnlySpan flat)).Value
    let mean = mixture.Components.Mean k
    let z = Array.init d (fun i -> row[i] - mean[i])
    let size = Array.map abs z
    // |L⁻¹| |x - μ| bounds what rounding in the solve is relative to
    for i in 0 .. d - 1 do
        for j in 0 .. i - 1 do
            z[i] <- z[i] - l[i * d + j] * z[j]
            size[i] <- size[i] + abs l[i * d + j] * size[j]

        z[i] <- z[i] / l[i * d + i]
        size[i] <- size[i] / l[i * d + i]

    let terms =
        [
            yield 0.5 * float d * log (2.0 * Math.PI)
            for i in 0 .. d - 1 do
                yield log l[i * d + i]
                yield 0.5 * z[i] * z[i]
        ]

    let magnitude =
        Seq.sumBy abs terms
        + 0.5 * (Seq.sumBy (fun (a, b) -> abs a * b) (Seq.zip z size))

    -List.sum terms, magnitude

let internal execution width blockRows threads =
    {
        Threads = threads
        BlockRows = blockRows
        Width = width
    }

let internal kernelOf width (mixture: Mixture) =
    mixture.ActiveComponents.Kernel(KernelRequest.Plain(mixture.Dimension, int width))

/// Random shapes: small ones mostly, large ones sometimes.
let randomShape (stream: RandomStream) =
    let d =
        if stream.NextDouble() < 0.3 then
            between 1 70 stream
        else
            between 1 9 stream

    let k =
        if stream.NextDouble() < 0.2 then
            between 1 40 stream
        else
            between 1 6 stream

    d, k, between 1 300 stream

let randomCase (stream: RandomStream) =
    let d, k, n = randomShape stream
    let structure = structures[stream.NextInt32 structures.Length]
    let offset = [| 0.0; 0.0; 1e8; -1e4 |][stream.NextInt32 4]
    let mixture = randomMixture structure k d offset 3.0 1.0 stream
    let sample = draw n stream mixture
    let rows = Array.init n sample.Row

    // some rows a thousand standard deviations away
    for row in rows do
        if stream.NextDouble() < 0.1 then
            row[stream.NextInt32 d] <- offset + 1e3 * (stream.NextNormal())

    let data = (Dataset.ofSeq rows).WithWeights(randomRowWeights n stream)
    mixture, data, rows

/// Catches a wrong term, a wrong lane, a remainder that is not handled, or digits lost to an offset.
[<Fact>]
let ``log-densities equal naive ones for every structure, shape and width`` () =
    forSeeds 150 (fun stream ->
        let mixture, data, rows = randomCase stream
        let k = mixture.Count

        for width in widths do
            let pass = RowPass(data, execution width 0 1)
            let result = Array2D.create rows.Length k nan

            pass.JointLogDensities(
                kernelOf width mixture,
                Array.zeroCreate k,
                fun worker _ ->
                    for i in 0 .. worker.Tile.Count - 1 do
                        for c in 0 .. k - 1 do
                            result[worker.Row i, c] <- worker.Lanes.Span[c * worker.Tile.Capacity + i]
            )

            for i in 0 .. rows.Length - 1 do
                for c in 0 .. k - 1 do
                    let expected, magnitude = naiveLogDensity mixture c rows[i]

                    near
                        1e-12
                        magnitude
                        expected
                        result[i, c]
                        $"{mixture.Family.Structure} {width} row {i} component {c}")

/// Catches a second moment in the wrong place, a weight that is not applied, or a remainder that is not handled.
[<Fact>]
let ``statistics equal naive sums for every structure, shape and width`` () =
    forSeeds 150 (fun stream ->
        let mixture, data, rows = randomCase stream
        let k, d, n = mixture.Count, mixture.Dimension, rows.Length
        let weights = data.Weights.ToArray()

        let responsibilities =
            Array2D.init n k (fun _ _ ->
                if stream.NextDouble() < 0.3 then
                    0.0
                else
                    stream.NextDouble())

        let a i c = weights[i] * responsibilities[i, c]

        let residual i c j =
            rows[i][j] - (mixture.Components.Mean c)[j]

        for width in widths do
            let pass = RowPass(data, execution width 0 1)

            let step =
                pass.Statistics(
                    kernelOf width mixture,
                    k,
                    fun worker _ ->
                        let lanes = worker.Lanes.Span
                        lanes.Clear()

                        for i in 0 .. worker.Tile.Count - 1 do
                            for c in 0 .. k - 1 do
                                lanes[c * worker.Tile.Capacity + i] <- responsibilities[worker.Row i, c]
                )

            let statistics = step.Statistics :?> GaussianStatistics

            let check (actual: float) what (terms: seq<float>) =
                let terms = Seq.toArray terms

                near
                    1e-12
                    (Array.sumBy abs terms)
                    (Array.sum terms)
                    actual
                    $"{mixture.Family.Structure} {width} {what}"

            let over f = seq { for i in 0 .. n - 1 -> f i }

            for c in 0 .. k - 1 do
                check step.Counts[c] "count" (over (fun i -> a i c))
                check step.SquaredCounts[c] "squared count" (over (fun i -> a i c * a i c))

                for j in 0 .. d - 1 do
                    check statistics.Sums[c * d + j] "sum" (over (fun i -> a i c * residual i c j))

            let moment c i j =
                over (fun row -> a row c * residual row c i * residual row c j)

            let second = statistics.SecondMoments

            match Gaussian.structure mixture with
            | CovarianceStructure.Full ->
                for c in 0 .. k - 1 do
                    for i in 0 .. d - 1 do
                        for j in 0..i do
                            check second[c * d * (d + 1) / 2 + i * (i + 1) / 2 + j] "moment" (moment c i j)
            | CovarianceStructure.Tied ->
                for i in 0 .. d - 1 do
                    for j in 0..i do
                        check
                            second[i * (i + 1) / 2 + j]
                            "moment"
                            (Seq.collect (fun c -> moment c i j) (seq { 0 .. k - 1 }))
            | CovarianceStructure.Diagonal ->
                for c in 0 .. k - 1 do
                    for i in 0 .. d - 1 do
                        check second[c * d + i] "moment" (moment c i i)
            | CovarianceStructure.Spherical ->
                for c in 0 .. k - 1 do
                    check second[c] "moment" (Seq.collect (fun i -> moment c i i) (seq { 0 .. d - 1 }))
            | CovarianceStructure.Known -> Assert.Empty second)

/// Catches overflow, a shift by the wrong maximum, and NaN from rows without any density.
[<Fact>]
let ``responsibilities and evidence equal naive ones, also at the ends of the range`` () =
    forSeeds 300 (fun stream ->
        let k = between 1 12 stream
        let weights = randomWeights k stream
        let scale = [| 1.0; 100.0; 1e6; 1e300 |][stream.NextInt32 4]

        for width in widths do
            let capacity = 32
            let lanes = AlignedArray(k * capacity)
            let evidence = AlignedArray capacity

            for at in 0 .. k * capacity - 1 do
                lanes.Span[at] <-
                    match stream.NextInt32 12 with
                    | 0 -> Double.NegativeInfinity
                    | 1 -> nan
                    | _ -> -scale * stream.NextExponential()

            // one row without any density
            for c in 0 .. k - 1 do
                lanes.Span[c * capacity + 5] <- Double.NegativeInfinity

            let before = lanes.Span.ToArray()

            let factors = AlignedArray capacity
            let arithmetic = BlockArithmetic.For width

            let ordinary =
                arithmetic.Exponentiate(
                    lanes.Span,
                    capacity,
                    capacity,
                    k,
                    evidence.Span,
                    factors.Span,
                    ReadOnlySpan weights
                )

            Assert.False ordinary
            arithmetic.Scale(lanes.Span, capacity, capacity, k, factors.Span)

            for row in 0 .. capacity - 1 do
                let joint =
                    Array.init k (fun c ->
                        let v = before[c * capacity + row]
                        if Double.IsNaN v then Double.NegativeInfinity else v)

                let expected = LogSumExp.ofArray joint
                let r = Array.init k (fun c -> lanes.Span[c * capacity + row])

                if Double.IsNegativeInfinity expected then
                    Assert.Equal(Double.NegativeInfinity, evidence.Span[row])
                    Assert.Equal<float>(weights, r)
                else
                    near 1e-12 (1.0 + abs expected) expected evidence.Span[row] "evidence"
                    near 1e-12 1.0 1.0 (Array.sum r) "sum of responsibilities"

                    for c in 0 .. k - 1 do
                        Assert.True(r[c] >= 0.0)
                        near 1e-12 (1.0 + abs expected) (exp (joint[c] - expected)) r[c] "responsibility"

                        if joint[c] - Array.max joint < -708.0 then
                            Assert.Equal(0.0, r[c]))

/// Catches a result that depends on how rows are shared out among threads.
[<Fact>]
let ``an E-step has the same bits on 1, 2 and 7 threads`` () =
    forSeeds 15 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]

        let mixture =
            randomMixture structure (between 1 5 stream) (between 1 6 stream) 0.0 3.0 1.0 stream

        let data = draw (between 2000 9000 stream) stream mixture

        let run threads =
            let pass = RowPass(data, execution SimdWidth.best 64 threads)
            let step = pass.EStep(kernelOf SimdWidth.best mixture, mixture.Weights)
            let s = step.Statistics :?> GaussianStatistics

            Array.concat
                [
                    [| step.LogLikelihood |]
                    step.Counts
                    step.SquaredCounts
                    s.Sums
                    s.SecondMoments
                ]

        let one = run 1
        Assert.Equal<float>(one, run 2)
        Assert.Equal<float>(one, run 7))

/// Catches second moments of tied components that differ when they are taken from the total scatter, and densities that
/// lose digits when components lie far apart.
[<Fact>]
let ``tied components from the total scatter, and far apart, equal full ones`` () =
    forSeeds 60 (fun stream ->
        let d, k = between 1 6 stream, between 1 5 stream
        let spread = [| 3.0; 100.0; 1e5 |][stream.NextInt32 3]
        let tied = randomMixture CovarianceStructure.Tied k d 0.0 spread 1.0 stream
        let view = Gaussian.view tied

        let full =
            Gaussian.create CovarianceStructure.Full view.Weights view.Means view.Covariances

        let data = (draw 120 stream tied).WithWeights(randomRowWeights 120 stream)
        let pass = RowPass(data, execution SimdWidth.best 0 1)
        let scale = ColumnSummary.withScatter pass (ColumnSummary.ofPass pass)

        let step (mixture: Mixture) whole =
            let kernel =
                mixture.ActiveComponents.Kernel
                    { KernelRequest.Plain(d, int SimdWidth.best) with
                        Whole = whole
                    }

            pass.EStep(kernel, mixture.Weights)

        let expected = step full ValueNone
        let moments = (expected.Statistics :?> GaussianStatistics).SecondMoments
        let triangle = d * (d + 1) / 2
        let magnitude = Array.sumBy abs scale.Scatter

        for whole in [ ValueNone; ValueSome scale ] do
            let actual = step tied whole
            near 1e-11 (abs expected.LogLikelihood + 1e3) expected.LogLikelihood actual.LogLikelihood "log-likelihood"
            let second = (actual.Statistics :?> GaussianStatistics).SecondMoments

            for at in 0 .. triangle - 1 do
                let pooled = Seq.sum (seq { for c in 0 .. k - 1 -> moments[c * triangle + at] })
                near 1e-11 (magnitude + abs pooled) pooled second[at] "second moment")
