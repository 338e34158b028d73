namespace Mixtures

open System
open System.Collections.Generic
open System.Threading

/// Why a fit stopped.
type Termination =
    /// The gain still to come was below the tolerance.
    | Converged
    /// The limit of iterations was reached first.
    | IterationLimit
    /// It was cancelled; the result is what had been reached.
    | Interrupted

/// Names of terminations in files.
[<RequireQualifiedAccess>]
module Termination =
    /// The name in files and on the command line.
    let name termination =
        match termination with
        | Converged -> "converged"
        | IterationLimit -> "iteration_limit"
        | Interrupted -> "interrupted"

    /// The termination of a name, if there is one.
    let tryParse text =
        [ Converged; IterationLimit; Interrupted ]
        |> List.tryFind (fun t -> name t = text)

/// What to do with a component that collapses: one that loses all its rows, or whose covariance reaches the floor.
type CollapsePolicy =
    /// Hold its covariance at the floor and go on.
    | HoldAtFloor
    /// Move it to a random row, with the spread of the data.
    | Reseed
    /// Remove it.
    | Prune
    /// Stop with an error.
    | Fail

/// Where a fit starts.
type Start =
    /// Centres by k-means++ on standardised columns, weighted, then a few steps of Lloyd's algorithm.
    | KMeansPlusPlus
    /// Means at random rows, with the spread of the data.
    | RandomRows
    /// Responsibilities drawn at random, uniformly on the simplex.
    | RandomResponsibilities
    /// Given responsibilities, N x K: the fit starts with an M-step.
    | GivenResponsibilities of float[,]
    /// Given means, K of D numbers; weights and covariances come from the rows nearest to each.
    | GivenMeans of float[][]
    /// A given mixture.
    | GivenModel of Mixture

/// Why a fit failed. Every case has a message that names what was expected, what was received and the remedy.
type FitError =
    /// There are fewer rows (of positive weight) than components.
    | TooFewRows of rows: int * components: int
    /// Every row is the same.
    | IdenticalRows of rows: int
    /// The specification does not fit the data.
    | InvalidModel of reason: string
    /// The start cannot be used, or none could be found.
    | NoStart of reason: string
    /// A component collapsed and the policy is to fail; components are numbered from 0.
    | ComponentCollapsed of index: int * iteration: int * effectiveRows: float * smallestEigenvalue: float
    /// A covariance became singular, which the floor prevents unless it is switched off.
    | SingularCovariance of iteration: int * reason: string
    /// The log-likelihood is not a number, or infinite, at every start.
    | NotFinite of iteration: int

    /// A sentence for people.
    member error.Message =
        match error with
        | TooFewRows(rows, components) ->
            $"{components} components need at least {components} rows of positive weight, but the data have {rows}: ask for fewer components."
        | IdenticalRows 1 -> "There is only one row, so there is no spread to model: check the data."
        | IdenticalRows rows ->
            $"All {rows} rows are identical, so there is no spread to model: check the chosen columns."
        | InvalidModel reason -> reason
        | NoStart reason -> reason
        | ComponentCollapsed(index, iteration, effectiveRows, eigenvalue) ->
            $"Component {index + 1} collapsed at iteration {iteration}: effective rows {Wording.short effectiveRows}, smallest standardised eigenvalue {Wording.short eigenvalue}. Ask for fewer components, or choose another collapse policy (floor, reseed or prune)."
        | SingularCovariance(iteration, reason) ->
            $"{reason} (at iteration {iteration}). Set a floor greater than zero, or ask for fewer components."
        | NotFinite iteration ->
            $"The log-likelihood stopped being a finite number at iteration {iteration}: some rows have no density under any component. Look for extreme values in the data or in the given start."

/// A fit that failed.
[<Sealed>]
type FitException(error: FitError) =
    inherit Exception(error.Message)

    /// What went wrong.
    member _.Error = error

/// One iteration's progress.
[<Struct>]
type FitProgress =
    {
        /// Which start is running, from 0.
        Start: int
        /// How many starts there are.
        Starts: int
        /// Whether the start is being run to convergence, after the short runs.
        Final: bool
        /// The iteration, from 0.
        Iteration: int
        /// The limit of iterations of this run.
        MaxIterations: int
        /// The log-likelihood, in nats, summed over rows.
        LogLikelihood: float
        /// By how much it rose in this iteration.
        Change: float
        /// The time since the fit began.
        Elapsed: TimeSpan
    }

/// Who watches a fit: called after each iteration (never from two threads at once), and asked whether to stop.
[<NoEquality; NoComparison>]
type FitMonitor =
    {
        /// Called after each iteration.
        Progress: FitProgress -> unit
        /// Stops the fit, which then returns what was reached.
        Cancellation: CancellationToken
    }

    /// Nobody watches.
    static member None =
        {
            Progress = ignore
            Cancellation = CancellationToken.None
        }

