using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Families beside the Gaussian, from C# alone.</summary>
public class FamilyTests
{
    private static readonly Em Quick = Em.Default.WithRestarts(3);

    /// <summary>A known mixture of each family over independent columns, by two components far enough apart.</summary>
    private static readonly Dictionary<string, (FamilySpec Spec, double[][][] Parameters)> Known = new()
    {
        ["poisson"] = (Mixture.Poisson(2), Columns([2], [9], [14], [5])),
        ["negative-binomial"] = (Mixture.NegativeBinomial(2), Columns([4, 0.5], [3, 0.2], [12, 0.2], [6, 0.5])),
        ["zero-inflated-poisson"] = (
            Mixture.ZeroInflatedPoisson(2),
            Columns([3, 0.2], [12, 0.1], [15, 0.3], [4, 0.25])
        ),
        ["geometric"] = (Mixture.Geometric(2), Columns([0.6], [0.05], [0.08], [0.5])),
        ["binomial"] = (Mixture.Binomial(2, trials: 12), Columns([0.2], [0.7], [0.8], [0.3])),
        ["bernoulli"] = (Mixture.Bernoulli(2), [Bits(0.9, 0.1), Bits(0.15, 0.8)]),
        ["categorical"] = (
            Mixture.OfFamily(Family.CategoricalOf(3, 3, 3, 3), 2),
            [Repeat([0.7, 0.2, 0.1], 4), Repeat([0.1, 0.2, 0.7], 4)]
        ),
        ["exponential"] = (Mixture.Exponential(2), Columns([0.2], [4], [5], [0.3])),
        ["gamma"] = (Mixture.Gamma(2), Columns([3, 1], [6, 0.5], [9, 0.5], [3, 1.5])),
        ["log-normal"] = (Mixture.LogNormal(2), Columns([0, 0.4], [2, 0.3], [1.5, 0.3], [0.5, 0.5])),
        ["weibull"] = (Mixture.Weibull(2), Columns([2, 1], [3, 6], [3, 5], [1.5, 2])),
        ["beta"] = (Mixture.Beta(2), Columns([2, 8], [9, 3], [8, 2], [3, 7])),
        ["von-mises"] = (Mixture.VonMises(2), Columns([-1, 5], [1.5, 4], [1.2, 6], [-0.8, 5])),
    };

    /// <summary>The names of the families over independent columns.</summary>
    public static TheoryData<string> Names => [.. Known.Keys];

    /// <summary>The known mixture of a family.</summary>
    internal static MixtureModel Model(string name) => Known[name].Spec.CreateModel([0.6, 0.4], Known[name].Parameters);

    /// <summary>
    /// Catches a family that C# cannot draw from, fit by either learner, save, read, start from or search over; recovery is
    /// within four standard errors of 6000 rows.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryFamilyFromDrawsToFile(string name)
    {
        var (spec, parameters) = Known[name];
        var truth = spec.CreateModel([0.6, 0.4], parameters, [.. parameters[0].Select((_, c) => $"c{c + 1}")]);
        Assert.Equal(name, truth.Family);
        var data = truth.Sample(6000, seed: 5);
        var fit = spec.Fit(data, Quick);
        Assert.Equal(name, fit.Model.Family);
        Assert.All(fit.Model.ColumnFamilies, family => Assert.Equal(name, family));
        Assert.True(fit.LogLikelihood >= truth.Score(data) - 1e-6);
        Recovered(truth, fit, data);

        var labels = fit.Model.Predict(data);
        Assert.Equal(truth.Predict(data).Length, labels.Length);
        Assert.True(Agreement.AdjustedRandIndex(labels, data.Labels!) > 0.6);
        var shares = fit.Model.Responsibilities(data);
        Assert.Equal(1.0, shares[7, 0] + shares[7, 1], 1e-12);
        Assert.Equal(fit.LogLikelihood, fit.Model.Score(data), 1e-6 * Math.Abs(fit.LogLikelihood));
        Assert.Equal(fit.Bic, fit.Model.Bic(data), 1e-6 * Math.Abs(fit.Bic));

        SameBits(fit.Model, data);
        var gradient = spec.Fit(data, Gradient.Default.WithRestarts(1).WithStart(Start.FromModel(truth)));
        Assert.Equal(fit.LogLikelihood, gradient.LogLikelihood, 1e-5 * Math.Abs(fit.LogLikelihood));
        var again = fit.Model.ToSpec().Fit(data, Quick.WithStart(Start.FromModel(fit.Model)));
        Assert.Equal(fit.LogLikelihood, again.LogLikelihood, 1e-6 * Math.Abs(fit.LogLikelihood));
        var pulled = spec.WithWeightsPrior(3000).Fit(data, Quick.WithStart(Start.FromModel(truth)));
        Assert.InRange(pulled.Model.Weights.Max(), 0.5, fit.Model.Weights.Max() - 0.01);
        Assert.NotEmpty(Plot.Density(fit.Model, data).ToJson());
        Assert.NotEmpty(Plot.Uncertainty(fit.Model, data).ToJson());
        Assert.NotEmpty(Plot.LogLikelihood(fit).ToJson());
    }

