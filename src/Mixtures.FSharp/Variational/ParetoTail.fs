namespace Mixtures

open System

/// How heavy the tail of importance weights is.
[<RequireQualifiedAccess>]
module internal ParetoTail =

    /// The shape k of a generalised Pareto distribution fitted to sorted excesses above 0 (Zhang & Stephens 2009), with the
    /// weak prior of ten observations at ½ (Vehtari et al. 2024).
    let shapeOf (sorted: float[]) : float =
        let n = sorted.Length
        let largest = sorted[n - 1]

        if n < 5 || not (largest > 0.0) then
            nan
        else
            let count = 30 + int (sqrt (float n))
            let quartile = sorted[int (float n / 4.0 + 0.5) - 1]
            let quartile = if quartile > 0.0 then quartile else largest * 1e-12

            let thetas =
                Array.init count (fun i ->
                    1.0 / largest + (1.0 - sqrt (float count / (float i + 0.5))) / (3.0 * quartile))

            let shape theta =
                sorted |> Array.averageBy (fun x -> SpecialFunctions.log1p (-theta * x))

            let logs =
                thetas
                |> Array.map (fun theta ->
                    let k = shape theta
                    float n * (log (-theta / k) - k - 1.0))

            let total = LogSumExp.ofArray logs
            let theta = Array.map2 (fun l t -> t * exp (l - total)) logs thetas |> Array.sum
            let k = shape theta
            (float n * k + 5.0) / (float n + 10.0)

    /// k-hat of the weights with these logarithms: the shape of the tail of the largest min(n / 5, 3 √n).
    let kHat (logWeights: float[]) : float =
        let n = logWeights.Length
        let tail = int (ceil (min (0.2 * float n) (3.0 * sqrt (float n))))

        if n < 25 || logWeights |> Array.exists Double.IsNaN then
            nan
        else
            let sorted = Array.sort logWeights
            let largest = sorted[n - 1]

            if Double.IsInfinity largest then
                Double.PositiveInfinity
            else
                let cut = exp (sorted[n - tail - 1] - largest)

                sorted[n - tail ..] |> Array.map (fun l -> exp (l - largest) - cut) |> shapeOf
