namespace Mixtures

open System
open System.Threading

/// Evaluates single rows, in microseconds: it keeps a worker between calls, and threads that meet make their own.
[<Sealed>]
type internal RowEvaluator
    (
        kernel: IBlockKernel,
        weights: float[],
        activeColumns: int[],
        dimension: int,
        family: IComponentFamily,
        names: string[]
    ) =
    let capacity = 32
    let arithmetic = BlockArithmetic.For SimdWidth.best
    let logWeights = Array.map log weights
    let noWeights = Array.zeroCreate<float> weights.Length
    let mutable spare: PassWorker | null = null

    let fresh () =
        PassWorker(activeColumns.Length, weights.Length, capacity, kernel.ScratchLength capacity, 0, arithmetic.Width)

    /// log a_k + log p_k(x) of the row (D numbers) under every component, for the given log a.
    let joint (row: float[]) (logFactors: float[]) =
        if row.Length <> dimension then
            raise (
                DataException
                    $"""The row has {Wording.count row.Length "number"}, but the model has {Wording.count dimension "column"}: give one number a column."""
            )

        let worker =
            match Interlocked.Exchange(&spare, null) with
            | null -> fresh ()
            | ready -> ready

        let tile = worker.Tile

        for c in 0 .. activeColumns.Length - 1 do
            let value = row[activeColumns[c]]

            if not (Double.IsFinite value) then
                raise (
                    DataException
                        $"Column {activeColumns[c] + 1} of the row is {Wording.number value}: expected a finite number."
                )

            tile.Column(c)[0] <- value

        FamilyColumns.demandRow family names (ReadOnlySpan row)
        tile.Weights[0] <- 1.0
        tile.SetCount 1
        RowPass.FillJoint(worker, kernel, logFactors)
        worker

    let lanesOf (worker: PassWorker) =
        Array.init weights.Length (fun k -> worker.Lanes.Span[k * capacity])

    /// Evidence and responsibilities of the row (D numbers) are in the worker's first lanes while it is used.
    member _.Use(row: float[], body: PassWorker -> 'T) : 'T =
        let worker = joint row logWeights

        RowPass.Normalise(arithmetic, worker, weights)
        let result = body worker
        spare <- worker
        result

    /// log π_k + log p_k(x) of the row: K numbers.
    member _.Joint(row: float[]) : float[] =
        let worker = joint row logWeights
        let result = lanesOf worker
        spare <- worker
        result

    /// log p_k(x) of the row: K numbers.
    member _.Densities(row: float[]) : float[] =
        let worker = joint row noWeights
        let result = lanesOf worker
        spare <- worker
        result
