namespace Mixtures

open System
open System.IO

/// Files that are whole or not there.
[<AbstractClass; Sealed>]
type AtomicFile private () =

    /// Whether a path is one of the system's own, such as a device or a descriptor.
    static let isSystem (full: string) =
        full.StartsWith("/dev/", StringComparison.Ordinal)
        || full.StartsWith("/proc/", StringComparison.Ordinal)

    /// Devices and pipes cannot be moved over: they are written to as they are.
    static let isStream (full: string) =
        isSystem full
        || (File.Exists full
            && (use existing =
                    new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)

                not existing.CanSeek))

    /// The permissions of a file that is there; refuses one that may not be written to.
    static let modeOf (path: string) (full: string) =
        if OperatingSystem.IsWindows() || not (File.Exists full) then
            None
        else
            let mode = File.GetUnixFileMode full

            if mode &&& UnixFileMode.UserWrite = UnixFileMode.None then
                raise (DataException $"'{path}' is read-only: give another name, or make it writable.")

            Some mode

    /// Writes beside the path, then moves into place; nothing is left behind when writing fails. Links are followed,
    /// permissions kept, and devices and pipes written to directly. DataException where the place cannot be written to.
    static member Write(path: string, body: Action<Stream>) =
        ArgumentNullException.ThrowIfNull(path, nameof path)
        ArgumentNullException.ThrowIfNull(body, nameof body)

        if path.Length = 0 then
            raise (DataException "The name of the file to write is empty: give a path.")

        let given = Path.GetFullPath path

        let full =
            if isSystem given || not (File.Exists given) then
                given
            else
                match File.ResolveLinkTarget(given, true) with
                | null -> given
                | target -> target.FullName

        let directory = Path.GetDirectoryName full |> nonNull

        if not (Directory.Exists directory) then
            raise (
                DataException $"There is no folder '{directory}' to write '{Path.GetFileName full}' to: make it first."
            )

        let temporary =
            Path.Combine(directory, $".{Path.GetFileName full}.{Guid.NewGuid():N}.tmp")

        try
            try
                if isStream full then
                    use stream =
                        new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)

                    body.Invoke stream
                else
                    let mode = modeOf path full

                    (use stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write)
                     body.Invoke stream)

                    match mode with
                    | Some mode when not (OperatingSystem.IsWindows()) -> File.SetUnixFileMode(temporary, mode)
                    | _ -> ()

                    File.Move(temporary, full, true)
            with
            | :? UnauthorizedAccessException as e ->
                raise (DataException($"'{path}' cannot be written: permission was denied. Give another place.", e))
            | :? IOException as e ->
                let reason = e.Message.Replace(temporary, full)
                raise (DataException($"'{path}' cannot be written: {reason}", e))
        finally
            if File.Exists temporary then
                File.Delete temporary
