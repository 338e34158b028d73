namespace Mixtures

open System

/// A smooth one-to-one map from unconstrained reals u to values x of a support, with the logarithm of the absolute determinant
/// of its Jacobian; all differentiable. Axes before the event's are a batch.
[<NoEquality; NoComparison>]
type Bijector =
    {
        /// The map's name.
        Name: string
        /// Where values live.
        Support: Support
        /// The shape of u for one value: none for numbers, a vector otherwise.
        UnconstrainedShape: int[]
        /// x of u.
        Forward: Tensor -> Tensor
        /// u of x.
        Inverse: Tensor -> Tensor
        /// log |det ∂x/∂u| at u, of the batch's shape: for matrices of which one triangle counts, of that triangle.
        LogDeterminant: Tensor -> Tensor
    }

    /// The shape of one value x.
    member bijector.ConstrainedShape = Support.shape bijector.Support

/// Maps from the reals to supports (Stan reference manual 2.32, "Constraint transforms").
[<RequireQualifiedAccess>]
module Bijector =
    let private ofNumbers name support forward inverse logDeterminant =
        {
            Name = name
            Support = support
            UnconstrainedShape = [||]
            Forward = forward
            Inverse = inverse
            LogDeterminant = logDeterminant
        }

    let private total t = Tensor.sumOver [| -1 |] false t
    let private last (t: Tensor) = t.Dims[t.Rank - 1]

    /// A constant matrix, 1 where the test of row and column holds.
    let private pattern rows columns (test: int -> int -> bool) =
        Array2D.init rows columns (fun i j -> if test i j then 1.0 else 0.0)
        |> Tensor.ofArray2D

    /// x = u.
    let identity = ofNumbers "identity" Support.Real id id (fun u -> Tensor.zerosLike u)

    /// x = exp u, to the positive numbers.
    let exp = ofNumbers "exp" Support.Positive Tensor.exp Tensor.log id

    /// x = log(1 + exp u), to the positive numbers; about linear for large u.
    let softplus =
        ofNumbers "softplus" Support.Positive Tensor.softplus (fun x -> x + Tensor.log -(Tensor.expm1 -x)) (fun u ->
            -(Tensor.softplus -u))

    /// log(σ(u) (1 - σ(u))).
    let private logSlope (u: Tensor) =
        -(Tensor.softplus u) - Tensor.softplus -u

    /// x = 1 / (1 + exp -u), to the numbers between 0 and 1.
    let sigmoid =
        ofNumbers "sigmoid" Support.UnitInterval Tensor.sigmoid (fun x -> Tensor.log x - Tensor.log1p -x) logSlope

    /// x = low + (high - low) / (1 + exp -u), to the numbers between low and high.
    let interval (low: float) (high: float) =
        Uniform.check low high
        let width = high - low

        ofNumbers
            "interval"
            (Support.Interval(low, high))
            (fun u -> low + width * Tensor.sigmoid u)
            (fun x -> Tensor.log (x - low) - Tensor.log (high - x))
            (fun u -> logSlope u + log width)

    /// x = π tanh(u / 2), to angles between -π and π; other angles come back by whole turns.
    let angle =
        let pi = Math.PI

        ofNumbers
            "angle"
            Support.Angle
            (fun u -> pi * Tensor.tanh (0.5 * u))
            (fun x ->
                let x = x - Lifted.wholeTurns x
                Tensor.log (pi + x) - Tensor.log (pi - x))
            (fun u -> logSlope u + log (2.0 * pi))

    let private ofVectors name support count forward inverse logDeterminant =
        { ofNumbers name support forward inverse logDeterminant with
            UnconstrainedShape = [| count |]
        }

    let private atLeast (limit: int) name (size: int) =
        if size < limit then
            invalidArg name $"expected at least {limit}, received {size}"

    /// K - 1 reals to K probabilities, by breaking a stick: the share of what is left that goes to outcome k is
    /// σ(uₖ - log(K - k)), so that u = 0 gives equal probabilities. Probabilities are exponentials of sums, exact when tiny.
    let simplex (outcomes: int) =
        atLeast 2 (nameof outcomes) outcomes
        let k = outcomes - 1
        let offsets = Array.init k (fun i -> log (float (k - i))) |> Tensor.ofArray
        // sums over those before, and (for the last probability) over all
        let before = pattern k outcomes (fun i j -> i < j)
        // each share itself, and nothing for the last probability
        let own = pattern k outcomes (fun i j -> i = j)
        let after = pattern outcomes k (fun i j -> i > j)

        let logsOf (u: Tensor) =
            let t = u - offsets
            let share, rest = -(Tensor.softplus -t), -(Tensor.softplus t)
            Tensor.matmul share own + Tensor.matmul rest before

        ofVectors
            "simplex"
            (Support.Simplex outcomes)
            k
            (fun u -> Tensor.exp (logsOf u))
            (fun x ->
                // what is left after each outcome is summed up, not subtracted
                let rest = Tensor.matmul x after
                Tensor.log (Tensor.slice -1 0 k x) - Tensor.log rest + offsets)
            (fun u ->
                // xₖ (1 - shareₖ), over the first K - 1
                let t = u - offsets
                total (Tensor.slice -1 0 k (logsOf u)) - total (Tensor.softplus t))

    /// D reals to D rising numbers: the first is u₁, the steps are exponentials.
    let ordered (dimension: int) =
        atLeast 1 (nameof dimension) dimension
        let upTo = pattern dimension dimension (fun i j -> i <= j)

        let isFirst =
            Tensor.ofArray (Array.init dimension (fun i -> if i = 0 then 1.0 else 0.0))

        let zero = Tensor.scalar 0.0

        ofVectors
            "ordered"
            (Support.Ordered dimension)
            dimension
            (fun u ->
                let steps = Tensor.exp (Tensor.where isFirst zero u)
                Tensor.matmul (Tensor.where isFirst u steps) upTo)
            (fun x ->
                let first = Tensor.slice -1 0 1 x

                if dimension = 1 then
                    first
                else
                    let steps =
                        Tensor.slice -1 1 (dimension - 1) x - Tensor.slice -1 0 (dimension - 1) x

                    Tensor.concatenate -1 [ first; Tensor.log steps ])
            (fun u -> total (Tensor.where isFirst zero u))

    /// D reals to D rising positive numbers: the first and the steps are exponentials.
    let positiveOrdered (dimension: int) =
        atLeast 1 (nameof dimension) dimension
        let upTo = pattern dimension dimension (fun i j -> i <= j)

        ofVectors
            "positive-ordered"
            (Support.PositiveOrdered dimension)
            dimension
            (fun u -> Tensor.matmul (Tensor.exp u) upTo)
            (fun x ->
                let zero = Tensor.zerosLike (Tensor.slice -1 0 1 x)
                let shifted = Tensor.concatenate -1 [ zero; Tensor.slice -1 0 (dimension - 1) x ]
                Tensor.log (x - shifted))
            total

    /// The places of a lower triangle, row by row, in a D x D matrix.
    let private triangle dimension =
        [|
            for i in 0 .. dimension - 1 do
                for j in 0..i -> i * dimension + j
        |]

    /// 1 at the places of the diagonal in a lower triangle row by row.
    let private diagonalOf dimension =
        triangle dimension
        |> Array.map (fun at -> if at % (dimension + 1) = 0 then 1.0 else 0.0)
        |> Tensor.ofArray

    /// D (D + 1) / 2 reals, a lower triangle row by row, to lower triangular factors; the diagonal is exponentiated.
    let choleskyFactor (dimension: int) =
        atLeast 1 (nameof dimension) dimension
        let d = dimension
        let places = triangle d
        let count = places.Length
        let isDiagonal = diagonalOf d
        let zero = Tensor.scalar 0.0

        // where each element of the matrix is in the triangle; one after it holds the zeros above
        let sources =
            Array.init (d * d) (fun at ->
                let i, j = at / d, at % d
                if j <= i then i * (i + 1) / 2 + j else count)

        ofVectors
            "cholesky-factor"
            (Support.CholeskyFactor d)
            count
            (fun u ->
                let values = Tensor.where isDiagonal (Tensor.exp (Tensor.where isDiagonal u zero)) u

                let batch = Lifted.batchBefore 1 u

                Tensor.concatenate -1 [ values; Tensor.zeros (Array.append batch [| 1 |]) ]
                |> Tensor.indexSelect -1 sources
                |> Tensor.reshape (Array.append batch [| d; d |]))
            (fun x ->
                let batch = Lifted.batchBefore 2 x

                let values =
                    x
                    |> Tensor.reshape (Array.append batch [| d * d |])
                    |> Tensor.indexSelect -1 places

                Tensor.where isDiagonal (Tensor.log (Tensor.where isDiagonal values (Tensor.scalar 1.0))) values)
            (fun u -> total (Tensor.where isDiagonal u zero))

    /// D (D + 1) / 2 reals to positive definite matrices L Lᵀ, L being the Cholesky factor of the same reals.
    let positiveDefinite (dimension: int) =
        let factor = choleskyFactor dimension
        let d = dimension

        // the map from L to the lower triangle of L Lᵀ has the determinant 2ᴰ Π Lᵢᵢ^(D - i), i from 0
        let powers =
            triangle d
            |> Array.map (fun at -> if at % (d + 1) = 0 then float (d - at / d + 1) else 0.0)
            |> Tensor.ofArray

        { factor with
            Name = "positive-definite"
            Support = Support.PositiveDefinite d
            Forward = factor.Forward >> Lifted.square
            Inverse = Tensor.cholesky >> factor.Inverse
            LogDeterminant = fun u -> total (u * powers) + float d * log 2.0
        }

    /// Values of several bijectors one after the other, each as a vector.
    let product (parts: Bijector list) =
        if parts.IsEmpty then
            invalidArg (nameof parts) "expected at least one part, received none"

        let sizes = parts |> List.map (fun b -> Shape.size b.UnconstrainedShape)
        let widths = parts |> List.map (fun b -> Shape.size b.ConstrainedShape)

        // each part's slice of the last axis, in the part's own shape
        let split (lengths: int list) (shapes: int[] list) (t: Tensor) =
            let batch = Lifted.batchBefore 1 t
            let starts = List.scan (+) 0 lengths

            List.zip3 (List.take lengths.Length starts) lengths shapes
            |> List.map (fun (start, length, shape) ->
                Tensor.slice -1 start length t |> Tensor.reshape (Array.append batch shape))

        let join (batch: int[]) (lengths: int list) (values: Tensor list) =
            List.map2 (fun length v -> Tensor.reshape (Array.append batch [| length |]) v) lengths values
            |> Tensor.concatenate -1

        let inner u =
            split sizes (parts |> List.map _.UnconstrainedShape) u

        {
            Name = "product"
            Support = Support.Product(parts |> List.map _.Support)
            UnconstrainedShape = [| List.sum sizes |]
            Forward =
                fun u ->
                    List.map2 (fun b v -> b.Forward v) parts (inner u)
                    |> join (Lifted.batchBefore 1 u) widths
            Inverse =
                fun x ->
                    split widths (parts |> List.map _.ConstrainedShape) x
                    |> List.map2 (fun b v -> b.Inverse v) parts
                    |> join (Lifted.batchBefore 1 x) sizes
            LogDeterminant = fun u -> List.map2 (fun b v -> b.LogDeterminant v) parts (inner u) |> List.reduce (+)
        }

    /// The usual map to a support: exp to positive numbers, a shifted sigmoid to intervals, and so on. Supports of whole
    /// numbers have none.
    let rec ofSupport (support: Support) : Bijector =
        match support with
        | Support.Real -> identity
        | Support.Positive -> exp
        | Support.NonNegative -> { exp with Support = support }
        | Support.UnitInterval -> sigmoid
        | Support.Interval(low, high) -> interval low high
        | Support.Angle -> angle
        | Support.RealVector d -> ofVectors "identity" support d id id (fun u -> total (Tensor.zerosLike u))
        | Support.Simplex k -> simplex k
        | Support.Ordered d -> ordered d
        | Support.PositiveOrdered d -> positiveOrdered d
        | Support.CholeskyFactor d -> choleskyFactor d
        | Support.PositiveDefinite d -> positiveDefinite d
        | Support.Product parts -> product (parts |> List.map ofSupport)
        | Support.Boolean
        | Support.NonNegativeInteger
        | Support.IntegerRange _ ->
            invalidArg (nameof support) $"expected a support of real numbers, received {Support.name support}"

    /// The log-density of a distribution in the coordinates u of a bijector: log p(x(u)) + log |det ∂x/∂u|, a density over all
    /// reals, as samplers and optimisers want it.
    let logDensity (bijector: Bijector) (distribution: IDistribution) (u: Tensor) : Tensor =
        distribution.LogDensity(bijector.Forward u) + bijector.LogDeterminant u
