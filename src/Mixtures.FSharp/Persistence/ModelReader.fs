namespace Mixtures

open System
open System.Text.Json

/// Reads models from JSON. What is wrong is told by property, with what was expected and received.
[<RequireQualifiedAccess>]
module internal ModelReader =

    open JsonElements

    let private fit (element: JsonElement) : FitSummary =
        let real name =
            required name element |> number ("fit." + name)

        let whole name =
            required name element |> integer ("fit." + name)

        // null stands for minus infinity
        let list name =
            required name element
            |> items ("fit." + name)
            |> Array.map (fun item ->
                if item.ValueKind = JsonValueKind.Null then
                    Double.NegativeInfinity
                else
                    number ("fit." + name) item)

        let terminationName = required "termination" element |> text "fit.termination"

        {
            Method = required "method" element |> text "fit.method"
            LogLikelihood = real "log_likelihood"
            Parameters = whole "parameters"
            Aic = real "aic"
            Bic = real "bic"
            Icl = real "icl"
            Rows = whole "rows"
            TotalWeight = real "total_weight"
            EffectiveRows = real "effective_rows"
            Iterations = whole "iterations"
            Termination =
                match Termination.tryParse terminationName with
                | Some termination -> termination
                | None ->
                    fail
                        $"Expected converged, iteration_limit or interrupted in 'fit.termination', received '{terminationName}'."
            Seed = whole "seed"
            History = list "history"
            Restarts = list "restarts"
            Agreement = whole "agreement"
            Seconds = real "seconds"
            Warnings =
                required "warnings" element
                |> items "fit.warnings"
                |> Array.map (text "fit.warnings")
                |> Array.toList
            Priors =
                tryGet "priors" element
                |> Option.map (PriorsJson.read "fit.priors")
                |> Option.defaultValue Priors.None
        }

    /// The mixture, and the fit it came from where the file tells. A family that is not built in must be given.
    let read (given: IComponentFamily option) (root: JsonElement) : struct (Mixture * FitSummary option) =
        if root.ValueKind <> JsonValueKind.Object then
            fail $"Expected a JSON object, received {kind root}."

        match tryGet "format" root with
        | Some format when format.ValueKind = JsonValueKind.String && format.GetString() = "mixtures-model" -> ()
        | Some format when
            format.ValueKind = JsonValueKind.String
            && (format.GetString() = "mixtures-sample" || format.GetString() = "mixtures-guide")
            ->
            fail
                "This is a saved posterior, not a model: read it with the data and the priors that it was made with (fit --resume); fit --out saves the model at its means."
        | Some format ->
            fail $"Expected 'mixtures-model' in 'format', received {kind format}: this is not a saved mixture."
        | None -> fail "There is no 'format': this is not a saved mixture."

        let version = required "version" root |> integer "version"

        if version <> 1 then
            fail
                $"Expected version 1, received version {version}: save the model again with this version of Mixtures, or use a newer version."

        let family = required "family" root |> text "family"

        match given with
        | Some given when given.Name <> family && given.Name + NoiseFamily.Suffix <> family ->
            fail $"Expected a model of the family '{given.Name}', which is given, received one of '{family}'."
        | Some _
        | None -> ()

        let names =
            tryGet "columns" root
            |> Option.map (fun element ->
                let names = items "columns" element |> Array.map (text "columns")
                ColumnNames.check names names.Length)

        let weights = required "weights" root |> numbers "weights"

        if weights.Length = 0 then
            fail "Expected at least one weight in 'weights', received none."

        try
            let components = FamilyReader.read given root names weights.Length
            let mixture = Mixture.create (Option.map List.ofArray names) weights components
            struct (mixture, tryGet "fit" root |> Option.map fit)
        with :? ArgumentException as e ->
            fail $"{Wording.sentence e}."
