using Microsoft.FSharp.Collections;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// Which family each column of mixed data has: added one by one, read from text, or found by looking at the data.
/// Immutable. Fit <see cref="Mixture.Product(int, Schema)"/> to these columns of the data: <c>data.Select(schema.Columns)</c>.
/// </summary>
/// <example>
/// <code>
/// var schema = Schema.Empty.Add("height", Family.Gaussian).Add("visits", Family.Poisson);
/// var same = Schema.Parse("height=gaussian,visits=poisson");
/// </code>
/// </example>
public sealed class Schema
{
    private Schema(
        IEnumerable<Tuple<FSharpList<string>, Core.IComponentFamily>> groups,
        IReadOnlyList<SchemaChoice> choices
    )
    {
        Groups = Interop.List(groups);
        Choices = choices;
        Columns = [.. Core.Schema.columns(Groups)];
    }

    /// <summary>No columns yet: the beginning of <see cref="Add(string, Family)"/>.</summary>
    public static Schema Empty { get; } = new([], []);

    /// <summary>The columns that have a family, in their order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What was chosen for each column, and why; of what is found in data, also the columns left out.</summary>
    public IReadOnlyList<SchemaChoice> Choices { get; }

    internal FSharpList<Tuple<FSharpList<string>, Core.IComponentFamily>> Groups { get; }

    /// <summary>
    /// A schema from text: comma-separated column=family; several columns that a family has together are joined by +, as in
    /// height+weight=gaussian:full. See <see cref="Family.Names"/>.
    /// </summary>
    /// <param name="text">Such as height=gaussian,smoker=bernoulli,visits=poisson.</param>
    /// <exception cref="ArgumentException">What is wrong with the text.</exception>
    public static Schema Parse(string text)
    {
        var groups = Core.Schema.parse(text);
        return new Schema(groups, [.. groups.SelectMany(group => Given(group.Item1, new Family(group.Item2)))]);
    }

    /// <summary>
    /// A schema found in data, by the values of rows with positive weight: 0 and 1 are Bernoulli, few small whole numbers are
    /// levels, other counts are Poisson or negative binomial, anything else is Gaussian. Constant columns are left out.
    /// </summary>
    /// <param name="data">The rows.</param>
    public static Schema Infer(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var choices = Core.Schema.infer(data);
        return new Schema(
            Core.Schema.ofChoices(choices),
            [
                .. choices.Select(choice => new SchemaChoice(
                    choice.Column,
                    choice.Family is { } family ? new Family(family.Value) : null,
                    choice.Reason
                )),
            ]
        );
    }

    /// <summary>The same schema with one more column.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="family">Its family.</param>
    /// <exception cref="ArgumentException">The column is there already.</exception>
    public Schema Add(string column, Family family)
    {
        ArgumentNullException.ThrowIfNull(column);
        return Add([column], family);
    }

    /// <summary>
    /// The same schema with more columns, which the family has together: a Gaussian has full covariance over them unless it
    /// says otherwise.
    /// </summary>
    /// <param name="columns">The columns' names, at least one.</param>
    /// <param name="family">Their family.</param>
    /// <exception cref="ArgumentException">A column is there already, or there is none.</exception>
    public Schema Add(IReadOnlyList<string> columns, Family family)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(family);
        string[] names = [.. columns];

        if (names.Length == 0)
        {
            throw new ArgumentException("expected at least one column, received none", nameof(columns));
        }

        foreach (var name in names)
        {
            if (string.IsNullOrWhiteSpace(name))
            {
                throw new ArgumentException("expected the name of each column, received none", nameof(columns));
            }

            if (Columns.Contains(name) || names.Count(other => other == name) > 1)
            {
                throw new ArgumentException($"expected each column once, received '{name}' again", nameof(columns));
            }
        }

        var together =
            names.Length > 1 && ReferenceEquals(family, Family.Gaussian)
                ? Family.GaussianOf(CovarianceStructure.Full)
                : family;
        return new Schema(
            Groups.Append(Tuple.Create(Interop.List(names), together.Value)),
            [.. Choices, .. Given(names, together)]
        );
    }

    /// <summary>The columns with their families.</summary>
    public override string ToString() =>
        string.Join("; ", Choices.Select(choice => $"{choice.Column}: {choice.Family?.ToString() ?? "left out"}"));

    private static IEnumerable<SchemaChoice> Given(IEnumerable<string> columns, Family family) =>
        columns.Select(column => new SchemaChoice(column, family, "given"));
}

/// <summary>What was chosen for a column, and why.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Family">Its family; null for a column that is left out.</param>
/// <param name="Reason">Why, in plain words, such as only 0 and 1; given where it was not found in data.</param>
public sealed record SchemaChoice(string Column, Family? Family, string Reason);
