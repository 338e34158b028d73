namespace Mixtures

open System
open System.Globalization

/// Options of expectation-maximisation.
[<NoEquality; NoComparison>]
type EmOptions =
    {
        /// How many random starts; given starts run once.
        Restarts: int
        /// The seed of the random starts.
        Seed: int
        /// Where to start.
        Start: Start
        /// How often a start by k-means++ is drawn, at most, until every component has a row.
        Attempts: int
        /// The limit of iterations of each start.
        MaxIterations: int
        /// Converged when the gain still to come is below this, in nats a row; 0 runs to the limit.
        Tolerance: float
        /// The least eigenvalue of a covariance in units of the columns' variances.
        RelativeFloor: float
        /// Added to every covariance's diagonal in each M-step; for comparison with other tools.
        AbsoluteFloor: float
        /// What to do with a component that collapses.
        Collapse: CollapsePolicy
        /// Whether slow convergence is accelerated (Anderson's method, safeguarded so that the log-likelihood never
        /// falls). Never done where the tolerance is 0, which asks for exactly so many plain steps.
        Accelerate: bool
        /// The number of threads; 0 for one a core. Results do not depend on it.
        Threads: int
        /// The rows of a block; 0 for as many as suit the cache.
        BlockRows: int
    }

/// Options of expectation-maximisation.
[<RequireQualifiedAccess>]
module EmOptions =

    /// Ten starts by k-means++, seed 0, tolerance 1e-8, at most 2000 iterations, relative floor 1e-9.
    let defaults =
        {
            Restarts = 10
            Seed = 0
            Start = KMeansPlusPlus
            Attempts = 50
            MaxIterations = 2000
            Tolerance = 1e-8
            RelativeFloor = 1e-9
            AbsoluteFloor = 0.0
            Collapse = HoldAtFloor
            Accelerate = true
            Threads = 0
            BlockRows = 0
        }

    /// Whether a start is drawn at random, so that several make sense.
    let internal isRandom start =
        match start with
        | KMeansPlusPlus
        | RandomRows
        | RandomResponsibilities -> true
        | GivenResponsibilities _
        | GivenMeans _
        | GivenModel _ -> false

    /// Raises ArgumentException for an option out of range.
    let internal check (options: EmOptions) =
        let require condition name expected (value: obj) =
            if not condition then
                invalidArg name $"expected {expected}, received {Convert.ToString(value, CultureInfo.InvariantCulture)}"

        require (options.Restarts >= 1) (nameof options.Restarts) "at least 1 start" options.Restarts
        require (options.Attempts >= 1) (nameof options.Attempts) "at least 1 attempt" options.Attempts

        require
            (options.MaxIterations >= 0)
            (nameof options.MaxIterations)
            "at least 0 iterations"
            options.MaxIterations

        require (options.Threads >= 0) (nameof options.Threads) "0 or more threads" options.Threads

        require
            (options.BlockRows >= 0 && options.BlockRows <= 1024)
            (nameof options.BlockRows)
            "0 to 1024 rows"
            options.BlockRows

        require
            (Double.IsFinite options.Tolerance && options.Tolerance >= 0.0)
            (nameof options.Tolerance)
            "a tolerance of 0 or more"
            options.Tolerance

        require
            (Double.IsFinite options.RelativeFloor && options.RelativeFloor >= 0.0)
            (nameof options.RelativeFloor)
            "a floor of 0 or more"
            options.RelativeFloor

        require
            (Double.IsFinite options.AbsoluteFloor && options.AbsoluteFloor >= 0.0)
            (nameof options.AbsoluteFloor)
            "a floor of 0 or more"
            options.AbsoluteFloor
