namespace Mixtures

open System

/// Cholesky factors of symmetric positive definite matrices, and triangular solves with them.
/// Matrices are D x D, row-major in one array; only lower triangles are read. No inverse and no determinant is formed.
[<RequireQualifiedAccess>]
module Cholesky =

    /// Overwrites the lower triangle of a matrix with its Cholesky factor L and leaves the rest alone; false, with the
    /// triangle spoilt, if the matrix is not numerically positive definite.
    let internal tryFactorInPlace (dimension: int) (l: Span<float>) : bool =
        let mutable sound = true
        let mutable i = 0

        while sound && i < dimension do
            let row = i * dimension

            // L_ij = (A_ij - Σ_{m<j} L_im L_jm) / L_jj
            for j in 0..i do
                let other = j * dimension
                let mutable sum = l[row + j]

                for m in 0 .. j - 1 do
                    sum <- sum - l[row + m] * l[other + m]

                if j < i then
                    l[row + j] <- sum / l[other + j]
                elif sum > 0.0 && Double.IsFinite sum then
                    l[row + j] <- sqrt sum
                else
                    sound <- false

            i <- i + 1

        sound

    /// The lower triangular factor L with L Lᵀ = matrix (zeros above the diagonal), or nothing if the matrix is not
    /// numerically positive definite.
    let tryFactor (dimension: int) (matrix: ReadOnlySpan<float>) : float[] voption =
        let l = Array.zeroCreate (dimension * dimension)

        for i in 0 .. dimension - 1 do
            matrix.Slice(i * dimension, i + 1).CopyTo(Span<float>(l, i * dimension, i + 1))

        if tryFactorInPlace dimension (Span l) then
            ValueSome l
        else
            ValueNone

    /// log det(L Lᵀ) = 2 Σ log L_ii.
    let logDeterminant (dimension: int) (factor: float[]) =
        let mutable sum = 0.0

        for i in 0 .. dimension - 1 do
            sum <- sum + log factor[i * dimension + i]

        2.0 * sum

    /// Solves L z = b in place.
    let solveLower (dimension: int) (factor: float[]) (vector: Span<float>) =
        for i in 0 .. dimension - 1 do
            let mutable sum = vector[i]

            for j in 0 .. i - 1 do
                sum <- sum - factor[i * dimension + j] * vector[j]

            vector[i] <- sum / factor[i * dimension + i]

    /// Solves Lᵀ z = b in place.
    let solveUpper (dimension: int) (factor: float[]) (vector: Span<float>) =
        for i in dimension - 1 .. -1 .. 0 do
            let mutable sum = vector[i]

            for j in i + 1 .. dimension - 1 do
                sum <- sum - factor[j * dimension + i] * vector[j]

            vector[i] <- sum / factor[i * dimension + i]

    /// L⁻¹ A L⁻ᵀ for a symmetric A: A in the coordinates in which L Lᵀ is the identity.
    let whiten (dimension: int) (factor: float[]) (matrix: float[]) : float[] =
        let d = dimension
        let result = Array.copy matrix
        let column = Array.zeroCreate d

        let solveColumns () =
            for c in 0 .. d - 1 do
                for i in 0 .. d - 1 do
                    column[i] <- result[i * d + c]

                solveLower d factor (Span column)

                for i in 0 .. d - 1 do
                    result[i * d + c] <- column[i]

        let transpose () =
            for i in 0 .. d - 1 do
                for j in 0 .. i - 1 do
                    let value = result[i * d + j]
                    result[i * d + j] <- result[j * d + i]
                    result[j * d + i] <- value

        solveColumns ()
        transpose ()
        solveColumns ()
        result

