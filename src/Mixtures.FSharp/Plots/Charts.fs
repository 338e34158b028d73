namespace Mixtures

/// Charts of mixtures over plain arrays: pure functions to figures, with titles, axis labels, legends and hover texts.
/// Components and rows are numbered from 1 wherever people see them.
[<RequireQualifiedAccess>]
module Charts =

    /// A column's histogram (weighted, of area one, in Freedman and Diaconis' bins) under the components' curves and
    /// their total.
    let density1D (density: ChartDensity) : Figure = DensityChart.create density

    /// Two columns: points coloured by component, the less certain the larger and darker, ellipses at one and two
    /// standard deviations, and named means. Of more than 20,000 rows that many are drawn, evenly spaced, by WebGL;
    /// the title says so.
    let scatter2D (components: ChartComponents) (rows: ChartRows) : Figure = ScatterChart.create components rows

    /// The lower half of the scatter matrix of two or more columns, with ellipses, and each column's histogram and
    /// densities on the diagonal. Of more than six columns the first six are drawn, and at most 40,000 points
    /// altogether, of evenly spaced rows; the title says so.
    let pairs (components: ChartComponents) (rows: ChartRows) : Figure = PairsChart.create components rows

    /// The uncertainty of each row, 1 minus its largest responsibility: one ascending line for each component, over the
    /// share of its rows. Names of K components, labels from 0 and uncertainties of N rows. More than 20,000 rows are
    /// thinned evenly; the title says so.
    let uncertainty (names: string[]) (labels: int[]) (uncertainty: float[]) : Figure =
        UncertaintyChart.create names labels uncertainty

    /// The log-likelihood at the start and after each iteration: one line for each start, the best (its index, from 0)
    /// in front.
    let logLikelihood (best: int) (histories: float[][]) : Figure =
        LogLikelihoodChart.create best histories

    /// Expected weights as bars, named, with the low and high end of an interval each.
    let guideWeights (names: string[]) (means: float[]) (low: float[]) (high: float[]) : Figure =
        GuideCharts.weights names means low high

    /// A lower bound at the start and after each iteration, as logLikelihood.
    let bound (best: int) (histories: float[][]) : Figure = GuideCharts.bound best histories

    /// A criterion (its name, such as BIC; smaller is better) against the number of components, one line for each
    /// covariance structure, the lowest ringed.
    let selection (criterion: string) (candidates: ChartCandidate list) : Figure =
        SelectionChart.create criterion candidates

    /// A figure that moves: frames, each with its name and the traces that replace the figure's first traces, with a
    /// slider, a play button and a caption before the frame's name, such as "iteration". The figure's axes should have
    /// fixed ranges.
    let animated (caption: string) (frames: (string * PlotValue list) list) (figure: Figure) : Figure =
        AnimatedChart.create caption frames figure

    /// Loss and norm of the gradient at the start and after each step (as many numbers each), on logarithmic axes: the
    /// loss above its least. The best step (from 0) is marked.
    let losses (best: int) (losses: float[]) (norms: float[]) : Figure = LossChart.create best losses norms

    /// A column's histogram under densities that move, by a caption such as "step": each frame has a name and weight
    /// times density of each component on the grid, K arrays of G numbers; the density's own curves are not drawn.
    let animatedDensity (caption: string) (density: ChartDensity) (frames: (string * float[][]) list) : Figure =
        AnimatedDensity.create caption density frames

    /// Images of width pixels in a row, row by row, in so many columns, from white at low to dark at high; with a caption
    /// each, or none at all.
    let images
        (title: string)
        (width: int)
        (columns: int)
        (range: float * float)
        (captions: string[])
        (images: float[][])
        : Figure =
        ImageGrid.create title width columns range captions images

    /// The probability of each component (K names, K curves of G numbers) on a grid of values of one column, with the
    /// boundaries between classes, and, where given, values with the component that was drawn for each.
    let assignments
        (column: string)
        (names: string[])
        (grid: float[])
        (curves: float[][])
        (boundaries: float[])
        (drawn: (float[] * int[]) option)
        : Figure =
        AssignmentChart.create column names grid curves boundaries drawn

    /// A column's histogram and components, with the mean of several total densities on the same grid (one array each) and
    /// a band that holds the given share of them at each point.
    let densityBand (share: float) (density: ChartDensity) (draws: float[][]) : Figure =
        DensityBandChart.create share density draws

    /// The evidence lower bound before each step, its mean over neighbouring steps, and the final bound; the steps whose
    /// parameters are averaged, from a place on, are shaded.
    let elbo (averagedFrom: int) (final: float) (history: float[]) : Figure =
        ElboChart.create averagedFrom final history

    /// Posterior densities of one or more quantities (names, and draws of each), smoothed, on one axis.
    let posterior (quantity: string) (names: string[]) (draws: float[][]) : Figure =
        PosteriorChart.marginals quantity names draws

    /// Two quantities' joint posterior (names, and as many draws of each): the regions of highest density that hold 10 to 90 per
    /// cent of the draws.
    let jointPosterior (x: string * float[]) (y: string * float[]) : Figure = PosteriorChart.joint x y

    /// The density of two columns as an image: a title, the columns' names, rising x and y, and a row of densities for each y.
    let densityImage (title: string) (names: string * string) (x: float[]) (y: float[]) (density: float[,]) : Figure =
        DensityImage.create title names x y density
