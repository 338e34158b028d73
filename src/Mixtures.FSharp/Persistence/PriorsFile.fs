namespace Mixtures

open System
open System.IO
open System.Text
open System.Text.Json

/// Priors as JSON files, for specifications in any language:
///
///     { "weights": {"dirichlet": 0.5}, "means": {"normal": {"mean": 0, "sd": 10}}, "scales": {"half_cauchy": 2} }
///
/// Numbers may be lists, which broadcast with the parameter: one number a column, K lists of one a component.
[<RequireQualifiedAccess>]
module PriorsFile =

    /// The names of the distributions that files can hold.
    let distributions = PriorsJson.distributions

    /// The priors as JSON text. Raises ArgumentException for a distribution that files cannot hold.
    let toJson (priors: Priors) =
        for name, prior in priors.Parameters do
            if not (PriorsJson.canHold prior) then
                let known = String.concat ", " distributions

                invalidArg
                    (nameof priors)
                    $"expected a prior of {name} that files can hold ({known}), received a {prior.Name} distribution"

        use stream = new MemoryStream()

        using (new Utf8JsonWriter(stream, JsonWriterOptions(Indented = true))) (fun writer ->
            PriorsJson.write writer priors)

        Encoding.UTF8.GetString(stream.GetBuffer(), 0, int stream.Length)

    /// The priors of a JSON text; DataException tells what is wrong, and where.
    let ofJson (json: string) : Priors =
        use document = JsonFile.document "the priors are" json
        PriorsJson.read "priors" document.RootElement

    /// Saves priors. The file is written beside the path and moved into place, so that it is whole or not there. Raises
    /// ArgumentException for a distribution that files cannot hold.
    let save (path: string) (priors: Priors) =
        let json = Encoding.UTF8.GetBytes(toJson priors)
        AtomicFile.Write(path, (fun stream -> stream.Write(ReadOnlySpan json)))

    /// Loads priors; DataException tells what is wrong with the file, and where.
    let load (path: string) : Priors =
        JsonFile.read "file of priors" ofJson path
