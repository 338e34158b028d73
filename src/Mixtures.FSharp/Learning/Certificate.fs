namespace Mixtures

open System
open System.Globalization

/// What warnings need beside a certificate.
[<NoEquality; NoComparison>]
type internal FitFacts =
    {
        /// What the family has to say of so many components of these columns.
        Family: string list
        /// Names of negative binomial columns whose counts are nearly Poisson's in some component.
        NearlyPoisson: string list
        /// Names of columns left out of the density.
        Constants: string list
        /// The log-likelihood of a better solution with a spurious component.
        SetAside: float option
        /// The number of free parameters.
        Parameters: int
        Tolerance: float
        ZeroDensityRows: int
        /// Whether the family estimates spreads.
        EstimatesSpread: bool
        /// Whether the last component is noise.
        HasNoise: bool
        /// Components, from 0, that are the same as an earlier one.
        Duplicates: int list
        /// Why starts failed.
        Failures: FitError list
    }

/// Builds the certificate of a fit.
[<RequireQualifiedAccess>]
module internal Certification =

    let private text (format: string) (value: float) =
        value.ToString(format, CultureInfo.InvariantCulture)

    /// A component is spurious if its smallest standardised eigenvalue is within 10x of the floor or below 1e-6, or its
    /// effective rows are fewer than D + 1 (neither where no spread is estimated); also if all its responsibilities
    /// together do not make up one row.
    let isSpurious (floor: Floor) dimension (known: bool) (health: ComponentHealth) effectiveRows mass =
        (not known
         && (health.SmallestEigenvalue <= 10.0 * floor.Relative
             || health.SmallestEigenvalue < 1e-6))
        || (not known && effectiveRows < float (dimension + 1))
        || mass < 1.0

    /// The state of each component of a run.
    let components (data: FitData) (run: EmRun) : ComponentReport[] =
        let family = run.Point.Components.Family
        let dimension = data.Pass.Data.Dimension
        let known = not family.EstimatesSpread

        // responsibilities in rows of average weight
        let masses =
            run.EStep.Counts
            |> Array.map (fun n -> n * data.Scale.EffectiveRows / data.Scale.TotalWeight)

        // noise may be on few rows, or none
        let isNoise k =
            NoiseComponents.IsNoise(run.Point.Components, k)

        Array.map3
            (fun (k, health: ComponentHealth) effective mass ->
                {
                    EffectiveRows = effective
                    SmallestEigenvalue = health.SmallestEigenvalue
                    ConditionNumber = health.ConditionNumber
                    Mass = mass
                    Spurious = not (isNoise k) && isSpurious data.Floor dimension known health effective mass
                })
            (family.Health(run.Point.Components, data.Scale) |> Array.indexed)
            run.EStep.EffectiveRows
            masses

    /// The components, from 0, that have the same parameters as an earlier one.
    let duplicates (data: FitData) (components: IComponents) : int list =
        let components = NoiseComponents.Proper components

        let own =
            Array.init components.Count (fun k -> components.Family.ToVector(components.Choose [| k |], data.Scale))

        let same (a: float[]) (b: float[]) =
            Array.forall2 (fun (x: float) y -> abs (x - y) <= 1e-12 * max 1.0 (abs x)) a b

        [
            for k in 1 .. own.Length - 1 do
                if Seq.exists (fun j -> same own[j] own[k]) (seq { 0 .. k - 1 }) then
                    k
        ]

    /// The largest scaled gradient at the run's parameters: components' and weights'.
    let largestGradient (data: FitData) (spec: MixtureSpec) (run: EmRun) =
        let family = run.Point.Components.Family
        let step = run.EStep
        let total = Array.sum step.Counts

        // with a prior, of the log joint density: n_k + α_k - 1 against its share of the total
        let counts =
            match spec.Concentrations with
            | ValueNone -> step.Counts
            | ValueSome alpha -> Array.map2 (fun n a -> n + a - 1.0) step.Counts alpha

        let all = Array.sum counts

        let weights =
            Array.map2 (fun n w -> abs (n - w * all) / total) counts run.Point.Weights
            |> Array.max

        let components =
            if family :? INumericalFamily || not spec.Priors.Parameters.IsEmpty then
                // statistics do not tell: by tensors, in the family's free numbers
                let likelihood =
                    LikelihoodFunction(data.Pass, run.Point.Components, data.Scale, data.Reference, None)

                let at = likelihood.OfPoint(run.Point.Weights, run.Point.Components)

                let count = run.Point.Weights.Length

                let logJoint =
                    match ParameterPriors.logDensity spec likelihood with
                    | ValueNone -> likelihood.LogLikelihood
                    | ValueSome prior ->
                        fun vector ->
                            likelihood.LogLikelihood vector
                            + prior (Tensor.slice 0 count (at.Length - count) vector)

                let struct (_, gradient) = Tensor.valueAndGrad logJoint (Tensor.ofArray at)

                // a number that bounds hold back from going where the gradient points does not count
                let g = gradient.Numbers
                let step = 1e-6 / max 1e-300 (g |> Array.fold (fun most v -> max most (abs v)) 0.0)
                let beyond = Array.map2 (fun x d -> x + step * d) at g
                let struct (weights, components) = likelihood.ToPoint beyond
                let reached = likelihood.OfPoint(weights, components)

                Seq.init (g.Length - count) (fun i -> count + i)
                |> Seq.filter (fun i -> abs (reached[i] - at[i]) > 0.5 * abs (beyond[i] - at[i]))
                |> Seq.fold (fun worst i -> max worst (abs g[i] / total)) 0.0
            else
                family.LargestGradient(step.Statistics, run.Point.Components, data.Scale, data.Floor)

        max weights components

    /// The negative binomial columns whose variance is at most 1.1 times their mean in some component: the likelihood is
    /// nearly flat in the number of successes there, and EM's steps are small.
    let nearlyPoisson (mixture: Mixture) : string list =
        let parameters = ParameterTable.ofMixture mixture

        let successes =
            parameters
            |> List.filter (fun p -> p.Name = "successes")
            |> List.map (fun p -> p.Component, p.Columns)

        parameters
        |> List.filter (fun p ->
            p.Name = "probability"
            && p.Value >= 1.0 / 1.1
            && List.contains (p.Component, p.Columns) successes)
        |> List.collect _.Columns
        |> List.distinct

    /// Rows in words.
    let private effectiveRows (value: float) =
        match text "0.##" value with
        | "1" -> "1 effective row"
        | rows -> $"{rows} effective rows"

    /// What a person should know of the components.
    let private componentWarnings dimension estimatesSpread (reports: ComponentReport[]) =
        [
            for k in 0 .. reports.Length - 1 do
                let report = reports[k]
                let rows = effectiveRows report.EffectiveRows
                let number = k + 1
                let column = Wording.count dimension "column"

                if report.Spurious then
                    if report.Mass < 1.0 then
                        let mass = text "0.0e+0" report.Mass

                        $"Component {number} has died: its responsibilities make up {mass} rows in all. Ask for fewer components, or start elsewhere."
                    elif report.EffectiveRows < float (dimension + 1) then
                        $"Component {number} rests on {rows}, fewer than the {dimension + 1} that a component of {column} needs: it is likely spurious. Ask for fewer components or a simpler covariance."
                    else
                        let eigenvalue = text "0.0e+0" report.SmallestEigenvalue
                        $"Component {number} is nearly singular (smallest standardised eigenvalue {eigenvalue}, {rows}): it is likely spurious. Look for repeated or collinear values, or ask for fewer components."
                elif estimatesSpread && report.EffectiveRows < 2.0 * float (dimension + 1) then
                    $"Component {number} rests on {rows} only."
        ]

    /// The warnings of a fit, the most important first.
    let warnings (data: FitData) (facts: FitFacts) (certificate: Certificate) : string list =
        let scale = data.Scale
        let dimension = data.Pass.Data.Dimension
        let reports = certificate.Components
        let start = "start"

        // noise may be on few rows
        let fitted =
            if facts.HasNoise then
                Array.truncate (reports.Length - 1) reports
            else
                reports

        let spurious = reports |> Array.exists _.Spurious

        [
            if spurious then
                yield! componentWarnings dimension facts.EstimatesSpread fitted

            match facts.SetAside with
            | Some value when not spurious ->
                let shown = text "0.######" value

                $"A start with a higher log-likelihood ({shown}) was set aside because it has a spurious component (nearly singular, or on very few rows)."
            | _ -> ()

            yield! facts.Family

            match certificate.Termination with
            | IterationLimit when facts.Tolerance = 0.0 ->
                $"Ran {certificate.Iterations} iterations, as a tolerance of 0 asks: it was not judged whether they were enough."
            | IterationLimit ->
                if Double.IsFinite certificate.RemainingGain then
                    let gain = text "0.0e+0" certificate.RemainingGain
                    $"Not converged after {certificate.Iterations} iterations: about {gain} nats a row are still to come. Raise the limit of iterations."
                else
                    $"Not converged after {certificate.Iterations} iterations: the log-likelihood is still rising. Raise the limit of iterations."

                for name in facts.NearlyPoisson do
                    $"Column '{name}': in some component the negative binomial counts are nearly Poisson's, where EM is slow. Fit the poisson family (--family poisson), or use the gradient method (--method gradient)."
            | Interrupted -> $"Interrupted after {certificate.Iterations} iterations: this is what had been reached."
            | Converged -> ()

            let reached = certificate.Restarts[certificate.Returned]

            match certificate.Restarts |> Array.filter (fun other -> other < reached) with
            | lower when lower.Length > 0 && certificate.Agreement = 1 ->
                let others = text "0.####" (reached - Array.max lower)

                $"Only one of the {certificate.Restarts.Length} starts run to convergence reached this log-likelihood (the next is {others} lower): raise the number of restarts to be surer."
            | _ -> ()

            match facts.Failures with
            | first :: _ -> $"{Wording.count facts.Failures.Length start} failed; the first: {first.Message}"
            | [] -> ()

            if scale.TotalWeight < 0.5 * scale.EffectiveRows then
                let total = text "0.####" scale.TotalWeight
                let rows = effectiveRows scale.EffectiveRows

                $"The row weights sum to {total}, far below the {rows}: BIC and ICL count a row as often as its weight says, so they penalise too little. Scale the weights to sum to the number of rows."

            if float facts.Parameters >= scale.EffectiveRows then
                let rows = effectiveRows scale.EffectiveRows
                let parameters = Wording.count facts.Parameters "parameter"
                let verb = if facts.Parameters = 1 then "is" else "are"
                $"{parameters} {verb} fitted to {rows}: there are too many components, or the covariance is too rich."

            if not spurious then
                yield! componentWarnings dimension facts.EstimatesSpread fitted

            match facts.Duplicates with
            | [] -> ()
            | duplicates when duplicates.Length = fitted.Length - 1 ->
                $"All {fitted.Length} components are equal: from such a start neither EM nor gradient descent can tell them apart. Start from different components."
            | duplicates ->
                let numbers = String.Join(", ", duplicates |> List.map (fun k -> string (k + 1)))
                $"Some components are equal to others (number {numbers}): from such a start they cannot be told apart. Start from different components."

            for name in facts.Constants do
                FitData.constantColumn name

            if data.EmptyRows > 0 then
                $"""{Wording.count data.EmptyRows "row"} without any value count for nothing."""

            if facts.ZeroDensityRows > 0 then
                let rows = Wording.count facts.ZeroDensityRows "row"
                let verb = if facts.ZeroDensityRows = 1 then "has" else "have"
                $"{rows} {verb} no density under any component: look for extreme values."

            if certificate.Termination = Converged && certificate.LargestGradient > 1e-3 then
                let shown = text "0.0e+0" certificate.LargestGradient

                $"The gradient at the solution is not small ({shown} in scaled units): it may be a plateau. Start elsewhere, or lower the tolerance."

            if certificate.MonotonicityViolations > 0 then
                $"The log-likelihood fell {certificate.MonotonicityViolations} times by more than rounding explains."

            // what is held at the floor is told above, as nearly singular
            for event in certificate.Collapses |> List.filter (fun event -> event.Policy <> HoldAtFloor) do
                let action =
                    match event.Policy with
                    | HoldAtFloor -> "held at the floor"
                    | Reseed -> "moved to a random row"
                    | Prune -> "removed"
                    | Fail -> "refused"

                let rows = text "0.##" event.EffectiveRows
                let eigenvalue = text "0.0e+0" event.SmallestEigenvalue

                $"Component {event.Component + 1} collapsed at iteration {event.Iteration} (effective rows {rows}, smallest standardised eigenvalue {eigenvalue}) and was {action}."
        ]
