namespace Mixtures

/// Gaussian parameters under the names that priors use, beside the vector of GaussianVector: means, and the spread as
/// covariances or precision_matrices (full, tied), as scales, variances or precisions (diagonal, spherical, or any of one
/// column), or mean and spread together as components.
[<RequireQualifiedAccess>]
module internal GaussianParameters =

    /// One way to state a spread: the name, and its maps to and from the family's own statement.
    [<NoEquality; NoComparison>]
    type private Spread =
        {
            Name: string
            Support: Support
            /// To standard deviations, or covariance matrices.
            ToOwn: Tensor -> Tensor
            OfOwn: Tensor -> Tensor
        }

    let private numbers name toOwn ofOwn =
        {
            Name = name
            Support = Support.Positive
            ToOwn = toOwn
            OfOwn = ofOwn
        }

    /// Ways to state standard deviations.
    let private ofScales =
        [
            numbers "scales" id id
            numbers "variances" Tensor.sqrt Tensor.square
            numbers "precisions" (Tensor.power -0.5) (Tensor.power -2.0)
        ]

    let private inverse (m: Tensor) : Tensor =
        let d = m.Dims[m.Rank - 1]
        let l = Tensor.cholesky m
        let half = Tensor.solveLower l (Tensor.expand m.Dims (Tensor.eye d))
        Tensor.matmul (Tensor.transpose half) half

    /// Ways to state covariance matrices; of one column, its standard deviation as well.
    let private ofCovariances d =
        let matrix = Support.PositiveDefinite d

        [
            {
                Name = "covariances"
                Support = matrix
                ToOwn = id
                OfOwn = id
            }
            {
                Name = "precision_matrices"
                Support = matrix
                ToOwn = inverse
                OfOwn = inverse
            }

            if d = 1 then
                let up (t: Tensor) =
                    Tensor.unsqueeze -1 (Tensor.unsqueeze -1 t)

                let down (t: Tensor) = Tensor.squeeze -1 (Tensor.squeeze -1 t)

                for spread in ofScales do
                    { spread with
                        ToOwn = spread.ToOwn >> Tensor.square >> up
                        OfOwn = down >> Tensor.sqrt >> spread.OfOwn
                    }
        ]

    let private choose family (wanted: string list) (spreads: Spread list) =
        let names = "means" :: (spreads |> List.map _.Name) @ [ "components" ]

        for name in wanted do
            if not (List.contains (ParameterSites.localName name) names) then
                ParameterSites.refuse family name names

        match
            spreads
            |> List.filter (fun s -> List.contains s.Name (wanted |> List.map ParameterSites.localName))
        with
        | [] -> spreads.Head
        | [ one ] -> one
        | several ->
            let received = several |> List.map _.Name |> String.concat " and of "
            invalidArg "priors" $"expected one prior of the {family} family's spread, received priors of {received}"

    /// The parameters; see IParametricFamily.
    let sites (like: GaussianComponents) (scale: DataScale) (wanted: string list) : ParameterSites =
        let d, count = like.Dimension, like.Count
        let flat = ParameterSites.flat
        let sds = scale.Variances |> Array.map sqrt |> Tensor.ofArray
        let centre = Tensor.ofArray scale.Means
        let first = count * d

        let meansOf (vector: Tensor) =
            (vector |> Tensor.slice 0 0 first |> Tensor.reshape [| count; d |]) * sds
            + centre

        let ofMeans (means: Tensor) = flat ((means - centre) / sds)

        let rest (vector: Tensor) =
            Tensor.slice 0 first (vector.Count - first) vector

        let means =
            {
                ParameterSite.Name = "means"
                Batch = [| count; d |]
                Support = Support.Real
            }

        /// The free numbers of a family's own statement of the spread, and back; the shape that it has.
        let apart (own: Spread) batch (ofSpread: Tensor -> Tensor) (toSpread: Tensor -> Tensor) =
            {
                Sites =
                    [|
                        means
                        {
                            Name = own.Name
                            Batch = batch
                            Support = own.Support
                        }
                    |]
                ToVector =
                    fun values -> Tensor.concatenate 0 [ ofMeans values[0]; flat (ofSpread (own.ToOwn values[1])) ]
                OfVector = fun vector -> [| meansOf vector; own.OfOwn(toSpread (rest vector)) |]
            }

        match like.Structure with
        | CovarianceStructure.Known ->
            ParameterSites.check "gaussian" wanted [| means |]

            {
                Sites = [| means |]
                ToVector = fun values -> ofMeans values[0]
                OfVector = fun vector -> [| meansOf vector |]
            }
        | CovarianceStructure.Diagonal ->
            apart
                (choose "gaussian" wanted ofScales)
                [| count; d |]
                (fun scales -> Tensor.log (scales / sds))
                (fun logs -> Tensor.exp (Tensor.reshape [| count; d |] logs) * sds)
        | CovarianceStructure.Spherical ->
            let unit = GaussianVector.typicalSd scale

            apart
                (choose "gaussian" wanted ofScales)
                [| count |]
                (fun scales -> Tensor.log (scales * (1.0 / unit)))
                (fun logs -> Tensor.exp logs * unit)
        | CovarianceStructure.Full
        | CovarianceStructure.Tied ->
            let batch =
                if like.Structure = CovarianceStructure.Full then
                    [| count |]
                else
                    [||]

            let factor = Bijector.choleskyFactor d
            let triangle = d * (d + 1) / 2
            // the factor of the standardised covariance is the factor, its rows scaled
            let rows = Tensor.unsqueeze -1 sds

            let ofCovariance covariances =
                factor.Inverse(Tensor.cholesky covariances / rows)

            let toCovariance (logs: Tensor) =
                let l =
                    factor.Forward(Tensor.reshape (Array.append batch [| triangle |]) logs) * rows

                Tensor.matmul l (Tensor.transpose l)

            if wanted |> List.exists (fun n -> ParameterSites.localName n = "components") then
                if batch.Length = 0 then
                    invalidArg
                        "priors"
                        "expected priors of means and of the spread apart, for components that share one covariance, received a joint prior of components"

                {
                    Sites =
                        [|
                            {
                                Name = "components"
                                Batch = batch
                                Support = Support.Product [ Support.RealVector d; Support.PositiveDefinite d ]
                            }
                        |]
                    ToVector =
                        fun values ->
                            let both = values[0]

                            let covariances = Tensor.slice -1 d (d * d) both |> Tensor.reshape [| count; d; d |]

                            Tensor.concatenate 0 [ ofMeans (Tensor.slice -1 0 d both); flat (ofCovariance covariances) ]
                    OfVector =
                        fun vector ->
                            [|
                                Tensor.concatenate
                                    -1
                                    [
                                        meansOf vector
                                        Tensor.reshape [| count; d * d |] (toCovariance (rest vector))
                                    ]
                            |]
                }
            else
                apart (choose "gaussian" wanted (ofCovariances d)) batch ofCovariance toCovariance
