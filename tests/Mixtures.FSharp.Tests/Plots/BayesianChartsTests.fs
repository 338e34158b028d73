/// Charts of assignments, of densities with a band, and of densities as images.
module Mixtures.Tests.BayesianChartsTests

open System
open Xunit
open Mixtures
open Mixtures.Tests

let private field name trace = PlotValue.tryField name trace

let private numbers name trace =
    match field name trace with
    | Some(PlotValue.Numbers values) -> values
    | _ -> [||]

let private named name (figure: Figure) =
    figure.Data
    |> List.filter (fun trace -> field "name" trace = Some(PlotValue.Text name))

let private estimate = lazy (MapEstimate.fit MapEstimate.defaults FivePoints.model)

/// Catches curves that do not sum to one, a boundary that is not drawn, and crosses of the other component.
[<Fact>]
let ``assignments with their boundary and draws`` () =
    let e = estimate.Value

    let figure = Plot.assignments 5.5 6.0 (Some(RandomKey.ofSeed 1)) e.Model e.Values

    let curves =
        [ for k in 1..2 -> numbers "y" (List.head (named $"component {k}" figure)) ]

    Array.iter2 (fun a b -> Assert.Equal(1.0, a + b, 1e-12)) curves[0] curves[1]

    let drawn =
        [
            for k in 1..2 ->
                named $"drawn: component {k}" figure
                |> List.sumBy (fun t -> (numbers "x" t).Length)
        ]

    Assert.Equal(100, List.sum drawn)
    Assert.True(drawn |> List.forall (fun n -> n > 20))
    Assert.Contains("5.7210", (Figure.trySummary figure).Value)
    Assert.Contains("\"shapes\"", Figure.toJson figure)

/// Catches a band that does not hold the share of the draws, or a mean that is not theirs.
[<Fact>]
let ``a density's band holds its share of the draws`` () =
    let density =
        {
            Column = "x"
            Values = [| 0.0; 1.0; 2.0; 3.0 |]
            RowWeights = None
            Grid = [| 0.0; 1.0 |]
            Curves = [| [| 0.1; 0.2 |] |]
            Names = [| "one" |]
            Weights = [| 1.0 |]
        }

    let draws = [| for i in 0..100 -> [| float i; 200.0 - float i |] |]
    let figure = Charts.densityBand 0.9 density draws
    let mean = numbers "y" (List.exactlyOne (named "mean" figure))
    Assert.Equal(50.0, mean[0], 1e-12)
    Assert.Equal(150.0, mean[1], 1e-12)
    let high = numbers "y" (List.exactlyOne (named "90\u00A0% of the draws" figure))
    let low = numbers "y" (List.exactlyOne (named "low" figure))
    Assert.Equal(95.0, high[0], 1e-9)
    Assert.Equal(5.0, low[0], 1e-9)

    Assert.Throws<ArgumentException>(fun () -> Charts.densityBand 0.9 density [||] |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> Charts.densityBand 1.5 density draws |> ignore)
    |> ignore

[<Fact>]
let ``the parts of a posterior density add up`` () =
    let e = estimate.Value
    let figure = Plot.posteriorDensity FivePoints.points e.Model e.Values []

    let total =
        figure.Data
        |> List.filter (fun t -> field "name" t = Some(PlotValue.Text "total"))
        |> List.exactlyOne

    let grid, y = numbers "x" total, numbers "y" total
    Assert.Equal(1.0, (grid[1] - grid[0]) * Array.sum y, 1e-3)

[<Fact>]
let ``a density as an image has a row for each y`` () =
    let density = array2D [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]

    let figure =
        Charts.densityImage "Density" ("a", "b") [| 0.0; 1.0; 2.0 |] [| 0.0; 1.0 |] density

    match field "z" (List.exactlyOne figure.Data) with
    | Some(PlotValue.List [ PlotValue.Numbers first; PlotValue.Numbers second ]) ->
        Assert.Equal<float[]>([| 1.0; 2.0; 3.0 |], first)
        Assert.Equal<float[]>([| 4.0; 5.0; 6.0 |], second)
    | other -> Assert.Fail $"received {other}"

    let e =
        Assert.Throws<ArgumentException>(fun () ->
            Charts.densityImage "Density" ("a", "b") [| 0.0 |] [| 0.0 |] density |> ignore)

    Assert.Contains("expected 1 x 1 densities, a row for each y, received 2 x 3", e.Message)
