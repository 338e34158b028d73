using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Models from C#: parameters, densities, derived models, files.</summary>
public class ModelTests
{
    private static readonly MixtureModel TwoColumns = Mixture.CreateGaussian(
        [0.25, 0.75],
        [
            [0.0, 1.0],
            [4.0, -1.0],
        ],
        [
            new double[,]
            {
                { 1.0, 0.5 },
                { 0.5, 2.0 },
            },
            new double[,]
            {
                { 2.0, 0.0 },
                { 0.0, 0.5 },
            },
        ],
        columnNames: ["a", "b"]
    );

    private static readonly MixtureModel Standard = Mixture.CreateGaussian(
        [1.0],
        [
            [0.0],
        ],
        [
            new double[,]
            {
                { 1.0 },
            },
        ]
    );

    /// <summary>Catches parameters that are transposed, renamed or shared with the caller.</summary>
    [Fact]
    public void ParametersReadBack()
    {
        Assert.Equal("gaussian", TwoColumns.Family);
        Assert.Equal(CovarianceStructure.Full, TwoColumns.Covariance);
        Assert.Equal(2, TwoColumns.Components);
        Assert.Equal(2, TwoColumns.Dimension);
        Assert.Equal(["a", "b"], TwoColumns.ColumnNames);
        Assert.True(TwoColumns.HasColumnNames);
        Assert.False(Standard.HasColumnNames);
        Assert.Equal([0.25, 0.75], TwoColumns.Weights);
        Assert.Equal([4.0, -1.0], TwoColumns.Means[1]);
        Assert.Equal(2.0, TwoColumns.Covariances[0][1, 1]);
        TwoColumns.Means[0][0] = 99;
        TwoColumns.Covariances[0][0, 0] = 99;
        Assert.Equal(0.0, TwoColumns.Means[0][0]);
        Assert.Equal(1.0, TwoColumns.Covariances[0][0, 0]);
        Assert.Equal(11, TwoColumns.FreeParameters);
        Assert.Null(TwoColumns.Fit);
        Assert.Equal([3.0, -0.5], TwoColumns.Mean());
        // within: 0.25 * 1 + 0.75 * 2; between: 0.25 * 0.75 * 4²
        Assert.Equal(1.75 + 3.0, TwoColumns.TotalCovariance()[0, 0], 1e-12);
    }

    /// <summary>Catches overloads (dataset, table, row) that disagree, and wrong densities.</summary>
    [Fact]
    public void OverloadsAgree()
    {
        var table = new double[,]
        {
            { 0.0, 1.0 },
            { 4.0, -1.0 },
            { 2.0, 0.0 },
        };
        var data = Dataset.FromRows(table);
        double[] row = [2.0, 0.0];
        Assert.Equal(TwoColumns.LogDensity(data), TwoColumns.LogDensity(table));
        Assert.Equal(TwoColumns.LogDensity(table)[2], TwoColumns.LogDensity(row));
        Assert.Equal(TwoColumns.Responsibilities(data), TwoColumns.Responsibilities(table));
        Assert.Equal(TwoColumns.Responsibilities(table)[2, 1], TwoColumns.Responsibilities(row)[1]);
        Assert.Equal(TwoColumns.LogResponsibilities(data), TwoColumns.LogResponsibilities(table));
        Assert.Equal(TwoColumns.LogResponsibilities(table)[2, 0], TwoColumns.LogResponsibilities(row)[0]);
        Assert.Equal(TwoColumns.ComponentLogDensities(data), TwoColumns.ComponentLogDensities(table));
        Assert.Equal(TwoColumns.ComponentLogDensities(table)[2, 1], TwoColumns.ComponentLogDensities(row)[1]);
        Assert.Equal([0, 1], TwoColumns.Predict(data)[..2]);
        Assert.Equal(TwoColumns.Predict(table)[2], TwoColumns.Predict(row));
        Assert.Equal(TwoColumns.Uncertainty(data), TwoColumns.Uncertainty(table));
        Assert.Equal(TwoColumns.Uncertainty(table)[2], TwoColumns.Uncertainty(row));
        Assert.Equal(1.0 - TwoColumns.Responsibilities(row).Max(), TwoColumns.Uncertainty(row), 1e-15);
        Assert.Equal(TwoColumns.LogDensity(data).Sum(), TwoColumns.Score(data), 1e-12);
        Assert.Equal(TwoColumns.Score(data), TwoColumns.Score(table));
        Assert.Equal(-TwoColumns.Score(data) / 3.0, TwoColumns.MeanNegativeLogLikelihood(table), 1e-12);
        Assert.Equal(TwoColumns.Bic(data), TwoColumns.Bic(table));
        Assert.Equal(TwoColumns.Aic(data), TwoColumns.Aic(table));
        Assert.Equal(TwoColumns.Icl(data), TwoColumns.Icl(table));
        Assert.Equal(-0.5 * Math.Log(2 * Math.PI), Standard.LogDensity([0.0]), 1e-15);
        // Q plus the entropy of the responsibilities is the mean log-likelihood
        var r = TwoColumns.Responsibilities(data);
        var entropy = -r.Cast<double>().Where(p => p > 0).Sum(p => p * Math.Log(p)) / 3.0;
        Assert.Equal(TwoColumns.Score(data) / 3.0, TwoColumns.ExpectedCompleteLogLikelihood(r, data) + entropy, 1e-12);
    }

