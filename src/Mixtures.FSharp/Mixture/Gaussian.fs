namespace Mixtures

open System

/// The parameters of a Gaussian mixture, as plain arrays.
type GaussianView =
    {
        /// What the covariances have in common.
        Structure: CovarianceStructure
        /// The weights: K numbers.
        Weights: float[]
        /// The means: K arrays of D numbers.
        Means: float[][]
        /// The covariances: K matrices of D x D, whatever the structure.
        Covariances: float[,][]
    }

/// Covariances that are given, not fitted.
[<RequireQualifiedAccess>]
type KnownCovariance =
    /// The same standard deviation in every one of D columns, for every component.
    | StandardDeviation of sd: float * dimension: int
    /// One D x D covariance for every component.
    | Shared of float[,]
    /// One D x D covariance per component.
    | PerComponent of float[,][]

/// Gaussian mixtures: p(x) = Σ_k π_k N(x; μ_k, Σ_k).
[<RequireQualifiedAccess>]
module Gaussian =

    let private family structure known : GaussianFamily = GaussianFamily(structure, known)

    /// Checks that a covariance is symmetric with finite entries; a column of zeros is a constant column.
    let internal checkCovariance index (m: float[,]) =
        let d = m.GetLength 0

        if m.GetLength 1 <> d then
            invalidArg
                "covariances"
                $"expected square covariances, received one of {d} x {m.GetLength 1} for component {index + 1}"

        for i in 0 .. d - 1 do
            for j in 0..i do
                if not (Double.IsFinite m[i, j] && Double.IsFinite m[j, i]) then
                    invalidArg
                        "covariances"
                        $"the covariance of component {index + 1} has an entry that is not finite in row {i + 1}, column {j + 1}"

                if m[i, i] < 0.0 || abs (m[i, j] - m[j, i]) > 1e-9 * sqrt (abs (m[i, i] * m[j, j])) then
                    invalidArg
                        "covariances"
                        $"the covariance of component {index + 1} is not symmetric positive definite: entries {Wording.number m[i, j]} and {Wording.number m[j, i]} in row and column {i + 1}, {j + 1}"

    let private knownFamily (covariances: float[,][]) =
        if covariances.Length = 0 then
            invalidArg (nameof covariances) "expected at least one known covariance, received none"

        covariances
        |> Array.iteri (fun k m ->
            checkCovariance k m
            let d = m.GetLength 0
            let flat = Array.init (d * d) (fun at -> m[at / d, at % d])

            if (Cholesky.tryFactor d (ReadOnlySpan flat)).IsNone then
                invalidArg "covariances" $"known covariance {k + 1} is not positive definite")

        family CovarianceStructure.Known (ValueSome(KnownCovariances.ofMatrices covariances))

    /// Specifies a mixture of so many Gaussian components with covariances to be fitted.
    let spec (structure: CovarianceStructure) (components: int) : MixtureSpec =
        if structure = CovarianceStructure.Known then
            invalidArg (nameof structure) "known covariances must be given: use Gaussian.known"

        MixtureSpec.Create(family structure ValueNone, components)

    /// Specifies a mixture of Gaussian components with given covariances; weights and means are fitted.
    let known (covariance: KnownCovariance) (components: int) : MixtureSpec =
        let family =
            match covariance with
            | KnownCovariance.StandardDeviation(sd, dimension) ->
                if not (Double.IsFinite sd && sd > 0.0) then
                    invalidArg (nameof sd) $"expected a positive standard deviation, received {Wording.number sd}"

                if dimension < 1 then
                    invalidArg (nameof dimension) $"expected at least 1 column, received {dimension}"

                family CovarianceStructure.Known (ValueSome(KnownCovariances.ofVariance dimension (sd * sd)))
            | KnownCovariance.Shared matrix -> knownFamily [| matrix |]
            | KnownCovariance.PerComponent matrices -> knownFamily matrices

        MixtureSpec.Create(family, components)

    /// Checks covariances in the layout of the structure: variances are positive, or zero for a column that is constant
    /// in every component and has no covariance with others; at least one column varies.
    let private validate structure (constants: int[]) count d (covariances: float[]) =
        let square = d * d

        let entry k i j =
            match structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Known -> covariances[k * square + i * d + j]
            | CovarianceStructure.Tied -> covariances[i * d + j]
            | CovarianceStructure.Diagonal -> if i = j then covariances[k * d + i] else 0.0
            | CovarianceStructure.Spherical -> if i = j then covariances[k] else 0.0

        let refuse k i what =
            invalidArg
                "covariances"
                $"the variance of component {k + 1} in column {i + 1} is {Wording.number (entry k i i)}: expected {what}"

        for i in 0 .. d - 1 do
            let isConstant = entry 0 i i = 0.0

            for k in 0 .. count - 1 do
                let variance = entry k i i

                if not (Double.IsFinite variance && variance >= 0.0) then
                    refuse k i "a positive number, since a covariance is positive definite"

                if structure = CovarianceStructure.Spherical && not (variance > 0.0) then
                    refuse k i "a positive number"

                if (variance = 0.0) <> isConstant then
                    refuse k i "zero in every component (a constant column) or in none"

                if
                    isConstant
                    && Seq.exists (fun j -> entry k i j <> 0.0 || entry k j i <> 0.0) (seq { 0 .. d - 1 })
                then
                    refuse
                        k
                        i
                        "a positive number, since the column has a covariance with another: the matrix is not positive definite"

        let varies i =
            entry 0 i i > 0.0 && not (Array.contains i constants)

        if not (Seq.exists varies (seq { 0 .. d - 1 })) then
            invalidArg "covariances" "every column has variance zero: expected at least one that varies"

    /// Components from parameters in the layout of the structure: means K x D, and covariances K x D x D (full, known),
    /// D x D (tied), K x D (diagonal) or K (spherical), row by row.
    /// Constant columns are named for the spherical structure only; others show them by a variance of zero.
    let internal components structure constants count dimension (means: float[]) (covariances: float[]) : IComponents =
        validate structure constants count dimension covariances
        // the components of a known structure make the family of their own covariances
        (family structure ValueNone).CreateWith(constants, count, dimension, means, covariances)

    /// A mixture with given parameters: K weights, K means of D numbers, K covariances of D x D (for tied, one is
    /// enough). Fails where the shapes disagree, weights do not sum to one, or a covariance is not positive definite or
    /// not of the structure.
    let create
        (structure: CovarianceStructure)
        (weights: float[])
        (means: float[][])
        (covariances: float[,][])
        : Mixture =
        let count = weights.Length

        if count < 1 then
            invalidArg (nameof weights) "expected at least 1 component, received 0 weights"

        if means.Length <> count then
            invalidArg (nameof means) $"expected {count} means, one a component, received {means.Length}"

        let d = means[0].Length

        if d < 1 then
            invalidArg (nameof means) "expected means of at least one column"

        means
        |> Array.iteri (fun k mean ->
            if mean.Length <> d then
                invalidArg
                    (nameof means)
                    $"expected means of {d} numbers, received {mean.Length} for component {k + 1}"

            for value in mean do
                if not (Double.IsFinite value) then
                    invalidArg
                        (nameof means)
                        $"expected finite means, received {Wording.number value} for component {k + 1}")

        let tied = structure = CovarianceStructure.Tied

        if covariances.Length <> count && not (tied && covariances.Length = 1) then
            invalidArg
                (nameof covariances)
                $"expected {count} covariances, one a component, received {covariances.Length}"

        covariances
        |> Array.iteri (fun k m ->
            checkCovariance k m

            if m.GetLength 0 <> d then
                invalidArg
                    (nameof covariances)
                    $"expected covariances of {d} x {d}, received {m.GetLength 0} x {m.GetLength 1} for component {k + 1}")

        let require condition k what =
            if not condition then
                invalidArg (nameof covariances) $"the covariance of component {k + 1} is not {what}"

        let flat (m: float[,]) =
            Array.init (d * d) (fun at -> m[at / d, at % d])

        let isDiagonal (m: float[,]) =
            Seq.forall
                id
                (seq {
                    for i in 0 .. d - 1 do
                        for j in 0 .. d - 1 -> i = j || m[i, j] = 0.0
                })

        let stored =
            match structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Known -> Array.collect flat covariances
            | CovarianceStructure.Tied ->
                covariances
                |> Array.iteri (fun k m ->
                    require (flat m = flat covariances[0]) k "the same as the first one's, as tied covariances are")

                flat covariances[0]
            | CovarianceStructure.Diagonal ->
                covariances |> Array.iteri (fun k m -> require (isDiagonal m) k "diagonal")
                covariances |> Array.collect (fun m -> Array.init d (fun i -> m[i, i]))
            | CovarianceStructure.Spherical ->
                covariances
                |> Array.iteri (fun k m ->
                    require
                        (isDiagonal m && Seq.forall (fun i -> m[i, i] = m[0, 0]) (seq { 0 .. d - 1 }))
                        k
                        "a multiple of the identity")

                covariances |> Array.map (fun m -> m[0, 0])

        Mixture.create None weights (components structure [||] count d (Array.concat means) stored)

    let private componentsOf (mixture: Mixture) =
        match mixture.Components with
        | :? GaussianComponents as c -> c
        | _ ->
            invalidArg (nameof mixture) $"expected a Gaussian mixture, received one of the {mixture.Family.Name} family"

    /// The covariance structure of a Gaussian mixture.
    let structure (mixture: Mixture) = (componentsOf mixture).Structure

    /// The parameters of a Gaussian mixture; fails for another family.
    let view (mixture: Mixture) : GaussianView =
        let c = componentsOf mixture

        {
            Structure = c.Structure
            Weights = mixture.Weights
            Means = Array.init mixture.Count mixture.Components.Mean
            Covariances = Array.init mixture.Count mixture.Components.Covariance
        }

    /// The constant columns of a spherical mixture.
    let internal constants (mixture: Mixture) = (componentsOf mixture).Constants

    /// The covariances in the layout of the structure, row by row.
    let internal storedCovariances (mixture: Mixture) =
        let c = componentsOf mixture

        if c.Structure = CovarianceStructure.Known then
            Array.collect c.CovarianceArray [| 0 .. c.Count - 1 |]
        else
            c.Covariances
