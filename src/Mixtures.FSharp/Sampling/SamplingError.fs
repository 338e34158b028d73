namespace Mixtures

open System

/// Why a run of a sampler failed. Every case has a message that names what was expected, what was received and the remedy.
type SamplingError =
    /// The log-density, or its gradient, is not finite at the start of some chains (from 0), with its value there.
    | NoDensityAtStart of starts: struct (int * float)[]
    /// A start of the step size search found none: the log-density does not fall anywhere, or is not continuous. Chains are
    /// numbered from 0.
    | NoStepSize of chain: int * last: float
    /// Every draw of every chain came after a trajectory that diverged.
    | AllDivergent of draws: int * stepSize: float

    /// A sentence for people.
    member error.Message =
        match error with
        | NoDensityAtStart starts ->
            let places =
                starts
                |> Seq.truncate 5
                |> Seq.map (fun struct (chain, value) -> $"{Wording.number value} in chain {chain + 1}")
                |> String.concat ", "

            $"The log-density or its gradient is not finite at the start ({places}): start inside the support, check the data and the priors for impossible values."
        | NoStepSize(chain, last) when last > 1.0 ->
            $"Chain {chain + 1} found no step size that is too large (last tried {Wording.short last}): the posterior is improper; give proper priors to every parameter."
        | NoStepSize(chain, last) ->
            $"Chain {chain + 1} found no step size that is small enough (last tried {Wording.short last}): the log-density is not continuous there, or its gradient is not its own."
        | AllDivergent(draws, stepSize) ->
            $"All {draws} draws diverged (step size {Wording.short stepSize}): none of them can be trusted. Raise the target acceptance, reparametrise the model (non-centred where parameters scale others), or give tighter priors."

/// A run of a sampler that failed.
[<Sealed>]
type SamplingException(error: SamplingError) =
    inherit Exception(error.Message)

    /// What went wrong.
    member _.Error = error
