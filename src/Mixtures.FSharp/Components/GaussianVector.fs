namespace Mixtures

open System

/// Gaussian parameters as free real numbers: standardised means, and of the standardised covariances the Cholesky
/// factors with logarithms on the diagonal (the logarithms of the standard deviations for diagonal and spherical).
[<RequireQualifiedAccess>]
module internal GaussianVector =

    let matrices (c: GaussianComponents) =
        match c.Structure with
        | CovarianceStructure.Full -> c.Count
        | CovarianceStructure.Tied -> 1
        | CovarianceStructure.Diagonal
        | CovarianceStructure.Spherical
        | CovarianceStructure.Known -> 0

    /// The root mean square of the columns' standard deviations: the unit of a spherical standard deviation.
    let typicalSd (scale: DataScale) = sqrt (Array.average scale.Variances)

    let ofComponents (c: GaussianComponents) (scale: DataScale) : float[] =
        let d = c.Dimension

        let means =
            Array.init (c.Count * d) (fun at -> (c.Means[at] - scale.Means[at % d]) / sqrt scale.Variances[at % d])

        let spreads =
            match c.Structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Tied ->
                [|
                    for k in 0 .. matrices c - 1 do
                        for i in 0 .. d - 1 do
                            for j in 0..i do
                                // the factor of the standardised covariance is the factor, its rows scaled
                                let entry = c.Factors[(k * d + i) * d + j] / sqrt scale.Variances[i]
                                if i = j then log entry else entry
                |]
            | CovarianceStructure.Diagonal ->
                c.Covariances
                |> Array.mapi (fun at v -> 0.5 * log (v / scale.Variances[at % d]))
            | CovarianceStructure.Spherical -> c.Covariances |> Array.map (fun v -> log (sqrt v / typicalSd scale))
            | CovarianceStructure.Known -> [||]

        Array.append means spreads

    /// The parts of the vector.
    let parts (c: GaussianComponents) =
        let d = c.Dimension

        [|
            struct ("means", c.Count * d)

            match c.Structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Tied -> struct ("factors", matrices c * d * (d + 1) / 2)
            | CovarianceStructure.Diagonal -> struct ("log-scales", c.Count * d)
            | CovarianceStructure.Spherical -> struct ("log-scales", c.Count)
            | CovarianceStructure.Known -> ()
        |]

    /// Means, covariances and factors (or reciprocal standard deviations) in the layout of the structure; known
    /// covariances are those of the given components.
    let toParameters
        (vector: float[])
        (c: GaussianComponents)
        (scale: DataScale)
        : struct (float[] * float[] * float[]) =
        let d = c.Dimension
        let first = c.Count * d

        let means =
            Array.init first (fun at -> scale.Means[at % d] + vector[at] * sqrt scale.Variances[at % d])

        match c.Structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Tied ->
            let triangle = d * (d + 1) / 2
            let factors = Array.zeroCreate (matrices c * d * d)
            let covariances = Array.zeroCreate (matrices c * d * d)

            for k in 0 .. matrices c - 1 do
                for i in 0 .. d - 1 do
                    for j in 0..i do
                        let entry = vector[first + k * triangle + i * (i + 1) / 2 + j]

                        factors[(k * d + i) * d + j] <- (if i = j then exp entry else entry) * sqrt scale.Variances[i]

                for i in 0 .. d - 1 do
                    for j in 0..i do
                        let mutable sum = 0.0

                        for m in 0..j do
                            sum <- sum + factors[(k * d + i) * d + m] * factors[(k * d + j) * d + m]

                        covariances[(k * d + i) * d + j] <- sum
                        covariances[(k * d + j) * d + i] <- sum

            struct (means, covariances, factors)
        | CovarianceStructure.Diagonal ->
            let sds =
                Array.init first (fun at -> sqrt scale.Variances[at % d] * exp vector[first + at])

            struct (means, Array.map (fun s -> s * s) sds, Array.map (fun s -> 1.0 / s) sds)
        | CovarianceStructure.Spherical ->
            let sds = Array.init c.Count (fun k -> exp vector[first + k] * typicalSd scale)
            struct (means, Array.map (fun s -> s * s) sds, Array.map (fun s -> 1.0 / s) sds)
        | CovarianceStructure.Known -> struct (means, c.Covariances, c.Factors)
