namespace Mixtures

open System

/// The means and covariances of Gaussian components. Immutable. Constant columns have covariance 0 with everything and
/// are left out of the density.
[<Sealed>]
type internal GaussianComponents
    (
        // the family of components with given covariances: it depends on them where they are known
        familyOf: int -> int -> float[] -> IComponentFamily,
        structure: CovarianceStructure,
        count: int,
        dimension: int,
        means: float[],
        covariances: float[],
        // spherical only: columns that are constant, which other structures show by a variance of zero
        constants: int[],
        // Cholesky factors, or reciprocal standard deviations, where these are what was given
        givenFactors: float[] voption
    ) =
    let d = dimension
    let family = lazy (familyOf count dimension covariances)
    let square = d * d

    /// How the covariances lie in memory: known ones as full matrices, or as diagonals.
    let layout =
        if structure <> CovarianceStructure.Known then
            structure
        elif covariances.Length = count * d then
            CovarianceStructure.Diagonal
        else
            CovarianceStructure.Full

    /// Where component k's numbers start, and how many they are.
    let entry k i j =
        match layout with
        | CovarianceStructure.Full
        | CovarianceStructure.Known -> covariances[k * square + i * d + j]
        | CovarianceStructure.Tied -> covariances[i * d + j]
        | CovarianceStructure.Diagonal -> if i = j then covariances[k * d + i] else 0.0
        | CovarianceStructure.Spherical ->
            if i = j && not (Array.contains i constants) then
                covariances[k]
            else
                0.0

    let active =
        [| 0 .. d - 1 |]
        |> Array.filter (fun i -> Seq.exists (fun k -> entry k i i > 0.0) (seq { 0 .. count - 1 }))

    let describe k =
        String.Join(", ", seq { for i in 0 .. d - 1 -> Wording.number (entry k i i) })

    /// Cholesky factors of all covariance matrices, one after the other.
    let choleskyFactors () =
        let result = Array.zeroCreate covariances.Length

        for k in 0 .. covariances.Length / square - 1 do
            let factor = Span<float>(result, k * square, square)

            for i in 0 .. d - 1 do
                ReadOnlySpan(covariances, k * square + i * d, i + 1).CopyTo(factor.Slice(i * d))

            if not (Cholesky.tryFactorInPlace d factor) then
                invalidArg
                    "covariances"
                    $"the covariance of component {k + 1} is not positive definite (its diagonal is {describe k}): expected one whose eigenvalues are all positive; correct it, or fit the model again"

        result

    /// Per component (one if tied) a Cholesky factor, or reciprocal standard deviations.
    let factors =
        lazy
            (match layout with
             | _ when givenFactors.IsSome -> givenFactors.Value
             | CovarianceStructure.Full
             | CovarianceStructure.Known
             | CovarianceStructure.Tied -> choleskyFactors ()
             | CovarianceStructure.Diagonal
             | CovarianceStructure.Spherical ->
                 covariances
                 |> Array.mapi (fun at variance ->
                     if not (variance > 0.0) then
                         let k =
                             if layout = CovarianceStructure.Spherical then
                                 at
                             else
                                 at / d

                         invalidArg
                             "covariances"
                             $"a variance of component {k + 1} is {Wording.number variance}: expected a positive number"

                     1.0 / sqrt variance))

    /// The standard-deviation-like numbers whose logs sum to half the log-determinant of component k.
    let spread k i =
        match layout with
        | CovarianceStructure.Full
        | CovarianceStructure.Known -> factors.Value[k * square + i * d + i]
        | CovarianceStructure.Tied -> factors.Value[i * d + i]
        | CovarianceStructure.Diagonal -> 1.0 / factors.Value[k * d + i]
        | CovarianceStructure.Spherical -> 1.0 / factors.Value[k]

    let logSpread (reference: float[]) k =
        let mutable sum = 0.0

        for i in 0 .. d - 1 do
            sum <- sum + log (spread k i / reference[i])

        sum

    let kernel (input: GaussianKernelInput) (width: SimdWidth) : IBlockKernel =
        match layout, width with
        | CovarianceStructure.Tied, SimdWidth.Vector512 -> TiedGaussianKernel<Ops512, _> input
        | CovarianceStructure.Tied, SimdWidth.Vector256 -> TiedGaussianKernel<Ops256, _> input
        | CovarianceStructure.Tied, _ -> TiedGaussianKernel<OpsScalar, _> input
        // over a single column a full covariance is a diagonal one
        | CovarianceStructure.Full, _ when d = 1 ->
            let reciprocal =
                { input with
                    Factors = input.Factors |> Array.map (fun l -> 1.0 / l)
                }

            match width with
            | SimdWidth.Vector512 -> DiagonalGaussianKernel<Ops512, _> reciprocal
            | SimdWidth.Vector256 -> DiagonalGaussianKernel<Ops256, _> reciprocal
            | _ -> DiagonalGaussianKernel<OpsScalar, _> reciprocal
        | (CovarianceStructure.Full | CovarianceStructure.Known), SimdWidth.Vector512 ->
            FullGaussianKernel<Ops512, _> input
        | (CovarianceStructure.Full | CovarianceStructure.Known), SimdWidth.Vector256 ->
            FullGaussianKernel<Ops256, _> input
        | (CovarianceStructure.Full | CovarianceStructure.Known), _ -> FullGaussianKernel<OpsScalar, _> input
        | (CovarianceStructure.Diagonal | CovarianceStructure.Spherical), SimdWidth.Vector512 ->
            DiagonalGaussianKernel<Ops512, _> input
        | (CovarianceStructure.Diagonal | CovarianceStructure.Spherical), SimdWidth.Vector256 ->
            DiagonalGaussianKernel<Ops256, _> input
        | (CovarianceStructure.Diagonal | CovarianceStructure.Spherical), _ ->
            DiagonalGaussianKernel<OpsScalar, _> input

    let choose (indices: int[]) =
        let part size (values: float[]) =
            indices |> Array.collect (fun k -> Array.sub values (k * size) size)

        let covariances =
            match layout with
            | CovarianceStructure.Full
            | CovarianceStructure.Known -> part square covariances
            | CovarianceStructure.Tied -> covariances
            | CovarianceStructure.Diagonal -> part d covariances
            | CovarianceStructure.Spherical -> part 1 covariances

        GaussianComponents(familyOf, structure, indices.Length, d, part d means, covariances, constants, ValueNone)

    let marginal (columns: int[]) =
        let size = columns.Length

        let squarePart start =
            Array.init (size * size) (fun at -> covariances[start + columns[at / size] * d + columns[at % size]])

        let covariances =
            match layout with
            | CovarianceStructure.Full
            | CovarianceStructure.Known -> Array.collect (fun k -> squarePart (k * square)) [| 0 .. count - 1 |]
            | CovarianceStructure.Tied -> squarePart 0
            | CovarianceStructure.Diagonal ->
                Array.init (count * size) (fun at -> covariances[at / size * d + columns[at % size]])
            | CovarianceStructure.Spherical -> covariances

        let means =
            Array.init (count * size) (fun at -> means[at / size * d + columns[at % size]])


        let constants =
            [|
                for at in 0 .. size - 1 do
                    if Array.contains columns[at] constants then
                        at
            |]

        GaussianComponents(familyOf, structure, count, size, means, covariances, constants, ValueNone)

    /// Means and covariances of the other columns given values of some.
    let condition (given: int[]) (values: float[]) =
        let free = [| 0 .. d - 1 |] |> Array.except given
        let size = free.Length

        match layout with
        | CovarianceStructure.Diagonal
        | CovarianceStructure.Spherical -> marginal free
        | CovarianceStructure.Full
        | CovarianceStructure.Tied
        | CovarianceStructure.Known ->
            // only given columns that vary say anything about the others
            let used = given |> Array.filter (fun i -> Array.contains i active)
            let g = used.Length

            let conditionals =
                Array.init count (fun k ->
                    let block = Array.init (g * g) (fun at -> entry k used[at / g] used[at % g])

                    let l =
                        match Cholesky.tryFactor g (ReadOnlySpan block) with
                        | ValueSome l -> l
                        | ValueNone ->
                            invalidArg "columns" $"component {k + 1}'s covariance of the given columns is singular"

                    let white =
                        used |> Array.map (fun i -> values[Array.IndexOf(given, i)] - means[k * d + i])

                    Cholesky.solveLower g l (Span white)

                    // rows of B = Σ_free,given L⁻ᵀ
                    let rows =
                        free
                        |> Array.map (fun i ->
                            let row = used |> Array.map (fun j -> entry k i j)
                            Cholesky.solveLower g l (Span row)
                            row)

                    let mean =
                        Array.init size (fun i -> means[k * d + free[i]] + Array.sum (Array.map2 (*) rows[i] white))

                    let covariance =
                        Array.init (size * size) (fun at ->
                            let i, j = at / size, at % size
                            entry k free[i] free[j] - Array.sum (Array.map2 (*) rows[i] rows[j]))

                    mean, covariance)

            let covariances =
                if layout = CovarianceStructure.Tied then
                    snd conditionals[0]
                else
                    Array.collect snd conditionals

            GaussianComponents(
                familyOf,
                structure,
                count,
                size,
                Array.collect fst conditionals,
                covariances,
                [||],
                ValueNone
            )

    let allActive = active.Length = d
    let activeOnly = lazy (marginal active)

    member _.Structure = structure

    /// How covariances and factors lie in memory: the structure, but full or diagonal where they are known.
    member _.Layout = layout
    member _.Count = count
    member _.Dimension = d

    /// K x D, row by row.
    member _.Means = means

    /// In the layout of the structure: K x D x D, D x D, K x D, K or K x D x D.
    member _.Covariances = covariances

    /// Spherical only: the constant columns.
    member _.Constants = constants

    /// Per component (one if tied) a Cholesky factor D x D, or reciprocal standard deviations.
    member _.Factors = factors.Value

    member _.CovarianceEntry(k, i, j) = entry k i j

    /// Component k's covariance, D x D row by row.
    member _.CovarianceArray k =
        Array.init square (fun at -> entry k (at / d) (at % d))

    /// The log-density of one row under each component (nats), over active columns only.
    member this.LogDensity(row: float[]) =
        Array.init count (fun k ->
            let z = Array.init d (fun i -> row[i] - means[k * d + i])
            this.Whiten(k, Span z)

            -0.5 * (float d * log (2.0 * Math.PI) + Array.sumBy (fun v -> v * v) z)
            - logSpread (Array.create d 1.0) k)

    /// L⁻¹ v in place, with L L^T the covariance of component k.
    member _.Whiten(k, vector: Span<float>) =
        match layout with
        | CovarianceStructure.Full
        | CovarianceStructure.Known -> Cholesky.solveLower d (Array.sub factors.Value (k * square) square) vector
        | CovarianceStructure.Tied -> Cholesky.solveLower d factors.Value vector
        | CovarianceStructure.Diagonal
        | CovarianceStructure.Spherical ->
            for i in 0 .. d - 1 do
                vector[i] <- vector[i] / spread k i

    /// The kernel over the observed columns whose statistics are completed, with the conditional spread of what is missing
    /// counted or left to the caller.
    member _.CompletingKernel(observed: int[], request: KernelRequest, countsSpread: bool) =
        CompletingGaussianKernel(
            {
                Structure = structure
                Count = count
                Dimension = d
                Means = means
                Centres = ValueOption.defaultValue means request.Centres
                Covariance = entry
                CountsSpread = countsSpread
            },
            observed,
            MissingRoom.kernel marginal observed request d
        )

    interface IMarginalComponents with
        member this.MarginalKernel(observed, request) =
            match layout with
            | CovarianceStructure.Full
            | CovarianceStructure.Tied
            | CovarianceStructure.Known -> this.CompletingKernel(observed, request, true)
            | CovarianceStructure.Diagonal
            | CovarianceStructure.Spherical ->
                let o = observed.Length

                let second = GaussianStatistics.SecondLength(structure, count, d)

                let sums = Array.init (count * o) (fun at -> at / o * d + observed[at % o])

                let squares =
                    if second = count * d then
                        sums |> Array.map (fun at -> count * d + at)
                    else
                        Array.init second (fun k -> count * d + k)

                DroppingKernel(
                    count,
                    d,
                    observed,
                    MissingRoom.kernel marginal observed request d,
                    Array.append sums squares,
                    count * d + second,
                    fun counts statistics columnCounts ->
                        GaussianStatistics(
                            structure,
                            d,
                            counts,
                            Array.copy (ValueOption.defaultValue means request.Centres),
                            Array.sub statistics 0 (count * d),
                            Array.sub statistics (count * d) second,
                            columnCounts
                        )
                )

    interface IComponents with
        member _.Family = family.Value
        member _.Count = count
        member _.Dimension = d

        member _.FreeParameters = count * d + CovarianceStructure.parameters count d structure

        member _.ActiveColumns = Array.copy active

        member this.Active = if allActive then this :> IComponents else activeOnly.Value

        member _.Kernel request =
            let constant k =
                -0.5 * float d * log (2.0 * Math.PI) - logSpread request.Reference k

            kernel
                {
                    Structure = structure
                    Count = count
                    Dimension = d
                    Means = means
                    Centres = ValueOption.defaultValue means request.Centres
                    Factors = factors.Value
                    Constants = Array.init count constant
                    Whole = request.Whole
                }
                (enum<SimdWidth> request.Width)

        /// The largest condition number of a covariance in units of the reference.
        member _.Magnification reference =
            let condition (variances: float[]) =
                Array.max variances / max 1e-300 (Array.min variances)

            let ofComponent k =
                match layout with
                | CovarianceStructure.Diagonal
                | CovarianceStructure.Spherical ->
                    condition (Array.init d (fun i -> entry k i i / (reference[i] * reference[i])))
                | CovarianceStructure.Full
                | CovarianceStructure.Tied
                | CovarianceStructure.Known ->
                    Array.init square (fun at -> entry k (at / d) (at % d) / (reference[at / d] * reference[at % d]))
                    |> Eigen.valuesInPlace d
                    |> Array.map (max 1e-300)
                    |> condition

            let different = if layout = CovarianceStructure.Tied then 1 else count
            Seq.init different ofComponent |> Seq.fold max 1.0

        member _.Choose indices = choose indices
        member _.Marginal columns = marginal columns

        member _.Condition(columns, values) =
            let remaining = condition columns values
            let given = marginal columns :> IComponents

            let row = given.ActiveColumns |> Array.map (fun i -> values[i])

            struct (remaining, (given.Active :?> GaussianComponents).LogDensity row)

        member this.Sample(k, stream, row) =
            let draws = Array.zeroCreate<float> d

            for i in active do
                draws[i] <- stream.NextNormal()

            match layout with
            | CovarianceStructure.Diagonal
            | CovarianceStructure.Spherical ->
                for i in 0 .. d - 1 do
                    row[i] <- means[k * d + i] + sqrt (entry k i i) * draws[i]
            | _ when allActive ->
                let start = if layout = CovarianceStructure.Tied then 0 else k * square

                for i in 0 .. d - 1 do
                    let mutable sum = means[k * d + i]

                    for j in 0..i do
                        sum <- sum + factors.Value[start + i * d + j] * draws[j]

                    row[i] <- sum
            | _ ->
                for i in 0 .. d - 1 do
                    row[i] <- means[k * d + i]

                let part = Array.zeroCreate active.Length
                (activeOnly.Value :> IComponents).Sample(k, stream, Span part)
                active |> Array.iteri (fun at i -> draws[i] <- part[at])

                for i in active do
                    row[i] <- draws[i]

        member _.Mean k = Array.sub means (k * d) d
        member _.Covariance k = Array2D.init d d (entry k)

        member this.Entropy k =
            if allActive then
                0.5 * float d * log (2.0 * Math.PI * Math.E) + logSpread (Array.create d 1.0) k
            else
                (activeOnly.Value :> IComponents).Entropy k

        member _.Cdf(k, x) =
            if d <> 1 then
                invalidOp $"the distribution function is of one column, but these components have {d}"

            let sd = sqrt (entry k 0 0)

            if sd = 0.0 then
                if x < means[k] then 0.0 else 1.0
            else
                ErrorFunction.normalCdf ((x - means[k]) / sd)
