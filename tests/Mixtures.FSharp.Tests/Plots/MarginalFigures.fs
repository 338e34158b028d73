/// Figures of columns of every kind, from rows drawn from known mixtures: what their tests and the browser test share.
module Mixtures.Tests.MarginalFigures

open System
open Mixtures

let private draw count seed mixture =
    Mixture.sample (RandomKey.ofSeed seed) count mixture

/// Three groups of people: a product of a family of each kind.
let mixed: Mixture =
    let columns =
        [
            "height in cm", Families.gaussian
            "visits", Families.negativeBinomial
            "income", Families.gamma
            "share of sugar", Families.beta
            "time of day", Families.vonMises
            "blood group", Families.categorical
            "smoker", Families.bernoulli
        ]

    let stream = (RandomKey.ofSeed 3).Stream()

    let rows =
        Array.init 900 (fun i ->
            let group = i % 3
            let pick (values: float[]) = values[group]

            [|
                Normal.sample (pick [| 165.0; 178.0; 172.0 |]) 6.0 stream
                NegativeBinomial.sample 3.0 (pick [| 0.6; 0.3; 0.15 |]) stream
                Gamma.sample (pick [| 2.0; 4.0; 9.0 |]) 0.1 stream
                Beta.sample (pick [| 2.0; 5.0; 12.0 |]) 6.0 stream
                VonMises.sample (pick [| -1.5; 0.5; 2.5 |]) 4.0 stream
                float (stream.NextIndex(ReadOnlySpan(Array.init 4 (fun l -> if l = group then 4.0 else 1.0))))
                (if stream.NextDouble() < pick [| 0.1; 0.4; 0.8 |] then
                     1.0
                 else
                     0.0)
            |])

    let data = Dataset.FromRows(rows, columns |> List.map fst |> List.toArray)
    (Em.fit { Em.defaults with Seed = 2 } (Product.spec columns 3) data).Mixture

let mixedRows = draw 900 4 mixed

/// Two rates of counts.
let counts =
    Families.create Families.poisson [| 0.4; 0.6 |] [| [| [| 2.0 |] |]; [| [| 9.0 |] |] |]

let countRows = draw 600 5 counts

/// Two loaded dice.
let levels =
    Families.create
        (Families.categoricalOf [| 4 |])
        [| 0.3; 0.7 |]
        [| [| [| 0.7; 0.1; 0.1; 0.1 |] |]; [| [| 0.1; 0.2; 0.3; 0.4 |] |] |]

let levelRows = draw 500 6 levels

/// Two Gaussians in noise.
let noisy =
    Gaussian.create
        CovarianceStructure.Full
        [| 0.5; 0.5 |]
        [| [| 2.0; 2.0 |]; [| 6.0; 7.0 |] |]
        [|
            array2D [ [ 0.4; 0.1 ]; [ 0.1; 0.5 ] ]
            array2D [ [ 0.5; -0.2 ]; [ -0.2; 0.4 ] ]
        |]
    |> Noise.create 0.2 [| 0.0; 0.0 |] [| 10.0; 10.0 |]

let noisyRows = draw 500 7 noisy

/// Every figure, with a name for its file.
let all =
    [
        "marginals", Plot.marginals mixedRows mixed
        "marginal-counts", Plot.mixture countRows counts
        "marginal-levels", Plot.mixture levelRows levels
        "noise", Plot.mixture noisyRows noisy
        "noise-marginals", Plot.marginals noisyRows noisy
    ]
