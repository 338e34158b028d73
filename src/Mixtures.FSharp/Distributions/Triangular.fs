namespace Mixtures

open System

/// Small products with lower triangular factors, D x D row by row in one array.
[<RequireQualifiedAccess>]
module internal Triangular =
    /// L z in place.
    let multiply (dimension: int) (factor: float[]) (vector: float[]) =
        for i in dimension - 1 .. -1 .. 0 do
            let mutable sum = 0.0

            for j in 0..i do
                sum <- sum + factor[i * dimension + j] * vector[j]

            vector[i] <- sum

    /// L Lᵀ.
    let square (dimension: int) (factor: float[]) : float[] =
        let d = dimension
        let result = Array.zeroCreate (d * d)

        for i in 0 .. d - 1 do
            for j in 0..i do
                let mutable sum = 0.0

                for m in 0..j do
                    sum <- sum + factor[i * d + m] * factor[j * d + m]

                result[i * d + j] <- sum
                result[j * d + i] <- sum

        result

    /// The sum of squares of L⁻¹ M: the trace of (L Lᵀ)⁻¹ M Mᵀ, for a lower triangular M.
    let traceOfRatio (dimension: int) (factor: float[]) (other: float[]) =
        let d = dimension
        let column = Array.zeroCreate d
        let mutable sum = 0.0

        for c in 0 .. d - 1 do
            for i in 0 .. d - 1 do
                column[i] <- other[i * d + c]

            Cholesky.solveLower d factor (Span column)

            for v in column do
                sum <- sum + v * v

        sum

    /// L⁻¹ (x - location).
    let private whitened (dimension: int) (factor: float[]) (location: float[]) (x: ReadOnlySpan<float>) =
        let residual = Array.zeroCreate dimension

        for i in 0 .. dimension - 1 do
            residual[i] <- x[i] - location[i]

        Cholesky.solveLower dimension factor (Span residual)

        // what overflowed on the way is infinitely far
        for i in 0 .. dimension - 1 do
            if not (Double.IsFinite residual[i]) then
                residual[i] <- Double.PositiveInfinity

        residual

    /// The sum of squares of L⁻¹ (x - location).
    let distance (dimension: int) (factor: float[]) (location: float[]) (x: ReadOnlySpan<float>) =
        let mutable sum = 0.0

        for v in whitened dimension factor location x do
            sum <- sum + v * v

        sum

    /// The norm of L⁻¹ (x - location), also where its square is out of range.
    let norm (dimension: int) (factor: float[]) (location: float[]) (x: ReadOnlySpan<float>) =
        let residual = whitened dimension factor location x
        let mutable largest = 0.0

        for v in residual do
            largest <- max largest (abs v)

        if largest = 0.0 || Double.IsPositiveInfinity largest then
            largest
        else
            let mutable sum = 0.0

            for v in residual do
                sum <- sum + v / largest * (v / largest)

            largest * sqrt sum

    /// Whether every number is finite.
    let isFinite (x: ReadOnlySpan<float>) =
        let mutable finite = true

        for v in x do
            if not (Double.IsFinite v) then
                finite <- false

        finite

    /// The factor of a matrix that is symmetric within 1e-8 of its largest element and positive definite, if it is.
    let tryFactor (dimension: int) (matrix: ReadOnlySpan<float>) : float[] voption =
        let d = dimension
        let mutable largest = 0.0

        for v in matrix do
            largest <- max largest (abs v)

        let mutable symmetric = isFinite matrix

        for i in 0 .. d - 1 do
            for j in 0 .. i - 1 do
                if not (abs (matrix[i * d + j] - matrix[j * d + i]) <= 1e-8 * largest) then
                    symmetric <- false

        if symmetric then Cholesky.tryFactor d matrix else ValueNone
