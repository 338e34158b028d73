module Mixtures.Tests.GaussianStatisticsTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// Statistics of rows with responsibilities, centred on the mixture's means plus an offset.
let private collect (mixture: Mixture) (rows: float[][]) (responsibilities: float[][]) (centres: float[]) =
    let data = Dataset.ofSeq rows

    let pass =
        RowPass(
            data,
            {
                Threads = 1
                BlockRows = 0
                Width = SimdWidth.best
            }
        )

    let kernel =
        mixture.ActiveComponents.Kernel
            { KernelRequest.Plain(mixture.Dimension, int SimdWidth.best) with
                Centres = ValueSome centres
            }

    let step =
        pass.Statistics(
            kernel,
            mixture.Count,
            fun worker _ ->
                for i in 0 .. worker.Tile.Count - 1 do
                    for k in 0 .. mixture.Count - 1 do
                        worker.Lanes.Span[k * worker.Tile.Capacity + i] <- responsibilities[worker.Row i][k]
        )

    step.Statistics :?> GaussianStatistics

let private same (a: GaussianStatistics) (b: GaussianStatistics) =
    let b = b.CentredOn a.Centres
    let magnitude = 1.0 + Array.sumBy abs a.SecondMoments + Array.sumBy abs a.Sums

    for x, y in
        Seq.zip (Seq.concat [ a.Counts; a.Sums; a.SecondMoments ]) (Seq.concat [ b.Counts; b.Sums; b.SecondMoments ]) do
        near 1e-11 magnitude x y "statistic"

/// Catches a merge that forgets to move second moments, or moves them wrongly.
[<Fact>]
let ``merging is associative and commutative, and splitting the data anywhere gives the same statistics`` () =
    forSeeds 120 (fun stream ->
        let structure = structures[stream.NextInt32 structures.Length]
        let k, d, n = between 1 4 stream, between 1 5 stream, between 9 60 stream
        let mixture = randomMixture structure k d 0.0 3.0 1.0 stream
        let rows = Array.init n (draw n stream mixture).Row
        let r = Array.init n (fun _ -> randomWeights k stream)

        let centres () =
            Array.init (k * d) (fun _ -> 2.0 * stream.NextNormal())

        let first, second = between 1 4 stream, between 5 8 stream

        let part low high =
            collect mixture rows[low .. high - 1] r[low .. high - 1] (centres ())

        let a, b, c = part 0 first, part first second, part second n
        let whole = collect mixture rows r (centres ())
        same whole ((a.Merge b).Merge c)
        same (a.Merge(b.Merge c)) ((a.Merge b).Merge c)
        same (a.Merge b) (b.Merge a)
        same a (a.Merge(GaussianStatistics.Empty(structure, d, centres ())))
        same a (a.CentredOn(centres ())))

/// Catches statistics of different shapes being added up.
[<Fact>]
let ``merging statistics of another structure or shape is refused`` () =
    let a = GaussianStatistics.Empty(CovarianceStructure.Full, 2, Array.zeroCreate 4)
    let b = GaussianStatistics.Empty(CovarianceStructure.Tied, 2, Array.zeroCreate 4)
    let c = GaussianStatistics.Empty(CovarianceStructure.Full, 2, Array.zeroCreate 6)
    Assert.Throws<ArgumentException>(fun () -> a.Merge b |> ignore) |> ignore
    Assert.Throws<ArgumentException>(fun () -> a.Merge c |> ignore) |> ignore
