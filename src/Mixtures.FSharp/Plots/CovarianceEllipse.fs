namespace Mixtures

open System

/// Ellipses of constant Mahalanobis distance, (x - μ)' Σ⁻¹ (x - μ) = r².
[<RequireQualifiedAccess>]
module internal CovarianceEllipse =

    /// Points of the closed ellipse at r standard deviations in two columns of a mean and a D x D covariance, as x and y;
    /// the first point is repeated at the end. A singular covariance gives a line or a point.
    let points (radius: float) (count: int) (first: int) (second: int) (mean: float[]) (covariance: float[,]) =
        // x = μ + r L (cos t, sin t) with Σ = L L'
        let l11 = sqrt (max 0.0 covariance[first, first])
        let l21 = if l11 > 0.0 then covariance[second, first] / l11 else 0.0
        let l22 = sqrt (max 0.0 (covariance[second, second] - l21 * l21))

        let angle i =
            if i = count then 0.0 else Math.Tau * float i / float count

        let x = Array.init (count + 1) (fun i -> mean[first] + radius * l11 * cos (angle i))

        let y =
            Array.init (count + 1) (fun i -> mean[second] + radius * (l21 * cos (angle i) + l22 * sin (angle i)))

        x, y
