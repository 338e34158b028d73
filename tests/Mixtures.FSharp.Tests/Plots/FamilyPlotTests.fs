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

/// Catches families that cannot be drawn, for a curve has points that they cannot hold, or that have curves without numbers.
[<Fact>]
let ``every family can be drawn`` () =
    let drawn (mixture: Mixture) (data: Dataset) =
        let figure = Plot.mixture data mixture
        // ellipses are shorter, and have a gap between the inner and the outer one
        let isCurve trace =
            textOf "mode" trace = "lines" && (field "x" trace).Length > 150

        let curves = figure.Data |> List.filter isCurve

        for curve in curves do
            Assert.All(field "y" curve, fun y -> Assert.True(Double.IsFinite y, mixture.Family.Name))

        Assert.NotEmpty figure.Data

    for case in FamilyCases.all do
        for d in 1..3 do
            if case.Family.Name <> "categorical" || d = 3 then
                let stream = (RandomKey.ofSeed 5).Stream()
                let mixture = FamilyCases.randomMixture case 2 d stream
                drawn mixture (FamilyCases.draw 500 stream mixture)

    let bits = Dataset.FromRows [| for i in 0..39 -> [| float (i % 2) |] |]
    drawn (BernoulliMixture.create [| 0.5; 0.5 |] [| [| 0.1 |]; [| 0.8 |] |]) bits

/// Catches single columns of Student-t components that are drawn as Gaussian, which have lighter tails, or none at all where
/// the variance is infinite.
[<Fact>]
let ``columns of Student-t components have their own curves`` () =
    let unit = Array2D.init 3 3 (fun i j -> if i = j then 1.0 else 0.0)

    let mixture =
        Families.studentTMixture
            (Families.studentT CovarianceStructure.Full DegreesOfFreedom.Estimated)
            [| 0.3; 0.7 |]
            [| [| 0.0; 0.0; 0.0 |]; [| 9.0; 9.0; 9.0 |] |]
            [| unit; unit |]
            [| 1.5; 6.0 |]

    let data = Mixture.sample (RandomKey.ofSeed 4) 400 mixture

    let curve =
        (Plot.mixture data mixture).Data
        |> List.find (fun t ->
            textOf "type" t = "scatter"
            && textOf "mode" t = "lines"
            && (field "x" t).Length > 100)

    let x, y = field "x" curve, field "y" curve

    for i in 0..20 .. x.Length - 1 do
        Assert.Equal(0.3 * exp (StudentT.logDensity 1.5 0.0 1.0 x[i]), y[i], 1e-12)

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
