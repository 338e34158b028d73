namespace Mixtures

open System
open System.Text.Json

/// Posterior samples as JSON files: every draw, in the free real numbers, what the trajectories were like, and the state of
/// each chain to go on from; doubles to the last bit. They hold neither data nor priors: a file is read with the model that
/// it was made with.
[<RequireQualifiedAccess>]
module SampleFile =

    open JsonElements
    open InferenceJson

    [<Literal>]
    let private Format = "mixtures-sample"

    let private massName mass =
        match mass with
        | DiagonalMass -> "diagonal"
        | DenseMass -> "dense"

    let private writeOptions (writer: Utf8JsonWriter) (options: NutsOptions) =
        writer.WriteStartObject "options"
        writer.WriteNumber("chains", options.Chains)
        writer.WriteNumber("draws", options.Draws)
        writer.WriteNumber("warmup", options.Warmup)
        writer.WriteNumber("target_acceptance", options.TargetAcceptance)
        writer.WriteNumber("max_tree_depth", options.MaxTreeDepth)
        writer.WriteString("mass", massName options.Mass)
        writer.WriteNumber("seed", options.Seed)
        writer.WriteEndObject()

    let private writeState (writer: Utf8JsonWriter) (model: BayesianModel) (state: NutsChainState) =
        let struct (density, _) = model.Evaluate state.Position
        writer.WriteStartObject "state"
        writer.WriteNumber("transitions", state.Transitions)
        writeNumber writer "log_density" density
        writeNumbers writer "position" state.Position
        writer.WriteNumber("step_size", state.StepSize)
        writer.WriteStartObject "averaging"
        writer.WriteNumber("count", state.Averaging.Count)
        writer.WriteNumber("centre", state.Averaging.Centre)
        writer.WriteNumber("shortfall", state.Averaging.Shortfall)
        writer.WriteNumber("log_mean", state.Averaging.LogMean)
        writer.WriteNumber("step_size", state.Averaging.StepSize)
        writer.WriteEndObject()
        writeNumbers writer "inverse_mass" state.InverseMass
        writer.WriteStartObject "window"
        writer.WriteNumber("count", state.Window.Count)
        writeNumbers writer "mean" state.Window.Mean
        writeNumbers writer "scatter" state.Window.Scatter
        writer.WriteEndObject()
        writer.WriteEndObject()

    let private writeChain (writer: Utf8JsonWriter) (model: BayesianModel) (draws: float[]) (chain: NutsChainReport) =
        let d = model.Dimension
        writer.WriteStartObject()
        writer.WriteNumber("seconds", chain.Seconds)
        writer.WriteNumber("warmup_leapfrogs", chain.WarmupLeapfrogs)
        writeState writer model chain.State
        writeNumbers writer "log_densities" chain.LogDensities
        writeNumbers writer "energies" chain.Energies
        writeNumbers writer "acceptances" chain.Acceptances
        writeWholes writer "tree_depths" chain.TreeDepths
        writeWholes writer "leapfrogs" chain.Leapfrogs
        writeWholes writer "divergent" (chain.Divergent |> Array.map (fun own -> if own then 1 else 0))
        writer.WritePropertyName "draws"
        FamilyWriter.matrix writer (draws.Length / d) d draws 0
        writer.WriteEndObject()

    let private write (sample: PosteriorSample) (writer: Utf8JsonWriter) =
        let run = sample.Run
        writeHead writer Format sample.Model.Sites
        writeOptions writer run.Options
        writer.WriteBoolean("interrupted", run.Interrupted)
        writer.WriteNumber("seconds", run.Seconds)
        writer.WriteNumber("draws_per_second", run.DrawsPerSecond)
        writer.WriteStartArray "chains"
        Array.iter2 (writeChain writer sample.Model) run.Draws.Chains run.Chains
        writer.WriteEndArray()

    let private readOptions (root: JsonElement) : NutsOptions =
        let own = required "options" root |> inside "options"

        let options =
            {
                Chains = whole "chains" own
                Draws = whole "draws" own
                Warmup = whole "warmup" own
                TargetAcceptance = required "target_acceptance" own |> number "options.target_acceptance"
                MaxTreeDepth = whole "max_tree_depth" own
                Mass =
                    match text "mass" own with
                    | "diagonal" -> DiagonalMass
                    | "dense" -> DenseMass
                    | other -> fail $"Expected diagonal or dense in 'options.mass', received '{other}'."
                Seed = whole "seed" own
                Threads = 0
            }

        try
            NutsOptions.check options
        with :? ArgumentException as e ->
            fail $"In 'options': {e.Message}"

        options

    let private readState
        (options: NutsOptions)
        (d: int)
        (chain: int)
        (parent: JsonElement)
        : struct (NutsChainState * float) =
        let place name = $"chains[{chain + 1}].state.{name}"
        let own = required "state" parent |> inside (place "state")
        let averaging = required "averaging" own |> inside (place "averaging")
        let window = required "window" own |> inside (place "window")

        let real name element =
            required name element |> number (place name)

        let sizedNumbers name size element =
            required name element
            |> numbers (place name)
            |> sized (place name) size "numbers"

        let squares =
            match options.Mass with
            | DiagonalMass -> d
            | DenseMass -> d * d

        let inverseMass = sizedNumbers "inverse_mass" squares own

        try
            InverseMass.create options.Mass d inverseMass |> ignore
        with :? ArgumentException as e ->
            fail $"In '{place (nameof inverseMass)}': {e.Message}"

        let transitions = whole "transitions" own

        if transitions < 0 then
            fail $"Expected 0 or more in '{place (nameof transitions)}', received {transitions}."

        struct ({
                    Seed = options.Seed
                    Chain = chain
                    Transitions = transitions
                    Warmup = options.Warmup
                    Position = sizedNumbers "position" d own
                    StepSize = real "step_size" own
                    Averaging =
                        {
                            Count = whole "count" averaging
                            Centre = real "centre" averaging
                            Shortfall = real "shortfall" averaging
                            LogMean = real "log_mean" averaging
                            StepSize = real "step_size" averaging
                        }
                    Mass = options.Mass
                    InverseMass = inverseMass
                    Window =
                        {
                            Count = whole "count" window
                            Mean = sizedNumbers "mean" d window
                            Scatter = sizedNumbers "scatter" squares window
                        }
                },
                real "log_density" own)

    let private readChain (options: NutsOptions) (model: BayesianModel) (chain: int) (own: JsonElement) =
        let place name = $"chains[{chain + 1}].{name}"
        inside "chains" own |> ignore
        let d = model.Dimension

        let draws =
            required "draws" own
            |> items (place "draws")
            |> Array.collect (numbers (place "draws") >> sized (place "draws") d "numbers a draw")

        let count = draws.Length / d

        let each name =
            required name own
            |> numbers (place name)
            |> sized (place name) count "numbers, one a draw,"

        let eachWhole name =
            wholes (place name) name own
            |> sized (place name) count "whole numbers, one a draw,"

        let struct (state, density) = readState options d chain own

        if max 0 (state.Transitions - options.Warmup) <> count then
            fail
                $"Expected as many draws as transitions after warm-up ({max 0 (state.Transitions - options.Warmup)}) in '{place (nameof draws)}', received {count}."

        checkDensity $"chain {chain + 1}'s last point" density model state.Position

        draws,
        {
            LogDensities = each "log_densities"
            Energies = each "energies"
            Acceptances = each "acceptances"
            TreeDepths = eachWhole "tree_depths"
            Leapfrogs = eachWhole "leapfrogs"
            Divergent = eachWhole "divergent" |> Array.map ((<>) 0)
            WarmupLeapfrogs = required "warmup_leapfrogs" own |> number (place "warmup_leapfrogs") |> int64
            Seconds = required "seconds" own |> number (place "seconds")
            State = state
        }

    let private read (model: BayesianModel) (root: JsonElement) : PosteriorSample =
        checkHead Format "a saved sample" model.Sites root
        let options = readOptions root

        let chains =
            required "chains" root
            |> items "chains"
            |> sized "chains" options.Chains "chains"
            |> Array.mapi (readChain options model)

        let real name = required name root |> number name

        PosteriorSample.ofRun
            model
            {
                Draws = Draws.create (Array.init model.Dimension (fun i -> $"x[{i + 1}]")) (Array.map fst chains)
                Chains = Array.map snd chains
                Options = options
                Interrupted = truth "interrupted" root
                Seconds = real "seconds"
                DrawsPerSecond = real "draws_per_second"
            }

    /// The sample as JSON text.
    let toJson (sample: PosteriorSample) : string = JsonFile.text (write sample)

    /// The sample of a JSON text, of the model that it was made with; DataException tells what is wrong with it, also where it is
    /// of another model, of other data or of other priors.
    let ofJson (model: BayesianModel) (json: string) : PosteriorSample =
        use document = JsonFile.document "the sample is" json
        read model document.RootElement

    /// Saves a sample. The file is written beside the path and moved into place, so that it is whole or not there.
    let save (path: string) (sample: PosteriorSample) = JsonFile.save path (write sample)

    /// Loads a sample of the model that it was made with, to look at or to go on from (PosteriorSample.resume gives the draws of
    /// one long run); DataException tells what is wrong with the file, also where it is of another model, of other data or of
    /// other priors.
    let load (path: string) (model: BayesianModel) : PosteriorSample =
        JsonFile.read "file of a sample" (ofJson model) path
