namespace Mixtures

open System
open System.Diagnostics

/// Everything that a chain needs to go on where it stopped, as plain numbers: what is saved.
[<NoEquality; NoComparison>]
type NutsChainState =
    {
        /// The seed of the run.
        Seed: int
        /// The chain's number, from 0.
        Chain: int
        /// The transitions made so far, warm-up included.
        Transitions: int
        /// The transitions of warm-up of the run.
        Warmup: int
        /// D unconstrained coordinates.
        Position: float[]
        /// The step size of the next transition.
        StepSize: float
        /// How the step size is learnt, during warm-up.
        Averaging: DualAveraging
        /// The shape of the metric.
        Mass: MassShape
        /// The metric M⁻¹: D variances, or a D x D matrix.
        InverseMass: float[]
        /// The draws of the current window of warm-up.
        Window: RunningCovariance
    }

/// What one chain's transitions after warm-up were like, one number a draw.
[<NoEquality; NoComparison>]
type NutsChainReport =
    {
        /// The log-density of each draw, in unconstrained coordinates.
        LogDensities: float[]
        /// The energy of each draw.
        Energies: float[]
        /// The mean acceptance of each trajectory's points.
        Acceptances: float[]
        /// How often each trajectory was doubled.
        TreeDepths: int[]
        /// The gradients that each draw took.
        Leapfrogs: int[]
        /// Whether the trajectory diverged.
        Divergent: bool[]
        /// The gradients that warm-up took.
        WarmupLeapfrogs: int64
        /// The seconds that this chain's warm-up and draws took of a thread.
        Seconds: float
        /// Where the chain is now.
        State: NutsChainState
    }

/// A chain that warms up and then draws. It can be advanced in parts, on any thread, one at a time.
[<Sealed>]
type internal NutsChain(options: NutsOptions, target: SamplingTarget, start: NutsChainState) =
    let d = target.Dimension
    let key = (RandomKey.ofSeed start.Seed).Child start.Chain
    let trajectory = NutsTrajectory(target, options.MaxTreeDepth)
    let struct (windowsFrom, windowEnds) = WarmupWindows.ends start.Warmup

    let windowsTo =
        if windowEnds.Length = 0 then
            0
        else
            1 + windowEnds[windowEnds.Length - 1]

    let mutable transitions = start.Transitions
    let mutable stepSize = start.StepSize
    let mutable averaging = start.Averaging
    let mutable window = RunningCovariance.copy start.Window
    // a chain of a run that was stopped may have more draws already than the others are to have
    let total = max start.Transitions (start.Warmup + options.Draws)
    let planned = total - max start.Transitions start.Warmup
    let draws: float[] = Array.zeroCreate (planned * d)
    let densities: float[] = Array.zeroCreate planned
    let energies: float[] = Array.zeroCreate planned
    let acceptances: float[] = Array.zeroCreate planned
    let depths: int[] = Array.zeroCreate planned
    let leapfrogs: int[] = Array.zeroCreate planned
    let divergent: bool[] = Array.zeroCreate planned
    let mutable made = 0
    let mutable divergences = 0
    let mutable warmupLeapfrogs = 0L
    let mutable ticks = 0L
    let mutable begun = false

    /// A step size to start learning from, at the current point and metric.
    let search () =
        // of its own key, which no transition has
        let random () = (key.Child(-1 - transitions)).Stream()

        match trajectory.FindStepSize(random (), stepSize) with
        | Ok found ->
            averaging <- DualAveraging.start found
            stepSize <- if start.Warmup > 0 then found else averaging.Final
        | Error last -> raise (SamplingException(NoStepSize(start.Chain, last)))

    let begin' () =
        begun <- true
        trajectory.Mass <- InverseMass.create start.Mass d start.InverseMass
        trajectory.MoveTo start.Position

        // also a run without warm-up needs a step size
        if transitions = 0 then
            search ()

    let warm (info: NutsInfo) =
        warmupLeapfrogs <- warmupLeapfrogs + int64 info.Leapfrogs
        averaging <- DualAveraging.update options.TargetAcceptance info.Acceptance averaging
        stepSize <- averaging.StepSize

        if transitions >= windowsFrom && transitions < windowsTo then
            window <- RunningCovariance.add trajectory.Position window

            if Array.contains transitions windowEnds then
                trajectory.Mass <- RunningCovariance.toMass start.Mass window
                window <- RunningCovariance.empty start.Mass d
                search ()

        if transitions = start.Warmup - 1 then
            stepSize <- averaging.Final

    let keep (info: NutsInfo) =
        Array.blit trajectory.Position 0 draws (made * d) d
        densities[made] <- trajectory.LogDensity
        energies[made] <- info.Energy
        acceptances[made] <- info.Acceptance
        depths[made] <- info.TreeDepth
        leapfrogs[made] <- info.Leapfrogs
        divergent[made] <- info.Divergent
        made <- made + 1

        if info.Divergent then
            divergences <- divergences + 1

    /// The state before the first transition of a run.
    static member Start(options: NutsOptions, chain: int, position: float[]) : NutsChainState =
        let d = position.Length

        {
            Seed = options.Seed
            Chain = chain
            Transitions = 0
            Warmup = options.Warmup
            Position = Array.copy position
            StepSize = 1.0
            Averaging = DualAveraging.start 1.0
            Mass = options.Mass
            InverseMass = (InverseMass.identity options.Mass d).Values
            Window = RunningCovariance.empty options.Mass d
        }

    member _.Chain = start.Chain
    member _.Transitions = transitions
    member _.Total = total
    member _.IsWarm = transitions >= start.Warmup
    member _.Made = made
    member _.Divergences = divergences
    member _.StepSize = stepSize
    member _.Finished = transitions >= total

    /// At most so many transitions more, fewer where it is finished or told to stop.
    member _.Advance(count: int, stopped: unit -> bool) =
        let clock = Stopwatch.GetTimestamp()

        if not begun then
            begin' ()

        let mutable left = count

        while left > 0 && transitions < total && not (stopped ()) do
            let info = trajectory.Transition((key.Child transitions).Stream(), stepSize)

            if transitions < start.Warmup then warm info else keep info

            transitions <- transitions + 1
            left <- left - 1

        ticks <- ticks + Stopwatch.GetTimestamp() - clock

    /// The draws kept so far, row by row.
    member _.Draws =
        if made = planned then
            draws
        else
            Array.sub draws 0 (made * d)

    member _.Report: NutsChainReport =
        let kept values = Array.sub values 0 made

        {
            LogDensities = kept densities
            Energies = kept energies
            Acceptances = kept acceptances
            TreeDepths = Array.sub depths 0 made
            Leapfrogs = Array.sub leapfrogs 0 made
            Divergent = Array.sub divergent 0 made
            WarmupLeapfrogs = warmupLeapfrogs
            Seconds = float ticks / float Stopwatch.Frequency
            State =
                if begun then
                    { start with
                        Transitions = transitions
                        Position = Array.copy trajectory.Position
                        StepSize = stepSize
                        Averaging = averaging
                        InverseMass = trajectory.Mass.Values
                        Window = RunningCovariance.copy window
                    }
                else
                    start
        }