    /// <summary>Catches a search that does not find the number of components, or the family, of counts.</summary>
    [Fact]
    public void SelectionOverFamiliesAndCounts()
    {
        var truth = Mixture
            .NegativeBinomial(2)
            .CreateModel([0.5, 0.5], Columns([3, 0.4], [6, 0.08], [2, 0.3], [9, 0.1]));
        var data = truth.Sample(1500, 3);
        var selection = Selection
            .Families(1, 3, Family.Poisson, Family.Geometric, Family.NegativeBinomial)
            .Fit(data, Em.Default.WithRestarts(2));
        Assert.Equal("negative-binomial", selection.Best.Model.Family);
        Assert.Equal(2, selection.Best.Model.Components);
        Assert.Equal(9, selection.Candidates.Count);
        Assert.Equal("geometric", selection.Candidates[3].Spec.Family);
        Assert.NotEmpty(Plot.Selection(selection).ToJson());
        var byGradient = Selection
            .Of(Enumerable.Range(1, 2).Select(k => Mixture.NegativeBinomial(k)))
            .Fit(data, Gradient.Default.WithRestarts(2));
        Assert.Equal(selection.Best.Bic, byGradient.Best.Bic, 0.01);
        Assert.Throws<ArgumentException>(() => Selection.Families(1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Selection.Families(2, 1, Family.Poisson));
    }

    /// <summary>Catches Student-t components whose parts C# does not see, and outliers that move them.</summary>
    [Fact]
    public void StudentTComponents()
    {
        double[,] wide =
        {
            { 2.0, 0.5 },
            { 0.5, 1.0 },
        };
        double[,] narrow =
        {
            { 1.0, -0.3 },
            { -0.3, 0.5 },
        };
        var truth = Mixture
            .StudentT(2)
            .CreateModel(
                [0.4, 0.6],
                [
                    [0.0, 0.0],
                    [8.0, 4.0],
                ],
                [wide, narrow],
                [4, 12],
                ["a", "b"]
            );
        var data = truth.Sample(8000, 2);
        var fit = Mixture.StudentT(2).Fit(data, Quick);
        var heavier = fit.Model.Weights[0] < 0.5 ? 0 : 1;
        Assert.Equal(CovarianceStructure.Full, fit.Model.Covariance);
        Assert.Equal(0.0, fit.Model.Locations[heavier][0], 0.12);
        Assert.Equal(2.0, fit.Model.Scales[heavier][0, 0], 0.25);
        Assert.Equal(4.0, fit.Model.DegreesOfFreedom[heavier], 0.8);
        Assert.Equal(fit.Model.Locations[0], fit.Model.Means[0]);
        var nu = fit.Model.DegreesOfFreedom[heavier];
        Assert.Equal(fit.Model.Scales[heavier][0, 1] * nu / (nu - 2), fit.Model.Covariances[heavier][0, 1], 1e-12);
        var ofAll = fit.Model.Parameters.Single(p => p.Component == heavier && p.Name == "degrees_of_freedom");
        Assert.Equal((nu, 0), (ofAll.Value, ofAll.Columns.Count));
        Assert.Contains("full scale", fit.Model.ToString());
        Recovered(truth, fit, data);
        SameBits(fit.Model, data);

        var fixedDegrees = Mixture.StudentT(2).WithScale(CovarianceStructure.Diagonal).WithDegreesOfFreedom(4);
        Assert.Equal((4.0, CovarianceStructure.Diagonal), (fixedDegrees.DegreesOfFreedom, fixedDegrees.Structure));
        Assert.Null(fixedDegrees.WithEstimatedDegreesOfFreedom().DegreesOfFreedom);
        var diagonal = fixedDegrees.Fit(data, Quick);
        Assert.Equal([4.0, 4.0], diagonal.Model.DegreesOfFreedom);
        Assert.Equal(0.0, diagonal.Model.Scales[0][0, 1]);
        Assert.Equal(CovarianceStructure.Diagonal, diagonal.Model.Covariance);
        Assert.True(fit.Parameters == diagonal.Parameters + 4);
        Assert.Throws<ArgumentException>(() => Mixture.StudentT(2).WithScale(CovarianceStructure.Tied));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.StudentT(0));
        Assert.ThrowsAny<ArgumentException>(() => Mixture.StudentT(2).WithDegreesOfFreedom(0));
        Assert.ThrowsAny<ArgumentException>(() => Mixture.StudentT(2).WithDegreesOfFreedom(double.NaN));
    }

