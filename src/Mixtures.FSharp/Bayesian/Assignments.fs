namespace Mixtures

open System

/// Which component rows come from, under given values of a model's sites: probabilities, the most probable assignment
/// (temperature 0), and draws (temperature 1). Of the data when no rows are given.
[<RequireQualifiedAccess>]
module Assignments =

    let private joint (model: BayesianModel) (values: Tensor[]) (rows: ChosenRows) : Tensor =
        match model.Parts.Joint with
        | ValueSome joint -> joint rows values
        | ValueNone ->
            invalidOp
                "The program observes no mixture, so there are no assignments: observe rows by observeMixture, which sums them out."

    let private toArray2D (t: Tensor) =
        let numbers = t.ToArray()
        let k = t.Dims[1]
        Array2D.init t.Dims[0] k (fun i j -> numbers[i * k + j])

    /// log π_k + log p_k(x) of rows, N x K: the parts of the density, in nats.
    let jointOf (rows: Tensor) (model: BayesianModel) (values: Tensor[]) : float[,] =
        joint model values (OtherRows rows) |> toArray2D

    /// The probability of each component for each row, N x K: rows sum to one.
    let probabilities (model: BayesianModel) (values: Tensor[]) : float[,] =
        joint model values AllRows |> Tensor.softmax 1 |> toArray2D

    /// The same for other rows.
    let probabilitiesOf (rows: Tensor) (model: BayesianModel) (values: Tensor[]) : float[,] =
        joint model values (OtherRows rows) |> Tensor.softmax 1 |> toArray2D

    /// The most probable component of each row: discrete inference at temperature 0. The lower number where two tie.
    let mostProbable (probabilities: float[,]) : int[] =
        Array.init (probabilities.GetLength 0) (fun i ->
            let mutable best = 0

            for k in 1 .. probabilities.GetLength 1 - 1 do
                if probabilities[i, k] > probabilities[i, best] then
                    best <- k

            best)

    /// A component drawn for each row by its probabilities: discrete inference at temperature 1.
    let sample (key: RandomKey) (probabilities: float[,]) : int[] =
        let stream = key.Stream()
        let count = probabilities.GetLength 1
        let own = Array.zeroCreate count

        Array.init (probabilities.GetLength 0) (fun i ->
            for k in 0 .. count - 1 do
                own[k] <- probabilities[i, k]

            stream.NextIndex(ReadOnlySpan own))

    /// The mean of the probabilities over draws of the values, from a guide or a sampler. Draws whose components are
    /// numbered differently average to nothing: relabel them first.
    let averaged (model: BayesianModel) (draws: Tensor[] seq) : float[,] =
        let mutable total: Tensor voption = ValueNone
        let mutable count = 0

        for values in draws do
            let own = joint model values AllRows |> Tensor.softmax 1

            total <-
                ValueSome(
                    match total with
                    | ValueSome t -> t + own
                    | ValueNone -> own
                )

            count <- count + 1

        match total with
        | ValueSome t -> toArray2D (t * (1.0 / float count))
        | ValueNone -> invalidArg (nameof draws) "expected at least one draw, received none"

    /// Where the most probable component of a number changes between low and high, in rising order, for models of one
    /// column: found on a grid of so many points, then by bisection to the last digit.
    let boundaries (low: float) (high: float) (points: int) (model: BayesianModel) (values: Tensor[]) : float[] =
        if not (low < high) then
            invalidArg (nameof high) $"expected an end above {Wording.number low}, received {Wording.number high}"

        OptionCheck.atLeast 2 (nameof points) points

        let classes (x: float[]) =
            probabilitiesOf (Tensor.ofArray x) model values |> mostProbable

        let grid =
            Array.init points (fun i -> low + (high - low) * float i / float (points - 1))

        let found = classes grid

        [|
            for i in 0 .. points - 2 do
                if found[i] <> found[i + 1] then
                    let mutable a, b = grid[i], grid[i + 1]
                    let mutable going = true

                    while going do
                        let middle = 0.5 * (a + b)

                        if middle <= a || middle >= b then going <- false
                        elif (classes [| middle |])[0] = found[i] then a <- middle
                        else b <- middle

                    0.5 * (a + b)
        |]

/// A guide of assignment probabilities that was fitted, row by row, under given values of the sites.
[<NoEquality; NoComparison>]
type AssignmentGuide =
    {
        /// The probability of each component for each row, N x K.
        Probabilities: float[,]
        /// Minus the evidence lower bound with the assignments kept, at the start and after each step, in nats.
        Losses: float[]
        /// The Euclidean norm of its gradient, at the same points.
        GradientNorms: float[]
    }

/// Assignment probabilities as free parameters of a guide of their own: slower than to compute them, but the way that goes
/// on working where they cannot be computed. At its optimum it agrees with Assignments.probabilities.
[<RequireQualifiedAccess>]
module AssignmentGuide =

    /// So many steps of an optimiser down minus the bound Σ_i Σ_k q_ik (log p(x_i, k) - log q_ik) + log p(values), q being
    /// softmax functions of free numbers that start at zero.
    let fit (optimiser: Optimiser) (steps: int) (model: BayesianModel) (values: Tensor[]) : AssignmentGuide =
        OptionCheck.atLeast 0 (nameof steps) steps

        let joint =
            match model.Parts.Joint with
            | ValueSome joint -> joint AllRows values
            | ValueNone -> invalidOp "The program observes no mixture, so there are no assignments to guide."

        let shape = joint.Dims
        // a component without density at a row gets no probability, whatever its free number
        let finite = Tensor.gt joint (Tensor.scalar Double.NegativeInfinity)
        let safe = Tensor.where finite joint (Tensor.scalar -1e6)
        let prior = (model.LogPrior values).ToScalar()

        let loss (vector: Tensor) =
            let logs = vector |> Tensor.reshape shape |> Tensor.logsoftmax 1
            let bound = Tensor.sum (Tensor.exp logs * (safe - logs))
            -(bound + prior)

        let evaluate (x: float[]) =
            let struct (value, gradient) = Tensor.valueAndGrad loss (Tensor.ofArray x)
            let g = gradient.ToArray()
            struct (value.ToScalar(), g)

        let run = optimiser.Begin(Array.zeroCreate<float>(Shape.size shape))
        let losses = ResizeArray()
        let norms = ResizeArray()

        for step in 0..steps do
            let struct (value, g) = evaluate run.Parameters
            losses.Add value
            norms.Add(sqrt (Array.sumBy (fun v -> v * v) g))

            if step < steps then
                run.Step g

        let probabilities =
            (Tensor.ofArray (Array.copy run.Parameters)
             |> Tensor.reshape shape
             |> Tensor.softmax 1)
                .ToArray()

        {
            Probabilities = Array2D.init shape[0] shape[1] (fun i k -> probabilities[i * shape[1] + k])
            Losses = losses.ToArray()
            GradientNorms = norms.ToArray()
        }
