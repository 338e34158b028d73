using System.Text;

namespace MixturesCli.Output;

/// <summary>Output files that are whole or not there.</summary>
internal static class OutputFile
{
    /// <summary>Checks, before the work begins, that there is a folder to write to.</summary>
    public static void Check(string? path)
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

        var full = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");

        try
        {
            using (var writer = new StreamWriter(temporary, false, new UTF8Encoding(false), 65536))
            {
                writer.NewLine = "\n";
                body(writer);
            }

            cancellationToken.ThrowIfCancellationRequested();
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"'{path}' cannot be written: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
