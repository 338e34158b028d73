namespace Mixtures

open System
open System.Numerics

/// What a transition of the no-U-turn sampler was like.
[<Struct>]
type NutsInfo =
    {
        /// The mean of min(1, exp(H₀ - H)) over the trajectory.
        Acceptance: float
        /// How often the trajectory was doubled.
        TreeDepth: int
        /// Steps of the integrator, each with one gradient.
        Leapfrogs: int
        /// Whether the energy rose by more than 1000: the integrator left the trajectory.
        Divergent: bool
        /// The energy of the draw, kinetic less log-density.
        Energy: float
    }

/// A draw chosen so far. Arrays change places between proposals instead of being copied.
[<Sealed; AllowNullLiteral>]
type internal NutsProposal(dimension: int) =
    member val Position: float[] = Array.zeroCreate dimension with get, set
    member val Gradient: float[] = Array.empty with get, set
    member val LogDensity = 0.0 with get, set
    member val Energy = 0.0 with get, set

    member proposal.Swap(other: NutsProposal) =
        let position = proposal.Position
        proposal.Position <- other.Position
        other.Position <- position
        let gradient = proposal.Gradient
        proposal.Gradient <- other.Gradient
        other.Gradient <- gradient
        proposal.LogDensity <- other.LogDensity
        proposal.Energy <- other.Energy

/// What the two halves of a subtree leave behind: sums of momenta, and momenta and velocities where the halves meet.
[<Sealed>]
type internal NutsFrame(dimension: int) =
    member val FirstSum: float[] = Array.zeroCreate dimension
    member val FirstEnd: float[] = Array.zeroCreate dimension
    member val FirstEndVelocity: float[] = Array.zeroCreate dimension
    member val SecondSum: float[] = Array.zeroCreate dimension
    member val SecondStart: float[] = Array.zeroCreate dimension
    member val SecondStartVelocity: float[] = Array.zeroCreate dimension
    member val Proposal = NutsProposal dimension

/// One end of a trajectory: where the integrator goes on from.
[<Sealed>]
type internal NutsEnd(dimension: int) =
    member val Position: float[] = Array.zeroCreate dimension
    member val Momentum: float[] = Array.zeroCreate dimension
    member val Gradient: float[] = Array.empty with get, set

/// Arithmetic on short vectors, in place.
[<RequireQualifiedAccess>]
module internal NutsVectors =

    let copy (source: float[]) (destination: float[]) =
        source.AsSpan().CopyTo(destination.AsSpan())

    /// Whether both velocities point along the sum x + y of momenta: no U-turn yet.
    let goesOn (a: float[]) (b: float[]) (x: float[]) (y: float[]) =
        let lanes = Vector<float>.Count
        let mutable sumA = Vector<float>.Zero
        let mutable sumB = Vector<float>.Zero
        let mutable i = 0

        while i <= x.Length - lanes do
            let s = Vector<float>(x, i) + Vector<float>(y, i)
            sumA <- sumA + Vector<float>(a, i) * s
            sumB <- sumB + Vector<float>(b, i) * s
            i <- i + lanes

        let mutable alongA = Vector.Sum sumA
        let mutable alongB = Vector.Sum sumB

        while i < x.Length do
            let s = x[i] + y[i]
            alongA <- alongA + a[i] * s
            alongB <- alongB + b[i] * s
            i <- i + 1

        alongA > 0.0 && alongB > 0.0

    let add (x: float[]) (y: float[]) (result: float[]) =
        let lanes = Vector<float>.Count
        let mutable i = 0

        while i <= x.Length - lanes do
            (Vector<float>(x, i) + Vector<float>(y, i)).CopyTo(result, i)
            i <- i + lanes

        while i < x.Length do
            result[i] <- x[i] + y[i]
            i <- i + 1

    /// x ← x + factor y.
    let addScaled (factor: float) (y: float[]) (x: float[]) =
        let lanes = Vector<float>.Count
        let mutable i = 0

        while i <= x.Length - lanes do
            (Vector<float>(x, i) + factor * Vector<float>(y, i)).CopyTo(x, i)
            i <- i + lanes

        while i < x.Length do
            x[i] <- x[i] + factor * y[i]
            i <- i + 1

