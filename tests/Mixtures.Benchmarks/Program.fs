module Mixtures.Benchmarks.Program

open System
open System.IO
open Mixtures

[<EntryPoint>]
let main args =
    let show name (fit: MixtureFit) =
        printfn
            "%s L=%.6f bic=%.4f icl=%.2f it=%d %A restarts=%A agree=%d grad=%.2g t=%.3f passes=%d"
            name
            fit.LogLikelihood
            fit.Bic
            fit.Icl
            fit.Iterations
            fit.Termination
            fit.Summary.Restarts
            fit.Summary.Agreement
            fit.Certificate.LargestGradient
            fit.Summary.Seconds
            fit.Certificate.Passes

        for w in fit.Warnings do
            printfn "   ! %s" w

    let faithful = Dataset.ofCsv "data/faithful.csv"

    let iris =
        Dataset.ofCsvWith
            { CsvOptions.defaults with
                LabelColumn = Some "Species"
            }
            "data/iris.csv"

    for seed in 0..2 do
        let o = { Em.defaults with Seed = seed }
        show "faithful tied 3" (Em.fit o (Gaussian.spec CovarianceStructure.Tied 3) faithful)
        show "faithful full 2" (Em.fit o (Gaussian.spec CovarianceStructure.Full 2) faithful)
        show "iris full 3" (Em.fit o (Gaussian.spec CovarianceStructure.Full 3) iris)
        show "iris diag 3" (Em.fit o (Gaussian.spec CovarianceStructure.Diagonal 3) iris)

    show "iris spher 3" (Em.fit Em.defaults (Gaussian.spec CovarianceStructure.Spherical 3) iris)

    for k in 1..6 do
        show $"faithful full {k}" (Em.fit Em.defaults (Gaussian.spec CovarianceStructure.Full k) faithful)

    0
