namespace Mixtures

open System

/// Sums of exponentials in log space.
[<RequireQualifiedAccess>]
module LogSumExp =

    /// log Σ exp xᵢ, shifted by the largest x; minus infinity if every x is.
    let ofSpan (values: ReadOnlySpan<float>) =
        let mutable largest = Double.NegativeInfinity

        for x in values do
            if x > largest then
                largest <- x

        if Double.IsInfinity largest then
            largest
        else
            let mutable sum = 0.0

            for x in values do
                let shifted = x - largest

                if shifted >= SimdWidth.SmallestExponent then
                    sum <- sum + exp shifted

            largest + log sum

    /// log Σ exp xᵢ of an array.
    let ofArray (values: float[]) = ofSpan (ReadOnlySpan values)
