namespace Mixtures

open System
open System.Globalization

/// How well draws of a posterior predict rows that they have not seen. All in nats; the larger elpd is the better.
[<NoEquality; NoComparison>]
type PredictiveAccuracy =
    {
        /// "waic" or "loo".
        Method: string
        /// The expected log predictive density, summed over rows.
        Elpd: float
        /// The standard error of that sum over rows.
        StandardError: float
        /// The effective number of parameters: what the density of the same rows promises beyond elpd.
        EffectiveParameters: float
        /// Each row's part of elpd.
        Rows: float[]
        /// Each row's k-hat, of leave-one-out; its part of the effective parameters, of WAIC.
        RowReliability: float[]
        /// What a person should know, in plain words.
        Warnings: string list
    }

    /// -2 elpd, on the scale of AIC and its kin.
    member accuracy.Deviance = -2.0 * accuracy.Elpd

/// The widely applicable information criterion (Watanabe 2010) and leave-one-out cross-validation by Pareto-smoothed
/// importance sampling (Vehtari, Gelman & Gabry 2017), from the log-likelihoods of single rows at draws of a posterior.
[<RequireQualifiedAccess>]
module PredictiveAccuracy =

    /// Rows that are smoothed side by side.
    [<Literal>]
    let private RowsAtOnce = 64

    let private checkRow (row: int) (logs: float[]) (draws: int) =
        if logs.Length <> draws then
            invalidArg "row" $"expected {draws} log-likelihoods of each row, received {logs.Length} of row {row + 1}"

        match logs |> Array.tryFindIndex (Double.IsFinite >> not) with
        | Some s ->
            invalidArg
                "row"
                $"expected finite log-likelihoods, received {Wording.number logs[s]} for row {row + 1} in draw {s + 1}"
        | None -> ()

    /// log 1/S Σ exp l_s.
    let private logMean (logs: float[]) =
        LogSumExp.ofArray logs - log (float logs.Length)

    /// A row of weight w counts as w rows.
    let private assemble name (weights: float[] voption) (elpd: float[]) (density: float[]) reliability warnings =
        let weigh (values: float[]) =
            match weights with
            | ValueSome weights ->
                if weights.Length <> values.Length then
                    invalidArg
                        (nameof weights)
                        $"expected {values.Length} weights, one a row, received {weights.Length}"

                Array.map2 (fun w v -> if w > 0.0 then w * v else 0.0) weights values
            | ValueNone -> values

        let n =
            match weights with
            | ValueSome weights -> Array.sum weights
            | ValueNone -> float elpd.Length

        let m = Array.sum (weigh elpd) / n

        let squares = elpd |> Array.map (fun e -> (e - m) * (e - m)) |> weigh |> Array.sum

        let elpd = weigh elpd

        {
            Method = name
            Elpd = Array.sum elpd
            // √(n var), which one row cannot tell
            StandardError =
                if n > 1.0 then
                    sqrt (n * squares / (n - 1.0))
                else
                    Double.PositiveInfinity
            EffectiveParameters = Array.sum (weigh density) - Array.sum elpd
            Rows = elpd
            RowReliability = reliability
            Warnings = warnings
        }

    let private checkCounts (rows: int) =
        if rows < 1 then
            invalidArg (nameof rows) $"expected at least 1 row, received {rows}"

    let internal waicWeighted (weights: float[] voption) (rows: int) (row: int -> float[]) : PredictiveAccuracy =
        checkCounts rows
        let first = row 0

        if first.Length < 2 then
            invalidArg (nameof row) $"expected at least 2 draws, received {first.Length}"

        let density = Array.zeroCreate rows
        let penalty = Array.zeroCreate rows

        for i in 0 .. rows - 1 do
            let logs = if i = 0 then first else row i
            checkRow i logs first.Length
            let m = Array.average logs
            density[i] <- logMean logs
            penalty[i] <- (logs |> Array.sumBy (fun l -> (l - m) * (l - m))) / float (logs.Length - 1)

        let unsure = penalty |> Array.filter (fun p -> p > 0.4) |> Array.length

        let warnings =
            if unsure = 0 then
                []
            else
                let noun = Wording.count unsure "row"

                [
                    $"WAIC cannot be trusted for {noun} whose log-likelihood varies by more than 0.4 over the draws: use leave-one-out."
                ]

        assemble "waic" weights (Array.map2 (-) density penalty) density penalty warnings

    /// WAIC of N rows; the function gives the S log-likelihoods of a row (from 0), one a draw, so that the N x S of them need
    /// not be in memory together.
    let waicOf (rows: int) (row: int -> float[]) : PredictiveAccuracy = waicWeighted ValueNone rows row

    /// WAIC from log-likelihoods, draws x rows.
    let waic (logLikelihoods: float[,]) : PredictiveAccuracy =
        waicOf (logLikelihoods.GetLength 1) (fun i -> logLikelihoods[*, i])

    let internal looWeighted (weights: float[] voption) (chains: int) (rows: int) (row: int -> float[]) =
        checkCounts rows
        let first = row 0
        let draws = first.Length

        if chains < 1 || draws % chains <> 0 || draws / chains < 6 then
            invalidArg
                (nameof chains)
                $"expected chains of the same length with at least 6 draws each, received {draws} draws of {chains} chains"

        let elpd = Array.zeroCreate rows
        let density = Array.zeroCreate rows
        let khat = Array.zeroCreate rows

        let ofRow i (logs: float[]) =
            let most = Array.max logs

            let likelihoods =
                logs
                |> Array.map (fun l -> exp (l - most))
                |> Array.chunkBySize (draws / chains)

            let efficiency = Diagnostics.essMean likelihoods / float draws
            let smoothed = ParetoSmoothing.smoothDependent efficiency (logs |> Array.map (~-))
            elpd[i] <- LogSumExp.ofArray (Array.map2 (+) smoothed.LogWeights logs)
            density[i] <- logMean logs
            khat[i] <- smoothed.KHat

        // rows are asked for in order, and smoothed side by side, each for itself
        for start in 0..RowsAtOnce .. rows - 1 do
            let some =
                Array.init (min RowsAtOnce (rows - start)) (fun j ->
                    let i = start + j
                    let logs = if i = 0 then first else row i
                    checkRow i logs draws
                    logs)

            ParallelFold.run Environment.ProcessorCount some.Length (fun _ j -> ofRow (start + j) some[j])

        let threshold = ParetoSmoothing.threshold draws
        let bad = khat |> Array.filter (fun k -> k > threshold) |> Array.length

        let warnings =
            if bad = 0 then
                []
            else
                let noun = Wording.count bad "row"
                let limit = threshold.ToString("F2", CultureInfo.InvariantCulture)

                [
                    $"Leave-one-out cannot be trusted for {noun} with a k-hat above {limit}: the posterior without it differs too much; fit again without it, or use a more robust model."
                ]

        assemble "loo" weights elpd density khat warnings

    /// Leave-one-out cross-validation of N rows from draws of so many chains, stored one chain after the other: the function
    /// gives the S log-likelihoods of a row (from 0). The relative efficiency of each row's likelihoods is that of their mean.
    let looOf (chains: int) (rows: int) (row: int -> float[]) : PredictiveAccuracy =
        looWeighted ValueNone chains rows row

    /// Leave-one-out from log-likelihoods, draws x rows, of so many chains stored one after the other; see looOf.
    let loo (chains: int) (logLikelihoods: float[,]) : PredictiveAccuracy =
        looOf chains (logLikelihoods.GetLength 1) (fun i -> logLikelihoods[*, i])

    /// By how much the first predicts the same rows better than the second, with the standard error of the sum of rows'
    /// differences.
    let difference (first: PredictiveAccuracy) (second: PredictiveAccuracy) : struct (float * float) =
        if first.Rows.Length <> second.Rows.Length then
            invalidArg (nameof second) $"expected {first.Rows.Length} rows, received {second.Rows.Length}"

        let each = Array.map2 (-) first.Rows second.Rows
        let whole = assemble "" ValueNone each each [||] []
        struct (whole.Elpd, whole.StandardError)
