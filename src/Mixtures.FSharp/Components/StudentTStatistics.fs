namespace Mixtures

open System

/// Sufficient statistics of Student-t components given the expected precision of each row, u = (ν + D) / (ν + δ²): with a
/// the weight of a row in a component, Σ a, Σ a log u, and the Gaussian statistics of the rows weighted by a u.
[<Sealed>]
type StudentTStatistics
    internal (counts: float[], logPrecisions: float[], degrees: float[], weighted: GaussianStatistics) =

    /// Σ a, per component.
    member _.Counts = counts

    /// Σ a log u, per component.
    member _.LogPrecisions = logPrecisions

    /// The degrees of freedom that the precisions were computed with.
    member _.DegreesOfFreedom = degrees

    /// Σ a u (the counts of these) and sums and second moments with the weights a u.
    member _.Weighted = weighted

    /// The statistics of both sets of rows together; both must have been collected at the same parameters.
    member _.Merge(other: StudentTStatistics) =
        StudentTStatistics(
            Array.map2 (+) counts other.Counts,
            Array.map2 (+) logPrecisions other.LogPrecisions,
            degrees,
            weighted.Merge other.Weighted
        )

    interface IStatistics with
        member _.Counts = counts

        member _.IsFinite =
            Array.forall Double.IsFinite counts
            && Array.forall Double.IsFinite logPrecisions
            && (weighted :> IStatistics).IsFinite

        member this.Merge other =
            match other with
            | :? StudentTStatistics as other when other.Counts.Length = counts.Length -> this.Merge other
            | _ -> invalidArg (nameof other) $"expected Student-t statistics of {counts.Length} components"
