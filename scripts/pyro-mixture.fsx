// Five points, two components, and priors: from the best single answer to the whole posterior.
//
//     dotnet build -c Release && dotnet fsi scripts/pyro-mixture.fsx
//
// The data are 0, 1, 10, 11 and 12. Their model has weights, two locations and one scale, each with a prior; which point
// comes from which component is summed out. The script finds the MAP estimate from the best of a hundred starts, shows the
// trap of a large initial scale, classifies new values, draws assignments, fits a guide of assignment probabilities, and
// samples the posterior by NUTS: its two modes, and what does not depend on how components are numbered.
// Numbers are checked against data/pyro_gmm.json; figures go to artifacts/scripts.
// The last line is RESULT and a JSON object; the exit code is 1 where a number is off.

#r "../src/Mixtures.FSharp/bin/Release/net10.0/Mixtures.FSharp.dll"

open System
open System.IO
open System.Text.Json
open Mixtures

let root = Path.Combine(__SOURCE_DIRECTORY__, "..")

let output =
    Directory.CreateDirectory(Path.Combine(root, "artifacts", "scripts")).FullName

let reference =
    JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "data", "pyro_gmm.json"))).RootElement

let get (path: string) =
    path.Split '/'
    |> Array.fold (fun (e: JsonElement) (name: string) -> e.GetProperty name) reference

let floats (element: JsonElement) =
    [| for x in element.EnumerateArray() -> x.GetDouble() |]

let mutable failures = 0

let check (what: string) tolerance (expected: float) (actual: float) =
    let sound = abs (expected - actual) <= tolerance * max 1.0 (abs expected)

    if not sound then
        failures <- failures + 1

    printfn "  %-58s %22.12f  %s" what actual (if sound then "as expected" else $"EXPECTED {expected:R}")

let must (what: string) sound =
    if not sound then
        failures <- failures + 1

    printfn "  %-58s %s" what (if sound then "yes" else "NO")

let save name figure =
    let path = Path.Combine(output, $"pyro-mixture-{name}.html")
    Plot.save path figure
    printfn "  picture: artifacts/scripts/%s" (Path.GetFileName path)

let data = [| 0.0; 1.0; 10.0; 11.0; 12.0 |]
let number (x: float) = Tensor.scalar x

// ---- The model ----------------------------------------------------------------------------------------------------------
// The Dirichlet concentration of 0.5 likes uneven weights, so much so that its density is endless where a weight is zero.

let program =
    bayesian {
        let! weights = latent "weights" (Prior.dirichlet [| 0.5; 0.5 |])
        let! scale = latent "scale" (Prior.logNormal 0.0 2.0)
        let! locs = latent "locs" (Distribution.expand [| 2 |] (Prior.normal 0.0 10.0))
        do! observeMixture "x" weights (Normal.distribution locs scale) (Tensor.ofArray data)
    }

/// Locations at two of the points, equal weights, half the data's variance.
let starts (stream: RandomStream) =
    let first = stream.NextInt32 data.Length
    let second = (first + 1 + stream.NextInt32(data.Length - 1)) % data.Length
    let mean = Array.average data
    let variance = (data |> Array.sumBy (fun x -> (x - mean) * (x - mean))) / 4.0

    [
        "weights", Tensor.ofArray [| 0.5; 0.5 |]
        "scale", number (sqrt (variance / 2.0))
        "locs", Tensor.ofArray [| data[first]; data[second] |]
    ]

let model = ProgramModel.startingFrom starts program

// ---- The MAP estimate -----------------------------------------------------------------------------------------------------

printfn "The best of a hundred starts, 200 steps of Adam"

let adam rate =
    Adam.create
        { Adam.defaults with
            Rate = Schedule.constant rate
            Beta1 = 0.8
            Beta2 = 0.99
        }

let stopped =
    MapEstimate.fit
        { MapEstimate.defaults with
            Finalists = 1
            Optimiser = Some(adam 0.1, 200)
            MaxIterations = 0
        }
        model

check "the least initial loss" 1e-12 25.66558446100135 stopped.Losses[0]

check "the loss after 200 steps" 1e-6 ((get "seed/loss_at_printed_params").GetDouble()) stopped.Loss

printfn "Then to the optimum"

let estimate =
    MapEstimate.fit
        { MapEstimate.defaults with
            Optimiser = Some(adam 0.1, 200)
        }
        model

/// The components' order, the lower location first.
let order (values: Tensor[]) =
    let locs = values[model.IndexOf "locs"].ToArray()
    [| 0; 1 |] |> Array.sortBy (fun k -> locs[k])

let inOrder name =
    let own = (estimate.Value name).ToArray()
    order estimate.Values |> Array.map (fun k -> own[k])

