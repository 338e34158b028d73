using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A mixture of components of one family, the same for every column, to be fitted. Immutable: each With… returns a new
/// specification.
/// </summary>
/// <example>
/// <code>
/// var fit = Mixture.Poisson(components: 3).WithWeightsPrior(2).Fit(data);
/// var rates = fit.Model.Parameters.Where(parameter => parameter.Name == "rate");
/// </code>
/// </example>
public sealed record FamilySpec : MixtureSpec
{
    internal FamilySpec(Family family, int components)
        : base(components) => ColumnFamily = family;

    /// <summary>The family of every column.</summary>
    public Family ColumnFamily { get; }

    private protected override string PlainFamily => ColumnFamily.Name;

    /// <summary>The structure of Gaussian or Student-t components; null for other families.</summary>
    public override CovarianceStructure? Structure => ColumnFamily.Structure;

    /// <summary>A model of this family with given parameters, for families over independent columns.</summary>
    /// <param name="weights">K weights, not negative, that sum to one.</param>
    /// <param name="parameters">
    /// For each component and column the parameters in the order in which <see cref="MixtureModel.Parameters"/> lists them:
    /// K x D arrays.
    /// </param>
    /// <param name="columnNames">The names of the D columns; null for x1, x2, ….</param>
    /// <exception cref="ArgumentException">Shapes disagree, or a parameter is out of range.</exception>
    /// <exception cref="InvalidOperationException">What the family takes from data, such as levels, is not known.</exception>
    public MixtureModel CreateModel(
        IReadOnlyList<double> weights,
        IReadOnlyList<double[][]> parameters,
        IReadOnlyList<string>? columnNames = null
    )
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(parameters);
        double[][][] all =
        [
            .. parameters.Select(component =>
                Arrays.Copy(
                    component ?? throw new ArgumentException("expected no null among the items", nameof(parameters)),
                    nameof(parameters)
                )
            ),
        ];
        return MixtureModel.Of(Core.Families.create(ColumnFamily.Value, [.. weights], all), columnNames);
    }

    private protected override Core.MixtureSpec Plain(int dimension) =>
        Core.MixtureSpec.Create(ColumnFamily.Value, Components);
}
