module Mixtures.Tests.NutsTests

open System
open System.Threading
open Xunit
open Mixtures
open Mixtures.Tests.SampleChains
open Mixtures.Tests.SamplingTargets

let private short =
    { Nuts.defaults with
        Draws = 300
        Warmup = 200
        Seed = 11
    }

let private starts (options: NutsOptions) target =
    SamplingTarget.randomStarts (RandomKey.ofSeed 5) 1.0 options.Chains target

/// Catches targets whose gradient is not theirs, which no other test could tell from a wrong sampler.
[<Fact>]
let ``gradients of the targets are right`` () =
    let stream = (RandomKey.ofSeed 1).Stream()

    for target in
        [
            fivePoints
            standard 3
            dirichlet [| 0.5; 1.0; 3.0 |]
            centredFunnel
            bimodal
            normal [| 1.0; 2.0 |] (array2D [ [ 2.0; 0.5 ]; [ 0.5; 1.0 ] ])
        ] do
        for _ in 1..5 do
            let x = Array.init target.Dimension (fun _ -> stream.NextNormal())
            Assert.True(gradientError target x < 1e-5)

/// Catches randomness or sums that depend on who runs a chain, and on what ran before.
[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``draws are the same on 1, 2 and 7 threads`` (dense: bool) =
    let run threads =
        Nuts.sample
            { short with
                Threads = threads
                Mass = if dense then DenseMass else DiagonalMass
            }
            fivePoints
            (starts short fivePoints)

    let one = run 1

    for threads in [ 2; 7 ] do
        let other = run threads
        Assert.Equal<float[][]>(one.Draws.Chains, other.Draws.Chains)

        for a, b in Array.zip one.Chains other.Chains do
            Assert.Equal<float[]>(a.Energies, b.Energies)
            Assert.Equal<int[]>(a.Leapfrogs, b.Leapfrogs)
            Assert.Equal<float[]>(a.State.InverseMass, b.State.InverseMass)

/// Catches chains that share their randomness, and seeds without effect.
[<Fact>]
let ``chains and seeds differ`` () =
    let same = Array.create 4 [| 0.1; 0.2 |]
    let a = Nuts.sample short (standard 2) same
    let b = Nuts.sample { short with Seed = 12 } (standard 2) same

    Assert.Equal(
        8,
        Seq.append a.Draws.Chains b.Draws.Chains
        |> Seq.map (fun c -> c[0])
        |> Seq.distinct
        |> Seq.length
    )

/// Catches state that is not saved: a run cut after some draws goes on to the same bits.
[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``a run that goes on is one long run`` (dense: bool) =
    let options =
        { short with
            Mass = if dense then DenseMass else DiagonalMass
        }

    let whole = Nuts.sample options fivePoints (starts short fivePoints)

    let first =
        Nuts.sample { options with Draws = 120 } fivePoints (starts short fivePoints)

    let second = Nuts.resume options fivePoints first.States
    Assert.Equal<int[]>(Array.create 4 180, second.Draws.Counts)
    let together = Nuts.append first second
    Assert.Equal<float[][]>(whole.Draws.Chains, together.Draws.Chains)

    for a, b in Array.zip whole.Chains together.Chains do
        Assert.Equal<float[]>(a.LogDensities, b.LogDensities)
        Assert.Equal<bool[]>(a.Divergent, b.Divergent)
        Assert.Equal(a.WarmupLeapfrogs, b.WarmupLeapfrogs)

/// Catches warm-up that begins anew: cancelled in a window of it, or among the draws, a run goes on to the same bits.
[<Theory>]
[<InlineData(0)>]
[<InlineData(400)>]
[<InlineData(1100)>]
let ``a run that was cancelled goes on`` (after: int64) =
    let whole = Nuts.sample short fivePoints (starts short fivePoints)
    use source = new CancellationTokenSource()

    let monitor =
        {
            Watch =
                fun progress ->
                    if progress.AllTransitions >= after then
                        source.Cancel()
            Stop = source.Token
        }

    if after = 0L then
        source.Cancel()

    let first = Nuts.sampleWith monitor short fivePoints (starts short fivePoints)
    Assert.True first.Interrupted
    Assert.True(first.DrawCount < 1200)
    Assert.Contains("stopped", String.concat " " (Nuts.warnings first))
    let together = Nuts.append first (Nuts.resume short fivePoints first.States)
    Assert.Equal<float[][]>(whole.Draws.Chains, together.Draws.Chains)

/// Catches progress that does not reach the end, and rates that are no rates.
[<Fact>]
let ``progress tells how far and how fast`` () =
    let seen = ResizeArray<SamplingProgress>()

    let monitor =
        { SamplingMonitor.None with
            Watch = seen.Add
        }

    let run = Nuts.sampleWith monitor short (standard 3) (starts short (standard 3))
    let last = seen[seen.Count - 1]
    Assert.Equal(2000L, last.AllTransitions)
    Assert.Equal(2000L, last.AllTotal)
    Assert.Contains(seen, fun p -> p.Warmup)
    Assert.Contains(seen, fun p -> not p.Warmup && p.Transitions = 500)
    Assert.True(seen |> Seq.forall (fun p -> p.PerSecond > 0.0 && p.StepSize > 0.0))
    Assert.True(run.DrawsPerSecond > 0.0 && Double.IsFinite run.DrawsPerSecond)
    Assert.False run.Interrupted

/// Catches a kernel with a memory, or one that is another sampler than the chains'.
[<Fact>]
let ``kernels are pure, and what chains are made of`` () =
    let options = { short with Chains = 1 }
    let run = Nuts.sample options fivePoints (starts options fivePoints)

    let cut =
        Nuts.sample { options with Draws = 1 } fivePoints (starts options fivePoints)

    let state = cut.States[0]

    let kernel =
        NutsKernel.create
            {
                StepSize = state.StepSize
                InverseMass = InverseMass.create state.Mass 4 state.InverseMass
                MaxTreeDepth = 10
            }
            fivePoints

    let key = ((RandomKey.ofSeed 11).Child 0).Child 201
    let at = kernel.Init state.Position
    let before = Array.copy at.Position
    let struct (next, info) = kernel.Step key at
    let struct (again, _) = kernel.Step key at
    Assert.Equal<float[]>(before, at.Position)
    Assert.Equal<float[]>(next.Position, again.Position)
    Assert.Equal<float[]>(Draws.row 0 1 run.Draws, next.Position)
    Assert.Equal(run.Chains[0].Energies[1], info.Energy)
    Assert.Equal(run.Chains[0].LogDensities[1], next.LogDensity)

    let streamed =
        Nuts.stream options fivePoints 0 (starts options fivePoints).[0]
        |> Seq.truncate 300
        |> Seq.toArray

    for s in 0..299 do
        let struct (position, _) = streamed[s]
        Assert.Equal<float[]>(Draws.row 0 s run.Draws, position)

/// Catches adaptation that misses its target, trees that are not binary, and a mass that is not learnt.
[<Fact>]
let ``warm-up reaches its target`` () =
    let d = 20
    let scales = Array.init d (fun i -> 10.0 ** (float (i % 5) - 2.0))

    let target =
        normal (Array.zeroCreate d) (Array2D.init d d (fun i j -> if i = j then scales[i] * scales[i] else 0.0))

    let run acceptance =
        Nuts.sample
            { Nuts.defaults with
                TargetAcceptance = acceptance
            }
            target
            (starts Nuts.defaults target |> Array.map (Array.map2 (*) scales))

    // steps' logarithms are averaged: acceptance falls faster than it rises about the mean, so that it is above its target
    let strict = run 0.9
    let loose = run 0.7

    for chain in strict.Chains do
        Assert.InRange(Array.average chain.Acceptances, 0.87, 0.97)

        for i in 0 .. d - 1 do
            Assert.InRange(chain.State.InverseMass[i] / (scales[i] * scales[i]), 0.5, 2.0)

        for depth, leapfrogs in Array.zip chain.TreeDepths chain.Leapfrogs do
            // whole trees have 2^depth - 1 steps; one that ended inside a doubling has some more
            Assert.InRange(leapfrogs, (1 <<< depth) - 1, (1 <<< (depth + 1)) - 1)

    for a, b in Array.zip strict.Chains loose.Chains do
        Assert.True(a.State.StepSize < b.State.StepSize)
        Assert.True(Array.average a.Acceptances > Array.average b.Acceptances + 0.05)

    Assert.Empty(Nuts.warnings strict)

let private fails (options: NutsOptions) target starts =
    match Nuts.trySample options target starts with
    | Ok _ -> failwith "expected a failure"
    | Error error -> error

/// Catches silence, or NaN, where there is nothing to sample.
[<Fact>]
let ``a log-density that is not finite at the start is named`` () =
    for value in [ nan; infinity; -infinity ] do
        let target = SamplingTarget.create 2 (fun _ -> struct (value, [| 0.0; 0.0 |]))
        let error = fails short target (starts short target)

        match error with
        | NoDensityAtStart places -> Assert.Equal(4, places.Length)
        | other -> failwith other.Message

        Assert.Contains($"{Wording.number value} in chain 1", error.Message)

    let broken = SamplingTarget.create 1 (fun _ -> struct (0.0, [| nan |]))
    Assert.Contains("gradient", (fails short broken (starts short broken)).Message)

/// Catches loops without end.
[<Fact>]
let ``densities without a step size are named`` () =
    let flat = SamplingTarget.create 1 (fun _ -> struct (0.0, [| 0.0 |]))
    Assert.Contains("improper", (fails short flat (starts short flat)).Message)
    // the density is nowhere but at the start
    let point =
        SamplingTarget.create 1 (fun x -> struct ((if x[0] = 0.5 then 0.0 else -infinity), [| 1.0 |]))

    Assert.Contains("not continuous", (fails short point (Array.create 4 [| 0.5 |])).Message)

/// A target whose gradient is of the wrong sign everywhere but in a tiny place diverges in every draw. Catches remedies left
/// out.
[<Fact>]
let ``chains that diverge in every draw fail with remedies`` () =
    let error = AllDivergent(4000, 0.1)
    Assert.Contains("Raise the target acceptance", error.Message)
    Assert.Contains("reparametrise", error.Message)
    Assert.Contains("tighter priors", error.Message)

    // a step in the density that no step size sees: from inside, every trajectory falls off the edge
    let cliff =
        SamplingTarget.create 2 (fun x ->
            let inside = abs x[0] < 1e-3 && abs x[1] < 1e-3
            struct ((if inside then 0.0 else -1e5), [| 0.0; 0.0 |]))

    let options = { short with Warmup = 0; Draws = 50 }

    let states =
        Array.init 4 (fun chain ->
            { NutsChain.Start(options, chain, [| 0.0; 0.0 |]) with
                Transitions = 1
                StepSize = 0.5
            })

    let error =
        Assert.Throws<SamplingException>(fun () -> Nuts.resume options cliff states |> ignore)

    match error.Error with
    | AllDivergent(draws, stepSize) ->
        Assert.Equal(196, draws)
        Assert.Equal(0.5, stepSize)
    | other -> failwith other.Message

/// Catches options that pass unchecked.
[<Fact>]
let ``options out of range are named`` () =
    let message options starts =
        Assert.Throws<ArgumentException>(fun () -> Nuts.sample options (standard 2) starts |> ignore).Message

    let two = Array.create 4 [| 0.0; 0.0 |]
    Assert.Contains("at least 1 draw of each chain, received 0", message { short with Draws = 0 } two)
    Assert.Contains("at least 1 chain", message { short with Chains = 0 } [||])
    Assert.Contains("warm-up, received -1", message { short with Warmup = -1 } two)
    Assert.Contains("target acceptance", message { short with TargetAcceptance = 1.0 } two)
    Assert.Contains("target acceptance", message { short with TargetAcceptance = nan } two)
    Assert.Contains("tree depth", message { short with MaxTreeDepth = 0 } two)
    Assert.Contains("one start for each of 4 chains", message short [| [| 0.0; 0.0 |] |])
    Assert.Contains("expected 2", message short (Array.create 4 [| 0.0 |]))

    let run = Nuts.sample short (standard 2) two

    let message options =
        Assert.Throws<ArgumentException>(fun () -> Nuts.resume options (standard 2) run.States |> ignore).Message

    Assert.Contains("more draws than the chains have", message short)
    Assert.Contains("seed", message { short with Seed = 1; Draws = 400 })
    Assert.Contains("warm-up", message { short with Warmup = 1; Draws = 400 })

    Assert.Contains(
        "shape",
        message
            { short with
                Mass = DenseMass
                Draws = 400
            }
    )

/// Catches a summary of one chain that promises what it cannot know.
[<Fact>]
let ``one chain has no R-hat`` () =
    let options = { short with Chains = 1 }
    let run = Nuts.sample options (standard 2) [| [| 0.0; 0.0 |] |]
    Assert.True((Array.head (Nuts.summary run)).RHat.IsNone)
    Assert.Contains("only one chain", List.head (Nuts.warnings run))
    let few = Nuts.sample { options with Draws = 3 } (standard 2) [| [| 0.0; 0.0 |] |]
    Assert.Contains("only 3 draws", String.concat " " (Nuts.warnings few))
    Assert.Throws<ArgumentException>(fun () -> Nuts.summary few |> ignore) |> ignore

/// Catches runs that need warm-up to have a step size at all.
[<Fact>]
let ``short warm-ups and none at all sample`` () =
    for warmup in [ 0; 1; 19; 20; 60 ] do
        let run =
            Nuts.sample { short with Warmup = warmup } (standard 2) (starts short (standard 2))

        Assert.Equal(1200, run.DrawCount)
        Assert.True(run.Chains |> Array.forall (fun chain -> chain.State.StepSize > 0.0))
        let sd = (Array.head (Nuts.summary run)).Sd
        Assert.InRange(sd, 0.8, 1.2)
