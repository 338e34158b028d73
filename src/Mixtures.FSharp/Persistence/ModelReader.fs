namespace Mixtures

open System
open System.Text.Json

/// Reads models from JSON. What is wrong is told by property, with what was expected and received.
[<RequireQualifiedAccess>]
module internal ModelReader =

    let private fail (reason: string) = raise (DataException reason)

    let private kind (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Array -> $"a list of {element.GetArrayLength()}"
        | JsonValueKind.Object -> "an object"
        | JsonValueKind.String -> $"'{element.GetString()}'"
        | JsonValueKind.Null -> "null"
        | _ -> element.GetRawText()

    let private tryGet (name: string) (parent: JsonElement) =
        match parent.TryGetProperty name with
        | true, value when value.ValueKind <> JsonValueKind.Null -> Some value
        | _ -> None

    let private required (name: string) (parent: JsonElement) =
        match tryGet name parent with
        | Some value -> value
        | None -> fail $"The model has no '{name}'."

    let private text where (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.String then
            fail $"Expected a text in '{where}', received {kind element}."

        element.GetString() |> nonNull

    let private number where (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Number ->
            let value = element.GetDouble()

            if not (Double.IsFinite value) then
                fail $"Expected a finite number in '{where}', received {element.GetRawText()}."

            value
        | _ -> fail $"Expected a number in '{where}', received {kind element}."

    let private integer where (element: JsonElement) =
        let mutable value = 0

        if element.ValueKind = JsonValueKind.Number && element.TryGetInt32 &value then
            value
        else
            fail $"Expected a whole number in '{where}', received {kind element}."

    let private items where (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Array then
            fail $"Expected a list in '{where}', received {kind element}."

        [| for item in element.EnumerateArray() -> item |]

    let private numbers where (element: JsonElement) =
        items where element |> Array.map (number where)

    let private sized where expected what (values: 'T[]) =
        if values.Length <> expected then
            fail $"Expected {expected} {what} in '{where}', received {values.Length}."

        values

    let private gaussian (root: JsonElement) (names: string[] option) (weights: float[]) =
        let structureName = required "covariance" root |> text "covariance"

        let structure =
            match CovarianceStructure.tryParse structureName with
            | Some structure -> structure
            | None ->
                fail $"Expected full, tied, diagonal, spherical or known in 'covariance', received '{structureName}'."

        let count = weights.Length

        let means =
            required "means" root
            |> items "means"
            |> sized "means" count "means, one a weight,"
            |> Array.map (numbers "means")

        let d =
            match names with
            | Some names -> names.Length
            | None -> means[0].Length

        if d < 1 then
            fail "Expected at least one column in 'means', received none."

        let means = means |> Array.map (sized "means" d "numbers a mean")
        let covariances = required "covariances" root

        let matrix (element: JsonElement) =
            items "covariances" element
            |> sized "covariances" d "rows a matrix"
            |> Array.map (numbers "covariances" >> sized "covariances" d "numbers a row")

        let check k (rows: float[][]) =
            Gaussian.checkCovariance k (Array2D.init d d (fun i j -> rows[i][j]))
            Array.concat rows

        let stored =
            match structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Known ->
                items "covariances" covariances
                |> sized "covariances" count "matrices, one a component,"
                |> Array.mapi (fun k m -> check k (matrix m))
                |> Array.concat
            | CovarianceStructure.Tied -> check 0 (matrix covariances)
            | CovarianceStructure.Diagonal ->
                items "covariances" covariances
                |> sized "covariances" count "lists of variances, one a component,"
                |> Array.map (numbers "covariances" >> sized "covariances" d "variances a component")
                |> Array.concat
            | CovarianceStructure.Spherical ->
                numbers "covariances" covariances
                |> sized "covariances" count "variances, one a component,"

        let constants =
            match tryGet "constant_columns" root with
            | None -> [||]
            | Some element ->
                let known =
                    names |> Option.defaultWith (fun () -> Array.init d (fun i -> $"x{i + 1}"))

                if structure <> CovarianceStructure.Spherical then
                    fail
                        "Expected no 'constant_columns' but for spherical covariance: others show them by a variance of 0."

                items "constant_columns" element
                |> Array.map (fun item ->
                    let name = text "constant_columns" item

                    match Array.IndexOf(known, name) with
                    | -1 -> fail $"There is no column '{name}', which 'constant_columns' names."
                    | i -> i)

        Gaussian.components structure constants count d (Array.concat means) stored

    let private logDensity (family: IComponentFamily) (root: JsonElement) (names: string[] option) (weights: float[]) =
        let dimension = required "dimension" root |> integer "dimension"

        match names with
        | Some names ->
            names
            |> sized "columns" dimension "names, as many as the 'dimension',"
            |> ignore
        | None -> ()

        required "parameters" root
        |> items "parameters"
        |> sized "parameters" weights.Length "lists, one a weight,"
        |> Array.map (numbers "parameters")
        |> Component.create family dimension

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
        }

    /// The mixture, and the fit it came from where the file tells. A family that is not built in must be given.
    let read (given: IComponentFamily option) (root: JsonElement) : struct (Mixture * FitSummary option) =
        if root.ValueKind <> JsonValueKind.Object then
            fail $"Expected a JSON object, received {kind root}."

        match tryGet "format" root with
        | Some format when format.ValueKind = JsonValueKind.String && format.GetString() = "mixtures-model" -> ()
        | Some format ->
            fail $"Expected 'mixtures-model' in 'format', received {kind format}: this is not a saved mixture."
        | None -> fail "There is no 'format': this is not a saved mixture."

        let version = required "version" root |> integer "version"

        if version <> 1 then
            fail
                $"Expected version 1, received version {version}: save the model again with this version of Mixtures, or use a newer version."

        let family = required "family" root |> text "family"

        match given with
        | Some given when given.Name <> family ->
            fail $"Expected a model of the family '{given.Name}', which is given, received one of '{family}'."
        | None when family <> "gaussian" ->
            fail
                $"The model's family '{family}' is not built in (gaussian is): a program that defines it can read the file, giving the family (ModelFile.loadWith in F#, Mixture.Load in C#)."
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
            let components =
                match given with
                | Some given -> logDensity given root names weights
                | None -> gaussian root names weights

            let mixture = Mixture.create (Option.map List.ofArray names) weights components
            struct (mixture, tryGet "fit" root |> Option.map fit)
        with :? ArgumentException as e ->
            fail $"{Wording.sentence e}."
