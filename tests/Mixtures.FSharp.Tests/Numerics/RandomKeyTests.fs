module Mixtures.Tests.RandomKeyTests

open System
open Xunit
open Mixtures

/// Catches a generator that is not uniform or not normal in its first moments.
[<Fact>]
let ``moments of uniform and normal draws are within five standard errors`` () =
    let stream = (RandomKey.ofSeed 1).Stream()
    let n = 200000
    let uniform = Array.init n (fun _ -> stream.NextDouble())
    let normal = Array.init n (fun _ -> stream.NextNormal())
    let standardError sd = 5.0 * sd / sqrt (float n)

    Assert.InRange(
        Array.average uniform,
        0.5 - standardError (sqrt (1.0 / 12.0)),
        0.5 + standardError (sqrt (1.0 / 12.0))
    )

    Assert.InRange(Array.average normal, -standardError 1.0, standardError 1.0)
    let square = normal |> Array.averageBy (fun x -> x * x)
    Assert.InRange(square, 1.0 - standardError (sqrt 2.0), 1.0 + standardError (sqrt 2.0))
    Assert.True(uniform |> Array.forall (fun u -> u >= 0.0 && u < 1.0))

/// Catches children that repeat each other's or their parent's draws.
[<Fact>]
let ``keys repeat themselves and differ from their children`` () =
    let key = RandomKey.ofSeed 7
    let first (key: RandomKey) = key.Stream().NextUInt64()
    Assert.Equal(first key, first (RandomKey.ofSeed 7))

    let draws =
        [
            key
            RandomKey.ofSeed 8
            yield! List.init 1000 key.Child
            yield! List.init 100 (key.Child 3).Child
        ]
        |> List.map first

    Assert.Equal(draws.Length, (List.distinct draws).Length)

/// Catches an index drawn at the wrong rate, or one of weight zero.
[<Fact>]
let ``indices are drawn in proportion to their weights`` () =
    let stream = (RandomKey.ofSeed 2).Stream()
    let weights = [| 0.0; 1.0; 3.0; 0.0 |]
    let counts = Array.zeroCreate 4

    for _ in 1..40000 do
        let i = stream.NextIndex(ReadOnlySpan weights)
        counts[i] <- counts[i] + 1

    Assert.Equal(0, counts[0])
    Assert.Equal(0, counts[3])
    Assert.InRange(counts[1], 10000 - 5 * 87, 10000 + 5 * 87)
