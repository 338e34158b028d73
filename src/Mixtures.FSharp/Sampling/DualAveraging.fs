namespace Mixtures

open System

/// Dual averaging of a step size (Hoffman & Gelman 2014, section 3.2.1); plain numbers, so that it can be saved.
[<Struct>]
type DualAveraging =
    {
        /// Updates so far.
        Count: int
        /// What the logarithm of the step size is drawn to: log(10 ε₁).
        Centre: float
        /// The mean shortfall of the acceptance.
        Shortfall: float
        /// The mean of the logarithms of the step sizes, weighted towards the last.
        LogMean: float
        /// The step size to take next.
        StepSize: float
    }

    /// The step size for the draws, after the last update; after fewer than ten, which cannot tell, half
    /// of the one it began at, which is at the edge of what is accepted.
    member averaging.Final =
        if averaging.Count < 10 then
            0.05 * exp averaging.Centre
        else
            exp averaging.LogMean

/// Dual averaging with γ = 0.05, t₀ = 10 and κ = 0.75.
[<RequireQualifiedAccess>]
module DualAveraging =

    /// Begins at a step size.
    let start (stepSize: float) : DualAveraging =
        {
            Count = 0
            Centre = log (10.0 * stepSize)
            Shortfall = 0.0
            LogMean = 0.0
            StepSize = stepSize
        }

    /// Learns from the acceptance statistic of one transition, for a target acceptance.
    let update (target: float) (acceptance: float) (state: DualAveraging) : DualAveraging =
        let count = state.Count + 1
        let eta = 1.0 / (float count + 10.0)

        let shortfall = (1.0 - eta) * state.Shortfall + eta * (target - min 1.0 acceptance)

        let logStep = state.Centre - shortfall * sqrt (float count) / 0.05
        let weight = Math.Pow(float count, -0.75)

        {
            Count = count
            Centre = state.Centre
            Shortfall = shortfall
            LogMean = (1.0 - weight) * state.LogMean + weight * logStep
            StepSize = exp logStep
        }
