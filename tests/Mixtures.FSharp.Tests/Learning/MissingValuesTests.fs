/// Missing values are marginalised: in densities, statistics, gradients, starts and criteria.
module Mixtures.Tests.MissingValuesTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// Cells removed at random.
let private puncture share (stream: RandomStream) (data: Dataset) =
    let rows =
        Array.init data.Count (fun i ->
            data.Row i
            |> Array.map (fun x -> if stream.NextDouble() < share then nan else x))

    let names =
        if data.HasColumnNames then
            Seq.toArray data.ColumnNames
        else
            Array.init data.Dimension (fun c -> $"c{c}")

    let gaps = Dataset.FromRows(rows, names, MissingCells.Keep)

    if data.HasWeights then
        gaps.WithWeights(data.Weights.ToArray())
    else
        gaps

let private observedOf (row: float[]) =
    [ 0 .. row.Length - 1 ] |> List.filter (fun c -> not (Double.IsNaN row[c]))

/// log p of what each row has, by the marginal mixture of these columns.
let private byMarginals (mixture: Mixture) (data: Dataset) =
    Array.init data.Count (fun i ->
        let row = data.Row i

        match observedOf row with
        | [] -> 0.0
        | columns ->
            let values = columns |> List.map (fun c -> row[c]) |> List.toArray
            Mixture.logDensityOfRow (Mixture.marginal columns mixture) values)

let private studentT structure (stream: RandomStream) =
    let k, d = between 1 3 stream, between 1 5 stream
    let gaussian = randomMixture structure k d 0.0 2.0 1.0 stream
    let view = Gaussian.view gaussian

    Families.studentTMixture
        (Families.studentT structure DegreesOfFreedom.Estimated)
        gaussian.Weights
        view.Means
        view.Covariances
        (Array.init k (fun _ -> 3.0 + 10.0 * stream.NextDouble()))

let private bernoulli (stream: RandomStream) =
    let k, d = between 1 4 stream, between 1 40 stream

    Array.init k (fun _ -> Array.init d (fun _ -> 0.05 + 0.9 * stream.NextDouble()))
    |> BernoulliMixture.create (randomWeights k stream)

/// Two components over a full Gaussian pair, counts, levels, logarithms and zeros and ones.
let private product (stream: RandomStream) =
    let family =
        Product.familyOf
            [
                [ "a"; "b" ], (Gaussian.spec CovarianceStructure.Full 1).Family
                [ "n" ], Families.poisson
                [ "l" ], Families.categoricalOf [| 3 |]
                [ "y" ], Families.logNormal
                [ "z" ], Families.bernoulli
            ]

    let rows =
        Array.init 60 (fun i ->
            let g = float (i % 2)
            let a = 3.0 * g + stream.NextNormal()

            [|
                a
                0.7 * a + stream.NextNormal()
                Poisson.sample (2.0 + 6.0 * g) stream
                float (stream.NextInt32 3)
                exp (g + 0.5 * stream.NextNormal())
                (if stream.NextDouble() < 0.2 + 0.6 * g then 1.0 else 0.0)
            |])

    let data = Dataset.FromRows(rows, [| "a"; "b"; "n"; "l"; "y"; "z" |])

    (Em.fit
        { Em.defaults with
            Restarts = 1
            MaxIterations = 2
        }
        (MixtureSpec.Create(family, 2))
        data)
        .Mixture

let private noise (stream: RandomStream) =
    let inner = randomMixture CovarianceStructure.Full 2 3 0.0 3.0 1.0 stream
    let data = Mixture.sample (RandomKey.ofSeed 1) 100 inner

    (Em.fit
        { Em.defaults with
            Restarts = 1
            MaxIterations = 2
        }
        (MixtureSpec.withNoise inner.Spec)
        data)
        .Mixture

/// A random mixture of each kind.
let private kinds: (string * (RandomStream -> Mixture)) list =
    [
        for structure in structures do
            CovarianceStructure.name structure,
            fun stream -> randomMixture structure (between 1 4 stream) (between 1 7 stream) 0.0 2.0 1.0 stream
        "student-t full", studentT CovarianceStructure.Full
        "student-t diagonal", studentT CovarianceStructure.Diagonal
        "bernoulli", bernoulli
        "product", product
        "noise", noise
        for case in FamilyCases.all do
            case.Family.Name,
            fun stream -> FamilyCases.randomMixture case (between 1 3 stream) (FamilyCases.dimension case stream) stream
    ]

let private sample n (stream: RandomStream) (mixture: Mixture) =
    let rows =
        Mixture.sample (RandomKey.ofSeed (stream.NextInt32 Int32.MaxValue)) n mixture

    // rows of weight zero and of others
    if stream.NextDouble() < 0.3 then
        rows.WithWeights(randomRowWeights n stream)
    else
        rows

