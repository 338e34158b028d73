namespace Mixtures

/// The posterior of the components' parameters under a mean-field guide: arrays of K, one for each component.
type ComponentsPosterior =
    /// Precision matrices are Wishart of the degrees of freedom (scale matrix the inverse of Scales: the expected covariance
    /// is Scales / degrees), and means, given these, normal with the precision times Strengths. Components that share one
    /// precision have one entry in Degrees and Scales.
    | NormalWishart of means: float[][] * strengths: float[] * degrees: float[] * scales: float[,][]
    /// Precisions are gamma of shapes and rates (D for each component; one where it is spherical), and means, given these,
    /// normal with the precision times Strengths.
    | NormalGamma of means: float[][] * strengths: float[] * shapes: float[][] * rates: float[][]
    /// Means are normal, by means and standard deviations, and precisions gamma, by shapes and rates, all independent.
    | IndependentNormalGamma of means: float[][] * deviations: float[][] * shapes: float[][] * rates: float[][]
    /// Probabilities are beta of a and b: D for each component.
    | BetaProbabilities of a: float[][] * b: float[][]
    /// Probabilities of the levels of each column are Dirichlet, by concentrations.
    | DirichletProbabilities of concentrations: float[][][]

/// How coordinate ascent updates the components' posterior.
type CaviUpdates =
    /// Exact coordinate ascent: the bound never falls.
    | Exact
    /// As scikit-learn's BayesianGaussianMixture: for tied, diagonal and spherical covariances its degrees of freedom and
    /// expected log-determinants are not those of the model, and it adds an absolute floor to covariances. For comparison.
    | ScikitLearn of floor: float

/// The guide of all components: what the E-step computes with, and the closed-form update. Immutable.
[<AbstractClass>]
type internal CaviBlock() =
    /// Components whose log-densities, with the offsets, are E log p(x | k).
    abstract Components: IComponents

    /// What is added to each component's log-density: K numbers.
    abstract Offsets: float[]

    /// The Kullback-Leibler divergence to the priors, in nats.
    abstract Divergence: float

    /// The guide given the statistics of rows.
    abstract Update: statistics: IStatistics -> CaviBlock

    /// The chosen components' guide.
    abstract Choose: indices: int[] -> CaviBlock

    /// Components at the guide's expectations.
    abstract PlugIn: IComponents

    /// Components drawn from the guide.
    abstract Draw: stream: RandomStream -> IComponents

    /// The posterior as people read it.
    abstract Posterior: ComponentsPosterior

    /// Components of the posterior predictive density, where it is of a family.
    abstract Predictive: IComponents voption
