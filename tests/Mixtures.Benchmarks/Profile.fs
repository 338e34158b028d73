module Mixtures.Benchmarks.Profile

open System
open System.Diagnostics
open Mixtures

let run d k structure =
    let stream = (RandomKey.ofSeed 1).Stream()
    let n = 65536
    let x = Array.init (n * d) (fun _ -> stream.NextNormal())

    let data =
        Dataset(
            RowMajorStorage<float>([| x |], n, n, d),
            [| 0 .. d - 1 |],
            Array.init d (fun i -> $"x{i}"),
            false,
            None,
            None
        )

    let means = Array.init (k * d) (fun _ -> stream.NextNormal())

    let cov =
        match structure with
        | CovarianceStructure.Full -> Array.init (k * d * d) (fun at -> if at / d % d = at % d then 1.0 else 0.0)
        | CovarianceStructure.Tied -> Array.init (d * d) (fun at -> if at / d % d = at % d then 1.0 else 0.0)
        | CovarianceStructure.Diagonal -> Array.create (k * d) 1.0
        | _ -> Array.create k 1.0

    let c = Gaussian.components structure [||] k d means cov
    let kernel = c.Kernel(KernelRequest.Plain(d, int SimdWidth.best))

    let cap =
        32
        * (((min
                 992
                 ((match Environment.GetEnvironmentVariable "CAPN" with
                   | null -> 16384
                   | v -> int v)
                  / (d + k))
             + 31)
            / 32)
           ||| 1)

    let w = PassWorker(d, k, cap, kernel.ScratchLength cap, kernel.AccumulatorLength, 8)
    let ar = BlockArithmetic.For SimdWidth.best
    let weights = Array.create k (1.0 / float k)
    let tiles = n / cap

    let time name (f: int -> unit) =
        for _ in 1..20 do
            (for t in 0 .. tiles - 1 do
                f t)

        System.Threading.Thread.Sleep 200

        for _ in 1..20 do
            (for t in 0 .. tiles - 1 do
                f t)

        let best =
            Seq.min (
                seq {
                    for _ in 1..15 ->
                        (let s = Stopwatch.GetTimestamp() in

                         (for t in 0 .. tiles - 1 do
                             f t)

                         Stopwatch.GetElapsedTime(s).TotalMilliseconds)
                }
            )

        printf "%s %.2f ns/row  " name (best * 1e6 / float (tiles * cap))

    printf "D=%d K=%d %A cap=%d: " d k structure cap
    data.Fill(0, w.Tile)
    time "fill" (fun t -> data.Fill(t * cap, w.Tile))

    time "logdens" (fun _ ->
        w.Lanes.Span.Fill 0.0
        kernel.AddLogDensity(w.Tile, w.Scratch.Span, w.Lanes.Span))

    let saved = w.Lanes.Span.ToArray()
    time "copy" (fun _ -> saved.AsSpan().CopyTo w.Lanes.Span)

    time "copy+normalise" (fun _ ->
        saved.AsSpan().CopyTo w.Lanes.Span
        ar.Normalise(w.Lanes.Span, cap, cap, k, w.Evidence.Span, ReadOnlySpan weights))

    time "weigh" (fun _ -> ar.Weigh(w.Lanes.Span, cap, cap, k, w.Tile.Weights, w.Counts.Span, w.Squares.Span))
    w.Lanes.Span.Fill 0.1
    time "stats" (fun _ -> kernel.AddStatistics(w.Tile, w.Scratch.Span, w.Lanes.Span, w.Accumulators.Span))
    printfn ""

let all () =
    run 2 3 CovarianceStructure.Full
    run 16 16 CovarianceStructure.Full
    run 16 16 CovarianceStructure.Diagonal
    run 64 32 CovarianceStructure.Full
    run 784 20 CovarianceStructure.Diagonal
    run 8 8 CovarianceStructure.Tied
    run 8 8 CovarianceStructure.Spherical
    run 1 2 CovarianceStructure.Full
    run 5 3 CovarianceStructure.Full
