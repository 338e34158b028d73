namespace Mixtures

open System
open System.Numerics

/// Options of Adam and AdamW.
[<NoEquality; NoComparison>]
type AdamOptions =
    {
        /// About the largest change of a parameter in one step; its first value must be finite and greater than 0.
        Rate: Schedule
        /// The factor of the moving mean of gradients, in [0, 1).
        Beta1: float
        /// The factor of the moving mean of their squares, in [0, 1).
        Beta2: float
        /// Added to the root of the mean square; greater than 0.
        Epsilon: float
        /// Each step also shortens the parameters by rate · decay, apart from the gradient (AdamW); 0 for Adam itself.
        Decay: float
    }

/// Adam (Kingma & Ba 2015), with decoupled weight decay AdamW (Loshchilov & Hutter 2019):
/// m ← (1 - β₁) g + β₁ m; v ← (1 - β₂) g² + β₂ v; at step i, from 0,
/// x ← x - rate · ((m / (1 - β₁^(i+1))) / (√(v / (1 - β₂^(i+1))) + ε) + decay · x).
[<RequireQualifiedAccess>]
module Adam =

    /// Rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, no decay.
    let defaults: AdamOptions =
        {
            Rate = Schedule.constant 0.001
            Beta1 = 0.9
            Beta2 = 0.999
            Epsilon = 1e-8
            Decay = 0.0
        }

    /// The defaults of AdamW: those of Adam with a decay of 0.01.
    let decoupled = { defaults with Decay = 0.01 }

    let private step
        (options: AdamOptions)
        at
        (gradient: float[])
        (parameters: float[])
        (moments: float[][])
        (update: float[])
        =
        let rate = Schedule.at (nameof options.Rate) at options.Rate
        Vectors.requireSquares (nameof gradient) gradient
        let n = gradient.Length
        let mean = moments[0]
        let square = moments[1]
        let beta1 = options.Beta1
        let beta2 = options.Beta2
        let epsilon = options.Epsilon
        let decay = options.Decay
        let meanCorrection = 1.0 - Math.Pow(beta1, float (at + 1))
        let squareCorrection = 1.0 - Math.Pow(beta2, float (at + 1))
        let lanes = Vector<float>.Count
        let mutable i = 0

        if n >= lanes then
            let keep1 = Vector beta1
            let take1 = Vector(1.0 - beta1)
            let keep2 = Vector beta2
            let take2 = Vector(1.0 - beta2)
            let correct1 = Vector meanCorrection
            let correct2 = Vector squareCorrection
            let added = Vector epsilon
            let down = Vector -rate
            let shrink = Vector decay

            while i <= n - lanes do
                let g = Vector<float>(gradient, i)
                let m = take1 * g + keep1 * Vector<float>(mean, i)
                let v = take2 * (g * g) + keep2 * Vector<float>(square, i)
                m.CopyTo(mean, i)
                v.CopyTo(square, i)
                let direction = m / correct1 / (Vector.SquareRoot(v / correct2) + added)

                let whole =
                    if decay = 0.0 then
                        direction
                    else
                        direction + shrink * Vector<float>(parameters, i)

                (down * whole).CopyTo(update, i)
                i <- i + lanes

        while i < n do
            let g = gradient[i]
            let m = (1.0 - beta1) * g + beta1 * mean[i]
            let v = (1.0 - beta2) * (g * g) + beta2 * square[i]
            mean[i] <- m
            square[i] <- v
            let direction = m / meanCorrection / (sqrt (v / squareCorrection) + epsilon)

            let whole =
                if decay = 0.0 then
                    direction
                else
                    direction + decay * parameters[i]

            update[i] <- -rate * whole
            i <- i + 1

    /// The step as a part of a chain. Raises ArgumentException for an option out of range; a step does for a gradient
    /// above 1e150, whose square is no number.
    let transform (options: AdamOptions) : GradientTransform =
        Schedule.check (nameof options.Rate) options.Rate
        OptionCheck.decay (nameof options.Beta1) options.Beta1
        OptionCheck.decay (nameof options.Beta2) options.Beta2
        OptionCheck.positive (nameof options.Epsilon) options.Epsilon
        OptionCheck.notNegative (nameof options.Decay) options.Decay

        GradientTransform.inPlace (if options.Decay = 0.0 then "adam" else "adamw") [ true; true ] (step options)

    /// The optimiser. Raises ArgumentException for an option out of range.
    let create (options: AdamOptions) =
        Optimiser.ofTransform (transform options)
