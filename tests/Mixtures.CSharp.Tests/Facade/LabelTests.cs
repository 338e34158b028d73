using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Partly labelled samples from C#.</summary>
public sealed class LabelTests
{
    private static readonly MixtureModel Truth = Mixture.CreateGaussian(
        [0.5, 0.3, 0.2],
        [
            [0, 0],
            [2.5, 0],
            [0, 2.5],
        ],
        [
            new double[,]
            {
                { 1, 0 },
                { 0, 1 },
            },
            new double[,]
            {
                { 1, 0.5 },
                { 0.5, 1 },
            },
            new double[,]
            {
                { 0.5, 0 },
                { 0, 0.5 },
            },
        ]
    );

    // a tenth of the rows with the name of their component, which are not in the order of the components' weights
    private static Dataset Labelled(int count)
    {
        string[] names = ["mist", "fog", "sun"];
        var rows = Truth.Sample(count, 7);
        var codes = rows.Labels!.Codes.ToArray();
        return rows.WithLabels(codes.Select((code, i) => i % 10 == 0 ? names[code] : ""));
    }

    /// <summary>Catches labels that do not say which component is which, and a fit that they do not steer.</summary>
    [Fact]
    public void ATenthOfTheLabelsNamesTheComponents()
    {
        var data = Labelled(20_000).KeepLabels();
        Assert.True(data.Labels!.AreComponents);
        Assert.Equal(["fog", "mist", "sun"], data.Labels.ComponentNames);
        var fit = Mixture.Gaussian(3).Fit(data);
        int[] order = [1, 0, 2];

        foreach (var estimate in fit.StandardErrors(data))
        {
            var bracket = estimate.Name.IndexOf('[', StringComparison.Ordinal);
            var component = order[estimate.Name[bracket + 1] - '1'];
            var name = $"{estimate.Name[..bracket]}[{component + 1}]{estimate.Name[(bracket + 3)..]}";
            var truth = estimate.Name.StartsWith("weight", StringComparison.Ordinal)
                ? Truth.Weights[component]
                : Truth.Parameters.FirstOrDefault(p => p.Label == name)?.Value;

            if (truth is { } value)
            {
                Assert.True(
                    Math.Abs(estimate.Value - value) < 4 * estimate.StandardError,
                    $"{estimate.Name} is {estimate.Value} ± {estimate.StandardError}, not {value}"
                );
            }
        }

        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(Truth.Weights[order[k]], fit.Model.Weights[k], 0.02);
            Assert.Equal(Truth.Means[order[k]][0], fit.Model.Means[k][0], 0.1);
            Assert.Equal(Truth.Means[order[k]][1], fit.Model.Means[k][1], 0.1);
        }
    }

    /// <summary>Catches a log-likelihood that is not that of a partly labelled sample, and labels that a prediction loses.</summary>
    [Fact]
    public void RowsKeepToTheirComponent()
    {
        var names = Labelled(300);
        var data = names.KeepLabels();
        var fit = Mixture.Gaussian(3).Fit(data, Em.Default.WithRestarts(2));
        var all = fit.Model.LogDensity(names);
        var each = fit.Model.ComponentLogDensities(names);
        var codes = names.Labels!.Codes.ToArray();
        string[] order = ["fog", "mist", "sun"];
        var expected = 0.0;

        for (var i = 0; i < all.Length; i++)
        {
            var k = codes[i] < 0 ? -1 : Array.IndexOf(order, names.Labels.Names[codes[i]]);
            expected += k < 0 ? all[i] : Math.Log(fit.Model.Weights[k]) + each[i, k];
        }

        Assert.Equal(expected, fit.LogLikelihood, 1e-9 * Math.Abs(expected));
        Assert.Equal(expected, fit.Model.Score(data), 1e-9 * Math.Abs(expected));
        Assert.Equal(fit.Bic, fit.Model.Bic(data), 1e-9 * fit.Bic);
    }

    /// <summary>Catches more labels than components, and labels that are asked for where there are none.</summary>
    [Fact]
    public void Faults()
    {
        var data = Labelled(300).KeepLabels();
        var error = Assert.Throws<FitException>(() => Mixture.Gaussian(2).Fit(data));
        Assert.Contains("'sun' stands for component 3", error.Message);
        Assert.Throws<DataException>(() => Dataset.FromCsv(Samples.Faithful).KeepLabels());
    }
}
