namespace Mixtures

open System

/// What one E-step gives: the log-likelihood of the parameters it ran with, and the statistics for the M-step.
[<NoEquality; NoComparison>]
type internal EStep =
    {
        /// Σ w log p(x), in units of the pass's reference.
        LogLikelihood: float
        /// Σ w r, per component.
        Counts: float[]
        /// Σ (w r)², per component.
        SquaredCounts: float[]
        /// Rows of positive weight with zero density under every component.
        ZeroDensityRows: int
        Statistics: IStatistics
    }

    /// (Σ a)² / Σ a² of each component: its effective rows.
    member step.EffectiveRows =
        Array.map2 (fun n squares -> if squares > 0.0 then n * n / squares else 0.0) step.Counts step.SquaredCounts

/// Rows of one pattern of missing cells that make a tile: their position among the rows in order, and how many.
[<Struct; NoEquality; NoComparison>]
type internal PatternTile =
    {
        Position: int
        Count: int
        Pattern: int
    }

/// Passes over a dataset, tile by tile, with buffers that are kept between passes. Rows are cut into chunks by their
/// number alone, and chunks are merged in order, so results do not depend on the number of threads.
[<Sealed>]
type internal RowPass(data: Dataset, execution: Execution, onlyWeighted: bool) =
    let arithmetic = BlockArithmetic.For execution.Width
    let mutable workers: (PassWorker | null)[] = [||]
    let mutable shape = struct (0, 0, 0, 0)
    let sums = OrderedSums()

    /// Rows of a tile: enough to make up for loading and storing accumulators, few enough for the nearer caches (640 kB
    /// at most, if that allows 32). An odd multiple of 32, so that the columns of a tile do not all fall into the same
    /// sets of the cache.
    let capacity =
        let rows =
            if execution.BlockRows > 0 then
                execution.BlockRows
            else
                max 32 (min 224 (81920 / max 1 data.Dimension / 32 * 32))

        let fitting = (min (min rows 992) data.Count + 31) / 32
        32 * (fitting ||| 1)

    let prepare components scratch accumulators =
        let wanted = struct (components, capacity, scratch, accumulators)

        if shape <> wanted then
            shape <- wanted
            workers <- Array.zeroCreate execution.ThreadCount

    let worker index =
        match workers[index] with
        | null ->
            let struct (components, capacity, scratch, accumulators) = shape

            let fresh =
                PassWorker(data.Dimension, components, capacity, scratch, accumulators, arithmetic.Width)

            workers[index] <- fresh
            fresh
        | ready -> ready

    // rows of weight zero must leave no trace, however wild: a fit sees a row of positive weight in their place
    let origin =
        lazy
            (let weights = data.Weights.Span
             let mutable i = 0

             while not (weights[i] > 0.0) do
                 i <- i + 1

             data.Row i)

    let neutralise (tile: Tile) =
        for i in 0 .. tile.Count - 1 do
            if tile.Weights[i] = 0.0 then
                for c in 0 .. tile.Dimension - 1 do
                    tile.Column(c)[i] <- origin.Value[c]

        tile.SetCount tile.Count

    // rows that lack cells are ordered by which they lack; those of weight zero are then left out of a fit
    let patterns =
        if data.HasMissing then
            ValueSome(MissingPatterns.find onlyWeighted data)
        else
            ValueNone

    let patternTiles =
        match patterns with
        | ValueNone -> [||]
        | ValueSome found ->
            [|
                for pattern in 0 .. found.Observed.Length - 1 do
                    for start in found.Starts[pattern] .. capacity .. found.Starts[pattern + 1] - 1 ->
                        {
                            Position = start
                            Count = min capacity (found.Starts[pattern + 1] - start)
                            Pattern = pattern
                        }
            |]

    let rowOrder = patterns |> ValueOption.map _.Rows

    let known =
        data.LabelsOption |> ValueOption.ofOption |> ValueOption.bind _.Components

    /// Fills the worker's tile with that of the number, and gives where it begins.
    let fill number (worker: PassWorker) =
        let tile = worker.Tile

        match patterns with
        | ValueNone ->
            let first = number * capacity
            data.Fill(first, tile)

            if onlyWeighted && data.HasWeights then
                neutralise tile

            worker.StartAt(first, ValueNone, known)
        | ValueSome found ->
            let part = patternTiles[number]
            data.Gather(found.Rows, part.Position, part.Count, tile)
            tile.Pattern <- part.Pattern
            worker.StartAt(part.Position, rowOrder, known)

    let tiles =
        if patterns.IsSome then
            patternTiles.Length
        else
            (data.Count + capacity - 1) / capacity

    new(data, execution) = RowPass(data, execution, false)
    member _.Data = data

    /// The rows of a tile.
    member _.Capacity = capacity

    /// The columns that rows have, by pattern; nothing where no cell is missing.
    member _.Patterns = patterns |> ValueOption.map _.Observed

    /// The kernel of components for this pass: where cells are missing, one that leaves them out.
    member _.KernelOf(components: IComponents, request: KernelRequest) : IBlockKernel =
        match patterns with
        | ValueNone -> components.Kernel request
        | ValueSome found -> MissingKernel.Of(components, request, found.Observed)

    /// The component that each row keeps to, or -1; nothing where all are free.
    member _.Known = known

    /// The sum of the weights of the rows that count.
    member _.TotalWeight =
        match patterns with
        | ValueSome found when onlyWeighted ->
            if data.HasWeights then
                let weights = data.Weights
                found.Rows |> Array.sumBy (fun i -> weights.Span[i])
            else
                float found.Rows.Length
        | _ -> data.TotalWeight

    /// The numbers of the rows, grouped by the columns that they have.
    member _.RowGroups: int[][] =
        match patterns with
        | ValueNone -> [| Array.init data.Count id |]
        | ValueSome found ->
            Array.init found.Observed.Length (fun pattern ->
                found.Rows[found.Starts[pattern] .. found.Starts[pattern + 1] - 1])

    /// Σ w s Σ log of the references of the columns that each row has, for shares s of the rows.
    member pass.LogUnitsOf(reference: float[], share: int -> float) =
        let weights = data.Weights

        let columns =
            pass.Patterns |> ValueOption.defaultValue [| [| 0 .. data.Dimension - 1 |] |]

        Array.map2
            (fun (observed: int[]) (rows: int[]) ->
                let own = observed |> Array.sumBy (fun c -> log reference[c])

                let weight i =
                    if data.HasWeights then weights.Span[i] else 1.0

                own * Array.sumBy (fun i -> weight i * share i) rows)
            columns
            pass.RowGroups
        |> Array.sum

    /// Σ w Σ log of the references of the columns that each row has: what takes log-likelihoods of x / reference to the
    /// data's units.
    member pass.LogUnits(reference: float[]) =
        match patterns with
        | ValueNone -> data.TotalWeight * Array.sumBy log reference
        | ValueSome _ -> pass.LogUnitsOf(reference, (fun _ -> 1.0))

    /// Whether one pass is too short to share among threads.
    member _.IsSmall = data.Count * data.Dimension <= 32768

    member _.Arithmetic = arithmetic
    member _.Execution = execution

    /// Runs the body on every tile, in parallel; it gets a worker whose tile is filled, and the tile's number.
    member _.ForEachTile(components: int, scratch: int, body: PassWorker -> int -> unit) =
        prepare components scratch 0

        ParallelFold.run execution.ThreadCount tiles (fun index tile ->
            let worker = worker index
            fill tile worker
            body worker tile)

    /// Runs the body on every tile, and once per chunk (in parallel) reduces what it accumulated into a chunk's own
    /// array; these are then added up in order.
    member _.Fold
        (
            components: int,
            scratch: int,
            accumulators: int,
            length: int,
            start: PassWorker -> unit,
            body: PassWorker -> int -> unit,
            finish: PassWorker -> float[] -> unit
        ) : float[] =
        prepare components scratch accumulators
        let tileCount = tiles
        // by the number of rows only, never by threads
        let perChunk = max 4 ((tileCount + 63) / 64)
        let chunks = (tileCount + perChunk - 1) / perChunk

        sums.Start(chunks, length)

        ParallelFold.run execution.ThreadCount chunks (fun index chunk ->
            let worker = worker index
            start worker

            for tile in chunk * perChunk .. min tileCount ((chunk + 1) * perChunk) - 1 do
                fill tile worker
                body worker tile

            let part = sums.Rent()
            finish worker part
            sums.Add(chunk, part))

        sums.Total

    /// Joint log-densities log π_k + log p_k(x) of every row, in the lanes of the worker, tile by tile.
    member pass.JointLogDensities(kernel: IBlockKernel, logWeights: float[], body: PassWorker -> int -> unit) =
        let components = logWeights.Length
        let scratch = kernel.ScratchLength capacity

        pass.ForEachTile(
            components,
            scratch,
            fun worker number ->
                RowPass.FillJoint(worker, kernel, logWeights)
                body worker number
        )

    static member FillJoint(worker: PassWorker, kernel: IBlockKernel, logWeights: float[]) =
        let capacity = worker.Tile.Capacity

        for k in 0 .. logWeights.Length - 1 do
            worker.Lanes.Slice(k * capacity, capacity).Fill logWeights[k]

        kernel.AddLogDensity(worker.Tile, worker.Scratch.Span, worker.Lanes.Span)

    /// Joint log-densities in the lanes become responsibilities, and evidence.
    static member Normalise(arithmetic: BlockArithmetic, worker: PassWorker, weights: float[]) =
        let tile = worker.Tile
        let lanes = worker.Lanes.Span
        let rows = tile.PaddedCount
        let factors = worker.Factors.Span
        worker.Restrict weights.Length

        arithmetic.Exponentiate(
            lanes,
            tile.Capacity,
            rows,
            weights.Length,
            worker.Evidence.Span,
            factors,
            ReadOnlySpan weights
        )
        |> ignore

        arithmetic.Scale(lanes, tile.Capacity, rows, weights.Length, factors)
        worker.Keep weights.Length

    /// Log-densities and responsibilities: evidence log p(x) of each row, and r_k in the lanes.
    member pass.Responsibilities(kernel: IBlockKernel, weights: float[], body: PassWorker -> int -> unit) =
        pass.JointLogDensities(
            kernel,
            Array.map log weights,
            fun worker number ->
                RowPass.Normalise(arithmetic, worker, weights)
                body worker number
        )

    /// The statistics of rows whose responsibilities are given: the body fills the lanes.
    member pass.Statistics(kernel: IBlockKernel, components: int, fill: PassWorker -> int -> unit) : EStep =
        let kernelScratch = kernel.ScratchLength capacity
        let extra = 2 + 2 * components

        let clear (worker: PassWorker) =
            worker.Accumulators.Span.Clear()
            worker.Counts.Span.Clear()
            worker.Squares.Span.Clear()
            worker.LogLikelihood.Span.Clear()
            worker.ZeroDensityRows <- 0

        let body (worker: PassWorker) number =
            worker.Factors.Span.Fill 1.0
            fill worker number
            let tile = worker.Tile
            let lanes = worker.Lanes.Span

            arithmetic.Weigh(
                lanes,
                tile.Capacity,
                tile.PaddedCount,
                components,
                worker.Factors.Span,
                tile.Weights,
                worker.Counts.Span,
                worker.Squares.Span
            )

            kernel.AddStatistics(tile, worker.Scratch.Span, lanes, worker.Accumulators.Span)

        let finish (worker: PassWorker) (total: float[]) =
            arithmetic.Reduce(worker.LogLikelihood.Span, Span<float>(total, 0, 1))
            total[1] <- float worker.ZeroDensityRows
            arithmetic.Reduce(worker.Counts.Span, Span<float>(total, 2, components))
            arithmetic.Reduce(worker.Squares.Span, Span<float>(total, 2 + components, components))
            kernel.Reduce(worker.Accumulators.Span, Span<float>(total, extra, kernel.StatisticsLength))

        let total =
            pass.Fold(
                components,
                kernelScratch,
                kernel.AccumulatorLength,
                extra + kernel.StatisticsLength,
                clear,
                body,
                finish
            )

        let counts = Array.sub total 2 components

        {
            LogLikelihood = if total[1] > 0.0 then Double.NegativeInfinity else total[0]
            ZeroDensityRows = int total[1]
            Counts = counts
            SquaredCounts = Array.sub total (2 + components) components
            Statistics = kernel.ToStatistics(counts, ReadOnlySpan(total, extra, kernel.StatisticsLength))
        }

    /// Evidence of the tile; responsibilities are lanes times factors. Counts rows without density.
    member _.Evaluate(worker: PassWorker, kernel: IBlockKernel, weights: float[], logWeights: float[]) =
        let tile = worker.Tile
        let rows = tile.PaddedCount
        RowPass.FillJoint(worker, kernel, logWeights)
        worker.Restrict logWeights.Length
        let evidence = worker.Evidence.Span
        let factors = worker.Factors.Span

        let ordinary =
            arithmetic.Exponentiate(
                worker.Lanes.Span,
                tile.Capacity,
                rows,
                weights.Length,
                evidence,
                factors,
                ReadOnlySpan weights
            )

        arithmetic.AddWeighted(evidence, tile.Weights, rows, worker.LogLikelihood.Span)

        if not ordinary then
            for i in 0 .. tile.Count - 1 do
                if Double.IsNegativeInfinity evidence[i] && tile.Weights[i] > 0.0 then
                    worker.ZeroDensityRows <- worker.ZeroDensityRows + 1

            // an E-step's; for a gradient such rows count for nothing
            if weights[0] > 0.0 || Array.exists (fun w -> w > 0.0) weights then
                worker.Keep weights.Length

    /// The E-step: one pass that gives the log-likelihood of the parameters and the statistics for the M-step.
    member pass.EStep(kernel: IBlockKernel, weights: float[]) : EStep =
        let logWeights = Array.map log weights
        pass.Statistics(kernel, weights.Length, (fun worker _ -> pass.Evaluate(worker, kernel, weights, logWeights)))

    /// The statistics of the E-step for a gradient: rows without any density count for nothing in them.
    member pass.GradientStep(kernel: IBlockKernel, logWeights: float[]) : EStep =
        let nothing = Array.zeroCreate logWeights.Length
        pass.Statistics(kernel, logWeights.Length, (fun worker _ -> pass.Evaluate(worker, kernel, nothing, logWeights)))

    /// Σ w log p(x), in units of the kernel's reference.
    member pass.LogLikelihood(kernel: IBlockKernel, weights: float[]) : float =
        pass.LogLikelihoodAt(kernel, Array.map log weights)

    /// As LogLikelihood, from log-weights.
    member pass.LogLikelihoodAt(kernel: IBlockKernel, logWeights: float[]) : float =
        let components = logWeights.Length
        let weights = Array.zeroCreate components

        let total =
            pass.Fold(
                components,
                kernel.ScratchLength capacity,
                0,
                2,
                (fun worker ->
                    worker.LogLikelihood.Span.Clear()
                    worker.ZeroDensityRows <- 0),
                (fun worker _ -> pass.Evaluate(worker, kernel, weights, logWeights)),
                fun worker total ->
                    arithmetic.Reduce(worker.LogLikelihood.Span, Span<float>(total, 0, 1))
                    total[1] <- float worker.ZeroDensityRows
            )

        if total[1] > 0.0 then Double.NegativeInfinity else total[0]
