namespace Mixtures

open System

/// What a mean-field posterior says of rows, with its parameters integrated out rather than drawn.
[<RequireQualifiedAccess>]
module CaviPredictive =

    /// Of a normal number whose mean is normal (m, s) and whose precision is gamma, independent of it: the trapezoidal rule in
    /// the logarithm of the precision, whose error falls exponentially with the number of points as the integrand is smooth
    /// and vanishes at both ends.
    let private logNormalTimesGamma (m: float) (s: float) (shape: float) (rate: float) (x: float) =
        let points = 401
        let middle = log (shape / rate)
        // 1/√shape is the spread of log τ; the lower tail falls as τ^(shape + 1/2) where the mean is certain
        let low = middle - 10.0 / sqrt shape - 40.0 / (shape + 0.5)
        let gap = x - m
        let high = middle + 10.0 / sqrt shape + log (1.0 + 40.0 / shape)
        let step = (high - low) / float (points - 1)
        let constant = shape * log rate - SpecialFunctions.logGamma shape + log step

        Array.init points (fun j ->
            let u = low + step * float j
            let tau = exp u
            let variance = s * s + 1.0 / tau

            shape * u
            - rate * tau
            - 0.5 * (log (2.0 * Math.PI * variance) + gap * gap / variance))
        |> LogSumExp.ofArray
        |> fun total -> total + constant

    let private logStudent (nu: float) (location: float) (variance: float) (x: float) =
        let gap = x - location

        StudentT.logConstant 1.0 nu
        - 0.5 * log variance
        - 0.5 * (nu + 1.0) * SpecialFunctions.log1p (gap * gap / (nu * variance))

    /// The log predictive density of each row in nats, weights and parameters integrated out under the guide (Bishop 2006,
    /// equations 10.80 to 10.82): Student-t components for full, tied and spherical Gaussians, products of Student-t densities
    /// over columns for diagonal ones, by quadrature where means and precisions are independent, and the expected probabilities
    /// for Bernoulli and categorical components. Raises ArgumentException for rows with missing cells, and for full, tied or
    /// spherical Gaussians that were fitted with other than exact updates.
    let logDensities (fit: CaviFit) (data: Dataset) : float[] =
        if data.HasMissing then
            invalidArg (nameof data) "expected complete rows, received some with missing cells"

        let sum (row: float[]) (ofColumn: int -> float) =
            Seq.sum (seq { for c in 0 .. row.Length - 1 -> ofColumn c })

        match Cavi.predictive fit, fit.Components with
        | Some mixture, _ -> Mixture.logDensity mixture (fit.Mixture.ActiveData data)
        | None, components ->
            let density: float[] -> float[] =
                match components with
                | NormalGamma(means, strengths, shapes, rates) when shapes[0].Length = means[0].Length ->
                    fun row ->
                        Array.init means.Length (fun k ->
                            sum row (fun c ->
                                let a, b = shapes[k].[c], rates[k].[c]
                                logStudent (2.0 * a) means[k].[c] (b / a * (1.0 + 1.0 / strengths[k])) row[c]))
                | IndependentNormalGamma(means, deviations, shapes, rates) ->
                    fun row ->
                        Array.init means.Length (fun k ->
                            sum row (fun c ->
                                logNormalTimesGamma means[k].[c] deviations[k].[c] shapes[k].[c] rates[k].[c] row[c]))
                | NormalGamma _
                | NormalWishart _
                | BetaProbabilities _
                | DirichletProbabilities _ ->
                    invalidArg (nameof fit) "expected a fit with exact updates: others have no predictive density"

            let rows = fit.Mixture.ActiveData data
            // a process leaves a little to components that no row is in; what has a component counts
            let means = WeightsPosterior.means fit.Weights
            let total = Array.sum means
            let logs = means |> Array.map (fun w -> log (w / total))
            Array.init rows.Count (fun i -> LogSumExp.ofArray (Array.map2 (+) logs (density (rows.Row i))))

    /// A component for each row, drawn by its probabilities under the guide (not those of the plug-in mixture).
    let sampleAssignments (key: RandomKey) (fit: CaviFit) (data: Dataset) : int[] =
        let probabilities = Cavi.assignments fit data
        let stream = key.Stream()
        let own = Array.zeroCreate (probabilities.GetLength 1)

        Array.init (probabilities.GetLength 0) (fun i ->
            for k in 0 .. own.Length - 1 do
                own[k] <- probabilities[i, k]

            stream.NextIndex(ReadOnlySpan own))
