namespace Mixtures

open System

/// The distributions that one column may have within a component: p(x) = h(x) exp(η · φ(x) - A), with the features φ and
/// the carrier h free of parameters, unless IsLinear says otherwise. Parameters are held as they are stated to people;
/// the free reals of a fit are made from them. A tile's column is worked on as a whole.
[<AbstractClass>]
type internal ColumnFamily() =

    /// The names of the stated parameters, such as shape and rate.
    abstract Parameters: string[]

    /// The names of the free real numbers; as many as parameters that are adjusted.
    abstract Reals: string[]

    /// How many features the statistics sum.
    abstract Features: int

    /// What a value may be, for messages.
    abstract Expected: string

    /// Whether a component can hold the value.
    abstract Contains: value: float -> bool

    /// Whether log p is linear in features that are free of parameters.
    abstract IsLinear: bool

    default _.IsLinear = true

    /// Whether there is a closed M-step from the features' sums.
    abstract IsClosed: bool

    default _.IsClosed = true

    /// Writes the features of the values: feature f of value i goes to strips[f * stride + i].
    abstract FillFeatures: stated: float[] * values: ReadOnlySpan<float> * strips: Span<float> * stride: int -> unit

    /// Adds log h(x) of the values to the sums.
    abstract AddCarrier: values: ReadOnlySpan<float> * sums: Span<float> -> unit

    default _.AddCarrier(_, _) = ()

    /// Writes η to the slopes and gives -A (linear families only).
    abstract Natural: stated: float[] * slopes: Span<float> -> float

    default _.Natural(_, _) =
        invalidOp "the density is not linear in features"

    /// Adds log p(x) - log h(x) of the values to the sums (families that are not linear only).
    abstract AddLogDensity: stated: float[] * values: ReadOnlySpan<float> * sums: Span<float> -> unit

    default _.AddLogDensity(_, _, _) =
        invalidOp "the density is linear in features"

    /// The M-step: parameters of greatest Σ a log p, given the means of the features over a component's rows, the
    /// parameters that these were collected with, and the column's mean over all rows.
    abstract Estimate: means: float[] * before: float[] * columnMean: float -> float[]

    /// Parameters whose mean is near a point, with the spread of the whole column.
    abstract At: point: float * mean: float * variance: float -> float[]

    /// Whether the parameters are at the cap that keeps the likelihood bounded on repeated values.
    abstract IsAtCap: stated: float[] * columnMean: float -> bool

    default _.IsAtCap(_, _) = false

    /// Whether there is such a cap.
    abstract HasCap: bool

    default _.HasCap = false

    /// How large the terms are whose sum the log-density of a usual value is, or by how much it magnifies rounding of the
    /// values and the parameters, whichever is more.
    abstract Magnification: stated: float[] -> float

    default _.Magnification _ = 1.0

    abstract ToReals: stated: float[] -> float[]

    abstract OfReals: reals: ReadOnlySpan<float> -> float[]

    /// The derivatives of Σ a log p in the reals, at the parameters that the sums were collected with.
    abstract Gradient: stated: float[] * count: float * sums: ReadOnlySpan<float> -> float[]

    /// The diagonal of the Fisher information of one row in the reals, at least roughly.
    abstract Information: stated: float[] -> float[]

    /// log p(x) - log h(x), N x K, from reals (1 x K each) and values (N x 1).
    abstract Density: reals: Tensor[] * values: Tensor -> Tensor

    /// The stated parameters from reals of any shape.
    abstract Stated: reals: Tensor[] -> Tensor[]

    /// The stated parameters as priors name them, and where each lives.
    abstract Sites: struct (string * Support)[]

    default column.Sites =
        column.Parameters
        |> Array.map (fun name -> struct (name + "s", Support.Positive))

    /// The reals of the sites' values, each of any shape before its own axes, and back.
    abstract RealsOfSites: values: Tensor[] -> Tensor[]

    default column.RealsOfSites values =
        Array.map2 (fun struct (_, support) value -> (Bijector.ofSupport support).Inverse value) column.Sites values

    abstract SitesOfReals: reals: Tensor[] -> Tensor[]

    default column.SitesOfReals reals = column.Stated reals

    /// The name of the distribution that is conjugate to the column's one site, and the rows and the sums of features that a
    /// prior with given parameters is worth: its mode is the estimate from both. Nothing where there is none.
    abstract Conjugate: struct (string * (float[][] -> struct (float * float[]))) voption

    default _.Conjugate = ValueNone

    /// log p(x) in nats, of a value that the column can hold.
    abstract LogDensity: stated: float[] * value: float -> float
    abstract Sample: stated: float[] * stream: RandomStream -> float
    abstract Mean: stated: float[] -> float
    abstract Variance: stated: float[] -> float
    abstract Entropy: stated: float[] -> float
    abstract Cdf: stated: float[] * value: float -> float

    /// The parameters as given by hand: an error for any that cannot be.
    abstract Check: stated: float[] -> unit

