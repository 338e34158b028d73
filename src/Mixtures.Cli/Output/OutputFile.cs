using System.Text;

namespace MixturesCli.Output;

/// <summary>Output files that are whole or not there.</summary>
internal static class OutputFile
{
    /// <summary>
    /// Checks, before the work begins, that there is a folder to write to, and that nothing that is read, or written as
    /// well, would be overwritten.
    /// </summary>
    public static void Check(string? path, params ReadOnlySpan<string?> others)
    {
        if (path is null)
        {
            return;
        }

        if (path.Length == 0)
        {
            throw new DataException("The name of the file to write is empty: give a path.");
        }

        var full = Path.GetFullPath(path);

        foreach (var other in others)
        {
            if (
                !string.IsNullOrEmpty(other)
                && Path.GetFullPath(other) == full
                && !full.StartsWith("/dev/", StringComparison.Ordinal)
            )
            {
                throw new DataException(
                    $"'{path}' is read or written already by this command: give the output another name."
                );
            }
        }

        if (Directory.Exists(full))
        {
            throw new DataException($"'{path}' is a folder: give the name of a file to write.");
        }

        if (Path.GetDirectoryName(full) is { } folder && !Directory.Exists(folder))
        {
            throw new DataException(
                $"There is no folder '{folder}' to write '{Path.GetFileName(full)}' to: make it first."
            );
        }
    }

    /// <summary>Writes beside the path, then moves into place; to standard output where there is no path.</summary>
    public static void Write(string? path, CancellationToken cancellationToken, Action<TextWriter> body)
    {
        if (path is null)
        {
            using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 65536);
            output.NewLine = "\n";
            body(output);
            return;
        }

        AtomicFile.Write(
            path,
            stream =>
            {
                using (var writer = new StreamWriter(stream, new UTF8Encoding(false), 65536, leaveOpen: true))
                {
                    writer.NewLine = "\n";
                    body(writer);
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        );
    }
}
