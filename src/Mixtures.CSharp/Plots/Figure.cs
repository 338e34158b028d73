using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>A Plotly figure as a value. Immutable.</summary>
public sealed class Figure
{
    internal Figure(Core.Figure value) => Value = value;

    internal Core.Figure Value { get; }

    /// <summary>The title; empty where there is none.</summary>
    public string Title => Core.FigureModule.tryTitle(Value)?.Value ?? "";

    /// <summary>What the figure shows, in words; empty where there is no summary.</summary>
    public string Summary => Core.FigureModule.trySummary(Value)?.Value ?? "";

    /// <summary>The figure in Plotly's JSON, {data, layout, frames}. Numbers read back to the same bits.</summary>
    public string ToJson() => Core.FigureModule.toJson(Value);

    /// <summary>Saves the figure in Plotly's JSON, whole or not at all.</summary>
    /// <param name="path">The file to write.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void SaveJson(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.FigureModule.saveJson(path, Value);
    }

    /// <summary>Saves a page of the figure, whole or not at all.</summary>
    /// <param name="path">The HTML file to write.</param>
    /// <param name="plotly">Where the page finds Plotly; null for <see cref="PlotlySource.Cdn"/>.</param>
    /// <exception cref="DataException">The file cannot be written, or there is no Plotly where it says.</exception>
    public void SaveHtml(string path, PlotlySource? plotly = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        Plot.SavePage(path, Title, [this], plotly);
    }
}

/// <summary>Where a page finds Plotly's JavaScript.</summary>
public sealed class PlotlySource
{
    private PlotlySource(Core.PlotlySource value) => Value = value;

    /// <summary>On Plotly's own server: a small page, which needs the network to be drawn.</summary>
    public static PlotlySource Cdn { get; } = new(Core.PlotlySource.Cdn);

    internal Core.PlotlySource Value { get; }

    /// <summary>Copied into the page: a page of about 5 MB, which needs nothing else.</summary>
    /// <param name="path">A plotly.min.js.</param>
    public static PlotlySource Inline(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(Core.PlotlySource.NewInline(path));
    }

    /// <summary>In a file beside the page: a small page that works offline together with that file.</summary>
    /// <param name="fileName">The file's name, relative to the page.</param>
    public static PlotlySource Beside(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        return new(Core.PlotlySource.NewBeside(fileName));
    }
}
