using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Fits from C#, against reference values of the issue (mclust and scikit-learn agree on them).</summary>
public class FitTests
{
    private static readonly Dataset Faithful = Dataset.FromCsv(Samples.Faithful);

    /// <summary>Catches a broken path from the fluent surface to the core, and wrong default options.</summary>
    [Theory]
    [InlineData("faithful", 3, CovarianceStructure.Tied, -1126.315928)]
    [InlineData("faithful", 2, CovarianceStructure.Full, -1130.263960)]
    [InlineData("iris", 3, CovarianceStructure.Full, -180.185477)]
    [InlineData("iris", 3, CovarianceStructure.Diagonal, -306.860461)]
    public void DefaultsReachTheReference(string name, int components, CovarianceStructure structure, double expected)
    {
        var data = name == "iris" ? Samples.ReadIris() : Faithful;
        var fit = Mixture.Gaussian(components).WithCovariance(structure).Fit(data);
        Assert.Equal(expected, fit.LogLikelihood, 1e-5);
        Assert.Equal(Termination.Converged, fit.Termination);
        Assert.Equal(structure, fit.Model.Covariance);
        Assert.Equal(components, fit.Model.Components);
    }

    /// <summary>Catches numbers of the fit that contradict each other or their definitions.</summary>
    [Fact]
    public void NumbersOfAFitAreConsistent()
    {
        var fit = Mixture.Gaussian(3).WithCovariance(CovarianceStructure.Tied).Fit(Faithful, Em.Default.WithSeed(7));
        Assert.Equal(2314.2957, fit.Bic, 1e-3);
        Assert.Equal(11, fit.Parameters);
        Assert.Equal((2.0 * 11) - (2.0 * fit.LogLikelihood), fit.Aic, 1e-9);
        Assert.Equal(fit.Model.Icl(Faithful), fit.Icl, 1e-6);
        Assert.Equal(fit.Model.Score(Faithful), fit.LogLikelihood, 1e-8);
        Assert.Equal(fit.Iterations + 1, fit.History.Count);
        Assert.Equal(fit.LogLikelihood, fit.History[^1], 1e-9);
        Assert.InRange(fit.Agreement, 1, fit.Restarts.Count);
        Assert.Equal(7, fit.Seed);
        Assert.Equal(272, fit.Rows);
        Assert.Equal(272.0, fit.TotalWeight);
        Assert.Equal(272.0, fit.EffectiveRows, 1e-9);
        Assert.True(fit.Elapsed > TimeSpan.Zero);
        Assert.Equal(3, fit.Certificate.Components.Count);
        Assert.All(fit.Certificate.Components, report => Assert.False(report.IsSpurious));
        Assert.Equal(fit.Warnings, fit.Certificate.Warnings);
        Assert.True(fit.Certificate.Passes >= fit.Iterations);
        Assert.True(fit.Certificate.LargestGradient < 1e-2);
        Assert.Equal(0, fit.Certificate.MonotonicityViolations);
        Assert.Empty(fit.Certificate.Collapses);
    }

    /// <summary>Catches noise that is miscounted, or views of the model that stumble over it.</summary>
    [Fact]
    public void NoiseIsOneComponentMore()
    {
        var spec = Mixture.Gaussian(2).WithNoise();
        Assert.True(spec.HasNoise);
        Assert.Equal(2, spec.Components);
        double[][] stray =
        [
            .. Enumerable.Range(0, 40).Select(i => new[] { 1 + (i * 7 % 40 * 0.2), 20 + (i * 11 % 40 * 4.0) }),
        ];
        var rows = Enumerable.Range(0, Faithful.Count).Select(Faithful.Row).Concat(stray).ToArray();
        var data = Dataset.FromRows(rows);
        var fit = spec.Fit(data);
        var model = fit.Model;
        Assert.True(model.HasNoise);
        Assert.Equal(3, model.Components);
        Assert.Equal(2, model.Means.Count);
        Assert.Equal(2 + 4 + 6, model.FreeParameters);
        Assert.InRange(model.Weights[2], 0.05, 0.2);
        Assert.Equal([1.0, 20.0], model.NoiseBox!.Value.Lower);
        Assert.Equal([8.8, 176.0], model.NoiseBox!.Value.Upper);
        Assert.Equal(2, model.Predict(data)[^1]);
        Assert.True(fit.Bic < Mixture.Gaussian(3).Fit(data).Bic);
        Assert.Null(Mixture.Gaussian(2).Fit(data).Model.NoiseBox);
    }

