namespace Mixtures

open System

/// The categorical distribution on the indices 0 … K - 1, by probabilities (which sum to one within 1e-6) or by logits:
/// logarithms of weights that need not be normalised.
[<RequireQualifiedAccess>]
module Categorical =
    let private checkLogits (logits: float[]) =
        if logits.Length = 0 then
            invalidArg (nameof logits) "expected at least one logit, received none"

        for i in 0 .. logits.Length - 1 do
            if Double.IsNaN logits[i] || Double.IsPositiveInfinity logits[i] then
                invalidArg
                    (nameof logits)
                    $"expected finite numbers or minus infinity, received {Wording.number logits[i]} at index {i}"

        if Array.forall Double.IsNegativeInfinity logits then
            invalidArg (nameof logits) "expected at least one logit above minus infinity, received none"

    /// The log-probability of an index in nats; minus infinity for an index that is not one.
    let logDensity (probabilities: float[]) (index: int) =
        Parameter.simplex (nameof probabilities) probabilities

        if index >= 0 && index < probabilities.Length then
            log probabilities[index]
        else
            Double.NegativeInfinity

    /// The log-probability of an index in nats given logits; minus infinity for an index that is not one.
    let logDensityOfLogits (logits: float[]) (index: int) =
        checkLogits logits

        if index >= 0 && index < logits.Length then
            logits[index] - LogSumExp.ofArray logits
        else
            Double.NegativeInfinity

    /// The probabilities that logits stand for.
    let probabilitiesOfLogits (logits: float[]) =
        checkLogits logits
        let total = LogSumExp.ofArray logits
        logits |> Array.map (fun l -> exp (l - total))

    /// The mean of the indicator vector: the probabilities.
    let mean (probabilities: float[]) =
        Parameter.simplex (nameof probabilities) probabilities
        Array.copy probabilities

    /// The covariance of the indicator vector, K x K row by row: diag(p) - p pᵀ.
    let covariance (probabilities: float[]) =
        Parameter.simplex (nameof probabilities) probabilities
        let k = probabilities.Length

        Array.init (k * k) (fun at ->
            let i, j = at / k, at % k

            if i = j then
                probabilities[i] * (1.0 - probabilities[i])
            else
                -probabilities[i] * probabilities[j])

    /// The entropy in nats.
    let entropy (probabilities: float[]) =
        Parameter.simplex (nameof probabilities) probabilities
        -(probabilities |> Array.sumBy (fun p -> if p = 0.0 then 0.0 else p * log p))

    /// A draw, an index.
    let sample (probabilities: float[]) (stream: RandomStream) =
        Parameter.simplex (nameof probabilities) probabilities
        stream.NextIndex(ReadOnlySpan probabilities)

    /// A draw, an index, given logits.
    let sampleOfLogits (logits: float[]) (stream: RandomStream) =
        stream.NextIndex(ReadOnlySpan(probabilitiesOfLogits logits))
