namespace Mixtures

open System

/// Quantiles of samples.
[<RequireQualifiedAccess>]
module internal Quantiles =

    /// The quantile of sorted values by linear interpolation between order statistics (Hyndman & Fan 1996, type 7).
    let ofSorted (probability: float) (sorted: float[]) =
        let place = probability * float (sorted.Length - 1)
        let low = int (floor place)
        let high = min (low + 1) (sorted.Length - 1)
        let share = place - float low

        if share = 0.0 || sorted[low] = sorted[high] then
            sorted[low]
        else
            sorted[low] + share * (sorted[high] - sorted[low])

    /// The quantile of values in any order.
    let ofValues (probability: float) (values: float[]) =
        ofSorted probability (Array.sort values)

    /// The median of values in any order.
    let median (values: float[]) = ofValues 0.5 values
