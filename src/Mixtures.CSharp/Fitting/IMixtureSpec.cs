using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>
/// A mixture to be fitted: a family of components, how many, and what is believed beforehand. Every learner fits every
/// specification; see <see cref="Fitting"/>. Made by <see cref="Mixture"/>; there are no others.
/// </summary>
public interface IMixtureSpec
{
    /// <summary>The components' family, such as gaussian.</summary>
    string Family { get; }

    /// <summary>What the components' covariances have in common; null for families without covariances.</summary>
    CovarianceStructure? Structure { get; }

    /// <summary>The number of components, K.</summary>
    int Components { get; }

    internal Core.MixtureSpec ToCore(int dimension);
}
