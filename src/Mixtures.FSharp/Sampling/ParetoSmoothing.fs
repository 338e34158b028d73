namespace Mixtures

open System

/// Importance weights with their largest ones smoothed.
[<NoEquality; NoComparison>]
type SmoothedWeights =
    {
        /// The logarithms of the smoothed weights, which sum to one.
        LogWeights: float[]
        /// The shape of the generalised Pareto distribution of the largest weights: below 0.5 they have a variance, above
        /// 0.7 estimates by them cannot be trusted. Minus infinity where all weights are the same; plus infinity where there
        /// are too few draws to tell.
        KHat: float
        /// 1 / Σ w²: how many equal weights are as good.
        EffectiveDraws: float
    }

/// Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao & Gabry 2024, JMLR 25:72): the largest weights are
/// replaced by the quantiles of a generalised Pareto distribution fitted to them, whose shape tells whether to trust them.
[<RequireQualifiedAccess>]
module ParetoSmoothing =

    /// Shape k and scale σ of the generalised Pareto distribution of ascending positive exceedances, by Zhang & Stephens
    /// (2009), with the shape drawn to 0.5 by the weight of ten observations (Vehtari et al. 2024, appendix G).
    let internal fitTail (x: float[]) : struct (float * float) =
        let n = float x.Length
        let points = 30 + int (sqrt n)
        let quartile = x[int (floor (n / 4.0 + 0.5)) - 1]
        let largest = x[x.Length - 1]

        // mean log(1 - θ x) = k for a θ = -k/σ, on a grid of θ weighted by their profile likelihood
        let shape theta =
            x |> Array.averageBy (fun value -> SpecialFunctions.log1p (-theta * value))

        let grid =
            Array.init points (fun j ->
                1.0 / largest + (1.0 - sqrt (float points / (float j + 0.5))) / (3.0 * quartile))

        let profile =
            grid
            |> Array.map (fun theta ->
                let k = shape theta
                // at 0, the exponential distribution, -θ/k is one over the mean
                let rate = if theta = 0.0 then 1.0 / Array.average x else -theta / k
                n * (log rate - k - 1.0))

        let total = LogSumExp.ofArray profile

        let theta =
            Array.fold2 (fun sum theta likelihood -> sum + theta * exp (likelihood - total)) 0.0 grid profile

        let k = shape theta
        struct ((n * k + 5.0) / (n + 10.0), -k / theta)

    /// The quantile of the generalised Pareto distribution: σ ((1 - p)^-k - 1) / k.
    let internal quantile k sigma probability =
        let l = SpecialFunctions.log1p -probability

        if abs k < 1e-12 then
            -sigma * l
        else
            sigma * SpecialFunctions.expm1 (-k * l) / k

    /// How many of the largest of S weights are smoothed, for draws of a relative efficiency (effective draws over draws).
    let internal tailLength (efficiency: float) (count: int) =
        min (0.2 * float count) (3.0 * sqrt (float count / efficiency)) |> ceil |> int

    /// The largest k-hat with which S draws give estimates to be trusted: the smaller of 0.7 and 1 - 1 / log10 S.
    let threshold (draws: int) =
        min 0.7 (1.0 - 1.0 / log10 (float (max 2 draws)))

    /// Smooths weights from the logarithms of their ratios, for draws of a relative efficiency (1 for independent draws; of
    /// a chain, effective draws over draws). Ratios may be minus infinity, but not all of them; NaN and plus infinity raise
    /// ArgumentException.
    let smoothDependent (efficiency: float) (logRatios: float[]) : SmoothedWeights =
        if logRatios.Length = 0 then
            invalidArg (nameof logRatios) "expected at least one ratio, received none"

        if not (efficiency > 0.0 && Double.IsFinite efficiency) then
            invalidArg
                (nameof efficiency)
                $"expected a relative efficiency greater than 0, received {Wording.number efficiency}"

        match
            logRatios
            |> Array.tryFindIndex (fun r -> Double.IsNaN r || Double.IsPositiveInfinity r)
        with
        | Some i ->
            invalidArg
                (nameof logRatios)
                $"expected logarithms below infinity, received {Wording.number logRatios[i]} as ratio {i + 1}"
        | None -> ()

        let most = Array.max logRatios

        if Double.IsNegativeInfinity most then
            invalidArg (nameof logRatios) "expected at least one ratio greater than 0, received none"

        let count = logRatios.Length
        let logs = logRatios |> Array.map (fun r -> r - most)
        let length = tailLength efficiency count

        let khat =
            if Array.forall (fun l -> l = 0.0) logs then
                Double.NegativeInfinity
            elif length < 5 || length >= count then
                Double.PositiveInfinity
            else
                let order = Array.init count id
                Array.Sort(Array.copy logs, order)
                let tail = Array.sub order (count - length) length
                let cutoff = exp logs[order[count - length - 1]]
                let exceedances = tail |> Array.map (fun i -> exp logs[i] - cutoff)

                if exceedances[length - 1] = exceedances[0] then
                    // no spread among the largest: as good as equal
                    Double.NegativeInfinity
                elif exceedances[int (floor (float length / 4.0 + 0.5)) - 1] <= 0.0 then
                    // a quarter of the largest weights are ties with the rest, or nothing beside the largest
                    Double.PositiveInfinity
                else
                    let struct (k, sigma) = fitTail exceedances

                    if Double.IsFinite k && Double.IsFinite sigma then
                        for z in 0 .. length - 1 do
                            let p = (float z + 0.5) / float length
                            // none larger than the largest raw weight
                            logs[tail[z]] <- min 0.0 (log (cutoff + quantile k sigma p))

                        k
                    else
                        Double.PositiveInfinity

        let total = LogSumExp.ofArray logs

        for i in 0 .. count - 1 do
            logs[i] <- logs[i] - total

        {
            LogWeights = logs
            KHat = khat
            EffectiveDraws = 1.0 / (logs |> Array.sumBy (fun l -> exp (2.0 * l)))
        }

    /// Smooths weights of independent draws from the logarithms of their ratios; see smoothDependent.
    let smooth (logRatios: float[]) : SmoothedWeights = smoothDependent 1.0 logRatios

    /// The k-hat of ratios whose logarithms are given; see smooth.
    let kHat (logRatios: float[]) : float = (smooth logRatios).KHat
