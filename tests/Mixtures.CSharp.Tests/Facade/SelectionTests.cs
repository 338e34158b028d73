using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Searches and agreement from C#.</summary>
public class SelectionTests
{
    private static readonly Dataset Faithful = Dataset.FromCsv(Samples.Faithful);

    /// <summary>Catches a search that tries the wrong models, or calls the wrong one best.</summary>
    [Fact]
    public void TheSmallestCriterionWins()
    {
        var selection = Selection.Gaussians(1, 4).Fit(Faithful);
        Assert.Equal([1, 2, 3, 4], selection.Candidates.Select(candidate => candidate.Components));
        Assert.All(selection.Candidates, candidate => Assert.Null(candidate.Error));
        Assert.Equal(Criterion.Bic, selection.Criterion);
        Assert.Equal(2, selection.Best.Model.Components);
        Assert.Equal(selection.Candidates.Min(candidate => candidate.Fit!.Bic), selection.Best.Bic);
        Assert.Same(selection.Candidates[1].Fit, selection.Best);
        var byAic = Selection.Gaussians(1, 3).WithCriterion(Criterion.Aic).Fit(Faithful);
        Assert.Equal(byAic.Candidates.Min(candidate => candidate.Fit!.Aic), byAic.Best.Aic);
        var byIcl = Selection.Gaussians(1, 3).WithCriterion(Criterion.Icl).Fit(Faithful);
        Assert.Equal(byIcl.Candidates.Min(candidate => candidate.Fit!.Icl), byIcl.Best.Icl);
    }

    /// <summary>Catches structures in the wrong order, and failures that end the whole search.</summary>
    [Fact]
    public void FailuresAreInTheTable()
    {
        var few = Dataset.FromColumn([1.0, 2.0, 4.0]);
        var search = Selection.Gaussians(2, 4, CovarianceStructure.Tied, CovarianceStructure.Spherical);
        Assert.Equal(6, search.Specs.Count);
        var selection = search.Fit(few);
        Assert.Equal(CovarianceStructure.Tied, selection.Candidates[0].Covariance);
        Assert.Equal(CovarianceStructure.Spherical, selection.Candidates[3].Covariance);
        var failed = selection.Candidates[5];
        Assert.Null(failed.Fit);
        Assert.Equal(FitFailure.TooFewRows, failed.Error!.Failure);
        Assert.False(Selection.Gaussians(4, 5).TryFit(few, out _, out var error));
        Assert.Equal(FitFailure.TooFewRows, error!.Failure);
        Assert.Throws<ArgumentException>(() => Selection.Of());
        Assert.Throws<ArgumentOutOfRangeException>(() => Selection.Gaussians(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Selection.Gaussians(3, 2));
    }

    /// <summary>Catches progress of the wrong candidate, and a cancelled search that forgets what it had.</summary>
    [Fact]
    public async Task CancelledSearchesKeepWhatTheyHave()
    {
        using var source = new CancellationTokenSource();
        var progress = new CancelAtSecond(source);
        var search = Selection.Of(Mixture.Gaussian(1), Mixture.Gaussian(2), Mixture.Gaussian(3));
        var selection = await search.FitAsync(Faithful, Em.Default, progress, source.Token);
        Assert.Equal([0, 1], progress.Seen.Order());
        Assert.Equal(2, selection.Candidates.Count);
        Assert.Equal(Termination.Converged, selection.Candidates[0].Fit!.Termination);
        Assert.Equal(Termination.Interrupted, selection.Candidates[1].Fit!.Termination);
    }

    /// <summary>Catches a wrong index or a cross table of the wrong shape.</summary>
    [Fact]
    public void AgreementWithLabels()
    {
        int[] first = [0, 0, 1, 1, -1];
        Assert.Equal(1.0, Agreement.AdjustedRandIndex(first, [1, 1, 0, 0, 0]));
        Assert.Equal(-0.5, Agreement.AdjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1]), 1e-12);
        var labels = Mixtures.Labels.FromNames(["x", "", "y", "y", "y"]);
        Assert.Equal(
            new[,]
            {
                { 1, 0 },
                { 0, 2 },
            },
            Agreement.CrossTable(first, labels)
        );
        var iris = Samples.ReadIris();
        var fit = Mixture.Gaussian(3).Fit(iris);
        Assert.Equal(0.9039, Agreement.AdjustedRandIndex(fit.Model.Predict(iris), iris.Labels!), 1e-3);
    }

    private sealed class CancelAtSecond(CancellationTokenSource source) : IProgress<SelectionProgress>
    {
        public HashSet<int> Seen { get; } = [];

        public void Report(SelectionProgress value)
        {
            Seen.Add(value.Candidate);

            if (value.Candidate == 1)
            {
                source.Cancel();
            }
        }
    }
}
