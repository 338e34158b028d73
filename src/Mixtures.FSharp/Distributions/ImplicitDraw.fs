namespace Mixtures

open System

/// Draws that are differentiable in a parameter without a formula for them: the derivative is how the quantile of a fixed
/// probability moves (Figurnov, Mohamed & Mnih 2018).
[<RequireQualifiedAccess>]
module internal ImplicitDraw =

    /// The draws as a function of the parameter whose derivative, number by number, is the slope at parameter and draw.
    let rec private attach (slope: float -> float -> float) (draws: float[]) (parameter: Tensor) : Tensor =
        match parameter.Tape with
        | null -> Tensor.OfArray(draws, parameter.Dims)
        | tape ->
            let inner = parameter.Primal

            let slopes =
                lazy
                    (if inner.IsTracked then
                         raise (
                             NotSupportedException
                                 "Draws of gamma, beta and Dirichlet distributions have first derivatives only: take the gradient of their function once, or hold the shape constant."
                         )

                     Tensor.OfArray(Array.map2 slope inner.Numbers draws, inner.Dims))

            tape.Record(attach slope draws inner, parameter, (fun g -> g * slopes.Value))

    /// The logarithms of gamma draws of rate 1, one for each shape. Each number has a stream of its own, so that antithetic
    /// partners stay side by side whatever a rejection costs.
    let logGamma (draw: float -> RandomStream -> float) (shape: Tensor) (stream: RandomStream) : Tensor =
        let draws = shape.Numbers |> Array.map (fun a -> draw a (stream.Branch()))
        attach GammaQuantileSlope.ofShape draws shape
