namespace Mixtures

open System

/// A histogram's bins: edges, one more than there are bins, and the density in each; the densities integrate to one.
type internal HistogramBins = { Edges: float[]; Density: float[] }

/// Bins of weighted values by the finer of two rules: of Freedman and Diaconis (1981), width 2 IQR n^(-1/3), which is wide where
/// the values are in groups apart, and of Sturges (1926), log2 n + 1 bins.
[<RequireQualifiedAccess>]
module internal HistogramBins =

    /// More bins than this are drawn as noise.
    let private mostBins = 200

    /// The value below which a share of the weight lies; values sorted, total the sum of the weights.
    let private quantile (share: float) (values: float[]) (weights: float[]) (total: float) =
        let mutable sum = 0.0
        let mutable i = 0

        while i < values.Length - 1 && sum + weights[i] < share * total do
            sum <- sum + weights[i]
            i <- i + 1

        values[i]

    /// Freedman and Diaconis' width with the effective number of rows; Scott's where half of the rows are equal.
    let private width (values: float[]) (weights: float[]) (total: float) =
        let squares = weights |> Array.sumBy (fun w -> w * w)
        let cubeRoot = Math.Cbrt(total * total / squares)

        let spread = quantile 0.75 values weights total - quantile 0.25 values weights total

        if spread > 0.0 then
            2.0 * spread / cubeRoot
        else
            let mean = Array.fold2 (fun sum x w -> sum + w * x) 0.0 values weights / total

            let variance =
                Array.fold2 (fun sum x w -> sum + w * (x - mean) * (x - mean)) 0.0 values weights
                / total

            3.49 * sqrt variance / cubeRoot

    /// The bins of the finite values of positive weight; no bins where there are none.
    let ofValues (weights: float[] option) (values: float[]) =
        let kept =
            values
            |> Array.mapi (fun i x ->
                let w =
                    match weights with
                    | Some weights -> weights[i]
                    | None -> 1.0

                struct (x, w))
            |> Array.filter (fun (struct (x, w)) -> Double.IsFinite x && Double.IsFinite w && w > 0.0)
            |> Array.sortBy (fun (struct (x, _)) -> x)

        if kept.Length = 0 then
            { Edges = [||]; Density = [||] }
        else
            let sorted = kept |> Array.map (fun (struct (x, _)) -> x)
            let sortedWeights = kept |> Array.map (fun (struct (_, w)) -> w)
            let total = Array.sum sortedWeights
            let low = sorted[0]
            let high = sorted[sorted.Length - 1]

            if high = low then
                // one value: a bin around it that floating point can still tell apart
                let half = max 0.5 (abs low * 1e-9)

                {
                    Edges = [| low - half; low + half |]
                    Density = [| 1.0 / (2.0 * half) |]
                }
            else
                let squares = sortedWeights |> Array.sumBy (fun w -> w * w)

                let rule =
                    max ((high - low) / width sorted sortedWeights total) (Math.Log2(total * total / squares) + 1.0)

                // edges closer than this would be the same number
                let largest = max (abs low) (abs high)
                let finest = 4.0 * (Math.BitIncrement largest - largest)
                let most = max 1.0 (min (float mostBins) ((high - low) / finest))
                let bins = int (max 1.0 (min most (ceil rule)))
                let step = (high - low) / float bins
                let sums = Array.zeroCreate<float> bins

                for i in 0 .. sorted.Length - 1 do
                    let bin = min (bins - 1) (int ((sorted[i] - low) / step))
                    sums[bin] <- sums[bin] + sortedWeights[i]

                let edges =
                    Array.init (bins + 1) (fun i -> if i = bins then high else low + float i * step)

                {
                    Edges = edges
                    Density = sums |> Array.mapi (fun i sum -> sum / (total * (edges[i + 1] - edges[i])))
                }
