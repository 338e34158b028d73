/// BenchmarkDotNet's view of the kernels: one tile in cache.
namespace Mixtures.Benchmarks

open System
open BenchmarkDotNet.Attributes
open Mixtures

[<MemoryDiagnoser>]
type KernelBenchmarks() =
    let mutable worker = Unchecked.defaultof<PassWorker>
    let mutable kernel = Unchecked.defaultof<IBlockKernel>
    let arithmetic = BlockArithmetic.For SimdWidth.best
    let capacity = 224

    [<Params(2, 16, 64)>]
    member val Dimension = 16 with get, set

    [<Params(16)>]
    member val Components = 16 with get, set

    [<Params("full", "tied", "diagonal", "spherical")>]
    member val Structure = "full" with get, set

    [<GlobalSetup>]
    member this.Setup() =
        let d, k = this.Dimension, this.Components
        let stream = (RandomKey.ofSeed 1).Stream()
        let rows = Array.init (capacity * d) (fun _ -> stream.NextNormal())
        let structure = (CovarianceStructure.tryParse this.Structure).Value
        let means = Array.init (k * d) (fun _ -> stream.NextNormal())

        let unit count =
            Array.init (count * d * d) (fun at -> if at / d % d = at % d then 1.0 else 0.0)

        let covariances =
            match structure with
            | CovarianceStructure.Tied -> unit 1
            | CovarianceStructure.Diagonal -> Array.create (k * d) 1.0
            | CovarianceStructure.Spherical -> Array.create k 1.0
            | CovarianceStructure.Full
            | CovarianceStructure.Known -> unit k

        kernel <-
            (Gaussian.components structure [||] k d means covariances)
                .Kernel(KernelRequest.Plain(d, int SimdWidth.best))

        worker <-
            PassWorker(d, k, capacity, kernel.ScratchLength capacity, kernel.AccumulatorLength, int SimdWidth.best)

        Dataset.FromDoubles(rows, d).Fill(0, worker.Tile)

    [<Benchmark>]
    member _.LogDensity() =
        worker.Lanes.Span.Clear()
        kernel.AddLogDensity(worker.Tile, worker.Scratch.Span, worker.Lanes.Span)

    [<Benchmark>]
    member this.Responsibilities() =
        let weights = Array.create this.Components (1.0 / float this.Components)
        worker.Lanes.Span.Fill -1.0

        RowPass.Normalise(arithmetic, worker, weights)

    [<Benchmark>]
    member _.Statistics() =
        worker.Lanes.Span.Fill 0.1
        kernel.AddStatistics(worker.Tile, worker.Scratch.Span, worker.Lanes.Span, worker.Accumulators.Span)
