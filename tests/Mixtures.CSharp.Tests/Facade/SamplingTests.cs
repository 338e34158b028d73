using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>The no-U-turn sampler and stochastic variational inference from C#; their numbers are tested in the core.</summary>
public class SamplingTests
{
    // the posterior of a is normal, of mean 14.25 / 12.25 and variance 1 / 12.25
    private static readonly BayesianModel Linear = BayesianProgram.Create(p =>
    {
        var a = p.Latent("a", Prior.Normal(1, 2));
        p.Observe("x", Distributions.Normal(a, 0.5), new[] { 0.0, 1, 2.5 });
    });

    private static readonly double Mean = 14.25 / 12.25;

    private static readonly double Sd = Math.Sqrt(1 / 12.25);

    /// <summary>Catches draws of another posterior, and a summary, values or a file that are not those of the draws.</summary>
    [Fact]
    public void DrawsAreOfThePosterior()
    {
        var told = new List<SamplingProgress>();
        var options = Nuts.Default.WithChains(2).WithDraws(1000, warmup: 500).WithSeed(3);
        var sample = Linear.Sample(options, new Steps(told));
        Assert.Equal((2, 1000, 0), (sample.Chains, sample.Draws, sample.Divergences));
        Assert.False(sample.IsInterrupted);
        Assert.Equal(["a"], sample.Names);
        var summary = Assert.Single(sample.Summary());
        Assert.Equal(Mean, summary.Mean, 4 * summary.MeanError);
        Assert.Equal(Sd, summary.StandardDeviation, 0.03);
        Assert.Equal(Mean + 1.6448536 * Sd, summary.High, 0.06);
        Assert.InRange(summary.RHat!.Value, 0.99, 1.02);
        Assert.InRange(summary.EffectiveBulk, 300, 3000);
        Assert.Equal(sample.Of("a")[1][7], sample.Values(1, 7)["a"].ToScalar());
        Assert.NotEmpty(told);
        Assert.Equal(1500, told[^1].Total);
        // the same at any number of threads
        Assert.Equal(sample.Of("a")[1], Linear.Sample(options.WithThreads(1)).Of("a")[1]);
        using var folder = new TemporaryFolder();
        sample.SaveCsv(folder["draws.csv"]);
        var lines = File.ReadAllLines(folder["draws.csv"]);
        Assert.Equal((2001, "chain,draw,a,log_density,divergent"), (lines.Length, lines[0]));
    }

