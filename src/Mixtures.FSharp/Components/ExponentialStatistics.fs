namespace Mixtures

open System

/// Sufficient statistics of components whose columns are independent: with a the weight of a row in a component, Σ a and
/// the sums Σ a φ(x) of each column's features, such as x and log x.
[<Sealed>]
type ExponentialStatistics
    internal
    (
        features: int[],
        counts: float[],
        sums: float[],
        // the parameters that the statistics were collected with; some features depend on them
        stated: float[][],
        // K x D, or nothing where every row counts in all of its columns
        columnCounts: float[]
    ) =
    let length = Array.sum features

    /// How many features each column has: D numbers.
    member _.Features = features

    /// Σ a, per component.
    member _.Counts = counts

    /// Σ a of the rows that count in a column, given the component and the column: those that have it, where missing
    /// values are dropped.
    member _.CountOf(k: int, column: int) =
        ColumnCounts.at counts columnCounts k column

    member internal _.ColumnCounts = columnCounts

    /// Σ a φ(x): K rows of the features of all columns.
    member _.Sums = sums

    member internal _.Stated = stated

    /// The statistics of both sets of rows together. Both must have been collected with the same parameters where features
    /// depend on these (negative binomial).
    member _.Merge(other: ExponentialStatistics) =
        if other.Features <> features || other.Counts.Length <> counts.Length then
            invalidArg
                (nameof other)
                $"expected statistics of {counts.Length} components with {length} features, received {other.Counts.Length} with {Array.sum other.Features}"

        ExponentialStatistics(
            features,
            Array.map2 (+) counts other.Counts,
            Array.map2 (+) sums other.Sums,
            stated,
            ColumnCounts.merge features.Length (counts, columnCounts) (other.Counts, other.ColumnCounts)
        )

    interface IStatistics with
        member _.Counts = counts

        member _.IsFinite =
            Array.forall Double.IsFinite counts && Array.forall Double.IsFinite sums

        member this.Merge other =
            match other with
            | :? ExponentialStatistics as other -> this.Merge other
            | _ -> invalidArg (nameof other) "expected statistics of independent columns"
