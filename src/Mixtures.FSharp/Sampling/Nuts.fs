namespace Mixtures

open System
open System.Diagnostics
open System.Threading

/// Draws of the no-U-turn sampler with what its trajectories were like.
[<NoEquality; NoComparison>]
type NutsRun =
    {
        /// The draws after warm-up, in the target's unconstrained coordinates. Chains of a run that was stopped may differ in
        /// length.
        Draws: Draws
        /// One report a chain.
        Chains: NutsChainReport[]
        /// How it was run.
        Options: NutsOptions
        /// Whether it was cancelled before the end.
        Interrupted: bool
        /// The seconds that it took.
        Seconds: float
        /// The draws of all chains a second, from when the last of them was warm.
        DrawsPerSecond: float
    }

    /// The draws whose trajectories diverged, of all chains.
    member run.Divergences =
        run.Chains
        |> Array.sumBy (fun chain -> chain.Divergent |> Array.sumBy (fun divergent -> if divergent then 1 else 0))

    /// The draws of all chains.
    member run.DrawCount = run.Chains |> Array.sumBy _.Divergent.Length

    /// Where the chains are: what Nuts.resume goes on from.
    member run.States = run.Chains |> Array.map _.State

/// The no-U-turn sampler: several chains with warm-up, in parallel, the same draws at any number of threads.
///
///     let target = SamplingTarget.create 2 (fun x -> struct (-0.5 * (x[0] * x[0] + x[1] * x[1]), [| -x[0]; -x[1] |]))
///     let starts = SamplingTarget.randomStarts (RandomKey.ofSeed 1) 2.0 4 target
///     let run = Nuts.sample Nuts.defaults target starts
///     Nuts.summary run
[<RequireQualifiedAccess>]
module Nuts =

    /// Four chains of 1000 draws after 1000 transitions of warm-up; see NutsOptions.
    let defaults = NutsOptions.defaults

    /// Transitions of a chain before another may have the thread.
    [<Literal>]
    let private Slice = 64

    /// Advances all chains to their end, always the one that is furthest back: when the draws of the last chain began, and
    /// how many others there were then.
    let private advance
        (monitor: SamplingMonitor)
        (threads: int)
        (clock: Stopwatch)
        (chains: NutsChain[])
        : struct (float * int64) =
        let gate = obj ()
        let busy = Array.create chains.Length false
        let failed = ref false
        let warmAt = ref nan
        let madeThen = ref 0L

        let made () =
            chains |> Array.sumBy (fun chain -> int64 chain.Made)
        // of a run that goes on, only what is still to come counts
        let before = chains |> Array.sumBy (fun chain -> int64 chain.Transitions)

        let noteWarm () =
            if Double.IsNaN warmAt.Value && chains |> Array.forall _.IsWarm then
                warmAt.Value <- clock.Elapsed.TotalSeconds
                madeThen.Value <- made ()

        noteWarm ()

        let stopped () =
            monitor.Stop.IsCancellationRequested || Volatile.Read &failed.contents

        let take () =
            lock gate (fun () ->
                let mutable chosen = -1

                for c in 0 .. chains.Length - 1 do
                    if
                        not busy[c]
                        && not chains[c].Finished
                        && (chosen < 0 || chains[c].Transitions < chains[chosen].Transitions)
                    then
                        chosen <- c

                if chosen >= 0 then
                    busy[chosen] <- true

                chosen)

        let report (chain: NutsChain) =
            let all = chains |> Array.sumBy (fun chain -> int64 chain.Transitions)
            let elapsed = clock.Elapsed

            monitor.Watch
                {
                    Chain = chain.Chain
                    Transitions = chain.Transitions
                    Total = chain.Total
                    Warmup = not chain.IsWarm
                    Divergences = chain.Divergences
                    StepSize = chain.StepSize
                    AllTransitions = all
                    AllTotal = chains |> Array.sumBy (fun chain -> int64 chain.Total)
                    PerSecond = float (all - before) / max 1e-9 elapsed.TotalSeconds
                    Elapsed = elapsed
                }

        let work _ _ =
            let mutable c = take ()

            while c >= 0 && not (stopped ()) do
                try
                    chains[c].Advance(Slice, stopped)

                    lock gate (fun () ->
                        noteWarm ()
                        report chains[c])
                with _ ->
                    Volatile.Write(&failed.contents, true)
                    reraise ()

                lock gate (fun () -> busy[c] <- false)
                c <- take ()

        ParallelFold.run threads (min threads chains.Length) work
        struct (warmAt.Value, madeThen.Value)

    let private names (target: SamplingTarget) =
        Array.init target.Dimension (fun i -> $"x[{i + 1}]")

    let private run
        (monitor: SamplingMonitor)
        (options: NutsOptions)
        (target: SamplingTarget)
        (states: NutsChainState[])
        =
        let clock = Stopwatch.StartNew()
        let chains = states |> Array.map (fun state -> NutsChain(options, target, state))

        let threads =
            if options.Threads > 0 then
                options.Threads
            else
                Environment.ProcessorCount

        let struct (warmAt, madeThen) = advance monitor threads clock chains
        let seconds = clock.Elapsed.TotalSeconds
        let made = chains |> Array.sumBy (fun chain -> int64 chain.Made)

        let result =
            {
                Draws = Draws.create (names target) (chains |> Array.map _.Draws)
                Chains = chains |> Array.map _.Report
                Options = options
                Interrupted = chains |> Array.exists (fun chain -> not chain.Finished)
                Seconds = seconds
                DrawsPerSecond =
                    if Double.IsNaN warmAt then
                        0.0
                    else
                        float (made - madeThen) / max 1e-9 (seconds - warmAt)
            }

        if
            result.DrawCount > 0
            && result.Divergences = result.DrawCount
            && not result.Interrupted
        then
            raise (SamplingException(AllDivergent(result.DrawCount, chains[0].StepSize)))

        result

    /// Draws from a target, one start for each chain (D unconstrained coordinates each), with a monitor: when it is cancelled,
    /// what was reached is returned. Raises SamplingException where sampling is impossible, and ArgumentException for options
    /// out of range.
    let sampleWith
        (monitor: SamplingMonitor)
        (options: NutsOptions)
        (target: SamplingTarget)
        (starts: float[][])
        : NutsRun =
        NutsOptions.check options

        if starts.Length <> options.Chains then
            invalidArg
                (nameof starts)
                $"expected one start for each of {options.Chains} chains, received {starts.Length}"

        starts |> Array.iter (Vectors.requireLength (nameof starts) target.Dimension)

        let bad =
            starts
            |> Array.indexed
            |> Array.filter (fun (_, start) -> not (SamplingTarget.isFinite start target))
            |> Array.map (fun (chain, start) ->
                let struct (value, _) = target.LogDensity start
                struct (chain, value))

        if bad.Length > 0 then
            raise (SamplingException(NoDensityAtStart bad))

        starts
        |> Array.mapi (fun chain start -> NutsChain.Start(options, chain, start))
        |> run monitor options target

    /// Draws from a target, one start for each chain (D unconstrained coordinates each). Raises SamplingException where
    /// sampling is impossible, and ArgumentException for options out of range.
    let sample (options: NutsOptions) (target: SamplingTarget) (starts: float[][]) : NutsRun =
        sampleWith SamplingMonitor.None options target starts

    /// Draws from a target, with what went wrong as a value.
    let trySample (options: NutsOptions) (target: SamplingTarget) (starts: float[][]) : Result<NutsRun, SamplingError> =
        try
            Ok(sample options target starts)
        with :? SamplingException as e ->
            Error e.Error

    /// Goes on from saved states, to options.Draws draws of each chain in all, with a monitor: the draws that are still to
    /// come, the same that one long run would have made. The options must be those of the first run, but for the number of
    /// draws, and the threads. Raises ArgumentException where they are not, and where nothing is left to draw.
    let resumeWith
        (monitor: SamplingMonitor)
        (options: NutsOptions)
        (target: SamplingTarget)
        (states: NutsChainState[])
        : NutsRun =
        NutsOptions.check options

        if states.Length <> options.Chains then
            invalidArg (nameof states) $"expected {options.Chains} chains, received {states.Length}"

        for state in states do
            let require name (expected: string) (received: string) =
                if expected <> received then
                    invalidArg (nameof states) $"expected a run of {name} {expected}, received one of {received}"

            require "seed" (string options.Seed) (string state.Seed)
            require "warm-up" (string options.Warmup) (string state.Warmup)
            require "dimension" (string target.Dimension) (string state.Position.Length)

            if state.Mass <> options.Mass then
                invalidArg (nameof states) "expected a metric of the same shape as the options', received the other"

        if
            states
            |> Array.forall (fun state -> state.Transitions >= options.Warmup + options.Draws)
        then
            invalidArg
                (nameof options)
                $"expected more draws than the chains have, received {options.Draws}: Draws counts those that are there"

        run monitor options target states

    /// Goes on from saved states, to options.Draws draws of each chain in all; see resumeWith.
    let resume (options: NutsOptions) (target: SamplingTarget) (states: NutsChainState[]) : NutsRun =
        resumeWith SamplingMonitor.None options target states

    /// A run and what it went on to, as one run.
    let append (first: NutsRun) (second: NutsRun) : NutsRun =
        let together (a: NutsChainReport) (b: NutsChainReport) =
            {
                LogDensities = Array.append a.LogDensities b.LogDensities
                Energies = Array.append a.Energies b.Energies
                Acceptances = Array.append a.Acceptances b.Acceptances
                TreeDepths = Array.append a.TreeDepths b.TreeDepths
                Leapfrogs = Array.append a.Leapfrogs b.Leapfrogs
                Divergent = Array.append a.Divergent b.Divergent
                WarmupLeapfrogs = a.WarmupLeapfrogs + b.WarmupLeapfrogs
                Seconds = a.Seconds + b.Seconds
                State = b.State
            }

        { second with
            Draws = Draws.append first.Draws second.Draws
            Chains = Array.map2 together first.Chains second.Chains
            Seconds = first.Seconds + second.Seconds
        }

    /// One chain's draws one by one as they are asked for, without end, after warm-up: positions and infos. Not kept: memory
    /// does not grow. The draws are those of the chain of that number in a run.
    let stream
        (options: NutsOptions)
        (target: SamplingTarget)
        (chain: int)
        (start: float[])
        : seq<struct (float[] * NutsInfo)> =
        NutsOptions.check options
        Vectors.requireLength (nameof start) target.Dimension start

        if not (SamplingTarget.isFinite start target) then
            let struct (value, _) = target.LogDensity start
            raise (SamplingException(NoDensityAtStart [| struct (chain, value) |]))

        seq {
            let warm =
                NutsChain({ options with Draws = 1 }, target, NutsChain.Start(options, chain, start))

            warm.Advance(options.Warmup, (fun () -> false))

            let state = warm.Report.State
            let trajectory = NutsTrajectory(target, options.MaxTreeDepth)
            trajectory.Mass <- InverseMass.create state.Mass target.Dimension state.InverseMass
            trajectory.MoveTo state.Position
            let key = (RandomKey.ofSeed options.Seed).Child chain
            let mutable transition = options.Warmup

            while true do
                let info = trajectory.Transition((key.Child transition).Stream(), state.StepSize)
                transition <- transition + 1
                yield struct (Array.copy trajectory.Position, info)
        }

    /// What the draws say about every coordinate, with diagnostics. Raises ArgumentException for fewer than 6 draws a chain.
    let summary (run: NutsRun) : ParameterSummary[] = PosteriorSummary.ofDraws run.Draws

    /// What the trajectories warn of, in plain words: divergences, trees that reached their limit, low energy fractions.
    let trajectoryWarnings (run: NutsRun) : string list =
        let divergences = run.Divergences
        let all = run.DrawCount
        let limit = run.Options.MaxTreeDepth

        let saturated =
            run.Chains
            |> Array.sumBy (fun chain -> chain.TreeDepths |> Array.sumBy (fun depth -> if depth >= limit then 1 else 0))

        let lost =
            run.Chains
            |> Array.indexed
            |> Array.filter (fun (_, chain) -> chain.Divergent.Length > 0 && Array.forall id chain.Divergent)
            |> Array.map (fun (c, _) -> string (c + 1))

        let low =
            run.Chains
            |> Array.indexed
            |> Array.filter (fun (_, chain) ->
                chain.Energies.Length >= 6
                && Array.exists (fun e -> e <> chain.Energies[0]) chain.Energies
                && Diagnostics.ebfmi chain.Energies < 0.3)
            |> Array.map (fun (c, _) -> string (c + 1))

        [
            if run.Interrupted then
                $"The run was stopped after {all} draws."
            if divergences > 0 then
                let noun = Wording.count divergences "draw"

                $"{noun} of {all} diverged: parts of the posterior may be missing. Raise the target acceptance (now {Wording.number run.Options.TargetAcceptance}), reparametrise the model (non-centred where parameters scale others), or give tighter priors."
            if lost.Length > 0 then
                let which = String.concat ", " lost
                $"Every draw of some chains diverged ({which}): leave them out."
            if saturated > 0 then
                let noun = Wording.count saturated "draw"

                $"{noun} of {all} reached the tree depth {limit}: sampling is slow there; raise the limit, or reparametrise."
            if low.Length > 0 then
                let which = String.concat ", " low
                $"The energies of some chains ({which}) move too little (E-BFMI below 0.3): the tails may be missing; reparametrise, or give tighter priors."
        ]

    /// Everything that a person should know, in plain words: what the trajectories and the summaries warn of.
    let warnings (run: NutsRun) : string list =
        trajectoryWarnings run
        @ (if run.Draws.Count >= 6 then
               PosteriorSummary.warnings run.Draws.ChainCount (summary run)
           else
               [
                   $"There are only {run.Draws.Count} draws in a chain, too few to tell whether the chains agree."
               ])
