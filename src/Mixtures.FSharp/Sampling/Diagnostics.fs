namespace Mixtures

open System

/// Whether chains have mixed, and how precise what they say is: rank-normalised split R-hat, effective sample sizes and Monte
/// Carlo standard errors (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, Bayesian Analysis 16, 667-718).
///
/// Draws are an array for each chain, all of the same length, of one scalar quantity. Each function raises ArgumentException
/// where there are fewer than 6 draws a chain, or one that is not finite. Draws that are all the same have as many effective
/// draws as there are draws, no error, and an R-hat of 1; chains that each stand still at different places have an infinite R-hat.
[<RequireQualifiedAccess>]
module Diagnostics =

    let private check (name: string) (chains: float[][]) =
        if chains.Length = 0 then
            invalidArg name "expected the draws of at least one chain, received none"

        let count = chains[0].Length

        if count < 6 then
            invalidArg name $"expected at least 6 draws in each chain, received {count}"

        for c in 0 .. chains.Length - 1 do
            if chains[c].Length <> count then
                invalidArg name $"expected {count} draws in every chain, received {chains[c].Length} in chain {c + 1}"

            match chains[c] |> Array.tryFindIndex (Double.IsFinite >> not) with
            | Some s ->
                invalidArg
                    name
                    $"expected finite draws, received {Wording.number chains[c].[s]} as draw {s + 1} of chain {c + 1}"
            | None -> ()

    /// Each chain as its two halves; the draw in the middle of an odd number is left out.
    let private split (chains: float[][]) =
        let count = chains[0].Length
        let half = count / 2

        [|
            for chain in chains do
                Array.sub chain 0 half
                Array.sub chain (count - half) half
        |]

    let private isConstant (chains: float[][]) =
        let first = chains[0].[0]
        chains |> Array.forall (Array.forall (fun x -> x = first))

    /// Σ (x - m)² / (n - 1); of values that are all the same exactly 0, whatever their mean is rounded to.
    let private variance (values: float[]) =
        let m = Autocovariance.mean values
        let mutable sum = 0.0

        for x in values do
            sum <- sum + (x - m) * (x - m)

        if isConstant [| values |] then
            0.0
        else
            sum / float (values.Length - 1)

    /// √(((n - 1)/n W + B/n) / W) (their equations 1 to 4).
    let private plainRHat (chains: float[][]) =
        if isConstant chains then
            1.0
        else
            let n = float chains[0].Length
            let between = n * variance (chains |> Array.map Autocovariance.mean)
            let within = chains |> Array.averageBy variance
            sqrt ((between / within + n - 1.0) / n)

    /// The effective sample size of chains as they are: Geyer's initial monotone sequence over the chains' mean
    /// autocorrelations (their equations 10 to 13).
    let private plainEss (chains: float[][]) =
        let count = chains[0].Length
        let n = float count
        let total = n * float chains.Length

        if isConstant chains then
            total
        else
            let covariances = chains |> Array.map Autocovariance.ofValues

            let mean t =
                covariances |> Array.averageBy (fun covariance -> covariance[t])

            let within = mean 0 * n / (n - 1.0)

            let whole =
                within * (n - 1.0) / n
                + (if chains.Length > 1 then
                       variance (chains |> Array.map Autocovariance.mean)
                   else
                       0.0)

            let rho t = 1.0 - (within - mean t) / whole
            let kept = Array.zeroCreate count
            kept[0] <- 1.0
            kept[1] <- rho 1
            let mutable even = 1.0
            let mutable odd = kept[1]
            let mutable t = 0

            // sums of neighbouring pairs are positive for a reversible chain: the sequence ends where they are not
            while t < count - 5 && even + odd > 0.0 do
                t <- t + 2
                even <- rho t
                odd <- rho (t + 1)

                if even + odd >= 0.0 then
                    kept[t] <- even
                    kept[t + 1] <- odd

            let last = t

            if even > 0.0 then
                kept[last] <- even

            // and they fall
            for t in 2..2 .. last - 2 do
                let before = kept[t - 2] + kept[t - 1]

                if kept[t] + kept[t + 1] > before then
                    kept[t] <- 0.5 * before
                    kept[t + 1] <- kept[t]

            let mutable sum = 0.0

            for t in 0 .. last - 1 do
                sum <- sum + kept[t]

            // antithetic chains can be better than independent draws, but not without limit
            let tau = max (-1.0 + 2.0 * sum + kept[last]) (1.0 / log10 total)
            total / tau

    /// |x - median| of the values of all chains.
    let private fold (chains: float[][]) =
        let median = Quantiles.median (Array.concat chains)
        chains |> Array.map (Array.map (fun x -> abs (x - median)))

    /// R-hat: how much wider the chains are together than each of them, as a factor of the standard deviation: the larger of
    /// those of rank-normalised and of folded draws of split chains. Good chains have at most 1.01. Raises ArgumentException
    /// for a single chain, which has no other to be compared with.
    let rHat (chains: float[][]) : float =
        if chains.Length = 1 then
            invalidArg
                (nameof chains)
                "expected at least 2 chains, received 1: R-hat compares chains with each other; run more of them, from different starts"

        check (nameof chains) chains
        let halves = split chains
        max (plainRHat (NormalScores.ofChains halves)) (plainRHat (NormalScores.ofChains (fold halves)))

    /// The effective sample size for the centre of the distribution (of rank-normalised split chains).
    let essBulk (chains: float[][]) : float =
        check (nameof chains) chains
        plainEss (NormalScores.ofChains (split chains))

    /// The effective sample size for the mean: of split chains as they are.
    let essMean (chains: float[][]) : float =
        check (nameof chains) chains
        plainEss (split chains)

    /// The effective sample size for a quantile: of the indicator of draws at most the quantile.
    let essQuantile (probability: float) (chains: float[][]) : float =
        check (nameof chains) chains

        if not (probability > 0.0 && probability < 1.0) then
            invalidArg
                (nameof probability)
                $"expected a probability between 0 and 1, received {Wording.number probability}"

        let limit = Quantiles.ofValues probability (Array.concat chains)

        split chains
        |> Array.map (Array.map (fun x -> if x <= limit then 1.0 else 0.0))
        |> plainEss

    /// The effective sample size for the tails: the smaller of those of the 5 % and the 95 % quantile.
    let essTail (chains: float[][]) : float =
        min (essQuantile 0.05 chains) (essQuantile 0.95 chains)

    /// The effective sample size for the standard deviation: of squared distances from the mean.
    let essSd (chains: float[][]) : float =
        check (nameof chains) chains
        let m = Autocovariance.mean (Array.concat chains)

        split chains |> Array.map (Array.map (fun x -> (x - m) * (x - m))) |> plainEss

    /// The Monte Carlo standard error of the mean: sd / √ESS.
    let mcseMean (chains: float[][]) : float =
        sqrt (variance (Array.concat chains) / essMean chains)

    /// The Monte Carlo standard error of the standard deviation: the delta method on the second moment, with the fourth.
    let mcseSd (chains: float[][]) : float =
        let ess = essSd chains
        let all = Array.concat chains
        let m = Autocovariance.mean all
        let second = all |> Array.averageBy (fun x -> (x - m) * (x - m))
        let fourth = all |> Array.averageBy (fun x -> pown (x - m) 4)

        if second = 0.0 then
            0.0
        else
            sqrt (max 0.0 (fourth - second * second) / ess / second / 4.0)

    /// The Monte Carlo standard error of a quantile: half the distance between the order statistics one standard deviation
    /// to either side, by the Beta distribution of the effective draws below it.
    let mcseQuantile (probability: float) (chains: float[][]) : float =
        let ess = essQuantile probability chains
        let sorted = Array.sort (Array.concat chains)
        let total = float sorted.Length

        let place tail =
            IncompleteBeta.inverse (ess * probability + 1.0) (ess * (1.0 - probability) + 1.0) tail
            * total

        let low = max 1 (int (floor (place 0.15865525393145705)))
        let high = min sorted.Length (int (ceil (place 0.8413447460685429)))
        0.5 * (sorted[high - 1] - sorted[low - 1])

    /// The Bayesian fraction of missing information by energy of one chain: Σ (E_s - E_{s-1})² / Σ (E_s - mean)². Below 0.3
    /// the momenta are too narrow for the energies that the posterior has (Betancourt 2016).
    let ebfmi (energies: float[]) : float =
        check (nameof energies) [| energies |]
        let m = Autocovariance.mean energies
        let mutable steps = 0.0
        let mutable spread = 0.0

        for s in 0 .. energies.Length - 1 do
            spread <- spread + (energies[s] - m) * (energies[s] - m)

            if s > 0 then
                steps <- steps + (energies[s] - energies[s - 1]) * (energies[s] - energies[s - 1])

        if spread = 0.0 then
            invalidArg (nameof energies) "expected energies that vary, received the same one in every draw"

        steps / spread
