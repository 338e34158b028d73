using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>Parameters of every family.</content>
public sealed partial class MixtureModel
{
    /// <summary>
    /// Every parameter of every component, component by component: those that a fit adjusts, and what is given or found in
    /// the data instead (degrees of freedom that are fixed, numbers of trials, the lower and upper ends of the noise's box).
    /// The weights are <see cref="Weights"/>. A new list at each call.
    /// </summary>
    public IReadOnlyList<ModelParameter> Parameters =>
        [
            .. Core
                .ParameterTable.ofMixture(Mixture)
                .Select(parameter => new ModelParameter(
                    parameter.Component,
                    [.. parameter.Columns],
                    parameter.Name,
                    parameter.Value,
                    parameter.Label
                )),
        ];

    /// <summary>The family of each column: of a product its own, otherwise the model's.</summary>
    public IReadOnlyList<string> ColumnFamilies => Core.ParameterTable.columnFamilies(Mixture).AsReadOnly();

    /// <summary>
    /// The components' means: K arrays of D numbers, without the noise. Of Student-t components the locations, of angles the
    /// mean directions. New arrays at each call.
    /// </summary>
    /// <exception cref="InvalidOperationException">The components are known by their log-density alone.</exception>
    public IReadOnlyList<double[]> Means =>
        [.. Enumerable.Range(0, proper.Count).Select(k => proper.Components.Mean(k))];

    /// <summary>
    /// The components' covariances: K matrices of D x D, whatever the structure, without the noise; infinite for Student-t
    /// components of at most two degrees of freedom. New arrays at each call.
    /// </summary>
    /// <exception cref="InvalidOperationException">The components are known by their log-density alone.</exception>
    public IReadOnlyList<double[,]> Covariances =>
        [.. Enumerable.Range(0, proper.Count).Select(k => proper.Components.Covariance(k))];

    /// <summary>The locations of Student-t components: K arrays of D numbers. New arrays at each call.</summary>
    /// <exception cref="InvalidOperationException">The components are of another family.</exception>
    public IReadOnlyList<double[]> Locations => StudentT.Item1;

    /// <summary>
    /// The scale matrices of Student-t components, which are not their covariances: K matrices of D x D. New arrays at each
    /// call.
    /// </summary>
    /// <exception cref="InvalidOperationException">The components are of another family.</exception>
    public IReadOnlyList<double[,]> Scales => StudentT.Item2;

    /// <summary>The degrees of freedom of Student-t components: K numbers. A new array at each call.</summary>
    /// <exception cref="InvalidOperationException">The components are of another family.</exception>
    public IReadOnlyList<double> DegreesOfFreedom => StudentT.Item3;

    /// <summary>
    /// The parameters of components that are known by their log-density, in the order in which the family names them: K
    /// arrays. New arrays at each call.
    /// </summary>
    /// <exception cref="InvalidOperationException">The components are of a built-in family.</exception>
    public IReadOnlyList<double[]> ComponentParameters =>
        Core.Component.isOfLogDensity(proper.Components)
            ? Core.Component.parameters(proper.Components)
            : throw new InvalidOperationException(
                $"components of the built-in family {Family} are no log-density of one's own: read Parameters"
            );

    /// <summary>
    /// A specification of the same family, structure and number of components, with noise where the model has it, to be
    /// fitted to other data.
    /// </summary>
    public MixtureSpec ToSpec()
    {
        MixtureSpec spec =
            proper.Family.Name != "gaussian" ? new FamilySpec(new Family(proper.Family), proper.Count)
            : Covariance is { } structure and not CovarianceStructure.Known
                ? CSharp.Mixture.Gaussian(proper.Count).WithCovariance(structure)
            : CSharp.Mixture.Gaussian(proper.Count).WithKnownCovariances(Covariances);
        return HasNoise ? spec.WithNoise() : spec;
    }

    internal static MixtureModel Of(Core.Mixture mixture, IReadOnlyList<string>? columnNames)
    {
        if (columnNames is null)
        {
            return new MixtureModel(mixture, null);
        }

        var names = Interop.Option(Interop.List(columnNames));
        return new MixtureModel(Core.MixtureModule.create(names, mixture.Weights, mixture.Components), null);
    }

    private (double[][], double[][,], double[]) StudentT =>
        proper.Family.Name == "student-t"
            ? Core.Families.studentTParameters(proper)
            : throw new InvalidOperationException(
                $"components of family {Family} are no Student-t components: read Parameters"
            );
}

/// <summary>One parameter of one component, in the data's units.</summary>
/// <param name="Component">The component, from 0.</param>
/// <param name="Columns">
/// The names of the columns it belongs to: one, two for an entry of a matrix, none for a number of the whole component.
/// </param>
/// <param name="Name">Its name, such as rate, mean or degrees_of_freedom.</param>
/// <param name="Value">Its value.</param>
/// <param name="Label">Name, component from 1 and columns, such as rate[2][visits]: as standard errors are named.</param>
public sealed record ModelParameter(
    int Component,
    IReadOnlyList<string> Columns,
    string Name,
    double Value,
    string Label
)
{
    /// <summary>The column, where the parameter belongs to just one; null otherwise.</summary>
    public string? Column => Columns.Count == 1 ? Columns[0] : null;
}
