namespace Mixtures

/// Matrices in the last two axes: each operation with its value and its rule.
[<RequireQualifiedAccess>]
module internal LinearAlgebra =

    let private isSquare operation (a: Tensor) =
        let r = a.Rank

        if r < 2 || a.Dims[r - 1] <> a.Dims[r - 2] then
            Shape.refuse operation $"expected square matrices in the last two axes, received shape {Shape.text a.Dims}"

    let private batch (a: Tensor) = a.Dims[.. a.Rank - 3]

    /// a b, with either transposed; the axes before the last two broadcast.
    let rec private product transposeA transposeB (a: Tensor) (b: Tensor) : Tensor =
        match Tape.Later(a.Tape, b.Tape) with
        | null ->
            let last (t: Tensor) = t.Dims[t.Rank - 1]
            let row (t: Tensor) = t.Dims[t.Rank - 2]
            let rows, shared = if transposeA then last a, row a else row a, last a
            let inner, columns = if transposeB then last b, row b else row b, last b

            if shared <> inner then
                Shape.refuse
                    "matmul"
                    $"expected as many columns in the first as rows in the second, received {Shape.text a.Dims} and {Shape.text b.Dims}"

            let shape = Shape.broadcast "matmul" (batch a) (batch b)
            let batches = Shape.size shape

            // one matrix for every batch, or one a batch
            let operand (t: Tensor) =
                let size = last t * row t

                if t.Count = size && batches <> 1 then
                    struct (t.Storage, 0)
                else
                    struct (Tensor.Expand(t, Array.append shape [| row t; last t |]).Storage, size)

            let struct (left, leftStep) = operand a
            let struct (right, rightStep) = operand b

            Tensor.Plain(
                left.Backend.MatMul(
                    left,
                    transposeA,
                    leftStep,
                    right,
                    transposeB,
                    rightStep,
                    batches,
                    rows,
                    shared,
                    columns
                ),
                Array.append shape [| rows; columns |]
            )
        | tape ->
            let x, y = tape.Strip a, tape.Strip b

            // of C = A B, Ā = C̄ Bᵀ and B̄ = Aᵀ C̄; transposed where A or B is
            let pullA g =
                if transposeA then
                    product transposeB true y g
                else
                    product false (not transposeB) g y

            let pullB g =
                if transposeB then
                    product true transposeA g x
                else
                    product (not transposeA) false x g

            tape.Record(
                product transposeA transposeB x y,
                a,
                (fun g -> Tensor.SumTo(pullA g, x.Dims)),
                b,
                (fun g -> Tensor.SumTo(pullB g, y.Dims))
            )

    let matmul (a: Tensor) (b: Tensor) : Tensor =
        if a.Rank = 0 || b.Rank = 0 then
            Shape.refuse "matmul" $"expected vectors or matrices, received {Shape.text a.Dims} and {Shape.text b.Dims}"

        let left = if a.Rank = 1 then ShapeOperations.unsqueeze 0 a else a
        let right = if b.Rank = 1 then ShapeOperations.unsqueeze 1 b else b
        let c = product false false left right
        let c = if b.Rank = 1 then ShapeOperations.squeeze -1 c else c

        if a.Rank = 1 then
            ShapeOperations.squeeze (if b.Rank = 1 then -1 else -2) c
        else
            c

    let rec lowerTriangle diagonal (a: Tensor) : Tensor =
        if a.Rank < 2 then
            Shape.refuse "tril" $"expected a tensor of at least 2 axes, received shape {Shape.text a.Dims}"

        match a.Tape with
        | null ->
            let rows, columns = a.Dims[a.Rank - 2], a.Dims[a.Rank - 1]
            let batches = Shape.size (batch a)
            Tensor.Plain(a.Storage.Backend.LowerTriangle(a.Storage, batches, rows, columns, diagonal), a.Dims)
        | tape -> tape.Record(lowerTriangle diagonal a.Primal, a, lowerTriangle diagonal)

    /// X of L X = B, or of Lᵀ X = B.
    let rec private solve transposed (l: Tensor) (b: Tensor) : Tensor =
        match Tape.Later(l.Tape, b.Tape) with
        | null ->
            let d = l.Dims[l.Rank - 1]
            let columns = b.Dims[b.Rank - 1]
            let shape = Shape.broadcast "solveLower" (batch l) (batch b)
            let l = Tensor.Expand(l, Array.append shape [| d; d |])
            let b = Tensor.Expand(b, Array.append shape [| d; columns |])

            Tensor.Plain(
                l.Storage.Backend.SolveLower(l.Storage, transposed, b.Storage, Shape.size shape, d, columns),
                b.Dims
            )
        | tape ->
            let factor, right = tape.Strip l, tape.Strip b
            let x = solve transposed factor right

            // B̄ = L⁻ᵀ X̄ and L̄ = -B̄ Xᵀ, of which the lower triangle counts (transposed for Lᵀ)
            let pullL g =
                let back = solve (not transposed) factor g

                (if transposed then
                     product false true x back
                 else
                     product false true back x)
                |> lowerTriangle 0
                |> (~-)

            tape.Record(
                x,
                l,
                (fun g -> Tensor.SumTo(pullL g, factor.Dims)),
                b,
                (fun g -> Tensor.SumTo(solve (not transposed) factor g, right.Dims))
            )

    let solveLower transposed (l: Tensor) (b: Tensor) : Tensor =
        isSquare "solveLower" l
        let d = l.Dims[l.Rank - 1]

        if b.Rank < 1 || b.Dims[max 0 (b.Rank - 2)] <> d then
            Shape.refuse
                "solveLower"
                $"expected a right-hand side of {d} rows, received {Shape.text b.Dims} for a factor {Shape.text l.Dims}"

        if b.Rank = 1 then
            solve transposed l (ShapeOperations.unsqueeze 1 b) |> ShapeOperations.squeeze -1
        else
            solve transposed l b

    let private isSymmetric (a: Tensor) =
        let d = a.Dims[a.Rank - 1]
        let values = a.Storage.Backend.ToArray a.Storage

        for n in 0 .. values.Length / (d * d) - 1 do
            for i in 0 .. d - 1 do
                for j in 0 .. i - 1 do
                    let x, y = values[(n * d + i) * d + j], values[(n * d + j) * d + i]

                    if abs (x - y) > 1e-8 * (abs x + abs y) then
                        Shape.refuse
                            "cholesky"
                            $"expected symmetric matrices, received {Wording.number x} at row {i}, column {j} and {Wording.number y} at row {j}, column {i} of matrix {n}"

    let rec private factor (a: Tensor) : Tensor =
        match a.Tape with
        | null ->
            let d = a.Dims[a.Rank - 1]
            isSymmetric a
            let struct (l, bad) = a.Storage.Backend.Cholesky(a.Storage, Shape.size (batch a), d)

            if bad >= 0 then
                Shape.refuse
                    "cholesky"
                    $"expected positive definite matrices, received one that is not: matrix {bad} of shape {Shape.text a.Dims}"

            Tensor.Plain(l, a.Dims)
        | tape ->
            let l = factor a.Primal

            // Ā = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, symmetrised; Φ halves the diagonal of the lower triangle (Murray 2016, eq. 10)
            let pull g =
                let lower = product true false l g |> lowerTriangle 0
                let phi = lower - 0.5 * (lower - lowerTriangle -1 lower)
                let half = solve true l phi
                let whole = solve true l (ShapeOperations.transpose half)
                0.5 * (whole + ShapeOperations.transpose whole)

            tape.Record(l, a, pull)

    let cholesky (a: Tensor) : Tensor =
        isSquare "cholesky" a
        factor a

    let logDeterminant (a: Tensor) : Tensor =
        isSquare "logdet" a

        2.0
        * Reductions.sum [| -1 |] false (Elementwise.log (ShapeOperations.diagonal (factor a)))