/// Numbers that column families share.
[<RequireQualifiedAccess>]
module internal ColumnMath =

    /// Probabilities and rates are kept at least this far from where the density of an unseen value would be zero: such a
    /// value costs 28 nats or less, not everything.
    [<Literal>]
    let Least = 1e-12

    /// The largest shape, concentration or sum of shapes: a standard deviation of about a thousandth of the mean (of a
    /// radian). Repeated values would drive these, and the likelihood, to infinity.
    [<Literal>]
    let LargestShape = 1e6

    let boundProbability (p: float) = Math.Clamp(p, Least, 1.0 - Least)

    /// log p - log(1 - p)
    let logit (p: float) = log p - SpecialFunctions.log1p -p

    /// The size of x log m, m and log x! where x is about the mean m.
    let countTerms (mean: float) = mean * (1.0 + abs (log mean))

    let private logFactorials =
        Array.init 2048 (fun n -> SpecialFunctions.logFactorial (float n))

    let logFactorial (n: float) =
        if n < 2048.0 then
            logFactorials[int n]
        else
            SpecialFunctions.logFactorial n

    /// Subtracts log x! from the sums.
    let addCountCarrier (values: ReadOnlySpan<float>) (sums: Span<float>) =
        for i in 0 .. values.Length - 1 do
            sums[i] <- sums[i] - logFactorial values[i]

    /// The a of log a - ψ(a) = s for s > 0, up to the largest: the maximum-likelihood shape of a gamma distribution whose
    /// log mean exceeds its mean log by s (Minka 2002, "Estimating a Gamma distribution").
    let shapeOf (s: float) (largest: float) =
        // log a - ψ(a) is about 1 / 2a for large a
        if not (s > 0.5 / largest) then
            largest
        else
            let mutable a = (3.0 - s + sqrt ((s - 3.0) * (s - 3.0) + 24.0 * s)) / (12.0 * s)
            let mutable step = Double.PositiveInfinity
            let mutable rounds = 0

            while abs step > 1e-14 * a && rounds < 50 do
                let gap = log a - SpecialFunctions.digamma a - s
                let slope = 1.0 / a - SpecialFunctions.trigamma a
                // Newton in 1 / a, which is nearly linear
                let next = 1.0 / (1.0 / a + gap / (a * a * slope))
                step <- next - a
                a <- if next > 0.0 && Double.IsFinite next then next else 0.5 * a
                rounds <- rounds + 1

            min a largest

    /// -Σ p log p over whole numbers, from log-probabilities, around a mean and beyond its tails.
    let countEntropy (logDensity: float -> float) (mean: float) (sd: float) =
        let mutable sum = 0.0
        let mutable k = max 0.0 (floor (mean - 12.0 * sd - 40.0))
        let mutable going = true

        while going do
            let l = logDensity k
            let p = exp l

            if p > 0.0 then
                sum <- sum - p * l

            k <- k + 1.0
            going <- k < mean || (p > 1e-18 && k < 1e8)

        sum
