namespace Mixtures

open System

/// Decides from log-likelihoods when EM has converged: when the gain still to come, by Aitken's extrapolation of the
/// last three (Böhning et al. 1994), is below the tolerance twice running. One small step is no sign: EM has plateaus.
/// Where the M-step adds an absolute floor, the log-likelihood is not what it maximises: it may then fall, and
/// convergence is judged by how far it still moves.
[<Sealed>]
type internal Convergence(tolerance: float, totalWeight: float, reference: float[], monotone: bool) =
    let mutable before = nan
    let mutable last = nan
    let mutable small = 0
    let mutable remaining = Double.PositiveInfinity
    let mutable stepsToGo = nan
    let mutable violations = 0

    let dimension = float reference.Length

    /// Σ w Σ |log of the columns' units|: how far apart the log-likelihoods in both units may be.
    let units = totalWeight * Array.sumBy (fun unit -> abs (log unit)) reference

    /// Differences below this are rounding in well-conditioned sums.
    let noise value =
        2.2e-16 * (10.0 * abs value + totalWeight * (10.0 + dimension))

    /// Falls of up to this are rounding, where the terms of log-densities, or what they make of rounding in their
    /// parameters, are so large. Every row's log-density has the logarithms of the units in it: the sum may be near zero
    /// in the one unit, and the rounding is still that of the sum in the other.
    let rounding value magnification =
        4.0
        * (noise value
           + 2.2e-16 * (10.0 * units + totalWeight * (magnification - 1.0) * dimension))

    /// The estimated gain to come, in nats a row.
    member _.RemainingGain = remaining

    /// How many more steps the gain to come will take to fall below the tolerance, at the rate of the last three; NaN
    /// where that cannot be told.
    member _.StepsToGo = stepsToGo

    /// How often the log-likelihood fell by more than rounding explains.
    member _.Violations = violations

    /// Whether the last two estimates were below the tolerance.
    member _.Converged = tolerance > 0.0 && small >= 2

    /// Takes the log-likelihood of the next iteration, and how large the terms of its log-densities are or by how much
    /// they magnify rounding, which is asked for only where it fell.
    member _.Add(value: float, magnification: unit -> float) =
        let change = value - last

        if
            monotone
            && change < -(rounding value 1.0)
            && change < -(rounding value (magnification ()))
        then
            violations <- violations + 1

        let step = if monotone then change else abs change
        let previous = if monotone then last - before else abs (last - before)
        let noise = noise value
        stepsToGo <- nan

        remaining <-
            if Double.IsNaN step || Double.IsNaN previous then
                Double.PositiveInfinity
            elif abs step <= noise then
                noise / totalWeight
            else
                let rate = step / previous

                if rate >= 1.0 || previous <= 0.0 || step < 0.0 then
                    Double.PositiveInfinity
                else
                    // step (rate + rate² + …), and never less than a tenth of the step itself
                    let gain = max (step * rate / (1.0 - rate)) (0.1 * step) / totalWeight
                    stepsToGo <- log (tolerance / gain) / log rate
                    gain

        small <- if remaining < tolerance then small + 1 else 0
        before <- last
        last <- value

    /// Forgets what came before: the parameters were changed from outside.
    member _.Reset() =
        before <- nan
        last <- nan
        small <- 0
        stepsToGo <- nan
        remaining <- Double.PositiveInfinity
