namespace Mixtures

open System

/// The Dirichlet distribution on probabilities of K ≥ 2 outcomes, by its concentrations a: Γ(Σ a) / Π Γ(aᵢ) Π xᵢ^(aᵢ - 1), a
/// density with respect to the first K - 1 probabilities.
[<RequireQualifiedAccess>]
module Dirichlet =
    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    let internal check (concentrations: float[]) =
        if concentrations.Length < 2 then
            invalidArg (nameof concentrations) $"expected at least two numbers, received {concentrations.Length}"

        Parameter.allPositive (nameof concentrations) concentrations

    /// Whether the numbers are probabilities that sum to one within the tolerance.
    let private isSimplex (x: ReadOnlySpan<float>) =
        let mutable total = 0.0
        let mutable sound = true

        for v in x do
            if not (v >= 0.0) then
                sound <- false

            total <- total + v

        sound && abs (total - 1.0) <= Parameter.SimplexTolerance

    /// The log-density in nats at x (K numbers); minus infinity where they are not probabilities that sum to one within
    /// 1e-6. Where some are 0, it is minus infinity if one of their concentrations is above 1, else plus infinity if one
    /// is below.
    let logDensity (concentrations: float[]) (x: ReadOnlySpan<float>) =
        check concentrations
        Parameter.length (nameof x) concentrations.Length x.Length

        if not (isSimplex x) then
            Double.NegativeInfinity
        else
            let n = Array.sum concentrations
            let mutable vanishes = false
            let mutable explodes = false
            // log Γ(n) - n log n + n, by Stirling
            let mutable sum = SpecialFunctions.stirlingCorrection n - 0.5 * log n + HalfLogTwoPi

            for i in 0 .. x.Length - 1 do
                let a = concentrations[i]

                if x[i] > 0.0 then
                    // a log(n x) - n x - log Γ(a), which does not cancel for large concentrations
                    sum <- sum + Gamma.logPower a (n * x[i]) (log n) (log x[i]) - log x[i]
                elif a > 1.0 then
                    vanishes <- true
                elif a < 1.0 then
                    explodes <- true
                else
                    sum <- sum + log n

            if vanishes then Double.NegativeInfinity
            elif explodes then Double.PositiveInfinity
            else sum

    /// The mean: a / Σ a.
    let mean (concentrations: float[]) =
        check concentrations
        let total = Array.sum concentrations
        concentrations |> Array.map (fun a -> a / total)

    /// The covariance, K x K row by row: (diag m - m mᵀ) / (Σ a + 1) with the mean m.
    let covariance (concentrations: float[]) =
        let m = mean concentrations
        let k = m.Length
        let divisor = Array.sum concentrations + 1.0

        Array.init (k * k) (fun at ->
            let i, j = at / k, at % k
            (if i = j then m[i] * (1.0 - m[i]) else -m[i] * m[j]) / divisor)

    /// The differential entropy in nats.
    let entropy (concentrations: float[]) =
        check concentrations
        let total = Array.sum concentrations
        let k = float concentrations.Length

        let logNormaliser =
            (concentrations |> Array.sumBy SpecialFunctions.logGamma)
            - SpecialFunctions.logGamma total

        logNormaliser + (total - k) * SpecialFunctions.digamma total
        - (concentrations |> Array.sumBy (fun a -> (a - 1.0) * SpecialFunctions.digamma a))

    /// The logarithms of a draw's probabilities, which keep those that round to zero: gamma draws, normalised.
    let sampleLog (concentrations: float[]) (stream: RandomStream) =
        check concentrations

        let logs = concentrations |> Array.map (fun a -> Gamma.sampleLogStandard a stream)

        let total = LogSumExp.ofArray logs
        logs |> Array.map (fun l -> l - total)

    /// A draw, K probabilities; one that rounds to zero is given as the least positive number (sampleLog has it).
    let sample (concentrations: float[]) (stream: RandomStream) =
        sampleLog concentrations stream |> Array.map (fun l -> Draw.positive (exp l))

    /// The log-density as a tensor function of parameters and x, vectors in the last axis; the parameters are not checked.
    let tensorLogDensity (concentrations: Tensor) (x: Tensor) : Tensor =
        let over t = Tensor.sumOver [| -1 |] false t
        let every t = Tensor.minOver [| -1 |] false t
        let slack = Tensor.abs (over x - 1.0)

        let isSimplex =
            every (Lifted.isNonNegative x)
            * Tensor.le slack (Tensor.scalar Parameter.SimplexTolerance)
        // zero probabilities of concentrations above 1 outweigh those below, whatever their number
        let vanishes = Tensor.eq x Lifted.nothing * Tensor.gt concentrations Lifted.unit
        let mask = isSimplex * every (1.0 - vanishes)

        let safe =
            Tensor.where (Tensor.unsqueeze -1 mask) x (Tensor.scalar (1.0 / float x.Dims[x.Rank - 1]))

        let normaliser =
            Tensor.lgamma (over concentrations) - over (Tensor.lgamma concentrations)

        Lifted.otherwise Double.NegativeInfinity mask (normaliser + over (Tensor.xlogy (concentrations - 1.0) safe))

    /// KL of two Dirichlet distributions by their concentrations.
    let private divergence (a: Tensor) (b: Tensor) : Tensor =
        let over t = Tensor.sumOver [| -1 |] false t
        let total = Tensor.sumOver [| -1 |] true a

        Tensor.lgamma (over a) - over (Tensor.lgamma a) - Tensor.lgamma (over b)
        + over (Tensor.lgamma b)
        + over ((a - b) * (Tensor.digamma a - Tensor.digamma total))

    /// Dirichlet distributions as values, with draws that are differentiable once: concentrations, vectors in the last axis.
    let distribution (concentrations: Tensor) : IDistribution =
        TensorParameter.vectors (nameof concentrations) 2 concentrations
        TensorParameter.positive (nameof concentrations) concentrations
        let k = concentrations.Dims[concentrations.Rank - 1]
        let batch = Lifted.batchBefore 1 concentrations

        let total keep =
            Tensor.sumOver [| -1 |] keep concentrations

        let mean () = concentrations / total true

        Distribution.ofParts
            {
                Name = "dirichlet"
                Parameters = [| concentrations |]
                Support = Support.Simplex k
                BatchShape = batch
                IsReparametrised = true
                LogDensity = tensorLogDensity concentrations
                Sample =
                    fun stream ->
                        Gamma.tensorSampleLog concentrations stream
                        |> Tensor.logsoftmax -1
                        |> Gamma.tensorOfLog
                Mean = mean
                Variance =
                    fun () ->
                        let m = mean ()
                        m * (1.0 - m) / (total true + 1.0)
                Entropy =
                    ValueSome(fun () ->
                        let over t = Tensor.sumOver [| -1 |] false t
                        let a = concentrations

                        over (Tensor.lgamma a) - Tensor.lgamma (total false)
                        + (total false - float k) * Tensor.digamma (total false)
                        - over ((a - 1.0) * Tensor.digamma a))
                KullbackLeibler = ValueSome(fun q -> ValueSome(divergence concentrations q[0]))
            }
