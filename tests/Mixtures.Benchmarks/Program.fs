module Mixtures.Benchmarks.Program

open System

[<EntryPoint>]
let main args =
    match args with
    | [| "peer"; folder |] -> Peer.run folder
    | [| "profile" |] ->
        Profile.all ()
        0
    | _ ->
        eprintfn "usage: peer FOLDER"
        2
