namespace Mixtures

open System

/// What distributions of whole numbers share.
[<RequireQualifiedAccess>]
module internal Whole =
    /// Whether x is a whole number of at least 0.
    let isCount (x: float) =
        x >= 0.0 && Math.Floor x = x && Double.IsFinite x

    /// The least whole k from 0 to last with cdf k ≥ probability: steps from a guess that double, then halving.
    let quantile (cdf: float -> float) (last: float) (guess: float) (probability: float) =
        let clamp (k: float) = Math.Clamp(Math.Floor k, 0.0, last)
        let enough (k: float) = cdf k >= probability

        if probability <= 0.0 || enough 0.0 then
            0.0
        elif probability >= 1.0 then
            last
        else
            // cdf low < probability ≤ cdf high
            let mutable low = 0.0
            let mutable high = clamp (max guess 1.0)
            let mutable step = 1.0

            if enough high then
                let mutable searching = true

                while searching do
                    let candidate = max low (high - step)

                    if candidate <= low then
                        searching <- false
                    elif enough candidate then
                        high <- candidate
                        step <- 2.0 * step
                    else
                        low <- candidate
                        searching <- false
            else
                low <- high

                while not (enough (clamp (low + step))) && low + step < last do
                    low <- low + step
                    step <- 2.0 * step

                high <- clamp (low + step)

            let mutable middle = Math.Floor(low + 0.5 * (high - low))

            while high - low > 1.0 && middle > low && middle < high do
                if enough middle then high <- middle else low <- middle
                middle <- Math.Floor(low + 0.5 * (high - low))

            high
