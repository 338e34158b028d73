namespace Mixtures

open System
open System.Diagnostics

/// Expectation-maximisation (Dempster, Laird & Rubin 1977).
[<RequireQualifiedAccess>]
module Em =

    /// Ten starts by k-means++, seed 0, tolerance 1e-8, at most 2000 iterations, relative floor 1e-9.
    let defaults = EmOptions.defaults

    /// Nats a row within which two starts count as the same.
    [<Literal>]
    let private SameLogLikelihood = 1e-6

    /// Collapses numbered like the components that are returned, unless some were removed on the way.
    let private renumber (order: int[]) (collapses: CollapseEvent list) =
        if collapses |> List.exists (fun event -> event.Policy = Prune) then
            collapses
        else
            collapses
            |> List.map (fun event ->
                { event with
                    Component = Array.IndexOf(order, event.Component)
                })

    /// The specification with the weights' prior alone.
    let internal withoutParameterPriors (spec: MixtureSpec) =
        if spec.Priors.Parameters.IsEmpty then
            spec
        else
            spec.WithPriors { spec.Priors with Parameters = [] }

    let internal fitWidth width (monitor: FitMonitor) (options: EmOptions) (spec: MixtureSpec) (data: Dataset) =
        EmOptions.check options
        let clock = Stopwatch.StartNew()
        let spec = FitData.bind spec data

        let struct (fitData, columns, scale) = FitData.prepare options width spec data

        if options.Collapse = Prune && fitData.Pass.Known.IsSome then
            invalidArg
                (nameof options)
                "expected another policy than to remove components that collapse: labels name components by their number"

        let totalWeight = scale.TotalWeight

        // log-likelihoods inside are of standardised columns; this takes them back to the data's units
        let jacobian = fitData.Pass.LogUnits fitData.Reference
        let toUnits value = value - jacobian
        let found = EmSearch.run monitor options spec fitData columns data.Dimension toUnits
        let returned = found.Returned
        let best = found.Finished[0]

        let termination =
            if returned.Converged then
                Converged
            elif returned.Iterations >= options.MaxIterations then
                IterationLimit
            else
                Interrupted

        // random starts number components at random: put the heaviest first, unless a prior tells them apart
        let order =
            if
                EmOptions.isRandom options.Start
                && spec.IsExchangeable
                && fitData.Pass.Known.IsNone
            then
                FitData.heaviestFirst returned.Point
            else
                [| 0 .. returned.Point.Weights.Length - 1 |]

        let mixture = FitData.toMixture data columns scale.Means order returned.Point
        let reports = Certification.components fitData returned
        let reports = order |> Array.map (fun k -> reports[k])
        let restarts = found.Finished |> Array.map (fun run -> toUnits run.LogLikelihood)

        let agreement =
            found.Finished
            |> Array.filter (fun run ->
                abs (returned.LogLikelihood - run.LogLikelihood)
                <= SameLogLikelihood * totalWeight)
            |> Array.length

        let constants =
            [
                for i in 0 .. data.Dimension - 1 do
                    if not (Array.contains i columns) then
                        data.ColumnNames[i]
            ]

        let setAside =
            if
                obj.ReferenceEquals(returned, best)
                || best.LogLikelihood - returned.LogLikelihood <= SameLogLikelihood * totalWeight
            then
                None
            else
                Some(toUnits best.LogLikelihood)

        let logLikelihood = toUnits returned.LogLikelihood
        let parameters = float mixture.FreeParameters
        let bic = parameters * log totalWeight - 2.0 * logLikelihood

        let certificate =
            {
                Termination = termination
                Iterations = returned.Iterations
                Passes = found.Passes
                Restarts = restarts
                Histories = found.Finished |> Array.map (fun run -> Array.map toUnits run.History)
                Returned =
                    found.Finished
                    |> Array.findIndex (fun run -> obj.ReferenceEquals(run, returned))
                Agreement = agreement
                RemainingGain = returned.RemainingGain
                LargestGradient = Certification.largestGradient fitData spec returned
                MonotonicityViolations = returned.Violations
                Components = reports
                Collapses = renumber order returned.Collapses
                Warnings = []
            }

        let facts =
            {
                Family =
                    match spec.Family with
                    | :? IColumnwiseFamily as family -> family.Warnings(mixture.Count, Seq.toArray data.ColumnNames)
                    | _ -> []
                NearlyPoisson = Certification.nearlyPoisson mixture
                Constants = constants
                SetAside = setAside
                Parameters = mixture.FreeParameters
                Tolerance = options.Tolerance
                ZeroDensityRows = returned.EStep.ZeroDensityRows
                EstimatesSpread = spec.Family.EstimatesSpread
                HasNoise = Noise.isIn mixture
                Duplicates = Certification.duplicates fitData returned.Point.Components
                Failures = found.Failures
            }

        /// Components that the weights' prior emptied.
        let pushedOut =
            match spec.Concentrations with
            | ValueNone -> []
            | ValueSome alpha ->
                [
                    for k in 0 .. order.Length - 1 do
                        if order[k] < alpha.Length && alpha[order[k]] < 1.0 && mixture.WeightArray[k] = 0.0 then
                            $"The weights' prior (a concentration below 1) pushed the weight of component {k + 1} to 0: no row is in it. Ask for fewer components to be rid of it."
                ]

        let warnings = pushedOut @ Certification.warnings fitData facts certificate

        {
            Mixture = mixture
            Certificate = { certificate with Warnings = warnings }
            Summary =
                {
                    Method = "em"
                    LogLikelihood = logLikelihood
                    Parameters = mixture.FreeParameters
                    Aic = 2.0 * parameters - 2.0 * logLikelihood
                    Bic = bic
                    Icl = bic - 2.0 * Mixture.classificationPenalty mixture data
                    Rows = data.Count
                    TotalWeight = totalWeight
                    EffectiveRows = data.EffectiveRows
                    Iterations = returned.Iterations
                    Termination = termination
                    Seed = options.Seed
                    History = returned.History |> Array.map toUnits
                    Restarts = restarts
                    Agreement = agreement
                    Seconds = clock.Elapsed.TotalSeconds
                    Warnings = warnings
                    Priors = spec.Priors
                }
        }

    /// Fits the specification to data, watched: progress is reported after each iteration, and a cancelled fit returns
    /// what was reached, with Termination = Interrupted. Raises FitException where there is nothing to return,
    /// ArgumentException for options out of range, and OperationCanceledException if cancelled before the first step.
    let fitWith (monitor: FitMonitor) (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : MixtureFit =
        fitWidth SimdWidth.best monitor options spec data

    /// Fits the specification to data. Raises FitException where the data cannot be fitted, and ArgumentException for
    /// options out of range.
    let fit (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : MixtureFit =
        fitWith FitMonitor.None options spec data

    /// The mixture that the first start begins with.
    let initialise (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : Mixture =
        (fit
            { options with
                Restarts = 1
                MaxIterations = 0
            }
            spec
            data)
            .Mixture

    /// Fits the specification to data, with what went wrong as a value.
    let tryFit (options: EmOptions) (spec: MixtureSpec) (data: Dataset) : Result<MixtureFit, FitError> =
        try
            Ok(fit options spec data)
        with :? FitException as e ->
            Error e.Error
