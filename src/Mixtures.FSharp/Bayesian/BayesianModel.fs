namespace Mixtures

open System

/// The rows that something is asked of.
[<NoEquality; NoComparison>]
type internal ChosenRows =
    /// The data.
    | AllRows
    /// Some of the data, by number from 0.
    | SomeRows of int[]
    /// Others.
    | OtherRows of Tensor

/// The data of an observation, as predictions of it come.
[<NoEquality; NoComparison>]
type internal ObservedData =
    {
        /// The observation's name.
        Name: string
        /// The names of its columns.
        Columns: string[]
        /// The values; NaN where one is missing.
        Values: Tensor
    }

/// What a Bayesian model is made of. Values are those of the sites, constrained, in the order of the sites.
[<NoEquality; NoComparison>]
type internal ModelParts =
    {
        Sites: Site[]
        /// The terms of log p(values), by name.
        PriorTerms: Tensor[] -> (string * Tensor) list
        /// The terms of log p(data | values), by name, of all rows or of some.
        LikelihoodTerms: Tensor[] -> int[] voption -> (string * Tensor) list
        /// The log joint density of values without the priors of the marked sites, for fast evaluation.
        Rest: bool[] -> Tensor[] -> Tensor
        RowCount: int
        /// The priors that depend on no other site.
        FixedPriors: IDistribution voption[]
        /// A draw from the prior.
        Draw: RandomStream -> Tensor[]
        /// Values to start from.
        Start: RandomStream -> Tensor[]
        /// Replicated data given values.
        Predict: Tensor[] -> RandomStream -> (string * Tensor) list
        /// Joint log-densities log π_k + log p_k of rows, N x K.
        Joint: (ChosenRows -> Tensor[] -> Tensor) voption
        /// log p(row | values) of each of the data's rows, or of some.
        RowLogLikelihoods: int[] voption -> Tensor[] -> float[]
        /// The data, in the order of Predict.
        Observed: Lazy<ObservedData list>
        /// The weights of the data's rows, where they have any.
        RowWeights: float[] voption
        /// The mixture of values, where the model is that of a specification.
        Mixture: (Tensor[] -> Mixture) voption
        /// In how many ways components may be numbered without changing the model: K for K! of them, else 1.
        Exchangeable: int
        /// Row i under the sites' draw i: N rows, and values with a leading axis of N.
        Paired: (Tensor -> Tensor[] -> Tensor) voption
        /// What a person should know of the priors, such as defaults that were taken.
        Notes: string list
        /// What a person should know of the data, such as columns that are left out.
        Warnings: string list
    }

