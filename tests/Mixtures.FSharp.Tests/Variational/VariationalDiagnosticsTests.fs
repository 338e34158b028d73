module Mixtures.Tests.VariationalDiagnosticsTests

open System
open Xunit
open Mixtures

/// Catches stationarity seen in a drift, or not seen in noise.
[<Fact>]
let ``drift and noise of iterates`` () =
    let stream = (RandomKey.ofSeed 23).Stream()

    let noise =
        ResizeArray(Array.init 200 (fun _ -> Array.init 5 (fun _ -> stream.NextNormal())))

    let drift =
        ResizeArray(Array.init 200 (fun i -> Array.init 5 (fun _ -> 0.05 * float i + stream.NextNormal())))

    Assert.InRange(IterateDiagnostics.rHat noise 0 200, 0.98, 1.05)
    Assert.True(IterateDiagnostics.rHat drift 0 200 > 1.5)
    Assert.Equal(1.0, IterateDiagnostics.rHat (ResizeArray(Array.init 200 (fun _ -> [| 3.0 |]))) 0 200, 0.01)

    Assert.Equal<float[]>(
        Array.create 5 0.0 |> Array.map (fun _ -> 1.0),
        IterateDiagnostics.mean (ResizeArray [ Array.create 5 0.0; Array.create 5 2.0 ]) 0 2
    )

    // half a squared error of the mean of n unit normals, five of them, is 5 / (2 n)
    let half (p: float[]) (q: float[]) =
        Array.map2 (fun a b -> 0.5 * (a - b) * (a - b)) p q |> Array.sum

    let long =
        ResizeArray(Array.init 4000 (fun _ -> Array.init 500 (fun _ -> stream.NextNormal())))

    Assert.InRange(IterateDiagnostics.cost half long 0 4000, 0.9 * 500.0 / 8000.0, 1.1 * 500.0 / 8000.0)
    Assert.Equal(Double.PositiveInfinity, IterateDiagnostics.cost half long 0 10)
