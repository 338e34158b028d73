namespace Mixtures

open System
open System.IO
open System.Text
open System.Text.Json

/// A model read from a file, with the fit that it came from where the file tells.
[<NoEquality; NoComparison>]
type SavedModel =
    {
        /// The mixture.
        Mixture: Mixture
        /// The numbers of its fit.
        Fit: FitSummary option
    }

/// Mixtures as JSON files: versioned, readable, writable by hand, doubles to the last bit.
[<RequireQualifiedAccess>]
module ModelFile =

    /// The model as JSON text.
    let toJson (fit: FitSummary option) (mixture: Mixture) =
        use stream = new MemoryStream()
        ModelWriter.write stream mixture fit
        Encoding.UTF8.GetString(stream.GetBuffer(), 0, int stream.Length)

    let private parse (family: IComponentFamily option) (json: string) : SavedModel =
        use document = JsonFile.document "the model is" json
        let struct (mixture, fit) = ModelReader.read family document.RootElement
        { Mixture = mixture; Fit = fit }

    /// The model of a JSON text; DataException tells what is wrong with it.
    let ofJson (json: string) : SavedModel = parse None json

    /// The model of a JSON text whose family was made by Component.ofLogDensity; DataException tells what is wrong with
    /// it, also where it is of another family.
    let ofJsonWith (family: IComponentFamily) (json: string) : SavedModel = parse (Some family) json

    /// Saves the model. The file is written beside the path and moved into place, so that it is whole or not there.
    let save (path: string) (fit: FitSummary option) (mixture: Mixture) =
        AtomicFile.Write(path, (fun stream -> ModelWriter.write stream mixture fit))

    /// Saves a fit's mixture with the fit's numbers.
    let saveFit (path: string) (fit: MixtureFit) =
        save path (Some fit.Summary) fit.Mixture

    /// Loads a model; DataException tells what is wrong with the file.
    let load (path: string) : SavedModel =
        JsonFile.read "model file" (parse None) path

    /// Loads a model whose family was made by Component.ofLogDensity: files hold its parameters, not its log-density.
    /// DataException tells what is wrong with the file, also where it is of another family.
    let loadWith (family: IComponentFamily) (path: string) : SavedModel =
        JsonFile.read "model file" (parse (Some family)) path
