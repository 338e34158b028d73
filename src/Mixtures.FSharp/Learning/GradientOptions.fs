namespace Mixtures

open System

/// What takes the steps of a gradient fit.
[<NoEquality; NoComparison>]
type GradientMethod =
    /// A first-order method such as Adam: so many steps, on all rows or on batches.
    | FirstOrder of Optimiser
    /// Limited-memory BFGS with a strong-Wolfe line search, on all rows, to convergence.
    | QuasiNewton
    /// Newton's method with exact second derivatives, on all rows, to convergence; for few parameters.
    | NewtonMethod

/// The rows of a step of a first-order method.
type Batches =
    /// All rows in every step.
    | AllRows
    /// So many rows: the data are shuffled, and gone through again and again (an epoch each time).
    | ShuffledRows of count: int
    /// So many rows drawn with replacement.
    | DrawnRows of count: int

/// What happens to a component that dies: its weight below 1 / (10 Σw), or no row that it has more than its share 1 / K of,
/// for 100 steps running.
type DeadComponents =
    /// It is reported and left alone.
    | ReportDead
    /// It is moved to a random row, with the spread of the data and a share of the weight.
    | ReseedDead

/// What follows the steps of a first-order method.
type Polish =
    /// Nothing.
    | NoPolish
    /// L-BFGS to convergence from the best parameters.
    | PolishByQuasiNewton
    /// EM to convergence from the best parameters.
    | PolishByEm

/// Options of gradient descent on the mean negative log-likelihood (plus the priors' part) in free parameters: logits of
/// the weights, and the family's own.
[<NoEquality; NoComparison>]
type GradientOptions =
    {
        /// What takes the steps.
        Method: GradientMethod
        /// The number of steps of a first-order method; the limit of iterations of the others.
        Steps: int
        /// The rows of a step of a first-order method.
        Batches: Batches
        /// How many random starts; given starts run once.
        Restarts: int
        /// The seed of starts and batches.
        Seed: int
        /// Where to start.
        Start: Start
        /// Whether the parameters are in units of the columns' standard deviations, so that one learning rate suits data of
        /// any scale; otherwise in the data's units.
        Standardise: bool
        /// Names of parts of the parameters that stay as the start has them, such as logits, means, log-scales, factors.
        Frozen: string list
        /// What happens to components that die.
        Dead: DeadComponents
        /// What follows the steps of a first-order method.
        Polish: Polish
        /// Stops when the largest scaled gradient of the mean loss is below this, or, on batches, when the loss of all rows
        /// has not improved by this share in Patience epochs; 0 runs to the limit.
        Tolerance: float
        /// Epochs (on batches), or steps, without improvement after which a first-order method stops; 0 for never.
        Patience: int
        /// Whether the parameters of every step are kept.
        KeepParameters: bool
        /// The number of threads; 0 for one a core. Results do not depend on it.
        Threads: int
    }

/// Options of gradient descent.
[<RequireQualifiedAccess>]
module GradientOptions =

    /// L-BFGS from ten starts by k-means++, at most 1000 iterations, in standardised units, to a gradient of 1e-9.
    let defaults: GradientOptions =
        {
            Method = QuasiNewton
            Steps = 1000
            Batches = AllRows
            Restarts = 10
            Seed = 0
            Start = KMeansPlusPlus
            Standardise = true
            Frozen = []
            Dead = ReportDead
            Polish = NoPolish
            Tolerance = 1e-9
            Patience = 0
            KeepParameters = false
            Threads = 0
        }

    /// The defaults with Adam at a learning rate, one start.
    let adam (rate: float) : GradientOptions =
        { defaults with
            Method =
                FirstOrder(
                    Adam.create
                        { Adam.defaults with
                            Rate = Schedule.constant rate
                        }
                )
            Restarts = 1
        }

    /// Raises ArgumentException for an option out of range.
    let internal check (rows: int) (options: GradientOptions) =
        let require condition name expected (received: string) =
            if not condition then
                invalidArg name $"expected {expected}, received {received}"

        require (options.Steps >= 0) (nameof options.Steps) "at least 0 steps" (string options.Steps)
        require (options.Restarts >= 1) (nameof options.Restarts) "at least 1 start" (string options.Restarts)
        require (options.Patience >= 0) (nameof options.Patience) "at least 0 epochs" (string options.Patience)
        require (options.Threads >= 0) (nameof options.Threads) "0 or more threads" (string options.Threads)

        require
            (Double.IsFinite options.Tolerance && options.Tolerance >= 0.0)
            (nameof options.Tolerance)
            "a tolerance of 0 or more"
            (Wording.number options.Tolerance)

        match options.Batches with
        | AllRows -> ()
        | ShuffledRows n
        | DrawnRows n ->
            require
                (n >= 1 && n <= rows)
                (nameof options.Batches)
                $"batches of 1 to {rows} rows, as many as the data have"
                (string n)

            match options.Method with
            | FirstOrder _ -> ()
            | QuasiNewton
            | NewtonMethod ->
                invalidArg
                    (nameof options.Batches)
                    "expected all rows for L-BFGS and Newton's method, received batches: choose a first-order method such as Adam"
