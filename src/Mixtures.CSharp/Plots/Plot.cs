using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>Pictures of models, fits and searches.</summary>
public static class Plot
{
    /// <summary>
    /// A model on data. One column: a histogram under the components' densities and their total; two: points by component
    /// with ellipses at one and two standard deviations; more: pairs of columns. Counts, levels, angles and bounded numbers:
    /// as <see cref="Marginals"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's.</exception>
    public static Figure Density(MixtureModel model, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return new Figure(Core.Plot.mixture(data, model.Mixture));
    }

    /// <summary>
    /// A model on data column by column, a panel each, drawn as the column's family asks: numbers as a histogram under
    /// densities, counts as shares with probabilities, levels as bars side by side. At most 12 columns are drawn.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's.</exception>
    /// <exception cref="ArgumentException">
    /// Several columns of components that are known by their log-density alone.
    /// </exception>
    public static Figure Marginals(MixtureModel model, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return new Figure(Core.Plot.marginals(data, model.Mixture));
    }

    /// <summary>How certain the classification is: one ascending line a component, over the share of its rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's.</exception>
    public static Figure Uncertainty(MixtureModel model, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return new Figure(Core.Plot.classification(data, model.Mixture));
    }

    /// <summary>The log-likelihood at the start and after each iteration.</summary>
    /// <param name="fit">The fit.</param>
    public static Figure LogLikelihood(MixtureFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new Figure(Core.Plot.logLikelihood(fit.Value));
    }

    /// <summary>The loss and the norm of the gradient at the start and after each step, the best step marked.</summary>
    /// <param name="fit">The fit.</param>
    public static Figure Losses(GradientFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new Figure(Core.Plot.losses(fit.Value));
    }

    /// <summary>
    /// The density of one column at steps of a gradient fit, over the data's histogram, with a slider and a play button.
    /// </summary>
    /// <param name="fit">The fit, made with <see cref="Gradient.WithParametersKept"/>.</param>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <param name="steps">The steps, from 0; none for at most 60, evenly spaced.</param>
    /// <exception cref="ArgumentException">
    /// There is no such step, the parameters were not kept, or more than one column varies.
    /// </exception>
    public static Figure Animation(GradientFit fit, Dataset data, params int[] steps)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(steps);
        return new Figure(Core.Plot.animation(Interop.List(steps), data, fit.Value));
    }

    /// <summary>The criterion against the number of components, one line for each covariance structure.</summary>
    /// <param name="selection">The search's result.</param>
    public static Figure Selection(MixtureSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        return new Figure(Core.Plot.selection(selection.Value));
    }

    /// <summary>Saves a page of figures, whole or not at all.</summary>
    /// <param name="path">The HTML file to write.</param>
    /// <param name="title">The page's title.</param>
    /// <param name="figures">The figures, in order.</param>
    /// <param name="plotly">Where the page finds Plotly; null for <see cref="PlotlySource.Cdn"/>.</param>
    /// <exception cref="DataException">The file cannot be written, or there is no Plotly where it says.</exception>
    public static void SavePage(string path, string title, IReadOnlyList<Figure> figures, PlotlySource? plotly = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(figures);
        var options = new Core.HtmlOptions(title, Core.Html.defaults.Language, (plotly ?? PlotlySource.Cdn).Value);
        Core.Html.saveReport(options, path, Interop.List(figures.Select(figure => Core.Html.section(figure.Value))));
    }

    /// <summary>
    /// Saves the report of a fit as a page: what was fitted and what to know about it, the model on the data, the search
    /// if there was one, the certainty of the classification, the log-likelihood by iteration and, of a gradient fit, the
    /// losses by step.
    /// </summary>
    /// <param name="path">The HTML file to write.</param>
    /// <param name="fit">The fit.</param>
    /// <param name="data">The rows it was fitted to.</param>
    /// <param name="selection">The search that the fit won; null if there was none.</param>
    /// <param name="plotly">Where the page finds Plotly; null for <see cref="PlotlySource.Cdn"/>.</param>
    /// <exception cref="DataException">The file cannot be written, or there is no Plotly where it says.</exception>
    public static void SaveReport(
        string path,
        MixtureFit fit,
        Dataset data,
        MixtureSelection? selection = null,
        PlotlySource? plotly = null
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(data);
        var options = new Core.HtmlOptions("", Core.Html.defaults.Language, (plotly ?? PlotlySource.Cdn).Value);
        var selected = Interop.Option(selection?.Value);

        if (fit.Gradient is { } gradient)
        {
            Core.Plot.saveGradientReport(options, path, data, selected, gradient.Value);
        }
        else
        {
            Core.Plot.saveReport(options, path, data, selected, fit.Value);
        }
    }
}