    /// <summary>Catches marginals and conditionals of the wrong columns.</summary>
    [Fact]
    public void MarginalsAndConditionals()
    {
        var b = TwoColumns.Marginal(1);
        Assert.Equal(["b"], b.ColumnNames);
        Assert.Equal(0.5, b.Covariances[1][0, 0]);
        var swapped = TwoColumns.Marginal(1, 0);
        Assert.Equal(["b", "a"], swapped.ColumnNames);
        var given = TwoColumns.Conditional(new Dictionary<int, double> { [0] = 0.0 });
        Assert.Equal(["b"], given.ColumnNames);
        Assert.Equal(1.0, given.Means[0][0], 1e-12);
        Assert.Equal(2.0 - 0.25, given.Covariances[0][0, 0], 1e-12);
        Assert.Equal(1.0, given.Weights.Sum(), 1e-12);
        // p(b | a) = p(a, b) / p(a)
        Assert.Equal(
            TwoColumns.LogDensity([0.0, 0.7]) - TwoColumns.Marginal(0).LogDensity([0.0]),
            given.LogDensity([0.7]),
            1e-10
        );
    }

    /// <summary>Catches distribution functions that are not each other's inverse.</summary>
    [Fact]
    public void CdfAndQuantile()
    {
        Assert.Equal(0.5, Standard.Cdf(0.0), 1e-15);
        Assert.Equal(1.9599639845400545, Standard.Quantile(0.975), 1e-9);
        var b = TwoColumns.Marginal(1);
        Assert.Equal(0.3, b.Cdf(b.Quantile(0.3)), 1e-12);
        Assert.Throws<InvalidOperationException>(() => TwoColumns.Cdf(0.0));
        Assert.Throws<InvalidOperationException>(() => TwoColumns.Quantile(0.5));
        Assert.ThrowsAny<ArgumentException>(() => b.Quantile(1.5));
        Assert.Equal(0.5 * Math.Log(2 * Math.PI * Math.E), Standard.EntropyUpperBound(), 1e-12);
    }

    /// <summary>Catches draws that ignore their seed, or lose their labels and names.</summary>
    [Fact]
    public void SamplesAreSeededAndLabelled()
    {
        var rows = TwoColumns.Sample(2000, seed: 3);
        Assert.Equal(rows.Row(1999), TwoColumns.Sample(2000, RandomKey.FromSeed(3)).Row(1999));
        Assert.NotEqual(rows.Row(0), TwoColumns.Sample(2000, seed: 4).Row(0));
        Assert.Equal(["a", "b"], rows.ColumnNames);
        Assert.Equal(["1", "2"], rows.Labels!.Names);
        Assert.InRange(Agreement.AdjustedRandIndex(TwoColumns.Predict(rows), rows.Labels), 0.8, 1.0);
        Assert.Equal(3.0, rows.Column(0).Average(), 0.3);
    }

