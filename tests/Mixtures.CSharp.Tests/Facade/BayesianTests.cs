using System.Globalization;
using System.Text.Json;
using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>
/// Bayesian models from C#, against data/pyro_gmm.json: a mixture of two normal components of one scale on five points.
/// </summary>
public class BayesianTests
{
    private static readonly double[] Points = [0, 1, 10, 11, 12];

    private static readonly JsonElement Reference = Read();

    private static readonly BayesianModel Model = BayesianProgram.Create(Describe, Starts);

    private static readonly GaussianSpec Spec = Mixture
        .Gaussian(2)
        .WithCovariance(CovarianceStructure.Tied)
        .WithWeightsPrior(0.5)
        .WithPrior("means", Prior.Normal(0, 10))
        .WithPrior("scales", Prior.LogNormal(0, 2));

    private static readonly Lazy<MapEstimate> Estimate = new(() => Model.Map());

    /// <summary>Catches a term that is dropped or doubled on the way from C#.</summary>
    [Fact]
    public void TheTermsOfTheLogJointDensity()
    {
        var map = Reference.GetProperty("map").GetProperty("float");
        var values = new Dictionary<string, Tensor>
        {
            ["weights"] = Tensors.Of(Numbers(map, "weights")),
            ["locs"] = Tensors.Of(Numbers(map, "locs")),
            ["scale"] = Tensors.Scalar(map.GetProperty("scale").GetDouble()),
        };
        var terms = Model.Terms(values);
        var expected = Reference.GetProperty("map").GetProperty("terms");
        Assert.Equal(Number(expected, "log_dirichlet"), terms["weights"], 1e-12);
        Assert.Equal(Number(expected, "log_lognormal"), terms["scale"], 1e-12);
        Assert.Equal(Number(expected, "log_normal_locs"), terms["locs"], 1e-12);
        Assert.Equal(Number(expected, "loglik"), terms["x"], 1e-12);
        Assert.Equal(-map.GetProperty("loss").GetDouble(), Model.LogJoint(values), 1e-10);
        // log |det ∂(w, s)/∂u|: of the simplex w1 w2 to a constant, of the scale s
        var scaled = new Dictionary<string, Tensor>(values) { ["scale"] = Tensors.Scalar(2.0) };
        var jacobian = Model.LogJointUnconstrained(scaled) - Model.LogJoint(scaled);
        var before = Model.LogJointUnconstrained(values) - Model.LogJoint(values);
        Assert.Equal(Math.Log(2.0 / map.GetProperty("scale").GetDouble()), jacobian - before, 1e-12);
    }

    /// <summary>Catches an optimum that is not the reference's, for the program and for the specification.</summary>
    [Fact]
    public void TheMapEstimateIsTheReferences()
    {
        Matches(Estimate.Value, "locs", "scale");
        var spec = Spec.Bayesian(Dataset.FromRows(Rows()));
        var map = spec.Map();
        Matches(map, "means", "scales");
        Assert.Equal(2, map.Mixture.Components);
        Assert.Equal(-map.Loss, map.LogJoint);
        Assert.Equal(17.44325487910825, Spec.Fit(Rows(), Gradient.Default).Loss, 1e-8);
        Assert.Throws<InvalidOperationException>(() => Estimate.Value.Mixture);
    }

    /// <summary>Catches Adam's settings that are not passed on: the tutorial's 200 steps.</summary>
    [Fact]
    public void AdamAsTheTutorialSetsIt()
    {
        var steps = new List<ModeProgress>();
        var search = ModeSearch.Default.WithStarts(100, finalists: 1).WithAdam(0.1, 200, 0.8, 0.99);
        var stopped = Model.Map(search.WithMaxIterations(0), new Steps(steps));
        Assert.Equal(201, stopped.Losses.Count);
        Assert.Equal(201, stopped.GradientNorms.Count);
        Assert.Equal(25.66558446100135, stopped.Losses[0], 1e-10);
        Assert.Equal(17.44325487910825, stopped.Loss, 1e-4);
        Assert.NotEqual(17.44325487910825, stopped.Loss, 1e-13);
        Assert.True(steps.Count >= 200, $"{steps.Count} steps were told");
        Matches(Model.Map(search), "locs", "scale");
    }

