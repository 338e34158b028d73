namespace MixturesTests.Cli;

/// <summary>Wrong usage: exit code 2 with the usage; help and version.</summary>
public class UsageTests
{
    /// <summary>Catches wrong options that are ignored, or end in another exit code.</summary>
    [Theory]
    [InlineData("fit", "DATA")]
    [InlineData("fit x.csv --componets 3", "--componets")]
    [InlineData("fit x.csv --components three", "--components", "three")]
    [InlineData("fit x.csv --components three --trace t.csv", "--components", "three")]
    [InlineData("fit x.csv --components three --start m.json", "--components", "three")]
    [InlineData("fit x.csv --components 6..1", "6..1")]
    [InlineData("fit x.csv --components 1..2000000000", "at most 1000")]
    [InlineData("fit x.csv --components", "--components")]
    [InlineData("fit x.csv --covariance round", "--covariance", "full, tied")]
    [InlineData("fit x.csv --covariance known", "--known-sd")]
    [InlineData("fit x.csv --covariance tied --known-sd 1", "--known-sd")]
    [InlineData("fit x.csv --known-sd 0", "positive")]
    [InlineData("fit x.csv --family zipf", "'zipf'", "poisson", "von-mises")]
    [InlineData("fit x.csv --family poisson,zipf", "'zipf'", "negative-binomial")]
    [InlineData("fit x.csv --family binomial:0", "trials", "'0'")]
    [InlineData("fit x.csv --family student-t:-1", "degrees of freedom", "'-1'")]
    [InlineData("fit x.csv --family poisson:3", "'poisson' alone")]
    [InlineData("fit x.csv --family", "--family")]
    [InlineData("fit x.csv --family poisson --covariance tied", "--covariance", "student-t")]
    [InlineData("fit x.csv --family student-t --covariance tied", "full or diagonal")]
    [InlineData("fit x.csv --family gaussian:tied --covariance full", "once")]
    [InlineData("fit x.csv --family poisson --known-sd 1", "--known-sd")]
    [InlineData("fit x.csv --family poisson --absolute-floor 1", "--absolute-floor")]
    [InlineData("fit x.csv --family poisson --start m.json", "exclude each other")]
    [InlineData("fit x.csv --family poisson,geometric -k 2 --trace t.csv --restarts 1", "--trace")]
    [InlineData("fit x.csv --schema a=zipf", "'zipf'", "poisson")]
    [InlineData("fit x.csv --schema height", "column=family")]
    [InlineData("fit x.csv --schema a=poisson,a=gamma", "'a' 2 times")]
    [InlineData("fit x.csv --schema a=poisson --family poisson", "exclude each other")]
    [InlineData("fit x.csv --schema a=poisson --covariance full", "exclude each other")]
    [InlineData("fit x.csv --schema a=poisson --columns a", "exclude each other")]
    [InlineData("fit x.csv --schema auto --start m.json", "exclude each other")]
    [InlineData("fit x.csv --method nuts", "'--method nuts' fits one model")]
    [InlineData("fit x.csv --components 2 --method nuts --draws 0", "expected a whole number of 1 or more")]
    [InlineData("fit x.csv --components 2 --method svi --chains 2", "'--chains' goes with '--method nuts' only")]
    [InlineData("fit x.csv --components 2 --draws 5", "'--draws' goes with '--method nuts' or 'svi' only")]
    [InlineData("fit x.csv --components 2 --posterior-out p.json", "'--method nuts' or 'svi' only")]
    [InlineData("fit x.csv --components 2 --method nuts --restarts 3", "'--chains' are those of nuts")]
    [InlineData("fit x.csv --components 2 --method nuts --guide full-rank", "'--method svi' only")]
    [InlineData("fit x.csv --components 2 --method nuts --max-tree-depth 21", "at most 20")]
    [InlineData("fit x.csv --components 2 --method nuts --max-tree-depth x", "--max-tree-depth")]
    [InlineData("fit x.csv --components 2 --method nuts --resume a --resume b", "--resume")]
    [InlineData("fit x.csv --components 2 --method svi --learning-rate x", "--learning-rate")]
    [InlineData("fit x.csv --components 2 --method nuts --target-accept 1", "--target-accept")]
    [InlineData(
        "fit x.csv --components 2 --method nuts --resume p.json --seed 3",
        "'--seed' is that of the saved posterior"
    )]
    [InlineData(
        "fit x.csv --components 2 --method svi --resume p.json --guide suited",
        "'--guide' is that of the saved"
    )]
    [InlineData("fit x.csv --components 2 --method svi --optimizer sgd", "is adam with '--method svi'")]
    [InlineData("fit x.csv --components 2 --method svi --learning-rate 2", "at most 1 of natural gradients")]
    [InlineData("fit x.csv --components 2 --method nuts --batch 10", "'--method gradient' or 'svi' only")]
    [InlineData("fit x.csv --components 2 --method svi --momentum 0.5", "'--method gradient' only")]
    [InlineData("fit x.csv --components 2 --method svi --mass dense", "'--method nuts' only")]
    [InlineData("fit x.csv --method magic", "expected one of em, gradient")]
    [InlineData("fit x.csv --criterion best", "bic, icl, aic")]
    [InlineData("fit x.csv --restarts 0", "1 or more")]
    [InlineData("fit x.csv --restarts 1,5", "whole number")]
    [InlineData("fit x.csv --seed x", "whole number")]
    [InlineData("fit x.csv --tolerance -1", "0 or more")]
    [InlineData("fit x.csv --absolute-floor NaN", "0 or more")]
    [InlineData("fit x.csv --max-iterations 1.5", "whole number")]
    [InlineData("fit x.csv --threads -1", "0 or more")]
    [InlineData("fit x.csv --init best", "kmeans++")]
    [InlineData("fit x.csv --init random-rows --start m.json", "exclude each other")]
    [InlineData("fit x.csv --components 1..3 --start m.json", "--start")]
    [InlineData("fit x.csv --collapse hide", "floor, reseed")]
    [InlineData("fit x.csv --header --no-header", "exclude each other")]
    [InlineData("fit x.csv --delimiter ab", "one character")]
    [InlineData("fit x.csv --plotly cdn", "--plot")]
    [InlineData("fit x.csv --format xml", "text, json")]
    [InlineData("fit x.csv y.csv", "y.csv")]
    [InlineData("fit x.csv --keep-labels", "--label-column")]
    [InlineData("impute m.json", "DATA")]
    [InlineData("impute m.json x.csv --seed 1", "--draw")]
    [InlineData("score m.json x.csv --out y.csv", "--rows")]
    [InlineData("sample m.json --count 0", "1 or more")]
    [InlineData("predict m.json", "DATA")]
    [InlineData("guess", "guess")]
    [InlineData("", "command")]
    public void WrongUsage(string arguments, params string[] said)
    {
        var outcome = Cli.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Expect(2);
        Assert.Equal("", outcome.Out);
        Assert.All(said, words => Assert.Contains(words, outcome.Error));
        Assert.Contains("Usage: mixtures", outcome.Error);
    }

    /// <summary>Catches help without usage, options or examples.</summary>
    [Theory]
    [InlineData("", "predict", "sample")]
    [InlineData("fit", "zero-inflated-poisson", "von-mises", "binomial:TRIALS", "--schema", "auto")]
    [InlineData("fit", "--known-sd", "--label-column", "1..9", "[default: bic]")]
    [InlineData("fit", ".npy", "IDX")]
    [InlineData("predict", "--truth", "--probabilities")]
    [InlineData("score", "--rows")]
    [InlineData("sample", "--count", "--seed")]
    [InlineData("info", "--format")]
    public void Help(string command, params string[] said)
    {
        string[] arguments = command.Length == 0 ? ["--help"] : [command, "--help"];
        var outcome = Cli.Run(arguments).Expect(0);
        Assert.All(said, words => Assert.Contains(words, outcome.Out));
        Assert.Contains("Examples:", outcome.Out);
        Assert.Contains("Usage:", outcome.Out);
    }

    /// <summary>Catches a version that is missing, or carries build numbers.</summary>
    [Fact]
    public void Version() => Assert.Matches(@"^\d+\.\d+\.\d+\n$", Cli.Run("--version").Expect(0).Out);
}
