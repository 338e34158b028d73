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
public sealed record LogDensitySpec : IMixtureSpec
{
    private readonly Core.LogDensityDefinition definition;

    internal LogDensitySpec(Core.LogDensityDefinition definition, int components)
    {
        this.definition = definition;
        CoreFamily = Core.Component.ofDefinition(definition);
        Components = Checked(components);
    }

    /// <summary>The family's name, in files and messages.</summary>
    public string Family => definition.Name;

    /// <summary>The number of components, K.</summary>
    public int Components { get; private init; }

    /// <summary>The concentrations of the weights' Dirichlet prior: one for all, or one for each; null for none.</summary>
    public IReadOnlyList<double>? Concentrations { get; private init; }

    CovarianceStructure? IMixtureSpec.Structure => null;

    internal Core.IComponentFamily CoreFamily { get; }

    /// <summary>The same specification with another number of components.</summary>
    /// <param name="components">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public LogDensitySpec WithComponents(int components) => this with { Components = Checked(components) };

    /// <summary>
    /// The same specification with a Dirichlet prior on the weights, the same for every component: fits then maximise the
    /// posterior density (MAP).
    /// </summary>
    /// <param name="concentration">Greater than 0; 1 is uniform, more pulls the weights together.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public LogDensitySpec WithWeightsPrior(double concentration) => WithWeightsPrior([concentration]);

    /// <summary>The same specification with a Dirichlet prior on the weights.</summary>
    /// <param name="concentrations">One for all components, or one for each; greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public LogDensitySpec WithWeightsPrior(IReadOnlyList<double> concentrations)
    {
        ArgumentNullException.ThrowIfNull(concentrations);
        return this with { Concentrations = WeightsPrior.Checked(concentrations, nameof(concentrations)) };
    }

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

    Core.MixtureSpec IMixtureSpec.ToCore(int dimension) =>
        Core.MixtureSpec.Create(CoreFamily, Components).With(Concentrations);

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

    private static int Checked(int components) =>
        components >= 1
            ? components
            : throw new ArgumentOutOfRangeException(
                nameof(components),
                $"expected at least 1 component, received {components}"
            );
}
