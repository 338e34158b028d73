namespace Mixtures

open System
open System.Globalization
open System.Threading

/// Options of the no-U-turn sampler.
[<NoEquality; NoComparison>]
type NutsOptions =
    {
        /// How many chains, each from a start of its own.
        Chains: int
        /// The draws of each chain, after warm-up.
        Draws: int
        /// The transitions of warm-up of each chain, which are not kept: step size and mass matrix are learnt in them.
        Warmup: int
        /// What the mean acceptance of a trajectory's points is to be; higher means smaller steps.
        TargetAcceptance: float
        /// A trajectory is doubled at most this often: at most 2^MaxTreeDepth - 1 gradients a draw.
        MaxTreeDepth: int
        /// The shape of the mass matrix that is learnt.
        Mass: MassShape
        /// The seed of all randomness.
        Seed: int
        /// The number of threads, of which no more are used than there are chains; 0 for one a core. Draws do not depend on it.
        Threads: int
    }

/// Options of the no-U-turn sampler.
[<RequireQualifiedAccess>]
module NutsOptions =

    /// Four chains of 1000 draws after 1000 transitions of warm-up, acceptance 0.8, trees to depth 10, a diagonal mass matrix.
    let defaults: NutsOptions =
        {
            Chains = 4
            Draws = 1000
            Warmup = 1000
            TargetAcceptance = 0.8
            MaxTreeDepth = 10
            Mass = DiagonalMass
            Seed = 0
            Threads = 0
        }

    /// Raises ArgumentException for an option out of range.
    let internal check (options: NutsOptions) =
        let require condition name expected (value: obj) =
            if not condition then
                invalidArg name $"expected {expected}, received {Convert.ToString(value, CultureInfo.InvariantCulture)}"

        require (options.Chains >= 1) (nameof options.Chains) "at least 1 chain" options.Chains
        require (options.Draws >= 1) (nameof options.Draws) "at least 1 draw of each chain" options.Draws
        require (options.Warmup >= 0) (nameof options.Warmup) "0 or more transitions of warm-up" options.Warmup

        require
            (options.TargetAcceptance > 0.0 && options.TargetAcceptance < 1.0)
            (nameof options.TargetAcceptance)
            "a target acceptance between 0 and 1"
            options.TargetAcceptance

        require
            (options.MaxTreeDepth >= 1 && options.MaxTreeDepth <= 20)
            (nameof options.MaxTreeDepth)
            "a tree depth from 1 to 20"
            options.MaxTreeDepth

        require (options.Threads >= 0) (nameof options.Threads) "0 or more threads" options.Threads

/// A run's progress, after a number of transitions of one chain.
[<Struct>]
type SamplingProgress =
    {
        /// The chain that moved on, from 0.
        Chain: int
        /// Its transitions so far, warm-up included.
        Transitions: int
        /// How many it is to make.
        Total: int
        /// Whether it is still warming up.
        Warmup: bool
        /// Its divergences since warm-up.
        Divergences: int
        /// Its step size.
        StepSize: float
        /// The transitions of all chains so far, and how many there are to be.
        AllTransitions: int64
        /// How many transitions all chains are to make.
        AllTotal: int64
        /// Transitions of all chains a second, since the run began.
        PerSecond: float
        /// The time since the run began.
        Elapsed: TimeSpan
    }

/// Who watches a run of a sampler: called now and then (never from two threads at once), and asked after each transition
/// whether to stop.
[<NoEquality; NoComparison>]
type SamplingMonitor =
    {
        /// Called after at most 64 transitions of a chain.
        Watch: SamplingProgress -> unit
        /// Stops the run, which then returns what was reached.
        Stop: CancellationToken
    }

    /// Nobody watches.
    static member None =
        {
            Watch = ignore
            Stop = CancellationToken.None
        }