let weights, locs = inOrder "weights", inOrder "locs"
let scale = (estimate.Value "scale").ToScalar()

for k in 0..1 do
    check $"weight {k + 1}" 1e-8 (floats (get "map/float/weights")).[k] weights[k]
    check $"location {k + 1}" 1e-8 (floats (get "map/float/locs")).[k] locs[k]

check "scale" 1e-8 ((get "map/float/scale").GetDouble()) scale
check "loss" 1e-10 ((get "map/float/loss").GetDouble()) estimate.Loss
save "loss" (Plot.search estimate)
save "density" (Plot.posteriorDensity data model estimate.Values [])

printfn "Starts drawn from the priors: many run away to an empty component, and are not returned"

let fromPriors =
    MapEstimate.fit
        { MapEstimate.defaults with
            Finalists = 100
        }
        (ProgramModel.ofProgram program)

let ranAway =
    fromPriors.Starts
    |> Array.filter (fun start ->
        match start.Outcome with
        | ValueSome(ModeOutcome.RunAway _) -> true
        | _ -> false)

check "the same loss" 1e-10 estimate.Loss fromPriors.Loss
must $"{ranAway.Length} of 100 ran away" (ranAway.Length > 0)

// ---- The trap -------------------------------------------------------------------------------------------------------------

printfn "The trap of a large initial scale: everything in one cluster"

let fromWide =
    { MapEstimate.defaults with
        Start =
            Some
                [|
                    Tensor.ofArray [| 0.5; 0.5 |]
                    number 40.0
                    Tensor.ofArray [| 10.0; 11.0 |]
                |]
        Optimiser = Some(adam 0.1, 200)
    }

let trapped = MapEstimate.fit { fromWide with MaxIterations = 0 } model
let goneOn = MapEstimate.fit fromWide model

let together =
    Assignments.probabilities model trapped.Values
    |> Assignments.mostProbable
    |> Array.distinct

printfn
    "  200 steps from a scale of 40: weights %s, scale %.2f"
    (trapped.Value "weights"
     |> Tensor.toArray
     |> Array.map (sprintf "%.2g")
     |> String.concat " and ")
    ((trapped.Value "scale").ToScalar())

must "every point is in one cluster" (together.Length = 1)

must
    "which is no optimum: going on, the other weight runs away to 0"
    (match goneOn.Outcome with
     | ModeOutcome.RunAway site -> site = "weights"
     | _ -> false)

// ---- Which component does a value come from? --------------------------------------------------------------------------------

printfn "Assignments"
let own = Assignments.probabilities model estimate.Values
let low = (order estimate.Values)[0]

let assigned =
    Assignments.mostProbable own |> Array.map (fun k -> if k = low then 0 else 1)

must "the points are assigned 0 0 1 1 1" (assigned = [| 0; 0; 1; 1; 1 |])

let boundary =
    Assignments.boundaries -3.0 15.0 181 model estimate.Values |> Array.exactlyOne

check
    "the boundary between the classes"
    1e-10
    (Double.Parse((get "boundary_between_classes_at_map").GetString(), Globalization.CultureInfo.InvariantCulture))
    boundary

let grid = (get "posterior_assignment_at_map").EnumerateArray() |> Seq.toArray
let at = grid |> Array.map (fun g -> g.GetProperty("x").GetDouble())
let shares = Assignments.probabilitiesOf (Tensor.ofArray at) model estimate.Values

let worst =
    grid
    |> Array.mapi (fun i g -> abs (g.GetProperty("p_component0").GetDouble() - shares[i, low]))
    |> Array.max

must $"probabilities on the reference's grid differ by {worst:E1}" (worst <= 1e-8)
save "assignments" (Plot.assignments -3.0 15.0 None model estimate.Values)
save "boundary" (Plot.assignments 5.5 6.0 (Some(RandomKey.ofSeed 0)) model estimate.Values)

printfn "Assignment probabilities as a guide of their own, 200 steps of Adam and 1000 more"
let guide = AssignmentGuide.fit (adam 0.2) 200 model estimate.Values
let longer = AssignmentGuide.fit (adam 0.2) 1200 model estimate.Values

let off (g: AssignmentGuide) =
    Seq.max (
        seq {
            for i in 0..4 do
                for k in 0..1 -> abs (g.Probabilities[i, k] - own[i, k])
        }
    )

printfn "  largest difference from the exact ones: %.1e after 200 steps, %.1e after 1200" (off guide) (off longer)
must "the guide agrees" (off longer <= 1e-5)
save "guide" (Plot.assignmentGuide guide)

// ---- How sure is the estimate? -----------------------------------------------------------------------------------------------

