namespace MixturesCli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Done, also where a fit did not converge.</summary>
    public const int Done = 0;

    /// <summary>The data or the fit is at fault.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage.</summary>
    public const int WrongUsage = 2;

    /// <summary>Interrupted; what was reached is saved.</summary>
    public const int Interrupted = 130;
}
