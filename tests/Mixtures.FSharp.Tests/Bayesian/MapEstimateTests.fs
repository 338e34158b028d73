/// Programs and MAP estimates against data/pyro_gmm.json.
module Mixtures.Tests.MapEstimateTests

open System
open Xunit
open Mixtures
open Mixtures.Tests

let private map = FivePoints.reference.Value.GetProperty("map").GetProperty("float")

let private expected (name: string) =
    [| for v in map.GetProperty(name).EnumerateArray() -> v.GetDouble() |]

let private scale = map.GetProperty("scale").GetDouble()
let private loss = map.GetProperty("loss").GetDouble()
let private estimate = lazy (MapEstimate.fit MapEstimate.defaults FivePoints.model)

/// The estimate's weights and locations, the lower location first.
let private sorted (estimate: MapEstimate) =
    let weights = (estimate.Value "weights").ToArray()
    let locs = (estimate.Value "locs").ToArray()
    let order = [| 0; 1 |] |> Array.sortBy (fun k -> locs[k])
    order |> Array.map (fun k -> weights[k]), order |> Array.map (fun k -> locs[k])

let private matches (estimate: MapEstimate) =
    let weights, locs = sorted estimate
    Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 1e-8)) (expected "weights") weights
    Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 1e-8)) (expected "locs") locs
    Assert.Equal(scale, (estimate.Value "scale").ToScalar(), 1e-8)
    Assert.Equal(loss, estimate.Loss, 1e-9)
    Assert.Equal(ModeOutcome.Stationary, estimate.Outcome)

[<Fact>]
let ``the terms of the log joint density`` () =
    let values =
        [|
            Tensor.ofArray (expected "weights")
            Tensor.scalar scale
            Tensor.ofArray (expected "locs")
        |]

    let terms = FivePoints.reference.Value.GetProperty("map").GetProperty("terms")

    let number (name: string) =
        Double.Parse(nonNull (terms.GetProperty(name).GetString()), Globalization.CultureInfo.InvariantCulture)

    let found = FivePoints.model.Terms values |> Map.ofList
    Assert.Equal(number "log_dirichlet", found["weights"], 1e-12)
    Assert.Equal(number "log_lognormal", found["scale"], 1e-12)
    Assert.Equal(number "log_normal_locs", found["locs"], 1e-12)
    Assert.Equal(number "loglik", found["x"], 1e-12)

[<Fact>]
let ``the best of a hundred starts is the reference's optimum`` () = matches estimate.Value

[<Fact>]
let ``Adam as the tutorial sets it, and then to the optimum`` () =
    let adam =
        Adam.create
            { Adam.defaults with
                Rate = Schedule.constant 0.1
                Beta1 = 0.8
                Beta2 = 0.99
            }

    let options =
        { MapEstimate.defaults with
            Finalists = 1
            Optimiser = Some(adam, 200)
        }

    let found = MapEstimate.fit options FivePoints.model
    matches found
    // the tutorial's first loss: its start is at the points 1 and 10
    Assert.Equal(25.66558446100135, found.Losses[0], 1e-10)
    // its last: within single precision of the optimum
    let stopped = MapEstimate.fit { options with MaxIterations = 0 } FivePoints.model
    Assert.Equal(201, stopped.Losses.Length)
    Assert.Equal(201, stopped.GradientNorms.Length)
    Assert.Equal(loss, stopped.Loss, 1e-4)

/// Catches a specification whose priors are of other parameters, or in other coordinates, than the program's.
[<Fact>]
let ``a specification with priors is the same model`` () =
    let other = SpecModel.ofSpec FivePoints.spec FivePoints.data
    let found = MapEstimate.fit MapEstimate.defaults other
    Assert.Equal(loss, found.Loss, 1e-9)
    let means = (found.Value "means").ToArray() |> Array.sort
    Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 1e-8)) (expected "locs") means
    Assert.Equal(scale, (found.Value "scales").ToScalar(), 1e-8)
    // as a mixture, and by the gradient learner as well
    Assert.Equal(2, found.Mixture.Count)
    let byGradient = Gradient.fit Gradient.defaults FivePoints.spec FivePoints.data
    Assert.Equal(loss, byGradient.Loss, 1e-8)

/// Catches densities whose Jacobian is missing or doubled: both models, in coordinates of their own, must give the same
/// density of the values once each one's Jacobian is taken out.
[<Fact>]
let ``gradients of the unconstrained log joint are central differences`` () =
    for model in [ FivePoints.model; SpecModel.ofSpec FivePoints.spec FivePoints.data ] do
        let stream = (RandomKey.ofSeed 5).Stream()

        for _ in 1..10 do
            let x = Array.init model.Dimension (fun _ -> stream.NextNormal())
            let struct (_, gradient) = model.Evaluate x

            for i in 0 .. x.Length - 1 do
                let at h =
                    let y = Array.copy x
                    y[i] <- y[i] + h
                    let struct (v, _) = model.Evaluate y
                    v

                let h = 1e-5
                let slope = (at h - at -h) / (2.0 * h)
                Assert.True(abs (slope - gradient[i]) <= 1e-5 * max 1.0 (abs slope), $"{slope} and {gradient[i]}")

[<Fact>]
let ``starts that run away are told and not returned`` () =
    let found =
        MapEstimate.fit
            { MapEstimate.defaults with
                Finalists = 100
            }
            (ProgramModel.ofProgram FivePoints.program)

    matches found

    let ran =
        found.Starts
        |> Array.filter (fun start ->
            match start.Outcome with
            | ValueSome(ModeOutcome.RunAway "weights") -> true
            | _ -> false)

    Assert.InRange(ran.Length, 10, 99)
    // they came to lower losses than the one returned
    Assert.True(ran |> Array.exists (fun start -> start.Loss < found.Loss - 10.0))
    Assert.Contains(found.Warnings, fun w -> w.Contains "ran away")

