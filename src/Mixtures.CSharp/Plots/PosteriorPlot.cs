using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Pictures of posteriors. Draws of a specification have their components renumbered; those of a program are as they were drawn.
/// </summary>
public static class PosteriorPlot
{
    /// <summary>
    /// The mixture at the means of the draws on the data; of one column with the band that holds 90 % of the draws' densities.
    /// </summary>
    /// <param name="sample">Draws of a specification.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public static Figure Density(PosteriorSample sample, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(data);
        return new(Core.PosteriorPlot.density(data, sample.Value));
    }

    /// <summary>
    /// The mixture at a guide's centre on the data; of one column with the band that holds 90 % of its draws' densities.
    /// </summary>
    /// <param name="fit">A guide of a specification.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public static Figure Density(SviFit fit, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(data);
        return new(Core.PosteriorPlot.guideDensity(data, fit.Value));
    }

    /// <summary>The density of two columns, averaged over draws, as an image.</summary>
    /// <param name="sample">Draws of a specification of two columns.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="ArgumentException">The data have another number of columns.</exception>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public static Figure DensityImage(PosteriorSample sample, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(data);
        return new(Core.PosteriorPlot.densityImage(data, sample.Value));
    }

    /// <summary>The density of two columns, averaged over draws from a guide, as an image.</summary>
    /// <param name="fit">A guide of a specification of two columns.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="ArgumentException">The data have another number of columns.</exception>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public static Figure DensityImage(SviFit fit, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(data);
        return new(Core.PosteriorPlot.guideDensityImage(data, fit.Value));
    }

    /// <summary>How much the densities of draws differ: their standard deviation, as an image.</summary>
    /// <param name="sample">Draws of a specification of two columns.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="ArgumentException">The data have another number of columns.</exception>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public static Figure DensityUncertainty(PosteriorSample sample, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(data);
        return new(Core.PosteriorPlot.densityUncertainty(data, sample.Value));
    }

    /// <summary>How much the densities of a guide's draws differ: their standard deviation, as an image.</summary>
    /// <param name="fit">A guide of a specification of two columns.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="ArgumentException">The data have another number of columns.</exception>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public static Figure DensityUncertainty(SviFit fit, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(data);
        return new(Core.PosteriorPlot.guideDensityUncertainty(data, fit.Value));
    }

    /// <summary>Draws by chain in the order in which they were made, a panel for each number.</summary>
    /// <param name="sample">The draws.</param>
    /// <param name="names">The numbers, such as means[1,1]; none for all, at most 8.</param>
    /// <exception cref="ArgumentException">There is no number of that name.</exception>
    public static Figure Trace(PosteriorSample sample, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(Core.Plot.trace(Interop.List(names), sample.Value.Relabelled));
    }

    /// <summary>How the ranks of each chain's draws are spread among those of all: level where chains agree.</summary>
    /// <param name="sample">The draws.</param>
    /// <param name="name">The number, such as means[1,1].</param>
    /// <exception cref="ArgumentException">There is no number of that name.</exception>
    public static Figure Ranks(PosteriorSample sample, string name)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(name);
        return new(Core.Plot.ranks(name, sample.Value.Relabelled));
    }

    /// <summary>Histograms of draws with medians and intervals of 90 %.</summary>
    /// <param name="sample">The draws.</param>
    /// <param name="names">The numbers, such as means[1,1]; none for all, at most 12.</param>
    /// <exception cref="ArgumentException">There is no number of that name.</exception>
    public static Figure Histograms(PosteriorSample sample, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(Core.Plot.histograms(Interop.List(names), sample.Value.Relabelled));
    }

    /// <summary>Contours of the logarithm of one plus the number of draws, over two numbers.</summary>
    /// <param name="sample">The draws.</param>
    /// <param name="first">The number across.</param>
    /// <param name="second">The number upwards.</param>
    /// <exception cref="ArgumentException">There is no number of that name.</exception>
    public static Figure Joint(PosteriorSample sample, string first, string second)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new(Core.Plot.joint(first, second, sample.Value.Relabelled));
    }

    /// <summary>Draws in pairs of numbers, those whose trajectories diverged marked.</summary>
    /// <param name="sample">The draws.</param>
    /// <param name="names">The numbers, such as means[1,1]; none for all, at most 6.</param>
    /// <exception cref="ArgumentException">There is no number of that name, or only one.</exception>
    public static Figure Pairs(PosteriorSample sample, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(Core.PosteriorPlot.pairs(Interop.List(names), sample.Value));
    }

    /// <summary>How probable it is that rows belong together, those of a cluster side by side; at most 5000 rows.</summary>
    /// <param name="sample">The draws.</param>
    /// <param name="mostDraws">At most so many draws, evenly spaced.</param>
    /// <exception cref="ArgumentException">There are more than 5000 rows.</exception>
    public static Figure Coassignment(PosteriorSample sample, int mostDraws = 500)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostDraws, 1);
        return new(Core.PosteriorPlot.coassignment(mostDraws, sample.Value));
    }

    /// <summary>A parameter of every component in all draws, as they were drawn and as they are renumbered.</summary>
    /// <param name="sample">Draws of a specification.</param>
    /// <param name="parameter">Which number of a component, from 0: those of its sites in their order.</param>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    /// <exception cref="ArgumentException">There is no such number.</exception>
    public static Figure LabelSwitching(PosteriorSample sample, int parameter = 0)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(Core.PosteriorPlot.labelSwitching(parameter, sample.Value));
    }

    /// <summary>The lower bound before each step, smoothed, the steps that are averaged and the final bound.</summary>
    /// <param name="fit">The fit.</param>
    public static Figure Bound(SviFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new(Core.Plot.elbo(fit.Value));
    }

    /// <summary>The densities of a site's numbers under a guide.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="site">The site, such as means.</param>
    /// <param name="draws">Of how many draws.</param>
    /// <exception cref="ArgumentException">There is no site of that name.</exception>
    public static Figure Posterior(SviFit fit, string site, int draws = 4000)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(site);
        return new(Core.Plot.posterior(draws, site, fit.Value));
    }

    /// <summary>The joint density of two numbers under a guide.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="first">The site across, and which of its numbers, from 0.</param>
    /// <param name="second">The site upwards, and which of its numbers, from 0.</param>
    /// <param name="draws">Of how many draws.</param>
    /// <exception cref="ArgumentException">There is no such site or number.</exception>
    public static Figure Joint(
        SviFit fit,
        (string Site, int Place) first,
        (string Site, int Place) second,
        int draws = 4000
    )
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new(Core.Plot.jointPosterior(draws, first.Site, first.Place, second.Site, second.Place, fit.Value));
    }

    /// <summary>
    /// Saves the report of a sample as a page: what was sampled and what to know about it, the mixture on the data (of a
    /// specification), pairs with divergences, histograms, traces, ranks, labels, co-assignments.
    /// </summary>
    /// <param name="path">The HTML file to write.</param>
    /// <param name="sample">The draws.</param>
    /// <param name="data">The rows; null for a program.</param>
    /// <param name="plotly">Where the page finds Plotly; null for <see cref="PlotlySource.Cdn"/>.</param>
    /// <exception cref="DataException">The file cannot be written, or there is no Plotly where it says.</exception>
    /// <exception cref="ArgumentException">There are fewer than 6 draws in a chain.</exception>
    public static void SaveReport(
        string path,
        PosteriorSample sample,
        Dataset? data = null,
        PlotlySource? plotly = null
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(sample);
        Core.PosteriorPlot.saveReport(Options(plotly), path, Interop.Option(data), sample.Value);
    }

    /// <summary>
    /// Saves the report of a guide as a page: what was fitted and what to know about it, the mixture on the data (of a
    /// specification), the bound by step and the densities of every site.
    /// </summary>
    /// <param name="path">The HTML file to write.</param>
    /// <param name="fit">The fit.</param>
    /// <param name="data">The rows; null for a program.</param>
    /// <param name="plotly">Where the page finds Plotly; null for <see cref="PlotlySource.Cdn"/>.</param>
    /// <exception cref="DataException">The file cannot be written, or there is no Plotly where it says.</exception>
    public static void SaveReport(string path, SviFit fit, Dataset? data = null, PlotlySource? plotly = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(fit);
        Core.PosteriorPlot.saveGuideReport(Options(plotly), path, Interop.Option(data), fit.Value);
    }

    private static Core.HtmlOptions Options(PlotlySource? plotly) =>
        new("", Core.Html.defaults.Language, (plotly ?? PlotlySource.Cdn).Value);
}
