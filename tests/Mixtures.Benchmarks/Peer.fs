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
let private raw (path: string) =
    let bytes = File.ReadAllBytes path
    Array.init (bytes.Length / 8) (fun i -> BitConverter.ToDouble(bytes, 8 * i))

/// The covariance of a precision matrix, by two triangular solves a column.
let private invert d (precision: float[]) =
    let l = (Cholesky.tryFactor d (ReadOnlySpan precision)).Value

    Array2D.init d d (fun _ _ -> 0.0)
    |> fun result ->
        for j in 0 .. d - 1 do
            let column = Array.init d (fun i -> if i = j then 1.0 else 0.0)
            Cholesky.solveLower d l (Span column)
            Cholesky.solveUpper d l (Span column)

            for i in 0 .. d - 1 do
                result[i, j] <- column[i]

        // rounding leaves it slightly asymmetric
        Array2D.init d d (fun i j -> 0.5 * (result[i, j] + result[j, i]))

let run (folder: string) =
    let meta =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "meta.json"))).RootElement

    let integer (name: string) = meta.GetProperty(name).GetInt32()
    let d, k, iterations = integer "D", integer "K", integer "iters"
    let path name = Path.Combine(folder, name)
    let weights = raw (path "weights_init.f64")
    let means = raw (path "means_init.f64") |> Array.chunkBySize d
    let precisions = raw (path "precisions_init.f64")

    let diagonal (values: int -> float) =
        Array2D.init d d (fun i j -> if i = j then 1.0 / values i else 0.0)

    let structure, covariances =
        match meta.GetProperty("covariance_type").GetString() with
        | "full" ->
            CovarianceStructure.Full, Array.init k (fun c -> invert d (Array.sub precisions (c * d * d) (d * d)))
        | "tied" -> CovarianceStructure.Tied, [| invert d precisions |]
        | "diag" -> CovarianceStructure.Diagonal, Array.init k (fun c -> diagonal (fun i -> precisions[c * d + i]))
        | _ -> CovarianceStructure.Spherical, Array.init k (fun c -> diagonal (fun _ -> precisions[c]))

    let data = Dataset.ofNpy (path "X.npy")
    GC.Collect()
    let loaded = memory "VmRSS"
    let start = Gaussian.create structure weights means covariances

    let options =
        { Em.defaults with
            Start = GivenModel start
            MaxIterations = iterations
            Tolerance = 0.0
            AbsoluteFloor = meta.GetProperty("reg_covar").GetDouble()
            RelativeFloor = 0.0
            Threads = 2
        }

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

    0
