namespace Mixtures

open System

/// Laplace's approximation of a posterior: a normal distribution of the free real numbers around the mode of their density
/// (MacKay 2003, chapter 27). Immutable.
[<NoEquality; NoComparison>]
type LaplaceApproximation =
    {
        /// The model.
        Model: BayesianModel
        /// The values of the sites at the mode of the unconstrained density.
        Values: Tensor[]
        /// The mode, in free real numbers.
        Vector: float[]
        /// The covariance of the free real numbers, P x P.
        Covariance: float[,]
        /// The standard errors of the sites' values, by the delta method.
        StandardErrors: Tensor[]
        /// The approximate log evidence log p(data), in nats, all ways to number the components counted.
        LogEvidence: float
        /// The same by importance sampling with the normal as proposal.
        ImportanceLogEvidence: float
        /// How many of the importance draws count, as a share: (Σ w)² / (S Σ w²).
        EffectiveShare: float
        /// Whether the approximation can be trusted: importance sampling agrees with it.
        IsReliable: bool
        /// How the search for the mode ended.
        Outcome: ModeOutcome
        /// What a person should know, in plain words.
        Warnings: string list
    }

    /// The standard error of a site's values.
    member laplace.StandardError(name: string) : Tensor =
        laplace.StandardErrors[laplace.Model.IndexOf name]

    /// Draws of the free real numbers from the normal approximation.
    member laplace.Draw (key: RandomKey) (count: int) : float[][] =
        let n = laplace.Vector.Length
        let flat = Array.init (n * n) (fun at -> laplace.Covariance[at / n, at % n])

        match Cholesky.tryFactor n (ReadOnlySpan flat) with
        | ValueNone ->
            invalidOp "The covariance is not positive definite: there is no normal distribution to draw from."
        | ValueSome factor ->
            let stream = key.Stream()

            Array.init count (fun _ ->
                let z = Array.init n (fun _ -> stream.NextNormal())
                Triangular.multiply n factor z
                Array.map2 (+) laplace.Vector z)

/// Laplace's approximation.
[<RequireQualifiedAccess>]
module Laplace =

    /// Draws of importance sampling.
    [<Literal>]
    let private Draws = 2000

    /// Rows above which second derivatives come from differences of gradients.
    [<Literal>]
    let private MostRows = 5000

    /// Around the mode that is found with the options. Raises InvalidOperationException where there is no mode with a
    /// positive definite curvature, and ArgumentException as MapEstimate.fit does. Components that may be numbered in any
    /// order add log K! to the evidence: as many as the model says, or as are given for a program.
    let fitExchangeable (exchangeable: int) (options: ModeOptions) (model: BayesianModel) : LaplaceApproximation =
        OptionCheck.atLeast 1 (nameof exchangeable) exchangeable
        let loss u = -(model.LogJointUnconstrained u)
        let mode = ModeSearch.run options model loss
        let n = mode.Vector.Length
        let at = Tensor.ofArray mode.Vector

        let information =
            if model.RowCount > MostRows then
                ModeSearch.curvature
                    (fun x ->
                        let struct (value, gradient) = Tensor.valueAndGrad loss (Tensor.ofArray x)
                        struct (value.ToScalar(), gradient.ToArray()))
                    mode.Vector
            else
                (Tensor.hessian loss at).ToArray()

        let factor =
            match Cholesky.tryFactor n (ReadOnlySpan information) with
            | ValueSome l when mode.Outcome = ModeOutcome.Stationary -> l
            | _ ->
                invalidOp
                    $"There is no mode to expand around: the search ended {mode.Outcome}. Give proper priors to all sites, or use more starts."

        let covariance =
            // H⁻¹ = L⁻ᵀ L⁻¹, column by column
            let columns =
                Array.init n (fun i ->
                    let column = Array.init n (fun j -> if i = j then 1.0 else 0.0)
                    Cholesky.solveLower n factor (Span column)
                    Cholesky.solveUpper n factor (Span column)
                    column)

            Array.init (n * n) (fun at -> 0.5 * (columns[at / n][at % n] + columns[at % n][at / n]))

        let ways = SpecialFunctions.logFactorial (float exchangeable)

        let logEvidence =
            -mode.Loss + 0.5 * float n * log (2.0 * Math.PI)
            - 0.5 * Cholesky.logDeterminant n factor
            + ways

        let values = model.Constrain at

        let errors =
            let jacobian =
                (Tensor.jacobian
                    (fun u -> model.Constrain u |> Array.map (Tensor.reshape [| -1 |]) |> Tensor.concatenate 0)
                    at)
                    .ToArray()

            let all = values |> Array.sumBy _.Count

            let own =
                Array.init all (fun row ->
                    let mutable sum = 0.0

                    for i in 0 .. n - 1 do
                        for j in 0 .. n - 1 do
                            sum <- sum + jacobian[row * n + i] * covariance[i * n + j] * jacobian[row * n + j]

                    sqrt sum)

            let starts = Array.scan (fun at (v: Tensor) -> at + v.Count) 0 values

            values
            |> Array.mapi (fun i v -> Tensor.ofShape v.Dims (Array.sub own starts[i] v.Count))

        let result =
            {
                Model = model
                Values = values
                Vector = mode.Vector
                Covariance = Array2D.init n n (fun i j -> covariance[i * n + j])
                StandardErrors = errors
                LogEvidence = logEvidence
                ImportanceLogEvidence = nan
                EffectiveShare = nan
                IsReliable = false
                Outcome = mode.Outcome
                Warnings = []
            }

        // log p(u) - log q(u) of draws of the normal
        let logs =
            result.Draw ((RandomKey.ofSeed options.Seed).Child 991) Draws
            |> Array.map (fun u ->
                let residual = Array.map2 (-) u mode.Vector
                let mutable quadratic = 0.0

                for i in 0 .. n - 1 do
                    for j in 0 .. n - 1 do
                        quadratic <- quadratic + residual[i] * information[i * n + j] * residual[j]

                let logNormal =
                    0.5 * Cholesky.logDeterminant n factor
                    - 0.5 * float n * log (2.0 * Math.PI)
                    - 0.5 * quadratic

                let logJoint = -(loss (Tensor.ofArray u)).ToScalar()

                if Double.IsNaN logJoint then
                    Double.NegativeInfinity
                else
                    logJoint - logNormal)

        let total = LogSumExp.ofArray logs
        let squares = LogSumExp.ofArray (logs |> Array.map (fun l -> 2.0 * l))
        let importance = total - log (float Draws) + ways
        let share = exp (2.0 * total - squares) / float Draws
        let isReliable = abs (importance - logEvidence) < 0.3 && share > 0.3

        { result with
            ImportanceLogEvidence = importance
            EffectiveShare = share
            IsReliable = isReliable
            Warnings =
                [
                    if not isReliable then
                        $"The normal approximation is unreliable here: importance sampling gives a log evidence of {Wording.short importance} where it gives {Wording.short logEvidence}, and {Wording.short (100.0 * share)} %% of the draws count. The posterior is skewed, has heavy tails or more modes: sample it (NUTS)."
                    yield! ModeSearch.warnings mode
                ]
        }

    /// Around the mode that is found with the options; see fitExchangeable.
    let fit (options: ModeOptions) (model: BayesianModel) : LaplaceApproximation =
        fitExchangeable model.Exchangeable options model
