module Mixtures.Tests.MixtureTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// A mixture in one column with quadrature in easy reach.
let private oneColumn (stream: RandomStream) =
    randomMixture CovarianceStructure.Full (between 1 4 stream) 1 (5.0 * stream.NextNormal()) 3.0 1.0 stream

/// log p(x) of single numbers.
let private densities mixture (xs: float[]) =
    Mixture.logDensity mixture (Dataset.ofColumn xs) |> Array.map exp

/// Catches a wrong normalising constant.
[<Fact>]
let ``density in one column integrates to one, and to the distribution function`` () =
    forSeeds 30 (fun stream ->
        let mixture = oneColumn stream
        let mean = (Mixture.mean mixture)[0]
        let sd = sqrt (Mixture.covariance mixture).[0, 0]
        let n = 4000
        let low, high = mean - 14.0 * sd, mean + 14.0 * sd
        let step = (high - low) / float n
        let xs = Array.init (n + 1) (fun i -> low + step * float i)
        let p = densities mixture xs
        // the trapezoidal rule converges exponentially here
        near 1e-9 1.0 1.0 (step * Array.sum p) "integral"
        let middle = n / 2 + between -200 200 stream
        // Euler and Maclaurin's first correction of the trapezoidal rule at the upper end
        let correction = step / 24.0 * (p[middle + 1] - p[middle - 1])
        let upTo = step * (Array.sum p[0..middle] - 0.5 * (p[0] + p[middle])) - correction
        near 1e-7 1.0 upTo (Mixture.cdf xs[middle] mixture) "distribution function")

/// Catches lower tails that lose digits: the values of Φ are those of mpmath.
[<Fact>]
let ``the distribution function keeps its digits far out`` () =
    let mixture =
        Gaussian.create CovarianceStructure.Diagonal [| 1.0 |] [| [| 1.0 |] |] [| Array2D.create 1 1 4.0 |]

    for x, expected in [ -10.0, 7.6198530241605260660e-24; -30.0, 4.9067139271481873e-198 ] do
        Assert.Equal(expected, Mixture.cdf (2.0 * x + 1.0) mixture, 1e-14 * expected)

/// Catches a quantile that is not the inverse of the distribution function.
[<Fact>]
let ``quantiles invert the distribution function`` () =
    forSeeds 50 (fun stream ->
        let mixture = oneColumn stream

        for p in [ 1e-12; 0.01; stream.NextDouble() * 0.98 + 0.01; 0.5; 0.999 ] do
            near 1e-9 p p (Mixture.cdf (Mixture.quantile p mixture) mixture) $"probability {p}")

/// Catches wrong moments, or draws from the wrong distribution.
[<Fact>]
let ``sample moments match the mixture's`` () =
    forSeeds 10 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]
        let d = between 1 4 stream
        let mixture = randomMixture structure 3 d 0.0 2.0 1.0 stream
        let n = 40000
        let sample = Mixture.sample (RandomKey.ofSeed 3) n mixture
        let mean = Mixture.mean mixture
        let covariance = Mixture.covariance mixture
        let columns = Array.init d sample.Column

        for i in 0 .. d - 1 do
            let error = 6.0 * sqrt (covariance[i, i] / float n)
            Assert.InRange(Array.average columns[i], mean[i] - error, mean[i] + error)

            for j in 0..i do
                let product =
                    Array.map2 (fun x y -> (x - mean[i]) * (y - mean[j])) columns[i] columns[j]
                    |> Array.average

                let error = 12.0 * sqrt (covariance[i, i] * covariance[j, j] / float n)
                Assert.InRange(product, covariance[i, j] - error, covariance[i, j] + error)

        // labels come in proportion to the weights
        let counts = (nonNull sample.Labels).Codes.ToArray() |> Array.countBy id |> Map

        for k in 0..2 do
            let w = mixture.Weights[k]
            let error = 6.0 * sqrt (w * (1.0 - w) / float n)
            Assert.InRange(float counts[k] / float n, w - error, w + error))

/// Catches a conditional or a marginal that is not the joint's: p(x, y) = p(y) p(x | y).
[<Fact>]
let ``joint density is marginal times conditional`` () =
    forSeeds 60 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]
        let d = between 2 5 stream
        let mixture = randomMixture structure (between 1 4 stream) d 0.0 2.0 1.0 stream
        let row = Array.init d (fun _ -> 2.0 * stream.NextNormal())
        let order = [| 0 .. d - 1 |] |> Array.sortBy (fun _ -> stream.NextDouble())
        let given = order[0 .. between 0 (d - 2) stream] |> Array.toList
        let free = [ 0 .. d - 1 ] |> List.filter (fun i -> not (List.contains i given))

        let pick columns =
            columns |> List.map (fun i -> row[i]) |> List.toArray

        let logDensity m values =
            (Mixture.logDensity m (Dataset.ofSeq [ values ]))[0]

        let joint = logDensity mixture row
        let marginal = logDensity (Mixture.marginal given mixture) (pick given)

        let conditional =
            Mixture.conditional (given |> List.map (fun i -> i, row[i])) mixture

        near 1e-10 (10.0 + abs joint) joint (marginal + logDensity conditional (pick free)) "log-density")

