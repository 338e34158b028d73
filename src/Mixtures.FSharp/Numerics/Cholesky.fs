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

    let private decompose dimension (matrix: float[]) =
        DenseMatrix
            .Create(dimension, dimension, fun i j -> matrix[max i j * dimension + min i j])
            .Evd(Symmetricity.Symmetric)

    /// Eigenvalues in ascending order.
    let values (dimension: int) (matrix: float[]) : float[] =
        if dimension = 1 then
            [| matrix[0] |]
        else
            let evd = decompose dimension matrix
            Array.init dimension (fun i -> evd.EigenValues[i].Real)

    /// Eigenvalues in ascending order, and eigenvectors as columns (row-major D x D).
    let symmetric (dimension: int) (matrix: float[]) : struct (float[] * float[]) =
        if dimension = 1 then
            struct ([| matrix[0] |], [| 1.0 |])
        else
            let evd = decompose dimension matrix
            let values = Array.init dimension (fun i -> evd.EigenValues[i].Real)

            let vectors =
                Array.init (dimension * dimension) (fun at -> evd.EigenVectors[at / dimension, at % dimension])

            struct (values, vectors)

    let smallest dimension matrix = Array.min (values dimension matrix)
