namespace Mixtures

open System

/// A rate as a function of the step, which is counted from 0.
type Schedule = int -> float

/// Rates that change from step to step. Every number is checked when the schedule is made; ArgumentException names it.
[<RequireQualifiedAccess>]
module Schedule =

    /// The same rate at every step.
    let constant (rate: float) : Schedule =
        OptionCheck.positive (nameof rate) rate
        fun _ -> rate

    /// rate · factor^⌊step / every⌋: a drop after each so many steps.
    let stepDecay (factor: float) (every: int) (rate: float) : Schedule =
        OptionCheck.positive (nameof factor) factor
        OptionCheck.atLeast 1 (nameof every) every
        OptionCheck.positive (nameof rate) rate
        fun step -> rate * Math.Pow(factor, float (step / every))

    /// rate · factor^(step / every), without jumps.
    let exponential (factor: float) (every: int) (rate: float) : Schedule =
        OptionCheck.positive (nameof factor) factor
        OptionCheck.atLeast 1 (nameof every) every
        OptionCheck.positive (nameof rate) rate
        fun step -> rate * Math.Pow(factor, float step / float every)

    /// rate / (1 + decay · step), as stochastic approximation asks for (Robbins & Monro 1951).
    let inverseTime (decay: float) (rate: float) : Schedule =
        OptionCheck.notNegative (nameof decay) decay
        OptionCheck.positive (nameof rate) rate
        fun step -> rate / (1.0 + decay * float step)

    /// Half a cosine from rate at step 0 to last at step steps, and last from there on (Loshchilov & Hutter 2017).
    let cosine (steps: int) (last: float) (rate: float) : Schedule =
        OptionCheck.atLeast 1 (nameof steps) steps
        OptionCheck.notNegative (nameof last) last
        OptionCheck.positive (nameof rate) rate

        fun step ->
            if step >= steps then
                last
            else
                last + 0.5 * (rate - last) * (1.0 + cos (Math.PI * float step / float steps))

    /// A straight line up to another schedule: its first rate times (step + 1) / (steps + 1) during the first so many
    /// steps, then the schedule from its beginning. The rate is never 0.
    let warmUp (steps: int) (schedule: Schedule) : Schedule =
        OptionCheck.atLeast 0 (nameof steps) steps
        let first = schedule 0

        fun step ->
            if step < steps then
                first * float (step + 1) / float (steps + 1)
            else
                schedule (step - steps)

    /// A cosine with a warm-up before it: so many steps up to rate, then the rest of all steps down to last.
    let warmUpCosine (warmUpSteps: int) (steps: int) (last: float) (rate: float) : Schedule =
        OptionCheck.atLeast 0 (nameof warmUpSteps) warmUpSteps
        OptionCheck.atLeast (warmUpSteps + 1) (nameof steps) steps
        cosine (steps - warmUpSteps) last rate |> warmUp warmUpSteps

    /// Raises ArgumentException unless the first rate is a finite number greater than 0.
    let internal check name (schedule: Schedule) = OptionCheck.positive name (schedule 0)

    /// The rate of a step, which may fall to 0 but not below.
    let internal at name step (schedule: Schedule) =
        let rate = schedule step

        if not (Double.IsFinite rate && rate >= 0.0) then
            invalidArg name $"expected a finite rate of 0 or more at step {step}, received {Vectors.text rate}"

        rate
