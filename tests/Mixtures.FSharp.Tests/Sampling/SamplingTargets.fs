/// Densities with which samplers are tested, and their gradients written by hand.
module Mixtures.Tests.SamplingTargets

open System
open Mixtures

/// The seed's model of five points as two normal components: weights (w, 1 - w) from Dirichlet(½, ½), one scale from
/// LogNormal(0, 2), locations from N(0, 10), assignments summed out; in the coordinates log w / (1 - w), both locations and
/// log scale, with the Jacobian.
let fivePoints =
    let data = [| 0.0; 1.0; 10.0; 11.0; 12.0 |]

    SamplingTarget.create 4 (fun x ->
        let odds = x[0]
        let first = x[1]
        let second = x[2]
        let logScale = x[3]
        let precision = exp (-2.0 * logScale)
        let tail = exp -(abs odds)
        let larger = 1.0 / (1.0 + tail)
        let w = if odds >= 0.0 then larger else tail * larger
        // log w and log (1 - w)
        let logLarger = -log(1.0 + tail)
        let logW = if odds >= 0.0 then logLarger else odds + logLarger
        let logV = if odds >= 0.0 then logLarger - odds else logLarger

        let mutable value =
            0.5 * (logW + logV)
            - (first * first + second * second) / 200.0
            - logScale * logScale / 8.0

        let mutable dOdds = 0.5 - w
        let mutable dFirst = -first / 100.0
        let mutable dSecond = -second / 100.0
        let mutable dScale = -logScale / 4.0

        for y in data do
            let a = y - first
            let b = y - second
            let za = a * a * precision
            let zb = b * b * precision
            let la = logW - 0.5 * za
            let lb = logV - 0.5 * zb
            let ratio = exp -(abs (la - lb))
            let share = 1.0 / (1.0 + ratio)
            let r = if la >= lb then share else ratio * share
            value <- value + max la lb + log (1.0 + ratio) - logScale
            dOdds <- dOdds + r - w
            dFirst <- dFirst + r * a * precision
            dSecond <- dSecond + (1.0 - r) * b * precision
            dScale <- dScale + r * za + (1.0 - r) * zb - 1.0

        struct (value, [| dOdds; dFirst; dSecond; dScale |]))

/// Low location, high location, scale and weight of the lower component.
let fivePointsInvariant (x: float[]) =
    let w = SpecialFunctions.sigmoid x[0]
    let low = min x[1] x[2]
    [| low; max x[1] x[2]; exp x[3]; (if x[1] <= x[2] then w else 1.0 - w) |]

let fivePointsNames = [| "loc_low"; "loc_high"; "scale"; "weight_of_low" |]

/// A normal distribution with means and a covariance.
let normal (mean: float[]) (covariance: float[,]) =
    let d = mean.Length
    let flat = Array.init (d * d) (fun i -> covariance[i / d, i % d])
    let factor = (Cholesky.tryFactor d (ReadOnlySpan flat)).Value

    SamplingTarget.create d (fun x ->
        let z = Array.init d (fun i -> x[i] - mean[i])
        Cholesky.solveLower d factor (Span z)
        let value = -0.5 * (z |> Array.sumBy (fun z -> z * z))
        Cholesky.solveUpper d factor (Span z)
        struct (value, z |> Array.map (~-)))

/// Standard normal in so many dimensions.
let standard d =
    SamplingTarget.create d (fun x -> struct (-0.5 * Array.sumBy (fun v -> v * v) x, Array.map (~-) x))

/// A Dirichlet distribution in the coordinates log p_k / p_K, with the Jacobian Π p.
let dirichlet (alpha: float[]) =
    let d = alpha.Length - 1
    let total = Array.sum alpha

    SamplingTarget.create d (fun x ->
        let logs = Array.append x [| 0.0 |]
        let norm = LogSumExp.ofArray logs
        let value = Array.fold2 (fun sum a l -> sum + a * (l - norm)) 0.0 alpha logs
        struct (value, Array.init d (fun k -> alpha[k] - total * exp (x[k] - norm))))

let dirichletShares (x: float[]) =
    let logs = Array.append x [| 0.0 |]
    let norm = LogSumExp.ofArray logs
    logs |> Array.map (fun l -> exp (l - norm))

/// Neal's funnel, v ~ N(0, 3) and nine x ~ N(0, exp(v/2)), as it stands.
let centredFunnel =
    SamplingTarget.create 10 (fun x ->
        let v = x[0]
        let precision = exp -v
        let mutable squares = 0.0

        for i in 1..9 do
            squares <- squares + x[i] * x[i]

        let value = -v * v / 18.0 - 4.5 * v - 0.5 * precision * squares

        struct (value,
                Array.init 10 (fun i ->
                    if i = 0 then
                        -v / 9.0 - 4.5 + 0.5 * precision * squares
                    else
                        -precision * x[i])))

/// Two normal distributions of scale 1, twenty apart.
let bimodal =
    SamplingTarget.create 2 (fun x ->
        let a = -0.5 * ((x[0] + 10.0) ** 2.0 + x[1] * x[1])
        let b = -0.5 * ((x[0] - 10.0) ** 2.0 + x[1] * x[1])
        let total = LogSumExp.ofArray [| a; b |]
        let r = exp (a - total)
        struct (total, [| -r * (x[0] + 10.0) - (1.0 - r) * (x[0] - 10.0); -x[1] |]))

/// The gradient against central differences.
let gradientError (target: SamplingTarget) (x: float[]) =
    let struct (_, gradient) = target.LogDensity x
    let h = 1e-5

    Array.init x.Length (fun i ->
        let at delta =
            let moved = Array.copy x
            moved[i] <- moved[i] + delta
            let struct (value, _) = target.LogDensity moved
            value

        abs (gradient[i] - (at h - at -h) / (2.0 * h)))
    |> Array.max
