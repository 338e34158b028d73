/// The report of what an EM iteration takes, against what the machine allows.
module Mixtures.Benchmarks.Report

open System
open Mixtures

type private Case =
    {
        Name: string
        Rows: int
        Dimension: int
        Components: int
        Structure: CovarianceStructure
    }

let private cases =
    let case name rows d k structure =
        {
            Name = name
            Rows = rows
            Dimension = d
            Components = k
            Structure = structure
        }

    [
        case "a" 1_000_000 2 3 CovarianceStructure.Full
        case "b" 200_000 16 16 CovarianceStructure.Full
        case "c" 200_000 16 16 CovarianceStructure.Diagonal
        case "d" 100_000 64 32 CovarianceStructure.Full
        case "e" 20_000 784 20 CovarianceStructure.Diagonal
        case "f tied" 1_000_000 8 8 CovarianceStructure.Tied
        case "f spherical" 1_000_000 8 8 CovarianceStructure.Spherical
        case "g" 6_000_000 1 2 CovarianceStructure.Full
        case "m" 20_000 5 3 CovarianceStructure.Full
    ]

/// Multiplications and multiply-adds of one row: what the algorithm needs, without anything wasted on whole tiles.
/// Additions go to ports of their own and are not counted.
let private multiplications case =
    let d, k = float case.Dimension, float case.Components
    let triangle = d * (d + 1.0) / 2.0

    match case.Structure with
    | CovarianceStructure.Full -> k * (triangle + d) + k * (triangle + 2.0 * d)
    | CovarianceStructure.Tied -> triangle + k * d + k * d
    | CovarianceStructure.Diagonal -> k * 2.0 * d + k * 2.0 * d
    | CovarianceStructure.Spherical -> k * d + k * 2.0 * d
    | CovarianceStructure.Known -> k * (triangle + 2.0 * d)

let private dataOf case =
    let stream = (RandomKey.ofSeed 1).Stream()
    let values = Array.init (case.Rows * case.Dimension) (fun _ -> stream.NextNormal())
    Dataset.FromDoubles(values, case.Dimension)

let private startOf case =
    let stream = (RandomKey.ofSeed 2).Stream()
    let d, k = case.Dimension, case.Components
    let means = Array.init (k * d) (fun _ -> stream.NextNormal())

    let covariances =
        match case.Structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Known -> Array.init (k * d * d) (fun at -> if at / d % d = at % d then 1.0 else 0.0)
        | CovarianceStructure.Tied -> Array.init (d * d) (fun at -> if at / d = at % d then 1.0 else 0.0)
        | CovarianceStructure.Diagonal -> Array.create (k * d) 1.0
        | CovarianceStructure.Spherical -> Array.create k 1.0

    Mixture.create None (Array.create k (1.0 / float k)) (Gaussian.components case.Structure [||] k d means covariances)

let private pass threads data =
    RowPass(
        data,
        { Execution.Default with
            Threads = threads
        }
    )

/// An E-step with its statistics, on so many threads.
let private iteration threads (data: Dataset) (start: Mixture) =
    let rows = pass threads data

    let scale =
        if start.Family.UsesScatter then
            ValueSome(ColumnSummary.withScatter rows (ColumnSummary.ofPass rows))
        else
            ValueNone

    let kernel =
        start.Components.Kernel
            { KernelRequest.Plain(data.Dimension, int SimdWidth.best) with
                Whole = scale
            }

    fun () -> rows.EStep(kernel, start.Weights) |> ignore

/// Rounds of measuring both thread counts by turns: what else the machine does for a while then touches both, and the best
/// of all rounds neither.
let private rounds = 8

let run () =
    let one = Machine.measure 1
    let two = Machine.measure 2
    let gain = two.Fma / one.Fma

    printfn
        "2 threads: %.1f G multiply-adds/s, %.2f G exponentials/s, %.1f GB/s; %.2f times one thread's multiply-adds"
        (two.Fma / 1e9)
        (two.Exp / 1e9)
        (two.Bandwidth / 1e9)
        gain

    printfn "%-12s %8s %8s %8s %8s %8s %8s %8s" "case" "ms" "1 thr" "scaling" "fma ms" "exp ms" "mem ms" "share"

    for case in cases do
        let data = dataOf case
        let start = startOf case
        let onTwo, onOne = iteration 2 data start, iteration 1 data start
        let times = Array.init rounds (fun _ -> Machine.best 7 onTwo, Machine.best 7 onOne)
        let measured = times |> Array.map fst |> Array.min
        let single = times |> Array.map snd |> Array.min
        let n = float case.Rows
        let fma = n * multiplications case / two.Fma
        let exp = n * float (case.Components + 1) / two.Exp
        let memory = n * float case.Dimension * 8.0 / two.Bandwidth
        let share = max (fma + exp) memory / measured

        printfn
            "%-12s %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f %7.0f%%"
            case.Name
            (1e3 * measured)
            (1e3 * single)
            (single / measured / gain)
            (1e3 * fma)
            (1e3 * exp)
            (1e3 * memory)
            (100.0 * share)

    let case = cases[1]
    let data = dataOf case
    let start = startOf case
    let score = Machine.best 7 (fun () -> Mixture.logDensity start data |> ignore)
    printfn "log-density of 200k x 16, 16 full components: %.1f million rows a second" (float case.Rows / score / 1e6)

    let seeding =
        Machine.best 7 (fun () -> Starts.plusPlusOf (pass 2 data) case.Components (RandomKey.ofSeed 1) |> ignore)

    printfn "k-means++ of 200k x 16, 16 centres, without Lloyd: %.1f ms" (1e3 * seeding)

    let row = data.Row 0
    let mutable sum = 0.0

    let single =
        Machine.best 7 (fun () ->
            for _ in 1..10000 do
                sum <- sum + Mixture.logDensityOfRow start row)

    printfn "log-density of one row of it: %.2f microseconds" (1e6 * single / 10000.0)
    if Double.IsNaN sum then 1 else 0
