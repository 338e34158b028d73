using System.Text.Json;
using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Pictures from C#; what is drawn is tested in the core.</summary>
public class PlotTests
{
    private static readonly Dataset Faithful = Dataset.FromCsv(Samples.Faithful);

    /// <summary>Catches the wrong chart for the number of columns, and figures that are no Plotly JSON.</summary>
    [Fact]
    public void TheChartSuitsTheColumns()
    {
        var waiting = Faithful.Select(["waiting"]);
        var iris = Samples.ReadIris();
        var one = Plot.Density(Mixture.Gaussian(2).Fit(waiting).Model, waiting);
        var two = Plot.Density(Mixture.Gaussian(2).Fit(Faithful).Model, Faithful);
        var four = Plot.Density(Mixture.Gaussian(3).Fit(iris).Model, iris);
        Assert.Contains("bar", Types(one));
        Assert.DoesNotContain("bar", Types(two));
        Assert.Contains("bar", Types(four));
        Assert.True(Types(four).Count > Types(two).Count);
        Assert.NotEqual("", two.Title);
        Assert.NotEqual("", two.Summary);
    }

    /// <summary>Catches a total density that does not integrate to one: the curves of one column are made here.</summary>
    [Fact]
    public void OneColumnsDensityIntegratesToOne()
    {
        var waiting = Faithful.Select(["waiting"]);
        var figure = Plot.Density(Mixture.Gaussian(2).Fit(waiting).Model, waiting);
        using var json = JsonDocument.Parse(figure.ToJson());
        var curves = json.RootElement.GetProperty("data").EnumerateArray().Where(trace => Type(trace) == "scatter");
        var areas = curves.Select(Area).ToArray();
        Assert.Equal(3, areas.Length);
        Assert.Equal(1.0, areas.Max(), 0.02);
        Assert.Equal(areas.Max(), areas.Sum() - areas.Max(), 1e-6);
    }

    /// <summary>Catches charts of a fit and of a search that lack numbers.</summary>
    [Fact]
    public void FitsAndSearches()
    {
        var selection = Selection.Gaussians(1, 3, CovarianceStructure.Full, CovarianceStructure.Tied).Fit(Faithful);
        var likelihood = Plot.LogLikelihood(selection.Best);
        using var json = JsonDocument.Parse(likelihood.ToJson());
        var lines = json.RootElement.GetProperty("data").EnumerateArray();
        Assert.Contains(lines, line => line.GetProperty("y").GetArrayLength() == selection.Best.History.Count);
        var criterion = Plot.Selection(selection);
        Assert.Contains("BIC", criterion.ToJson());
        Assert.Contains("tied", criterion.ToJson());
        Assert.NotEmpty(Types(Plot.Uncertainty(selection.Best.Model, Faithful)));
    }

    /// <summary>Catches pages that are half-written, or find Plotly elsewhere than they were told.</summary>
    [Fact]
    public void Pages()
    {
        using var folder = new TemporaryFolder();
        var figure = Plot.Density(Mixture.Gaussian(2).Fit(Faithful).Model, Faithful);
        figure.SaveHtml(folder["cdn.html"]);
        Assert.Contains("cdn.plot.ly", File.ReadAllText(folder["cdn.html"]));
        figure.SaveHtml(folder["beside.html"], PlotlySource.Beside("plotly.min.js"));
        Assert.Contains("src=\"plotly.min.js\"", File.ReadAllText(folder["beside.html"]));
        var script = folder.Write("plotly.min.js", "var marker = 1;");
        Plot.SavePage(folder["inline.html"], "A <title>", [figure, figure], PlotlySource.Inline(script));
        var page = File.ReadAllText(folder["inline.html"]);
        Assert.Contains("var marker = 1;", page);
        Assert.Contains("A &lt;title&gt;", page);
        Assert.DoesNotContain("cdn.plot.ly", page);
        figure.SaveJson(folder["figure.json"]);
        Assert.Equal(figure.ToJson(), File.ReadAllText(folder["figure.json"]));
        var missing = PlotlySource.Inline(folder["none.js"]);
        Assert.Throws<DataException>(() => figure.SaveHtml(folder["missing.html"], missing));
        Assert.Equal(["beside.html", "cdn.html", "figure.json", "inline.html", "plotly.min.js"], folder.Files);
    }

    private static string? Type(JsonElement trace) => trace.GetProperty("type").GetString();

    private static List<string?> Types(Figure figure)
    {
        using var json = JsonDocument.Parse(figure.ToJson());
        return [.. json.RootElement.GetProperty("data").EnumerateArray().Select(Type)];
    }

    private static double Area(JsonElement trace)
    {
        double[] x = [.. trace.GetProperty("x").EnumerateArray().Select(value => value.GetDouble())];
        double[] y = [.. trace.GetProperty("y").EnumerateArray().Select(value => value.GetDouble())];
        return Enumerable.Range(1, x.Length - 1).Sum(i => 0.5 * (x[i] - x[i - 1]) * (y[i] + y[i - 1]));
    }

    /// <summary>Catches panels that are missing from C#.</summary>
    [Fact]
    public void MarginalsHaveAPanelForEachColumn()
    {
        var data = Dataset.FromCsv(Samples.Faithful);
        var model = Mixture.Gaussian(2).WithNoise().Fit(data).Model;
        var json = Plot.Marginals(model, data).ToJson();
        Assert.Contains("\"yaxis2\"", json);
        Assert.Contains("noise (", json);
        Assert.Throws<ArgumentNullException>(() => Plot.Marginals(model, null!));
    }
}
