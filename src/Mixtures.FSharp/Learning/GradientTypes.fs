namespace Mixtures

/// A component that died during a gradient fit.
type DeathEvent =
    {
        /// The component, from 0, numbered as it was then.
        Component: int
        /// The step at which it was found dead.
        Step: int
        /// Its weight then.
        Weight: float
        /// Whether it was moved to a random row.
        Reseeded: bool
    }

/// A mixture fitted by gradient descent, with the way there. Immutable.
[<NoEquality; NoComparison>]
type GradientFit =
    {
        /// The fitted mixture with criteria and certificate, as of any other fit.
        Fit: MixtureFit
        /// The loss at the returned parameters: minus the log-likelihood, less the log-density of the priors (nats, summed
        /// over rows).
        Loss: float
        /// The loss at the start and after each step of the returned start; on batches, estimated from the batch.
        Losses: float[]
        /// The Euclidean norm of the gradient of the mean loss, at the same points.
        GradientNorms: float[]
        /// The free parameters at the same points, where they were asked for; else empty.
        ParameterHistory: float[][]
        /// The mixture at a step (from 0, the start), components numbered as in the result. Raises
        /// InvalidOperationException where the parameters were not kept, and ArgumentException for a step out of range.
        MixtureAt: int -> Mixture
        /// The names of the parts of the free parameters, and how many numbers each has.
        Parts: struct (string * int)[]
        /// The free parameters of the returned mixture, in the units of the fit, numbered as during the fit.
        Parameters: float[]
        /// The step whose parameters were best; polishing begins there.
        BestStep: int
        /// The loss at the best step, before polishing.
        BestLoss: float
        /// The components that died on the way.
        Deaths: DeathEvent list
    }

    /// The fitted mixture.
    member fit.Mixture = fit.Fit.Mixture
    /// L = Σ w log p(x), in nats, summed over rows.
    member fit.LogLikelihood = fit.Fit.LogLikelihood
    /// Why the fit stopped.
    member fit.Termination = fit.Fit.Termination
    /// What a person should know, in plain words.
    member fit.Warnings = fit.Fit.Warnings
