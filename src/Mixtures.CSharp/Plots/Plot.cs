using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>Pictures of models, fits and searches.</summary>
public static class Plot
{
    private const int GridPoints = 400;

    /// <summary>
    /// A model on data. One column: a histogram under the components' densities and their total; two: points by component
    /// with ellipses at one and two standard deviations; more: pairs of columns.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's.</exception>
    public static Figure Density(MixtureModel model, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var matched = data.MatchColumns(model.ColumnNames);
        return new Figure(
            model.Dimension switch
            {
                1 => Core.Charts.density1D(OneColumn(model, matched)),
                2 => Core.Charts.scatter2D(Components(model), Rows(model, matched)),
                _ => Core.Charts.pairs(Components(model), Rows(model, matched)),
            }
        );
    }

    /// <summary>How certain the classification is: one ascending line a component, over the share of its rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's.</exception>
    public static Figure Uncertainty(MixtureModel model, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return new Figure(Core.Charts.uncertainty(Names(model), model.Predict(data), model.Uncertainty(data)));
    }

    /// <summary>The log-likelihood at the start and after each iteration.</summary>
    /// <param name="fit">The fit.</param>
    public static Figure LogLikelihood(MixtureFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new Figure(
            Core.Charts.logLikelihood(
                0,
                [
                    [.. fit.History],
                ]
            )
        );
    }

    /// <summary>The criterion against the number of components, one line for each covariance structure.</summary>
    /// <param name="selection">The search's result.</param>
    public static Figure Selection(MixtureSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var candidates = selection.Candidates.Select(candidate => new Core.ChartCandidate(
            candidate.Covariance.ToString().ToLowerInvariant(),
            candidate.Components,
            candidate.Fit is { } fit ? Core.CriterionModule.value(selection.Criterion.ToCore(), fit.Value) : double.NaN
        ));
        return new Figure(
            Core.Charts.selection(selection.Criterion.ToString().ToUpperInvariant(), Interop.List(candidates))
        );
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

    private static string[] Names(MixtureModel model) =>
        [.. Enumerable.Range(0, model.Components).Select(Core.ChartComponentsModule.defaultName)];

    private static Core.ChartComponents Components(MixtureModel model) =>
        Core.ChartComponentsModule.create([.. model.Weights], [.. model.Means], [.. model.Covariances]);

    private static FSharpOption<double[]>? Weights(Dataset data) =>
        Interop.Option(data.HasWeights ? data.Weights.ToArray() : null);

    private static Core.ChartRows Rows(MixtureModel model, Dataset data) =>
        new(
            [.. model.ColumnNames],
            [.. Enumerable.Range(0, model.Dimension).Select(data.Column)],
            Weights(data),
            model.Predict(data),
            model.Uncertainty(data)
        );

    private static Core.ChartDensity OneColumn(MixtureModel model, Dataset data)
    {
        var values = data.Column(0);
        var (low, high) = (values.Min(), values.Max());
        var margin = 0.1 * (high - low);
        var step = (high - low + (2 * margin)) / (GridPoints - 1);
        double[] grid = [.. Enumerable.Range(0, GridPoints).Select(i => low - margin + (i * step))];
        var densities = model.ComponentLogDensities(Dataset.FromColumn(grid, model.ColumnNames[0]));
        var curves = Enumerable
            .Range(0, model.Components)
            .Select(k =>
                Enumerable.Range(0, GridPoints).Select(i => model.Weights[k] * Math.Exp(densities[i, k])).ToArray()
            );
        return new(model.ColumnNames[0], values, Weights(data), grid, [.. curves], Names(model), [.. model.Weights]);
    }
}