let private forKinds count (property: string -> Mixture -> Dataset -> RandomStream -> unit) =
    for name, create in kinds do
        forSeeds count (fun stream ->
            let mixture = create stream

            let data =
                puncture (0.1 + 0.5 * stream.NextDouble()) stream (sample (between 20 120 stream) stream mixture)

            property name mixture data stream)

/// Catches densities that see a missing cell, rows that change places, and responsibilities of other rows.
[<Fact>]
let ``a row's log-density is that of what it has`` () =
    forKinds 15 (fun name mixture data _ ->
        let expected = byMarginals mixture data
        let actual = Mixture.logDensity mixture data
        let responsibilities = Mixture.responsibilities mixture data

        for i in 0 .. data.Count - 1 do
            near 1e-11 (10.0 + abs expected[i]) expected[i] actual[i] $"{name}, row {i}"

            let total =
                Seq.sum (seq { for k in 0 .. mixture.Count - 1 -> responsibilities[i, k] })

            near 1e-12 1.0 1.0 total $"{name}, row {i}"

            if observedOf (data.Row i) = [] then
                for k in 0 .. mixture.Count - 1 do
                    near 1e-14 1.0 mixture.Weights[k] responsibilities[i, k] $"{name}, row {i}"

        let weights =
            if data.HasWeights then
                data.Weights.ToArray()
            else
                Array.create data.Count 1.0

        let terms = Array.map2 (*) weights expected
        near 1e-11 (10.0 + Array.sumBy abs terms) (Array.sum terms) (Mixture.score mixture data) name)

/// Catches completed statistics that are not the expectation of the complete ones: their gradient would not be that of the
/// log-likelihood (Fisher's identity). Tensor operations on the marginals are the other way.
[<Fact>]
let ``the gradient in one pass equals that of tensor operations and central differences`` () =
    forKinds 8 (fun name mixture data _ ->
        let spec = mixture.Spec
        let likelihood = LikelihoodFunction.create spec data
        let at = likelihood.OfMixture mixture
        let struct (fused, gradient) = Tensor.valueAndGrad likelihood.LogLikelihood at
        let struct (composed, expected) = Tensor.valueAndGrad likelihood.Composed at

        let magnitude =
            1.0
            + abs (composed.ToScalar())
            + (expected.ToArray() |> Array.sumBy abs)
            + float data.Count

        near 1e-11 magnitude (composed.ToScalar()) (fused.ToScalar()) $"{name}, value"

        Array.iteri2
            (fun i e a -> near 1e-10 magnitude e a $"{name}, gradient {i}")
            (expected.ToArray())
            (gradient.ToArray())

        // and numerically, in one direction
        let direction =
            Array.init likelihood.Length (fun i -> if i % 2 = 0 then 1.0 else -0.5)

        let along h =
            Array.map2 (fun x v -> x + h * v) (at.ToArray()) direction
            |> Tensor.ofArray
            |> likelihood.LogLikelihood
            |> _.ToScalar()

        let h = 1e-5
        let slope = (along h - along -h) / (2.0 * h)
        near 1e-5 magnitude (Array.sum (Array.map2 (*) direction (gradient.ToArray()))) slope $"{name}, slope")

/// Catches an M-step that does not raise the observed data's likelihood, and fixed points that are not stationary.
[<Fact>]
let ``EM with missing values never falls, and its fixed point has zero gradient`` () =
    forKinds 5 (fun name mixture data stream ->
        let filled =
            [ 0 .. data.Dimension - 1 ]
            |> List.forall (fun c -> data.MissingCount c < data.Count - 12)

        let known = name = "known" || name = "negative-binomial"

        if filled && not known then
            let fit =
                Em.fit
                    { Em.defaults with
                        Start = GivenModel(mixture)
                        Tolerance = 1e-12
                        MaxIterations = 3000
                    }
                    mixture.Spec
                    data

            Assert.True((fit.Certificate.MonotonicityViolations = 0), $"{name}: the log-likelihood fell")
            near 1e-11 (abs fit.LogLikelihood + 100.0) (Mixture.score fit.Mixture data) fit.LogLikelihood name

            if
                fit.Termination = Converged
                && not (fit.Certificate.Components |> Array.exists _.Spurious)
            then
                Assert.True(
                    fit.Certificate.LargestGradient < 1e-4,
                    $"{name}: gradient {fit.Certificate.LargestGradient:g3} after {fit.Iterations} iterations"
                ))

