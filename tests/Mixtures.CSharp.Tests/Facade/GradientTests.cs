using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Gradient fits from C#; how they are made is tested in the core.</summary>
public class GradientTests
{
    private static readonly Dataset Faithful = Dataset.FromCsv(Samples.Faithful);

    private static readonly GaussianSpec Spec = Mixture.Gaussian(2);

    /// <summary>Catches an optimizer that is not the one of its name, or that does not reach EM's solution.</summary>
    [Fact]
    public void EveryMethodReachesWhatEmReaches()
    {
        var em = Spec.Fit(Faithful);
        Assert.Null(em.Gradient);
        Gradient[] methods =
        [
            Gradient.Default,
            Gradient.Lbfgs().WithStandardisation(false),
            Gradient.Newton(),
            Gradient.Adam(0.05).WithPolish(Polish.Lbfgs),
            Gradient.AdamW(0.05, 1e-4).WithPolish(Polish.Em),
            Gradient.Sgd(0.1, 0.9, nesterov: true).WithPolish(Polish.Lbfgs),
            Gradient.RmsProp(0.01).WithClipping(1).WithPolish(Polish.Em),
            Gradient.Adam(0.05).WithSchedule(Schedules.Cosine(0.05, 300)).WithSteps(300).WithPolish(Polish.Lbfgs),
            Gradient.Adam(0.05).WithBatch(60).WithPolish(Polish.Lbfgs),
            Gradient.Adam(0.05).WithBatchDrawn(60).WithPolish(Polish.Lbfgs),
        ];

        foreach (var options in methods)
        {
            var fit = Spec.Fit(Faithful, options);
            Assert.Equal(em.LogLikelihood, fit.LogLikelihood, 1e-4);
            Assert.Equal(-fit.LogLikelihood, fit.Loss, 1e-8);
            Assert.Equal("gradient", fit.Summary.Method);
            Assert.Equal(Termination.Converged, fit.Termination);
            Assert.Equal(fit.Losses.Count, fit.GradientNorms.Count);
            Assert.InRange(fit.BestStep, 0, fit.Losses.Count - 1);
            Assert.Same(fit, fit.Fit.Gradient);
            Assert.Equal(fit.Fit.Bic, fit.Bic);
            Assert.Empty(fit.Deaths);
        }
    }

    /// <summary>Catches options that never reach the fit.</summary>
    [Fact]
    public void OptionsAreUsed()
    {
        var adam = Gradient.Adam(0.1).WithSteps(30).WithTolerance(0);
        var fit = Spec.Fit(Faithful, adam.WithParametersKept());
        Assert.Equal(31, fit.Losses.Count);
        Assert.Equal(Termination.IterationLimit, fit.Termination);
        Assert.Equal(fit.LogLikelihood, fit.ModelAt(fit.BestStep).Score(Faithful), 1e-6);
        Assert.Equal(-fit.Losses[3], fit.ModelAt(3).Score(Faithful), 1e-6);
        Assert.Throws<ArgumentException>(() => fit.ModelAt(31));
        Assert.Throws<InvalidOperationException>(() => Spec.Fit(Faithful, adam).ModelAt(0));
        var faster = Spec.Fit(Faithful, Gradient.Adam(0.4).WithSteps(30).WithTolerance(0));
        Assert.NotEqual(fit.Losses[1], faster.Losses[1]);
        var clipped = Spec.Fit(Faithful, Gradient.Sgd(0.5).WithClipping(1e-3).WithSteps(1).WithTolerance(0));
        var free = Spec.Fit(Faithful, Gradient.Sgd(0.5).WithSteps(1).WithTolerance(0));
        Assert.True(clipped.Losses[0] - clipped.Losses[1] < 0.2 * (free.Losses[0] - free.Losses[1]));
        var dying = Spec.Fit(Faithful, Gradient.Sgd(0.1).WithSchedule(Schedules.StepDecay(0.1, 0.5, 2)).WithSteps(2));
        Assert.Equal(3, dying.Losses.Count);
        var batches = Spec.Fit(Faithful, adam.WithBatch(50).WithSeed(3));
        Assert.Equal(batches.Losses, Spec.Fit(Faithful, adam.WithBatch(50).WithSeed(3).WithThreads(1)).Losses);
        Assert.NotEqual(batches.Losses, Spec.Fit(Faithful, adam.WithBatchDrawn(50).WithSeed(3)).Losses);
        Assert.Equal(4, Spec.Fit(Faithful, Gradient.Default.WithRestarts(4)).Restarts.Count);

        var start = Spec.Initialise(Faithful);
        var frozen = Spec.Fit(Faithful, Gradient.Default.WithStart(Start.FromModel(start)).WithFrozen("means"));
        Assert.Equal(start.Means[0][1], frozen.Model.Means[0][1], 1e-9);
        Assert.NotEqual(start.Weights[0], frozen.Model.Weights[0], 1e-6);
        var wrong = Assert.Throws<ArgumentException>(() => Spec.Fit(Faithful, Gradient.Default.WithFrozen("mean")));
        Assert.Contains("means", wrong.Message);
        var patient = Spec.Fit(Faithful, Gradient.Adam(5).WithPatience(3).WithSteps(500).WithTolerance(0));
        Assert.True(patient.Losses.Count < 500);
    }