    /// <summary>Catches members of one family that answer for another, or fail without saying what to read.</summary>
    [Fact]
    public void MembersOfOtherFamilies()
    {
        var poisson = Mixture.Poisson(2).CreateModel([0.5, 0.5], Columns([2], [9], [14], [5]));
        Assert.Equal([2.0, 14.0], poisson.Means[0]);
        Assert.Equal(9.0, poisson.Covariances[1][0, 0]);
        Assert.Null(poisson.Covariance);
        Assert.Contains("Parameters", Assert.Throws<InvalidOperationException>(() => poisson.Scales).Message);
        Assert.Contains("Parameters", Assert.Throws<InvalidOperationException>(() => poisson.DegreesOfFreedom).Message);
        Assert.Contains(
            "Parameters",
            Assert.Throws<InvalidOperationException>(() => poisson.ComponentParameters).Message
        );
        var rate = poisson.Parameters[^1];
        Assert.Equal(
            (1, "x2", "rate", 5.0, "rate[2][x2]"),
            (rate.Component, rate.Column, rate.Name, rate.Value, rate.Label)
        );
        var faithful = Dataset.FromCsv(Samples.Faithful);
        var gaussian = Mixture.Gaussian(2).Fit(faithful, Quick).Model;
        Assert.Contains(gaussian.Parameters, p => p.Label == "covariance[2][waiting][eruptions]");
        Assert.Null(gaussian.Parameters.First(p => p.Columns.Count == 2).Column);
        Assert.IsType<GaussianSpec>(gaussian.ToSpec());
        var known = Mixture.Gaussian(2).WithKnownStandardDeviation(1).Fit(faithful, Quick).Model.ToSpec();
        Assert.Equal(CovarianceStructure.Known, known.Structure);
    }

    /// <summary>Catches noise that goes with Gaussians only, or is lost in parameters, files and further fits.</summary>
    [Fact]
    public void NoiseGoesWithEveryFamily()
    {
        var data = Model("poisson").Sample(600, 8);
        FamilySpec spec = Mixture.Poisson(2).WithNoise();
        Assert.Equal("poisson-with-noise", spec.Family);
        var fit = spec.Fit(data, Quick);
        Assert.True(fit.Model.HasNoise);
        Assert.Equal((3, 2), (fit.Model.Components, fit.Model.Means.Count));
        Assert.Equal(["poisson", "poisson"], fit.Model.ColumnFamilies);
        var ends = fit.Model.Parameters.Where(p => p.Component == 2).Select(p => (p.Name, p.Column, p.Value));
        var box = fit.Model.NoiseBox!.Value;
        Assert.Equal(
            [
                ("lower", "x1", box.Lower[0]),
                ("upper", "x1", box.Upper[0]),
                ("lower", "x2", box.Lower[1]),
                ("upper", "x2", box.Upper[1]),
            ],
            ends
        );
        SameBits(fit.Model, data);
        var again = fit.Model.ToSpec();
        Assert.Equal((true, 2), (again.HasNoise, again.Components));
        Assert.Equal(
            fit.LogLikelihood,
            again.Fit(data, Quick.WithStart(Start.FromModel(fit.Model))).LogLikelihood,
            1e-5
        );
        var robust = Mixture.StudentT(2).WithNoise().Fit(data, Quick).Model;
        Assert.Equal((2, CovarianceStructure.Full), (robust.Scales.Count, robust.Covariance));
    }

