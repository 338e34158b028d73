namespace Mixtures

open System
open System.IO
open System.Text
open System.Text.Json

/// A mean-field posterior read from a file, with the plug-in model.
[<NoEquality; NoComparison>]
type SavedPosterior =
    {
        /// The mixture at the guide's expectations, and the numbers of its fit.
        Model: SavedModel
        /// The parts of the lower bound.
        Terms: BoundTerms
        /// The posterior of the weights.
        Weights: WeightsPosterior
        /// The posterior of the components' parameters.
        Components: ComponentsPosterior
        /// Expected rows in each component.
        Counts: float[]
        /// What was taken for priors where none were given.
        Priors: string list
    }

    /// The lower bound of the log evidence, in nats.
    member saved.Bound =
        saved.Terms.Evidence
        - saved.Terms.WeightsDivergence
        - saved.Terms.ComponentsDivergence

/// Mean-field posteriors as JSON: a model file of the plug-in mixture (which every reader of models takes), with the
/// posterior beside it; doubles to the last bit.
[<RequireQualifiedAccess>]
module PosteriorFile =

    open JsonElements

    /// What a fit's file tells of it.
    let ofFit (fit: CaviFit) : SavedPosterior =
        {
            Model =
                {
                    Mixture = fit.Mixture
                    Fit = Some fit.Fit.Summary
                }
            Terms = fit.Terms
            Weights = fit.Weights
            Components = fit.Components
            Counts = fit.Counts
            Priors = fit.Priors
        }

    let private vector (writer: Utf8JsonWriter) (name: string) (values: float[]) =
        writer.WritePropertyName name
        FamilyWriter.numbers writer (ReadOnlySpan values)

    let private table (writer: Utf8JsonWriter) (name: string) (rows: float[][]) =
        writer.WriteStartArray name

        for row in rows do
            FamilyWriter.numbers writer (ReadOnlySpan row)

        writer.WriteEndArray()

    let private matrices (writer: Utf8JsonWriter) (name: string) (all: float[,][]) =
        writer.WriteStartArray name

        for matrix in all do
            let rows, columns = matrix.GetLength 0, matrix.GetLength 1
            FamilyWriter.matrix writer rows columns (Seq.toArray (Seq.cast<float> matrix)) 0

        writer.WriteEndArray()

    let private writeComponents (writer: Utf8JsonWriter) (components: ComponentsPosterior) =
        match components with
        | NormalWishart(means, strengths, degrees, scales) ->
            writer.WriteStartObject "normal_wishart"
            table writer "means" means
            vector writer "strengths" strengths
            vector writer "degrees_of_freedom" degrees
            matrices writer "scales" scales
        | NormalGamma(means, strengths, shapes, rates) ->
            writer.WriteStartObject "normal_gamma"
            table writer "means" means
            vector writer "strengths" strengths
            table writer "shapes" shapes
            table writer "rates" rates
        | IndependentNormalGamma(means, deviations, shapes, rates) ->
            writer.WriteStartObject "independent_normal_gamma"
            table writer "means" means
            table writer "sds" deviations
            table writer "shapes" shapes
            table writer "rates" rates
        | BetaProbabilities(a, b) ->
            writer.WriteStartObject "beta"
            table writer "a" a
            table writer "b" b
        | DirichletProbabilities concentrations ->
            writer.WriteStartObject "dirichlet"
            writer.WriteStartArray "concentrations"

            for component' in concentrations do
                writer.WriteStartArray()

                for column in component' do
                    FamilyWriter.numbers writer (ReadOnlySpan column)

                writer.WriteEndArray()

            writer.WriteEndArray()

        writer.WriteEndObject()

    let private writePosterior (saved: SavedPosterior) (writer: Utf8JsonWriter) =
        writer.WriteStartObject "posterior"
        writer.WriteNumber("evidence_term", saved.Terms.Evidence)
        writer.WriteNumber("weights_divergence", saved.Terms.WeightsDivergence)
        writer.WriteNumber("components_divergence", saved.Terms.ComponentsDivergence)
        writer.WriteStartObject "weights"

        match saved.Weights with
        | DirichletWeights concentrations -> vector writer "dirichlet" concentrations
        | StickBreaking(a, b) ->
            writer.WriteStartObject "stick_breaking"
            vector writer "a" a
            vector writer "b" b
            writer.WriteEndObject()

        writer.WriteEndObject()
        writer.WriteStartObject "components"
        writeComponents writer saved.Components
        writer.WriteEndObject()
        vector writer "counts" saved.Counts
        FamilyWriter.texts writer "default_priors" saved.Priors
        writer.WriteEndObject()

    let private write (stream: Stream) (saved: SavedPosterior) =
        ModelWriter.writeWith (writePosterior saved) stream saved.Model.Mixture saved.Model.Fit

    /// The posterior, with the plug-in model, as JSON text.
    let toJson (saved: SavedPosterior) =
        use stream = new MemoryStream()
        write stream saved
        Encoding.UTF8.GetString(stream.GetBuffer(), 0, int stream.Length)

    let private positive where (values: float[]) =
        for value in values do
            if not (value > 0.0) then
                fail $"Expected numbers above 0 in '{where}', received {Wording.number value}."

        values

    let private readComponents (count: int) (parent: JsonElement) : ComponentsPosterior =
        let named =
            [ for property in parent.EnumerateObject() -> property.Name, property.Value ]

        let name, element =
            match named with
            | [ one ] -> one
            | _ -> fail $"Expected one posterior in 'posterior.components', received {named.Length}."

        let place own = $"posterior.components.{name}.{own}"

        let each own =
            required own element |> items (place own)

        let rows own =
            each own
            |> sized (place own) count "rows, one a weight,"
            |> Array.map (numbers (place own))

        let positiveRows own =
            rows own |> Array.map (positive (place own))

        let vector own =
            required own element |> numbers (place own) |> positive (place own)

        let strengths () =
            vector "strengths" |> sized (place "strengths") count "numbers, one a weight,"

        match name with
        | "normal_wishart" ->
            let means = rows "means"
            let d = means[0].Length

            let scales =
                each "scales"
                |> Array.map (fun matrix ->
                    let own =
                        items (place "scales") matrix
                        |> sized (place "scales") d "rows a matrix"
                        |> Array.map (numbers (place "scales") >> sized (place "scales") d "numbers a row")

                    Array2D.init d d (fun i j -> own[i][j]))

            NormalWishart(means, strengths (), vector "degrees_of_freedom", scales)
        | "normal_gamma" -> NormalGamma(rows "means", strengths (), positiveRows "shapes", positiveRows "rates")
        | "independent_normal_gamma" ->
            IndependentNormalGamma(rows "means", positiveRows "sds", positiveRows "shapes", positiveRows "rates")
        | "beta" -> BetaProbabilities(positiveRows "a", positiveRows "b")
        | "dirichlet" ->
            each "concentrations"
            |> sized (place "concentrations") count "lists, one a weight,"
            |> Array.map (
                items (place "concentrations")
                >> Array.map (numbers (place "concentrations") >> positive (place "concentrations"))
            )
            |> DirichletProbabilities
        | _ ->
            fail
                $"Expected normal_wishart, normal_gamma, independent_normal_gamma, beta or dirichlet in 'posterior.components', received '{name}'."

    let private readWeights (count: int) (parent: JsonElement) : WeightsPosterior =
        let shares where element =
            numbers where element
            |> positive where
            |> sized where count "numbers, one a weight,"

        match tryGet "dirichlet" parent, tryGet "stick_breaking" parent with
        | Some concentrations, None -> DirichletWeights(shares "posterior.weights.dirichlet" concentrations)
        | None, Some sticks ->
            let own name =
                required name sticks |> shares $"posterior.weights.stick_breaking.{name}"

            StickBreaking(own "a", own "b")
        | _ -> fail "Expected either dirichlet or stick_breaking in 'posterior.weights'."

    let private read (model: SavedModel) (posterior: JsonElement) : SavedPosterior =
        let count = model.Mixture.Count

        if posterior.ValueKind <> JsonValueKind.Object then
            fail $"Expected an object in 'posterior', received {kind posterior}."

        let real name =
            required name posterior |> number $"posterior.{name}"

        let inside name =
            let element = required name posterior

            if element.ValueKind <> JsonValueKind.Object then
                fail $"Expected an object in 'posterior.{name}', received {kind element}."

            element

        {
            Model = model
            Terms =
                {
                    Evidence = real "evidence_term"
                    WeightsDivergence = real "weights_divergence"
                    ComponentsDivergence = real "components_divergence"
                }
            Weights = readWeights count (inside "weights")
            Components = readComponents count (inside "components")
            Counts =
                required "counts" posterior
                |> numbers "posterior.counts"
                |> sized "posterior.counts" count "numbers, one a weight,"
            Priors =
                required "default_priors" posterior
                |> items "posterior.default_priors"
                |> Array.map (text "posterior.default_priors")
                |> Array.toList
        }

    /// The posterior of a JSON text, if the model has one; DataException tells what is wrong with the text.
    let tryOfJson (json: string) : SavedPosterior option =
        // a family of one's own has no posterior here, and its model is not read
        use document = JsonFile.document "the model is" json

        match document.RootElement.ValueKind with
        | JsonValueKind.Object ->
            tryGet "posterior" document.RootElement
            |> Option.map (fun posterior -> read (ModelFile.ofJson json) posterior)
        | _ -> None

    /// The posterior of a JSON text; DataException tells what is wrong with it, also where it is of a model without one.
    let ofJson (json: string) : SavedPosterior =
        match tryOfJson json with
        | Some posterior -> posterior
        | None ->
            ModelFile.ofJson json |> ignore
            fail "The model has no 'posterior': it was not fitted by coordinate ascent (cavi)."

    /// Saves a posterior. The file is written beside the path and moved into place, so that it is whole or not there.
    let save (path: string) (saved: SavedPosterior) =
        AtomicFile.Write(path, (fun stream -> write stream saved))

    /// Loads a posterior, if the model has one; DataException tells what is wrong with the file.
    let tryLoad (path: string) : SavedPosterior option =
        JsonFile.read "model file" tryOfJson path

    /// Loads a posterior; DataException tells what is wrong with the file.
    let load (path: string) : SavedPosterior = JsonFile.read "model file" ofJson path
