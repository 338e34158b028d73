namespace Mixtures

open System
open System.Numerics.Tensors

/// Sufficient statistics of Bernoulli components: with a the weight of a row in a component, Σ a and Σ a x.
[<Sealed>]
type BernoulliStatistics
    internal
    (
        dimension: int,
        counts: float[],
        sums: float[],
        // K x D, or nothing where every row counts in all of its columns
        columnCounts: float[]
    ) =

    /// The number of columns, D.
    member _.Dimension = dimension

    /// Σ a, per component.
    member _.Counts = counts

    /// Σ a of the rows that count in a column, given the component and the column: those that have it, where missing
    /// values are dropped.
    member _.CountOf(k: int, column: int) =
        ColumnCounts.at counts columnCounts k column

    member internal _.ColumnCounts = columnCounts

    /// Σ a x: K x D, row by row.
    member _.Sums = sums

    /// The statistics of no rows at all.
    static member Empty(components: int, dimension: int) =
        BernoulliStatistics(dimension, Array.zeroCreate components, Array.zeroCreate (components * dimension), [||])

    /// The statistics of both sets of rows together.
    member _.Merge(other: BernoulliStatistics) =
        if other.Dimension <> dimension || other.Counts.Length <> counts.Length then
            invalidArg
                (nameof other)
                $"expected statistics of {counts.Length} components of {dimension} columns, received {other.Counts.Length} of {other.Dimension}"

        BernoulliStatistics(
            dimension,
            Array.map2 (+) counts other.Counts,
            Array.map2 (+) sums other.Sums,
            ColumnCounts.merge dimension (counts, columnCounts) (other.Counts, other.ColumnCounts)
        )

    interface IStatistics with
        member _.Counts = counts

        member _.IsFinite =
            Array.forall Double.IsFinite counts && Array.forall Double.IsFinite sums

        member this.Merge other =
            match other with
            | :? BernoulliStatistics as other -> this.Merge other
            | _ -> invalidArg (nameof other) "expected Bernoulli statistics"

/// Probabilities of ones, kept away from 0 and 1.
[<RequireQualifiedAccess>]
module internal BernoulliProbability =

    /// The least probability of a zero or a one: a column that is always 0 in a component still allows a 1, at a price of
    /// 28 nats.
    [<Literal>]
    let Least = 1e-12

    let bound (p: float) = max Least (min (1.0 - Least) p)

    /// log p - log(1 - p)
    let logit (p: float) = log p - SpecialFunctions.log1p -p

    /// The logit of the largest probability.
    let LargestLogit = logit (1.0 - Least)

    /// log(1 - p) of a logit: -log(1 + eˡ).
    let logRest (logit: float) =
        -(max logit 0.0) - SpecialFunctions.log1p (exp -(abs logit))

    /// Σ log(1 - p) over logits, as logRest: with u = 1 + e and e = exp(-|l|), log(1 + e) = log u + (e - (u - 1)) / u.
    let sumOfLogRests (logits: ReadOnlySpan<float>) : float =
        let n = logits.Length
        let e = Array.zeroCreate<float> n
        let u = Array.zeroCreate<float> n
        let lost = Array.zeroCreate<float> n
        TensorPrimitives.Abs(logits, Span e)
        TensorPrimitives.Negate(ReadOnlySpan e, Span e)
        TensorPrimitives.Exp(ReadOnlySpan e, Span e)
        TensorPrimitives.Add(ReadOnlySpan e, 1.0, Span u)
        TensorPrimitives.Subtract(ReadOnlySpan u, 1.0, Span lost)
        TensorPrimitives.Subtract(ReadOnlySpan e, ReadOnlySpan lost, Span lost)
        TensorPrimitives.Divide(ReadOnlySpan lost, ReadOnlySpan u, Span lost)
        TensorPrimitives.Log(ReadOnlySpan u, Span u)
        TensorPrimitives.Add(ReadOnlySpan u, ReadOnlySpan lost, Span u)
        TensorPrimitives.Max(logits, 0.0, Span e)
        TensorPrimitives.Add(ReadOnlySpan u, ReadOnlySpan e, Span u)
        -(Sums.sum (ReadOnlySpan u))

    /// The probability of each logit.
    let ofLogits (logits: float[]) : float[] =
        let p = GC.AllocateUninitializedArray<float> logits.Length
        TensorPrimitives.Sigmoid(ReadOnlySpan logits, Span p)
        p

    let ofLogit (logit: float) =
        if logit >= 0.0 then
            1.0 / (1.0 + exp -logit)
        else
            let e = exp logit
            e / (1.0 + e)

