using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A Bayesian model as a program: latent sites with priors, and observations that depend on them. The program is run many
/// times, with different values of its sites; it asks for the same sites in the same order each time.
/// </summary>
/// <example>
/// <code>
/// var model = BayesianProgram.Create(p =>
/// {
///     var weights = p.Latent("weights", Prior.Dirichlet(0.5, 0.5));
///     var scale = p.Latent("scale", Prior.LogNormal(0, 2));
///     var locations = p.Latent("locs", Prior.Normal(0, 10).Repeat(2));
///     p.ObserveMixture("x", weights, Distributions.Normal(locations, scale), new[] { 0.0, 1, 10, 11, 12 });
/// });
/// </code>
/// </example>
public sealed class BayesianProgram
{
    private readonly Core.ProgramRun run;

    private BayesianProgram(Core.ProgramRun run) => this.run = run;

    /// <summary>The model of a program.</summary>
    /// <param name="program">Asks for sites and gives observations; run many times.</param>
    /// <param name="starts">
    /// Values of some sites to start searches from, by name; the others, or all where null, start at draws from their priors.
    /// </param>
    /// <exception cref="ArgumentException">A name that is used twice, a discrete site, or no site at all.</exception>
    public static BayesianModel Create(
        Action<BayesianProgram> program,
        Func<RandomStream, IReadOnlyDictionary<string, Tensor>>? starts = null
    )
    {
        ArgumentNullException.ThrowIfNull(program);

        Unit? Body(Core.ProgramRun run)
        {
            program(new BayesianProgram(run));
            return null;
        }

        var core = Core.Program.ofRun(FuncConvert.FromFunc<Core.ProgramRun, Unit?>(Body));
        return new(
            starts is null
                ? Core.ProgramModel.ofProgram(core)
                : Core.ProgramModel.startingFrom(
                    FuncConvert.FromFunc(
                        (RandomStream stream) =>
                            Interop.List(starts(stream).Select(pair => Tuple.Create(pair.Key, pair.Value)))
                    ),
                    core
                )
        );
    }

    /// <summary>An unobserved quantity with its prior, which may depend on sites before it.</summary>
    /// <param name="name">Its name, once in the program.</param>
    /// <param name="prior">Its prior; the value has its batch's shape.</param>
    /// <returns>The value of this run.</returns>
    public Tensor Latent(string name, Distribution prior)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(prior);
        return run.Latent(name, prior.Value);
    }

    /// <summary>Data with their distribution given the sites; rows are the data's first axis.</summary>
    /// <param name="name">Its name, once in the program.</param>
    /// <param name="distribution">The distribution, whose batch broadcasts with the data.</param>
    /// <param name="data">The data.</param>
    public void Observe(string name, Distribution distribution, Numbers data)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(distribution);
        run.Observe(name, distribution.Value, data.Tensor);
    }

    /// <summary>
    /// Rows of a mixture. Which component a row comes from is summed out exactly, and can be asked for afterwards.
    /// </summary>
    /// <param name="name">Its name, once in the program.</param>
    /// <param name="weights">K weights that sum to one.</param>
    /// <param name="components">K components in the last axis of the batch.</param>
    /// <param name="data">The data.</param>
    public void ObserveMixture(string name, Numbers weights, Distribution components, Numbers data)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(components);
        run.ObserveMixture(name, weights.Tensor, components.Value, data.Tensor);
    }

    /// <summary>A term of the log joint density that no distribution gives, in nats.</summary>
    /// <param name="name">Its name, once in the program.</param>
    /// <param name="value">The term; several numbers are summed.</param>
    public void Factor(string name, Numbers value)
    {
        ArgumentNullException.ThrowIfNull(name);
        run.Factor(name, value.Tensor);
    }
}
