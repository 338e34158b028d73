module Mixtures.Benchmarks.Program

open System
open BenchmarkDotNet.Running

[<EntryPoint>]
let main args =
    match args with
    | [| "peer"; folder |] -> Peer.run folder
    | [| "bernoulli"; folder |] -> ImageCases.bernoulli folder
    | [| "digits"; file |] -> ImageCases.digits file
    | [| "phases"; folder |] -> Phases.run folder
    | [| "report" |] -> Report.run ()
    | [| "sampling" |] ->
        SamplingCases.run ()
        0
    | [| "gradient" |] -> GradientCases.run [| "diagonal"; "bernoulli"; "one-d"; "five-points" |]
    | _ when args.Length > 1 && args[0] = "gradient" -> GradientCases.run args[1..]
    | _ when Array.contains "--filter" args || Array.contains "--list" args ->
        BenchmarkSwitcher.FromAssembly(typeof<KernelBenchmarks>.Assembly).Run args
        |> ignore

        0
    | _ ->
        eprintfn "usage: report              EM iterations against the machine's limits"
        eprintfn "       peer FOLDER         a fixed number of iterations, for peers/compare.py"
        eprintfn "       bernoulli FOLDER    EM iterations on bytes, for peers/bernoulli_peer.py"

        eprintfn
            "       digits FILE         twenty iterations on images (data/digits-images-idx3-ubyte.gz), as scripts/digits.fsx"

        eprintfn "       phases FOLDER       what a row of such a case takes, by phases"
        eprintfn "       gradient [CASE ...] gradient steps, for peers/torch_peer.py"
        eprintfn "       sampling            draws a second of the no-U-turn sampler"
        eprintfn "       --filter PATTERN    BenchmarkDotNet, such as --filter '*Kernel*'"
        2
