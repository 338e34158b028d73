namespace Mixtures

open System
open System.Numerics.Tensors

/// The kernel of Student-t components: the Gaussian kernel of their locations and scales gives squared distances δ², from
/// which come densities and the rows' expected precisions u = (ν + D) / (ν + δ²).
[<Sealed>]
type internal StudentTKernel
    (
        inner: IBlockKernel,
        dimension: int,
        degrees: float[],
        // the Gaussian log-densities at the locations
        peaks: float[]
    ) =
    let count = degrees.Length
    let d = float dimension

    let constants =
        Array.map2 (fun nu peak -> peak + 0.5 * d * log (2.0 * Math.PI) + StudentT.logConstant d nu) degrees peaks

    /// Squared distances of the rows to every component in the distances.
    let measure (tile: Tile) (scratch: Span<float>) (distances: Span<float>) =
        let capacity = tile.Capacity
        distances.Clear()
        inner.AddLogDensity(tile, scratch, distances)

        for k in 0 .. count - 1 do
            // the Gaussian log-density is the peak less half the squared distance
            let own = distances.Slice(k * capacity, tile.PaddedCount)

            for i in 0 .. own.Length - 1 do
                own[i] <- max 0.0 (2.0 * (peaks[k] - own[i]))

    interface IBlockKernel with
        member _.ScratchLength capacity =
            inner.ScratchLength capacity + (count + 2) * capacity

        member _.AccumulatorLength = inner.AccumulatorLength + 2 * count
        member _.StatisticsLength = inner.StatisticsLength + 2 * count

        member _.AddLogDensity(tile, scratch, lanes) =
            let capacity = tile.Capacity
            let own = inner.ScratchLength capacity
            let distances = scratch.Slice(own, count * capacity)
            measure tile (scratch.Slice(0, own)) distances

            for k in 0 .. count - 1 do
                let delta = distances.Slice(k * capacity, tile.PaddedCount)
                let lane = lanes.Slice(k * capacity, tile.PaddedCount)
                // log(1 + δ²/ν)
                TensorPrimitives.Divide(Span.op_Implicit delta, degrees[k], delta)
                TensorPrimitives.LogP1(Span.op_Implicit delta, delta)
                let factor = -0.5 * (degrees[k] + d)

                for i in 0 .. lane.Length - 1 do
                    lane[i] <- lane[i] + (constants[k] + factor * delta[i])

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            let capacity = tile.Capacity
            let rows = tile.PaddedCount
            let own = inner.ScratchLength capacity
            let weighted = scratch.Slice(own, count * capacity)
            let logs = scratch.Slice(own + count * capacity, rows)
            measure tile (scratch.Slice(0, own)) weighted
            let sums = accumulators.Slice(inner.AccumulatorLength, 2 * count)

            for k in 0 .. count - 1 do
                let u = weighted.Slice(k * capacity, rows)
                let a = lanes.Slice(k * capacity, rows)
                let nu = degrees[k]

                for i in 0 .. rows - 1 do
                    u[i] <- max 1e-300 ((nu + d) / (nu + u[i]))

                TensorPrimitives.Log(Span.op_Implicit u, logs)
                TensorPrimitives.Multiply(Span.op_Implicit u, Span.op_Implicit a, u)
                sums[2 * k] <- sums[2 * k] + Sums.sum (Span.op_Implicit u)

                sums[2 * k + 1] <- sums[2 * k + 1] + Sums.dot (Span.op_Implicit logs) (Span.op_Implicit a)

            inner.AddStatistics(tile, scratch.Slice(0, own), weighted, accumulators.Slice(0, inner.AccumulatorLength))

        member _.Reduce(accumulators, statistics) =
            let length = inner.StatisticsLength
            inner.Reduce(accumulators.Slice(0, inner.AccumulatorLength), statistics.Slice(0, length))

            for at in 0 .. 2 * count - 1 do
                statistics[length + at] <- statistics[length + at] + accumulators[inner.AccumulatorLength + at]

        member _.ToStatistics(counts, statistics) =
            let length = inner.StatisticsLength
            let precisions = Array.zeroCreate count
            let logs = Array.zeroCreate count

            for k in 0 .. count - 1 do
                precisions[k] <- statistics[length + 2 * k]
                logs[k] <- statistics[length + 2 * k + 1]

            match inner.ToStatistics(precisions, statistics.Slice(0, length)) with
            | :? GaussianStatistics as weighted ->
                StudentTStatistics(Array.copy counts, logs, Array.copy degrees, weighted)
            | other -> other

/// The kernel of Student-t components over some of the columns: precisions are u = (ν + O) / (ν + δ²) with the distance and
/// number of the observed columns, and the weighted Gaussian statistics are completed.
[<Sealed>]
type internal MarginalStudentTKernel
    (inner: CompletingGaussianKernel, observed: int, dimension: int, degrees: float[], peaks: float[]) =
    let count = degrees.Length
    let part = StudentTKernel(inner, observed, degrees, peaks) :> IBlockKernel
    let innerLength = (inner :> IBlockKernel).StatisticsLength

    /// E log of the latent precision less log u, for so many columns.
    let logShift nu columns =
        let half = 0.5 * (nu + float columns)
        SpecialFunctions.digamma half - log half

    interface IBlockKernel with
        member _.ScratchLength capacity = part.ScratchLength capacity
        member _.AccumulatorLength = part.AccumulatorLength + count
        member _.StatisticsLength = part.StatisticsLength

        member _.AddLogDensity(tile, scratch, lanes) =
            part.AddLogDensity(tile, scratch, lanes)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            part.AddStatistics(tile, scratch, lanes, accumulators.Slice(0, part.AccumulatorLength))
            MissingRoom.addCounts tile lanes (accumulators.Slice(part.AccumulatorLength, count))

        member _.Reduce(accumulators, statistics) =
            part.Reduce(accumulators.Slice(0, part.AccumulatorLength), statistics)

            for k in 0 .. count - 1 do
                let n = accumulators[part.AccumulatorLength + k]
                // given u, missing columns have the conditional scale over u
                inner.AddSpread(k, n, statistics)
                // as if the precision had been found from all columns
                let shift = logShift degrees[k] observed - logShift degrees[k] dimension
                let at = innerLength + 2 * k + 1
                statistics[at] <- statistics[at] + n * shift

        member _.ToStatistics(counts, statistics) = part.ToStatistics(counts, statistics)
