using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>What draws and guides are used for, from C#; their numbers are tested in the core.</summary>
public class PosteriorUseTests
{
    private static readonly Dataset Data = Dataset.FromCsv(Samples.Faithful).Select(["eruptions"]);

    private static readonly BayesianModel Model = Mixture
        .Gaussian(components: 2)
        .WithCovariance(CovarianceStructure.Spherical)
        .Bayesian(Data, withDefaults: true);

    private static readonly Nuts Options = Nuts.Default.WithChains(2).WithDraws(100, warmup: 150).WithSeed(3);

    private static readonly Lazy<PosteriorSample> Drawn = new(() => Model.Sample(Options));

    /// <summary>Catches a sample that goes on from another place, in a process or from a file.</summary>
    [Fact]
    public void ASampleGoesOn()
    {
        using var folder = new TemporaryFolder();
        Drawn.Value.Save(folder["s.json"]);
        var read = Model.LoadSample(folder["s.json"]);
        var whole = Model.Sample(Options.WithDraws(130)).Of("means[1,1]");
        Assert.Equal(whole[1], read.Resume(130).Of("means[1,1]")[1]);
        Assert.Equal(whole[0], Drawn.Value.Resume(130).Of("means[1,1]")[0]);
        Assert.Throws<ArgumentException>(() => read.Resume(100));
        var other = Mixture.Gaussian(components: 3).Bayesian(Data, withDefaults: true);
        Assert.Contains(
            "another model",
            Assert.Throws<DataException>(() => other.LoadSample(folder["s.json"])).Message
        );
    }

    /// <summary>Catches numbers of another posterior, or of components that are numbered differently by chain.</summary>
    [Fact]
    public void DrawsAreUsed()
    {
        var sample = Drawn.Value;
        var model = sample.ToModel();
        var labels = model.Predict(Data);
        Assert.Equal(labels, labels.Length == 272 ? labels : []);
        var shares = sample.AssignmentProbabilities();
        Assert.Equal(1, shares[0, 0] + shares[0, 1], 1e-12);
        Assert.Equal(labels[0] == 0, shares[0, 0] > 0.5);
        var partition = sample.Partition();
        Assert.Equal(2, partition.Distinct().Count());
        Assert.Equal(labels[0] == labels[1], partition[0] == partition[1]);
        var together = sample.Coassignment(100);
        Assert.Equal(together[3, 5], together[5, 3]);
        Assert.Equal(labels[0] == labels[1], together[0, 1] > 0.5);
        Assert.Equal([2, 1], sample.Means()["means"].Shape);
        Assert.Equal(2, sample.ChainReports.Count);
        Assert.InRange(sample.ChainReports[1].EnergyFraction!.Value, 0.3, 2);
        Assert.True(sample.DrawsPerSecond > 0);
        Assert.InRange(sample.Summary()[0].RHat!.Value, 0.9, 1.1);
        Assert.Equal(sample.RawSummary().Count, sample.Summary().Count);
        Assert.Equal(100, sample.Relabelled("means[2,1]")[1].Length);
        var invariants = sample.InvariantSummary();
        Assert.Equal("log_density", invariants[0].Name);
        Assert.Equal(model.Weights.Max(), invariants.Single(own => own.Name == "weight(1)").Mean, 1e-9);
    }

    /// <summary>Catches criteria of other rows, and checks of other data.</summary>
    [Fact]
    public void DrawsAreJudged()
    {
        var sample = Drawn.Value;
        var (waic, loo) = (sample.Waic(), sample.LeaveOneOut());
        Assert.Equal(waic.Elpd, loo.Elpd, 0.5);
        Assert.Equal(272, loo.Rows.Count);
        Assert.Equal(-2 * loo.Elpd, loo.Deviance, 1e-9);
        Assert.InRange(loo.RowReliability.Max(), -1, 0.7);
        var one = Mixture
            .Gaussian(components: 1)
            .Bayesian(Data, withDefaults: true)
            .Sample(Options.WithChains(4))
            .LeaveOneOut();
        var (better, error) = loo.Less(one);
        // two groups: many standard errors better than one
        Assert.True(better > 5 * error, $"{better} ± {error}");
        var checks = sample.Check(100, RandomKey.FromSeed(1));
        Assert.Equal("mean of eruptions", checks[0].Name);
        Assert.InRange(checks[0].TailProbability, 0.05, 0.95);
        var above = sample.Check(
            "share above 3",
            data => data.ToArray().Count(value => value > 3) / 272.0,
            100,
            RandomKey.FromSeed(1)
        );
        Assert.InRange(above.TailProbability, 0.05, 0.95);
        Assert.Equal(100, above.Replicated.Count);
    }

