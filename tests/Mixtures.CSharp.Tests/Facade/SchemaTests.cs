using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Products of columns and their schemas, from C# alone.</summary>
public class SchemaTests
{
    /// <summary>A model of four kinds of columns, by hand.</summary>
    internal const string Patients = """
        {"format":"mixtures-model","version":1,"family":"product","columns":["height","smoker","visits","blood"],
        "weights":[0.6,0.4],"parts":[
        {"columns":["height"],"family":"gaussian","covariance":"diagonal","means":[[165],[180]],"covariances":[[36],[49]]},
        {"columns":["smoker"],"family":"bernoulli","parameters":{"log_odds":[[-2],[0.5]]}},
        {"columns":["visits"],"family":"poisson","parameters":{"rate":[[1.5],[6]]}},
        {"columns":["blood"],"family":"categorical","parameters":{"probabilities":[[[0.6,0.3,0.1]],[[0.1,0.4,0.5]]]}}]}
        """;

    private const string Text = "height=gaussian,smoker=bernoulli,visits=poisson,blood=categorical";

    private static readonly MixtureModel Truth = Mixture.FromJson(Patients);

    private static readonly Dataset Data = Truth.Sample(3000, 9);

    /// <summary>Catches three ways to the same schema that come to different models.</summary>
    [Fact]
    public void AddedParsedAndFoundAreTheSame()
    {
        var added = Mixture.Product(
            2,
            schema =>
                schema
                    .Add("height", Family.Gaussian)
                    .Add("smoker", Family.Bernoulli)
                    .Add("visits", Family.Poisson)
                    .Add("blood", Family.Categorical)
        );
        var parsed = Mixture.Product(2, Schema.Parse(Text));
        var options = Em.Default.WithRestarts(3);
        var fit = added.Fit(Data, options);
        Assert.Equal(fit.Model.ToJson()[..400], parsed.Fit(Data, options).Model.ToJson()[..400]);
        Assert.Equal(["gaussian", "bernoulli", "poisson", "categorical"], fit.Model.ColumnFamilies);
        Assert.Equal("product", fit.Model.Family);
        Assert.True(fit.LogLikelihood > Truth.Score(Data));
        var tall = fit.Model.Weights[0] < 0.5 ? 0 : 1;
        Assert.Equal(180.0, Value(fit.Model, tall, "mean", "height"), 1.0);
        Assert.Equal(7.0, Value(fit.Model, tall, "sd", "height"), 0.7);
        Assert.Equal(6.0, Value(fit.Model, tall, "rate", "visits"), 0.4);
        Assert.Equal(0.62, Value(fit.Model, tall, "probability", "smoker"), 0.06);
        Assert.Equal(0.5, Value(fit.Model, tall, "probability[2]", "blood"), 0.06);
        Assert.Equal(6.0, fit.Model.Means[tall][2], 0.4);
        Assert.NotEmpty(fit.StandardErrors(Data));
        Assert.True(Agreement.AdjustedRandIndex(fit.Model.Predict(Data), Data.Labels!) > 0.6);
        Assert.NotEmpty(Plot.Density(fit.Model, Data).ToJson());

        var again = Mixture.FromJson(fit.Model.ToJson());
        Assert.Equal(fit.Model.LogDensity(Data), again.LogDensity(Data));
        var other = again.ToSpec().Fit(Data, options.WithStart(Start.FromModel(again)));
        Assert.Equal(fit.LogLikelihood, other.LogLikelihood, 1e-5);
        var gradient = parsed.Fit(Data, Gradient.Default.WithRestarts(1).WithStart(Start.FromModel(Truth)));
        Assert.Equal(fit.LogLikelihood, gradient.LogLikelihood, 1e-4);
        var search = Selection.Of(Enumerable.Range(1, 3).Select(k => parsed.WithComponents(k))).Fit(Data, options);
        Assert.Equal(2, search.Best.Model.Components);
    }