[<Fact>]
let ``assignments at the optimum`` () =
    let found = estimate.Value
    let grid = FivePoints.reference.Value.GetProperty("posterior_assignment_at_map")
    let x = [| for p in grid.EnumerateArray() -> p.GetProperty("x").GetDouble() |]
    let first = if (found.Value "locs").ToArray()[0] < 5.0 then 0 else 1
    let all = Assignments.probabilitiesOf (Tensor.ofArray x) found.Model found.Values

    for i, point in Seq.indexed (grid.EnumerateArray()) do
        let check (name: string) k =
            let e = point.GetProperty(name).GetDouble()
            Assert.True(abs (e - all[i, k]) <= 1e-8 * e + 1e-12, $"{name} at {x[i]}: {all[i, k]}, expected {e}")

        check "p_component0" first
        check "p_component1" (1 - first)

    let boundary = Assignments.boundaries -3.0 15.0 181 found.Model found.Values
    Assert.Equal(5.72102768101076555, Assert.Single boundary, 1e-8)
    let own = Assignments.probabilities found.Model found.Values
    Assert.Equal<int[]>([| first; first; 1 - first; 1 - first; 1 - first |], Assignments.mostProbable own)
    Assert.Equal<int[]>(Assignments.mostProbable own, Assignments.sample (RandomKey.ofSeed 1) own)
    // near the boundary draws differ, with the shares of the probabilities
    let near =
        Assignments.probabilitiesOf (Tensor.full [| 4000 |] 5.7) found.Model found.Values

    let share =
        Assignments.sample (RandomKey.ofSeed 2) near
        |> Array.averageBy (fun k -> if k = first then 1.0 else 0.0)

    Assert.Equal(0.6270463361106347, share, 4.0 * sqrt (0.25 / 4000.0))

[<Fact>]
let ``a guide of assignment probabilities comes to the exact ones`` () =
    let found = estimate.Value

    let adam =
        Adam.create
            { Adam.defaults with
                Rate = Schedule.constant 0.2
                Beta1 = 0.8
                Beta2 = 0.99
            }

    let guide = AssignmentGuide.fit adam 1500 found.Model found.Values
    let exact = Assignments.probabilities found.Model found.Values

    for i in 0..4 do
        for k in 0..1 do
            Assert.Equal(exact[i, k], guide.Probabilities[i, k], 1e-6)

    // the bound is the log joint density, from below
    Assert.True(guide.Losses |> Array.forall (fun l -> l >= found.Loss - 1e-9))
    // what is left: probabilities of 1e-7 where 1e-60 is right cost 142 nats each
    Assert.Equal(found.Loss, guide.Losses[1500], 1e-3)

[<Fact>]
let ``predictive draws have the program's observations`` () =
    let found = estimate.Value
    let stream = (RandomKey.ofSeed 3).Stream()

    let drawn =
        [|
            for _ in 1..500 -> snd (List.exactlyOne (found.Model.Predict found.Values stream))
        |]

    Assert.Equal<int[]>([| 5 |], drawn[0].Dims)
    let all = drawn |> Array.collect _.ToArray()
    let below = all |> Array.averageBy (fun x -> if x < 5.0 then 1.0 else 0.0)
    Assert.Equal(0.375, below, 4.0 * sqrt (0.25 / 2500.0))
    // and from the prior: locations of standard deviation 10
    let prior =
        [| for _ in 1..2000 -> ((found.Model.DrawPrior stream)[2]).ToArray() |]
        |> Array.concat

    Assert.Equal(100.0, prior |> Array.averageBy (fun x -> x * x), 12.0)

let private refused (expected: string) (action: unit -> unit) =
    let e = Assert.ThrowsAny<Exception> action
    Assert.Contains(expected, e.Message)

[<Fact>]
let ``bad programs are refused by name`` () =
    let one = Tensor.scalar 1.0

    refused "received a twice" (fun () ->
        (ProgramModel.ofProgram (
            bayesian {
                let! _ = latent "a" (Prior.normal 0.0 1.0)
                let! b = latent "a" (Prior.normal 0.0 1.0)
                return b
            }
        ))
        |> ignore)

    refused "at least one latent site" (fun () ->
        (ProgramModel.ofProgram (observe "x" (Prior.normal 0.0 1.0) one)) |> ignore)

    refused "the site k: expected a prior over a continuum" (fun () ->
        (ProgramModel.ofProgram (latent "k" (Poisson.distribution one))) |> ignore)

    let notNumber =
        ProgramModel.ofProgram (
            bayesian {
                let! a = latent "a" (Prior.normal 0.0 1.0)
                do! factor "penalty" (Tensor.log (-1.0 - a * a))
            }
        )

    refused "the term of penalty is not a number" (fun () -> (MapEstimate.fit MapEstimate.defaults notNumber) |> ignore)

    refused "expected one of the sites weights, scale, locs, received means" (fun () ->
        (estimate.Value.Value "means") |> ignore)

    refused "the site scale: expected a finite number above 0, received -1" (fun () ->
        (MapEstimate.fit
            { MapEstimate.defaults with
                Start = Some [| Tensor.full [| 2 |] 0.5; Tensor.scalar -1.0; Tensor.zeros [| 2 |] |]
            }
            FivePoints.model)
        |> ignore)
