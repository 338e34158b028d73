namespace Mixtures

/// One step of EM, watched closely.
[<NoEquality; NoComparison>]
type EmTraceStep =
    {
        /// The step, from 0 for the start.
        Iteration: int
        /// The mixture after the step.
        Mixture: Mixture
        /// Its log-likelihood, in nats, summed over rows.
        LogLikelihood: float
        /// The weighted mean of -log p(x): nats a row.
        Loss: float
        /// Q(θ|θ'): the expected complete log-likelihood per row of this step's mixture under the responsibilities of
        /// the step before (of its own, for the start).
        ExpectedCompleteLogLikelihood: float
    }

/// EM step by step, for a look at how it goes; slower than Em.fit, with N x K responsibilities in memory.
[<RequireQualifiedAccess>]
module EmTrace =

    /// The start and so many steps from it. Of the options, the floors and the threads are used; a component that
    /// collapses is held at the floor.
    let run (options: EmOptions) (steps: int) (start: Mixture) (data: Dataset) : EmTraceStep list =
        if steps < 0 then
            invalidArg (nameof steps) $"expected at least 0 steps, received {steps}"

        let describe iteration responsibilities mixture =
            let score = Mixture.score mixture data

            {
                Iteration = iteration
                Mixture = mixture
                LogLikelihood = score
                Loss = -score / data.TotalWeight
                ExpectedCompleteLogLikelihood = Loss.expectedCompleteLogLikelihood responsibilities mixture data
            }

        let next iteration (mixture: Mixture) =
            let responsibilities = Mixture.responsibilities mixture data

            let fit =
                Em.fit
                    { options with
                        Start = GivenModel mixture
                        MaxIterations = 1
                        Tolerance = 0.0
                        Collapse = HoldAtFloor
                    }
                    mixture.Spec
                    data

            describe iteration responsibilities fit.Mixture

        let first = describe 0 (Mixture.responsibilities start data) start

        (first, [ 1..steps ])
        ||> List.scan (fun before iteration -> next iteration before.Mixture)
