namespace Mixtures

open System.Text.Json

/// Fitted guides as JSON files: the parameters, by name and as the free vector, to the last bit, with the bound and how far the
/// fit can be trusted. They hold neither data nor priors: a file is read with the model that it was made with.
[<RequireQualifiedAccess>]
module GuideFile =

    open JsonElements
    open InferenceJson

    [<Literal>]
    let private Format = "mixtures-guide"

    let private densityAtCentre (fit: SviFit) =
        let point = (fit.Model.Unconstrain fit.Centre).ToArray()
        let struct (value, _) = fit.Model.Evaluate point
        struct (value, point)

    let private writeTensor (writer: Utf8JsonWriter) (name: string) (value: Tensor) =
        writer.WriteStartObject name
        writeWholes writer "shape" value.Dims
        writeNumbers writer "values" (value.ToArray())
        writer.WriteEndObject()

    let private write (fit: SviFit) (writer: Utf8JsonWriter) =
        writeHead writer Format fit.Model.Sites
        writer.WriteString("guide", fit.Guide.Name)
        writer.WriteStartObject "parameters"

        for name, value in fit.Parameters do
            writeTensor writer name value

        writer.WriteEndObject()
        writeNumbers writer "vector" fit.Vector
        let struct (density, _) = densityAtCentre fit
        writeNumber writer "log_density_at_centre" density
        writer.WriteNumber("elbo", fit.Elbo)
        writeNumber writer "elbo_standard_error" fit.ElboStandardError
        writeNumber writer "pareto_k" fit.ParetoK
        writer.WriteString("termination", Termination.name fit.Termination)
        writer.WriteNumber("seed", fit.Seed)
        writer.WriteNumber("seconds", fit.Seconds)
        writer.WriteNumber("fit_seconds", fit.FitSeconds)
        FamilyWriter.texts writer "warnings" fit.Warnings
        writer.WriteStartObject "report"
        writer.WriteBoolean("stationary", fit.Report.IsStationary)
        writer.WriteNumber("averaged_from", fit.Report.AveragedFrom)
        writeNumber writer "rhat" fit.Report.RHat
        writeNumber writer "averaging_cost" fit.Report.AveragingCost
        writeNumber writer "relative_change" fit.Report.RelativeChange
        writer.WriteBoolean("stalled", fit.Report.IsStalled)
        writer.WriteNumber("skipped_steps", fit.Report.SkippedSteps)
        writer.WriteEndObject()
        writeNumbers writer "history" fit.History

    let private read (guideOf: string -> Guide) (model: BayesianModel) (root: JsonElement) : SviFit =
        checkHead Format "a saved guide" model.Sites root
        let guide = guideOf (text "guide" root)
        let parameters = required "parameters" root |> inside "parameters"
        let names = [ for own in parameters.EnumerateObject() -> own.Name ]
        let expected = guide.Parameters |> Array.map _.Name |> Array.toList

        if names <> expected then
            let listed (all: string list) = String.concat ", " all

            fail
                $"The file is of another guide: expected the parameters {listed expected}, received {listed names}. Read it with the guide that was fitted."

        let report = required "report" root |> inside "report"

        let fit =
            {
                Model = model
                Guide = guide
                Vector =
                    required "vector" root
                    |> numbers "vector"
                    |> sized "vector" guide.Dimension "numbers"
                Elbo = required "elbo" root |> number "elbo"
                ElboStandardError = anyNumber "elbo_standard_error" "elbo_standard_error" root
                ParetoK = anyNumber "pareto_k" "pareto_k" root
                History = required "history" root |> numbersOrNaN "history"
                Termination =
                    (let own = text "termination" root

                     match Termination.tryParse own with
                     | Some termination -> termination
                     | None ->
                         fail $"Expected converged, iteration_limit or interrupted in 'termination', received '{own}'.")
                Report =
                    {
                        IsStationary = truth "stationary" report
                        AveragedFrom = whole "averaged_from" report
                        RHat = anyNumber "report.rhat" "rhat" report
                        AveragingCost = anyNumber "report.averaging_cost" "averaging_cost" report
                        RelativeChange = anyNumber "report.relative_change" "relative_change" report
                        IsStalled = truth "stalled" report
                        SkippedSteps = whole "skipped_steps" report
                    }
                Seed = whole "seed" root
                Seconds = required "seconds" root |> number "seconds"
                FitSeconds = required "fit_seconds" root |> number "fit_seconds"
                Warnings =
                    required "warnings" root
                    |> items "warnings"
                    |> Array.map (JsonElements.text "warnings")
                    |> Array.toList
            }

        let struct (_, point) = densityAtCentre fit

        checkDensity
            "the guide's centre"
            (required "log_density_at_centre" root |> number "log_density_at_centre")
            model
            point

        fit

    let private named (model: BayesianModel) (name: string) : Guide =
        match name with
        | "mean-field" -> Guide.meanField model
        | "full-rank" -> Guide.fullRank model
        | _ -> Guide.suited model

    /// The fit as JSON text.
    let toJson (fit: SviFit) : string = JsonFile.text (write fit)

    /// The fit of a JSON text, of the model that it was made with, and of a guide of Guide.meanField, Guide.fullRank or
    /// Guide.suited; DataException tells what is wrong with it, also where it is of another model, of other data or priors.
    let ofJson (model: BayesianModel) (json: string) : SviFit =
        use document = JsonFile.document "the guide is" json
        read (named model) model document.RootElement

    /// Saves a fit. The file is written beside the path and moved into place, so that it is whole or not there.
    let save (path: string) (fit: SviFit) = JsonFile.save path (write fit)

    /// Loads a fit, of the model that it was made with; see ofJson. Going on from it: Start = fit.Parameters in the options.
    let load (path: string) (model: BayesianModel) : SviFit =
        JsonFile.read "file of a guide" (ofJson model) path

    /// Loads a fit of a guide of one's own, of the model that it was made with; see load.
    let loadWith (guide: Guide) (path: string) (model: BayesianModel) : SviFit =
        let parse json =
            use document = JsonFile.document "the guide is" json
            read (fun _ -> guide) model document.RootElement

        JsonFile.read "file of a guide" parse path
