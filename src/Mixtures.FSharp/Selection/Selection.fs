namespace Mixtures

open System

/// How to choose among fits: the smallest value wins.
[<RequireQualifiedAccess>]
type Criterion =
    /// Akaike's information criterion.
    | Aic
    /// The Bayesian information criterion.
    | Bic
    /// The integrated completed likelihood.
    | Icl

/// Criteria of fits.
[<RequireQualifiedAccess>]
module Criterion =
    /// The name on the command line.
    let name criterion =
        match criterion with
        | Criterion.Aic -> "aic"
        | Criterion.Bic -> "bic"
        | Criterion.Icl -> "icl"

    /// The value of a criterion for a fit; smaller is better.
    let value criterion (fit: MixtureFit) =
        match criterion with
        | Criterion.Aic -> fit.Aic
        | Criterion.Bic -> fit.Bic
        | Criterion.Icl -> fit.Icl

/// One model that was tried.
[<NoEquality; NoComparison>]
type Candidate =
    {
        /// What was fitted.
        Spec: MixtureSpec
        /// The fit, or why there is none.
        Result: Result<MixtureFit, FitError>
    }

/// A search over specifications, and its winner.
[<NoEquality; NoComparison>]
type SelectionResult =
    {
        /// What the winner was chosen by.
        Criterion: Criterion
        /// Every model that was tried, in the order given.
        Candidates: Candidate list
        /// The fit with the smallest criterion among those without a spurious component, if there is one; else among all.
        Best: MixtureFit
    }

/// What fits a specification to data, watched. Raises FitException where there is nothing to return.
type Learner = FitMonitor -> MixtureSpec -> Dataset -> MixtureFit

/// Learners.
[<RequireQualifiedAccess>]
module Learner =

    /// Expectation-maximisation.
    let em (options: EmOptions) : Learner =
        fun monitor spec data -> Em.fitWith monitor options spec data

    /// Gradient descent.
    let gradient (options: GradientOptions) : Learner =
        fun monitor spec data -> (Gradient.fitWith monitor options spec data).Fit

/// Search over component counts and structures.
[<RequireQualifiedAccess>]
module Selection =

    /// Fits every specification by a learner and chooses the best by the criterion. Fits with a spurious component win
    /// only if no other fit succeeded. The callback sees which candidate is running, from 0. A cancelled search chooses
    /// among what was reached. Raises the first FitException where no specification can be fitted.
    let fitBy
        (learner: Learner)
        (monitor: int -> FitMonitor)
        (criterion: Criterion)
        (specs: MixtureSpec list)
        (data: Dataset)
        : SelectionResult =
        if specs.IsEmpty then
            invalidArg (nameof specs) "expected at least one specification, received none"

        let candidates =
            specs
            |> List.indexed
            |> List.choose (fun (index, spec) ->
                let watch = monitor index

                if index > 0 && watch.Cancellation.IsCancellationRequested then
                    None
                else
                    try
                        Some
                            {
                                Spec = spec
                                Result = Ok(learner watch spec data)
                            }
                    with
                    | :? FitException as e -> Some { Spec = spec; Result = Error e.Error }
                    | :? OperationCanceledException when index > 0 -> None)

        let fits =
            candidates
            |> List.choose (fun candidate ->
                match candidate.Result with
                | Ok fit -> Some fit
                | Error _ -> None)

        if fits.IsEmpty && (monitor 0).Cancellation.IsCancellationRequested then
            raise (OperationCanceledException "The search was cancelled before a fit was reached.")

        if fits.IsEmpty then
            raise (
                FitException(
                    candidates
                    |> List.pick (fun candidate ->
                        match candidate.Result with
                        | Ok _ -> None
                        | Error error -> Some error)
                )
            )

        let sound =
            fits
            |> List.filter (fun fit -> not (fit.Certificate.Components |> Array.exists _.Spurious))

        {
            Criterion = criterion
            Candidates = candidates
            Best =
                (if sound.IsEmpty then fits else sound)
                |> List.minBy (Criterion.value criterion)
        }

    /// The same by expectation-maximisation.
    let fitWith monitor criterion options specs data =
        fitBy (Learner.em options) monitor criterion specs data

    /// Fits every specification by expectation-maximisation and chooses the best by the criterion.
    let fit criterion options specs data =
        fitWith (fun _ -> FitMonitor.None) criterion options specs data

    /// Gaussian specifications for each structure and number of components.
    let gaussians (structures: CovarianceStructure list) (components: int list) =
        [
            for structure in structures do
                for count in components -> Gaussian.spec structure count
        ]
