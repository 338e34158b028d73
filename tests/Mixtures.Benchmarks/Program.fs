module Mixtures.Benchmarks.Program

open System
open System.IO
open Mixtures

let load (path: string) =
    let lines = File.ReadAllLines path |> Array.skip 1

    let rows =
        lines
        |> Array.map (fun l ->
            l.Split(',')
            |> Array.choose (fun c ->
                match Double.TryParse c with
                | true, v -> Some v
                | _ -> None))

    let d = rows[0].Length

    let storage =
        RowMajorStorage<float>([| Array.concat rows |], rows.Length, rows.Length, d)

    Dataset(storage, [| 0 .. d - 1 |], Array.init d (fun i -> $"c{i}"), true, null, None)

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

    let faithful = load "data/faithful.csv"
    let iris = load "data/iris.csv"

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
