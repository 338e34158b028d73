namespace Mixtures

/// Mean and scatter of points so far, by Welford's updates; plain arrays, so that it can be saved.
[<NoEquality; NoComparison>]
type RunningCovariance =
    {
        /// How many points.
        Count: int
        /// Their mean, D numbers.
        Mean: float[]
        /// Σ (x - mean)², D numbers, or Σ (x - mean)(x - mean)ᵀ, D x D numbers, row by row.
        Scatter: float[]
    }

/// Running covariances of samplers' warm-up.
[<RequireQualifiedAccess>]
module internal RunningCovariance =

    let empty (shape: MassShape) (dimension: int) : RunningCovariance =
        {
            Count = 0
            Mean = Array.zeroCreate dimension
            Scatter =
                match shape with
                | DiagonalMass -> Array.zeroCreate dimension
                | DenseMass -> Array.zeroCreate (dimension * dimension)
        }

    /// A copy whose arrays are its own.
    let copy (running: RunningCovariance) : RunningCovariance =
        { running with
            Mean = Array.copy running.Mean
            Scatter = Array.copy running.Scatter
        }

    /// Adds a point, in place; the count is one more.
    let add (point: float[]) (running: RunningCovariance) : RunningCovariance =
        let d = point.Length
        let count = running.Count + 1
        let mean = running.Mean
        let scatter = running.Scatter

        if scatter.Length = d then
            for i in 0 .. d - 1 do
                let before = point[i] - mean[i]
                mean[i] <- mean[i] + before / float count
                scatter[i] <- scatter[i] + before * (point[i] - mean[i])
        else
            let share = float (count - 1) / float count

            for i in 0 .. d - 1 do
                let a = (point[i] - mean[i]) * share

                for j in 0 .. d - 1 do
                    scatter[i * d + j] <- scatter[i * d + j] + a * (point[j] - mean[j])

            for i in 0 .. d - 1 do
                mean[i] <- mean[i] + (point[i] - mean[i]) / float count

        { running with Count = count }

    /// The covariance, drawn towards a thousandth of the identity by the weight of five points (Stan's rule), as a metric.
    let toMass (shape: MassShape) (running: RunningCovariance) : InverseMass =
        let d = running.Mean.Length
        let n = float running.Count
        let towards = 1e-3 * 5.0 / (n + 5.0)

        let values =
            running.Scatter |> Array.map (fun s -> n / (n + 5.0) * s / max 1.0 (n - 1.0))

        match shape with
        | DiagonalMass ->
            for i in 0 .. d - 1 do
                values[i] <- values[i] + towards
        | DenseMass ->
            for i in 0 .. d - 1 do
                values[i * d + i] <- values[i * d + i] + towards

        InverseMass.create shape d values