printfn "Laplace's approximation, which is not to be trusted with five points"
let laplace = Laplace.fitExchangeable 2 MapEstimate.defaults model
let evidence = (get "posterior/values/log_evidence").GetDouble()
printfn "  log evidence %.4f; exact %.4f" laplace.LogEvidence evidence
must "it says so itself" (not laplace.IsReliable)

// ---- The whole posterior --------------------------------------------------------------------------------------------------------

printfn "The whole posterior by NUTS, four chains"

let nuts =
    { Nuts.defaults with
        Draws = 10000
        Warmup = 1000
        TargetAcceptance = 0.95
        Seed = 2
    }

let sample = PosteriorSample.draw nuts ModelStarts model

printfn
    "  %d draws, %.0f a second, %d divergences, %.1f gradients a draw"
    sample.Run.DrawCount
    sample.Run.DrawsPerSecond
    sample.Run.Divergences
    (sample.Run.Chains
     |> Array.averageBy (fun chain -> chain.Leapfrogs |> Array.averageBy float))

// the two ways to number the components are two modes, far apart: a chain seldom goes from one to the other, so that
// locations by number are no summary. What does not depend on the numbers is.
let raw = PosteriorSample.toMixtureDraws "weights" sample
let byLocation = MixtureDraws.orderBy 0 raw |> MixtureDraws.toDraws

let summaries =
    [
        PosteriorSummary.ofChains "loc_low" (Draws.parameter "locs[1]" byLocation)
        PosteriorSummary.ofChains "loc_high" (Draws.parameter "locs[2]" byLocation)
        PosteriorSummary.ofChains "weight_of_low" (Draws.parameter "weight[1]" byLocation)
        PosteriorSummary.ofChains "scale" (Draws.parameter "scale" sample.Draws)
    ]

for s in summaries do
    let exact = get $"posterior/values/quantiles/{s.Name}/0.5"
    let off = abs (s.Median - exact.GetDouble()) / s.McseMedian
    must $"{s.Name}: median %.4f{s.Median}, %.1f{off} Monte Carlo errors from the exact one" (off <= 4.0)
    let mean = get $"posterior/values/{s.Name}_mean"
    let off = abs (s.Mean - mean.GetDouble()) / s.McseMean
    must $"{s.Name}: mean %.4f{s.Mean}, %.1f{off} Monte Carlo errors from the exact one" (off <= 4.0)
    must $"{s.Name}: R-hat %.4f{s.RHat.Value}, %.0f{s.EssBulk} effective draws" (s.RHat.Value <= 1.01)

let relabelled =
    let assignments = PosteriorSample.assignments sample
    Relabelling.toReference [| 0; 0; 1; 1; 1 |] assignments raw

printfn "  labels switched %d times; relabelled they stay" relabelled.Switches
save "switching" (Plot.labelSwitching 0 raw relabelled)
save "joint" (Plot.joint "locs[1]" "locs[2]" sample.Draws)
save "trace" (Plot.trace [ "locs[1]"; "locs[2]"; "scale" ] sample.Draws)

let partition =
    let assignments = PosteriorSample.assignments sample
    let together = Coassignment.matrix 2 raw.Count assignments
    let same = get "posterior/values/P_same_cluster_matrix"

    let worst =
        Seq.max (
            seq {
                for i in 0..4 do
                    for j in 0..4 -> abs (together[i, j] - same[i].[j].GetDouble())
            }
        )

    must $"probabilities that two points belong together differ by %.4f{worst} from the exact ones" (worst < 0.02)
    together

let draws = [ for i in 0..199 -> sample.Values (i % 4) (i * 37 % 10000) ]

save "posterior-density" (Plot.posteriorDensity data model estimate.Values draws)

// ---- RESULT --------------------------------------------------------------------------------------------------------------------

let json (values: float[]) =
    "["
    + String.Join(
        ",",
        values
        |> Array.map (fun v -> v.ToString("R", Globalization.CultureInfo.InvariantCulture))
    )
    + "]"

let text (value: float) =
    value.ToString("R", Globalization.CultureInfo.InvariantCulture)

printfn
    "RESULT {\"weights\":%s,\"locs\":%s,\"scale\":%s,\"loss\":%s,\"boundary\":%s,\"medians\":%s,\"rhat\":%s,\"ess\":%s,\"draws_per_second\":%.0f}"
    (json weights)
    (json locs)
    (text scale)
    (text estimate.Loss)
    (text boundary)
    (json [| for s in summaries -> s.Median |])
    (json [| for s in summaries -> s.RHat.Value |])
    (json [| for s in summaries -> s.EssBulk |])
    sample.Run.DrawsPerSecond

exit (if failures = 0 then 0 else 1)
