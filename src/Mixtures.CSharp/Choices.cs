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

/// <summary>What takes the steps of a gradient fit.</summary>
public enum Optimizer
{
    /// <summary>Limited-memory BFGS with a strong-Wolfe line search, on all rows, to convergence.</summary>
    Lbfgs,

    /// <summary>Newton's method with exact second derivatives, on all rows, to convergence; for few parameters.</summary>
    Newton,

    /// <summary>Adam (Kingma &amp; Ba 2015), or with decay AdamW (Loshchilov &amp; Hutter 2019).</summary>
    Adam,

    /// <summary>Gradient descent, with or without momentum.</summary>
    Sgd,

    /// <summary>RMSProp (Tieleman &amp; Hinton 2012).</summary>
    RmsProp,
}

/// <summary>
/// What happens to a component that dies in a gradient fit: its weight falls below 1 / (10 Σw), or it has more than its
/// share 1 / K of no row for 100 steps running.
/// </summary>
public enum DeadComponents
{
    /// <summary>It is reported and left alone.</summary>
    Report,

    /// <summary>It is moved to a random row, with the spread of the data and a share of the weight.</summary>
    Reseed,
}

/// <summary>What follows the steps of a gradient fit.</summary>
public enum Polish
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>L-BFGS to convergence from the best parameters of a first-order method.</summary>
    Lbfgs,

    /// <summary>Expectation-maximisation to convergence from the best parameters.</summary>
    Em,
}
