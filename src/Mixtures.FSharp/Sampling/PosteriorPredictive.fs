namespace Mixtures

open System

/// What draws of a model's values say of its rows: their log-likelihoods, and data like them.
[<RequireQualifiedAccess>]
module internal PosteriorPredictive =

    /// Numbers of a block of rows that are in memory together: 32 MB.
    [<Literal>]
    let private BlockSize = 4_000_000

    /// The most log-likelihoods of rows that are evaluated where fewer draws would do.
    [<Literal>]
    let private MostEvaluations = 200_000_000L

    /// Fewer draws of a chain than this are not thinned.
    [<Literal>]
    let private FewestDraws = 100

    /// The draws of each chain, evenly spaced, that are taken for so many rows: all where that is not too many.
    let thinned (rows: int) (draws: Draws) : int[] =
        let count = draws.Count
        let affordable = MostEvaluations / int64 (max 1 (rows * draws.ChainCount))
        let taken = int (min (int64 count) (max (int64 FewestDraws) affordable))
        Array.init taken (fun i -> int (int64 i * int64 count / int64 taken))

    /// The log-likelihoods of a row (from 0), one a draw, one chain after the other. Rows are evaluated in blocks, so that they
    /// are to be asked for in order.
    let rowLogLikelihoods (model: BayesianModel) (taken: int[]) (draws: Draws) : int -> float[] =
        let chains = draws.ChainCount
        let total = chains * taken.Length
        let rows = model.RowCount

        if rows = 0 then
            invalidOp
                "The program's observations have no common rows: a log-likelihood for each row needs data whose first axis are the rows, the same number in each."

        let size = Math.Clamp(BlockSize / max 1 total, 1, max 1 rows)
        let mutable first = -1
        let mutable block: float[][] = [||]

        let load row =
            first <- row
            let chosen = Array.init (min size (rows - row)) (fun i -> row + i)

            let density =
                model.Parts.RowLogLikelihoods(if chosen.Length = rows then ValueNone else ValueSome chosen)

            block <-
                Array.init total (fun s ->
                    SampleComponents.values model draws (s / taken.Length) taken[s % taken.Length]
                    |> density)

        fun row ->
            if first < 0 || row < first || row >= first + size then
                load row

            Array.init total (fun s -> block[s].[row - first])

    let private columnOf (values: Tensor) (column: int) (columns: int) =
        let numbers = values.ToArray()
        Array.init (numbers.Length / columns) (fun i -> numbers[i * columns + column])

    /// Weighted statistics of numbers, of which those that are missing (NaN) do not count.
    let private summary (statistic: float[] -> float[] -> float) (weights: float[] voption) (column: float[]) =
        let weightOf i =
            match weights with
            | ValueSome w when w.Length = column.Length -> w[i]
            | _ -> 1.0

        let there =
            [| 0 .. column.Length - 1 |]
            |> Array.filter (fun i -> not (Double.IsNaN column[i]) && weightOf i > 0.0)

        statistic (there |> Array.map (fun i -> column[i])) (there |> Array.map weightOf)

    let private mean (x: float[]) (w: float[]) =
        Array.fold2 (fun sum x w -> sum + w * x) 0.0 x w / Array.sum w

    let private deviation x w =
        let m = mean x w
        sqrt (mean (x |> Array.map (fun v -> (v - m) * (v - m))) w)

    /// Mean, standard deviation, least and greatest of every column of an observation.
    let statistics (weights: float[] voption) (observed: ObservedData) : (string * (Tensor -> float)) list =
        let columns = observed.Columns.Length

        [
            for j in 0 .. columns - 1 do
                let name = observed.Columns[j]

                if observed.Values.Count > 0 then
                    let of' statistic (values: Tensor) =
                        columnOf values j columns |> summary statistic weights

                    $"mean of {name}", of' mean
                    $"standard deviation of {name}", of' deviation
                    $"least {name}", of' (fun x _ -> Array.min x)
                    $"greatest {name}", of' (fun x _ -> Array.max x)
        ]

    /// The observation of a name, or the only one.
    let observed (name: string option) (model: BayesianModel) : ObservedData =
        let all = model.Parts.Observed.Value
        let names = all |> List.map _.Name |> String.concat ", "

        match name with
        | Some name ->
            match all |> List.tryFind (fun o -> o.Name = name) with
            | Some found -> found
            | None -> invalidArg (nameof name) $"expected one of the observations {names}, received {name}"
        | None ->
            match all with
            | [ one ] -> one
            | [] -> invalidOp "The program observes nothing, so there are no data to check."
            | _ -> invalidArg (nameof name) $"expected the name of one of the observations {names}, received none"

    /// Checks of statistics of one observation's data, against those predicted by so many draws, evenly spaced over chains.
    let check
        (statistics: (string * (Tensor -> float)) list)
        (observed: ObservedData)
        (count: int)
        (key: RandomKey)
        (model: BayesianModel)
        (draws: Draws)
        : PredictiveCheck list =
        let total = draws.Count * draws.ChainCount

        if count < 1 || count > total then
            invalidArg (nameof count) $"expected from 1 to {total} draws, received {count}"

        let replicate i stream =
            let s = int (int64 i * int64 total / int64 count)

            let values = SampleComponents.values model draws (s / draws.Count) (s % draws.Count)

            model.Predict values stream
            |> List.find (fun (name, _) -> name = observed.Name)
            |> snd

        PredictiveChecks.run statistics key count replicate observed.Values