    /// <summary>Catches priors that one of the learners leaves out.</summary>
    [Fact]
    public void PriorsOfWeightsAreUsedByBothLearners()
    {
        var waiting = Faithful.Select(["waiting"]);
        MixtureSpec[] specs =
        [
            Spec.WithWeightsPrior(200),
            Spec.WithWeightsPrior([200, 200]),
            Spec.WithWeightsPrior(200).WithCovariance(CovarianceStructure.Tied).WithComponents(2),
            Spec.WithKnownStandardDeviation(6).WithWeightsPrior(200),
        ];

        foreach (var spec in specs)
        {
            var em = spec.Fit(waiting, Em.Default.WithTolerance(1e-12));
            var gradient = spec.Fit(waiting, Gradient.Default);
            Assert.Equal(em.LogLikelihood, gradient.LogLikelihood, 1e-5);
            Assert.Equal(em.Model.Weights[0], gradient.Model.Weights[0], 1e-5);
            Assert.InRange(em.Model.Weights[0], 0.5, 0.6);
            Assert.True(gradient.Loss < -gradient.LogLikelihood);
        }

        var wrong = Assert.Throws<ArgumentException>(() => Spec.WithWeightsPrior([1.0, 2, 3]).Fit(waiting));
        Assert.Contains("1 or 2 concentrations", wrong.Message);
    }

    /// <summary>Catches standard errors that are not those of the fit's own data and prior.</summary>
    [Fact]
    public void StandardErrorsOfOneComponentAreTheTextbooks()
    {
        var waiting = Faithful.Select(["waiting"]);
        var one = Mixture.Gaussian(1).WithCovariance(CovarianceStructure.Diagonal).Fit(waiting);
        var errors = one.StandardErrors(waiting);
        var mean = Assert.Single(errors, estimate => estimate.Name == "mean[1][waiting]");
        Assert.Equal(one.Model.Means[0][0], mean.Value, 1e-9);
        Assert.Equal(Math.Sqrt(one.Model.Covariances[0][0, 0] / waiting.Count), mean.StandardError, 1e-6);
        var two = Spec.Fit(waiting, Gradient.Default);
        var prior = Spec.WithWeightsPrior(200).Fit(waiting, Gradient.Default);
        Assert.True(
            prior.StandardErrors(waiting)[0].StandardError < 0.9 * two.StandardErrors(waiting)[0].StandardError
        );
        var far = Spec.Fit(
            waiting,
            Gradient
                .Sgd(1e-9)
                .WithSteps(0)
                .WithStart(
                    Start.FromMeans([
                        [50.0],
                        [51.0],
                    ])
                )
        );
        Assert.Throws<InvalidOperationException>(() => far.StandardErrors(waiting));
    }

