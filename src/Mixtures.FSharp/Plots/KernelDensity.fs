namespace Mixtures

open System

/// Densities of draws, smoothed by normal kernels (Silverman 1986).
[<RequireQualifiedAccess>]
module internal KernelDensity =

    /// Standard deviation, or what the interquartile range says of it where that is less.
    let private spread (sorted: float[]) =
        let n = sorted.Length
        let mean = Array.average sorted
        let sd = sqrt (sorted |> Array.averageBy (fun v -> (v - mean) * (v - mean)))
        let range = sorted[3 * n / 4] - sorted[n / 4]
        let narrow = if range > 0.0 then min sd (range / 1.349) else sd
        // draws that are all the same are drawn as a narrow peak
        if narrow > 0.0 then narrow else 1e-9 * (1.0 + abs mean)

    let private check name (draws: float[]) =
        if draws.Length < 2 then
            invalidArg name $"expected at least two draws, received {draws.Length}"

        for v in draws do
            if not (Double.IsFinite v) then
                invalidArg name $"expected finite draws, received {Wording.number v}"

    /// Weights exp(-½ (i step / h)²) of neighbours, from the middle outwards, up to four bandwidths.
    let private kernel (step: float) (bandwidth: float) =
        Array.init (int (ceil (4.0 * bandwidth / step)) + 1) (fun i ->
            let z = float i * step / bandwidth
            exp (-0.5 * z * z))

    let private smooth (weights: float[]) (counts: float[]) =
        Array.init counts.Length (fun i ->
            let mutable sum = 0.0
            // named ends: optimised, the compiler gets min and max as ends of a loop inside Array.init wrong
            let first = max 0 (i - weights.Length + 1)
            let last = min (counts.Length - 1) (i + weights.Length - 1)

            for j in first..last do
                sum <- sum + counts[j] * weights[abs (i - j)]

            sum)

    /// The place of a value on a grid, and its share between that point and the next.
    let private place (low: float) (step: float) (points: int) (v: float) =
        let at = Math.Clamp((v - low) / step, 0.0, float points - 1.000001)
        struct (int at, at - Math.Floor at)

    /// A grid of so many points, and the density there; the density integrates to one.
    let curve (points: int) (draws: float[]) : struct (float[] * float[]) =
        check (nameof draws) draws
        let sorted = Array.sort draws
        let bandwidth = 0.9 * spread sorted * Math.Pow(float draws.Length, -0.2)
        // rare far draws do not stretch the grid
        let at share =
            sorted[int (share * float (sorted.Length - 1))]

        let low, high = at 0.0005 - 3.0 * bandwidth, at 0.9995 + 3.0 * bandwidth
        let step = (high - low) / float (points - 1)
        let counts = Array.zeroCreate<float> points

        for v in draws do
            if v >= low && v <= high then
                let struct (i, part) = place low step points v
                counts[i] <- counts[i] + 1.0 - part
                counts[i + 1] <- counts[i + 1] + part

        let density = smooth (kernel step (max bandwidth (0.5 * step))) counts
        let area = step * Array.sum density
        struct (Array.init points (fun i -> low + float i * step), density |> Array.map (fun d -> d / area))

    /// Grids of so many points along x and y, and for each point, rows along y, the probability of the region of higher
    /// density: contours of this number hold that share of the draws.
    let regions (points: int) (xs: float[]) (ys: float[]) : struct (float[] * float[] * float[][]) =
        check (nameof xs) xs
        check (nameof ys) ys

        if xs.Length <> ys.Length then
            invalidArg (nameof ys) $"expected {xs.Length} draws as of the first, received {ys.Length}"

        let frame (values: float[]) =
            let sorted = Array.sort values
            let bandwidth = spread sorted * Math.Pow(float values.Length, -1.0 / 6.0)

            let at share =
                sorted[int (share * float (sorted.Length - 1))]

            let low, high = at 0.0005 - 1.5 * bandwidth, at 0.9995 + 1.5 * bandwidth
            struct (low, (high - low) / float (points - 1), bandwidth)

        let struct (lowX, stepX, widthX) = frame xs
        let struct (lowY, stepY, widthY) = frame ys
        let counts = Array.init points (fun _ -> Array.zeroCreate<float> points)

        for x, y in Array.zip xs ys do
            let struct (i, partX) = place lowX stepX points x
            let struct (j, partY) = place lowY stepY points y
            counts[j][i] <- counts[j][i] + (1.0 - partX) * (1.0 - partY)
            counts[j][i + 1] <- counts[j][i + 1] + partX * (1.0 - partY)
            counts[j + 1][i] <- counts[j + 1][i] + (1.0 - partX) * partY
            counts[j + 1][i + 1] <- counts[j + 1][i + 1] + partX * partY

        let along = kernel stepX (max widthX (0.5 * stepX))
        let across = kernel stepY (max widthY (0.5 * stepY))

        let density =
            counts
            |> Array.map (smooth along)
            |> Array.transpose
            |> Array.map (smooth across)
            |> Array.transpose

        let order =
            Array.init (points * points) id
            |> Array.sortByDescending (fun at -> density[at / points][at % points])

        let total = density |> Array.sumBy Array.sum
        let result = Array.init points (fun _ -> Array.zeroCreate<float> points)
        let mutable sum = 0.0

        for at in order do
            sum <- sum + density[at / points][at % points]
            result[at / points][at % points] <- min 1.0 (sum / total)

        struct (Array.init points (fun i -> lowX + float i * stepX),
                Array.init points (fun j -> lowY + float j * stepY),
                result)
