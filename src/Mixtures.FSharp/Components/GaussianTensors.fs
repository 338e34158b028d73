namespace Mixtures

open System

/// Gaussian log-densities as tensor functions of the vector of GaussianVector.
[<RequireQualifiedAccess>]
module internal GaussianTensors =

    let private row (values: float[]) = Tensor.ofArray values

    /// Lower triangular matrices from their triangles row by row (the last axis), the diagonal exponentiated.
    let private factors d (triangles: Tensor) : Tensor =
        let matrices = triangles.Dims[0]
        let position i j = i * (i + 1) / 2 + j
        let logs = Tensor.indexSelect 1 (Array.init d (fun i -> position i i)) triangles
        let diagonal = Tensor.diagonalMatrix (Tensor.exp logs)

        if d = 1 then
            diagonal
        else
            let below =
                [|
                    for i in 0 .. d - 1 do
                        for j in 0 .. i - 1 -> struct (i, j)
                |]

            let entries =
                Tensor.indexSelect 1 (below |> Array.map (fun struct (i, j) -> position i j)) triangles

            let places =
                [|
                    for _ in 1..matrices do
                        for struct (i, j) in below -> float (i * d + j)
                |]
                |> Tensor.ofShape [| matrices; below.Length |]

            let lower =
                Tensor.zeros [| matrices; d * d |]
                |> Tensor.scatterAdd 1 places entries
                |> Tensor.reshape [| matrices; d; d |]

            lower + diagonal

    /// N x K log-densities of rows x (N x D) under components with factors L: -½ |L⁻¹ (x - μ)|² - log det L - D/2 log 2π.
    let private byFactors d (means: Tensor) (l: Tensor) (rows: Tensor) =
        let residuals =
            Tensor.unsqueeze 0 (Tensor.transpose rows) - Tensor.unsqueeze 2 means

        let white = Tensor.solveLower l residuals
        let distances = Tensor.sumOver [| 1 |] false (Tensor.square white)
        let logDeterminants = Tensor.sumOver [| -1 |] true (Tensor.log (Tensor.diagonal l))
        Tensor.transpose (-0.5 * distances - logDeterminants - 0.5 * float d * log (2.0 * Math.PI))

    /// N x K log-densities from reciprocal standard deviations r (K x D, or K x 1): z = (x - μ) r.
    let private byPrecisions d (means: Tensor) (logScales: Tensor) (rows: Tensor) =
        let z =
            (Tensor.unsqueeze 1 rows - Tensor.unsqueeze 0 means)
            * Tensor.unsqueeze 0 (Tensor.exp -logScales)

        let distances = Tensor.sumOver [| 2 |] false (Tensor.square z)
        // a spherical scale counts once a column
        let repeats = float d / float logScales.Dims[1]
        let logDeterminants = repeats * Tensor.sumOver [| 1 |] false logScales
        -0.5 * distances - logDeterminants - 0.5 * float d * log (2.0 * Math.PI)

    let logDensity (like: GaussianComponents) (scale: DataScale) (vector: Tensor) (rows: Tensor) : Tensor =
        let d, count = like.Dimension, like.Count
        let sds = scale.Variances |> Array.map sqrt
        let first = count * d

        let means =
            (vector |> Tensor.slice 0 0 first |> Tensor.reshape [| count; d |]) * row sds
            + row scale.Means

        let rest shape =
            vector |> Tensor.slice 0 first (vector.Count - first) |> Tensor.reshape shape

        match like.Structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Tied ->
            let l =
                factors d (rest [| GaussianVector.matrices like; -1 |])
                * Tensor.unsqueeze 1 (row sds)

            byFactors d means l rows
        | CovarianceStructure.Known -> byFactors d means (Tensor.ofShape [| count; d; d |] like.Factors) rows
        | CovarianceStructure.Diagonal -> byPrecisions d means (rest [| count; d |] + row (Array.map log sds)) rows
        | CovarianceStructure.Spherical ->
            byPrecisions d means (rest [| count; 1 |] + log (GaussianVector.typicalSd scale)) rows
