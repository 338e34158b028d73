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

    /// The means in the data's units, K x D.
    let private meansOf (like: GaussianComponents) (scale: DataScale) (vector: Tensor) =
        let d, count = like.Dimension, like.Count

        (vector |> Tensor.slice 0 0 (count * d) |> Tensor.reshape [| count; d |])
        * row (scale.Variances |> Array.map sqrt)
        + row scale.Means

    /// What follows the means, in a shape.
    let private spreadsOf (like: GaussianComponents) (vector: Tensor) shape =
        let first = like.Count * like.Dimension

        vector |> Tensor.slice 0 first (vector.Count - first) |> Tensor.reshape shape

    let private factorsOf (like: GaussianComponents) (scale: DataScale) vector =
        factors like.Dimension (spreadsOf like vector [| GaussianVector.matrices like; -1 |])
        * Tensor.unsqueeze 1 (row (scale.Variances |> Array.map sqrt))

    let private logScalesOf (like: GaussianComponents) (scale: DataScale) vector =
        if like.Structure = CovarianceStructure.Diagonal then
            spreadsOf like vector [| like.Count; like.Dimension |]
            + row (scale.Variances |> Array.map (sqrt >> log))
        else
            spreadsOf like vector [| like.Count; 1 |] + log (GaussianVector.typicalSd scale)

    let logDensity (like: GaussianComponents) (scale: DataScale) (vector: Tensor) (rows: Tensor) : Tensor =
        let d = like.Dimension
        let all = meansOf like scale vector
        let observed = MissingRows.observed rows
        let struct (means, rows) = MissingRows.drop all rows

        /// The factors of the observed columns' covariances.
        let marginal (l: Tensor) =
            match observed with
            | ValueNone -> l
            | ValueSome columns ->
                let part = Tensor.indexSelect 1 columns l
                Tensor.cholesky (Tensor.matmul part (Tensor.transpose part))

        let logScales (scales: Tensor) =
            match observed with
            | ValueSome columns when scales.Dims[1] > 1 -> Tensor.indexSelect 1 columns scales
            | _ -> scales

        let used = rows.Dims[1]

        if used = 0 then
            Tensor.zeros [| rows.Dims[0]; like.Count |]
        else
            match like.Structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Tied -> byFactors used means (marginal (factorsOf like scale vector)) rows
            | CovarianceStructure.Known when like.Layout = CovarianceStructure.Diagonal ->
                let known = like.Factors |> Array.map (fun f -> -(log f))
                byPrecisions used means (logScales (Tensor.ofShape [| like.Count; d |] known)) rows
            | CovarianceStructure.Known ->
                byFactors used means (marginal (Tensor.ofShape [| like.Count; d; d |] like.Factors)) rows
            | CovarianceStructure.Diagonal
            | CovarianceStructure.Spherical -> byPrecisions used means (logScales (logScalesOf like scale vector)) rows

    /// Means, then standard deviations (diagonal, spherical) or the covariances' lower triangles (full, tied), with names.
    let natural (like: GaussianComponents) (scale: DataScale) (columns: string[]) (vector: Tensor) =
        let d, count = like.Dimension, like.Count
        let flat (t: Tensor) = Tensor.reshape [| -1 |] t

        let meanNames =
            [|
                for k in 1..count do
                    for c in columns -> $"mean[{k}][{c}]"
            |]

        let spreadNames, spreads =
            match like.Structure with
            | CovarianceStructure.Known -> [||], []
            | CovarianceStructure.Full
            | CovarianceStructure.Tied ->
                let l = factorsOf like scale vector
                let covariances = Tensor.matmul l (Tensor.transpose l)

                let lower =
                    [|
                        for i in 0 .. d - 1 do
                            for j in 0..i -> struct (i, j)
                    |]

                let entries =
                    covariances
                    |> Tensor.reshape [| covariances.Dims[0]; d * d |]
                    |> Tensor.indexSelect 1 (lower |> Array.map (fun struct (i, j) -> i * d + j))

                [|
                    for k in 1 .. covariances.Dims[0] do
                        for struct (i, j) in lower do
                            if like.Structure = CovarianceStructure.Tied then
                                $"covariance[{columns[i]}][{columns[j]}]"
                            else
                                $"covariance[{k}][{columns[i]}][{columns[j]}]"
                |],
                [ flat entries ]
            | CovarianceStructure.Diagonal ->
                [|
                    for k in 1..count do
                        for c in columns -> $"sd[{k}][{c}]"
                |],
                [ flat (Tensor.exp (logScalesOf like scale vector)) ]
            | CovarianceStructure.Spherical ->
                [| for k in 1..count -> $"sd[{k}]" |], [ flat (Tensor.exp (logScalesOf like scale vector)) ]

        struct (Array.append meanNames spreadNames, Tensor.concatenate 0 (flat (meansOf like scale vector) :: spreads))
