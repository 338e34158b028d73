/// Random mixtures of every family over independent columns.
module Mixtures.Tests.FamilyCases

open System
open Mixtures
open Mixtures.Tests.RandomModels

/// A family and how parameters of one of its columns are drawn: spread over separated places by the share, from 0 to 1.
[<NoEquality; NoComparison>]
type Case =
    {
        Family: IComponentFamily
        Draw: float -> RandomStream -> float[]
        /// Whether values are whole numbers.
        Whole: bool
        /// Bounds for quadrature, or sums.
        Low: float
        High: float
    }

let private case family whole low high draw =
    {
        Family = family
        Draw = draw
        Whole = whole
        Low = low
        High = high
    }

let private jitter (stream: RandomStream) = 0.9 + 0.2 * stream.NextDouble()

let poisson =
    case Families.poisson true 0.0 400.0 (fun at stream -> [| (1.0 + 30.0 * at * at) * jitter stream |])

let geometric =
    case Families.geometric true 0.0 3000.0 (fun at stream -> [| (0.05 + 0.8 * at) * jitter stream |])

let binomial =
    case (Families.binomial 12) true 0.0 12.0 (fun at stream -> [| (0.1 + 0.7 * at) * jitter stream |])

let zeroInflated =
    case Families.zeroInflatedPoisson true 0.0 400.0 (fun at stream ->
        [| (1.5 + 20.0 * at) * jitter stream; 0.1 + 0.3 * stream.NextDouble() |])

let categorical =
    case (Families.categoricalOf [| 4; 4; 4 |]) true 0.0 3.0 (fun at stream ->
        let favourite = int (3.999 * at)

        let raw =
            Array.init 4 (fun l -> (if l = favourite then 4.0 else 0.5) + stream.NextDouble())

        raw |> Array.map (fun p -> p / Array.sum raw))

let exponential =
    case Families.exponential false 0.0 1e4 (fun at stream -> [| exp (-2.0 + 4.5 * at) * jitter stream |])

let gamma =
    case Families.gamma false 0.0 2e3 (fun at stream ->
        [| (1.5 + 4.0 * stream.NextDouble()) * jitter stream; exp (-2.0 + 4.0 * at) |])

let beta =
    case Families.beta false 0.0 1.0 (fun at stream ->
        let total = 5.0 + 20.0 * stream.NextDouble()
        let mean = 0.15 + 0.7 * at
        [| mean * total; (1.0 - mean) * total |])

let vonMises =
    case Families.vonMises false -Math.PI Math.PI (fun at stream ->
        [| -2.5 + 5.0 * at; 2.0 + 8.0 * stream.NextDouble() |])

let negativeBinomial =
    case Families.negativeBinomial true 0.0 20000.0 (fun at stream ->
        let mean = (1.0 + 40.0 * at * at) * jitter stream
        let r = 2.0 + 6.0 * stream.NextDouble()
        [| r; r / (r + mean) |])

let weibull =
    case Families.weibull false 0.0 500.0 (fun at stream ->
        [| 1.2 + 3.0 * stream.NextDouble(); exp (-1.0 + 3.5 * at) |])

let logNormal =
    case Families.logNormal false 0.0 1e5 (fun at stream -> [| -2.0 + 4.0 * at; 0.3 + 0.4 * stream.NextDouble() |])

let all =
    [
        negativeBinomial
        weibull
        logNormal
        poisson
        geometric
        binomial
        zeroInflated
        categorical
        exponential
        gamma
        beta
        vonMises
    ]

/// Components at separated places of every column, in an order of its own for each column.
let randomMixture (case: Case) k d (stream: RandomStream) =
    let places =
        Array.init d (fun _ -> [| 0 .. k - 1 |] |> Array.sortBy (fun _ -> stream.NextDouble()))

    let parameters =
        Array.init k (fun i -> Array.init d (fun c -> case.Draw (float places[c].[i] / float (max 1 (k - 1))) stream))

    Families.create case.Family (randomWeights k stream) parameters

let draw n (stream: RandomStream) mixture =
    Mixture.sample (RandomKey.ofSeed (stream.NextInt32 Int32.MaxValue)) n mixture

/// The dimension that suits the case: categorical ones have three columns.
let dimension (case: Case) (stream: RandomStream) =
    if case.Family.Name = "categorical" then
        3
    else
        between 1 3 stream

let numbers (mixture: Mixture) =
    Array.concat [ mixture.Weights; Families.parameters mixture |> Array.collect Array.concat ]