    /// <summary>Catches bad options that are taken, or refused without their name and value.</summary>
    [Fact]
    public void BadOptions()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Adam(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Adam(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.AdamW(0.1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Sgd(0.1, 1));
        Assert.Throws<ArgumentException>(() => Gradient.Sgd(0.1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.RmsProp(-0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithSteps(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithRestarts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithTolerance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithPatience(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithThreads(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithPolish((Polish)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Default.WithDeadComponents((DeadComponents)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Adam(0.1).WithBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Adam(0.1).WithClipping(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gradient.Adam(0.1).WithSchedule(_ => 0));
        Assert.Throws<InvalidOperationException>(() => Gradient.Default.WithBatch(10));
        Assert.Throws<InvalidOperationException>(() => Gradient.Newton().WithClipping(1));
        Assert.Throws<InvalidOperationException>(() => Gradient.Lbfgs().WithSchedule(_ => 0.1));
        Assert.Throws<ArgumentException>(() => Schedules.Cosine(0, 10));
        var tooMany = Assert.Throws<ArgumentException>(() => Spec.Fit(Faithful, Gradient.Adam(0.1).WithBatch(500)));
        Assert.Contains("272", tooMany.Message);
        Assert.Contains("500", tooMany.Message);
        var options = Gradient.Adam(0.1).WithSteps(5);
        _ = options.WithBatch(7).WithFrozen("means").WithSeed(9);
        Assert.Equal((5, null, 0, 0), (options.Steps, options.Batch, options.Frozen.Count, options.Seed));
        Assert.Equal((1, 10), (options.Restarts, Gradient.Default.Restarts));
    }

    /// <summary>Catches errors that are thrown where a value is asked for, and cancelled fits that return nothing.</summary>
    [Fact]
    public async Task FailuresAndCancellation()
    {
        var few = Dataset.FromColumn([1.0, 2.0]);
        Assert.False(Mixture.Gaussian(3).TryFit(few, Gradient.Default, out _, out var error));
        Assert.Equal(FitFailure.TooFewRows, error!.Failure);
        Assert.True(Spec.TryFit(Faithful, Gradient.Default.WithRestarts(1), out var fit, out _));
        Assert.Equal(1, fit!.Agreement);
        using var source = new CancellationTokenSource();
        var progress = new CancelAt(source, 4);
        var options = Gradient.Adam(0.01).WithSteps(100_000).WithTolerance(0);
        var stopped = await Spec.FitAsync(Faithful, options, progress, source.Token);
        Assert.Equal(Termination.Interrupted, stopped.Termination);
        Assert.Equal(5, stopped.Losses.Count);
        Assert.Equal(100_000, progress.MaxIterations);
    }

    /// <summary>Catches a search that fits by EM, or forgets how the descents went.</summary>
    [Fact]
    public void Searches()
    {
        var search = Selection.Gaussians(1, 3, CovarianceStructure.Full, CovarianceStructure.Tied);
        var selection = search.Fit(Faithful, Gradient.Default.WithRestarts(4));
        Assert.Equal(6, selection.Candidates.Count);
        Assert.All(selection.Candidates, candidate => Assert.NotNull(candidate.Fit!.Gradient));
        Assert.Equal(selection.Candidates.Min(candidate => candidate.Fit!.Bic), selection.Best.Bic);
        Assert.True(search.TryFit(Faithful, Gradient.Default.WithRestarts(1), out _, out _));
    }

    /// <summary>Catches figures of other numbers than the fit's, and reports without them.</summary>
    [Fact]
    public void Pictures()
    {
        using var folder = new TemporaryFolder();
        var waiting = Faithful.Select(["waiting"]);
        var fit = Spec.Fit(waiting, Gradient.Adam(0.2).WithSteps(20).WithParametersKept());
        Assert.Contains($"step {fit.BestStep}.", Plot.Losses(fit).Summary);
        Assert.Contains("3 of the fit's steps", Plot.Animation(fit, waiting, 0, 10, 20).Summary);
        Assert.Contains("21 of the fit's steps", Plot.Animation(fit, waiting).Summary);
        Assert.Throws<ArgumentException>(() => Plot.Animation(fit, waiting, 21));
        Plot.SaveReport(folder["gradient.html"], fit.Fit, waiting);
        Assert.Contains("Loss and gradient by step", File.ReadAllText(folder["gradient.html"]));
        Plot.SaveReport(folder["em.html"], Spec.Fit(waiting), waiting);
        Assert.DoesNotContain("Loss and gradient by step", File.ReadAllText(folder["em.html"]));
    }

    private sealed class CancelAt(CancellationTokenSource source, int step) : IProgress<FitProgress>
    {
        public int MaxIterations { get; private set; }

        public void Report(FitProgress value)
        {
            MaxIterations = value.MaxIterations;

            if (value.Iteration == step)
            {
                source.Cancel();
            }
        }
    }
}
