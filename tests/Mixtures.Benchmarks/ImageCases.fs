/// EM on images of zeros and ones.
module Mixtures.Benchmarks.ImageCases

open System.Diagnostics
open System.IO
open Mixtures

/// Twelve iterations of a Bernoulli mixture on the bytes and from the probabilities that peers/bernoulli_peer.py wrote.
let bernoulli (folder: string) =
    let data = Dataset.ofNpy (Path.Combine(folder, "X.npy"))

    let probabilities =
        Peer.raw (Path.Combine(folder, "probabilities_init.f64"))
        |> Array.chunkBySize data.Dimension

    let k = probabilities.Length
    let start = BernoulliMixture.create (Array.create k (1.0 / float k)) probabilities

    let options =
        { Em.defaults with
            Start = GivenModel start
            MaxIterations = 12
            Tolerance = 0.0
            Threads = 2
        }

    Peer.report start options data
    0

/// What twenty iterations take of both mixtures of scripts/digits.fsx, in seconds: the best of three.
let digits (file: string) =
    let data = Dataset.binarise 1.0 (Dataset.ofIdx file)

    let specs =
        [
            "gaussian", Gaussian.known (KnownCovariance.StandardDeviation(0.2, data.Dimension)) 20
            "bernoulli", BernoulliMixture.spec 20
        ]

    for name, spec in specs do
        let start =
            Em.initialise
                { Em.defaults with
                    Start = RandomRows
                    Seed = 3
                }
                spec
                data

        let fit () =
            Em.fit
                { Em.defaults with
                    Start = GivenModel start
                    MaxIterations = 20
                    Tolerance = 0.0
                }
                spec
                data

        fit () |> ignore

        let seconds =
            Seq.min (
                seq {
                    for _ in 1..3 do
                        let clock = Stopwatch.StartNew()
                        fit () |> ignore
                        clock.Elapsed.TotalSeconds
                }
            )

        printfn """{"case": "%s", "rows": %d, "iterations": 20, "seconds": %.4f}""" name data.Count seconds

    0