/// Catches a bound that is not one, or is not tight where it should be.
[<Fact>]
let ``the entropy bound is above the entropy, and exact for one component`` () =
    forSeeds 10 (fun stream ->
        let mixture = randomMixture CovarianceStructure.Full 3 2 0.0 2.0 1.0 stream
        let sample = Mixture.sample (RandomKey.ofSeed 1) 20000 mixture
        let entropy = -(Mixture.score mixture sample) / 20000.0
        Assert.True(Mixture.entropyUpperBound mixture > entropy - 0.05)
        let one = randomMixture CovarianceStructure.Full 1 2 0.0 2.0 1.0 stream
        let c = (Gaussian.view one).Covariances[0]
        let determinant = c[0, 0] * c[1, 1] - c[0, 1] * c[1, 0]
        near 1e-12 1.0 (log (2.0 * Math.PI * Math.E) + 0.5 * log determinant) (Mixture.entropyUpperBound one) "entropy")

/// Catches labels, uncertainties and responsibilities that contradict each other.
[<Fact>]
let ``labels, uncertainty and responsibilities agree`` () =
    forSeeds 30 (fun stream ->
        let mixture =
            randomMixture CovarianceStructure.Full (between 1 5 stream) (between 1 4 stream) 0.0 2.0 1.0 stream

        let data = draw 100 stream mixture
        let r = Mixture.responsibilities mixture data
        let logs = Mixture.logResponsibilities mixture data
        let labels = Mixture.predict mixture data
        let uncertainty = Mixture.uncertainty mixture data
        let joint = Mixture.componentLogDensities mixture data
        let total = Mixture.logDensity mixture data

        for i in 0..99 do
            let row = Array.init mixture.Count (fun k -> r[i, k])
            Assert.Equal(Array.max row, row[labels[i]])
            near 1e-14 1.0 (1.0 - Array.max row) uncertainty[i] "uncertainty"

            for k in 0 .. mixture.Count - 1 do
                let expected = log mixture.Weights[k] + joint[i, k] - total[i]
                near 1e-12 (1.0 + abs joint[i, k]) expected logs[i, k] "log-responsibility"
                near 1e-12 (1.0 + abs joint[i, k]) (exp expected) row[k] "responsibility")

/// Catches far rows that underflow to NaN or to no density at all.
[<Fact>]
let ``rows far away keep an exact log-density`` () =
    let mixture =
        Gaussian.create
            CovarianceStructure.Full
            [| 0.5; 0.5 |]
            [| [| 0.0 |]; [| 10.0 |] |]
            [| array2D [ [ 1.0 ] ]; array2D [ [ 4.0 ] ] |]

    let data = Dataset.ofColumn [ 1e3; -1e6; 1e150 ]
    let logs = Mixture.logDensity mixture data

    let expected x =
        log 0.5 - 0.5 * log (2.0 * Math.PI) - log 2.0 - (x - 10.0) ** 2.0 / 8.0

    near 1e-14 1e6 (expected 1e3) logs[0] "near"
    near 1e-14 1e12 (expected -1e6) logs[1] "far"
    Assert.True(Double.IsFinite logs[2])
    Assert.Equal<int>([| 1; 1; 1 |], Mixture.predict mixture data)
    let r = Mixture.responsibilities mixture data
    Assert.Equal(0.0, r[1, 0])
    Assert.Equal(1.0, r[1, 1])
    Assert.False(r |> Seq.cast<float> |> Seq.exists Double.IsNaN)

let private refuses (parts: string list) (action: unit -> 'T) =
    let error = Assert.ThrowsAny<ArgumentException>(fun () -> action () |> ignore)

    for part in parts do
        Assert.Contains(part, error.Message)

let private unit2 = array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]

