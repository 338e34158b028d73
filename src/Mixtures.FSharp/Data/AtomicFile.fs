namespace Mixtures

open System
open System.IO

/// Files that are whole or not there.
[<RequireQualifiedAccess>]
module internal AtomicFile =

    /// Writes beside the path, then moves into place; nothing is left behind when writing fails. DataException where
    /// the place cannot be written to.
    let write (path: string) (body: Stream -> unit) =
        let full = Path.GetFullPath path
        let directory = Path.GetDirectoryName full |> nonNull

        if not (Directory.Exists directory) then
            raise (
                DataException $"There is no folder '{directory}' to write '{Path.GetFileName full}' to: make it first."
            )

        let temporary =
            Path.Combine(directory, $".{Path.GetFileName full}.{Guid.NewGuid():N}.tmp")

        try
            try
                (use stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write)
                 body stream)

                File.Move(temporary, full, true)
            with
            | :? UnauthorizedAccessException
            | :? IOException as e -> raise (DataException($"'{path}' cannot be written: {e.Message}", e))
        finally
            if File.Exists temporary then
                File.Delete temporary
