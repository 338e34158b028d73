namespace Mixtures

open System

/// Gauss-Legendre quadrature.
[<RequireQualifiedAccess>]
module internal GaussLegendre =

    /// The nodes in (0, 1) and the weights of the rule with so many points: Newton's method on the Legendre polynomial.
    let rule (count: int) : struct (float[] * float[]) =
        let nodes = Array.zeroCreate<float> count
        let weights = Array.zeroCreate<float> count

        for i in 0 .. count - 1 do
            let mutable x = cos (Math.PI * (float i + 0.75) / (float count + 0.5))
            let mutable slope = 0.0
            let mutable step = 1.0
            let mutable tries = 0

            while abs step > 1e-16 && tries < 20 do
                let mutable before = 1.0
                let mutable value = x

                for n in 2..count do
                    let next = (float (2 * n - 1) * x * value - float (n - 1) * before) / float n
                    before <- value
                    value <- next

                slope <- float count * (x * value - before) / (x * x - 1.0)
                step <- value / slope
                x <- x - step
                tries <- tries + 1

            nodes[i] <- 0.5 * (1.0 - x)
            weights[i] <- 1.0 / ((1.0 - x * x) * slope * slope)

        struct (nodes, weights)
