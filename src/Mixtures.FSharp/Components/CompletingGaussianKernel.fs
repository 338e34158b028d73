namespace Mixtures

open System

/// What a completing kernel knows of Gaussian components: their structure, means and centres (K x D), and the covariance
/// of component k's columns i and j.
[<NoEquality; NoComparison>]
type internal CompletionInput =
    {
        Structure: CovarianceStructure
        Count: int
        Dimension: int
        Means: float[]
        Centres: float[]
        Covariance: int -> int -> int -> float
        /// Whether the conditional covariances of missing columns are counted in Reduce, once for each unit of weight.
        CountsSpread: bool
    }

/// Gaussian components over the observed columns alone, whose statistics are completed: with B = Σ_mo Σ_oo⁻¹, the missing
/// columns of a row have the conditional mean μ_m + B (x_o - μ_o), and the conditional covariance C = Σ_mm - B Σ_om adds to
/// the second moments (Little & Rubin 2019, section 11.2; Ghahramani & Jordan 1994). Completing is linear in the sums, so
/// it is done once a tile, not once a row.
[<Sealed>]
type internal CompletingGaussianKernel(input: CompletionInput, observed: int[], inner: IBlockKernel) =
    let d = input.Dimension
    let count = input.Count
    let missing = [| 0 .. d - 1 |] |> Array.except observed
    let o = observed.Length
    let m = missing.Length
    let triangle = d * (d + 1) / 2

    /// B (M x O) and C (M x M) of component k.
    let regress k : struct (float[] * float[]) =
        let block =
            Array.init (o * o) (fun at -> input.Covariance k observed[at / max 1 o] observed[at % max 1 o])

        let l =
            if o = 0 then
                [||]
            else
                match Cholesky.tryFactor o (ReadOnlySpan block) with
                | ValueSome l -> l
                | ValueNone ->
                    invalidArg
                        "covariances"
                        $"the covariance of the observed columns of component {k + 1} is not positive definite"

        // rows of Σ_mo L⁻ᵀ
        let white =
            missing
            |> Array.map (fun i ->
                let row = observed |> Array.map (fun j -> input.Covariance k i j)

                if o > 0 then
                    Cholesky.solveLower o l (Span row)

                row)

        let spread =
            Array.init (m * m) (fun at ->
                let i, j = at / m, at % m
                let mutable value = input.Covariance k missing[i] missing[j]

                for c in 0 .. o - 1 do
                    value <- value - white[i][c] * white[j][c]

                value)

        for row in white do
            if o > 0 then
                Cholesky.solveUpper o l (Span row)

        struct (Array.concat white, spread)

    let regressions =
        if m = 0 then
            [||]
        elif input.Structure = CovarianceStructure.Tied then
            Array.create count (regress 0)
        else
            Array.init count regress

    /// E(x_m) - c_m - B (x_o - c_o), for centres c: zero where these are the means.
    let offsets =
        regressions
        |> Array.mapi (fun k (struct (b, _)) ->
            let shift i =
                input.Means[k * d + i] - input.Centres[k * d + i]

            Array.init m (fun i ->
                let mutable value = shift missing[i]

                for j in 0 .. o - 1 do
                    value <- value - b[i * o + j] * shift observed[j]

                value))

    let innerLength = (inner.AccumulatorLength + 7) / 8 * 8

    let secondLength = GaussianStatistics.SecondLength(input.Structure, count, d)

    let packed i j =
        let i, j = max i j, min i j
        i * (i + 1) / 2 + j

    /// Where component k's second moments start.
    let start k =
        count * d
        + match input.Structure with
          | CovarianceStructure.Full -> k * triangle
          | CovarianceStructure.Diagonal -> k * d
          | CovarianceStructure.Tied
          | CovarianceStructure.Spherical
          | CovarianceStructure.Known -> 0

    let hasMatrix =
        input.Structure = CovarianceStructure.Full
        || input.Structure = CovarianceStructure.Tied

    /// B y of component k.
    let predict k (y: ReadOnlySpan<float>) =
        let struct (b, _) = regressions[k]
        let result = Array.zeroCreate<float> m

        for i in 0 .. m - 1 do
            for j in 0 .. o - 1 do
                result[i] <- result[i] + b[i * o + j] * y[j]

        result

    /// S (packed, over the observed columns) becomes W S Wᵀ with W = [I; B].
    let addMoments k (s: ReadOnlySpan<float>) (target: Span<float>) =
        for i in 0 .. o - 1 do
            for j in 0..i do
                let at = packed observed[i] observed[j]
                target[at] <- target[at] + s[i * (i + 1) / 2 + j]

        let struct (b, _) = if m > 0 then regressions[k] else struct ([||], [||])
        let row = Array.zeroCreate<float> o

        for i in 0 .. m - 1 do
            // row i of B S
            for j in 0 .. o - 1 do
                let mutable sum = 0.0

                for c in 0 .. o - 1 do
                    sum <- sum + b[i * o + c] * s[packed c j]

                row[j] <- sum
                let at = packed missing[i] observed[j]
                target[at] <- target[at] + sum

            for other in 0..i do
                let mutable sum = 0.0

                for c in 0 .. o - 1 do
                    sum <- sum + row[c] * b[other * o + c]

                let at = packed missing[i] missing[other]
                target[at] <- target[at] + sum

    /// What offsets and spreads add to component k's second moments.
    let addRest k n (y: ReadOnlySpan<float>) (predicted: float[]) (target: Span<float>) =
        let e = offsets[k]
        let struct (_, spread) = regressions[k]

        for i in 0 .. m - 1 do
            if e[i] <> 0.0 then
                for j in 0 .. o - 1 do
                    let at = packed missing[i] observed[j]
                    target[at] <- target[at] + e[i] * y[j]

            for j in 0..i do
                let own = if input.CountsSpread then n * spread[i * m + j] else 0.0
                let at = packed missing[i] missing[j]

                target[at] <- target[at] + own + predicted[i] * e[j] + e[i] * predicted[j] + n * e[i] * e[j]

    /// Adds so much times component k's conditional covariance of the missing columns to its second moments.
    member _.AddSpread(k: int, amount: float, statistics: Span<float>) =
        if m > 0 then
            let struct (_, spread) = regressions[k]
            let target = statistics.Slice(start k)

            for i in 0 .. m - 1 do
                if hasMatrix then
                    for j in 0..i do
                        let at = packed missing[i] missing[j]
                        target[at] <- target[at] + amount * spread[i * m + j]
                else
                    target[missing[i]] <- target[missing[i]] + amount * spread[i * m + i]

    interface IBlockKernel with
        member _.ScratchLength capacity = inner.ScratchLength capacity
        member _.AccumulatorLength = innerLength + count
        member _.StatisticsLength = count * d + secondLength

        member _.AddLogDensity(tile, scratch, lanes) =
            inner.AddLogDensity(tile, scratch, lanes)

        member _.AddStatistics(tile, scratch, lanes, accumulators) =
            inner.AddStatistics(tile, scratch, lanes, accumulators.Slice(0, innerLength))
            MissingRoom.addCounts tile lanes (accumulators.Slice(innerLength, count))

        member this.Reduce(accumulators, statistics) =
            if m = 0 then
                inner.Reduce(accumulators.Slice(0, innerLength), statistics)
            else
                let own = Array.zeroCreate<float> inner.StatisticsLength
                inner.Reduce(accumulators.Slice(0, innerLength), Span own)

                for k in 0 .. count - 1 do
                    let n = accumulators[innerLength + k]
                    let y = ReadOnlySpan(own, k * o, o)
                    let predicted = predict k y

                    for i in 0 .. o - 1 do
                        let at = k * d + observed[i]
                        statistics[at] <- statistics[at] + y[i]

                    for i in 0 .. m - 1 do
                        let at = k * d + missing[i]
                        statistics[at] <- statistics[at] + predicted[i] + n * offsets[k].[i]

                    let target = statistics.Slice(start k)
                    let size = o * (o + 1) / 2

                    match input.Structure with
                    | CovarianceStructure.Full ->
                        addMoments k (ReadOnlySpan(own, min own.Length (count * o + k * size), size)) target
                        addRest k n y predicted target
                    | CovarianceStructure.Tied ->
                        if k = 0 then
                            addMoments 0 (ReadOnlySpan(own, min own.Length (count * o), size)) target

                        addRest k n y predicted target
                    | CovarianceStructure.Diagonal ->
                        for i in 0 .. o - 1 do
                            target[observed[i]] <- target[observed[i]] + own[count * o + k * o + i]

                        for i in 0 .. m - 1 do
                            let e = offsets[k].[i]
                            target[missing[i]] <- target[missing[i]] + n * e * e

                        if input.CountsSpread then
                            this.AddSpread(k, n, statistics)
                    | CovarianceStructure.Spherical
                    | CovarianceStructure.Known -> ()

        member _.ToStatistics(counts, statistics) =
            GaussianStatistics(
                input.Structure,
                d,
                Array.copy counts,
                Array.copy input.Centres,
                statistics.Slice(0, count * d).ToArray(),
                statistics.Slice(count * d).ToArray()
            )