    /// <summary>Catches choices without reasons, and constant columns that are fitted.</summary>
    [Fact]
    public void FoundSchemasGiveReasons()
    {
        var rows = new double[300, 3];

        for (var i = 0; i < 300; i++)
        {
            (rows[i, 0], rows[i, 1], rows[i, 2]) = (i % 2, 4.0, Math.Sqrt(i));
        }

        var data = Dataset.FromRows(rows, ["flag", "same", "size"]);
        var schema = Schema.Infer(data);
        Assert.Equal(["flag", "size"], schema.Columns);
        Assert.Equal(["bernoulli", null, "gaussian"], schema.Choices.Select(choice => choice.Family?.Name));
        Assert.Contains("constant (4)", schema.Choices[1].Reason);
        Assert.Equal("only 0 and 1", schema.Choices[0].Reason);
        Assert.Contains("same: left out", schema.ToString());
        var fit = Mixture.Product(2, schema).Fit(data.Select(schema.Columns), Em.Default.WithRestarts(1));
        Assert.Equal(["flag", "size"], fit.Model.ColumnNames);
        var missing = Assert.ThrowsAny<Exception>(() => Mixture.Product(2, schema).Fit(data));
        Assert.Contains("'same'", missing.Message);
    }

    /// <summary>Catches columns together that are taken apart, and schemas that are taken with a mistake in them.</summary>
    [Fact]
    public void ColumnsTogetherAndMistakes()
    {
        var faithful = Dataset.FromCsv(Samples.Faithful);
        string[] both = ["eruptions", "waiting"];
        var options = Em.Default.WithRestarts(2);
        var full = Mixture.Gaussian(2).Fit(faithful, options).LogLikelihood;
        var together = Mixture.Product(2, Schema.Empty.Add(both, Family.Gaussian)).Fit(faithful, options);
        Assert.Equal(full, together.LogLikelihood, 1e-6);
        var text = Mixture.Product(2, Schema.Parse("eruptions+waiting=gaussian")).Fit(faithful, options);
        Assert.Equal(full, text.LogLikelihood, 1e-6);
        var apart = Schema.Empty.Add("eruptions", Family.Gaussian).Add("waiting", Family.Gaussian);
        var diagonal = Mixture.Gaussian(2).WithCovariance(CovarianceStructure.Diagonal).Fit(faithful, options);
        Assert.Equal(diagonal.LogLikelihood, Mixture.Product(2, apart).Fit(faithful, options).LogLikelihood, 1e-6);
        var robust = Schema.Empty.Add(both, Family.StudentT(degreesOfFreedom: 5));
        Assert.Contains(
            Mixture.Product(2, robust).Fit(faithful, options).Model.Parameters,
            parameter => parameter is { Name: "degrees_of_freedom", Value: 5 }
        );

        Assert.Throws<ArgumentException>(() => apart.Add("waiting", Family.Gamma));
        Assert.Throws<ArgumentException>(() => Schema.Empty.Add(["a", "a"], Family.Gamma));
        Assert.Throws<ArgumentException>(() => Schema.Empty.Add(" ", Family.Gamma));
        Assert.Throws<ArgumentException>(() => Schema.Empty.Add([], Family.Gamma));
        Assert.Throws<ArgumentException>(() => Mixture.Product(2, Schema.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Product(0, apart));
        Assert.Contains("'zipf'", Assert.Throws<ArgumentException>(() => Schema.Parse("a=zipf")).Message);
    }

    /// <summary>Catches a number of trials that is not found, or not kept.</summary>
    [Fact]
    public void TrialsAreFoundInTheData()
    {
        var counts = Mixture
            .Binomial(2, trials: 10)
            .CreateModel(
                [0.5, 0.5],
                [
                    [
                        [0.2],
                    ],
                    [
                        [0.9],
                    ],
                ]
            )
            .Sample(800, 4);
        var fit = Mixture.Binomial(2).Fit(counts, Em.Default.WithRestarts(2));
        Assert.All(fit.Model.Parameters.Where(p => p.Name == "trials"), p => Assert.Equal(10.0, p.Value));
        Assert.True(Family.Binomial.IsBinomialOfData && !Family.BinomialOf(10).IsBinomialOfData);
        Assert.True(Schema.Parse("n=binomial").Choices[0].Family!.IsBinomialOfData);
        var refused = Assert.Throws<DataException>(() => fit.Model.Score(Dataset.FromColumn([3, 11])));
        Assert.Contains("Row 2", refused.Message);
    }

    private static double Value(MixtureModel model, int component, string name, string column) =>
        model.Parameters.Single(p => p.Component == component && p.Name == name && p.Column == column).Value;
}
