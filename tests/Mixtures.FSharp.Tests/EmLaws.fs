/// What laws of EM on random models and data have in common, whatever the family.
module Mixtures.Tests.EmLaws

open System
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers
open Mixtures.Tests.RandomModels

/// So many iterations of EM from the start, none more and none less.
let iterate (start: Mixture) iterations data =
    Em.fit
        { Em.defaults with
            Start = GivenModel start
            MaxIterations = iterations
            Tolerance = 0.0
        }
        start.Spec
        data

/// EM from the start, to where it hardly moves.
let converge (start: Mixture) data =
    Em.fit
        { Em.defaults with
            Start = GivenModel start
            Tolerance = 1e-13
            MaxIterations = 20000
        }
        start.Spec
        data

/// The data, every other time with random weights, some of them zero.
let weighted (data: Dataset) (stream: RandomStream) =
    if stream.NextDouble() < 0.5 then
        data.WithWeights(randomRowWeights data.Count stream)
    else
        data

/// The rows in a random order.
let shuffled (data: Dataset) (stream: RandomStream) =
    rowsOf data |> Array.sortBy (fun _ -> stream.NextDouble()) |> Dataset.ofSeq

/// The data with random rows given twice, and with weight 2 on these.
let repeated (data: Dataset) (stream: RandomStream) : struct (Dataset * Dataset) =
    let rows = rowsOf data
    let twice = rows |> Array.map (fun _ -> stream.NextDouble() < 0.4)

    Dataset.ofSeq (Array.append rows (Array.zip rows twice |> Array.filter snd |> Array.map fst)),
    data.WithWeights(twice |> Array.map (fun t -> if t then 2.0 else 1.0))

/// The data after three wild rows of weight zero.
let withWildRows (data: Dataset) (stream: RandomStream) =
    let wild =
        Array.init 3 (fun _ -> Array.init data.Dimension (fun _ -> 1e6 * stream.NextNormal()))

    (Dataset.ofSeq (Array.append wild (rowsOf data)))
        .WithWeights(Array.append (Array.zeroCreate 3) (Array.create data.Count 1.0))

/// That no step of the history falls by more than the tolerance, relative.
let neverFalls tolerance (what: string) (fit: MixtureFit) =
    for i in 1 .. fit.History.Length - 1 do
        Assert.True(
            fit.History[i] >= fit.History[i - 1] - tolerance * (1.0 + abs fit.History[i]),
            $"{what}: {fit.History[i - 1]:R} then {fit.History[i]:R}"
        )

/// That both are the same up to the tolerance, relative to 1 and the number.
let same what tolerance (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)

    for i in 0 .. expected.Length - 1 do
        near tolerance (1.0 + abs expected[i]) expected[i] actual[i] $"{what}, number {i}"

/// That two fits to data that are the same but for their order or form are the same. Where a component of a numerical
/// M-step holds less than a row, they need not be: such an M-step raises the sum over all rows in a few steps, rounding of
/// that sum is more than the component brings, and iterations magnify it until the component has rows, or none.
let sameFit what tolerance (data: Dataset) (numbers: Mixture -> float[]) (expected: Mixture) (actual: Mixture) =
    let numerical =
        (NoiseComponents.Proper expected.Components).Family :? INumericalFamily

    let held k =
        NoiseComponents.IsNoise(expected.Components, k)
        || data.TotalWeight * expected.Weights[k] >= 1.0

    if not numerical || Seq.forall held (seq { 0 .. expected.Count - 1 }) then
        same what tolerance (numbers expected) (numbers actual)
    else
        Assert.All(Array.append (numbers expected) (numbers actual), (fun v -> Assert.True(Double.IsFinite v, what)))
