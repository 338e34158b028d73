namespace Mixtures

/// Priors of parameters from plain numbers. Each is the same for every value of the parameter; for a prior per component or
/// column, make the distribution from tensors, as Normal.distribution does, whose batch is K, or K x D.
[<RequireQualifiedAccess>]
module Prior =
    let private one (value: float) = Tensor.scalar value

    /// The lower Cholesky factor of a matrix, which must be symmetric and positive definite.
    let private factor (name: string) (matrix: float[,]) =
        try
            Tensor.cholesky (Tensor.ofArray2D matrix)
        with :? System.ArgumentException ->
            invalidArg name "expected a symmetric positive definite matrix, received one that is not"

    /// Normal, by mean and standard deviation.
    let normal (mean: float) (sd: float) : IDistribution = Normal.distribution (one mean) (one sd)

    /// The absolute value of a normal number of mean 0 and standard deviation sd.
    let halfNormal (sd: float) : IDistribution = HalfNormal.distribution (one sd)

    /// The exponential of a normal number of that location and scale.
    let logNormal (location: float) (scale: float) : IDistribution =
        LogNormal.distribution (one location) (one scale)

    /// Gamma, by shape and rate.
    let gamma (shape: float) (rate: float) : IDistribution =
        Gamma.distribution (one shape) (one rate)

    /// Inverse gamma, by shape and scale: of a variance whose precision is gamma of that shape and rate.
    let inverseGamma (shape: float) (scale: float) : IDistribution =
        InverseGamma.distribution (one shape) (one scale)

    /// Exponential, by rate.
    let exponential (rate: float) : IDistribution = Exponential.distribution (one rate)

    /// The absolute value of a Cauchy number of that scale.
    let halfCauchy (scale: float) : IDistribution = HalfCauchy.distribution (one scale)

    /// Student-t, by degrees of freedom, location and scale.
    let studentT (degreesOfFreedom: float) (location: float) (scale: float) : IDistribution =
        StudentT.distribution (one degreesOfFreedom) (one location) (one scale)

    /// Beta, by its two shapes.
    let beta (a: float) (b: float) : IDistribution = Beta.distribution (one a) (one b)

    /// Uniform between two numbers.
    let uniform (low: float) (high: float) : IDistribution =
        Uniform.distribution (one low) (one high)

    /// Von Mises, of angles, by location and concentration.
    let vonMises (location: float) (concentration: float) : IDistribution =
        VonMises.distribution (one location) (one concentration)

    /// Dirichlet, by the concentration of each outcome.
    let dirichlet (concentrations: float[]) : IDistribution =
        Dirichlet.distribution (Tensor.ofArray concentrations)

    /// Wishart of precision matrices, by degrees of freedom and scale matrix V: the mean is degrees x V.
    let wishart (degreesOfFreedom: float) (scale: float[,]) : IDistribution =
        Wishart.distribution (one degreesOfFreedom) (factor (nameof scale) scale)

    /// Inverse Wishart of covariance matrices, by degrees of freedom and scale matrix Ψ: the mean is Ψ / (degrees - D - 1).
    let inverseWishart (degreesOfFreedom: float) (scale: float[,]) : IDistribution =
        InverseWishart.distribution (one degreesOfFreedom) (factor (nameof scale) scale)

    /// Normal-inverse-Wishart of mean and covariance together (the parameter components): the covariance is inverse Wishart
    /// of the degrees of freedom and scale matrix, the mean normal around the location with covariance / strength.
    let normalInverseWishart
        (location: float[])
        (strength: float)
        (degreesOfFreedom: float)
        (scale: float[,])
        : IDistribution =
        NormalInverseWishart.distribution
            (Tensor.ofArray location)
            (one strength)
            (one degreesOfFreedom)
            (factor (nameof scale) scale)
