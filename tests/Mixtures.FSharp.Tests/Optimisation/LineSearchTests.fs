module Mixtures.Tests.LineSearchTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// A function of one number as an objective.
let private line (f: float -> float) (slope: float -> float) : Objective =
    fun x -> struct (f x[0], [| slope x[0] |])

let private from (objective: Objective) x = Objective.evaluate objective [| x |]

let private search objective first x =
    LineSearch.search LineSearch.defaults objective [| 1.0 |] first (from objective x)

/// The functions of Moré & Thuente 1994, section 5 (2.1 with β = 2 is (5.1); (5.2) with β = 0.004; Yanai's (5.4)), from 0.
let private moreThuente =
    let yanai b1 b2 =
        let g b = sqrt (1.0 + b * b) - b
        let root a b = sqrt (a * a + b * b)

        line (fun a -> g b1 * root (1.0 - a) b2 + g b2 * root a b1) (fun a ->
            -(g b1) * (1.0 - a) / root (1.0 - a) b2 + g b2 * a / root a b1)

    [
        line (fun a -> -a / (a * a + 2.0)) (fun a -> (a * a - 2.0) / pown (a * a + 2.0) 2)
        line (fun a -> pown (a + 0.004) 5 - 2.0 * pown (a + 0.004) 4) (fun a ->
            5.0 * pown (a + 0.004) 4 - 8.0 * pown (a + 0.004) 3)
        yanai 0.001 0.001
        yanai 0.01 0.001
        yanai 0.001 0.01
    ]

/// Catches steps that are accepted against one of the two conditions, and searches that wander.
[<Fact>]
let ``strong Wolfe conditions hold on the functions of Moré and Thuente`` () =
    for objective in moreThuente do
        for first in [ 1e-3; 0.1; 1.0; 10.0; 1e3 ] do
            for curvature in [ 0.9; 0.1; 1e-3 ] do
                let options =
                    { LineSearch.defaults with
                        Curvature = curvature
                    }

                let start = from objective 0.0
                let result = LineSearch.search options objective [| 1.0 |] first start
                Assert.Equal(LineSearchOutcome.Wolfe, result.Outcome)
                let slope = start.Gradient[0]

                Assert.True(result.Point.Value <= start.Value + 1e-4 * result.Step * slope + 1e-13)

                Assert.True(abs result.Point.Gradient[0] <= curvature * abs slope)
                Assert.Equal(result.Step, result.Point.Parameters[0])
                Assert.InRange(result.Evaluations, 1, 25)

/// Catches a search that takes NaN or infinity for a value, or gives up at the edge of a domain however near it is.
[<Fact>]
let ``points where the function is not defined are stepped back from`` () =
    for outside in [ nan; infinity ] do
        forSeeds 50 (fun stream ->
            // (x - m)² - log(edge - x), defined below the edge only
            let edge = exp (4.0 * stream.NextNormal())
            let m = edge * exp (3.0 * stream.NextNormal())

            let objective =
                line
                    (fun x ->
                        if x < edge then
                            (x - m) * (x - m) - log (edge - x)
                        else
                            outside)
                    (fun x -> if x < edge then 2.0 * (x - m) + 1.0 / (edge - x) else nan)

            let start = from objective 0.0

            if start.Gradient[0] < 0.0 then
                let result = search objective 1.0 0.0
                Assert.Equal(LineSearchOutcome.Wolfe, result.Outcome)
                Assert.True(result.Point.IsFinite && result.Point.Parameters[0] < edge))

/// Catches an endless search, a wrong reason, and a point that is not the start where nothing was found.
[<Fact>]
let ``searches without an answer say why`` () =
    let outcome (objective: Objective) x =
        let start = from objective x
        let result = LineSearch.search LineSearch.defaults objective [| 1.0 |] 1.0 start

        if result.Outcome <> LineSearchOutcome.Unbounded then
            Assert.Same(start, result.Point)

        Assert.InRange(result.Evaluations, 0, 60)
        result.Outcome

    Assert.Equal(LineSearchOutcome.Unbounded, outcome (line (fun x -> -x) (fun _ -> -1.0)) 0.0)
    Assert.Equal(LineSearchOutcome.Unbounded, outcome (line (fun x -> -x * x * x) (fun x -> -3.0 * x * x)) 1.0)

    let cliff = line (fun x -> if x > 5.0 then -infinity else -x) (fun _ -> -1.0)

    Assert.Equal(LineSearchOutcome.Unbounded, outcome cliff 0.0)
    Assert.Equal(LineSearchOutcome.NoDecrease, outcome (line id (fun _ -> 1.0)) 0.0)
    // a gradient of the wrong sign
    Assert.Equal(LineSearchOutcome.NoDecrease, outcome (line id (fun _ -> -1.0)) 0.0)
    let point = line (fun x -> if x = 0.0 then 0.0 else nan) (fun _ -> -1.0)
    Assert.Equal(LineSearchOutcome.NotFinite, outcome point 0.0)

/// Catches a minimum that is out of reach although only rounding hides it: values of 1e8 show nothing below 1e-4 of x.
[<Fact>]
let ``slopes decide where values are hidden by rounding`` () =
    let objective = line (fun x -> 1e8 + x * x) (fun x -> 2.0 * x)
    let result = search objective 1e-6 -1e-5
    Assert.Equal(LineSearchOutcome.Wolfe, result.Outcome)
    Assert.True(abs result.Point.Gradient[0] <= 1e-5)

[<Fact>]
let ``options out of range are told by name`` () =
    let objective = line (fun x -> x * x) (fun x -> 2.0 * x)
    let start = from objective -1.0

    let fails (name: string) options direction first =
        let error =
            Assert.ThrowsAny<ArgumentException>(fun () ->
                LineSearch.search options objective direction first start |> ignore)

        Assert.Equal(name, error.ParamName)

    let good = LineSearch.defaults
    fails "Decrease" { good with Decrease = 0.5 } [| 1.0 |] 1.0
    fails "Decrease" { good with Decrease = nan } [| 1.0 |] 1.0
    fails "Curvature" { good with Curvature = 1.0 } [| 1.0 |] 1.0
    fails "Curvature" { good with Curvature = 1e-5 } [| 1.0 |] 1.0
    fails "MaxEvaluations" { good with MaxEvaluations = 0 } [| 1.0 |] 1.0
    fails "first" good [| 1.0 |] 0.0
    fails "first" good [| 1.0 |] nan
    fails "direction" good [| 1.0; 2.0 |] 1.0
