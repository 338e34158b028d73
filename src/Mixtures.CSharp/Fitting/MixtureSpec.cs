using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A mixture to be fitted: a family of components, how many, and what is believed beforehand. Every learner fits every
/// specification; see <see cref="Fitting"/>. Made by <see cref="Mixture"/>; there are no others. Immutable: each With… of
/// <see cref="MixtureSpecs"/> and of the specification itself returns a new one.
/// </summary>
public abstract record MixtureSpec
{
    private protected MixtureSpec(int components) => Components = Checked(components);

    /// <summary>The components' family, such as gaussian, or gaussian-with-noise.</summary>
    public string Family => HasNoise ? $"{PlainFamily}-with-noise" : PlainFamily;

    /// <summary>
    /// What the components' covariances (of Student-t components, the scale matrices) have in common; null for families
    /// without.
    /// </summary>
    public abstract CovarianceStructure? Structure { get; }

    /// <summary>The number of components, K.</summary>
    public int Components { get; internal init; }

    /// <summary>The concentrations of the weights' Dirichlet prior: one for all, or one for each; null for none.</summary>
    public IReadOnlyList<double>? Concentrations => Priors.Concentrations;

    /// <summary>What is believed of weights and parameters; a fit with any maximises the posterior density (MAP).</summary>
    public Priors Priors { get; internal init; } = Priors.None;

    /// <summary>Whether there is noise beside the components; see <see cref="MixtureSpecs.WithNoise"/>.</summary>
    public bool HasNoise { get; internal init; }

    /// <summary>The family's name without noise.</summary>
    private protected abstract string PlainFamily { get; }

    /// <summary>The core's specification without priors and noise, for data of so many columns.</summary>
    private protected abstract Core.MixtureSpec Plain(int dimension);

    internal Core.MixtureSpec ToCore(int dimension)
    {
        var spec = Plain(dimension).WithPriors(Priors.Value);
        return HasNoise ? Core.MixtureSpecModule.withNoise(spec) : spec;
    }

    internal static int Checked(int components) =>
        components >= 1
            ? components
            : throw new ArgumentOutOfRangeException(
                nameof(components),
                $"expected at least 1 component, received {components}"
            );
}

/// <summary>What every specification can be given; the result is of the specification's own type.</summary>
public static class MixtureSpecs
{
    /// <summary>The same specification with another number of components.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="components">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one component.</exception>
    public static TSpec WithComponents<TSpec>(this TSpec spec, int components)
        where TSpec : MixtureSpec
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (TSpec)((MixtureSpec)spec with { Components = MixtureSpec.Checked(components) });
    }

    /// <summary>
    /// The same specification with noise beside the components: one component more, the last of the fitted model, of
    /// constant density over the data's box, for rows that belong to none of the others. Its weight is fitted.
    /// </summary>
    /// <param name="spec">The specification.</param>
    public static TSpec WithNoise<TSpec>(this TSpec spec)
        where TSpec : MixtureSpec
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (TSpec)((MixtureSpec)spec with { HasNoise = true });
    }

    /// <summary>
    /// The same specification with a Dirichlet prior on the weights, the same for every component: fits then maximise the
    /// posterior density (MAP).
    /// </summary>
    /// <param name="spec">The specification.</param>
    /// <param name="concentration">Greater than 0; 1 is uniform, more pulls the weights together.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public static TSpec WithWeightsPrior<TSpec>(this TSpec spec, double concentration)
        where TSpec : MixtureSpec => spec.WithWeightsPrior([concentration]);

    /// <summary>The same specification with a Dirichlet prior on the weights.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="concentrations">One for all components, or one for each; greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public static TSpec WithWeightsPrior<TSpec>(this TSpec spec, IReadOnlyList<double> concentrations)
        where TSpec : MixtureSpec
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(concentrations);
        var all = Core.WeightsPrior.NewDirichlet(WeightsPrior.Checked(concentrations, nameof(concentrations)));
        return spec.WithPriors(spec.Priors.WithWeights(all));
    }

    /// <summary>
    /// The same specification with a Dirichlet process, truncated at its components, on the weights: weight k is the share
    /// v_k of what the weights before it leave, each share Beta(1, concentration).
    /// </summary>
    /// <param name="spec">The specification.</param>
    /// <param name="concentration">Greater than 0; small ones use few components.</param>
    /// <exception cref="ArgumentOutOfRangeException">A concentration that is not positive and finite.</exception>
    public static TSpec WithDirichletProcess<TSpec>(this TSpec spec, double concentration)
        where TSpec : MixtureSpec
    {
        ArgumentNullException.ThrowIfNull(spec);
        _ = WeightsPrior.Checked([concentration], nameof(concentration));
        return spec.WithPriors(spec.Priors.WithWeights(Core.WeightsPrior.NewDirichletProcess(concentration)));
    }

    /// <summary>
    /// The same specification with a prior of one of the family's parameters, in place of any that it has. Gradient fits
    /// take any prior; expectation-maximisation takes conjugate ones.
    /// </summary>
    /// <param name="spec">The specification.</param>
    /// <param name="parameter">The parameter's name, such as means, scales or rates; in a product, column.name.</param>
    /// <param name="prior">Of each of its values, or one for each component or column.</param>
    public static TSpec WithPrior<TSpec>(this TSpec spec, string parameter, Distribution prior)
        where TSpec : MixtureSpec
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(prior);
        return spec.WithPriors(spec.Priors.WithParameter(parameter, prior));
    }

    /// <summary>The same specification with other priors, such as those of a file.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="priors">The priors.</param>
    public static TSpec WithPriors<TSpec>(this TSpec spec, Priors priors)
        where TSpec : MixtureSpec
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(priors);
        return (TSpec)((MixtureSpec)spec with { Priors = priors });
    }

    /// <summary>
    /// The specification with data as a Bayesian model: the sites are the weights (of a Dirichlet process, the shares) and the
    /// family's parameters; which component a row comes from is summed out.
    /// </summary>
    /// <param name="spec">The specification, with its priors.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <param name="withDefaults">
    /// Whether sites without a prior get a weakly informative one on the data's scale, told in <see cref="BayesianModel.Notes"/>;
    /// otherwise their densities are flat, which suits MAP estimates only.
    /// </param>
    /// <exception cref="FitException">The data cannot be fitted.</exception>
    /// <exception cref="ArgumentException">Priors that do not fit the family's parameters.</exception>
    public static BayesianModel Bayesian(this MixtureSpec spec, Dataset data, bool withDefaults = false)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        var core = spec.ToCore(data.Dimension);
        return Interop.Run(
            () =>
                new BayesianModel(
                    withDefaults ? Core.SpecModel.withDefaults(core, data) : Core.SpecModel.ofSpec(core, data)
                ),
            CancellationToken.None
        );
    }
}
