namespace Mixtures

open System

/// Where a chain is. Immutable by agreement.
[<NoEquality; NoComparison>]
type NutsState =
    {
        /// D unconstrained coordinates.
        Position: float[]
        /// The log-density there.
        LogDensity: float
        /// Its gradient there.
        Gradient: float[]
    }

/// What a kernel is given: these stay the same from step to step.
[<NoEquality; NoComparison>]
type NutsSettings =
    {
        /// The integrator's step size.
        StepSize: float
        /// The metric, an estimate of the posterior's covariance.
        InverseMass: InverseMass
        /// A trajectory is doubled at most this often.
        MaxTreeDepth: int
    }

/// A sampler as a pair of pure functions: what is carried on (state) apart from what it was like (info).
[<NoEquality; NoComparison>]
type NutsKernel =
    {
        /// The state at D coordinates. Raises SamplingException where the log-density is not finite.
        Init: float[] -> NutsState
        /// One transition. The same key and state give the same draw.
        Step: RandomKey -> NutsState -> struct (NutsState * NutsInfo)
    }

/// The no-U-turn sampler as a kernel: it knows nothing of warm-up.
///
///     let kernel = NutsKernel.create { StepSize = 0.5; InverseMass = InverseMass.identity DiagonalMass 3; MaxTreeDepth = 10 } target
///     let struct (next, info) = kernel.Step (key.Child 0) (kernel.Init start)
[<RequireQualifiedAccess>]
module NutsKernel =

    /// Multinomial NUTS with fixed settings. Raises ArgumentException for settings out of range.
    let create (settings: NutsSettings) (target: SamplingTarget) : NutsKernel =
        if not (settings.StepSize > 0.0 && Double.IsFinite settings.StepSize) then
            invalidArg
                (nameof settings)
                $"expected a step size greater than 0, received {Wording.number settings.StepSize}"

        if settings.InverseMass.Dimension <> target.Dimension then
            invalidArg
                (nameof settings)
                $"expected a metric of {target.Dimension} coordinates, received {settings.InverseMass.Dimension}"

        if settings.MaxTreeDepth < 1 || settings.MaxTreeDepth > 20 then
            invalidArg (nameof settings) $"expected a tree depth from 1 to 20, received {settings.MaxTreeDepth}"

        let stateOf (trajectory: NutsTrajectory) =
            {
                Position = Array.copy trajectory.Position
                LogDensity = trajectory.LogDensity
                Gradient = trajectory.Gradient
            }

        let trajectory () =
            NutsTrajectory(target, settings.MaxTreeDepth, Mass = settings.InverseMass)

        {
            Init =
                fun position ->
                    Vectors.requireLength (nameof position) target.Dimension position
                    let trajectory = trajectory ()
                    trajectory.MoveTo position

                    if not (Double.IsFinite trajectory.LogDensity && Vectors.isFinite trajectory.Gradient) then
                        raise (SamplingException(NoDensityAtStart [| struct (0, trajectory.LogDensity) |]))

                    stateOf trajectory
            Step =
                fun key state ->
                    let trajectory = trajectory ()
                    trajectory.MoveTo(state.Position, state.LogDensity, state.Gradient)
                    let info = trajectory.Transition(key.Stream(), settings.StepSize)
                    struct (stateOf trajectory, info)
        }
