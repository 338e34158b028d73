namespace Mixtures

open System
open System.Globalization

/// Builds the certificate of a fit.
[<RequireQualifiedAccess>]
module internal Certification =

    let private text (format: string) (value: float) =
        value.ToString(format, CultureInfo.InvariantCulture)

    /// A component is spurious if its smallest standardised eigenvalue is within 10x of the floor or below 1e-6, or its
    /// effective rows are fewer than D + 1; also if all its responsibilities together do not make up one row.
    let isSpurious (floor: Floor) dimension (known: bool) (health: ComponentHealth) effectiveRows mass =
        (not known
         && (health.SmallestEigenvalue <= 10.0 * floor.Relative
             || health.SmallestEigenvalue < 1e-6))
        || effectiveRows < float (dimension + 1)
        || mass < 1.0

    /// The state of each component of a run.
    let components (data: FitData) (run: EmRun) : ComponentReport[] =
        let family = run.Point.Components.Family
        let dimension = data.Pass.Data.Dimension
        let known = family.Structure = CovarianceStructure.name CovarianceStructure.Known

        // responsibilities in rows of average weight
        let masses =
            run.EStep.Counts
            |> Array.map (fun n -> n * data.Scale.EffectiveRows / data.Scale.TotalWeight)

        Array.map3
            (fun (health: ComponentHealth) effective mass ->
                {
                    EffectiveRows = effective
                    SmallestEigenvalue = health.SmallestEigenvalue
                    ConditionNumber = health.ConditionNumber
                    Mass = mass
                    Spurious = isSpurious data.Floor dimension known health effective mass
                })
            (family.Health(run.Point.Components, data.Scale))
            run.EStep.EffectiveRows
            masses

    /// The largest scaled gradient at the run's parameters: components' and weights'.
    let largestGradient (data: FitData) (run: EmRun) =
        let family = run.Point.Components.Family
        let step = run.EStep
        let total = Array.sum step.Counts

        let weights =
            Array.map2 (fun n w -> abs (n / total - w)) step.Counts run.Point.Weights
            |> Array.max

        max weights (family.LargestGradient(step.Statistics, run.Point.Components, data.Scale, data.Floor))

    /// What a person should know of the components.
    let private componentWarnings dimension (reports: ComponentReport[]) =
        [
            for k in 0 .. reports.Length - 1 do
                let report = reports[k]
                let rows = text "0.##" report.EffectiveRows
                let number = k + 1

                if report.Spurious then
                    if report.Mass < 1.0 then
                        let mass = text "0.0e+0" report.Mass

                        $"Component {number} has died: its responsibilities make up {mass} rows in all. Ask for fewer components, or start elsewhere."
                    elif report.EffectiveRows < float (dimension + 1) then
                        $"Component {number} rests on {rows} effective rows, fewer than the {dimension + 1} that a component of {dimension} columns needs: it is likely spurious. Ask for fewer components or a simpler covariance."
                    else
                        let eigenvalue = text "0.0e+0" report.SmallestEigenvalue
                        $"Component {number} is nearly singular (smallest standardised eigenvalue {eigenvalue}): it is likely spurious. Look for repeated or collinear values, or ask for fewer components."
                elif report.EffectiveRows < 2.0 * float (dimension + 1) then
                    $"Component {number} rests on {rows} effective rows only."
        ]

    /// The warnings of a fit, the most important first.
    let warnings
        (data: FitData)
        (constants: string list)
        (returned: EmRun)
        (termination: Termination)
        (reports: ComponentReport[])
        (setAside: float option)
        (restarts: float[])
        (agreement: int)
        (parameters: int)
        (tolerance: float)
        (gradient: float)
        =
        let scale = data.Scale
        let dimension = data.Pass.Data.Dimension
        let spurious = reports |> Array.exists _.Spurious

        [
            if spurious then
                yield! componentWarnings dimension reports

            match setAside with
            | Some value when not spurious ->
                let shown = text "0.######" value

                $"A start with a higher log-likelihood ({shown}) was set aside because it has a spurious component (nearly singular, or on very few rows)."
            | _ -> ()

            match termination with
            | IterationLimit when tolerance = 0.0 ->
                $"Ran {returned.Iterations} iterations, as a tolerance of 0 asks: it was not judged whether they were enough."
            | IterationLimit ->
                if Double.IsFinite returned.RemainingGain then
                    let gain = text "0.0e+0" returned.RemainingGain
                    $"Not converged after {returned.Iterations} iterations: about {gain} nats a row are still to come. Raise the limit of iterations."
                else
                    $"Not converged after {returned.Iterations} iterations: the log-likelihood is still rising. Raise the limit of iterations."
            | Interrupted -> $"Interrupted after {returned.Iterations} iterations: this is what had been reached."
            | Converged -> ()

            if restarts.Length > 1 && agreement = 1 then
                let others = text "0.####" (restarts[0] - restarts[1])
                $"Only one of the {restarts.Length} starts run to convergence reached this log-likelihood (the next is {others} lower): raise the number of restarts to be surer."

            if float parameters >= scale.EffectiveRows then
                let rows = text "0.##" scale.EffectiveRows
                $"{parameters} parameters are fitted to {rows} effective rows: there are too many components, or the covariance is too rich."

            if not spurious then
                yield! componentWarnings dimension reports

            for name in constants do
                $"Column '{name}' is constant: it is kept in the model, but left out of the density."

            if returned.EStep.ZeroDensityRows > 0 then
                $"{returned.EStep.ZeroDensityRows} rows have no density under any component: look for extreme values."

            if termination = Converged && gradient > 1e-3 then
                let shown = text "0.0e+0" gradient

                $"The gradient at the solution is not small ({shown} in scaled units): it may be a plateau. Start elsewhere, or lower the tolerance."

            if returned.Violations > 0 then
                $"The log-likelihood fell {returned.Violations} times by more than rounding explains."

            for event in returned.Collapses do
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
