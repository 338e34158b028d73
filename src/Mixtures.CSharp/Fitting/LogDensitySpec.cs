using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A mixture of components that are known by their log-density, to be fitted: p(x) = Σ_k π_k exp(f(θ_k, x)). EM fits it
/// with a numerical M-step, and gradient descent as any other. Immutable: each With… returns a new specification.
/// </summary>
/// <example>
/// <code>
/// var laplace = Mixture.OfLogDensity(
///     "laplace",
///     components: 2,
///     parameters: [("location", 1), ("log-scale", 1)],
///     start: (point, deviations) => [point[0], Math.Log(deviations[0])],
///     logDensity: (p, rows) =>
///         -((rows.Select(1, 0) - p.Select(0, 0)).Abs() * (-p.Select(0, 1)).Exp()) - p.Select(0, 1) - Math.Log(2));
/// var fit = laplace.Fit(data);
/// </code>
/// </example>
public sealed record LogDensitySpec : MixtureSpec
{
    private readonly Core.LogDensityDefinition definition;

    internal LogDensitySpec(Core.LogDensityDefinition definition, int components)
        : base(components)
    {
        this.definition = definition;
        CoreFamily = Core.Component.ofDefinition(definition);
    }

    private protected override string PlainFamily => definition.Name;

    /// <summary>None: nothing is known of covariances.</summary>
    public override CovarianceStructure? Structure => null;

    internal Core.IComponentFamily CoreFamily { get; }

    /// <summary>A model of this family with given parameters.</summary>
    /// <param name="weights">K weights, not negative, that sum to one.</param>
    /// <param name="parameters">K arrays of as many numbers as the family's parameters have together.</param>
    /// <param name="dimension">The number of columns, D.</param>
    /// <exception cref="ArgumentException">Shapes disagree, weights do not sum to one, or a number is not finite.</exception>
    public MixtureModel CreateModel(
        IReadOnlyList<double> weights,
        IReadOnlyList<double[]> parameters,
        int dimension = 1
    )
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(parameters);
        var components = Core.Component.create(CoreFamily, dimension, Arrays.Copy(parameters, nameof(parameters)));
        return new MixtureModel(Core.MixtureModule.create(null, [.. weights], components), null);
    }

    private protected override Core.MixtureSpec Plain(int dimension) => Core.MixtureSpec.Create(CoreFamily, Components);

    internal static Core.LogDensityDefinition Define(
        string name,
        IReadOnlyList<(string Name, int Count)> parameters,
        Func<double[], double[], double[]> start,
        Func<Tensor, Tensor, Tensor> logDensity,
        Func<double[], RandomStream, double[]>? sample
    ) =>
        new(
            name,
            Interop.List(parameters.Select(part => Tuple.Create(part.Name, part.Count))),
            FuncConvert.FromFunc(logDensity),
            FuncConvert.FromFunc(start),
            Interop.Option(sample is null ? null : FuncConvert.FromFunc(sample))
        );
}