    /// <summary>Catches results that depend on the number of threads or the size of blocks' schedule.</summary>
    [Fact]
    public void ThreadsDoNotChangeTheBits()
    {
        var one = Mixture.Gaussian(3).Fit(Faithful, Em.Default.WithThreads(1));
        var seven = Mixture.Gaussian(3).Fit(Faithful, Em.Default.WithThreads(7));
        Assert.Equal(one.History, seven.History);
        Assert.Equal(one.Model.Weights, seven.Model.Weights);
    }

    /// <summary>Catches options that are stored but never reach the core.</summary>
    [Fact]
    public void OptionsReachTheCore()
    {
        var spec = Mixture.Gaussian(2);
        var exact = spec.Fit(Faithful, Em.Default.WithTolerance(0).WithMaxIterations(7).WithRestarts(1));
        Assert.Equal(7, exact.Iterations);
        Assert.Equal(Termination.IterationLimit, exact.Termination);
        Assert.NotEmpty(exact.Warnings);
        var floored = spec.Fit(Faithful, Em.Default.WithAbsoluteFloor(1.0));
        Assert.All(floored.Model.Covariances, covariance => Assert.True(covariance[0, 0] >= 1.0));
        var relative = spec.Fit(Faithful, Em.Default.WithRelativeFloor(0.9));
        Assert.All(relative.Model.Covariances, covariance => Assert.True(covariance[0, 0] > 1.0));
        var blocks = spec.Fit(Faithful, Em.Default.WithBlockRows(32));
        Assert.Equal(-1130.263960, blocks.LogLikelihood, 1e-5);
    }

    /// <summary>Catches starts that are mixed up, or given arrays that are not copied.</summary>
    [Fact]
    public void StartsAreUsed()
    {
        var spec = Mixture.Gaussian(2);
        var means = new[] { new[] { 2.0, 54.0 }, new[] { 4.3, 80.0 } };
        var byMeans = Em.Default.WithStart(Start.FromMeans(means));
        means[0][0] = double.NaN;
        var fit = spec.Fit(Faithful, byMeans);
        Assert.Equal(-1130.263960, fit.LogLikelihood, 1e-5);
        Assert.Single(fit.Restarts);
        // given starts keep their order
        Assert.True(fit.Model.Means[0][1] < fit.Model.Means[1][1]);

        var again = spec.Fit(Faithful, Em.Default.WithStart(Start.FromModel(fit.Model)));
        Assert.InRange(again.Iterations, 0, 5);
        var responsibilities = fit.Model.Responsibilities(Faithful);
        var resumed = spec.Fit(Faithful, Em.Default.WithStart(Start.FromResponsibilities(responsibilities)));
        Assert.Equal(fit.LogLikelihood, resumed.LogLikelihood, 1e-5);

        foreach (var start in new[] { Start.RandomRows, Start.RandomResponsibilities, Start.KMeansPlusPlus })
        {
            Assert.Equal(-1130.263960, spec.Fit(Faithful, Em.Default.WithStart(start)).LogLikelihood, 1e-4);
        }
    }

    /// <summary>Catches known covariances that are fitted or counted as parameters.</summary>
    [Fact]
    public void KnownCovariancesStay()
    {
        var sd = Mixture.Gaussian(2).WithKnownStandardDeviation(0.5).Fit(Faithful);
        Assert.Equal(CovarianceStructure.Known, sd.Model.Covariance);
        Assert.Equal(5, sd.Parameters);
        Assert.All(sd.Model.Covariances, covariance => Assert.Equal(0.25, covariance[1, 1]));
        var shared = new double[,]
        {
            { 0.1, 0.0 },
            { 0.0, 30.0 },
        };
        var fit = Mixture.Gaussian(2).WithKnownCovariance(shared).Fit(Faithful);
        Assert.All(fit.Model.Covariances, covariance => Assert.Equal(shared, covariance));
        var each = new[]
        {
            shared,
            new double[,]
            {
                { 0.2, 0.0 },
                { 0.0, 40.0 },
            },
        };
        var own = Mixture.Gaussian(2).WithKnownCovariances(each);
        Assert.Equal(5, own.Fit(Faithful).Parameters);
        Assert.Equal(
            CovarianceStructure.Tied,
            own.WithCovariance(CovarianceStructure.Tied).Fit(Faithful).Model.Covariance
        );
    }