    /// <summary>Catches starts that run away to a lower loss and are returned, or not told.</summary>
    [Fact]
    public void StartsThatRunAwayAreToldAndNotReturned()
    {
        var map = BayesianProgram.Create(Describe).Map(ModeSearch.Default.WithStarts(100, finalists: 100));
        Matches(map, "locs", "scale");
        var away = map.Starts.Where(start => start.Outcome == ModeOutcome.RunAway).ToArray();
        Assert.InRange(away.Length, 10, 99);
        Assert.Contains(away, start => start.RunAwaySite == "weights" && start.Loss < map.Loss - 10);
        Assert.Contains(map.Warnings, warning => warning.Contains("ran away"));
    }

    /// <summary>Catches assignments of other rows, other temperatures, or a guide that does not agree.</summary>
    [Fact]
    public void Assignments()
    {
        var map = Estimate.Value;
        var first = map["locs"].ToArray()[0] < 5 ? 0 : 1;
        var grid = Reference.GetProperty("posterior_assignment_at_map").EnumerateArray().ToArray();
        var probabilities = map.AssignmentProbabilities(
            Tensors.Of([.. grid.Select(point => point.GetProperty("x").GetDouble())])
        );

        for (var i = 0; i < grid.Length; i++)
        {
            Assert.Equal(grid[i].GetProperty("p_component0").GetDouble(), probabilities[i, first], 1e-8);
            Assert.Equal(grid[i].GetProperty("p_component1").GetDouble(), probabilities[i, 1 - first], 1e-8);
        }

        Assert.Equal(5.72102768101076555, Assert.Single(map.Boundaries(-3, 15)), 1e-8);
        int[] expected = [first, first, 1 - first, 1 - first, 1 - first];
        Assert.Equal(expected, map.MostProbableAssignments());
        Assert.Equal(expected, map.SampleAssignments(RandomKey.FromSeed(1)));
        var near = Tensors.Full(5.7, 4000);
        var share = map.SampleAssignments(RandomKey.FromSeed(2), near).Count(k => k == first) / 4000.0;
        Assert.Equal(0.6270463361106347, share, 4 * Math.Sqrt(0.25 / 4000));
        var guide = map.GuideAssignments();
        var exact = map.AssignmentProbabilities();
        Assert.Equal(1501, guide.Losses.Count);
        Assert.Equal(exact.Cast<double>(), guide.Probabilities.Cast<double>(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(
            exact.Cast<double>(),
            map.Model.AssignmentProbabilities([map.Values, map.Values]).Cast<double>(),
            (a, b) => Math.Abs(a - b) < 1e-14
        );
    }

    /// <summary>Catches Laplace's approximation that is trusted where it must not be, and errors that are not its own.</summary>
    [Fact]
    public void LaplaceIsFlaggedOnFivePoints()
    {
        var laplace = Model.Laplace(exchangeable: 2);
        Assert.False(laplace.IsReliable);
        Assert.Contains(laplace.Warnings, warning => warning.Contains("unreliable"));
        Assert.Equal(-17.1255330672, laplace.LogEvidence, 1.0);
        Assert.Equal(Math.Log(2), laplace.LogEvidence - Model.Laplace().LogEvidence, 1e-9);
        Assert.Equal(4, laplace.Covariance.GetLength(0));
        var draws = laplace.Draw(200, RandomKey.FromSeed(3));
        Assert.All(draws, draw => Assert.True(draw["scale"].ToScalar() > 0));
        Assert.Equal(2, laplace.StandardErrors["locs"].ToArray().Length);

        // a normal posterior is met exactly
        var linear = BayesianProgram
            .Create(p =>
            {
                var a = p.Latent("a", Prior.Normal(1, 2));
                p.Observe("x", Distributions.Normal(a, 0.5), new[] { 0.0, 1, 2.5 });
            })
            .Laplace();
        Assert.True(linear.IsReliable);
        Assert.Equal(14.25 / 12.25, linear.Values["a"].ToScalar(), 1e-9);
        Assert.Equal(1 / 12.25, linear.Covariance[0, 0], 1e-10);
        Assert.Equal(Math.Sqrt(1 / 12.25), linear.StandardErrors["a"].ToScalar(), 1e-10);
    }

    /// <summary>Catches draws of other shapes or from other distributions than the program's.</summary>
    [Fact]
    public void PriorAndPredictiveDraws()
    {
        var map = Estimate.Value;
        var drawn = Enumerable
            .Range(0, 500)
            .SelectMany(seed => map.Predict(RandomKey.FromSeed(seed))["x"].ToArray())
            .ToArray();
        Assert.Equal(2500, drawn.Length);
        Assert.Equal(0.375, drawn.Count(x => x < 5) / 2500.0, 4 * Math.Sqrt(0.25 / 2500));
        var prior = Enumerable
            .Range(0, 2000)
            .SelectMany(seed => Model.DrawPrior(RandomKey.FromSeed(seed))["locs"].ToArray());
        Assert.Equal(100.0, prior.Average(x => x * x), 12.0);
    }

    /// <summary>Catches defaults that are taken in silence, and sites or supports that are misnamed.</summary>
    [Fact]
    public void SpecificationsTellTheirSitesAndDefaults()
    {
        var data = Dataset.FromCsv(Samples.Faithful).Select(["waiting"]);
        var spec = Mixture
            .Gaussian(2)
            .WithCovariance(CovarianceStructure.Diagonal)
            .WithPrior("means", Prior.Normal(70, 20));
        var model = spec.Bayesian(data, withDefaults: true);
        Assert.Equal(["weights", "means", "scales"], model.Sites.Select(site => site.Name));
        Assert.Equal([2, 1], model.Sites[1].Shape);
        Assert.Equal("a finite number above 0", model.Sites[2].Support);
        Assert.Equal((272, 5), (model.RowCount, model.Dimension));
        Assert.Equal(2, model.Notes.Count);
        Assert.Contains(model.Notes, note => note.StartsWith("scales: log-normal", StringComparison.Ordinal));
        Assert.Empty(spec.Bayesian(data).Notes);
        var laplace = model.Laplace();
        Assert.True(laplace.IsReliable);
        Assert.Equal(80.09, laplace.Values["means"].ToArray().Max(), 0.1);
        Assert.Equal(2, laplace.Mixture.Components);
        var process = spec.WithDirichletProcess(1).Bayesian(data);
        Assert.Equal("shares", process.Sites[0].Name);
    }

    /// <summary>Catches priors per component or column that are not, and distributions that are not what they are called.</summary>
    [Fact]
    public void PriorsBroadcast()
    {
        var means = Prior.Normal(
            new double[,]
            {
                { 1, 2 },
                { 3, 4 },
            },
            new[] { 0.5, 1 }
        );
        Assert.Equal([2, 2], means.BatchShape);
        Assert.Equal([0.25, 1, 0.25, 1], means.Variance.ToArray());
        Assert.Equal("normal of batch 2 x 2", means.ToString());
        Assert.Equal([3], Prior.Gamma(2, 1).Repeat(3).BatchShape);
        (Distribution Distribution, string Name, double Mean)[] all =
        [
            (Prior.HalfNormal(1), "half-normal", Math.Sqrt(2 / Math.PI)),
            (Prior.LogNormal(0, 1), "log-normal", Math.Exp(0.5)),
            (Prior.StudentT(3, 2, 1), "student-t", 2),
            (Prior.Gamma(6, 2), "gamma", 3),
            (Prior.InverseGamma(3, 4), "inverse-gamma", 2),
            (Prior.Exponential(4), "exponential", 0.25),
            (Prior.Beta(1, 3), "beta", 0.25),
            (Prior.Uniform(1, 2), "uniform", 1.5),
            (Prior.Weibull(1, 2), "weibull", 2),
            (Distributions.Bernoulli(0.3), "bernoulli", 0.3),
            (Distributions.Binomial(10, 0.3), "binomial", 3),
            (Distributions.Geometric(0.25), "geometric", 3),
            (Distributions.Poisson(4), "poisson", 4),
            (Distributions.NegativeBinomial(3, 0.5), "negative-binomial", 3),
        ];
        Assert.All(all, item => Assert.Equal(item.Name, item.Distribution.Name));
        Assert.All(all, item => Assert.Equal(item.Mean, item.Distribution.Mean.ToScalar(), 1e-12));
        Assert.Equal(-Math.Log(5 * Math.PI / 2), Prior.HalfCauchy(5).LogDensity(0).ToScalar(), 1e-12);
        Assert.Equal([1.0 / 3, 2.0 / 3], Prior.Dirichlet(1, 2).Mean.ToArray());
        double[,] scale =
        {
            { 2, 0.5 },
            { 0.5, 1 },
        };
        Assert.Equal([8, 2, 2, 4], Prior.Wishart(4, scale).Mean.ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(
            [2, 0.5, 0.5, 1],
            Prior.InverseWishart(4, scale).Mean.ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-12
        );
        Assert.Equal([6], Prior.NormalInverseWishart([0, 1], 1, 4, scale).EventShape);
        Assert.Equal(
            Prior.Gamma(2, 1).Sample(RandomKey.FromSeed(1)).ToArray(),
            Prior.Gamma(2, 1).Sample(RandomKey.FromSeed(1)).ToArray()
        );
    }

    /// <summary>Catches priors that are lost on the way to a file, a fit or a model, or that stay after they are replaced.</summary>
    [Fact]
    public void PriorsAreSavedAndLoaded()
    {
        using var folder = new TemporaryFolder();
        Spec.Priors.Save(folder["priors.json"]);
        var priors = Priors.Load(folder["priors.json"]);
        Assert.Equal([0.5], priors.Concentrations!);
        Assert.Null(priors.ProcessConcentration);
        Assert.Equal(["means", "scales"], priors.Parameters.Keys);
        Assert.Equal(Spec.Priors.ToJson(), Priors.FromJson(priors.ToJson()).ToJson());
        var plain = Mixture.Gaussian(2).WithCovariance(CovarianceStructure.Tied);
        Assert.True(plain.Priors.AreNone && Priors.None.AreNone);
        var fit = plain.WithPriors(priors).Fit(Rows(), Gradient.Default);
        Assert.Equal(17.44325487910825, fit.Loss, 1e-8);
        fit.Fit.Save(folder["fit.json"]);
        Assert.Equal(priors.ToJson(), Mixture.Load(folder["fit.json"]).Fit!.Priors.ToJson());
        var replaced = Spec.WithPrior("means", Prior.Normal(5, 1)).WithDirichletProcess(2);
        Assert.Equal(2.0, replaced.Priors.ProcessConcentration);
        Assert.Equal(5.0, replaced.Priors.Parameters["means"].Mean.ToScalar());
        Assert.Equal(2, replaced.Priors.Parameters.Count);
        Assert.Equal(0.0, Spec.Priors.Parameters["means"].Mean.ToScalar());
        Assert.Contains("check the path", Assert.Throws<DataException>(() => Priors.Load(folder["no.json"])).Message);
        Assert.Contains("priors.means", Assert.Throws<DataException>(() => Priors.FromJson("{\"means\": 1}")).Message);
    }

    /// <summary>Catches refusals that do not say what is wrong, or are not exceptions for C#.</summary>
    [Fact]
    public void WhatIsWrongIsNamed()
    {
        static string Message(Action action) => Assert.ThrowsAny<ArgumentException>(action).Message;

        Assert.Contains("greater than 0", Message(() => ModeSearch.Default.WithAdam(0, 1)));
        Assert.Contains("positive", Message(() => Prior.Normal(0, -1)));
        Assert.Contains("positive", Message(() => Mixture.Gaussian(2).WithDirichletProcess(0)));
        Assert.Contains("received rates", RefusedBy("rates", Prior.Exponential(1)).Replace("a prior of ", ""));
        Assert.Contains("means, scales", RefusedBy("rates", Prior.Exponential(1)));
        Assert.Contains("above 0", RefusedBy("scales", Prior.Normal(0, 1)));
        Assert.Contains("one for each of an axis", RefusedBy("means", Prior.Normal(new[] { 1.0, 2, 3 }, 1)));
        Assert.Contains(
            "received a twice",
            Message(() =>
                BayesianProgram.Create(p =>
                {
                    p.Latent("a", Prior.Normal(0, 1));
                    p.Latent("a", Prior.Normal(0, 1));
                })
            )
        );
        Assert.Contains("at least one latent site", Message(() => BayesianProgram.Create(p => p.Factor("f", 1))));
        Assert.Contains(
            "the site k",
            Message(() => BayesianProgram.Create(p => p.Latent("k", Distributions.Poisson(1))))
        );
        var notNumber = BayesianProgram.Create(p =>
        {
            var a = p.Latent("a", Prior.Normal(0, 1));
            p.Factor("penalty", (-(a * a) - 1.0).Log());
        });
        Assert.Contains("the term of penalty is not a number", Message(() => notNumber.Map()));
        Assert.Contains(
            "a value of the site scale",
            Message(() => Model.LogJoint(new Dictionary<string, Tensor> { ["weights"] = Tensors.Of([0.5, 0.5]) }))
        );
        Assert.Contains("expected one of the sites", Message(() => _ = Estimate.Value["means"]));
        var start = new Dictionary<string, Tensor>
        {
            ["weights"] = Tensors.Of([0.5, 0.5]),
            ["scale"] = Tensors.Scalar(-1),
            ["locs"] = Tensors.Of([0.0, 1]),
        };
        Assert.Contains("the site scale", Message(() => Model.Map(ModeSearch.Default.WithStart(start))));
        Assert.Throws<InvalidOperationException>(() => default(Numbers).Tensor);
        var noMixture = BayesianProgram.Create(p => p.Latent("a", Prior.Normal(0, 1)));
        Assert.Throws<InvalidOperationException>(() => noMixture.Map().AssignmentProbabilities());
    }

    private static string RefusedBy(string parameter, Distribution prior) =>
        Assert
            .ThrowsAny<ArgumentException>(() =>
                Mixture
                    .Gaussian(2)
                    .WithCovariance(CovarianceStructure.Diagonal)
                    .WithPrior(parameter, prior)
                    .Fit(Rows(), Gradient.Default)
            )
            .Message;

    private static void Describe(BayesianProgram p)
    {
        var weights = p.Latent("weights", Prior.Dirichlet(0.5, 0.5));
        var scale = p.Latent("scale", Prior.LogNormal(0, 2));
        var locations = p.Latent("locs", Prior.Normal(0, 10).Repeat(2));
        p.ObserveMixture("x", weights, Distributions.Normal(locations, scale), Points);
    }

    // means at two different rows, equal weights, half the data's variance: the tutorial's starts
    private static Dictionary<string, Tensor> Starts(RandomStream stream)
    {
        var first = stream.NextInt32(5);
        var second = (first + 1 + stream.NextInt32(4)) % 5;
        var mean = Points.Average();
        var variance = Points.Sum(x => (x - mean) * (x - mean)) / 4;
        return new()
        {
            ["weights"] = Tensors.Of([0.5, 0.5]),
            ["scale"] = Tensors.Scalar(Math.Sqrt(variance / 2)),
            ["locs"] = Tensors.Of([Points[first], Points[second]]),
        };
    }

    private static void Matches(MapEstimate map, string locations, string scale)
    {
        var expected = Reference.GetProperty("map").GetProperty("float");
        var locs = map[locations].ToArray();
        var weights = map["weights"].ToArray();
        Array.Sort(locs, weights);
        Assert.Equal(Numbers(expected, "locs"), locs, (a, b) => Math.Abs(a - b) < 1e-8);
        Assert.Equal(Numbers(expected, "weights"), weights, (a, b) => Math.Abs(a - b) < 1e-8);
        Assert.Equal(expected.GetProperty("scale").GetDouble(), map[scale].ToScalar(), 1e-8);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), map.Loss, 1e-9);
        Assert.Equal(ModeOutcome.Stationary, map.Outcome);
    }

    private static double[,] Rows()
    {
        var rows = new double[Points.Length, 1];

        for (var i = 0; i < Points.Length; i++)
        {
            rows[i, 0] = Points[i];
        }

        return rows;
    }

    private static double[] Numbers(JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(item => item.GetDouble())];

    private static double Number(JsonElement parent, string name) =>
        double.Parse(parent.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static JsonElement Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Samples.PathOf("pyro_gmm.json")));
        return document.RootElement.Clone();
    }

    private sealed class Steps(List<ModeProgress> steps) : IProgress<ModeProgress>
    {
        public void Report(ModeProgress value) => steps.Add(value);
    }
}
