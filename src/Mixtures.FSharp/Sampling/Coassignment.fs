namespace Mixtures

open System

/// How probable it is that two rows belong together: what a posterior says of rows, whatever components are called.
[<RequireQualifiedAccess>]
module Coassignment =

    /// The most rows for which a matrix is made where no limit is given.
    [<Literal>]
    let MostRows = 5000

    /// N x N: the probability that rows i and j have the same component, averaged over draws (from 0 to count - 1) of the
    /// rows' probabilities of K components; ones on the diagonal. Raises ArgumentException for more rows than the limit.
    let matrixUpTo (limit: int) (components: int) (count: int) (assignments: DrawnAssignments) : float[,] =
        let n = assignments.Rows

        if n > limit then
            invalidArg
                (nameof assignments)
                $"expected at most {limit} rows, received {n}: the matrix would have {int64 n * int64 n} entries; take fewer rows, or raise the limit"

        if count < 1 then
            invalidArg (nameof count) $"expected at least 1 draw, received {count}"

        let sums = Array2D.zeroCreate<float> n n

        for s in 0 .. count - 1 do
            let shares = assignments.At s

            if shares.Length <> n * components then
                invalidArg
                    (nameof assignments)
                    $"expected {n} x {components} probabilities, received {shares.Length} in draw {s + 1}"

            // given the parameters, rows are independent: P(z_i = z_j) = Σ_k r_ik r_jk
            for i in 0 .. n - 1 do
                let row = ReadOnlySpan(shares, i * components, components)

                for j in 0 .. i - 1 do
                    sums[i, j] <- sums[i, j] + Sums.dot row (ReadOnlySpan(shares, j * components, components))

        Array2D.init n n (fun i j ->
            if i = j then
                1.0
            else
                min 1.0 (sums[max i j, min i j] / float count))

    /// The matrix of at most 5000 rows; see matrixUpTo.
    let matrix (components: int) (count: int) (assignments: DrawnAssignments) : float[,] =
        matrixUpTo MostRows components count assignments