/// A component that collapsed during a fit.
type CollapseEvent =
    {
        /// The component, from 0, numbered as in the result, or, where components were removed, as it was then.
        Component: int
        /// The iteration at which it was noticed.
        Iteration: int
        /// (Σ a)² / Σ a² of its rows.
        EffectiveRows: float
        /// The smallest eigenvalue of its covariance, in units of the columns' variances.
        SmallestEigenvalue: float
        /// What was done.
        Policy: CollapsePolicy
    }

/// The state of one component at the solution.
type ComponentReport =
    {
        /// (Σ a)² / Σ a², with a the weight of a row in the component.
        EffectiveRows: float
        /// Σ a, in rows of average weight.
        Mass: float
        /// The smallest eigenvalue of the covariance, in units of the columns' variances.
        SmallestEigenvalue: float
        /// The largest eigenvalue over the smallest, in the same units.
        ConditionNumber: float
        /// Whether the component is likely an artefact: nearly singular, on fewer than D + 1 rows, or with less than one
        /// row's weight in all.
        Spurious: bool
    }

/// What is known about how good a fit is.
type Certificate =
    {
        /// Why the fit stopped.
        Termination: Termination
        /// How many iterations the returned run took.
        Iterations: int
        /// How many E-passes over the data were made, all starts together.
        Passes: int
        /// The log-likelihood of every start that was run to convergence, in nats; best first.
        Restarts: float[]
        /// L at the start and after each iteration of these starts, in the same order.
        Histories: float[][]
        /// Which of these starts is the returned one, from 0.
        Returned: int
        /// How many of these agree with the returned one to 1e-6 nats a row.
        Agreement: int
        /// The estimated gain in log-likelihood still to come, in nats a row.
        RemainingGain: float
        /// The largest component of the gradient of the mean log-likelihood, in scaled coordinates.
        LargestGradient: float
        /// How often the log-likelihood fell by more than rounding explains.
        MonotonicityViolations: int
        /// One report a component.
        Components: ComponentReport[]
        /// The components that collapsed on the way.
        Collapses: CollapseEvent list
        /// What a person should know, in plain words; the most important first.
        Warnings: string list
    }

/// The numbers of a fit that are saved with its model.
type FitSummary =
    {
        /// How it was fitted, such as em.
        Method: string
        /// L = Σ w log p(x), in nats.
        LogLikelihood: float
        /// The number of parameters that were adjusted.
        Parameters: int
        /// 2k - 2L.
        Aic: float
        /// k ln n - 2L.
        Bic: float
        /// bic - 2 Σ w log max r.
        Icl: float
        /// The number of rows.
        Rows: int
        /// Σ w.
        TotalWeight: float
        /// (Σ w)² / Σ w².
        EffectiveRows: float
        /// How many iterations the returned run took.
        Iterations: int
        /// Why it stopped.
        Termination: Termination
        /// The seed of the random starts.
        Seed: int
        /// L at the start and after each iteration.
        History: float[]
        /// The log-likelihood of every start that was run to convergence.
        Restarts: float[]
        /// How many of these agree with the returned one to 1e-6 nats a row.
        Agreement: int
        /// The time that it took, in seconds.
        Seconds: float
        /// What a person should know.
        Warnings: string list
        /// The priors that it was fitted under.
        Priors: Priors
    }

/// A fitted mixture with everything that is known about the fit. Immutable.
[<NoEquality; NoComparison>]
type MixtureFit =
    {
        /// The fitted mixture.
        Mixture: Mixture
        /// The numbers that are saved with the model.
        Summary: FitSummary
        /// How far the fit can be trusted.
        Certificate: Certificate
    }

    /// L = Σ w log p(x), in nats, summed over rows.
    member fit.LogLikelihood = fit.Summary.LogLikelihood
    /// Akaike's information criterion; smaller is better.
    member fit.Aic = fit.Summary.Aic
    /// The Bayesian information criterion; smaller is better.
    member fit.Bic = fit.Summary.Bic
    /// The integrated completed likelihood; smaller is better.
    member fit.Icl = fit.Summary.Icl
    /// The number of free parameters.
    member fit.Parameters = fit.Summary.Parameters
    /// Why the fit stopped.
    member fit.Termination = fit.Summary.Termination
    /// L at the start and after each iteration.
    member fit.History = fit.Summary.History
    /// How many iterations the returned run took.
    member fit.Iterations = fit.Summary.Iterations
    /// What a person should know, in plain words.
    member fit.Warnings = fit.Summary.Warnings
