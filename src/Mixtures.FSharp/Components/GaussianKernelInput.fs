namespace Mixtures

open System

/// What a Gaussian kernel computes with: means and centres K x D, and per component (one for all if tied) a lower
/// Cholesky factor D x D, or the reciprocal standard deviations (D numbers, one if spherical).
[<NoEquality; NoComparison>]
type internal GaussianKernelInput =
    {
        Structure: CovarianceStructure
        Count: int
        Dimension: int
        Means: float[]
        Centres: float[]
        /// Cholesky factors, or reciprocal standard deviations.
        Factors: float[]
        /// Per component: -D/2 log 2π - log det L.
        Constants: float[]
        /// The data's scale and total scatter, where these give the second moments.
        Whole: DataScale voption
    }

    /// The mean of a component: D numbers.
    member input.Mean k =
        Span<float>(input.Means, k * input.Dimension, input.Dimension)

    /// The point that a component's statistics are centred on: D numbers.
    member input.Centre k =
        Span<float>(input.Centres, k * input.Dimension, input.Dimension)

    /// The statistics as a value.
    member input.Statistics(counts: float[], sums: float[], second: float[]) =
        GaussianStatistics(input.Structure, input.Dimension, Array.copy counts, Array.copy input.Centres, sums, second)
