using System.Globalization;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>Plain EM step by step, as CSV: what --trace writes.</summary>
internal static class FitTrace
{
    /// <summary>Writes the start and as many steps as the fit took: log-likelihood, loss (nats a row) and Q of each.</summary>
    public static void Save(
        string path,
        MixtureModel start,
        FitResult result,
        Em em,
        CancellationToken cancellationToken
    )
    {
        var trace = EmTrace.Run(start, result.Data, result.Fit.Iterations, em);
        OutputFile.Write(
            path,
            cancellationToken,
            writer =>
            {
                writer.WriteRow(["iteration", "log_likelihood", "loss", "q"]);

                foreach (var step in trace)
                {
                    writer.WriteRow([
                        step.Iteration.ToString(CultureInfo.InvariantCulture),
                        Terminal.Exact(step.LogLikelihood),
                        Terminal.Exact(step.Loss),
                        Terminal.Exact(step.ExpectedCompleteLogLikelihood),
                    ]);
                }
            }
        );
    }
}
