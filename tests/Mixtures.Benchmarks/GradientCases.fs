/// Value, gradient and Adam step of the gradient cases of peers/torch_peer.py, on the same data from the same start.
module Mixtures.Benchmarks.GradientCases

open System
open System.Diagnostics
open System.IO
open Mixtures

let private folder case =
    Path.Combine(Path.GetTempPath(), "mixtures-bench", case)

/// The least milliseconds a step over several repeats.
let private best repeats steps (step: int -> unit) =
    let mutable least = Double.PositiveInfinity

    for _ in 1..repeats do
        for i in 0..1 do
            step i

        let clock = Stopwatch.StartNew()

        for i in 1..steps do
            step i

        least <- min least (clock.Elapsed.TotalMilliseconds / float steps)

    least

/// A loss and Adam (rate 0.01) on its free parameters.
let private adam (loss: Tensor -> Tensor) (start: float[]) =
    let optimiser =
        Adam.create
            { Adam.defaults with
                Rate = Schedule.constant 0.01
            }

    let run = optimiser.Begin start

    fun (_: int) ->
        let struct (_, g) = Tensor.valueAndGrad loss (Tensor.ofArray run.Parameters)
        run.Step(g.ToArray())

let private report case form milliseconds =
    printfn """{"case": "%s", "form": "%s", "ms_per_step": %.6g}""" case form milliseconds

let private halfLog2Pi = 0.5 * log (2.0 * Math.PI)

/// A mixture of 1-D Gaussian components as a user writes it: logits, means, log-scales (2 each).
let private written (data: Tensor) (p: Tensor) =
    let logits = Tensor.slice 0 0 2 p
    let means = Tensor.slice 0 2 2 p
    let logScales = Tensor.slice 0 4 2 p
    let z = (Tensor.unsqueeze 1 data - means) * Tensor.exp -logScales

    let joint =
        Tensor.logsoftmax 0 logits - logScales - halfLog2Pi - 0.5 * Tensor.square z

    -(Tensor.mean (Tensor.logsumexp 1 joint))

let private fused structure components (data: Dataset) (start: float[]) steps case =
    let f = LikelihoodFunction.create (Gaussian.spec structure components) data
    report case "fused" (best 5 steps (adam (Loss.meanNegativeLogLikelihoodOf f) start))

let private gaussianCase case name steps =
    let data = Dataset.ofNpy (Path.Combine(folder case, "X.npy"))
    let means = Peer.raw (Path.Combine(folder case, "means_init.f64"))
    let precisions = Peer.raw (Path.Combine(folder case, "precisions_init.f64"))
    let k = means.Length / data.Dimension

    let start =
        Array.concat [ Array.zeroCreate k; means; precisions |> Array.map (fun p -> -0.5 * log p) ]

    fused CovarianceStructure.Diagonal k data start steps name
    data, start

let run (names: string[]) =
    for name in names do
        match name with
        | "diagonal" -> gaussianCase "c_diag" name 8 |> ignore
        | "bernoulli" ->
            let data = Dataset.ofNpy (Path.Combine(folder "t_e_bern", "X.npy"))
            let logits = Peer.raw (Path.Combine(folder "t_e_bern", "means_init.f64"))
            let k = logits.Length / data.Dimension
            let f = LikelihoodFunction.create (BernoulliMixture.spec k) data
            let start = Array.append (Array.zeroCreate k) logits
            report name "fused" (best 5 40 (adam (Loss.meanNegativeLogLikelihoodOf f) start))
        | "one-d" ->
            let data, start = gaussianCase "t_g_1d" name 1000
            let column = Tensor.ofArray (data.Column 0)
            report name "composed" (best 5 300 (adam (written column) start))
        | "five-points" ->
            let points = [| 0.0; 1.0; 10.0; 11.0; 12.0 |]
            let start = [| 0.0; 0.0; 1.0; 10.0; 0.0; 0.0 |]
            fused CovarianceStructure.Diagonal 2 (Dataset.ofColumn points) start 20000 name
            report name "composed" (best 5 20000 (adam (written (Tensor.ofArray points)) start))
        | other -> invalidArg (nameof names) $"expected diagonal, bernoulli, one-d or five-points, received {other}"

    0