/// A fit of a few iterations from the mixture.
let private iterate (mixture: Mixture) (data: Dataset) =
    Em.fit
        { Em.defaults with
            Start = GivenModel mixture
            MaxIterations = 3
            Tolerance = 0.0
        }
        mixture.Spec
        data

/// Catches groups of rows that lose a row or a weight.
[<Fact>]
let ``order, repetition and empty rows of data with missing values do not matter`` () =
    forKinds 4 (fun name mixture data stream ->
        let present = Array.init data.Dimension (fun c -> data.Count - data.MissingCount c)

        if Array.min present > 10 then
            let names = Seq.toArray data.ColumnNames
            let rows = Array.init data.Count data.Row
            let weights = Array.init data.Count (fun _ -> float (between 1 2 stream))

            let make (rows: float[][]) =
                Dataset.FromRows(rows, names, MissingCells.Keep)

            let weighted = (make rows).WithWeights weights

            let other =
                [|
                    for i in 0 .. rows.Length - 1 do
                        rows[i]

                        if weights[i] = 2.0 then
                            rows[i]
                |]
                |> Array.sortBy (fun _ -> stream.NextDouble())

            // a row with nothing counts for nothing
            let empty = Array.create data.Dimension nan
            let a = iterate mixture weighted
            let b = iterate mixture (make (Array.append other [| empty; empty |]))
            near 1e-9 (abs a.LogLikelihood + 100.0) a.LogLikelihood b.LogLikelihood name
            near 1e-9 (abs a.Bic + 100.0) a.Bic b.Bic $"{name}, bic"
            near 1e-8 (abs a.Icl + 100.0) a.Icl b.Icl $"{name}, icl"
            near 1e-9 (abs a.Bic + 100.0) a.Bic (Mixture.bic a.Mixture (make (Array.append other [| empty |]))) name

            Assert.Contains("without any value count for nothing", String.Join("\n", b.Certificate.Warnings)))

/// Catches a difference between data that may have missing cells and data that may not.
[<Fact>]
let ``data without missing cells are fitted as ever, and threads do not matter`` () =
    forKinds 2 (fun name mixture data stream ->
        let whole = sample 300 stream mixture
        let kept = puncture 0.0 stream whole
        Assert.Equal((iterate mixture whole).LogLikelihood, (iterate mixture kept).LogLikelihood)
        let present = Array.init data.Dimension (fun c -> data.Count - data.MissingCount c)

        if Array.min present > 10 then
            let run threads =
                (Em.fit
                    { Em.defaults with
                        Restarts = 2
                        Threads = threads
                        MaxIterations = 5
                    }
                    mixture.Spec
                    data)
                    .History

            try
                Assert.Equal<float[]>(run 1, run 2)
            with :? FitException ->
                ())

/// log Σ π_k N(observed) from first principles: elimination with pivots, the determinant from these, no Cholesky.
let private bruteForce (weights: float[]) (means: float[][]) (covariances: float[,][]) (rows: float[][]) =
    rows
    |> Array.sumBy (fun row ->
        let columns = observedOf row |> List.toArray
        let o = columns.Length

        if o = 0 then
            0.0
        else
            let logs =
                Array.init weights.Length (fun k ->
                    let a = Array2D.init o o (fun i j -> covariances[k][columns[i], columns[j]])
                    let r = Array.init o (fun i -> row[columns[i]] - means[k].[columns[i]])
                    let y = Array.copy r
                    let mutable logDeterminant = 0.0

                    for p in 0 .. o - 1 do
                        logDeterminant <- logDeterminant + log a[p, p]

                        for i in p + 1 .. o - 1 do
                            let f = a[i, p] / a[p, p]

                            for j in p .. o - 1 do
                                a[i, j] <- a[i, j] - f * a[p, j]

                            y[i] <- y[i] - f * y[p]

                    for i in o - 1 .. -1 .. 0 do
                        for j in i + 1 .. o - 1 do
                            y[i] <- y[i] - a[i, j] * y[j]

                        y[i] <- y[i] / a[i, i]

                    log weights[k]
                    - 0.5
                      * (float o * log (2.0 * Math.PI) + logDeterminant + Array.sum (Array.map2 (*) r y)))

            let top = Array.max logs
            top + log (logs |> Array.sumBy (fun l -> exp (l - top))))