    /// <summary>Catches a stream that is not the chain's, that runs ahead of who reads it, or does not end when told to.</summary>
    [Fact]
    public async Task DrawsComeOneByOne()
    {
        var options = Nuts.Default.WithChains(2).WithDraws(50, warmup: 100).WithSeed(4);
        var whole = Linear.Sample(options).Of("a")[1];
        var streamed = new List<double>();

        await foreach (var draw in Linear.SampleAsync(options, chain: 1))
        {
            streamed.Add(draw["a"].ToScalar());

            if (streamed.Count == 50)
            {
                break;
            }
        }

        Assert.Equal(whole, streamed);
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Linear.SampleAsync(options, cancellationToken: source.Token))
            {
                await source.CancelAsync();
            }
        });
        await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await foreach (var _ in Linear.SampleAsync(options, chain: 2)) { }
        });
    }

    /// <summary>Catches a guide that is not the one asked for, or does not come to the posterior.</summary>
    [Theory]
    [InlineData(GuideKind.Suited)]
    [InlineData(GuideKind.MeanField)]
    [InlineData(GuideKind.FullRank)]
    public void GuidesComeToTheNormalPosterior(GuideKind guide)
    {
        var steps = new List<SviProgress>();
        var fit = Linear.Approximate(Svi.Default.WithGuide(guide).WithDraws(50).WithSeed(2), new SviSteps(steps));
        // the guide's family holds the posterior: the bound is the evidence, to the noise of its draws
        Assert.InRange(fit.BoundError, 1e-6, 0.1);
        Assert.Equal(Linear.Laplace().LogEvidence, fit.Bound, 4 * fit.BoundError);
        Assert.InRange(fit.ParetoK, double.NegativeInfinity, 0.5);
        var draws = fit.Draw(4000, RandomKey.FromSeed(1)).Select(draw => draw["a"].ToScalar()).ToArray();
        Assert.Equal(Mean, draws.Average(), 0.03);
        Assert.Equal(Sd, Math.Sqrt(draws.Average(a => (a - Mean) * (a - Mean))), 0.03);
        Assert.Equal(Termination.Converged, fit.Termination);
        Assert.NotEmpty(steps);
        Assert.NotEmpty(fit.Parameters);
        Assert.NotEmpty(fit.History);
        var adam = Linear.Approximate(Svi.Default.WithGuide(guide).WithAdam(0.05).WithRestarts(1).WithSeed(2));
        Assert.Equal(Linear.Laplace().LogEvidence, adam.Bound, 4 * adam.BoundError);
    }

    /// <summary>Catches a mixture whose posterior is another than the specification's.</summary>
    [Fact]
    public void SpecificationsAreSampled()
    {
        var data = Dataset.FromCsv(Samples.Faithful).Select(["waiting"]);
        var model = Mixture.Gaussian(2).WithCovariance(CovarianceStructure.Diagonal).Bayesian(data, withDefaults: true);
        var sample = model.Sample(
            Nuts.Default.WithChains(2).WithDraws(200, warmup: 200).WithStart(ChainStart.Mode).WithSeed(1)
        );
        double[] means =
        [
            .. sample
                .Summary()
                .Where(own => own.Name.StartsWith("means", StringComparison.Ordinal))
                .Select(own => own.Mean)
                .Order(),
        ];
        Assert.Equal(54.6, means[0], 0.5);
        Assert.Equal(80.1, means[1], 0.5);
    }

    /// <summary>Catches failures that are not told as such, and options that are not checked.</summary>
    [Fact]
    public void WhatIsWrongIsNamed()
    {
        var improper = BayesianProgram.Create(p =>
        {
            var a = p.Latent("a", Prior.Normal(0, 1));
            // takes the prior away
            p.Factor("flat", a * a * 0.5);
        });
        Assert.Contains(
            "improper",
            Assert.Throws<SamplingException>(() => improper.Sample(Nuts.Default.WithDraws(10, warmup: 10))).Message
        );
        Assert.Contains(
            "batches of 1 to 3 rows",
            Assert.Throws<ArgumentException>(() => Linear.Approximate(Svi.Default.WithBatch(9))).Message
        );
        using var source = new CancellationTokenSource();
        source.Cancel();
        var stopped = Linear.Sample(Nuts.Default, null, source.Token);
        Assert.True(stopped.IsInterrupted);
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithChains(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithDraws(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithDraws(1, warmup: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithTargetAcceptance(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithMaxTreeDepth(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithThreads(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Default.WithStart((ChainStart)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Svi.Default.WithGuide((GuideKind)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Svi.Default.WithAdam(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Svi.Default.WithSteps(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Svi.Default.WithDraws(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Svi.Default.WithBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Svi.Default.WithRestarts(0));
        var sample = Linear.Sample(Nuts.Default.WithChains(1).WithDraws(10, warmup: 20).WithDenseMass());
        Assert.Throws<ArgumentOutOfRangeException>(() => sample.Values(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => sample.Values(0, 10));
        Assert.Throws<ArgumentException>(() => sample.Of("b"));
        Assert.Null(sample.Summary()[0].RHat);
    }

    private sealed class Steps(List<SamplingProgress> told) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => told.Add(value);
    }

    private sealed class SviSteps(List<SviProgress> told) : IProgress<SviProgress>
    {
        public void Report(SviProgress value) => told.Add(value);
    }
}
