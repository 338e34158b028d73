namespace Mixtures

open System

/// What takes the steps of stochastic variational inference.
[<NoEquality; NoComparison>]
type SviMethod =
    /// Natural gradients at a rate, of at most 1: the share of the way that a conjugate model would go.
    | NaturalGradient of rate: Schedule
    /// Adam or another first-order method, on the bound per row in the guide's free parameters.
    | StochasticGradient of Optimiser

/// Which parameters a fit returns.
type Averaging =
    /// Those after the last step.
    | LastIterate
    /// The mean of the free parameters since they became stationary (Polyak & Juditsky 1992).
    | TailAverage

/// Options of stochastic variational inference.
[<NoEquality; NoComparison>]
type SviOptions =
    {
        /// What takes the steps.
        Method: SviMethod
        /// The most steps.
        Steps: int
        /// The rows of a step, in shuffled order, epoch by epoch; 0 for all.
        BatchRows: int
        /// Draws of a step, or of each row; an antithetic pair counts once.
        Draws: int
        /// Whether each row has draws of its own, of which far fewer are needed for the same precision.
        DrawsPerRow: bool
        /// Whether each draw has an antithetic partner.
        Antithetic: bool
        /// Which parameters are returned.
        Averaging: Averaging
        /// The fit has converged when the noise of the averaged parameters costs less than so many nats; 0 takes all steps.
        Tolerance: float
        /// How many steps from one check of convergence to the next.
        CheckEvery: int
        /// How many starts; the best after half of CheckEvery steps goes on.
        Restarts: int
        /// Parameters to start from, by name (see Guide.Parameters), all of them; none for a narrow guide around values that
        /// the model starts at.
        Start: (string * Tensor) list
        /// Draws of each row's log-likelihood in the final bound; an antithetic pair counts once.
        FinalDraws: int
        /// The most draws of which the guide's k-hat is taken, which sees a heavy tail only where draws reach it: fewer, but at
        /// least 1000, where these would evaluate more than four million rows; 0 for none.
        ParetoDraws: int
        /// The seed of starts, batches and draws.
        Seed: int
        /// The number of threads; 0 for one a core. Results do not depend on it.
        Threads: int
    }

/// One step's progress.
[<Struct>]
type SviProgress =
    {
        /// Which start is running, from 0.
        Start: int
        /// How many steps have been taken from it.
        Step: int
        /// The most steps.
        Steps: int
        /// The noisy bound before the step, in nats.
        Elbo: float
        /// Whether the parameters are stationary, and being averaged.
        Averaging: bool
        /// The time since the fit began.
        Elapsed: TimeSpan
    }

/// How far a fit's convergence can be trusted.
type SviReport =
    {
        /// Whether the parameters became stationary: R-hat of the later half of the steps below 1.1.
        IsStationary: bool
        /// The first step whose parameters are averaged; the number of steps where the last ones are returned.
        AveragedFrom: int
        /// Split R-hat of the parameters over the later half of the steps when it was last taken, halves as chains, pooled.
        RHat: float
        /// What the noise of the averaged parameters costs, in nats; infinite where too few steps were averaged, NaN where
        /// the guide has no closed divergence.
        AveragingCost: float
        /// The change of the bound's mean over the last two CheckEvery steps, as a share of its size.
        RelativeChange: float
        /// Whether the bound stood still although the parameters moved on.
        IsStalled: bool
        /// Steps that were given up because their gradient was not finite.
        SkippedSteps: int
    }

/// A guide fitted to a posterior. Immutable.
[<NoEquality; NoComparison>]
type SviFit =
    {
        /// The model.
        Model: BayesianModel
        /// The guide.
        Guide: Guide
        /// The free vector of its parameters.
        Vector: float[]
        /// The evidence lower bound in nats, from draws that the fit has not seen.
        Elbo: float
        /// Its Monte Carlo standard error.
        ElboStandardError: float
        /// The shape of the tail of the importance weights of posterior over guide: below 0.5 the guide is close, above 0.7 it
        /// misses much of the posterior (Yao et al. 2018). NaN where none was asked for.
        ParetoK: float
        /// The noisy bound before each step.
        History: float[]
        /// Why it stopped.
        Termination: Termination
        /// How far that can be trusted.
        Report: SviReport
        /// The seed.
        Seed: int
        /// The time that it took, in seconds, final bound and k-hat included.
        Seconds: float
        /// The time until the parameters were found, in seconds.
        FitSeconds: float
        /// What a person should know.
        Warnings: string list
    }

    /// How many steps were taken.
    member fit.Steps = fit.History.Length

    /// The parameters by name.
    member fit.Parameters: (string * Tensor) list =
        Array.map2
            (fun (p: Site) (value: Tensor) -> p.Name, value)
            fit.Guide.Parameters
            (fit.Guide.Constrain(Tensor.ofArray fit.Vector))
        |> Array.toList

    /// The guide's centre in the sites' values: means of factors over values, the values at the location of normals over free
    /// numbers.
    member fit.Centre: Tensor[] = Guide.centre fit.Guide fit.Vector

    /// The mixture at the guide's centre: one model that stands for the posterior. Raises InvalidOperationException for a
    /// program.
    member fit.Mixture: Mixture = fit.Model.ToMixture fit.Centre

    /// One draw of the sites' values, in the model's order.
    member fit.Draw(stream: RandomStream) : Tensor[] = Guide.draw fit.Guide fit.Vector stream

    /// Draws along a leading axis.
    member fit.DrawMany (count: int) (stream: RandomStream) : Tensor[] =
        Guide.drawMany count fit.Guide fit.Vector stream

    /// Independent draws of the sites' numbers, by name, as one chain; the same ones for the same seed.
    member fit.Draws(count: int) : Draws =
        let drawn = fit.DrawMany count ((RandomKey.ofSeed fit.Seed).Stream())
        let sites = fit.Model.Sites
        let starts = Array.scan (fun at (site: Site) -> at + Shape.size site.Dims) 0 sites
        let d = starts[sites.Length]
        let rows = Array.zeroCreate (count * d)

        drawn
        |> Array.iteri (fun site values ->
            let numbers = values.ToArray()
            let size = starts[site + 1] - starts[site]

            for i in 0 .. count - 1 do
                Array.blit numbers (i * size) rows (i * d + starts[site]) size)

        Draws.create (sites |> Array.collect Site.numberNames) [| rows |]

    /// Mean, quantiles and standard deviations of every number of the sites under the guide, of so many independent draws (at
    /// least 6), the same ones for the same seed. Their Monte Carlo errors tell nothing of how far the guide is from the posterior.
    member fit.Summary(count: int) : ParameterSummary[] =
        let draws = fit.Draws count

        Array.init draws.Dimension (fun j ->
            PosteriorSummary.ofIndependent draws.Names[j] (Draws.parameterAt j draws |> Array.exactlyOne))

/// Why stochastic variational inference failed.
type SviError =
    /// The bound or its gradient was not finite, step after step.
    | BoundNotFinite of step: int * cause: string

    /// A sentence for people.
    member error.Message =
        match error with
        | BoundNotFinite(step, cause) ->
            $"The evidence lower bound is not a finite number at step {step}: {cause}. Check the support of the guide's factors against the model, start nearer to the data, or lower the rate."

/// Stochastic variational inference that failed.
[<Sealed>]
type SviException(error: SviError) =
    inherit Exception(error.Message)

    /// What went wrong.
    member _.Error = error
