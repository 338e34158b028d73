using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Columns of text and missing cells from C#.</summary>
public sealed class LevelTests
{
    private const string Categorical =
        """{"format":"mixtures-model","version":1,"family":"categorical","columns":["k"],"weights":[1],"levels":{"k":["no","yes"]},"parameters":{"probabilities":[[[0.25,0.75]]]}}""";

    /// <summary>Catches options that cannot be said in C#, and levels or marks that do not come through.</summary>
    [Fact]
    public void FilesHaveLevelsAndGaps()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.csv", "k,x\nyes,1\n,2\nno,NA\n");
        var options = CsvOptions.Default.WithTextAsLevels().WithMissing(MissingCells.Keep);
        var data = Dataset.FromCsv(path, options);
        Assert.Equal(["no", "yes"], data.LevelsOf("k"));
        Assert.Equal([1.0, double.NaN, 0.0], data.Column(0));
        Assert.True(data.HasMissing);
        Assert.Equal((1, 1), (data.MissingCount(0), data.MissingCount(1)));
        Assert.Throws<DataException>(() => Dataset.FromCsv(path, options.WithMissing(MissingCells.Refuse)));
        var known = options.WithKnownLevels("k", ["yes", "maybe", "no"]);
        Assert.Equal([0.0, double.NaN, 2.0], Dataset.FromCsv(path, known).Column(0));
        Assert.Empty(Dataset.FromCsv(path, options.WithLevels("k")).Levels(1));
    }

    /// <summary>Catches arrays that cannot have gaps or levels from C#.</summary>
    [Fact]
    public void ArraysHaveLevelsAndGaps()
    {
        var data = Dataset.FromRows(
            new[,]
            {
                { 1.0, double.NaN },
                { 0.0, 2.0 },
            },
            ["k", "x"],
            MissingCells.Keep
        );
        Assert.Equal(1, data.MissingCount(1));
        Assert.Throws<DataException>(() =>
            Dataset.FromRows(
                new[,]
                {
                    { 1.0, double.NaN },
                }
            )
        );
        Assert.Equal(["no", "yes"], data.WithLevels(0, ["no", "yes"]).Levels(0));
        var texts = data.WithTexts("t", ["b", null]);
        Assert.Equal(["b"], texts.LevelsOf("t"));
        Assert.Equal(1, texts.MissingCount(2));
        Assert.Equal(["a", "b"], Dataset.FromTexts(["b", "a"], "t").Levels(0));
    }

    /// <summary>Catches a model whose levels are not seen, or not matched by name.</summary>
    [Fact]
    public void ModelsKnowTheirLevels()
    {
        var model = Mixture.FromJson(Categorical);
        Assert.Equal(["no", "yes"], model.Levels(0));
        var densities = model.LogDensity(Dataset.FromTexts(["yes", "yes"], "k"));
        Assert.Equal([Math.Log(0.75), Math.Log(0.75)], densities);
        var refused = Assert.Throws<DataException>(() => model.LogDensity(Dataset.FromTexts(["maybe"], "k")));
        Assert.Contains("'maybe'", refused.Message);
        Assert.Equal(["no", "yes"], model.Sample(5).LevelsOf("k"));
        Assert.Throws<ArgumentException>(() => model.Levels(1));
    }
}