    /// <summary>Catches models that change, or lose their fit's numbers, on the way through a file.</summary>
    [Fact]
    public void FilesKeepTheBits()
    {
        using var folder = new TemporaryFolder();
        var data = Dataset.FromCsv(Samples.Faithful);
        var fit = Mixture.Gaussian(3).Fit(data);
        fit.Save(folder["fit.json"]);
        fit.Model.Save(folder["model.json"]);
        Assert.Equal(["fit.json", "model.json"], folder.Files);
        var loaded = Mixture.Load(folder["fit.json"]);
        Assert.Equal(fit.Model.Weights, loaded.Weights);
        Assert.Equal(fit.Model.LogDensity(data), loaded.LogDensity(data));
        Assert.Equal(fit.LogLikelihood, loaded.Fit!.LogLikelihood);
        Assert.Equal(fit.History, loaded.Fit.History);
        Assert.Equal(fit.Termination, loaded.Fit.Termination);
        Assert.Equal(fit.Warnings, loaded.Fit.Warnings);
        Assert.Equal("em", loaded.Fit.Method);
        Assert.Equal(File.ReadAllText(folder["fit.json"]), loaded.ToJson());
        Assert.Equal(TwoColumns.ToJson(), Mixture.FromJson(TwoColumns.ToJson()).ToJson());
        Assert.Throws<DataException>(() => Mixture.Load(folder["none.json"]));
        Assert.Throws<DataException>(() => Mixture.FromJson("{}"));
        Assert.Throws<DataException>(() => TwoColumns.Save(folder["no/such/folder.json"]));
    }

    /// <summary>Catches data read for a model by position where names tell better, and the other way round.</summary>
    [Fact]
    public void DataForAModelAreFoundByName()
    {
        using var folder = new TemporaryFolder();
        var shuffled = folder.Write("shuffled.csv", "note,b,a\nx,1,0\ny,-1,4\n");
        var rows = TwoColumns.ReadDataset(shuffled);
        Assert.Equal(["a", "b"], rows.ColumnNames);
        Assert.Equal([0, 1], TwoColumns.Predict(rows));
        var bare = folder.Write("bare.csv", "0,1\n4,-1\n");
        Assert.Equal([0, 1], TwoColumns.Predict(TwoColumns.ReadDataset(bare)));
        var lacking = folder.Write("lacking.csv", "a,c\n0,1\n");
        Assert.Contains("'b'", Assert.Throws<DataException>(() => TwoColumns.ReadDataset(lacking)).Message);
        var labelled = TwoColumns.ReadDataset(shuffled, CsvOptions.Default.WithLabelColumn("note"));
        Assert.Equal(["x", "y"], labelled.Labels!.Names);
    }

    /// <summary>Catches parameters that make no mixture and are let through.</summary>
    [Fact]
    public void ParametersAreChecked()
    {
        var unit = new double[,]
        {
            { 1.0 },
        };
        Assert.Throws<ArgumentException>(() =>
            Mixture.CreateGaussian(
                [0.5, 0.6],
                [
                    [0.0],
                    [1.0],
                ],
                [unit, unit]
            )
        );
        Assert.Throws<ArgumentException>(() =>
            Mixture.CreateGaussian(
                [1.0],
                [
                    [0.0],
                    [1.0],
                ],
                [unit]
            )
        );
        Assert.Throws<ArgumentException>(() =>
            Mixture.CreateGaussian(
                [1.0],
                [
                    [0.0],
                ],
                [
                    new double[,]
                    {
                        { -1.0 },
                    },
                ]
            )
        );
        Assert.Throws<ArgumentException>(() => Mixture.CreateGaussian([1.0], [null!], [unit]));
        Assert.Throws<ArgumentException>(() =>
            Mixture.CreateGaussian(
                [1.0],
                [
                    [0.0, 0.0],
                ],
                [
                    new double[,]
                    {
                        { 1, 2 },
                        { 2, 1 },
                    },
                ]
            )
        );
    }
}
