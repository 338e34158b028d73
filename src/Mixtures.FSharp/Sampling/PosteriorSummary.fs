namespace Mixtures

open System

/// What draws say about one parameter, and how precisely.
[<NoEquality; NoComparison>]
type ParameterSummary =
    {
        Name: string
        Mean: float
        /// The standard deviation.
        Sd: float
        /// The quantiles of 5, 50 and 95 %.
        Low: float
        /// The median.
        Median: float
        /// The quantile of 95 %.
        High: float
        /// The Monte Carlo standard error of the mean.
        McseMean: float
        /// The Monte Carlo standard error of the standard deviation.
        McseSd: float
        /// The Monte Carlo standard error of the median.
        McseMedian: float
        /// Rank-normalised split R-hat; none of a single chain.
        RHat: float voption
        /// The effective sample size for the centre.
        EssBulk: float
        /// The effective sample size for the 5 % and 95 % quantiles.
        EssTail: float
    }

/// Tables of what draws say.
[<RequireQualifiedAccess>]
module PosteriorSummary =

    /// The summary of one quantity's draws, an array for each chain. Raises ArgumentException where there are fewer than 6
    /// draws a chain, or one that is not finite.
    let ofChains (name: string) (chains: float[][]) : ParameterSummary =
        // checks
        let bulk = Diagnostics.essBulk chains
        let sorted = Array.sort (Array.concat chains)
        let mean = Autocovariance.mean sorted

        let scatter = sorted |> Array.sumBy (fun x -> (x - mean) * (x - mean))

        {
            Name = name
            Mean = mean
            Sd = sqrt (scatter / float (sorted.Length - 1))
            Low = Quantiles.ofSorted 0.05 sorted
            Median = Quantiles.ofSorted 0.5 sorted
            High = Quantiles.ofSorted 0.95 sorted
            McseMean = Diagnostics.mcseMean chains
            McseSd = Diagnostics.mcseSd chains
            McseMedian = Diagnostics.mcseQuantile 0.5 chains
            RHat =
                if chains.Length > 1 then
                    ValueSome(Diagnostics.rHat chains)
                else
                    ValueNone
            EssBulk = bulk
            EssTail = Diagnostics.essTail chains
        }

    /// The summaries of every parameter. Raises ArgumentException where there are fewer than 6 draws a chain.
    let ofDraws (draws: Draws) : ParameterSummary[] =
        if draws.ChainCount = 0 || draws.Count < 6 then
            invalidArg (nameof draws) $"expected at least 6 draws in each chain, received {draws.Count}"

        let summaries = Array.zeroCreate draws.Dimension

        // each parameter for itself, so threads change nothing
        ParallelFold.run Environment.ProcessorCount draws.Dimension (fun _ j ->
            summaries[j] <- ofChains draws.Names[j] (Draws.parameterAt j draws))

        summaries

    /// The summary of independent draws, whose effective number is their number. Raises ArgumentException for fewer than 6, and
    /// for one that is not finite.
    let ofIndependent (name: string) (draws: float[]) : ParameterSummary =
        let n = float draws.Length
        let own = ofChains name [| draws |]

        { own with
            McseMean = own.Sd / sqrt n
            RHat = ValueNone
            EssBulk = n
            EssTail = n
        }

    let private names (found: ParameterSummary[]) =
        let listed = found |> Seq.truncate 5 |> Seq.map _.Name |> String.concat ", "

        if found.Length > 5 then
            listed + $" and {found.Length - 5} more"
        else
            listed

    /// What the summaries warn of, in plain words: R-hat above 1.01, and effective sample sizes below 100 a chain.
    let warnings (chains: int) (summaries: ParameterSummary[]) : string list =
        let apart =
            summaries
            |> Array.filter (fun s -> s.RHat.IsSome && not (s.RHat.Value <= 1.01))
            |> Array.sortBy (fun s -> -s.RHat.Value)

        let least = 100.0 * float chains

        let few =
            summaries
            |> Array.filter (fun s -> min s.EssBulk s.EssTail < least)
            |> Array.sortBy (fun s -> min s.EssBulk s.EssTail)

        [
            if chains = 1 then
                "There is only one chain, so R-hat cannot tell whether it has found the whole posterior: run at least 2, better 4."
            if apart.Length > 0 then
                $"The chains do not agree: R-hat is above 1.01 for {names apart} (largest {Wording.short apart[0].RHat.Value}). Run longer, or look for several modes (of a mixture: labels that switch, which label-invariant summaries do not mind)."
            if few.Length > 0 then
                $"There are few effective draws: fewer than 100 a chain for {names few} (least {Wording.short (min few[0].EssBulk few[0].EssTail)}). Run longer, or reparametrise."
        ]
