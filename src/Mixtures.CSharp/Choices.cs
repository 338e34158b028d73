namespace Mixtures.CSharp;

/// <summary>What the components' covariance matrices have in common.</summary>
public enum CovarianceStructure
{
    /// <summary>Every component has a covariance matrix of its own: K D(D+1)/2 parameters.</summary>
    Full,

    /// <summary>All components share one covariance matrix: D(D+1)/2 parameters.</summary>
    Tied,

    /// <summary>Every component has a variance of its own in each column: K D parameters.</summary>
    Diagonal,

    /// <summary>Every component has one variance for all columns: K parameters.</summary>
    Spherical,

    /// <summary>The covariances are given; fits leave them alone: no parameters.</summary>
    Known,
}

/// <summary>How to choose among fits: the smallest value wins.</summary>
public enum Criterion
{
    /// <summary>The Bayesian information criterion, k ln n - 2L with n the total weight.</summary>
    Bic,

    /// <summary>The integrated completed likelihood, bic - 2 Σ w log max r: BIC that dislikes overlap.</summary>
    Icl,

    /// <summary>Akaike's information criterion, 2k - 2L.</summary>
    Aic,
}

/// <summary>What to do with a component that loses all its rows, or whose covariance reaches the floor.</summary>
public enum CollapsePolicy
{
    /// <summary>Hold its covariance at the floor and go on.</summary>
    Floor,

    /// <summary>Move it to a random row, with the spread of the data.</summary>
    Reseed,

    /// <summary>Remove it.</summary>
    Prune,

    /// <summary>Stop with a <see cref="FitException"/>.</summary>
    Fail,
}

/// <summary>Why a fit stopped.</summary>
public enum Termination
{
    /// <summary>The gain still to come was below the tolerance.</summary>
    Converged,

    /// <summary>The limit of iterations was reached first.</summary>
    IterationLimit,

    /// <summary>It was cancelled; the result is what had been reached.</summary>
    Interrupted,
}
