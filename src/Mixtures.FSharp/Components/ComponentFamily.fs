namespace Mixtures

open System

/// What M-steps know of the data: the columns' weighted means and variances, computed once per fit and frozen.
type DataScale =
    {
        /// The weighted mean of each column.
        Means: float[]
        /// The weighted variance of each column (divided by the total weight).
        Variances: float[]
        /// Σ w (x - mean)(x - mean)ᵀ, a lower triangle row by row; empty where nobody asked for it.
        Scatter: float[]
        /// The sum of the row weights.
        TotalWeight: float
        /// (Σw)² / Σw².
        EffectiveRows: float
    }

/// How an M-step keeps components from collapsing.
type Floor =
    {
        /// The least eigenvalue of a covariance in units of the columns' variances.
        Relative: float
        /// Added to each covariance's diagonal, in squared units of the data; for comparison with other tools.
        Absolute: float
    }

    /// Relative 1e-9, absolute 0.
    static member Default = { Relative = 1e-9; Absolute = 0.0 }

/// How well-conditioned one component is.
type ComponentHealth =
    {
        /// The smallest eigenvalue of the covariance in units of the columns' variances.
        SmallestEigenvalue: float
        /// The largest eigenvalue over the smallest, in the same units.
        ConditionNumber: float
    }

/// Sufficient statistics of weighted rows: a commutative monoid, up to rounding. They carry the points that they are
/// centred on; merging re-centres.
type IStatistics =
    /// Per component, the sum of the weights a of its rows, Σ a.
    abstract Counts: float[]

    /// Whether every number is finite.
    abstract IsFinite: bool

    /// The statistics of both sets of rows together. The other must come from the same family, structure and shape.
    abstract Merge: other: IStatistics -> IStatistics

/// What a kernel is asked for.
[<NoEquality; NoComparison>]
type KernelRequest =
    {
        /// Log-densities are of x / reference: a scale for each active column.
        Reference: float[]
        /// K x D points to centre the statistics on, instead of the components' own.
        Centres: float[] voption
        /// The data's scale with its total scatter, where the kernel will see all rows of the data, each with
        /// responsibilities that sum to one: some second moments then follow from the sums.
        Whole: DataScale voption
        /// Lanes of a vector: 8, 4 or 1.
        Width: int
    }

    /// A kernel for densities in the data's units, centred on the components.
    static member Plain(dimension: int, width: int) =
        {
            Reference = Array.create dimension 1.0
            Centres = ValueNone
            Whole = ValueNone
            Width = width
        }

    /// The same for some of so many columns.
    member internal request.Of(columns: int[], dimension: int) =
        let pick start (values: float[]) =
            columns |> Array.map (fun c -> values[start + c])

        { request with
            Reference = pick 0 request.Reference
            Centres =
                request.Centres
                |> ValueOption.map (fun centres ->
                    Array.init (centres.Length / dimension) (fun k -> pick (k * dimension) centres)
                    |> Array.concat)
            Whole = ValueNone
        }

/// The parameters of all components, ready to work on tiles. A kernel is immutable and shared by threads; scratch and
/// accumulators belong to the caller, a set per worker. Component k's lanes start at k * Capacity of the tile.
type IBlockKernel =
    /// How many numbers of scratch a call needs.
    abstract ScratchLength: capacity: int -> int

    /// How many numbers AddStatistics accumulates into, per worker.
    abstract AccumulatorLength: int

    /// How many numbers the reduced statistics take.
    abstract StatisticsLength: int

    /// Adds every component's log-density of every row to the lanes (nats).
    abstract AddLogDensity: tile: Tile * scratch: Span<float> * lanes: Span<float> -> unit

    /// Adds the statistics of the rows, weighted by the lanes (responsibility times row weight), to the accumulators.
    abstract AddStatistics: tile: Tile * scratch: Span<float> * lanes: Span<float> * accumulators: Span<float> -> unit

    /// Adds a worker's accumulators to the statistics.
    abstract Reduce: accumulators: Span<float> * statistics: Span<float> -> unit

    /// The statistics as a value, given Σ a of each component.
    abstract ToStatistics: counts: float[] * statistics: ReadOnlySpan<float> -> IStatistics

/// The parameters of all components of a mixture. Immutable.
type IComponents =
    /// The family they belong to.
    abstract Family: IComponentFamily

    /// The number of components, K.
    abstract Count: int

    /// The number of columns, D.
    abstract Dimension: int

    /// The number of parameters that a fit adjusts, without the weights.
    abstract FreeParameters: int

    /// The columns that the density is over; constant columns are left out.
    abstract ActiveColumns: int[]

    /// The same components over their active columns only.
    abstract Active: IComponents

    /// The kernel that computes with these parameters.
    abstract Kernel: request: KernelRequest -> IBlockKernel

    /// By how much the worst-conditioned component magnifies rounding in a log-density, in units of reference: about the
    /// condition number of its covariance, or the size of the terms that a column's log-density is the sum of.
    abstract Magnification: reference: float[] -> float

    /// The chosen components, in the order given.
    abstract Choose: indices: int[] -> IComponents

    /// The joint distribution of the chosen columns under each component.
    abstract Marginal: columns: int[] -> IComponents

    /// The distribution of the other columns given values of the chosen ones, and each component's log-density of those
    /// values (nats).
    abstract Condition: columns: int[] * values: float[] -> struct (IComponents * float[])

    /// Draws one row of a component.
    abstract Sample: index: int * stream: RandomStream * row: Span<float> -> unit

    /// The mean of a component: D numbers.
    abstract Mean: index: int -> float[]

    /// The covariance of a component: D x D.
    abstract Covariance: index: int -> float[,]

    /// The differential entropy of a component over its active columns, in nats.
    abstract Entropy: index: int -> float

    /// P(X ≤ x) under a component of one column.
    abstract Cdf: index: int * x: float -> float

