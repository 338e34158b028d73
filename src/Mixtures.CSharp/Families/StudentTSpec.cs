using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A mixture of Student-t components, to be fitted: robust, for outlying rows count for less. Immutable: each With… returns
/// a new specification.
/// </summary>
/// <example>
/// <code>
/// var fit = Mixture.StudentT(components: 2)
///     .WithScale(CovarianceStructure.Diagonal)
///     .WithDegreesOfFreedom(4)
///     .Fit(data);
/// </code>
/// </example>
public sealed record StudentTSpec : MixtureSpec
{
    internal StudentTSpec(int components)
        : base(components) { }

    /// <summary>What the scale matrices have in common: full by default.</summary>
    public CovarianceStructure Scale { get; private init; } = CovarianceStructure.Full;

    /// <summary>The degrees of freedom of every component; null where they are estimated, between 1 and 200, for each.</summary>
    public double? DegreesOfFreedom { get; private init; }

    private protected override string PlainFamily => "student-t";

    /// <summary>The structure of the scale matrices.</summary>
    public override CovarianceStructure? Structure => Scale;

    /// <summary>The same specification with scale matrices of another structure.</summary>
    /// <param name="structure">Full or diagonal.</param>
    /// <exception cref="ArgumentException">Another structure.</exception>
    public StudentTSpec WithScale(CovarianceStructure structure)
    {
        _ = Mixtures.CSharp.Family.StudentT(structure);
        return this with { Scale = structure };
    }

    /// <summary>The same specification with given degrees of freedom, the same for every component.</summary>
    /// <param name="degreesOfFreedom">Positive and finite; the fewer, the heavier the tails.</param>
    /// <exception cref="ArgumentException">Degrees of freedom that are not positive and finite.</exception>
    public StudentTSpec WithDegreesOfFreedom(double degreesOfFreedom)
    {
        _ = Mixtures.CSharp.Family.StudentT(Scale, degreesOfFreedom);
        return this with { DegreesOfFreedom = degreesOfFreedom };
    }

    /// <summary>The same specification with degrees of freedom that are estimated, between 1 and 200, for each component.</summary>
    public StudentTSpec WithEstimatedDegreesOfFreedom() => this with { DegreesOfFreedom = null };

    /// <summary>A model of Student-t components with given parameters.</summary>
    /// <param name="weights">K weights, not negative, that sum to one.</param>
    /// <param name="locations">K locations of D numbers.</param>
    /// <param name="scales">K scale matrices of D x D, positive definite; they are not the covariances.</param>
    /// <param name="degreesOfFreedom">K positive numbers.</param>
    /// <param name="columnNames">The names of the D columns; null for x1, x2, ….</param>
    /// <exception cref="ArgumentException">Shapes disagree, or a parameter is out of range.</exception>
    public MixtureModel CreateModel(
        IReadOnlyList<double> weights,
        IReadOnlyList<double[]> locations,
        IReadOnlyList<double[,]> scales,
        IReadOnlyList<double> degreesOfFreedom,
        IReadOnlyList<string>? columnNames = null
    )
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(locations);
        ArgumentNullException.ThrowIfNull(scales);
        ArgumentNullException.ThrowIfNull(degreesOfFreedom);
        return MixtureModel.Of(
            Core.Families.studentTMixture(
                CoreFamily,
                [.. weights],
                Arrays.Copy(locations, nameof(locations)),
                Arrays.Copy(scales, nameof(scales)),
                [.. degreesOfFreedom]
            ),
            columnNames
        );
    }

    private Core.IComponentFamily CoreFamily => Mixtures.CSharp.Family.StudentT(Scale, DegreesOfFreedom).Value;

    private protected override Core.MixtureSpec Plain(int dimension) => Core.MixtureSpec.Create(CoreFamily, Components);
}