/// The kernel of Bernoulli components: log p(x) = Σ x log(p / (1 - p)) + Σ log(1 - p).
[<Sealed>]
type internal BernoulliKernel<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>
    (count: int, dimension: int, logits: float[], shift: float) =
    let nothing = Array.zeroCreate<float> count

    let constants =
        Array.init count (fun k ->
            shift
            + BernoulliProbability.sumOfLogRests (ReadOnlySpan(logits, k * dimension, dimension)))

    /// Columns that are worked on together, so that they stay in the nearest cache for all components: a multiple of four.
    let block = 16

    let blocks = (dimension + block - 1) / block

    /// The sums of a block of columns.
    let blockLength = DiagonalKernels<'O, 'V>.SumsLength(count, block)

    interface IBlockKernel with
        member _.ScratchLength _ = 0
        member _.AccumulatorLength = blocks * blockLength
        member _.StatisticsLength = count * dimension

        member _.AddLogDensity(tile, _, lanes) =
            let capacity = tile.Capacity

            for first in 0..block .. dimension - 1 do
                let columns = min block (dimension - first)

                LinearKernels<'O, 'V>
                    .AddProducts(
                        tile.Data.Slice(first * capacity, columns * capacity),
                        capacity,
                        tile.PaddedCount,
                        columns,
                        Span<float>(logits).Slice first,
                        dimension,
                        Span<float>(if first = 0 then constants else nothing),
                        lanes
                    )

        member _.AddStatistics(tile, _, lanes, accumulators) =
            let capacity = tile.Capacity

            for first in 0..block .. dimension - 1 do
                let columns = min block (dimension - first)

                LinearKernels<'O, 'V>
                    .AddWeightedSums(
                        tile.Data.Slice(first * capacity, columns * capacity),
                        capacity,
                        tile.PaddedCount,
                        columns,
                        count,
                        lanes,
                        accumulators.Slice(first / block * blockLength, blockLength)
                    )

        member _.Reduce(accumulators, statistics) =
            for first in 0..block .. dimension - 1 do
                let columns = min block (dimension - first)
                let step = DiagonalKernels<'O, 'V>.SumsStep columns
                let sums = accumulators.Slice(first / block * blockLength, blockLength)

                for k in 0 .. count - 1 do
                    for d in 0 .. columns - 1 do
                        let at = k * dimension + first + d
                        statistics[at] <- statistics[at] + sums[k * step + d]

        member _.ToStatistics(counts, statistics) =
            BernoulliStatistics(dimension, Array.copy counts, statistics.ToArray(), [||])

/// Bernoulli components: K x D logits of the probabilities of a one. Immutable.
[<Sealed>]
type internal BernoulliComponents(family: IComponentFamily, count: int, dimension: int, logits: float[]) =
    let probability k d =
        BernoulliProbability.ofLogit logits[k * dimension + d]

    let kernel (request: KernelRequest) : IBlockKernel =
        let shift = Array.sumBy log request.Reference

        match enum<SimdWidth> request.Width with
        | SimdWidth.Vector512 -> BernoulliKernel<Ops512, _>(count, dimension, logits, shift)
        | SimdWidth.Vector256 -> BernoulliKernel<Ops256, _>(count, dimension, logits, shift)
        | _ -> BernoulliKernel<OpsScalar, _>(count, dimension, logits, shift)

    let part (k: int) (columns: int[]) =
        columns |> Array.map (fun d -> logits[k * dimension + d])

    /// K x D, row by row.
    member _.Logits = logits

    /// The probability of a one: K x D, row by row.
    member _.Probabilities = BernoulliProbability.ofLogits logits

    interface IComponents with
        member _.Family = family
        member _.Count = count
        member _.Dimension = dimension
        member _.FreeParameters = count * dimension
        member _.ActiveColumns = [| 0 .. dimension - 1 |]
        member this.Active = this
        member _.Kernel request = kernel request
        member _.Magnification _ = 1.0

        member _.Choose indices =
            let all = [| 0 .. dimension - 1 |]
            BernoulliComponents(family, indices.Length, dimension, indices |> Array.collect (fun k -> part k all))

        member _.Marginal columns =
            BernoulliComponents(
                family,
                count,
                columns.Length,
                [| 0 .. count - 1 |] |> Array.collect (fun k -> part k columns)
            )

        member this.Condition(columns, values) =
            let rest = [| 0 .. dimension - 1 |] |> Array.except columns

            let given =
                Array.init count (fun k ->
                    let mutable sum = 0.0

                    for i in 0 .. columns.Length - 1 do
                        let l = logits[k * dimension + columns[i]]
                        sum <- sum + values[i] * l + BernoulliProbability.logRest l

                    sum)

            struct ((this :> IComponents).Marginal rest, given)

        member _.Sample(k, stream, row) =
            for d in 0 .. dimension - 1 do
                row[d] <- if stream.NextDouble() < probability k d then 1.0 else 0.0

        member _.Mean k = Array.init dimension (probability k)

        member _.Covariance k =
            Array2D.init dimension dimension (fun i j ->
                if i = j then
                    probability k i * (1.0 - probability k i)
                else
                    0.0)

        member _.Entropy k =
            let mutable sum = 0.0

            for d in 0 .. dimension - 1 do
                let l = logits[k * dimension + d]
                // -p log p - (1 - p) log(1 - p)
                sum <- sum - BernoulliProbability.logRest l - probability k d * l

            sum

        member _.Cdf(k, x) =
            if dimension <> 1 then
                invalidOp $"the distribution function is of one column, but these components have {dimension}"

            if x < 0.0 then 0.0
            elif x < 1.0 then 1.0 - probability k 0
            else 1.0

    interface IMarginalComponents with
        member this.MarginalKernel(observed, request) =
            let d = observed.Length

            DroppingKernel(
                count,
                dimension,
                observed,
                MissingRoom.kernel (this :> IComponents).Marginal observed request dimension,
                Array.init (count * d) (fun at -> at / d * dimension + observed[at % d]),
                count * dimension,
                fun counts statistics columnCounts -> BernoulliStatistics(dimension, counts, statistics, columnCounts)
            )
