module Mixtures.Tests.HistogramBinsTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures

let private area (bins: HistogramBins) =
    bins.Density
    |> Array.mapi (fun i d -> d * (bins.Edges[i + 1] - bins.Edges[i]))
    |> Array.sum

let private check property =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest 300, property)

/// Catches densities that are counts, or that forget the weights, at any offset and scale.
[<Fact>]
let ``the area is one with any weights`` () =
    check (fun (NonEmptyArray(rows: (NormalFloat * byte)[])) (scale: int) (offset: int) ->
        let factor = 10.0 ** float (scale % 6)

        let values =
            rows
            |> Array.map (fun (NormalFloat x, _) -> float offset * 1e3 + factor * sin x)

        let weights = rows |> Array.map (fun (_, w) -> float w)
        let bins = HistogramBins.ofValues (Some weights) values

        if Array.sum weights = 0.0 then
            bins.Density.Length = 0
        else
            abs (area bins - 1.0) < 1e-7
            && Array.forall (fun d -> d >= 0.0) bins.Density
            && bins.Edges.Length = bins.Density.Length + 1
            && bins.Density.Length <= 200)

/// Catches a weight of two that is not two rows, and rows that are lost at the edges.
[<Fact>]
let ``a row of weight two counts twice`` () =
    let values = Array.init 100 (fun i -> float (i * i))
    let weights = Array.init 100 (fun i -> if i >= 50 then 2.0 else 1.0)
    let bins = HistogramBins.ofValues (Some weights) values
    let middle = bins.Edges[bins.Density.Length / 2]

    let below =
        Seq.zip values weights
        |> Seq.sumBy (fun (x, w) -> if x < middle then w else 0.0)

    let drawn =
        Seq.init (bins.Density.Length / 2) (fun i -> bins.Density[i] * (bins.Edges[i + 1] - bins.Edges[i]))
        |> Seq.sum

    Assert.Equal(below / Array.sum weights, drawn, 12)

/// Catches another rule than that of Freedman and Diaconis where it is the finer one: 8000 even values have interquartile range
/// 4000, width 400.
[<Fact>]
let ``the width is twice the interquartile range over the cube root of the count`` () =
    let bins = HistogramBins.ofValues None (Array.init 8000 float)
    Assert.Equal(20, bins.Density.Length)
    Assert.Equal(399.95, bins.Edges[1] - bins.Edges[0], 9)

/// Catches bins as wide as the gap between groups: Sturges' rule is the finer one, log2 200 + 1 bins.
[<Fact>]
let ``groups apart have bins of their own`` () =
    let bins =
        HistogramBins.ofValues
            None
            (Array.init 200 (fun i -> (if i % 2 = 0 then 10.0 else 0.0) + float (i % 20) / 20.0))

    Assert.Equal(9, bins.Density.Length)
    Assert.Equal(0.0, bins.Density[4])

/// Catches bins of no width, too many bins or none, and values that are not numbers.
[<Fact>]
let ``hostile values have sound bins`` () =
    for values in
        [
            [| 3.0 |]
            [| 1e17; 1e17 |]
            Array.init 50 (fun i -> if i = 0 then 1.0 else 0.0)
            [| nan; 1.0; infinity; 2.0 |]
            Array.init 1000 (fun i -> if i = 0 then 1e12 else sin (float i))
        ] do
        let bins = HistogramBins.ofValues None values
        Assert.InRange(bins.Density.Length, 1, 200)
        Assert.Equal(1.0, area bins, 7)
        Assert.All(bins.Edges, (fun edge -> Assert.True(Double.IsFinite edge)))
        Assert.True(Array.pairwise bins.Edges |> Array.forall (fun (a, b) -> a < b))

    Assert.Empty (HistogramBins.ofValues None [||]).Density
    Assert.Empty (HistogramBins.ofValues None [| nan |]).Density
