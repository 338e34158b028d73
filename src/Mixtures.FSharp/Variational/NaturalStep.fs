namespace Mixtures

open System

/// A step along the natural gradient F⁻¹ g of one factor of a guide, F its Fisher information (Amari 1998), taken in the
/// natural parameters, where conjugate models' steps of rate 1 are those of coordinate ascent (Hoffman et al. 2013; Khan
/// & Lin 2017). Takes the rate, the parameters and the gradient of what is to grow; returns new parameters. Steps that would
/// leave the parameters' range, or change a scale more than tenfold, are shortened.
[<RequireQualifiedAccess>]
module internal NaturalStep =
    [<Literal>]
    let private MostGrowth = 10.0

    /// A mean moves by no more than so many standard deviations.
    [<Literal>]
    let private FarthestMove = 10.0

    /// The greatest part of a step that keeps every number within a factor of ten.
    let private shortened (values: float[]) (steps: float[]) =
        let mutable part = 1.0

        for i in 0 .. values.Length - 1 do
            let relative = steps[i] / values[i]

            if relative > MostGrowth - 1.0 then
                part <- min part ((MostGrowth - 1.0) / relative)
            elif relative < 1.0 / MostGrowth - 1.0 then
                part <- min part ((1.0 / MostGrowth - 1.0) / relative)

        part

    /// Independent normals by location and scale: the precision first, then the location with the new precision.
    let normal (rate: float) (parameters: float[][]) (gradients: float[][]) : float[][] =
        let locations, scales = parameters[0], parameters[1]
        let count = locations.Length
        let location = Array.zeroCreate count
        let scale = Array.zeroCreate count

        for i in 0 .. count - 1 do
            // the relative change of the precision 1 / scale²
            let change = -rate * gradients[1][i] * scales[i]

            let factor =
                if change >= 0.0 then
                    min MostGrowth (1.0 + change)
                else
                    max (1.0 / MostGrowth) (1.0 / (1.0 - change))

            let s = scales[i] / sqrt factor
            let limit = FarthestMove * s
            scale[i] <- s
            location[i] <- locations[i] + Math.Clamp(rate * s * s * gradients[0][i], -limit, limit)

        [| location; scale |]

    /// a ψ′(a) - 1, without the loss of that difference for large a.
    let private trigammaExcess (a: float) =
        if a > 1e4 then
            let r = 1.0 / a
            r * (0.5 + r * (1.0 / 6.0 - r * r / 30.0))
        else
            a * SpecialFunctions.trigamma a - 1.0

    /// Independent gamma distributions by shape and rate.
    let gamma (rate: float) (parameters: float[][]) (gradients: float[][]) : float[][] =
        let result = parameters |> Array.map Array.copy

        for i in 0 .. parameters[0].Length - 1 do
            let a, b = parameters[0][i], parameters[1][i]
            let byShape, byRate = gradients[0][i], gradients[1][i] * b
            let excess = trigammaExcess a

            let steps =
                [|
                    rate * (a * byShape + byRate) / excess
                    rate * b * (byShape + SpecialFunctions.trigamma a * byRate) / excess
                |]

            let part = shortened [| a; b |] steps
            result[0][i] <- a + part * steps[0]
            result[1][i] <- b + part * steps[1]

        result

    /// F⁻¹ g for F = diag(ψ′(cᵢ)) - ψ′(Σ c) (Sherman & Morrison 1950).
    let private dirichletDirection (c: float[]) (g: float[]) =
        let own = c |> Array.map SpecialFunctions.trigamma
        let whole = SpecialFunctions.trigamma (Array.sum c)
        let weighted = Array.map2 (/) g own

        let shared =
            whole * Array.sum weighted
            / (1.0 - whole * (own |> Array.sumBy (fun v -> 1.0 / v)))

        Array.map2 (fun w v -> w + shared / v) weighted own

    let private alongSimplex rate (c: float[]) (g: float[]) =
        let steps = dirichletDirection c g |> Array.map (fun d -> rate * d)
        let part = shortened c steps
        Array.map2 (fun v step -> v + part * step) c steps

    /// Dirichlet distributions of so many outcomes by their concentrations, one after the other.
    let dirichlet (outcomes: int) (rate: float) (parameters: float[][]) (gradients: float[][]) : float[][] =
        Array.map2
            (alongSimplex rate)
            (Array.chunkBySize outcomes parameters[0])
            (Array.chunkBySize outcomes gradients[0])
        |> Array.concat
        |> Array.singleton

    /// Independent beta distributions by their two shapes.
    let beta (rate: float) (parameters: float[][]) (gradients: float[][]) : float[][] =
        let result = parameters |> Array.map Array.copy

        for i in 0 .. parameters[0].Length - 1 do
            let moved =
                alongSimplex rate [| parameters[0][i]; parameters[1][i] |] [| gradients[0][i]; gradients[1][i] |]

            result[0][i] <- moved[0]
            result[1][i] <- moved[1]

        result

    /// A normal of all numbers by location and lower factor L: the covariance becomes L (I - X + X² / 2)⁻¹ Lᵀ, X being the rate
    /// times 2 Lᵀ A L with A the gradient by the covariance, which is positive definite for every X (Lin, Schmidt & Khan
    /// 2020).
    let fullNormal (rate: float) (parameters: float[][]) (gradients: float[][]) : float[][] =
        let location, l, g = parameters[0], parameters[1], gradients[1]
        let d = location.Length

        // the lower triangle of Lᵀ g, mirrored
        let x = Array.zeroCreate (d * d)

        for i in 0 .. d - 1 do
            for j in 0..i do
                let mutable sum = 0.0

                for k in i .. d - 1 do
                    sum <- sum + l[k * d + i] * g[k * d + j]

                x[i * d + j] <- rate * sum
                x[j * d + i] <- rate * sum

        let norm = sqrt (x |> Array.sumBy (fun v -> v * v))
        let limit = 3.0

        if norm > limit then
            for i in 0 .. x.Length - 1 do
                x[i] <- x[i] * limit / norm

        // I - X + X² / 2 and its factor C; Σ = (L C⁻ᵀ) (L C⁻ᵀ)ᵀ
        let middle =
            Array.init (d * d) (fun at ->
                let i, j = at / d, at % d
                let mutable square = 0.0

                for k in 0 .. d - 1 do
                    square <- square + x[i * d + k] * x[k * d + j]

                (if i = j then 1.0 else 0.0) - x[at] + 0.5 * square)

        let factored =
            match Triangular.tryFactor d (ReadOnlySpan middle) with
            | ValueSome c ->
                // the rows of L C⁻ᵀ are C⁻¹ times the rows of L
                let rows =
                    Array.init d (fun i ->
                        let row = Array.sub l (i * d) d
                        Cholesky.solveLower d c (Span row)
                        row)

                let covariance =
                    Array.init (d * d) (fun at -> Vectors.dot rows[at / d] rows[at % d])

                Triangular.tryFactor d (ReadOnlySpan covariance)
            | ValueNone -> ValueNone

        match factored with
        | ValueNone -> [| Array.copy location; Array.copy l |]
        | ValueSome factor ->
            // L Lᵀ g, of a length of at most so many standard deviations
            let whitened =
                Array.init d (fun j ->
                    let mutable sum = 0.0

                    for i in j .. d - 1 do
                        sum <- sum + factor[i * d + j] * gradients[0][i]

                    rate * sum)

            let length = Vectors.norm whitened
            let part = if length > FarthestMove then FarthestMove / length else 1.0

            let moved =
                Array.init d (fun i ->
                    let mutable sum = 0.0

                    for j in 0..i do
                        sum <- sum + factor[i * d + j] * whitened[j]

                    location[i] + part * sum)

            [| moved; factor |]
