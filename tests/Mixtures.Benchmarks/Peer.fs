/// Runs exactly as many EM iterations as a peer does on the same data from the same start, and prints what they took.
module Mixtures.Benchmarks.Peer

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Mixtures

let private memory (field: string) =
    match File.Exists "/proc/self/status" with
    | true ->
        File.ReadLines "/proc/self/status"
        |> Seq.tryFind _.StartsWith(field)
        |> Option.map (fun line ->
            float (line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1])
            / 1024.0)
        |> Option.defaultValue nan
    | false -> nan

/// Numbers of a raw little-endian float64 file.
let raw (path: string) =
    let bytes = File.ReadAllBytes path
    Array.init (bytes.Length / 8) (fun i -> BitConverter.ToDouble(bytes, 8 * i))

/// The covariance of a precision matrix, by two triangular solves a column.
let private invert d (precision: float[]) =
    let l = (Cholesky.tryFactor d (ReadOnlySpan precision)).Value

    let result = Array.zeroCreate (d * d)

    for j in 0 .. d - 1 do
        let column = Array.init d (fun i -> if i = j then 1.0 else 0.0)
        Cholesky.solveLower d l (Span column)
        Cholesky.solveUpper d l (Span column)

        for i in 0 .. d - 1 do
            result[i * d + j] <- column[i]

    // rounding leaves it slightly asymmetric
    Array.init (d * d) (fun at -> 0.5 * (result[at] + result[at % d * d + at / d]))

/// The start of a case, and its options.
let startOf (folder: string) =
    let meta =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "meta.json"))).RootElement

    let integer (name: string) = meta.GetProperty(name).GetInt32()
    let d, k, iterations = integer "D", integer "K", integer "iters"
    let path name = Path.Combine(folder, name)
    let weights = raw (path "weights_init.f64")
    let means = raw (path "means_init.f64")
    let precisions = raw (path "precisions_init.f64")
    let reciprocal = Array.map (fun p -> 1.0 / p)

    let structure, covariances =
        match meta.GetProperty("covariance_type").GetString() with
        | "full" -> CovarianceStructure.Full, precisions |> Array.chunkBySize (d * d) |> Array.collect (invert d)
        | "tied" -> CovarianceStructure.Tied, invert d precisions
        | "diag" -> CovarianceStructure.Diagonal, reciprocal precisions
        | _ -> CovarianceStructure.Spherical, reciprocal precisions

    let start =
        Mixture.create None weights (Gaussian.components structure [||] k d means covariances)

    let options =
        { Em.defaults with
            Start = GivenModel start
            MaxIterations = iterations
            Tolerance = 0.0
            AbsoluteFloor = meta.GetProperty("reg_covar").GetDouble()
            RelativeFloor = 0.0
            Threads = 2
        }

    start, options

/// Exactly as many iterations as the options say; what they take, as a JSON object.
let report (start: Mixture) (options: EmOptions) (data: Dataset) =
    GC.Collect()
    let loaded = memory "VmRSS"
    let stamps = ResizeArray<TimeSpan>()

    let monitor =
        { FitMonitor.None with
            Progress = fun progress -> stamps.Add progress.Elapsed
        }

    // compiled code first: the same fit on a few rows does not warm up the loops, so iterate on the data itself
    let clock = Stopwatch.StartNew()
    let fit = Em.fitWith monitor options start.Spec data
    let total = clock.Elapsed.TotalSeconds

    // the first iterations run before the loops are compiled again: take the median of the later half
    let steps =
        [| for i in 1 .. stamps.Count - 1 -> (stamps[i] - stamps[i - 1]).TotalSeconds |]

    let later = Array.skip (steps.Length / 2) steps |> Array.sort
    let rows = float data.Count

    printfn
        """{"seconds_per_iteration": %.9g, "seconds_total": %.6g, "mean_log_likelihood_first": %.17g, "mean_log_likelihood_final": %.17g, "rss_loaded_mb": %.2f, "peak_rss_mb": %.2f, "threads": 2}"""
        later[later.Length / 2]
        total
        (fit.History[0] / rows)
        (fit.LogLikelihood / rows)
        loaded
        (memory "VmHWM")

let run (folder: string) =
    let start, options = startOf folder
    report start options (Dataset.ofNpy (Path.Combine(folder, "X.npy")))
    0
