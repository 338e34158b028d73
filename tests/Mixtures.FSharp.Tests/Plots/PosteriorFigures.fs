/// Pictures of draws.
module Mixtures.Tests.PosteriorFigures

open Mixtures

/// Four chains of two correlated parameters and one of another scale; the last chain is elsewhere in the first.
let draws =
    let stream = (RandomKey.ofSeed 4).Stream()

    Array.init 4 (fun chain ->
        Array.init 500 (fun _ ->
            let a = stream.NextNormal() + (if chain = 3 then 2.0 else 0.0)
            [| a; 0.8 * a + 0.6 * stream.NextNormal(); 100.0 * exp (stream.NextNormal()) |])
        |> Array.concat)
    |> Draws.create [| "a"; "b"; "scale" |]

/// Draws of the least scale diverged.
let divergent =
    Draws.parameter "scale" draws
    |> Array.map (Array.map (fun scale -> scale < 10.0))

/// Draws of two components whose labels switch half way through each chain.
let mixture =
    let stream = (RandomKey.ofSeed 5).Stream()

    let means =
        Array.init 600 (fun s ->
            let pair = [| 0.3 * stream.NextNormal(); 5.0 + 0.3 * stream.NextNormal() |]
            if s % 300 < 150 then pair else Array.rev pair)

    MixtureDraws.create 2 2 [| "mean" |] (Array.create 1200 0.5) (Array.concat means) (Array.create 600 0.0)

let rows = [| -0.3; 5.2; 0.1; 4.9; 2.4; 5.5 |]

let assignments =
    {
        Rows = rows.Length
        At =
            fun s ->
                [|
                    for row in rows do
                        let terms =
                            mixture.ParameterAt(s, 0)
                            |> Array.map (fun mean -> exp (-0.5 * (row - mean) * (row - mean)))

                        for term in terms do
                            term / Array.sum terms
                |]
    }

let matrix = Coassignment.matrix 2 600 assignments

let partition = PointPartition.ofDraws VariationOfInformation 2 600 assignments

let relabelled =
    Relabelling.toReference (Relabelling.pivot assignments mixture) assignments mixture

/// A long run of one parameter with a name that does harm where it is not escaped.
let long =
    let stream = (RandomKey.ofSeed 6).Stream()

    Array.init 2 (fun _ -> Array.init 30000 (fun _ -> stream.NextNormal()))
    |> Draws.create [| SampleFigures.nasty |]

/// Every figure, with a name for its file.
let all =
    [
        "trace", Plot.trace [] draws
        "trace-long", Plot.trace [] long
        "trace-divergent", TraceChart.create [ "scale"; "a" ] divergent draws
        "ranks", Plot.ranks "a" draws
        "histograms", Plot.histograms [] draws
        "histograms-nasty", Plot.histograms [] long
        "joint", Plot.joint "a" "b" draws
        "posterior-pairs", Plot.posteriorPairs [] divergent draws
        "coassignment", Plot.coassignment partition matrix
        "label-switching", Plot.labelSwitching 0 mixture relabelled
    ]