/// Eigenvalues and eigenvectors of small symmetric matrices.
[<RequireQualifiedAccess>]
module internal Eigen =
    open MathNet.Numerics.LinearAlgebra
    open MathNet.Numerics.LinearAlgebra.Double

    /// Householder reduction of the lower triangle to tridiagonal form, in place: the diagonal, and the entries below it
    /// from the second place on.
    let private tridiagonalise n (a: float[]) (diagonal: float[]) (below: float[]) =
        for i in n - 1 .. -1 .. 1 do
            let row = i * n
            let mutable scale = 0.0

            for k in 0 .. i - 1 do
                scale <- scale + abs a[row + k]

            if i = 1 || scale = 0.0 then
                below[i] <- a[row + i - 1]
            else
                // the reflection that maps the row's part before the diagonal to a multiple of the last unit vector
                let mutable h = 0.0

                for k in 0 .. i - 1 do
                    a[row + k] <- a[row + k] / scale
                    h <- h + a[row + k] * a[row + k]

                let last = a[row + i - 1]
                let g = if last >= 0.0 then -(sqrt h) else sqrt h
                below[i] <- scale * g
                h <- h - last * g
                a[row + i - 1] <- last - g
                let mutable f = 0.0

                for j in 0 .. i - 1 do
                    let mutable sum = 0.0

                    for k in 0..j do
                        sum <- sum + a[j * n + k] * a[row + k]

                    for k in j + 1 .. i - 1 do
                        sum <- sum + a[k * n + j] * a[row + k]

                    below[j] <- sum / h
                    f <- f + below[j] * a[row + j]

                let half = f / (h + h)

                for j in 0 .. i - 1 do
                    let u = a[row + j]
                    let q = below[j] - half * u
                    below[j] <- q

                    for k in 0..j do
                        a[j * n + k] <- a[j * n + k] - (u * below[k] + q * a[row + k])

        for i in 0 .. n - 1 do
            diagonal[i] <- a[i * n + i]

    /// Eigenvalues of a symmetric D x D matrix, in no order, without its eigenvectors (Householder reduction and implicit
    /// QL: Wilkinson & Reinsch, Handbook for Automatic Computation II, 1971). Spoils the lower triangle.
    let valuesInPlace (dimension: int) (matrix: float[]) : float[] =
        let n = dimension
        let d = Array.zeroCreate n
        let e = Array.zeroCreate (n + 1)
        tridiagonalise n matrix d e
        Array.Copy(e, 1, e, 0, n)
        e[n - 1] <- 0.0

        for l in 0 .. n - 1 do
            let mutable rotations = 0
            let mutable going = true

            while going do
                // the block from l that does not fall apart
                let mutable m = l

                while m < n - 1 && abs e[m] > Double.Epsilon + 2.3e-16 * (abs d[m] + abs d[m + 1]) do
                    m <- m + 1

                if m = l then
                    going <- false
                elif rotations = 100 then
                    raise (ArithmeticException $"the eigenvalues of a {n} x {n} matrix were not found in 100 QL steps")
                else
                    rotations <- rotations + 1
                    let ratio = (d[l + 1] - d[l]) / (2.0 * e[l])
                    let root = sqrt (ratio * ratio + 1.0)

                    let mutable g =
                        d[m] - d[l] + e[l] / (if ratio >= 0.0 then ratio + root else ratio - root)

                    let mutable s = 1.0
                    let mutable c = 1.0
                    let mutable p = 0.0
                    let mutable i = m - 1

                    while i >= l do
                        let f = s * e[i]
                        let b = c * e[i]
                        let r = Double.Hypot(f, g)
                        e[i + 1] <- r

                        if r = 0.0 then
                            // underflow: start again with the smaller block
                            d[i + 1] <- d[i + 1] - p
                            e[m] <- 0.0
                            i <- -2
                        else
                            s <- f / r
                            c <- g / r
                            g <- d[i + 1] - p
                            let t = (d[i] - g) * s + 2.0 * c * b
                            p <- s * t
                            d[i + 1] <- g + p
                            g <- c * t - b
                            i <- i - 1

                    if i <> -2 then
                        d[l] <- d[l] - p
                        e[l] <- g
                        e[m] <- 0.0

        d

    /// Eigenvalues in ascending order, and eigenvectors as columns (row-major D x D); ArgumentException for numbers that are
    /// not finite.
    let symmetric (dimension: int) (matrix: float[]) : struct (float[] * float[]) =
        if not (Array.forall Double.IsFinite matrix) then
            invalidArg (nameof matrix) "expected finite numbers in a symmetric matrix, received others"

        if dimension = 1 then
            struct ([| matrix[0] |], [| 1.0 |])
        else
            let dense =
                DenseMatrix.Create(dimension, dimension, fun i j -> matrix[max i j * dimension + min i j])

            let evd = dense.Evd(Symmetricity.Symmetric)
            let values = Array.init dimension (fun i -> evd.EigenValues[i].Real)

            let vectors =
                Array.init (dimension * dimension) (fun at -> evd.EigenVectors[at / dimension, at % dimension])

            struct (values, vectors)

    let smallest dimension (matrix: float[]) =
        Array.min (valuesInPlace dimension (Array.copy matrix))
