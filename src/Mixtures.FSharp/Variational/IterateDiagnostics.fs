namespace Mixtures

open System

/// Whether the iterates of a stochastic optimiser have become stationary, and how well their mean is known (Dhaka et al.
/// 2020, "Robust, accurate stochastic optimization for variational inference").
[<RequireQualifiedAccess>]
module internal IterateDiagnostics =

    /// The mean and the variance.
    let moments (values: float[]) =
        let mean = Array.average values
        let n = float values.Length
        struct (mean, (values |> Array.sumBy (fun v -> (v - mean) * (v - mean))) / (n - 1.0))

    /// Split R-hat of iterates from a place to another (excluded), halves as chains (Gelman et al. 2013), with the ratio of
    /// variances between and within averaged over the parameters: the largest of many would be far above 1 by its noise
    /// alone, as iterates of neighbouring steps are alike. 1 where nothing moves.
    let rHat (iterates: ResizeArray<float[]>) (first: int) (last: int) : float =
        let half = (last - first) / 2
        let count = iterates[first].Length
        let mutable ratios = 0.0

        for j in 0 .. count - 1 do
            let struct (left, leftVariance) =
                moments (Array.init half (fun i -> iterates[first + i][j]))

            let struct (right, rightVariance) =
                moments (Array.init half (fun i -> iterates[last - half + i][j]))

            let within = 0.5 * (leftVariance + rightVariance)
            let between = 0.5 * (left - right) * (left - right)

            ratios <-
                ratios
                + (if between = 0.0 then 0.0
                   elif within = 0.0 then Double.PositiveInfinity
                   else between / within)

        sqrt (1.0 - 1.0 / float half + ratios / float count)

    /// The mean of iterates from a place to another (excluded).
    let mean (iterates: ResizeArray<float[]>) (first: int) (last: int) : float[] =
        let sum = Array.zeroCreate iterates[first].Length

        for i in first .. last - 1 do
            Vectors.add 1.0 iterates[i] sum

        Vectors.scaled (1.0 / float (last - first)) sum

    /// What the noise of the mean of iterates costs, in nats: the mean divergence of the means of eight batches from the mean
    /// of all, over the seven others, as half the squared error in units of the guide's own information.
    let cost
        (divergence: float[] -> float[] -> float)
        (iterates: ResizeArray<float[]>)
        (first: int)
        (last: int)
        : float =
        let batches = 8
        let size = (last - first) / batches

        if size < 2 then
            Double.PositiveInfinity
        else
            let whole = mean iterates (last - size * batches) last

            let total =
                Seq.init batches (fun b ->
                    let from = last - size * (batches - b)
                    divergence (mean iterates from (from + size)) whole)
                |> Seq.sum

            total / float (batches * (batches - 1))
