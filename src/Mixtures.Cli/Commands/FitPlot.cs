using Mixtures.CSharp;

namespace MixturesCli.Commands;

/// <summary>A fit as a page of pictures.</summary>
internal static class FitPlot
{
    /// <summary>Where the page finds Plotly: 'cdn' or nothing for the network, otherwise a file that must be there.</summary>
    public static PlotlySource Source(string? plotly)
    {
        if (plotly is null or "cdn")
        {
            return PlotlySource.Cdn;
        }

        return File.Exists(plotly)
            ? PlotlySource.Inline(plotly)
            : throw new DataException(
                $"There is no file '{plotly}' to copy into the page: give --plotly the path of a plotly.min.js, or cdn."
            );
    }

    /// <summary>Saves the page.</summary>
    public static void Save(FitResult result, string path, PlotlySource plotly) =>
        Plot.SaveReport(path, result.Fit, result.Data, result.IsSelection ? result.Selection : null, plotly);
}
