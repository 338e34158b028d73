using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Coordinate ascent from C#; its numbers are tested in the core.</summary>
public class CaviTests
{
    private static readonly Dataset Faithful = Dataset.FromCsv(Samples.Faithful);

    private static readonly Lazy<CaviFit> Fit = new(() =>
        Mixture.Gaussian(2).Fit(Faithful, Cavi.Default.WithRestarts(3))
    );

    /// <summary>Catches a bound whose parts do not add up, a posterior that is not the fit's, and priors that are not told.</summary>
    [Fact]
    public void TheFitHasAPosteriorAndItsBound()
    {
        var fit = Fit.Value;
        var posterior = fit.Posterior;
        Assert.Equal(-1169.0591, fit.Bound, 1e-3);
        Assert.Equal(
            fit.Bound,
            posterior.EvidenceTerm - posterior.WeightsDivergence - posterior.ComponentsDivergence,
            1e-9
        );
        Assert.Equal(fit.Bound, fit.History[^1], 1e-9);
        Assert.Equal(fit.Restarts, fit.Restarts.OrderDescending());
        Assert.Equal((0, 0, Termination.Converged), (fit.Pruned, fit.MonotonicityViolations, fit.Termination));
        Assert.Equal("cavi", fit.Fit.Summary.Method);
        Assert.Same(fit, fit.Fit.Cavi);
        Assert.Null(fit.Fit.Gradient);
        Assert.Equal(2, fit.DefaultPriors.Count);
        Assert.Equal(272.0, fit.Counts.Sum(), 1e-9);
        // Dirichlet: the prior's 1 and the rows, which at convergence of the bound still move in their last digits
        Assert.Equal(
            fit.Counts.Select(n => n + 1),
            posterior.Weights.Concentrations!,
            (a, b) => Math.Abs(a - b) < 1e-4
        );
        Assert.Equal(posterior.Weights.Means, fit.Model.Weights, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Null(posterior.Weights.SharesA);
        Assert.Equal("normal-wishart", posterior.Components.Distribution);
        Assert.Equal(2, posterior.Components.Scales!.Count);
        Assert.Null(posterior.Components.Rates);
        Assert.Equal(79.98, posterior.Components.Means![0][1], 0.01);
    }

    /// <summary>Catches a predictive density or draws that are not the posterior's.</summary>
    [Fact]
    public void PredictionAndAssignments()
    {
        var fit = Fit.Value;
        var probabilities = fit.AssignmentProbabilities(Faithful);
        Assert.Equal(fit.Counts[0], Enumerable.Range(0, 272).Sum(i => probabilities[i, 0]), 1e-6);
        var predictive = fit.Predictive();
        Assert.Equal("student-t", predictive!.Family);
        var draws = fit.PredictiveLogDensities(Faithful, 400, seed: 1);
        var exact = predictive.LogDensity(Faithful);
        Assert.Equal(exact.Average(), draws.Average(), 0.01);
        Assert.Equal(fit.Draw(RandomKey.FromSeed(4)).Weights, fit.Draw(RandomKey.FromSeed(4)).Weights);
        Assert.NotEqual(fit.Draw(RandomKey.FromSeed(4)).Weights, fit.Draw(RandomKey.FromSeed(5)).Weights);
        Assert.Null(
            Mixture
                .Gaussian(2)
                .WithCovariance(CovarianceStructure.Diagonal)
                .WithPrior("means", Prior.Normal(0, 100))
                .WithPrior("precisions", Prior.Gamma(2, 1))
                .Fit(Faithful, Cavi.Default.WithRestarts(1))
                .Predictive()
        );
    }

    /// <summary>Catches a posterior that its file forgets, and models that cannot be read as such.</summary>
    [Fact]
    public void PosteriorsAreSavedAndLoaded()
    {
        using var folder = new TemporaryFolder();
        var spec = Mixture.Gaussian(6).WithDirichletProcess(1);
        var fit = spec.Fit(Faithful, Cavi.Default.WithRestarts(7).WithPruning(0.01));
        Assert.Equal((2, 4), (fit.Model.Components, fit.Pruned));
        fit.Fit.Save(folder["fit.json"]);
        var posterior = MeanFieldPosterior.Load(folder["fit.json"]);
        Assert.Equal(fit.Bound, posterior.Bound);
        Assert.Equal(fit.Posterior.ToJson(), posterior.ToJson());
        Assert.Equal(fit.Posterior.Weights.SharesB!, posterior.Weights.SharesB!);
        Assert.Null(posterior.Weights.Concentrations);
        Assert.Equal(1.0, posterior.Model.Fit!.Priors.ProcessConcentration);
        var model = Mixture.Load(folder["fit.json"]);
        Assert.Equal(fit.Model.LogDensity(Faithful), model.LogDensity(Faithful));
        Mixture.Gaussian(1).Fit(Faithful).Save(folder["em.json"]);
        var error = Assert.Throws<DataException>(() => MeanFieldPosterior.Load(folder["em.json"]));
        Assert.Contains("not fitted by coordinate ascent", error.Message);
    }

    /// <summary>Catches other families whose posterior is missing, or whose fit cannot be searched, watched or refused.</summary>
    [Fact]
    public async Task EveryVerbTakesCoordinateAscent()
    {
        var codes = new double[40, 2];

        for (var i = 0; i < 20; i++)
        {
            codes[i, 0] = codes[i, 1] = 1;
        }

        var bernoulli = Mixture.Bernoulli(2).Fit(codes, Cavi.Default.WithRestarts(1)).Posterior.Components;
        Assert.Equal(("beta", 2), (bernoulli.Distribution, bernoulli.Shapes!.Count));
        Assert.Equal(2, bernoulli.OtherShapes![0].Length);
        var levels = Mixture.Categorical(2).Fit(codes, Cavi.Default.WithRestarts(1)).Posterior.Components;
        Assert.Equal(("dirichlet", 2), (levels.Distribution, levels.Concentrations![1].Count));

        var selection = Selection.Gaussians(1, 3).Fit(Faithful, Cavi.Default.WithRestarts(2));
        Assert.All(selection.Candidates, candidate => Assert.NotNull(candidate.Fit!.Cavi));
        Assert.Equal(2, selection.Best.Model.Components);
        Assert.True(Mixture.Gaussian(2).TryFit(Faithful, Cavi.Default, out var fit, out _));
        Assert.Equal(fit.Bound, (await Mixture.Gaussian(2).FitAsync(Faithful, Cavi.Default)).Bound);
        Assert.False(Mixture.Poisson(2).TryFit(Faithful.Select(["waiting"]), Cavi.Default, out _, out var error));
        Assert.Contains("Gaussian, Bernoulli and categorical", error.Message);
        var changed = Cavi
            .Default.WithRestarts(3)
            .WithSeed(5)
            .WithMaxIterations(9)
            .WithTolerance(1e-3)
            .WithPruning(0.1)
            .WithThreads(2)
            .WithStart(Start.RandomRows);
        Assert.Equal((3, 5, 9, 1e-3), (changed.Restarts, changed.Seed, changed.MaxIterations, changed.Tolerance));
        Assert.Equal((0.1, 2), (changed.PruneBelow, changed.Threads));
        Assert.Equal(
            1,
            Mixture.Gaussian(2).Fit(Faithful, changed.WithMaxIterations(1).WithTolerance(0)).Fit.Iterations
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => Cavi.Default.WithRestarts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cavi.Default.WithMaxIterations(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cavi.Default.WithTolerance(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cavi.Default.WithPruning(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cavi.Default.WithThreads(-1));
    }
}