    /// <summary>Catches a guide's file, options and centre that do not come through.</summary>
    [Fact]
    public void AGuideIsKept()
    {
        using var folder = new TemporaryFolder();
        var options = Svi.Default.WithSteps(100).WithSeed(2).WithTolerance(0).WithNaturalGradients(0.2).WithThreads(1);
        var fit = Model.Approximate(options);
        fit.Save(folder["g.json"]);
        var read = Model.LoadApproximation(folder["g.json"]);
        Assert.Equal(fit.Parameters["means.location"].ToArray(), read.Parameters["means.location"].ToArray());
        Assert.Equal((fit.Bound, fit.ParetoK, fit.RHat), (read.Bound, read.ParetoK, read.RHat));
        Assert.Equal("structured", read.Guide);
        var more = Model.Approximate(options.WithStart(read).WithDrawsPerRow().WithAntitheticDraws(false));
        Assert.Equal(100, more.History.Count);
        Assert.Equal(2, fit.ToModel().Components);
        Assert.Equal([2, 1], fit.Centre()["means"].Shape);
        Assert.Equal(7, fit.Summary(500).Count + 1);
        Assert.All(fit.Summary(500), own => Assert.Null(own.RHat));
        Assert.NotEqual(fit.Bound, Model.Approximate(options.WithAveraging(false)).Bound);
    }

    /// <summary>Catches pictures of other draws, and pages that are not written.</summary>
    [Fact]
    public void PosteriorsAreDrawn()
    {
        using var folder = new TemporaryFolder();
        var sample = Drawn.Value;
        var fit = Model.Approximate(Svi.Default.WithSteps(60));
        Figure[] figures =
        [
            PosteriorPlot.Density(sample, Data),
            PosteriorPlot.Density(fit, Data),
            PosteriorPlot.Trace(sample, "means[1,1]"),
            PosteriorPlot.Ranks(sample, "means[1,1]"),
            PosteriorPlot.Histograms(sample),
            PosteriorPlot.Joint(sample, "means[1,1]", "means[2,1]"),
            PosteriorPlot.Pairs(sample, "means[1,1]", "means[2,1]"),
            PosteriorPlot.Coassignment(sample, 20),
            PosteriorPlot.LabelSwitching(sample),
            PosteriorPlot.Bound(fit),
            PosteriorPlot.Posterior(fit, "means", 500),
            PosteriorPlot.Joint(fit, ("means", 0), ("means", 1), 500),
        ];
        Assert.All(figures, figure => Assert.NotEqual("", figure.Title));
        Assert.Equal(figures.Length, figures.Select(figure => figure.ToJson()).Distinct().Count());
        Assert.Throws<ArgumentException>(() => PosteriorPlot.DensityImage(sample, Data));
        var two = Dataset.FromCsv(Samples.Faithful);
        var pair = Mixture.Gaussian(components: 1).Bayesian(two, withDefaults: true);
        var (drawn, guided) = (pair.Sample(Options.WithDraws(20)), pair.Approximate(Svi.Default.WithSteps(40)));
        Assert.Contains("averaged", PosteriorPlot.DensityImage(drawn, two).Title);
        Assert.Contains("averaged", PosteriorPlot.DensityImage(guided, two).Title);
        Assert.Contains("uncertain", PosteriorPlot.DensityUncertainty(drawn, two).Title);
        Assert.Contains("uncertain", PosteriorPlot.DensityUncertainty(guided, two).Title);
        PosteriorPlot.SaveReport(folder["s.html"], sample, Data);
        PosteriorPlot.SaveReport(folder["g.html"], fit, Data);
        Assert.Contains("2 chains of 100 draws", File.ReadAllText(folder["s.html"]));
        Assert.Contains("variational inference", File.ReadAllText(folder["g.html"]));
        Assert.Throws<ArgumentException>(() => PosteriorPlot.Ranks(sample, "means"));
    }
}
