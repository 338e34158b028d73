namespace Mixtures

open System

/// Sufficient statistics of Gaussian components: with a the weight of a row in a component and c its centre,
/// Σ a, Σ a (x - c) and Σ a (x - c)(x - c)ᵀ as far as the covariance structure needs it.
[<Sealed>]
type GaussianStatistics
    internal
    (
        structure: CovarianceStructure,
        dimension: int,
        counts: float[],
        centres: float[],
        sums: float[],
        second: float[],
        // K x D, or nothing where every row counts in all of its columns
        columnCounts: float[]
    ) =
    let countOf k i = ColumnCounts.at counts columnCounts k i

    internal new(structure, dimension, counts, centres, sums, second) =
        GaussianStatistics(structure, dimension, counts, centres, sums, second, [||])

    /// How long the second moments are: per component a lower triangle row by row (full), one triangle for all (tied),
    /// D numbers (diagonal), one number (spherical), or nothing (known).
    static member internal SecondLength(structure, components, dimension) =
        match structure with
        | CovarianceStructure.Full -> components * dimension * (dimension + 1) / 2
        | CovarianceStructure.Tied -> dimension * (dimension + 1) / 2
        | CovarianceStructure.Diagonal -> components * dimension
        | CovarianceStructure.Spherical -> components
        | CovarianceStructure.Known -> 0

    /// The covariance structure that the second moments suit.
    member _.Structure = structure

    /// The number of columns, D.
    member _.Dimension = dimension

    /// Σ a, per component.
    member _.Counts = counts

    /// Σ a of the rows that count in a column, given the component and the column: those that have it, where missing
    /// values are dropped.
    member _.CountOf(k: int, column: int) = countOf k column

    /// The sum of CountOf over the columns, per component.
    member internal _.Cells(k: int) =
        if columnCounts.Length > 0 then
            Array.sum (Array.sub columnCounts (k * dimension) dimension)
        else
            float dimension * counts[k]

    /// The points that the sums are centred on: K x D, row by row.
    member _.Centres = centres

    /// Σ a (x - c): K x D, row by row.
    member _.Sums = sums

    member internal _.ColumnCounts = columnCounts

    /// Σ a (x - c)(x - c)ᵀ: per component a lower triangle row by row (full), one triangle over all components (tied),
    /// the D squares (diagonal), their total (spherical), or nothing (known).
    member _.SecondMoments = second

    /// The statistics of no rows at all, centred on the given points (K x D, row by row).
    static member Empty(structure: CovarianceStructure, dimension: int, centres: float[]) =
        let components = centres.Length / dimension

        GaussianStatistics(
            structure,
            dimension,
            Array.zeroCreate components,
            Array.copy centres,
            Array.zeroCreate (components * dimension),
            Array.zeroCreate (GaussianStatistics.SecondLength(structure, components, dimension))
        )

    /// The same statistics, centred on other points (K x D, row by row).
    member _.CentredOn(target: float[]) =
        let d = dimension
        let newSums = Array.copy sums
        let newSecond = Array.copy second

        for k in 0 .. counts.Length - 1 do
            // with e = c - c': Σ a (x-c')(x-c')ᵀ = S + s eᵀ + e sᵀ + n e eᵀ
            let shift i = centres[k * d + i] - target[k * d + i]

            let crossTerm i j =
                let ei, ej = shift i, shift j
                sums[k * d + i] * ej + sums[k * d + j] * ei + countOf k i * ei * ej

            for i in 0 .. d - 1 do
                newSums[k * d + i] <- sums[k * d + i] + countOf k i * shift i

                match structure with
                | CovarianceStructure.Full
                | CovarianceStructure.Tied ->
                    let first =
                        if structure = CovarianceStructure.Full then
                            k * d * (d + 1) / 2
                        else
                            0

                    for j in 0..i do
                        let at = first + i * (i + 1) / 2 + j
                        newSecond[at] <- newSecond[at] + crossTerm i j
                | CovarianceStructure.Diagonal -> newSecond[k * d + i] <- newSecond[k * d + i] + crossTerm i i
                | CovarianceStructure.Spherical -> newSecond[k] <- newSecond[k] + crossTerm i i
                | CovarianceStructure.Known -> ()

        GaussianStatistics(structure, dimension, counts, Array.copy target, newSums, newSecond, columnCounts)

    /// The statistics of both sets of rows together, centred like those with more weight in each component.
    member this.Merge(other: GaussianStatistics) =
        if
            other.Structure <> structure
            || other.Dimension <> dimension
            || other.Counts.Length <> counts.Length
        then
            invalidArg
                (nameof other)
                $"expected {CovarianceStructure.name structure} statistics of {counts.Length} components of {dimension} columns, received {CovarianceStructure.name other.Structure} ones of {other.Counts.Length} components of {other.Dimension} columns"

        let target =
            Array.init centres.Length (fun at ->
                let k = at / dimension

                if other.Counts[k] > counts[k] then
                    other.Centres[at]
                else
                    centres[at])

        let a: GaussianStatistics = this.CentredOn target
        let b = other.CentredOn target

        GaussianStatistics(
            structure,
            dimension,
            Array.map2 (+) counts other.Counts,
            target,
            Array.map2 (+) a.Sums b.Sums,
            Array.map2 (+) a.SecondMoments b.SecondMoments,
            ColumnCounts.merge dimension (counts, columnCounts) (other.Counts, other.ColumnCounts)
        )

    interface IStatistics with
        member _.Counts = counts

        member _.IsFinite =
            Array.forall Double.IsFinite counts
            && Array.forall Double.IsFinite sums
            && Array.forall Double.IsFinite second

        member this.Merge other =
            match other with
            | :? GaussianStatistics as other -> this.Merge other
            | _ -> invalidArg (nameof other) "expected Gaussian statistics"
