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

    /// <summary>Catches cells that are filled in otherwise than from what their row has, with noise and levels too.</summary>
    [Fact]
    public void GapsAreFilledIn()
    {
        var model = Mixture.CreateGaussian(
            [1.0],
            [
                [1, 2],
            ],
            [
                new double[,]
                {
                    { 4, 1 },
                    { 1, 1 },
                },
            ],
            columnNames: ["a", "b"]
        );
        double[][] rows =
        [
            [double.NaN, 3],
            [5, double.NaN],
            [7, 8],
        ];
        var data = Dataset.FromRows(rows, ["a", "b"], MissingCells.Keep);
        var filled = model.Impute(data);
        Assert.False(filled.HasMissing);
        Assert.Equal([2, 5, 7], filled.Column(0));
        Assert.Equal([3, 3, 8], filled.Column(1));
        var drawn = model.ImputeDraw(data, 3);
        Assert.Equal(drawn.Column(0), model.ImputeDraw(data, RandomKey.FromSeed(3)).Column(0));
        Assert.NotEqual(drawn.Column(0), model.ImputeDraw(data, 4).Column(0));
        Assert.NotEqual(filled.Column(0)[0], drawn.Column(0)[0]);
        Assert.Equal([5, 7], drawn.Column(0)[1..]);
        Assert.Throws<DataException>(() => model.Impute(data.Select(["a"])));

        string?[] texts =
        [
            .. Enumerable
                .Range(0, 60)
                .Select(i =>
                    i % 7 == 0 ? null
                    : i % 2 == 0 ? "x"
                    : "y"
                ),
        ];
        var numbers = Enumerable.Range(0, 60).Select(i => (double)((i % 2 * 20) + (i % 5)));
        var mixed = Dataset.FromColumn(numbers, "n").WithTexts("t", texts);
        var schema = Schema.Parse("n=gaussian,t=categorical");
        var levels = Mixture.Product(2, schema).WithNoise().Fit(mixed).Model.Impute(mixed);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (double)(i % 2)), levels.Column(1));
        Assert.Equal(["x", "y"], levels.LevelsOf("t"));
    }
}
