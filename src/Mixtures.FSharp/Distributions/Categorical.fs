namespace Mixtures

open System

/// The categorical distribution on the indices 0 … K - 1, by probabilities (which sum to one within 1e-6) or by logits:
/// logarithms of weights that need not be normalised.
[<RequireQualifiedAccess>]
module Categorical =
    let internal checkLogits (logits: float[]) =
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

    /// The log-density as a tensor function of parameters and x; the parameters are not checked.
    let tensorLogDensity (probabilities: Tensor) (x: Tensor) : Tensor =
        Lifted.byIndex (Tensor.xlogy Lifted.unit) probabilities x

    /// The same by logits, which need not be normalised.
    let tensorLogDensityOfLogits (logits: Tensor) (x: Tensor) : Tensor =
        Lifted.byIndex id (Tensor.logsoftmax -1 logits) x

    let private ofProbabilities (probabilities: Tensor) (logDensity: Tensor -> Tensor) : IDistribution =
        let batch = Lifted.batchBefore 1 probabilities
        let k = probabilities.Dims[probabilities.Rank - 1]
        let indices = Tensor.arange k
        let total t = Tensor.sumOver [| -1 |] false t
        let mean () = total (probabilities * indices)

        Distribution.ofParts
            {
                Name = "categorical"
                Parameters = [| probabilities |]
                Support = Support.IntegerRange(0, k - 1)
                BatchShape = batch
                IsReparametrised = false
                LogDensity = logDensity
                Sample =
                    Lifted.eachBlock batch [||] [| struct (probabilities, 1) |] (fun p stream ->
                        [| float (stream.NextIndex(ReadOnlySpan p[0])) |])
                Mean = mean
                Variance = fun () -> total (probabilities * Tensor.square (indices - Tensor.unsqueeze -1 (mean ())))
                Entropy = ValueSome(fun () -> -(total (Tensor.xlogy probabilities probabilities)))
                KullbackLeibler =
                    ValueSome(fun q ->
                        ValueSome(total (Tensor.xlogy probabilities probabilities - Tensor.xlogy probabilities q[0])))
            }

    /// Categorical distributions as values, by probabilities (batch x K). A value is an index; mean and variance are those of
    /// the index as a number.
    let distribution (probabilities: Tensor) : IDistribution =
        TensorParameter.vectors (nameof probabilities) 1 probabilities
        let k = probabilities.Dims[probabilities.Rank - 1]

        for row in Array.chunkBySize k (probabilities.ToArray()) do
            Parameter.simplex (nameof probabilities) row

        ofProbabilities probabilities (tensorLogDensity probabilities)

    /// Categorical distributions as values, by logits (batch x K), which need not be normalised.
    let distributionOfLogits (logits: Tensor) : IDistribution =
        TensorParameter.vectors (nameof logits) 1 logits

        for row in Array.chunkBySize logits.Dims[logits.Rank - 1] (logits.ToArray()) do
            checkLogits row

        ofProbabilities (Tensor.softmax -1 logits) (tensorLogDensityOfLogits logits)
