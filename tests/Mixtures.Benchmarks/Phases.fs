/// What a row takes on one thread, by phases: differences between passes that do more and more.
module Mixtures.Benchmarks.Phases

open System.IO
open Mixtures

/// On a case of peers/compare.py, at its start and after a few iterations, when responsibilities have parted.
let run (folder: string) =
    let data = Dataset.ofNpy (Path.Combine(folder, "X.npy"))
    let start, options = Peer.startOf folder

    let later = (Em.fit { options with MaxIterations = 4 } start.Spec data).Mixture

    let pass = RowPass(data, { Execution.Default with Threads = 1 })
    printfn "%-8s %10s %10s %10s %10s %10s   ns a row" "" "reading" "densities" "exp, log" "statistics" "all"

    for name, mixture in [ "start", start; "later", later ] do
        let kernel =
            mixture.Components.Kernel(KernelRequest.Plain(data.Dimension, int SimdWidth.best))

        let logWeights = Array.map log mixture.Weights

        let time action =
            1e9 * Machine.best 9 action / float data.Count

        let reading = time (fun () -> pass.ForEachTile(mixture.Count, 0, (fun _ _ -> ())))

        let densities =
            time (fun () -> pass.JointLogDensities(kernel, logWeights, (fun _ _ -> ())))

        let evidence = time (fun () -> pass.LogLikelihoodAt(kernel, logWeights) |> ignore)

        let all = time (fun () -> pass.EStep(kernel, mixture.Weights) |> ignore)

        printfn
            "%-8s %10.1f %10.1f %10.1f %10.1f %10.1f"
            name
            reading
            (densities - reading)
            (evidence - densities)
            (all - evidence)
            all

    0
