namespace Mixtures

open System.Diagnostics

/// The maximum a posteriori estimate: the values of greatest log joint density, in the constrained values. Immutable.
[<NoEquality; NoComparison>]
type MapEstimate =
    {
        /// The model.
        Model: BayesianModel
        /// The values of the sites, in their order.
        Values: Tensor[]
        /// Their free real numbers.
        Vector: float[]
        /// Minus the log joint density at the values, in nats.
        Loss: float
        /// The loss at the start and after each step of the returned start.
        Losses: float[]
        /// The Euclidean norm of the loss's gradient in the free real numbers, at the same points.
        GradientNorms: float[]
        /// How the returned start ended.
        Outcome: ModeOutcome
        /// The starts, those of least initial loss first.
        Starts: ModeStart[]
        /// The number of the returned start.
        Returned: int
        /// The time it took, in seconds.
        Seconds: float
        /// What a person should know, in plain words.
        Warnings: string list
    }

    /// The value of a site.
    member estimate.Value(name: string) : Tensor =
        estimate.Values[estimate.Model.IndexOf name]

    /// The log joint density at the values, in nats.
    member estimate.LogJoint = -estimate.Loss

    /// The mixture of the values, where the model is that of a specification.
    member estimate.Mixture = estimate.Model.ToMixture estimate.Values

/// MAP estimates of Bayesian models. A log joint density may be unbounded (a Dirichlet concentration below 1 where a weight
/// falls to 0, say): starts that run away there are told apart, and the best stationary one is returned.
[<RequireQualifiedAccess>]
module MapEstimate =

    /// A hundred starts, of which the ten of least loss are run by L-BFGS for at most 1000 iterations; seed 0.
    let defaults: ModeOptions =
        {
            Starts = 100
            Finalists = 10
            Seed = 0
            Optimiser = None
            MaxIterations = 1000
            Start = None
            Progress = fun _ _ _ -> ()
            Cancellation = System.Threading.CancellationToken.None
        }

    /// The best of many starts. Raises ArgumentException, naming the site, where the log joint density is not a number at
    /// the starts, and for options out of range.
    let fit (options: ModeOptions) (model: BayesianModel) : MapEstimate =
        let clock = Stopwatch.StartNew()
        let mode = ModeSearch.run options model (fun u -> -(model.LogJoint u))

        {
            Model = model
            Values = model.Constrain(Tensor.ofArray mode.Vector)
            Vector = mode.Vector
            Loss = mode.Loss
            Losses = mode.Losses
            GradientNorms = mode.GradientNorms
            Outcome = mode.Outcome
            Starts = mode.Starts
            Returned = mode.Returned
            Seconds = clock.Elapsed.TotalSeconds
            Warnings = ModeSearch.warnings mode
        }
