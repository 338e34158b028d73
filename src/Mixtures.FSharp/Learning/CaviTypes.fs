namespace Mixtures

/// Options of coordinate ascent.
[<NoEquality; NoComparison>]
type CaviOptions =
    {
        /// How many random starts, each run to convergence; given starts run once.
        Restarts: int
        /// The seed of the random starts.
        Seed: int
        /// Where to start: the components' first update is from the responsibilities there.
        Start: Start
        /// The limit of iterations of each start.
        MaxIterations: int
        /// Converged when the gain of the bound still to come is below this, in nats a row; 0 runs to the limit.
        Tolerance: float
        /// How the components are updated.
        Updates: CaviUpdates
        /// Components of an expected weight below this are removed once the fit has converged, and the rest run to
        /// convergence again; 0 keeps all. The priors must be the same for every component.
        PruneBelow: float
        /// The number of threads; 0 for one a core. Results do not depend on it.
        Threads: int
    }

/// The parts of a lower bound, in nats: bound = Evidence - WeightsDivergence - ComponentsDivergence.
type BoundTerms =
    {
        /// Σ w log Σ_k exp(E log π_k + E log p(x | k)): the rows, their assignments at the optimum.
        Evidence: float
        /// The Kullback-Leibler divergence from the weights' guide to their prior.
        WeightsDivergence: float
        /// The same of the components' parameters.
        ComponentsDivergence: float
    }

/// A mean-field posterior found by coordinate ascent. Immutable.
[<NoEquality; NoComparison>]
type CaviFit =
    internal
        {
            Plug: MixtureFit
            Block: CaviBlock
            BoundParts: BoundTerms
            WeightsGuide: WeightsPosterior
            PriorNotes: string list
            BoundHistories: float[][]
            BoundViolations: int
            Masses: float[]
            PrunedCount: int
        }

    /// The fit at the guide's expectations (plug-in): mixture, criteria, warnings; its History is that of the bound.
    member fit.Fit = fit.Plug
    /// The mixture at the guide's expectations.
    member fit.Mixture = fit.Plug.Mixture

    /// The lower bound of the log evidence, in nats, complete: no constant is left out.
    member fit.Bound =
        fit.BoundParts.Evidence
        - fit.BoundParts.WeightsDivergence
        - fit.BoundParts.ComponentsDivergence

    /// The bound's parts.
    member fit.Terms = fit.BoundParts
    /// The bound at the start and after each iteration of the returned start.
    member fit.History = Array.copy fit.Plug.Summary.History
    /// The bound of every start, best first.
    member fit.Restarts = Array.copy fit.Plug.Summary.Restarts
    /// The bound's history of every start, in the same order.
    member fit.Histories = fit.BoundHistories
    /// The posterior of the weights.
    member fit.Weights = fit.WeightsGuide
    /// The posterior of the components' parameters.
    member fit.Components = fit.Block.Posterior
    /// Expected rows in each component.
    member fit.Counts = Array.copy fit.Masses
    /// What was taken for priors where none were given.
    member fit.Priors = fit.PriorNotes
    /// How often the bound fell by more than rounding explains.
    member fit.MonotonicityViolations = fit.BoundViolations
    /// How many components were removed.
    member fit.Pruned = fit.PrunedCount
    /// Why it stopped.
    member fit.Termination = fit.Plug.Termination
    /// What a person should know, in plain words.
    member fit.Warnings = fit.Plug.Warnings
