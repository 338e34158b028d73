using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Components of one's own, from a log-density in C#.</summary>
public class LogDensityTests
{
    private static readonly Dataset Waiting = Dataset.FromCsv(Samples.Faithful).Select(["waiting"]);

    /// <summary>Two Laplace components, which no built-in family covers, with a sampler.</summary>
    internal static LogDensitySpec Laplace { get; } =
        Mixture.OfLogDensity(
            "laplace",
            components: 2,
            parameters: [("location", 1), ("log-scale", 1)],
            start: (point, deviations) => [point[0], Math.Log(0.5 * deviations[0])],
            logDensity: (p, rows) =>
                -((rows.Select(1, 0) - p.Select(0, 0)).Abs() * (-p.Select(0, 1)).Exp()) - p.Select(0, 1) - Math.Log(2),
            sample: (p, stream) =>
                [p[0] + (Math.Exp(p[1]) * stream.NextExponential() * (stream.NextDouble() < 0.5 ? -1 : 1))]
        );

    private static readonly LogDensitySpec Normal = Mixture.OfLogDensity(
        "my-normal",
        2,
        [("mean", 1), ("log-scale", 1)],
        (point, deviations) => [point[0], Math.Log(0.5 * deviations[0])],
        (p, rows) =>
        {
            var z = (rows.Select(1, 0) - p.Select(0, 0)) * (-p.Select(0, 1)).Exp();
            return -0.5 * z.Square() - p.Select(0, 1) - (0.5 * Math.Log(2 * Math.PI));
        }
    );

    /// <summary>Catches a written family that is fitted otherwise than the built-in one, by either learner.</summary>
    [Fact]
    public void EitherLearnerFitsWhatIsWritten()
    {
        var builtIn = Mixture
            .Gaussian(2)
            .WithCovariance(CovarianceStructure.Diagonal)
            .Fit(Waiting, Em.Default.WithTolerance(1e-12));
        var em = Normal.Fit(Waiting, Em.Default.WithRestarts(2));
        var gradient = Normal.Fit(Waiting, Gradient.Default.WithRestarts(2));
        Assert.Equal(builtIn.LogLikelihood, em.LogLikelihood, 1e-4);
        Assert.Equal(builtIn.LogLikelihood, gradient.LogLikelihood, 1e-6);
        Assert.Null(gradient.Model.Covariance);
        Assert.Equal("my-normal", gradient.Model.Family);
        var parameters = gradient.Model.ComponentParameters;
        Assert.Equal(builtIn.Model.Means[0][0], parameters[0][0], 1e-4);
        Assert.Equal(Math.Sqrt(builtIn.Model.Covariances[0][0, 0]), Math.Exp(parameters[0][1]), 1e-4);
        Assert.Equal(builtIn.Model.Predict(Waiting), gradient.Model.Predict(Waiting));
        Assert.Throws<InvalidOperationException>(() => gradient.Model.Means);
        Assert.Throws<InvalidOperationException>(() => builtIn.Model.ComponentParameters);
        Assert.Contains("my-normal mixture of 2 components", gradient.Model.ToString());
        Assert.NotEmpty(Plot.Density(gradient.Model, Waiting).ToJson());
        var pulled = Normal.WithWeightsPrior(500).Fit(Waiting, Em.Default.WithRestarts(2));
        Assert.True(pulled.Model.Weights[0] < em.Model.Weights[0] - 0.02);
    }

    /// <summary>Catches a sampler that is not used, and one that is missing without a word.</summary>
    [Fact]
    public void SamplersAreUsed()
    {
        var model = Laplace.CreateModel(
            [0.3, 0.7],
            [
                [-3.0, 0.0],
                [5.0, Math.Log(2)],
            ]
        );
        var drawn = model.Sample(20000, 3).Column(0);
        Assert.Equal((0.3 * -3) + (0.7 * 5), drawn.Average(), 0.15);
        var fit = Laplace.Fit(Dataset.FromColumn(drawn), Gradient.Default.WithRestarts(2));
        Assert.Equal(5.0, fit.Model.ComponentParameters[0][0], 0.1);
        Assert.Equal(Math.Log(2), fit.Model.ComponentParameters[0][1], 0.05);
        var without = Normal.CreateModel(
            [1.0],
            [
                [0.0, 0.0],
            ]
        );
        Assert.Throws<InvalidOperationException>(() => without.Sample(2));
    }

    /// <summary>Catches a file that loses a bit, or that is read without its family.</summary>
    [Fact]
    public void FilesNeedTheFamily()
    {
        using var folder = new TemporaryFolder();
        var fit = Laplace.Fit(Waiting, Gradient.Default.WithRestarts(1));
        fit.Save(folder["laplace.json"]);
        var again = Mixture.Load(folder["laplace.json"], Laplace);
        Assert.Equal(fit.Model.ComponentParameters, again.ComponentParameters);
        Assert.Equal(fit.Model.LogDensity(Waiting), again.LogDensity(Waiting));
        Assert.Equal("gradient", again.Fit!.Method);
        Assert.Equal(again.Weights, Mixture.FromJson(fit.Model.ToJson(), Laplace).Weights);
        var unknown = Assert.Throws<DataException>(() => Mixture.Load(folder["laplace.json"]));
        Assert.Contains("Mixture.Load", unknown.Message);
        var other = Assert.Throws<DataException>(() => Mixture.Load(folder["laplace.json"], Normal));
        Assert.Contains("'my-normal'", other.Message);
    }

    /// <summary>Catches a search over numbers of components of one's own family.</summary>
    [Fact]
    public void SelectionOverComponents()
    {
        var search = Selection.Of(Enumerable.Range(1, 3).Select(k => Laplace.WithComponents(k)));
        var selection = search.Fit(Waiting, Gradient.Default.WithRestarts(2));
        Assert.Equal(2, selection.Best.Model.Components);
        Assert.All(selection.Candidates, candidate => Assert.Null(candidate.Covariance));
        Assert.Equal("laplace", selection.Candidates[0].Spec.Family);
        Assert.NotEmpty(Plot.Selection(selection).ToJson());
    }

    /// <summary>Catches descriptions that cannot be fitted and are taken, and errors that do not name the family.</summary>
    [Fact]
    public void WrongDescriptions()
    {
        static double[] Start(double[] point, double[] deviations) => [point[0]];
        static Tensor Flat(Tensor p, Tensor rows) => rows.Select(1, 0) * 0.0;
        Assert.Throws<ArgumentException>(() => Mixture.OfLogDensity(" ", 1, [("m", 1)], Start, Flat));
        Assert.Throws<ArgumentException>(() => Mixture.OfLogDensity("gaussian", 1, [("m", 1)], Start, Flat));
        Assert.Throws<ArgumentException>(() => Mixture.OfLogDensity("f", 1, [], Start, Flat));
        Assert.Throws<ArgumentException>(() => Mixture.OfLogDensity("f", 1, [("m", 0)], Start, Flat));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.OfLogDensity("f", 0, [("m", 1)], Start, Flat));
        var wrong = Mixture.OfLogDensity("wrong", 2, [("m", 1)], Start, (p, _) => p);
        var error = Assert.ThrowsAny<Exception>(() => wrong.Fit(Waiting, Em.Default.WithRestarts(1)));
        Assert.Contains("'wrong'", error.Message);
        Assert.Throws<ArgumentException>(() =>
            Laplace.CreateModel(
                [1.0],
                [
                    [1.0],
                ]
            )
        );
    }
}
