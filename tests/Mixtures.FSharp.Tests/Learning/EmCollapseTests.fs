module Mixtures.Tests.EmCollapseTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.EmHostileTests

/// Rows of which a third are one repeated value: any component on them collapses.
let private repeated =
    lazy
        (let stream = (RandomKey.ofSeed 5).Stream()
         Dataset.ofColumn (Array.init 90 (fun i -> if i % 3 = 0 then 50.0 else stream.NextNormal())))

/// Catches a collapse that is silent, or a policy that does not do what it says.
[<Fact>]
let ``each collapse policy does what it says`` () =
    let start = GivenMeans [| [| 0.0 |]; [| 50.0 |] |]

    let run policy =
        Em.fit
            { Em.defaults with
                Start = start
                Collapse = policy
            }
            (full 2)
            repeated.Value

    let held = run HoldAtFloor
    Assert.Equal(2, held.Mixture.Count)
    Assert.True(held.Certificate.Components[1].Spurious)
    Assert.Contains("Component 2 is nearly singular", held.Warnings[0])
    Assert.True(Double.IsFinite held.LogLikelihood)

    let pruned = run Prune
    Assert.Equal(1, pruned.Mixture.Count)
    Assert.Equal(1.0, pruned.Mixture.Weights[0])
    Assert.Contains(pruned.Warnings, fun w -> w.Contains "Component 2 collapsed" && w.Contains "removed")

    let moved = run Reseed
    Assert.Equal(2, moved.Mixture.Count)
    Assert.Contains(moved.Warnings, fun w -> w.Contains "moved to a random row")

    match failsWith [ "Component 2 collapsed"; "effective rows" ] (fun () -> run Fail) with
    | ComponentCollapsed(1, iteration, rows, eigenvalue) ->
        Assert.InRange(iteration, 1, 50)
        Assert.Equal(30.0, rows, 1.0)
        Assert.InRange(eigenvalue, 0.0, 1.1e-9)
    | other -> Assert.Fail other.Message

/// Catches an exception of the wrong kind where the floor is switched off and a covariance becomes singular.
[<Fact>]
let ``without a floor a singular covariance is a failed fit`` () =
    let mutable failed = 0

    for seed in 1..40 do
        let stream = (RandomKey.ofSeed seed).Stream()

        let data =
            Dataset.ofSeq (Array.init 40 (fun _ -> let x = float (stream.NextInt32 3) in [| x; 2.0 * x |]))

        match
            Em.tryFit
                { Em.defaults with
                    RelativeFloor = 0.0
                    Seed = seed
                }
                (full 2)
                data
        with
        | Ok fit -> Assert.True(Double.IsFinite fit.LogLikelihood)
        | Error(SingularCovariance _) -> failed <- failed + 1
        | Error other -> Assert.Fail other.Message

    Assert.True(failed > 0)

/// Catches an absolute floor that is taken for a falling log-likelihood, or that keeps EM from converging.
[<Fact>]
let ``an absolute floor converges and does not count as a fall`` () =
    for floor in [ 1e-6; 1e-2; 1.0 ] do
        let fit =
            Em.fit
                { Em.defaults with
                    AbsoluteFloor = floor
                }
                (full 3)
                EmReferenceTests.faithful.Value

        Assert.Equal(0, fit.Certificate.MonotonicityViolations)
        Assert.Equal(Converged, fit.Termination)

/// Catches a component that dies without being handled, and starts that fail without a word.
[<Fact>]
let ``a dying component is pruned, and the policy to fail stops`` () =
    let data = EmReferenceTests.faithful.Value.Select [| "waiting" |]
    let start = GivenMeans [| [| 70.0 |]; [| 1e4 |] |]
    let spec = Gaussian.spec CovarianceStructure.Tied 2

    let pruned =
        Em.fit
            { Em.defaults with
                Start = start
                Collapse = Prune
            }
            spec
            data

    Assert.Equal(1, pruned.Mixture.Count)
    Assert.NotEmpty pruned.Certificate.Collapses
    let held = Em.fit { Em.defaults with Start = start } spec data
    Assert.Contains(held.Certificate.Collapses, fun event -> event.Policy = HoldAtFloor)
    Assert.Contains("has died", held.Warnings[0])

    match Em.tryFit { Em.defaults with Collapse = Fail } (full 3) repeated.Value with
    | Error(ComponentCollapsed _) -> ()
    | other -> Assert.Fail $"{other}"