/// Transitions of the no-U-turn sampler in arrays of its own: multinomial draws from trajectories that double until they
/// turn back (Hoffman & Gelman 2014; Betancourt 2017, appendix A), with the checks across neighbouring subtrees that Stan
/// has. A local, mutable value.
[<Sealed>]
type internal NutsTrajectory(target: SamplingTarget, maxDepth: int) =
    let d = target.Dimension
    let fresh () : float[] = Array.zeroCreate d
    let logDensity = target.LogDensity
    let mutable mass = InverseMass.identity DiagonalMass d
    let mutable diagonal: float[] = mass.Values

    // the integrator's point
    let q = fresh ()
    let p = fresh ()
    let v = fresh ()
    let mutable g: float[] = Array.empty
    let mutable value = 0.0

    // the chain's point, the trajectory's draw and the newest subtree's
    let sample = NutsProposal d
    let proposal = NutsProposal d

    let forwards = NutsEnd d
    let backwards = NutsEnd d

    // momenta and velocities at the trajectory's ends, and at the two points where its older and newer halves meet
    let sum = fresh ()
    let newSum = fresh ()
    let firstMomentum = fresh ()
    let firstVelocity = fresh ()
    let lastMomentum = fresh ()
    let lastVelocity = fresh ()
    let innerVelocity = fresh ()
    let innerMomentum = fresh ()
    let outerMomentum = fresh ()
    let outerVelocity = fresh ()

    let frames = Array.init (max 1 maxDepth) (fun _ -> NutsFrame d)
    let mutable stream = (RandomKey.ofSeed 0).Stream()
    let mutable step = 0.0
    let mutable initialEnergy = 0.0
    let mutable leapfrogs = 0
    let mutable divergent = false
    let mutable acceptance = 0.0
    let mutable logWeight = 0.0
    let mutable moved = true

    let velocity () =
        if diagonal.Length > 0 then
            let lanes = Vector<float>.Count
            let mutable i = 0

            while i <= d - lanes do
                (Vector<float>(diagonal, i) * Vector<float>(p, i)).CopyTo(v, i)
                i <- i + lanes

            while i < d do
                v[i] <- diagonal[i] * p[i]
                i <- i + 1
        else
            InverseMass.velocity mass p v

    /// ½ pᵀ M⁻¹ p - log density, with the velocity as of now.
    let energy () =
        0.5 * Sums.dot (ReadOnlySpan p) (ReadOnlySpan v) - value

    let evaluate () =
        let struct (density, gradient) = logDensity q

        if gradient.Length <> d then
            invalidArg (nameof target) $"expected a gradient of {d} numbers, received {gradient.Length}"

        value <- density
        g <- gradient

    /// One step of the leapfrog integrator.
    let leap (epsilon: float) =
        NutsVectors.addScaled (0.5 * epsilon) g p
        velocity ()
        NutsVectors.addScaled epsilon v q
        evaluate ()
        NutsVectors.addScaled (0.5 * epsilon) g p
        velocity ()

    /// One point of the trajectory: a subtree of depth 0.
    let leaf
        (into: NutsProposal)
        (startMomentum: float[])
        (startVelocity: float[])
        (endMomentum: float[])
        (endVelocity: float[])
        (total: float[])
        =
        leap step
        leapfrogs <- leapfrogs + 1
        let h = energy ()
        // the change of energy; NaN is no density
        let gain =
            let gain = initialEnergy - h
            if Double.IsNaN gain then Double.NegativeInfinity else gain

        logWeight <- gain
        acceptance <- acceptance + (if gain >= 0.0 then 1.0 else exp gain)

        if gain < -1000.0 then
            divergent <- true
            false
        else
            NutsVectors.copy q into.Position
            into.Gradient <- g
            into.LogDensity <- value
            into.Energy <- h
            NutsVectors.copy p startMomentum
            NutsVectors.copy v startVelocity
            NutsVectors.copy p endMomentum
            NutsVectors.copy v endVelocity
            NutsVectors.copy p total
            true

    /// Grows a subtree of 2^depth points from the integrator's point; false where it diverged or turned back. Leaves the
    /// logarithm of its weight.
    let rec build
        depth
        (into: NutsProposal)
        (startMomentum: float[])
        (startVelocity: float[])
        (endMomentum: float[])
        (endVelocity: float[])
        (total: float[])
        : bool =
        if depth = 0 then
            leaf into startMomentum startVelocity endMomentum endVelocity total
        else
            let frame = frames[depth]

            if
                not (
                    build
                        (depth - 1)
                        into
                        startMomentum
                        startVelocity
                        frame.FirstEnd
                        frame.FirstEndVelocity
                        frame.FirstSum
                )
            then
                false
            else
                let first = logWeight

                if
                    not (
                        build
                            (depth - 1)
                            frame.Proposal
                            frame.SecondStart
                            frame.SecondStartVelocity
                            endMomentum
                            endVelocity
                            frame.SecondSum
                    )
                then
                    false
                else
                    let second = logWeight
                    // both halves' weights, and a draw from the second in its share of them
                    let ratio = exp (-(abs (second - first)))
                    logWeight <- max first second + log (1.0 + ratio)
                    let larger = 1.0 / (1.0 + ratio)
                    let share = if second >= first then larger else ratio * larger

                    if stream.NextDouble() < share then
                        into.Swap frame.Proposal

                    NutsVectors.add frame.FirstSum frame.SecondSum total

                    NutsVectors.goesOn startVelocity endVelocity frame.FirstSum frame.SecondSum
                    && NutsVectors.goesOn startVelocity frame.SecondStartVelocity frame.FirstSum frame.SecondStart
                    && NutsVectors.goesOn frame.FirstEndVelocity endVelocity frame.SecondSum frame.FirstEnd

    /// The metric M⁻¹.
    member _.Mass
        with get () = mass
        and set (next: InverseMass) =
            mass <- next

            diagonal <-
                match next.Shape with
                | DiagonalMass -> next.Values
                | DenseMass -> Array.empty

    /// The chain's position, in an array that transitions change.
    member _.Position = sample.Position

    member _.LogDensity = sample.LogDensity
    member _.Gradient = sample.Gradient

    /// Moves the chain to a point, where the log-density is evaluated.
    member _.MoveTo(position: float[]) =
        NutsVectors.copy position q
        evaluate ()
        NutsVectors.copy q sample.Position
        sample.Gradient <- g
        sample.LogDensity <- value

    /// Moves the chain to a point where the log-density is known.
    member _.MoveTo(position: float[], density: float, gradient: float[]) =
        NutsVectors.copy position sample.Position
        sample.Gradient <- gradient
        sample.LogDensity <- density

    member private _.Begin(random: RandomStream) =
        stream <- random
        NutsVectors.copy sample.Position q
        g <- sample.Gradient
        value <- sample.LogDensity
        InverseMass.momentum mass stream p
        velocity ()
        initialEnergy <- energy ()

    /// One transition with a step size.
    member this.Transition(random: RandomStream, stepSize: float) : NutsInfo =
        this.Begin random
        leapfrogs <- 0
        acceptance <- 0.0
        divergent <- false
        sample.Energy <- initialEnergy
        NutsVectors.copy q forwards.Position
        NutsVectors.copy p forwards.Momentum
        forwards.Gradient <- g
        NutsVectors.copy q backwards.Position
        NutsVectors.copy p backwards.Momentum
        backwards.Gradient <- g
        NutsVectors.copy p sum
        NutsVectors.copy p firstMomentum
        NutsVectors.copy v firstVelocity
        NutsVectors.copy p lastMomentum
        NutsVectors.copy v lastVelocity
        let mutable total = 0.0
        let mutable depth = 0
        let mutable going = true

        while going && depth < maxDepth do
            let forward = stream.NextDouble() > 0.5
            let from = if forward then forwards else backwards
            // the end that is grown from becomes the inner point of the older half
            let endMomentum = if forward then lastMomentum else firstMomentum
            let endVelocity = if forward then lastVelocity else firstVelocity
            let farVelocity = if forward then firstVelocity else lastVelocity
            NutsVectors.copy endMomentum innerMomentum
            NutsVectors.copy endVelocity innerVelocity
            NutsVectors.copy from.Position q
            NutsVectors.copy from.Momentum p
            g <- from.Gradient
            step <- if forward then stepSize else -stepSize

            if build depth proposal outerMomentum outerVelocity endMomentum endVelocity newSum then
                NutsVectors.copy q from.Position
                NutsVectors.copy p from.Momentum
                from.Gradient <- g
                depth <- depth + 1
                // the newer half is favoured: a draw moves as far as balance allows
                let gain = logWeight - total

                if gain >= 0.0 || stream.NextDouble() < exp gain then
                    sample.Swap proposal

                total <- max total logWeight + log (1.0 + exp (-(abs gain)))

                going <-
                    NutsVectors.goesOn farVelocity endVelocity sum newSum
                    && NutsVectors.goesOn farVelocity outerVelocity sum outerMomentum
                    && NutsVectors.goesOn innerVelocity endVelocity newSum innerMomentum

                NutsVectors.add sum newSum sum
            else
                going <- false

        {
            Acceptance = acceptance / float (max 1 leapfrogs)
            TreeDepth = depth
            Leapfrogs = leapfrogs
            Divergent = divergent
            Energy = sample.Energy
        }

    /// A step size whose first step has an acceptance of about 0.8, by doubling or halving (Hoffman & Gelman 2014,
    /// algorithm 4); nothing, with the last tried, where there is none.
    member this.FindStepSize(random: RandomStream, start: float) : Result<float, float> =
        let gain epsilon =
            this.Begin random
            leap epsilon
            let gain = initialEnergy - energy ()
            // a step that is too small to move anything is none
            moved <- not (ReadOnlySpan(q).SequenceEqual(ReadOnlySpan sample.Position))
            if Double.IsNaN gain then Double.NegativeInfinity else gain

        let limit = log 0.8
        let grows = gain start > limit
        let mutable epsilon = start
        let mutable going = true

        while going do
            if (gain epsilon > limit) <> grows then
                going <- false
            else
                epsilon <- if grows then 2.0 * epsilon else 0.5 * epsilon
                going <- epsilon < 1e7 && epsilon > 1e-300

        if moved && epsilon < 1e7 && epsilon > 1e-300 then
            Ok epsilon
        else
            Error epsilon
