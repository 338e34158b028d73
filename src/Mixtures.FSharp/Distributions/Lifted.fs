namespace Mixtures

open System

/// What the tensor forms of distributions share.
[<RequireQualifiedAccess>]
module internal Lifted =
    let private minusInfinity = Tensor.Scalar Double.NegativeInfinity
    let private largest = Tensor.Scalar Double.MaxValue
    let private zero = Tensor.Scalar 0.0
    let private one = Tensor.Scalar 1.0

    /// 1 where the number is finite.
    let isFinite x = Tensor.le (Tensor.abs x) largest

    /// 1 where low ≤ x ≤ high.
    let isBetween (low: float) (high: float) x =
        Tensor.ge x (Tensor.scalar low) * Tensor.le x (Tensor.scalar high)

    /// 1 where the number is finite and above 0.
    let isPositive x = Tensor.gt x zero * Tensor.le x largest

    /// 1 where the number is finite and at least 0.
    let isNonNegative x = Tensor.ge x zero * Tensor.le x largest

    /// 1 where a test of numbers holds.
    let satisfies (test: float -> bool) (x: Tensor) =
        x.ToArray()
        |> Array.map (fun v -> if test v then 1.0 else 0.0)
        |> Tensor.ofShape x.Dims

    /// The function of x where the mask is 1, and minus infinity elsewhere, where the function sees a number that suits it.
    let within (mask: Tensor) (harmless: float) (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let safe = Tensor.where mask x (Tensor.scalar harmless)
        Tensor.where mask (f safe) minusInfinity

    /// The value where the mask is 1, else another number.
    let otherwise (number: float) (mask: Tensor) (value: Tensor) : Tensor =
        Tensor.where mask value (Tensor.scalar number)

    /// The shape that tensors of numbers broadcast to.
    let batchOf (parameters: Tensor[]) =
        parameters
        |> Array.fold (fun shape (t: Tensor) -> Shape.broadcast "distribution" shape t.Dims) [||]

    /// Numbers drawn without parameters, as a constant.
    let noise (shape: int[]) (draw: RandomStream -> float) (stream: RandomStream) : Tensor =
        Array.init (Shape.size shape) (fun _ -> draw stream) |> Tensor.ofShape shape

    /// A number drawn for each place of the batch, from the parameters there, as a constant.
    let each
        (shape: int[])
        (parameters: Tensor[])
        (draw: float[] -> RandomStream -> float)
        (stream: RandomStream)
        : Tensor =
        let values =
            parameters |> Array.map (fun t -> (Tensor.Expand(t.Detach(), shape)).ToArray())

        Array.init (Shape.size shape) (fun i -> draw (values |> Array.map (fun v -> v[i])) stream)
        |> Tensor.ofShape shape

    /// A parameter stretched to the batch.
    let stretch (shape: int[]) (t: Tensor) : Tensor = Tensor.Expand(t, shape)

    /// The axes of a batch that come before the last few.
    let batchBefore (event: int) (t: Tensor) = t.Dims[.. t.Rank - event - 1]

    /// Values of vectors or matrices drawn for each place of the batch, from the numbers of the parameters there. Each
    /// parameter has its own number of event axes.
    let eachBlock
        (batch: int[])
        (event: int[])
        (parameters: struct (Tensor * int)[])
        (draw: float[][] -> RandomStream -> float[])
        (stream: RandomStream)
        : Tensor =
        let blocks =
            parameters
            |> Array.map (fun struct (t, axes) ->
                let own = t.Dims[t.Rank - axes ..]
                let size = Shape.size own
                let numbers = (Tensor.Expand(t.Detach(), Array.append batch own)).ToArray()
                fun i -> Array.sub numbers (i * size) size)

        Array.init (Shape.size batch) (fun i -> draw (blocks |> Array.map (fun block -> block i)) stream)
        |> Array.concat
        |> Tensor.ofShape (Array.append batch event)

    /// Σ (L⁻¹ r)² over the last axis of residuals r, for lower factors L whose batch broadcasts with that of r. Axes of r
    /// before those of L become columns, so that each factor is used once.
    let squaredNorms (factor: Tensor) (residual: Tensor) : Tensor =
        let d = residual.Dims[residual.Rank - 1]
        let batch = batchBefore 1 residual
        let own = min batch.Length (factor.Rank - 2)
        let lead = batch[.. batch.Length - own - 1]
        let tail = batch[batch.Length - own ..]
        let columns = Shape.size lead
        let last = own + 1

        let solved =
            residual
            |> Tensor.reshape (Array.concat [ [| columns |]; tail; [| d |] ])
            |> Tensor.permute (Array.append [| 1..last |] [| 0 |])
            |> Tensor.solveLower factor

        let norms = Tensor.sumOver [| -2 |] false (Tensor.square solved)
        let rank = norms.Rank

        // the factor's batch may have more axes than the residual's
        let moved =
            norms |> Tensor.permute (Array.append [| rank - 1 |] [| 0 .. rank - 2 |])

        Tensor.reshape (Array.append lead moved.Dims[1..]) moved

    /// log det L of lower factors: the sum of the logarithms of the diagonal.
    let logDiagonal (factor: Tensor) : Tensor =
        Tensor.sumOver [| -1 |] false (Tensor.log (Tensor.diagonal factor))

    /// log(1 + z²), also where the square overflows.
    let logOnePlusSquare (z: Tensor) : Tensor =
        let isLarge = Tensor.gt (Tensor.abs z) (Tensor.scalar 1e100)
        let small = Tensor.log1p (Tensor.square (Tensor.where isLarge zero z))
        let large = 2.0 * Tensor.log (Tensor.abs (Tensor.where isLarge z one))
        Tensor.where isLarge large small

    /// c log(1 - p), 0 where c = 0, for p ≤ 1.
    let xlogComplement (c: Tensor) (p: Tensor) : Tensor =
        let isBelow = Tensor.lt p one
        let inner = c * Tensor.log1p -(Tensor.where isBelow p zero)
        Tensor.where isBelow inner (Tensor.xlogy c zero)

    /// log B(a, b) by log-gammas.
    let logBeta (a: Tensor) (b: Tensor) : Tensor =
        Tensor.lgamma a + Tensor.lgamma b - Tensor.lgamma (a + b)

    /// log Γ(h + ½) - log Γ(h): for large h by its asymptotic series, since the difference loses digits.
    let private halfStep (h: Tensor) : Tensor =
        let isLarge = Tensor.gt h (Tensor.scalar 50.0)
        let small = Tensor.where isLarge one h
        let large = Tensor.where isLarge h (Tensor.scalar 100.0)
        let r = 1.0 / large
        let s = Tensor.square r

        let series =
            r
            * (-1.0 / 8.0
               + s
                 * (1.0 / 192.0 + s * (-1.0 / 640.0 + s * (17.0 / 14336.0 - s * (31.0 / 18432.0)))))

        Tensor.where isLarge (0.5 * Tensor.log large + series) (Tensor.lgamma (small + 0.5) - Tensor.lgamma small)

    /// log Γ(h + d/2) - log Γ(h) for a whole d ≥ 0, without the loss of that difference for large h.
    let logGammaStep (d: int) (h: Tensor) : Tensor =
        let start = 0.5 * float (d % 2)
        let mutable sum = if d % 2 = 1 then halfStep h else zero * h

        for i in 0 .. d / 2 - 1 do
            sum <- sum + Tensor.log (h + (start + float i))

        sum

    /// 1 where the number is one of two.
    let isOneOf (a: float) (b: float) (x: Tensor) : Tensor =
        Tensor.eq x (Tensor.scalar a) + Tensor.eq x (Tensor.scalar b)

    /// The whole turns (multiples of 2π) that take angles to the range from -π to π, as a constant.
    let wholeTurns (angle: Tensor) : Tensor =
        angle.ToArray()
        |> Array.map (fun v -> v - Math.IEEERemainder(v, 2.0 * Math.PI))
        |> Tensor.ofShape angle.Dims

    /// f of the element of the last axis of a table (batch x K) that x, a batch of indices, says; minus infinity for what is
    /// not an index.
    let byIndex (f: Tensor -> Tensor) (table: Tensor) (x: Tensor) : Tensor =
        let k = table.Dims[table.Rank - 1]
        let mask = satisfies (fun v -> v >= 0.0 && v < float k && Math.Floor v = v) x
        let shape = Shape.broadcast "categorical" (batchBefore 1 table) x.Dims
        let whole = Tensor.Expand(table, Array.append shape [| k |])

        let indices =
            Tensor.Expand(Tensor.where mask (x.Detach()) zero, shape) |> Tensor.unsqueeze -1

        let chosen = Tensor.gather -1 indices whole |> Tensor.squeeze -1
        within mask 1.0 f chosen

    /// 1 where the D x D matrices in the last two axes are symmetric and positive definite, of the batch's shape.
    let isPositiveDefinite (dimension: int) (x: Tensor) : Tensor =
        x.ToArray()
        |> Array.chunkBySize (dimension * dimension)
        |> Array.map (fun matrix ->
            match Triangular.tryFactor dimension (ReadOnlySpan matrix) with
            | ValueSome _ -> 1.0
            | ValueNone -> 0.0)
        |> Tensor.ofShape (batchBefore 2 x)

    /// The function of matrices where the mask is 1, and minus infinity elsewhere, where it sees the identity. Exact
    /// symmetry is restored, which rounding may have broken.
    let withinMatrices (mask: Tensor) (dimension: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let blocks = mask |> Tensor.unsqueeze -1 |> Tensor.unsqueeze -1
        let safe = Tensor.where blocks x (Tensor.eye dimension)
        Tensor.where mask (f (0.5 * (safe + Tensor.transpose safe))) minusInfinity

    /// The lower triangle of a factor times a matrix or its transpose.
    let square (factor: Tensor) : Tensor =
        let lower = Tensor.tril 0 factor
        Tensor.matmul lower (Tensor.transpose lower)

    /// The diagonal of L Lᵀ: the sums of squares of the rows of lower factors.
    let rowSquares (factor: Tensor) : Tensor =
        Tensor.sumOver [| -1 |] false (Tensor.square (Tensor.tril 0 factor))

    /// The products of diagonal elements Vᵢᵢ Vⱼⱼ of matrices.
    let diagonalProducts (v: Tensor) : Tensor =
        let diagonal = Tensor.diagonal v
        Tensor.unsqueeze -1 diagonal * Tensor.unsqueeze -2 diagonal

    /// Σ (L⁻¹ M)² over all elements of the lower triangular M: the trace of (L Lᵀ)⁻¹ M Mᵀ.
    let traceOfRatio (factor: Tensor) (other: Tensor) : Tensor =
        Tensor.solveLower factor (Tensor.tril 0 other)
        |> Tensor.square
        |> Tensor.sumOver [| -1; -2 |] false

    /// Σ log Γ(x - i/2), i below the dimension: the multivariate log-gamma function less D (D - 1) / 4 log π.
    let logMultivariateGamma (dimension: int) (x: Tensor) : Tensor =
        Seq.init dimension (fun i -> Tensor.lgamma (x - 0.5 * float i))
        |> Seq.reduce (+)
        |> fun sum -> sum + 0.25 * float (dimension * (dimension - 1)) * log Math.PI

    /// Σ ψ(x - i/2), i below the dimension: the multivariate digamma function.
    let multivariateDigamma (dimension: int) (x: Tensor) : Tensor =
        Seq.init dimension (fun i -> Tensor.digamma (x - 0.5 * float i))
        |> Seq.reduce (+)

    /// Whether two tensors hold the same numbers in the same shape.
    let sameNumbers (a: Tensor) (b: Tensor) =
        Shape.equal a.Dims b.Dims && a.ToArray() = b.ToArray()

    /// A constant one.
    let unit = one

    /// A constant zero.
    let nothing = zero

/// Checks of parameters that are tensors: every number of them, by the names of the constructors' arguments.
[<RequireQualifiedAccess>]
module internal TensorParameter =
    let private all check name (t: Tensor) =
        for v in t.Storage.Backend.ToArray t.Storage do
            check name v

    let finite name t = all Parameter.finite name t
    let positive name t = all Parameter.positive name t
    let nonNegative name t = all Parameter.nonNegative name t
    let probability name t = all Parameter.probability name t

    let positiveProbability name t =
        all Parameter.positiveProbability name t

    let logit name t = all Parameter.logit name t

    /// Vectors in the last axis, of at least so many numbers.
    let vectors name (least: int) (t: Tensor) =
        if t.Rank < 1 || t.Dims[t.Rank - 1] < least then
            invalidArg name $"expected vectors of at least {least} in the last axis, received shape {Shape.text t.Dims}"

    /// Lower triangular D x D factors with positive diagonals in the last two axes, zeros above.
    let factors name (dimension: int) (t: Tensor) =
        let r = t.Rank

        if r < 2 || t.Dims[r - 1] <> dimension || t.Dims[r - 2] <> dimension then
            invalidArg
                name
                $"expected factors {dimension} x {dimension} in the last two axes, received shape {Shape.text t.Dims}"

        let size = dimension * dimension
        let numbers = t.Storage.Backend.ToArray t.Storage

        for i in 0 .. numbers.Length / max 1 size - 1 do
            Parameter.factor name dimension (Array.sub numbers (i * size) size)
