using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>Where a fit starts. Random starts are drawn as often as the options say; given ones run once.</summary>
public sealed class Start
{
    private Start(Core.Start value, string name)
    {
        Value = value;
        Name = name;
    }

    /// <summary>Centres by k-means++ on standardised columns, weighted, then a few steps of Lloyd's algorithm.</summary>
    public static Start KMeansPlusPlus { get; } = new(Core.Start.KMeansPlusPlus, "k-means++");

    /// <summary>Means at random rows, with the spread of the data.</summary>
    public static Start RandomRows { get; } = new(Core.Start.RandomRows, "random rows");

    /// <summary>Responsibilities drawn at random, uniformly on the simplex.</summary>
    public static Start RandomResponsibilities { get; } =
        new(Core.Start.RandomResponsibilities, "random responsibilities");

    internal Core.Start Value { get; }

    internal string Name { get; }

    /// <summary>Given responsibilities: the fit starts with an M-step.</summary>
    /// <param name="responsibilities">N x K, one row per observation; every row sums to one.</param>
    public static Start FromResponsibilities(double[,] responsibilities)
    {
        ArgumentNullException.ThrowIfNull(responsibilities);
        var copy = (double[,])responsibilities.Clone();
        return new(Core.Start.NewGivenResponsibilities(copy), "given responsibilities");
    }

    /// <summary>Given means; weights and covariances come from the rows nearest to each.</summary>
    /// <param name="means">K means of D numbers.</param>
    public static Start FromMeans(IReadOnlyList<double[]> means)
    {
        ArgumentNullException.ThrowIfNull(means);
        return new(Core.Start.NewGivenMeans(Arrays.Copy(means, nameof(means))), "given means");
    }

    /// <summary>A given model (a warm start): as many components and the same structure as the fit asks for.</summary>
    /// <param name="model">The model to go on from.</param>
    public static Start FromModel(MixtureModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(Core.Start.NewGivenModel(model.Mixture), "given model");
    }

    /// <summary>The start's name.</summary>
    public override string ToString() => Name;
}
