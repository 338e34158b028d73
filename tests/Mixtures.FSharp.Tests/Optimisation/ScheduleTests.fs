module Mixtures.Tests.ScheduleTests

open System
open Xunit
open Mixtures

let private values count (schedule: Schedule) = Array.init count schedule

let private equal (expected: float[]) (actual: float[]) =
    for i in 0 .. expected.Length - 1 do
        Assert.Equal(expected[i], actual[i], 14)

/// Catches rates that are a step early or late, or that jump where they should not.
[<Fact>]
let ``schedules follow their formulas`` () =
    equal [| 0.5; 0.5; 0.5 |] (Schedule.constant 0.5 |> values 3)
    equal [| 1.0; 1.0; 0.1; 0.1; 0.01 |] (Schedule.stepDecay 0.1 2 1.0 |> values 5)
    equal [| 2.0; 1.0; 0.5 |] (Schedule.exponential 0.25 2 2.0 |> values 3)
    equal [| 1.0; 2.0 / 3.0; 0.5 |] (Schedule.inverseTime 0.5 1.0 |> values 3)
    // cos 0, cos 60°, cos 120°, cos 180°
    equal [| 5.0; 4.0; 2.0; 1.0; 1.0 |] (Schedule.cosine 3 1.0 5.0 |> values 5)
    equal [| 0.25; 0.5; 0.75; 1.0; 0.5 |] (Schedule.exponential 0.5 1 1.0 |> Schedule.warmUp 3 |> values 5)
    equal [| 2.5; 5.0; 4.0; 2.0; 1.0; 1.0 |] (Schedule.warmUpCosine 1 4 1.0 5.0 |> values 6)
    equal [| 1.0; 0.5 |] (Schedule.inverseTime 1.0 1.0 |> Schedule.warmUp 0 |> values 2)

/// Catches numbers that make no schedule.
[<Fact>]
let ``schedules check their numbers`` () =
    let fails (name: string) (make: unit -> Schedule) =
        let error = Assert.ThrowsAny<ArgumentException>(fun () -> make () |> ignore)
        Assert.Equal(name, error.ParamName)

    fails "factor" (fun () -> Schedule.stepDecay 0.0 1 1.0)
    fails "every" (fun () -> Schedule.stepDecay 0.5 0 1.0)
    fails "factor" (fun () -> Schedule.exponential nan 1 1.0)
    fails "rate" (fun () -> Schedule.exponential 0.5 1 -1.0)
    fails "decay" (fun () -> Schedule.inverseTime -1.0 1.0)
    fails "steps" (fun () -> Schedule.cosine 0 0.0 1.0)
    fails "last" (fun () -> Schedule.cosine 10 -0.1 1.0)
    fails "steps" (fun () -> Schedule.warmUp -1 (Schedule.constant 1.0))
    fails "steps" (fun () -> Schedule.warmUpCosine 10 10 0.0 1.0)
