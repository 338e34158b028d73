namespace Mixtures

open System
open System.Collections.Generic

/// Functions on mixtures; the data come last. Results are one number or row per row of the data.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Mixture =

    /// How far the sum of a mixture's weights may be from one.
    [<Literal>]
    let private WeightTolerance = 1e-6

    /// A mixture of the given components; fails where the weights are not finite, negative or do not sum to one, or a
    /// covariance is not positive definite. Column names are optional.
    let create (columns: string list option) (weights: float[]) (components: IComponents) =
        if weights.Length <> components.Count then
            invalidArg
                (nameof weights)
                $"expected {components.Count} weights, one a component, received {weights.Length}"

        weights
        |> Array.iteri (fun k w ->
            if not (Double.IsFinite w && w >= 0.0) then
                invalidArg
                    (nameof weights)
                    $"expected weights that are finite and not negative, received {Wording.number w} for component {k + 1}")

        let total = Array.sum weights

        if abs (total - 1.0) > WeightTolerance then
            invalidArg
                (nameof weights)
                $"expected weights that sum to one, received weights that sum to {Wording.number total}: divide them by their sum"

        match columns with
        | Some names when names.Length <> components.Dimension ->
            invalidArg (nameof columns) $"expected {components.Dimension} column names, received {names.Length}"
        | _ -> ()

        let mixture =
            Mixture(Array.copy weights, components, Option.map List.toArray columns)

        // factors every covariance
        mixture.Kernel |> ignore
        mixture

    /// The components' weights: K numbers.
    let weights (mixture: Mixture) = mixture.Weights

    /// Fills one number a row.
    let private perRow (mixture: Mixture) (data: Dataset) (fill: PassWorker -> float[] -> unit) =
        let pass = mixture.Pass data
        let result = Array.zeroCreate data.Count
        pass.Responsibilities(mixture.KernelFor pass, mixture.WeightArray, fun worker _ -> fill worker result)
        result

    /// Fills K numbers a row from what the lanes hold.
    let private fromLanes (components: int) (worker: PassWorker) (result: float[,]) (value: float -> int -> float) =
        let capacity = worker.Tile.Capacity

        for k in 0 .. components - 1 do
            for i in 0 .. worker.Tile.Count - 1 do
                result[worker.Row i, k] <- value worker.Lanes.Span[k * capacity + i] i

    /// log p(x) of every row, in nats: N numbers.
    let logDensity (mixture: Mixture) (data: Dataset) : float[] =
        perRow mixture data (fun worker result ->
            let evidence = worker.Evidence.Span

            for i in 0 .. worker.Tile.Count - 1 do
                result[worker.Row i] <- evidence[i])

    /// log p_k(x) of every row under every component, without the weights, in nats: N x K.
    let componentLogDensities (mixture: Mixture) (data: Dataset) : float[,] =
        let pass = mixture.Pass data
        let result = Array2D.zeroCreate data.Count mixture.Count

        pass.JointLogDensities(
            mixture.KernelFor pass,
            Array.zeroCreate mixture.Count,
            fun worker _ -> fromLanes mixture.Count worker result (fun value _ -> value)
        )

        result

    /// The probability that each component made each row: N x K, every row sums to one.
    let responsibilities (mixture: Mixture) (data: Dataset) : float[,] =
        let pass = mixture.Pass data
        let result = Array2D.zeroCreate data.Count mixture.Count

        pass.Responsibilities(
            mixture.KernelFor pass,
            mixture.WeightArray,
            fun worker _ -> fromLanes mixture.Count worker result (fun value _ -> value)
        )

        result

    /// log p(x) of one row of D numbers, in nats: the quick way for single rows.
    let logDensityOfRow (mixture: Mixture) (row: float[]) : float =
        mixture.Rows.Use(row, (fun worker -> worker.Evidence.Span[0]))

    /// The probability that each component made one row of D numbers: K numbers; the quick way for single rows.
    let responsibilitiesOfRow (mixture: Mixture) (row: float[]) : float[] =
        mixture.Rows.Use(
            row,
            fun worker -> Array.init mixture.Count (fun k -> worker.Lanes.Span[k * worker.Tile.Capacity])
        )

    /// The most probable component, from 0, of one row of D numbers; the quick way for single rows.
    let predictRow (mixture: Mixture) (row: float[]) : int =
        mixture.Rows.Use(
            row,
            fun worker ->
                let lanes = worker.Lanes.Span
                let mutable best = 0

                for k in 1 .. mixture.Count - 1 do
                    if lanes[k * worker.Tile.Capacity] > lanes[best * worker.Tile.Capacity] then
                        best <- k

                best
        )

    /// One minus the largest responsibility of one row of D numbers; the quick way for single rows.
    let uncertaintyOfRow (mixture: Mixture) (row: float[]) : float =
        1.0 - Array.max (responsibilitiesOfRow mixture row)

    /// log p_k(x) of one row of D numbers under every component, without the weights, in nats: K numbers; the quick way
    /// for single rows.
    let componentLogDensitiesOfRow (mixture: Mixture) (row: float[]) : float[] = mixture.Rows.Densities row

    /// The logarithms of the responsibilities of one row of D numbers, exact also where these underflow: K numbers; the
    /// quick way for single rows.
    let logResponsibilitiesOfRow (mixture: Mixture) (row: float[]) : float[] =
        let joint = mixture.Rows.Joint row
        let evidence = LogSumExp.ofArray joint

        if Double.IsNegativeInfinity evidence then
            Array.map log mixture.WeightArray
        else
            joint |> Array.map (fun l -> l - evidence)

    /// The logarithms of the responsibilities, exact also where these underflow: N x K. A row with zero density under
    /// every component gets the logarithms of the weights.
    let logResponsibilities (mixture: Mixture) (data: Dataset) : float[,] =
        let pass = mixture.Pass data
        let result = Array2D.zeroCreate data.Count mixture.Count
        let logWeights = Array.map log mixture.WeightArray

        pass.JointLogDensities(
            mixture.KernelFor pass,
            logWeights,
            fun worker _ ->
                worker.Restrict mixture.Count
                let row = Array.zeroCreate mixture.Count

                for i in 0 .. worker.Tile.Count - 1 do
                    for k in 0 .. mixture.Count - 1 do
                        row[k] <- worker.Lanes.Span[k * worker.Tile.Capacity + i]

                    let evidence = LogSumExp.ofArray row

                    for k in 0 .. mixture.Count - 1 do
                        result[worker.Row i, k] <-
                            if Double.IsNegativeInfinity evidence then
                                logWeights[k]
                            else
                                row[k] - evidence
        )

        result

    /// Calls with the most responsible component of each row and its responsibility.
    let private mostResponsible (mixture: Mixture) (data: Dataset) (store: int -> int -> float -> unit) =
        let pass = mixture.Pass data

        pass.Responsibilities(
            mixture.KernelFor pass,
            mixture.WeightArray,
            fun worker _ ->
                let capacity = worker.Tile.Capacity
                let lanes = worker.Lanes.Span

                for i in 0 .. worker.Tile.Count - 1 do
                    let mutable best = 0

                    for k in 1 .. mixture.Count - 1 do
                        if lanes[k * capacity + i] > lanes[best * capacity + i] then
                            best <- k

                    store (worker.Row i) best lanes[best * capacity + i]
        )

    /// The most probable component of each row, from 0; the first of equals.
    let predict (mixture: Mixture) (data: Dataset) : int[] =
        let labels = Array.zeroCreate data.Count
        mostResponsible mixture data (fun row k _ -> labels[row] <- k)
        labels

    /// One minus the largest responsibility of each row: 0 is certain.
    let uncertainty (mixture: Mixture) (data: Dataset) : float[] =
        let result = Array.zeroCreate data.Count
        mostResponsible mixture data (fun row _ r -> result[row] <- 1.0 - r)
        result

    /// The log-likelihood Σ w log p(x), in nats, summed over rows.
    let score (mixture: Mixture) (data: Dataset) : float =
        let pass = mixture.WeightedPass data
        pass.LogLikelihood(mixture.KernelFor pass, mixture.WeightArray)

    /// Σ w log max_k r_k: zero when every row is certain.
    let internal classificationPenalty (mixture: Mixture) (data: Dataset) =
        let pass = mixture.WeightedPass data
        let kernel = mixture.KernelFor pass
        let logWeights = Array.map log mixture.WeightArray

        let total =
            pass.Fold(
                mixture.Count,
                kernel.ScratchLength pass.Capacity,
                1,
                1,
                (fun worker -> worker.Accumulators.Span.Clear()),
                (fun worker _ ->
                    pass.Evaluate(worker, kernel, mixture.WeightArray, logWeights)
                    let capacity = worker.Tile.Capacity
                    let lanes = worker.Lanes.Span
                    let factors = worker.Factors.Span
                    let rowWeights = worker.Tile.Weights
                    let mutable sum = 0.0

                    for i in 0 .. worker.Tile.Count - 1 do
                        let mutable best = lanes[i]

                        for k in 1 .. mixture.Count - 1 do
                            best <- max best lanes[k * capacity + i]

                        sum <- sum + rowWeights[i] * log (best * factors[i])

                    worker.Accumulators.Span[0] <- worker.Accumulators.Span[0] + sum),
                fun worker total -> total[0] <- worker.Accumulators.Span[0]
            )

        total[0]

    /// Akaike's information criterion 2k - 2L; smaller is better.
    let aic (mixture: Mixture) (data: Dataset) =
        2.0 * float mixture.FreeParameters - 2.0 * score mixture data

    /// The Bayesian information criterion k ln n - 2L with n the total weight; smaller is better.
    let bic (mixture: Mixture) (data: Dataset) =
        float mixture.FreeParameters * log (mixture.WeightedPass data).TotalWeight
        - 2.0 * score mixture data

    /// The integrated completed likelihood bic - 2 Σ w log max_k r; smaller is better (Biernacki, Celeux & Govaert
    /// 2000).
    let icl (mixture: Mixture) (data: Dataset) =
        bic mixture data - 2.0 * classificationPenalty mixture data

    /// The names of a column's levels (position from 0); none for a column of numbers.
    let levels (column: int) (mixture: Mixture) = mixture.Levels column

    /// Draws rows; they are labelled with the number of their component, from 1. Levels have the model's names.
    let sample (key: RandomKey) (count: int) (mixture: Mixture) : Dataset =
        if count < 1 then
            invalidArg (nameof count) $"expected at least 1 row, received {count}"

        let d = mixture.Dimension
        let stream = key.Stream()
        let values = Array.zeroCreate (count * d)
        let codes = Array.zeroCreate count

        for i in 0 .. count - 1 do
            let k = stream.NextIndex(ReadOnlySpan mixture.WeightArray)
            codes[i] <- k
            mixture.Components.Sample(k, stream, Span<float>(values, i * d, d))

        let storage = RowMajorStorage<float>([| values |], count, count, d)
        let labels = Labels(codes, Array.init mixture.Count (fun k -> string (k + 1)))

        let columns =
            DatasetColumn.ofStorage MissingCells.Refuse storage (Seq.toArray mixture.ColumnNames)
            |> Array.mapi (fun c column ->
                { column with
                    Levels = Seq.toArray (mixture.Levels c)
                })

        Dataset(storage, columns, mixture.HasColumnNames, None, Some labels)

    /// The mean of the mixture: D numbers.
    let mean (mixture: Mixture) : float[] =
        let result = Array.zeroCreate mixture.Dimension

        for k in 0 .. mixture.Count - 1 do
            let m = mixture.Components.Mean k

            for i in 0 .. mixture.Dimension - 1 do
                result[i] <- result[i] + mixture.WeightArray[k] * m[i]

        result

    /// The covariance of the mixture, Σ_k π_k (Σ_k + (μ_k - μ)(μ_k - μ)ᵀ): D x D.
    let covariance (mixture: Mixture) : float[,] =
        let d = mixture.Dimension
        let centre = mean mixture
        let result = Array2D.zeroCreate d d

        for k in 0 .. mixture.Count - 1 do
            let w = mixture.WeightArray[k]
            let m = mixture.Components.Mean k
            let c = mixture.Components.Covariance k

            for i in 0 .. d - 1 do
                for j in 0 .. d - 1 do
                    result[i, j] <- result[i, j] + w * (c[i, j] + (m[i] - centre[i]) * (m[j] - centre[j]))

        result

    let private checkColumns (mixture: Mixture) (columns: int list) =
        for column in columns do
            if column < 0 || column >= mixture.Dimension then
                invalidArg (nameof columns) $"expected columns 0 to {mixture.Dimension - 1}, received {column}"

        if (List.distinct columns).Length <> columns.Length then
            invalidArg (nameof columns) "expected each column once"

    let private named (mixture: Mixture) (columns: int[]) =
        mixture.NamesOption
        |> Option.map (fun names -> columns |> Array.map (fun i -> names[i]))

    /// The joint distribution of the chosen columns (positions from 0), in the order given.
    let marginal (columns: int list) (mixture: Mixture) : Mixture =
        if columns.IsEmpty then
            invalidArg (nameof columns) "expected at least one column"

        checkColumns mixture columns
        let chosen = List.toArray columns

        if not (chosen |> Array.exists (fun i -> Array.contains i mixture.ActiveColumns)) then
            invalidArg (nameof columns) "every chosen column is constant: expected at least one that varies"

        Mixture(mixture.Weights, mixture.Components.Marginal chosen, named mixture chosen)

    /// The distribution of the other columns given values of some (position from 0, value).
    let conditional (given: (int * float) list) (mixture: Mixture) : Mixture =
        let columns = List.map fst given
        checkColumns mixture columns

        if columns.IsEmpty || columns.Length >= mixture.Dimension then
            invalidArg (nameof given) $"expected 1 to {mixture.Dimension - 1} given columns, received {columns.Length}"

        for column, value in given do
            if not (Double.IsFinite value) then
                invalidArg (nameof given) $"expected finite values, received {Wording.number value} for column {column}"

        let struct (components, logDensities) =
            mixture.Components.Condition(List.toArray columns, given |> List.map snd |> List.toArray)

        // π_k p_k(given), normalised
        let joint = Array.map2 (fun w l -> log w + l) mixture.WeightArray logDensities
        let evidence = LogSumExp.ofArray joint

        let weights =
            if Double.IsNegativeInfinity evidence then
                mixture.Weights
            else
                joint |> Array.map (fun l -> exp (l - evidence))

        let free =
            [| 0 .. mixture.Dimension - 1 |]
            |> Array.filter (fun i -> not (List.contains i columns))

        Mixture(weights, components, named mixture free)

    /// P(X ≤ x) of a mixture of one column.
    let cdf (x: float) (mixture: Mixture) : float =
        if mixture.Dimension <> 1 then
            invalidArg
                (nameof mixture)
                $"expected a mixture of one column, received one of {mixture.Dimension}: take a marginal first"

        let mutable sum = 0.0

        for k in 0 .. mixture.Count - 1 do
            sum <- sum + mixture.WeightArray[k] * mixture.Components.Cdf(k, x)

        sum

    /// The x with P(X ≤ x) = probability, for a mixture of one column; by bisection, to the last bit or so.
    let quantile (probability: float) (mixture: Mixture) : float =
        if not (probability > 0.0 && probability < 1.0) then
            invalidArg
                (nameof probability)
                $"expected a probability between 0 and 1, received {Wording.number probability}"

        let sd k =
            let covariance = mixture.Components.Covariance k
            sqrt covariance[0, 0]

        let used =
            [ 0 .. mixture.Count - 1 ]
            |> List.filter (fun k -> mixture.WeightArray[k] > 0.0)

        let mutable low =
            used
            |> List.map (fun k -> (mixture.Components.Mean k)[0] - 40.0 * sd k)
            |> List.min

        let mutable high =
            used
            |> List.map (fun k -> (mixture.Components.Mean k)[0] + 40.0 * sd k)
            |> List.max

        let mutable searching = true

        while searching do
            let middle = low + 0.5 * (high - low)

            if middle <= low || middle >= high then searching <- false
            elif cdf middle mixture < probability then low <- middle
            else high <- middle

        high

    /// An upper bound on the differential entropy, Σ π_k (H_k - log π_k), in nats (Huber et al. 2008, eq. 8).
    let entropyUpperBound (mixture: Mixture) : float =
        let mutable sum = 0.0

        for k in 0 .. mixture.Count - 1 do
            let w = mixture.WeightArray[k]

            if w > 0.0 then
                sum <- sum + w * (mixture.Components.Entropy k - log w)

        sum

    /// The number of parameters that a fit adjusts.
    let freeParameters (mixture: Mixture) = mixture.FreeParameters

    /// The data, over the model's columns, with every missing cell filled in from the distribution of the missing columns
    /// given the observed ones of its row.
    let private fillIn (pick: int -> Mixture -> float[]) (mixture: Mixture) (data: Dataset) : Dataset =
        let matched = mixture.AllColumns data
        let d = mixture.Dimension

        let values =
            Array.init matched.Count (fun i ->
                let row = matched.Row i

                match [ 0 .. d - 1 ] |> List.filter (fun c -> Double.IsNaN row[c]) with
                | [] -> row
                | missing ->
                    // constant columns say nothing of the others
                    let present = Array.except missing mixture.ActiveColumns |> Array.toList
                    let given = present |> List.map (fun c -> c, row[c])

                    let free = [ 0 .. d - 1 ] |> List.except present
                    let rest = if given.IsEmpty then mixture else conditional given mixture
                    let filled = pick i rest

                    for c in missing do
                        row[c] <- filled[List.findIndex ((=) c) free]

                    row)

        matched.Like(Table.ofRowMajor MissingCells.Refuse (Array.concat values) d)

    /// Missing cells filled in with their conditional means given what their row has; levels with the most probable one.
    let impute (mixture: Mixture) (data: Dataset) : Dataset =
        let density (own: Mixture) level =
            try
                logDensityOfRow own [| level |]
            with :? DataException ->
                nan

        // codes follow each other; the first that cannot be held ends them
        let mostProbable own =
            Seq.initInfinite float
            |> Seq.takeWhile (density own >> Double.IsNaN >> not)
            |> Seq.maxBy (density own)

        let expected (rest: Mixture) =
            match rest.Family with
            | :? ILevelFamily as family ->
                mean rest
                |> Array.mapi (fun c m ->
                    if family.HoldsLevels c then
                        mostProbable (marginal [ c ] rest)
                    else
                        m)
            | _ -> mean rest

        fillIn (fun _ rest -> expected rest) mixture data

    /// Missing cells filled in with a draw given what their row has: one of many possible completions of the data.
    let imputeDraw (key: RandomKey) (mixture: Mixture) (data: Dataset) : Dataset =
        fillIn (fun row rest -> (sample (key.Child row) 1 rest).Row 0) mixture data
