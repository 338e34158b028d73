using System.Runtime.InteropServices;
using MixturesCli.Output;

namespace MixturesCli;

/// <summary>
/// Ctrl-C and SIGTERM. While something is protected (a fit that has a result so far, a file being written) the first
/// signal only cancels the token; otherwise, and at the second signal, the process ends.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private int protectedDepth;

    public Interruption() =>
        registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Runs a body that the first signal must not cut off.</summary>
    public T Protect<T>(Func<T> body)
    {
        Interlocked.Increment(ref protectedDepth);

        try
        {
            return body();
        }
        finally
        {
            Interlocked.Decrement(ref protectedDepth);
        }
    }

    /// <summary>Runs a body that the first signal must not cut off.</summary>
    public void Protect(Action body) =>
        Protect(() =>
        {
            body();
            return true;
        });

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        var first = !source.IsCancellationRequested;
        source.Cancel();

        if (!first || Volatile.Read(ref protectedDepth) == 0)
        {
            Terminal.Say("Interrupted.");
            Environment.Exit(ExitCode.Interrupted);
        }
    }
}