/// A Bayesian model: named, constrained sites with priors, and data. Two densities belong to it: the log joint density in
/// the constrained values (LogJoint, whose greatest point is the MAP estimate), and in the free real numbers with the
/// logarithm of the Jacobian (LogJointUnconstrained, for Laplace's approximation, guides and samplers). Immutable.
[<Sealed>]
type BayesianModel internal (parts: ModelParts) =
    let sites = parts.Sites
    let length = Site.length sites

    let sum (terms: (string * Tensor) list) =
        match terms with
        | [] -> Tensor.scalar 0.0
        | _ -> terms |> List.map snd |> List.reduce (+)

    let fast = lazy (FastDensity.TryCreate(sites, parts.FixedPriors, parts.Rest))

    let logPrior values = sum (parts.PriorTerms values)

    let logLikelihood values =
        sum (parts.LikelihoodTerms values ValueNone)

    member internal _.Parts = parts

    /// The sites, in the order of their values.
    member _.Sites = Array.copy sites

    /// How many free real numbers the sites have.
    member _.Dimension = length

    /// How many rows the data have; 0 where the data have no common first axis.
    member _.RowCount = parts.RowCount

    /// In how many ways the components may be numbered without changing the model is K! of this; 1 where in one way.
    member _.Exchangeable = parts.Exchangeable

    /// What a person should know of the priors, such as defaults that were taken from the data's scale.
    member _.Notes = parts.Notes

    /// What a person should know of the data, such as constant columns that are left out of the density.
    member _.Warnings = parts.Warnings

    /// The place of a site among the values; raises ArgumentException where there is none of that name.
    member _.IndexOf(name: string) =
        match Array.tryFindIndex (fun (site: Site) -> site.Name = name) sites with
        | Some index -> index
        | None ->
            let names = sites |> Array.map _.Name |> String.concat ", "
            invalidArg (nameof name) $"expected one of the sites {names}, received {name}"

    /// The prior of a site, where it depends on no other site.
    member model.PriorOf(name: string) = parts.FixedPriors[model.IndexOf name]

    /// The values of a vector of free real numbers.
    member _.Constrain(vector: Tensor) = Site.constrain sites vector

    /// The vector of free real numbers of values; raises ArgumentException for values that do not fit their sites.
    member _.Unconstrain(values: Tensor[]) = Site.unconstrain sites values

    /// log p(values), in nats.
    member _.LogPrior(values: Tensor[]) : Tensor = logPrior values

    /// log p(data | values), in nats, summed over rows.
    member _.LogLikelihood(values: Tensor[]) : Tensor = logLikelihood values

    /// log p(rows | values), summed over some rows, in nats; rows may repeat.
    member _.LogLikelihoodOf (rows: int[]) (values: Tensor[]) : Tensor =
        if parts.RowCount = 0 then
            invalidOp "The model's data have no common rows, so that no batch can be taken of them: use all of them."

        for row in rows do
            if row < 0 || row >= parts.RowCount then
                invalidArg (nameof rows) $"expected rows from 0 to {parts.RowCount - 1}, received {row}"

        sum (parts.LikelihoodTerms values (ValueSome rows))

    /// Σ log p(row i | values i), values with a leading axis of as many draws as rows; nothing where the model cannot.
    member _.PairedLogLikelihood = parts.Paired

    /// log p(values, data) at the values of a vector of free real numbers, without the Jacobian.
    member _.LogJoint(vector: Tensor) : Tensor =
        let values = Site.constrain sites vector
        logPrior values + logLikelihood values

    /// log p(values, data) + log |det ∂values/∂vector|: a density of the free real numbers.
    member model.LogJointUnconstrained(vector: Tensor) : Tensor =
        model.LogJoint vector + Site.logDeterminant sites vector

    /// The terms of the log joint density by name, without the Jacobian.
    member _.Terms(values: Tensor[]) : (string * float) list =
        parts.PriorTerms values @ parts.LikelihoodTerms values ValueNone
        |> List.map (fun (name, term) -> name, term.ToScalar())

    /// A draw from the prior.
    member _.DrawPrior(stream: RandomStream) : Tensor[] = parts.Draw stream

    /// Values to start from: random, in a region that the data make plausible where the model knows one.
    member _.DrawStart(stream: RandomStream) : Tensor[] = parts.Start stream

    /// Replicated data given values, by the observations' names: predictive draws.
    member _.Predict (values: Tensor[]) (stream: RandomStream) : (string * Tensor) list = parts.Predict values stream

    /// The mixture of values; raises InvalidOperationException for a program.
    member _.ToMixture(values: Tensor[]) : Mixture =
        match parts.Mixture with
        | ValueSome make -> make values
        | ValueNone ->
            invalidOp
                "The model is a program, of which there is no mixture: read the values of its sites, or describe it as a MixtureSpec with priors."

    /// Value and gradient of the log joint density in the free real numbers, with the Jacobian: what samplers take.
    member model.Evaluate(vector: float[]) : struct (float * float[]) =
        match fast.Value with
        | ValueSome density -> model.Guarded((fun () -> density.Evaluate vector), vector)
        | ValueNone -> model.Within(model.LogJointUnconstrained, vector)

    /// Value and gradient of a function of the free real numbers; where these are so far out that rounding takes the values
    /// to the edge of their support, or beyond, minus infinity and zeros.
    member internal model.Within(f: Tensor -> Tensor, vector: float[]) : struct (float * float[]) =
        model.Guarded(
            (fun () ->
                let struct (value, gradient) = Tensor.valueAndGrad f (Tensor.ofArray vector)
                struct (value.ToScalar(), gradient.ToArray())),
            vector
        )

    member private _.Guarded(evaluate: unit -> struct (float * float[]), vector: float[]) : struct (float * float[]) =
        let isOutside () =
            try
                let values = Site.constrain sites (Tensor.ofArray vector)
                Site.check sites values

                values
                |> Array.exists (fun value -> value.ToArray() |> Array.exists (fun v -> v = 0.0 || v = 1.0))
            with :? ArgumentException ->
                true

        try
            evaluate ()
        with :? ArgumentException when isOutside () ->
            struct (Double.NegativeInfinity, Array.zeroCreate vector.Length)

    /// Raises ArgumentException, with the site or observation named, where a term is not a number or is infinite.
    member internal model.Demand(values: Tensor[]) =
        for name, term in model.Terms values do
            if not (Double.IsFinite term) then
                let received =
                    if Double.IsNaN term then "not a number"
                    elif term > 0.0 then "plus infinity"
                    else "minus infinity"

                invalidArg
                    (nameof values)
                    $"expected a finite log joint density at the start, but the term of {name} is {received}: check its distribution's parameters and the support of its values"
