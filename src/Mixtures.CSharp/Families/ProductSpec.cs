using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A mixture, to be fitted, of components that are made of different families on different columns, independent given the
/// component. Immutable: each With… returns a new specification.
/// </summary>
/// <example>
/// <code>
/// var schema = Schema.Infer(data);
/// var fit = Mixture.Product(3, schema).Fit(data.Select(schema.Columns));
/// </code>
/// </example>
public sealed record ProductSpec : MixtureSpec
{
    private readonly Core.IComponentFamily family;

    internal ProductSpec(Schema schema, int components)
        : base(components)
    {
        Schema = schema;
        family = Core.Product.familyOf(schema.Groups);
    }

    /// <summary>Which family each column has. The data to be fitted have these columns and no others.</summary>
    public Schema Schema { get; }

    private protected override string PlainFamily => "product";

    /// <summary>None: each column has its own.</summary>
    public override CovarianceStructure? Structure => null;

    private protected override Core.MixtureSpec Plain(int dimension) => Core.MixtureSpec.Create(family, Components);
}
