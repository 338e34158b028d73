namespace Mixtures

open System

/// One statistic of the data beside those of data that the model makes.
[<NoEquality; NoComparison>]
type PredictiveCheck =
    {
        /// What the statistic is called.
        Name: string
        /// Of the data.
        Observed: float
        /// Of replicated data, one a draw.
        Replicated: float[]
        /// The probability that replicated data have a statistic at least as large; ties count half. Near 0 or 1 the model
        /// does not make data like these.
        TailProbability: float
    }

/// Posterior predictive checks (Gelman, Meng & Stern 1996).
[<RequireQualifiedAccess>]
module PredictiveChecks =

    /// The check of one statistic from its values. Values that are not finite raise ArgumentException.
    let ofValues (name: string) (observed: float) (replicated: float[]) : PredictiveCheck =
        if replicated.Length = 0 then
            invalidArg (nameof replicated) "expected at least one replicate, received none"

        if not (Double.IsFinite observed) then
            invalidArg (nameof observed) $"expected a finite {name} of the data, received {Wording.number observed}"

        match replicated |> Array.tryFindIndex (Double.IsFinite >> not) with
        | Some i ->
            invalidArg
                (nameof replicated)
                $"expected a finite {name} of every replicate, received {Wording.number replicated[i]} of replicate {i + 1}"
        | None -> ()

        let above =
            replicated
            |> Array.sumBy (fun value ->
                if value > observed then 1.0
                elif value = observed then 0.5
                else 0.0)

        {
            Name = name
            Observed = observed
            Replicated = replicated
            TailProbability = above / float replicated.Length
        }

    /// Checks of named statistics: data of the same shape are made for each of so many draws (from 0), with a stream of its
    /// own, and thrown away once the statistics are taken.
    let run
        (statistics: (string * ('Data -> float)) list)
        (key: RandomKey)
        (draws: int)
        (replicate: int -> RandomStream -> 'Data)
        (data: 'Data)
        : PredictiveCheck list =
        if draws < 1 then
            invalidArg (nameof draws) $"expected at least 1 draw, received {draws}"

        let values = statistics |> List.map (fun _ -> Array.zeroCreate<float> draws)

        for s in 0 .. draws - 1 do
            let made = replicate s ((key.Child s).Stream())

            for (_, statistic), values in List.zip statistics values do
                values[s] <- statistic made

        List.map2 (fun (name, statistic) values -> ofValues name (statistic data) values) statistics values

    /// What the checks warn of, in plain words: tail probabilities below 0.01 or above 0.99.
    let warnings (checks: PredictiveCheck list) : string list =
        [
            for check in checks do
                if check.TailProbability < 0.01 || check.TailProbability > 0.99 then
                    let side = if check.TailProbability < 0.5 then "smaller" else "larger"

                    $"The model hardly makes data like these: {check.Name} is {Wording.short check.Observed}, and almost always {side} in replicated data."
        ]
