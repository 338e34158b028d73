/// The no-U-turn sampler on the five-point model of data/pyro_gmm.json.
module Mixtures.Benchmarks.SamplingCases

open System.Diagnostics
open Mixtures

let private points = [| 0.0; 1.0; 10.0; 11.0; 12.0 |]

let private program =
    ProgramModel.ofProgram (
        bayesian {
            let! weights = latent "weights" (Prior.dirichlet [| 0.5; 0.5 |])
            let! scale = latent "scale" (Prior.logNormal 0.0 2.0)
            let! locs = latent "locs" (Distribution.expand [| 2 |] (Prior.normal 0.0 10.0))
            do! observeMixture "x" weights (Normal.distribution locs scale) (Tensor.ofArray points)
        }
    )

let private specification =
    SpecModel.ofSpec
        (Gaussian.spec CovarianceStructure.Tied 2
         |> MixtureSpec.withWeightsPrior 0.5
         |> MixtureSpec.withPrior "means" (Prior.normal 0.0 10.0)
         |> MixtureSpec.withPrior "scales" (Prior.logNormal 0.0 2.0))
        (Dataset.ofArray2D (array2D [ for x in points -> [ x ] ]))

/// Microseconds of one value and gradient, the fastest of several rounds.
let private evaluation (model: BayesianModel) =
    let u = [| -0.5; 0.05; 1.1; -0.43 |]

    Seq.min (
        seq {
            for _ in 1..10 do
                let clock = Stopwatch.StartNew()

                for _ in 1..2000 do
                    model.Evaluate u |> ignore

                clock.Elapsed.TotalMilliseconds / 2.0
        }
    )

let run () =
    printfn "NUTS on five points: 4 chains of 20 000 after 1000 of warm-up, target acceptance .95"

    for name, model in [ "as a program", program; "as a specification", specification ] do
        let options =
            { Nuts.defaults with
                Draws = 20000
                TargetAcceptance = 0.95
            }

        let sample = PosteriorSample.draw options ModelStarts model

        let gradients =
            sample.Run.Chains
            |> Array.averageBy (fun chain -> chain.Leapfrogs |> Array.averageBy float)

        printfn
            "%-20s %7.0f draws a second after warm-up, %4.1f gradients a draw, %5.1f us a gradient alone, %d divergences"
            name
            sample.Run.DrawsPerSecond
            gradients
            (evaluation model)
            sample.Run.Divergences