/// Catches a mixture that is no mixture.
[<Fact>]
let ``mixtures with wrong weights, means or covariances are refused with the place named`` () =
    let create weights means covariances () =
        Gaussian.create CovarianceStructure.Full weights means covariances

    let means = [| [| 0.0; 0.0 |]; [| 1.0; 1.0 |] |]
    let good = [| unit2; unit2 |]
    refuses [ "sum to one"; "1.1" ] (create [| 0.5; 0.6 |] means good)
    refuses [ "component 2"; "-0.1" ] (create [| 1.1; -0.1 |] means good)
    refuses [ "NaN" ] (create [| nan; 1.0 |] means good)
    refuses [ "2 means"; "received 1" ] (create [| 0.5; 0.5 |] [| [| 0.0; 0.0 |] |] good)
    refuses [ "component 2"; "2 numbers" ] (create [| 0.5; 0.5 |] [| [| 0.0; 0.0 |]; [| 1.0 |] |] good)
    refuses [ "component 1"; "finite" ] (create [| 0.5; 0.5 |] [| [| infinity; 0.0 |]; [| 1.0; 1.0 |] |] good)

    refuses
        [ "component 2"; "positive definite" ]
        (create [| 0.5; 0.5 |] means [| unit2; array2D [ [ 1.0; 2.0 ]; [ 2.0; 1.0 ] ] |])

    refuses
        [ "component 1"; "symmetric" ]
        (create [| 0.5; 0.5 |] means [| array2D [ [ 1.0; 0.5 ]; [ 0.2; 1.0 ] ]; unit2 |])

    refuses [ "2 x 2"; "1 x 1" ] (create [| 0.5; 0.5 |] means [| array2D [ [ 1.0 ] ]; unit2 |])
    refuses [ "at least 1 component" ] (fun () -> Gaussian.spec CovarianceStructure.Full 0)

    refuses [ "diagonal" ] (fun () ->
        Gaussian.create
            CovarianceStructure.Diagonal
            [| 1.0 |]
            [| [| 0.0; 0.0 |] |]
            [| array2D [ [ 1.0; 0.1 ]; [ 0.1; 1.0 ] ] |])

    refuses [ "multiple of the identity" ] (fun () ->
        Gaussian.create
            CovarianceStructure.Spherical
            [| 1.0 |]
            [| [| 0.0; 0.0 |] |]
            [| array2D [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ] |])

/// Catches data of another shape being scored silently.
[<Fact>]
let ``data that do not match the model are refused`` () =
    let mixture =
        Gaussian.create CovarianceStructure.Full [| 1.0 |] [| [| 0.0; 0.0 |] |] [| unit2 |]

    let error =
        Assert.Throws<DataException>(fun () -> Mixture.predict mixture (Dataset.ofColumn [ 1.0 ]) |> ignore)

    Assert.Contains("2 columns", error.Message)

/// Catches an index that is not adjusted, or breaks at the ends. Values by hand from Hubert & Arabie's formula.
[<Fact>]
let ``adjusted Rand index of known tables`` () =
    Assert.Equal(1.0, Agreement.adjustedRandIndex [| 0; 0; 1; 1 |] [| 5; 5; 2; 2 |], 1e-15)
    Assert.Equal(4.0 / 7.0, Agreement.adjustedRandIndex [| 0; 0; 1; 2 |] [| 0; 0; 1; 1 |], 1e-15)
    Assert.Equal(-0.5, Agreement.adjustedRandIndex [| 0; 0; 1; 1 |] [| 0; 1; 0; 1 |], 1e-15)
    Assert.Equal(1.0, Agreement.adjustedRandIndex [| 0; 0 |] [| 1; 1 |])
    // a blank label is left out
    Assert.Equal(1.0, Agreement.adjustedRandIndex [| 0; 0; 1; 1; 1 |] [| 5; 5; 2; 2; -1 |], 1e-15)

    Assert.Throws<ArgumentException>(fun () -> Agreement.crossTable [| 0 |] [| 0; 1 |] |> ignore)
    |> ignore

/// Catches single rows that are evaluated otherwise than tables, also from several threads at once.
[<Fact>]
let ``single rows give what tables give`` () =
    forSeeds 40 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]

        let mixture =
            randomMixture structure (between 1 5 stream) (between 1 6 stream) 0.0 2.0 1.0 stream

        let data = draw 40 stream mixture
        let logs = Mixture.logDensity mixture data
        let labels = Mixture.predict mixture data
        let r = Mixture.responsibilities mixture data
        let uncertainty = Mixture.uncertainty mixture data
        let densities = Mixture.componentLogDensities mixture data
        let logShares = Mixture.logResponsibilities mixture data

        System.Threading.Tasks.Parallel.For(
            0,
            40,
            fun i ->
                let row = data.Row i
                Assert.Equal(logs[i], Mixture.logDensityOfRow mixture row)
                Assert.Equal(labels[i], Mixture.predictRow mixture row)
                Assert.Equal<float>(r[i, *], Mixture.responsibilitiesOfRow mixture row)
                Assert.Equal(uncertainty[i], Mixture.uncertaintyOfRow mixture row)
                Assert.Equal<float>(densities[i, *], Mixture.componentLogDensitiesOfRow mixture row)
                Assert.Equal<float>(logShares[i, *], Mixture.logResponsibilitiesOfRow mixture row)
        )
        |> ignore)

    let mixture =
        Gaussian.create CovarianceStructure.Full [| 1.0 |] [| [| 0.0; 0.0 |] |] [| unit2 |]

    Assert.Throws<DataException>(fun () -> Mixture.predictRow mixture [| 1.0 |] |> ignore)
    |> ignore

    Assert.Throws<DataException>(fun () -> Mixture.logDensityOfRow mixture [| 1.0; nan |] |> ignore)
    |> ignore
