module Mixtures.Tests.FamilyPlotTests

open System
open Xunit
open Mixtures
open Mixtures.Tests
open Mixtures.Tests.RandomModels

let private field name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Numbers values) -> values
    | Some _
    | None -> [||]

let private textOf name trace =
    match PlotValue.tryField name trace with
    | Some(PlotValue.Text value) -> value
    | Some _
    | None -> ""

/// The area under the last line of a figure: the curve of all components together.
let private area (figure: Figure) =
    let total =
        figure.Data |> List.filter (fun t -> textOf "type" t = "scatter") |> List.last

    let x, y = field "x" total, field "y" total

    Array.pairwise (Array.zip x y)
    |> Array.sumBy (fun ((a, fa), (b, fb)) -> 0.5 * (b - a) * (fa + fb))

/// Catches families that cannot be drawn, for the curve has points that they cannot hold, or wrong curves.
[<Fact>]
let ``one column of every family has a curve of area one over its histogram`` () =
    for case in FamilyCases.all do
        if case.Family.Name <> "categorical" then
            let stream = (RandomKey.ofSeed 5).Stream()
            let mixture = FamilyCases.randomMixture case 2 1 stream
            let data = FamilyCases.draw 2000 stream mixture
            let figure = Plot.mixture data mixture
            let covered = area figure
            Assert.True(covered > 0.8 && covered < 1.1, $"{case.Family.Name}: {covered}")

    let bits = Dataset.FromRows [| for i in 0..39 -> [| float (i % 2) |] |]
    Assert.NotEmpty (Plot.mixture bits (BernoulliMixture.create [| 0.5; 0.5 |] [| [| 0.1 |]; [| 0.8 |] |])).Data

/// Catches diagonals of pairs drawn as Gaussians where the columns' own families are known.
[<Fact>]
let ``pairs of columns have their families' own curves`` () =
    let stream = (RandomKey.ofSeed 6).Stream()
    let poisson = FamilyCases.all |> List.find (fun c -> c.Family.Name = "poisson")
    let mixture = FamilyCases.randomMixture poisson 2 3 stream
    let data = FamilyCases.draw 500 stream mixture
    let figure = Plot.mixture data mixture

    let curve =
        figure.Data
        |> List.find (fun t -> textOf "type" t = "scatter" && textOf "mode" t = "lines")

    let single = Mixture.marginal [ 0 ] mixture
    let x, y = field "x" curve, field "y" curve

    for i in 0..20 .. x.Length - 1 do
        let at = Math.Round x[i]

        let expected =
            if at < 0.0 then
                0.0
            else
                mixture.Weights[0]
                * exp (Mixture.componentLogDensities single (Dataset.ofColumn [| at |])).[0, 0]

        Assert.Equal(expected, y[i], 1e-12)

/// Catches families of a search that share a line.
[<Fact>]
let ``a search over families has a line for each`` () =
    let stream = (RandomKey.ofSeed 7).Stream()
    let poisson = FamilyCases.all |> List.find (fun c -> c.Family.Name = "poisson")

    let data =
        FamilyCases.draw 300 stream (FamilyCases.randomMixture poisson 2 1 stream)

    let specs =
        [
            for family in [ Families.poisson; Families.geometric; Families.negativeBinomial ] do
                for k in 1..2 -> MixtureSpec.Create(family, k)
        ]

    let result =
        Selection.fit Criterion.Bic { Em.defaults with Restarts = 1 } specs data

    let names = (Plot.selection result).Data |> List.map (textOf "name")

    for name in [ "poisson"; "geometric"; "negative-binomial" ] do
        Assert.Contains(name, names)