/// A family of component distributions: how to estimate its parameters from statistics, and how to judge them.
and IComponentFamily =
    /// The family's name in files and on the command line, such as gaussian.
    abstract Name: string

    /// The name of the structure that the components share, such as tied.
    abstract Structure: string

    /// Whether kernels profit from the data's total scatter.
    abstract UsesScatter: bool

    /// Whether spreads are estimated, which a constant column would bring to nothing: such columns are left out, and
    /// components that shrink are watched.
    abstract EstimatesSpread: bool

    /// Whether the parameters are free to be estimated for this many components of this many columns: an error
    /// message, or nothing.
    abstract Check: components: int * dimension: int -> string voption

    /// The M-step: the parameters of greatest expected log-likelihood subject to the floor. A component with no rows
    /// keeps its previous parameters.
    abstract Estimate:
        statistics: IStatistics * previous: IComponents voption * scale: DataScale * floor: Floor -> IComponents

    /// K x D points to centre the statistics on, where those they are centred on now are so far from the rows that the
    /// second moments have lost digits.
    abstract Recentre: statistics: IStatistics -> float[] voption

    /// Components at the given K x D points, with the spread of the data.
    abstract At: points: float[] * scale: DataScale -> IComponents

    /// A starting point from the statistics of a hard assignment: their means (or, to keep those, their centres), and
    /// spreads that are pooled over components to the extent that a component has few rows.
    abstract Start: statistics: IStatistics * keepCentres: bool * scale: DataScale * floor: Floor -> IComponents

    /// Parameters moved to where the floor allows.
    abstract Project: components: IComponents * scale: DataScale * floor: Floor -> IComponents

    /// The same components, with one moved to a point and given the spread of the data.
    abstract Reseed: components: IComponents * index: int * point: float[] * scale: DataScale -> IComponents

    /// How well-conditioned each component is.
    abstract Health: components: IComponents * scale: DataScale -> ComponentHealth[]

    /// The largest component, in absolute value, of the gradient of the mean log-likelihood at the parameters that the
    /// statistics were collected with, in coordinates scaled by each component's own spread, active floors projected out.
    abstract LargestGradient:
        statistics: IStatistics * components: IComponents * scale: DataScale * floor: Floor -> float

    /// The parameters that are fitted, as one vector of free real numbers in units of the data's scale.
    abstract ToVector: components: IComponents * scale: DataScale -> float[]

    /// The components of a vector, which is handed over, and like the given ones in what is not fitted.
    abstract OfVector: vector: float[] * like: IComponents * scale: DataScale -> IComponents

    /// The names of the parts of that vector, such as means, and how many numbers each has, in their order.
    abstract VectorParts: components: IComponents -> struct (string * int)[]

    /// The gradient of Σ a log p_k(x) in the coordinates of that vector, at the components that the statistics were
    /// collected with and centred on; nothing for a family whose statistics do not tell.
    abstract Gradient: statistics: IStatistics * components: IComponents * scale: DataScale -> float[] voption

    /// Log-densities, N x K, of rows (N x D) as a differentiable function of that vector; what is not fitted is like in
    /// the given components. A column that is NaN in the first row is so in all: it is missing, and left out.
    abstract LogDensity: vector: Tensor * like: IComponents * scale: DataScale * rows: Tensor -> Tensor

    /// The parameters as people state them, in the data's units, as a differentiable function of that vector, and their
    /// names, with those of the columns.
    abstract Natural:
        vector: Tensor * like: IComponents * scale: DataScale * columns: string[] -> struct (string[] * Tensor)

    /// The components over more columns: those at the given positions, the others constant.
    abstract Embed: components: IComponents * positions: int[] * constants: float[] -> IComponents

/// What a family may ask of its columns beyond finite numbers, and take from the data beside what is fitted.
type IColumnwiseFamily =
    /// The family with what it takes from the data and does not fit, such as levels; itself where there is nothing.
    abstract Bind: data: Dataset -> IComponentFamily

    /// Whether constant columns stay in the density; otherwise they are left out.
    abstract KeepsConstantColumns: bool

    /// What the values of a column may be, such as "a whole number of at least 0".
    abstract Expected: column: int -> string

    /// The first value that a column cannot hold, counted from 0; -1 where there is none.
    abstract FirstRefused: column: int * values: ReadOnlySpan<float> -> int

    /// What a person should know before trusting so many components, such as that they cannot be told apart.
    abstract Warnings: components: int * columns: string[] -> string list

/// A family that leaves its columns to others, which messages on a column name.
type internal IComposedFamily =
    /// The family that has a column.
    abstract FamilyOf: column: int -> IComponentFamily

/// A family of which some columns may hold levels: codes 0 … L - 1, which may have names.
type ILevelFamily =
    /// Whether a column may hold levels.
    abstract HoldsLevels: column: int -> bool

    /// The names of a column's levels, in the order of their codes; none where they are not known.
    abstract LevelNames: column: int -> string[]
