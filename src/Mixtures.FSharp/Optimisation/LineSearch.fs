namespace Mixtures

open System

/// How a line search ended.
[<RequireQualifiedAccess>]
type LineSearchOutcome =
    /// The strong Wolfe conditions hold.
    | Wolfe
    /// The value fell enough, but no step with a gradient flat enough was found within the limit of evaluations.
    | Decrease
    /// No step lowers the value: along this line, rounding hides what is left to gain, or the line does not descend.
    | NoDecrease
    /// The value is finite at no step that was tried.
    | NotFinite
    /// The value fell without end: to minus infinity, or over steps up to 1e20 times the first one.
    | Unbounded

/// Options of a line search.
[<NoEquality; NoComparison>]
type LineSearchOptions =
    {
        /// c₁ in f(x + a d) ≤ f(x) + c₁ a gᵀd; in (0, ½).
        Decrease: float
        /// c₂ in |g(x + a d)ᵀd| ≤ c₂ |gᵀd|; in (c₁, 1).
        Curvature: float
        /// At most so many evaluations; at least 1.
        MaxEvaluations: int
    }

/// Where a line search ended.
[<NoEquality; NoComparison>]
type LineSearchResult =
    {
        /// The point: the start itself where the outcome is NoDecrease or NotFinite.
        Point: ObjectivePoint
        /// The step in multiples of the direction.
        Step: float
        /// How it ended.
        Outcome: LineSearchOutcome
        /// How many evaluations it took.
        Evaluations: int
    }