/// Iris (see data/README.md) with a fifth of its cells removed at random.
[<Fact>]
let ``iris with a fifth of its cells missing equals brute force`` () =
    let iris =
        ReferenceFile.path "iris.csv"
        |> Dataset.ofCsvWith (CsvOptions.defaults.WithLabelColumn "Species")

    let stream = (RandomKey.ofSeed 20).Stream()
    let data = puncture 0.2 stream iris
    let rows = Array.init data.Count data.Row
    let missing = rows |> Array.sumBy (fun row -> 4 - (observedOf row).Length)
    Assert.InRange(missing, 90, 150)

    let fit =
        Em.fit
            { Em.defaults with
                Tolerance = 1e-13
                Restarts = 5
                MaxIterations = 20000
            }
            (Gaussian.spec CovarianceStructure.Full 3)
            data

    Assert.Equal(Converged, fit.Termination)
    Assert.False(fit.Certificate.Components |> Array.exists _.Spurious)
    let view = Gaussian.view fit.Mixture
    let expected = bruteForce view.Weights view.Means view.Covariances rows
    Assert.Equal(expected, fit.LogLikelihood, 1e-9)

    // brute force's gradient: weights along the simplex, means and covariances in units of the columns' spread
    let h = 1e-5
    let scale = [| 0.8; 0.4; 1.7; 0.7 |]

    let slope (move: float -> float) =
        (move h - move -h) / (2.0 * h) / float data.Count

    for k in 0..2 do
        let weight e =
            let raw = view.Weights |> Array.mapi (fun j w -> if j = k then w * exp e else w)
            bruteForce (raw |> Array.map (fun w -> w / Array.sum raw)) view.Means view.Covariances rows

        Assert.InRange(slope weight, -1e-6, 1e-6)

        for i in 0..3 do
            let mean e =
                let means = view.Means |> Array.map Array.copy
                means[k].[i] <- means[k].[i] + e * scale[i]
                bruteForce view.Weights means view.Covariances rows

            Assert.InRange(slope mean, -1e-6, 1e-6)

            for j in 0..i do
                let covariance e =
                    let covariances = view.Covariances |> Array.map Array2D.copy
                    let step = e * 0.1 * scale[i] * scale[j]
                    covariances[k][i, j] <- covariances[k][i, j] + step

                    if i <> j then
                        covariances[k][j, i] <- covariances[k][j, i] + step

                    bruteForce view.Weights view.Means covariances rows

                Assert.InRange(slope covariance, -1e-6, 1e-6)

/// Catches a fit that is biased by what is missing: parameters come back from 20 000 rows of which a fifth of the cells is
/// missing at random.
[<Fact>]
let ``parameters are recovered from data with missing values`` () =
    let stream = (RandomKey.ofSeed 4).Stream()
    let truth = randomMixture CovarianceStructure.Full 3 4 0.0 4.0 1.0 stream
    let data = puncture 0.2 stream (Mixture.sample (RandomKey.ofSeed 9) 20000 truth)

    let fit =
        Em.fit
            { Em.defaults with
                Start = GivenModel truth
            }
            truth.Spec
            data

    let expected, actual = Gaussian.view truth, Gaussian.view fit.Mixture

    for k in 0..2 do
        // four standard errors of the observed rows, with some room for what is lost by overlap
        let n = 20000.0 * 0.8 * expected.Weights[k]
        Assert.InRange(actual.Weights[k] - expected.Weights[k], -4.0 / sqrt 20000.0, 4.0 / sqrt 20000.0)

        for i in 0..3 do
            let sd = sqrt expected.Covariances[k].[i, i]
            Assert.InRange((actual.Means[k].[i] - expected.Means[k].[i]) / sd, -4.5 / sqrt n, 4.5 / sqrt n)

            for j in 0..i do
                let unit = sd * sqrt expected.Covariances[k].[j, j]
                let error = (actual.Covariances[k].[i, j] - expected.Covariances[k].[i, j]) / unit
                Assert.InRange(error, -7.0 / sqrt n, 7.0 / sqrt n)

/// Catches a family that would take NaN for a number.
[<Fact>]
let ``a density of one's own cannot leave values out, and says so; a column without values is named`` () =
    let data =
        Dataset.FromRows([ [| 1.0; nan |]; [| 2.0; nan |]; [| 4.0; nan |] ], [| "a"; "b" |], MissingCells.Keep)

    let fit family =
        Em.fit { Em.defaults with Restarts = 1 } (MixtureSpec.Create(family, 1)) data
        |> ignore

    let nothing = Assert.Throws<DataException>(fun () -> fit Families.poisson)
    Assert.Contains("Column 'b' has no value", nothing.Message)

    // what is there is checked as ever
    let negative =
        Dataset.FromRows([ [| 1.0; nan |]; [| nan; 2.0 |]; [| -4.0; 3.0 |] ], [| "a"; "b" |], MissingCells.Keep)

    let error =
        Assert.Throws<FitException>(fun () ->
            Em.fit Em.defaults (MixtureSpec.Create(Families.poisson, 1)) negative |> ignore)

    Assert.Contains("Row 3, column 'a' is -4", error.Message)
