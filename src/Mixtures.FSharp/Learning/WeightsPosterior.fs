namespace Mixtures

/// The posterior of a mixture's weights under a mean-field guide.
type WeightsPosterior =
    /// A Dirichlet distribution, by K concentrations.
    | DirichletWeights of concentrations: float[]
    /// Of a Dirichlet process: weight k is the share v_k of what the weights before it leave, v_k being Beta(a_k, b_k). What
    /// all K leave belongs to components that no row is in.
    | StickBreaking of a: float[] * b: float[]

/// Functions of the posterior of weights.
[<RequireQualifiedAccess>]
module WeightsPosterior =

    let private digamma = SpecialFunctions.digamma

    /// E log π_k, K numbers.
    let expectedLogs (posterior: WeightsPosterior) : float[] =
        match posterior with
        | DirichletWeights c ->
            let total = digamma (Array.sum c)
            c |> Array.map (fun a -> digamma a - total)
        | StickBreaking(a, b) ->
            let mutable before = 0.0

            Array.map2
                (fun a b ->
                    let total = digamma (a + b)
                    let own = before + digamma a - total
                    before <- before + digamma b - total
                    own)
                a
                b

    /// E π_k, K numbers; of a Dirichlet process they sum to less than one.
    let means (posterior: WeightsPosterior) : float[] =
        match posterior with
        | DirichletWeights c ->
            let total = Array.sum c
            c |> Array.map (fun a -> a / total)
        | StickBreaking(a, b) ->
            let mutable left = 1.0

            Array.map2
                (fun a b ->
                    let own = left * a / (a + b)
                    left <- left * b / (a + b)
                    own)
                a
                b

    /// The standard deviations of π_k, K numbers.
    let standardDeviations (posterior: WeightsPosterior) : float[] =
        match posterior with
        | DirichletWeights c ->
            let total = Array.sum c
            c |> Array.map (fun a -> sqrt (a * (total - a) / (total + 1.0)) / total)
        | StickBreaking(a, b) ->
            // E π_k² = E v_k² Π E (1 - v_j)²
            let mutable left = 1.0
            let mean = means posterior

            Array.mapi2
                (fun k a b ->
                    let norm = (a + b) * (a + b + 1.0)
                    let second = left * a * (a + 1.0) / norm
                    left <- left * b * (b + 1.0) / norm
                    sqrt (max 0.0 (second - mean[k] * mean[k])))
                a
                b

    let private logBeta a b =
        SpecialFunctions.logGamma a + SpecialFunctions.logGamma b
        - SpecialFunctions.logGamma (a + b)

    /// The Kullback-Leibler divergence from the posterior to the prior in nats: concentrations of a Dirichlet distribution, or
    /// of a process, whose shares are Beta(1, concentration) each.
    let internal divergence (prior: float[]) (posterior: WeightsPosterior) : float =
        match posterior with
        | DirichletWeights c ->
            let logs = expectedLogs posterior

            let constant (a: float[]) =
                SpecialFunctions.logGamma (Array.sum a)
                - Array.sumBy SpecialFunctions.logGamma a

            constant c - constant prior
            + Seq.sum (seq { for k in 0 .. c.Length - 1 -> (c[k] - prior[k]) * logs[k] })
        | StickBreaking(a, b) ->
            let gamma = prior[0]

            Array.map2
                (fun a b ->
                    let total = digamma (a + b)

                    logBeta 1.0 gamma - logBeta a b
                    + (a - 1.0) * (digamma a - total)
                    + (b - gamma) * (digamma b - total))
                a
                b
            |> Array.sum

    /// The posterior given how many rows each component has.
    let internal update (isProcess: bool) (prior: float[]) (counts: float[]) : WeightsPosterior =
        if isProcess then
            let after = Array.zeroCreate counts.Length

            for k in counts.Length - 2 .. -1 .. 0 do
                after[k] <- after[k + 1] + counts[k + 1]

            StickBreaking(counts |> Array.map (fun n -> 1.0 + n), after |> Array.map (fun n -> prior[0] + n))
        else
            DirichletWeights(Array.map2 (+) prior counts)

    /// A draw of the weights; of a process they are scaled to sum to one.
    let sample (posterior: WeightsPosterior) (stream: RandomStream) : float[] =
        match posterior with
        | DirichletWeights c -> Dirichlet.sample c stream
        | StickBreaking(a, b) ->
            let mutable left = 1.0

            let drawn =
                Array.map2
                    (fun a b ->
                        let v = Beta.sample a b stream
                        let own = left * v
                        left <- left * (1.0 - v)
                        own)
                    a
                    b

            let total = Array.sum drawn
            drawn |> Array.map (fun w -> w / total)