/// A line search for the strong Wolfe conditions: bracketing and zoom (Nocedal & Wright 2006, algorithms 3.5 and 3.6)
/// by cubic interpolation. Where the function is not finite it steps back. Differences of the value that rounding can
/// explain do not count; there the slopes decide (after Hager & Zhang 2005), so that gradients can be made
/// smaller than values show.
[<RequireQualifiedAccess>]
module LineSearch =

    /// Decrease 1e-4, curvature 0.9, 60 evaluations.
    let defaults =
        {
            Decrease = 1e-4
            Curvature = 0.9
            MaxEvaluations = 60
        }

    /// Differences of values below this share of max(|f|, 1) may be rounding: of sums a thousand times as large, too.
    let private noise = 1e-13

    /// Beyond this multiple of the first step a value that still falls is taken to fall for ever.
    let private farthest = 1e20

    /// A point of the line: step, value and slope there.
    [<Struct; NoEquality; NoComparison>]
    type private Trial =
        {
            At: float
            Value: float
            Slope: float
        }

        member trial.IsFinite = Double.IsFinite trial.Value && Double.IsFinite trial.Slope

    /// Where the slope between two trials would be 0 if it were a straight line.
    let private secant (a: Trial) (b: Trial) =
        a.At - a.Slope * (b.At - a.At) / (b.Slope - a.Slope)

    /// The minimum of the cubic through two trials (Nocedal & Wright, equation 3.59); not finite where there is none.
    let private cubic (a: Trial) (b: Trial) =
        let d1 = a.Slope + b.Slope - 3.0 * (a.Value - b.Value) / (a.At - b.At)
        let d2 = float (sign (b.At - a.At)) * sqrt (d1 * d1 - a.Slope * b.Slope)
        b.At - (b.At - a.At) * ((b.Slope + d2 - d1) / (b.Slope - a.Slope + 2.0 * d2))

    /// The next trial inside a bracket, at least a tenth of its length from either end.
    let private inside allowance (low: Trial) (high: Trial) =
        let guess =
            if not high.IsFinite then
                nan
            elif abs (high.Value - low.Value) <= allowance then
                secant low high
            else
                cubic low high

        let width = high.At - low.At

        if Double.IsFinite guess then
            let share = (guess - low.At) / width
            low.At + width * Math.Clamp(share, 0.1, 0.9)
        elif high.IsFinite then
            low.At + 0.5 * width
        else
            // the edge of the domain may be anywhere between
            low.At + (if low.At = 0.0 then 0.1 else 0.5) * width

    /// The next trial beyond two that both go down: 2 to 10 times as far.
    let private beyond allowance (before: Trial) (last: Trial) =
        let guess =
            if abs (last.Value - before.Value) <= allowance then
                secant before last
            else
                cubic before last

        if Double.IsFinite guess && guess > last.At then
            Math.Clamp(guess, 2.0 * last.At, 10.0 * last.At)
        else
            10.0 * last.At

    /// Raises ArgumentException for an option out of range.
    let internal check (options: LineSearchOptions) =
        if not (options.Decrease > 0.0 && options.Decrease < 0.5) then
            invalidArg
                (nameof options.Decrease)
                $"expected a number between 0 and 0.5, received {Vectors.text options.Decrease}"

        if not (options.Curvature > options.Decrease && options.Curvature < 1.0) then
            invalidArg
                (nameof options.Curvature)
                $"expected a number between Decrease and 1, received {Vectors.text options.Curvature}"

        OptionCheck.atLeast 1 (nameof options.MaxEvaluations) options.MaxEvaluations

    /// The result of not moving.
    let internal nowhere outcome point : LineSearchResult =
        {
            Point = point
            Step = 0.0
            Outcome = outcome
            Evaluations = 0
        }

    /// A search under way: the bracket and the trials so far.
    [<Sealed>]
    type private Search
        (options: LineSearchOptions, objective: Objective, direction: float[], first: float, start: ObjectivePoint) =
        let allowance = noise * max 1.0 (abs start.Value)

        let origin =
            {
                At = 0.0
                Value = start.Value
                Slope = Vectors.dot start.Gradient direction
            }

        /// The best trial that the value falls enough for, and the one before it.
        let mutable low = origin
        let mutable lowPoint = start
        let mutable before = origin

        /// The end of the bracket away from low; at infinity until the bracket is closed.
        let mutable high =
            {
                At = infinity
                Value = infinity
                Slope = nan
            }

        let mutable evaluations = 0
        let mutable anyFinite = false

        let bracketed () = Double.IsFinite high.At

        let ending outcome =
            match outcome with
            | LineSearchOutcome.NoDecrease
            | LineSearchOutcome.NotFinite ->
                { nowhere outcome start with
                    Evaluations = evaluations
                }
            | LineSearchOutcome.Wolfe
            | LineSearchOutcome.Decrease
            | LineSearchOutcome.Unbounded ->
                {
                    Point = lowPoint
                    Step = low.At
                    Outcome = outcome
                    Evaluations = evaluations
                }

        /// What there is where no trial was good enough.
        let exhausted () =
            ending (
                if low.At > 0.0 && low.Value < start.Value then
                    LineSearchOutcome.Decrease
                elif anyFinite || evaluations = 0 then
                    LineSearchOutcome.NoDecrease
                else
                    LineSearchOutcome.NotFinite
            )

        /// Evaluates at a step; where the function is not finite, the value is infinite and the slope is not a number.
        let evaluate step parameters =
            evaluations <- evaluations + 1

            let point =
                if Vectors.isFinite parameters then
                    Objective.evaluate objective parameters
                else
                    { start with Value = infinity }

            let outside value =
                {
                    At = step
                    Value = value
                    Slope = nan
                }

            if Double.IsNegativeInfinity point.Value then
                struct (outside point.Value, point)
            elif point.IsFinite then
                let slope = Vectors.dot point.Gradient direction

                let trial =
                    { outside point.Value with
                        Slope = slope
                    }

                struct ((if trial.IsFinite then trial else outside infinity), point)
            else
                struct (outside infinity, point)

        /// Whether a finite trial, not above low, meets the conditions.
        let accepts (trial: Trial) =
            // where the fall is no larger than rounding, the slope must have halved instead
            let visible =
                trial.Value < start.Value - allowance
                && trial.Value <= start.Value + options.Decrease * trial.At * origin.Slope

            let share =
                if visible then
                    options.Curvature
                else
                    min 0.5 options.Curvature

            abs trial.Slope <= share * -origin.Slope

        /// Takes a trial into the bracket; the result where the search ends with it.
        let take (trial: Trial) point =
            if Double.IsNegativeInfinity trial.Value then
                ValueSome(ending LineSearchOutcome.Unbounded)
            elif not trial.IsFinite then
                high <- trial
                ValueNone
            else
                anyFinite <- true
                let enough = start.Value + options.Decrease * trial.At * origin.Slope

                if trial.Value > (min enough low.Value) + allowance then
                    high <- trial
                    ValueNone
                else
                    // uphill from here towards high: the minimum lies back towards low
                    if trial.Slope * (high.At - trial.At) >= 0.0 then
                        high <- low

                    before <- low
                    low <- trial
                    lowPoint <- point

                    if accepts trial then
                        ValueSome(ending LineSearchOutcome.Wolfe)
                    else
                        ValueNone

        let closed () =
            evaluations >= options.MaxEvaluations
            || (bracketed () && abs (high.At - low.At) <= 1e-15 * max high.At low.At)

        /// The next step to try, or the result where there is none.
        let next () =
            if closed () then
                struct (0.0, ValueSome(exhausted ()))
            elif bracketed () then
                struct (inside allowance low high, ValueNone)
            elif low.At >= farthest * first then
                struct (0.0, ValueSome(ending LineSearchOutcome.Unbounded))
            else
                struct (beyond allowance before low, ValueNone)

        member _.Run() =
            let mutable step = first
            let mutable result = ValueNone

            if not (Double.IsFinite origin.Slope) then
                result <- ValueSome(ending LineSearchOutcome.NotFinite)
            elif origin.Slope >= 0.0 then
                result <- ValueSome(ending LineSearchOutcome.NoDecrease)

            while result.IsNone do
                let parameters = Vectors.moved start.Parameters step direction

                if ReadOnlySpan(parameters).SequenceEqual(ReadOnlySpan start.Parameters) then
                    // the step moves no parameter: too short a beginning, or nothing left between
                    if evaluations = 0 && step < farthest * first then
                        step <- 10.0 * step
                    else
                        result <- ValueSome(exhausted ())
                else
                    let struct (trial, point) = evaluate step parameters
                    result <- take trial point

                    if result.IsNone then
                        let struct (following, found) = next ()
                        step <- following
                        result <- found

            result.Value

    /// Searches from a start (a finite point) along a direction, trying a first step first. Raises ArgumentException
    /// for an option or a first step out of range, or a direction of another length.
    let search
        (options: LineSearchOptions)
        (objective: Objective)
        (direction: float[])
        (first: float)
        (start: ObjectivePoint)
        : LineSearchResult =
        check options
        OptionCheck.positive (nameof first) first
        Vectors.requireLength (nameof direction) start.Parameters.Length direction
        Search(options, objective, direction, first, start).Run()