    /// <summary>Catches specifications that lose a part when another is changed.</summary>
    [Fact]
    public void SpecificationsKeepTheirType()
    {
        FamilySpec spec = Mixture.Binomial(3, 8).WithWeightsPrior(2).WithComponents(4);
        Assert.Equal(("binomial", 4, 2.0), (spec.Family, spec.Components, spec.Concentrations![0]));
        StudentTSpec robust = Mixture.StudentT(2).WithDegreesOfFreedom(3).WithComponents(5);
        Assert.Equal((5, 3.0), (robust.Components, robust.DegreesOfFreedom));
        ProductSpec product = Mixture.Product(2, schema => schema.Add("a", Family.Gamma)).WithWeightsPrior([1, 2]);
        Assert.Equal(("product", 2), (product.Family, product.Concentrations!.Count));
        MixtureSpec[] mixed = [spec, robust, product, Mixture.Gaussian(2), LogDensityTests.Laplace];
        Assert.All(mixed, one => Assert.Equal(7, one.WithComponents(7).Components));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Poisson(0));
        Assert.ThrowsAny<ArgumentException>(() => Mixture.Binomial(2, 0));
        Assert.ThrowsAny<ArgumentException>(() => Family.CategoricalOf(3, 1));
        Assert.ThrowsAny<ArgumentException>(() => Family.CategoricalOf());
        Assert.ThrowsAny<ArgumentException>(() => Family.GaussianOf(CovarianceStructure.Known));
        Assert.Equal("gaussian, tied", Family.Parse("gaussian:tied").ToString());
        Assert.Contains("poisson", Family.Names);
        Assert.Contains("'zipf'", Assert.Throws<ArgumentException>(() => Family.Parse("zipf")).Message);
    }

    /// <summary>Catches values that a family cannot hold and takes, or refuses without row, column and reason.</summary>
    [Theory]
    [InlineData("poisson", -1.0, "whole number")]
    [InlineData("negative-binomial", 1.5, "whole number")]
    [InlineData("zero-inflated-poisson", -2.0, "whole number")]
    [InlineData("geometric", -1.0, "whole number")]
    [InlineData("binomial", 13.0, "12")]
    [InlineData("bernoulli", 2.0, "0, 1 or a number between")]
    [InlineData("categorical", 3.0, "0 to 2")]
    [InlineData("exponential", -0.5, "0")]
    [InlineData("gamma", 0.0, "0")]
    [InlineData("log-normal", 0.0, "0")]
    [InlineData("weibull", 0.0, "0")]
    [InlineData("beta", 1.5, "0")]
    [InlineData("von-mises", 7.0, "π")]
    public void WrongValues(string name, double value, string expected)
    {
        var (spec, parameters) = Known[name];
        var model = spec.CreateModel([0.5, 0.5], parameters);
        var good = model.Sample(50, 1);
        var rows = new double[50, good.Dimension];

        for (var i = 0; i < 50; i++)
        {
            for (var c = 0; c < good.Dimension; c++)
            {
                rows[i, c] = good.Row(i)[c];
            }
        }

        rows[32, 1] = value;
        var inFit = Assert.ThrowsAny<Exception>(() => spec.Fit(rows, Quick));
        var inScore = Assert.Throws<DataException>(() => model.Score(rows));

        foreach (var message in new[] { inFit.Message, inScore.Message })
        {
            Assert.Contains("Row 33, column 'x2'", message);
            Assert.Contains(expected, message);
        }

        Assert.Throws<DataException>(() => model.LogDensity([.. Enumerable.Repeat(value, good.Dimension)]));
    }

    private static void Recovered(MixtureModel truth, MixtureFit fit, Dataset data)
    {
        // which fitted component is which: by the rows that both give to it
        var table = Agreement.CrossTable(truth.Predict(data), fit.Model.Predict(data));
        var swapped = table[0, 0] < table[0, 1];
        var errors = fit.StandardErrors(data).ToDictionary(estimate => estimate.Name, estimate => estimate);
        var found = fit.Model.Parameters.ToDictionary(p => p.Label);
        var compared = 0;

        foreach (var parameter in truth.Parameters)
        {
            var component = swapped ? 1 - parameter.Component : parameter.Component;
            var label = parameter.Label.Replace(
                $"{parameter.Name}[{parameter.Component + 1}]",
                $"{parameter.Name}[{component + 1}]"
            );

            if (errors.TryGetValue(label, out var estimate))
            {
                Assert.Equal(estimate.Value, found[label].Value, 1e-8 * (1 + Math.Abs(estimate.Value)));
                Assert.InRange((estimate.Value - parameter.Value) / estimate.StandardError, -4, 4);
                compared++;
            }
        }

        Assert.True(compared >= 4, $"only {compared} parameters have standard errors");
    }

    private static void SameBits(MixtureModel model, Dataset data)
    {
        using var folder = new TemporaryFolder();
        model.Save(folder["m.json"]);
        var again = Mixture.Load(folder["m.json"]);
        Assert.Equal(model.Family, again.Family);
        Assert.Equal(model.Weights, again.Weights);
        Assert.Equal(
            model.Parameters.Select(p => (p.Label, p.Value)),
            again.Parameters.Select(p => (p.Label, p.Value))
        );
        Assert.Equal(model.LogDensity(data), again.LogDensity(data));
        Assert.Equal(model.Sample(20, 3).Row(19), again.Sample(20, 3).Row(19));
        Assert.Equal(model.ColumnNames, again.ColumnNames);
        Assert.Equal(model.Covariance, again.Covariance);
        Assert.Equal(model.ToJson(), again.ToJson());
    }

    // two columns of two components: the first component's, then the second's
    private static double[][][] Columns(double[] first, double[] second, double[] other, double[] another) =>
        [
            [first, other],
            [second, another],
        ];

    private static double[][] Bits(double first, double second) =>
        [
            [first],
            [second],
            [first],
            [second],
            [first],
            [second],
        ];

    private static double[][] Repeat(double[] values, int times) => [.. Enumerable.Repeat(values, times)];
}