    /// <summary>Catches a TryFit that throws, and errors without their sentence or kind.</summary>
    [Fact]
    public void TryFitGivesTheError()
    {
        var two = Dataset.FromRows(
            new[,]
            {
                { 1.0 },
                { 2.0 },
            }
        );
        Assert.False(Mixture.Gaussian(3).TryFit(two, out var none, out var error));
        Assert.Null(none);
        Assert.Equal(FitFailure.TooFewRows, error!.Failure);
        Assert.Contains("3 components", error.Message);
        Assert.True(Mixture.Gaussian(1).TryFit(two, out var fit, out var noError));
        Assert.Null(noError);
        Assert.Equal(1.5, fit!.Model.Mean()[0], 1e-12);
        var thrown = Assert.Throws<FitException>(() => Mixture.Gaussian(3).Fit(two));
        Assert.Equal(error.Message, thrown.Message);
        Assert.Equal(FitFailure.TooFewRows, thrown.Error.Failure);
        var same = Dataset.FromRows(
            new[,]
            {
                { 1.0 },
                { 1.0 },
                { 1.0 },
            }
        );
        Assert.Equal(
            FitFailure.IdenticalRows,
            Assert.Throws<FitException>(() => Mixture.Gaussian(2).Fit(same)).Error.Failure
        );
    }

    /// <summary>Catches progress that never arrives, and cancellation that throws a result away.</summary>
    [Fact]
    public async Task CancelledFitsReturnWhatWasReached()
    {
        using var source = new CancellationTokenSource();
        var seen = new List<FitProgress>();
        var progress = new Report<FitProgress>(step =>
        {
            seen.Add(step);

            if (seen.Count == 5)
            {
                source.Cancel();
            }
        });
        var endless = Em.Default.WithTolerance(0).WithMaxIterations(1_000_000).WithRestarts(1);
        var fit = await Mixture.Gaussian(2).FitAsync(Faithful, endless, progress, source.Token);
        Assert.Equal(Termination.Interrupted, fit.Termination);
        Assert.True(double.IsFinite(fit.LogLikelihood));
        Assert.InRange(seen.Count, 5, 6);
        Assert.Equal(1_000_000, seen[0].MaxIterations);
        Assert.Equal(1, seen[0].Starts);
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Mixture.Gaussian(2).FitAsync(Faithful, endless, null, source.Token)
        );
        Assert.Equal(source.Token, cancelled.CancellationToken);
    }

    /// <summary>Catches policies that are mapped to the wrong case of the core.</summary>
    [Fact]
    public void CollapsePoliciesReachTheCore()
    {
        // three values repeated, and a few others: four components must collapse on repeated values
        double[] repeated = [0.0, 1.0, 5.0];
        var rows = Dataset.FromColumn([.. Enumerable.Repeat(repeated, 9).SelectMany(x => x), 7.5, 8.0, 9.25]);
        var options = Em.Default.WithRestarts(1);
        var spec = Mixture.Gaussian(4);
        Assert.False(spec.TryFit(rows, out _, out var error, options.WithCollapse(CollapsePolicy.Fail)));
        Assert.Equal(FitFailure.ComponentCollapsed, error!.Failure);
        Assert.NotNull(error.Component);
        Assert.NotNull(error.Iteration);
        var pruned = spec.Fit(rows, options.WithCollapse(CollapsePolicy.Prune));
        Assert.True(pruned.Model.Components < 4);
        Assert.Contains(pruned.Certificate.Collapses, collapse => collapse.Policy == CollapsePolicy.Prune);
        var held = spec.Fit(rows, options);
        Assert.Equal(4, held.Model.Components);
        Assert.Contains(held.Certificate.Components, report => report.IsSpurious);
        var reseeded = spec.Fit(rows, options.WithCollapse(CollapsePolicy.Reseed));
        Assert.Contains(reseeded.Certificate.Collapses, collapse => collapse.Policy == CollapsePolicy.Reseed);
    }

    /// <summary>Catches steps that are not those of the fit, or that start elsewhere.</summary>
    [Fact]
    public void TracedStepsAreThoseOfTheFit()
    {
        var spec = Mixture.Gaussian(2);
        var start = spec.Initialise(Faithful, Em.Default.WithAttempts(5));
        var steps = EmTrace.Run(start, Faithful, 4);
        Assert.Equal([0, 1, 2, 3, 4], steps.Select(step => step.Iteration));
        var options = Em.Default.WithStart(Start.FromModel(start)).WithTolerance(0).WithMaxIterations(4);
        var fit = spec.Fit(Faithful, options);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(fit.History[i], steps[i].LogLikelihood, 1e-8);
            Assert.Equal(-steps[i].LogLikelihood / 272.0, steps[i].Loss, 1e-12);
        }

        Assert.Equal(fit.Model.Means[0][1], steps[4].Model.Means[0][1], 1e-9);
        Assert.True(steps[2].ExpectedCompleteLogLikelihood > steps[1].ExpectedCompleteLogLikelihood);
    }

    private sealed class Report<T>(Action<T> action) : IProgress<T>
    {
        void IProgress<T>.Report(T value) => action(value);
    }
}
