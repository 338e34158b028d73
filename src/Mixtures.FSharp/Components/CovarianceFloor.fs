namespace Mixtures

open System

/// The floor of covariances, by clipping eigenvalues in units of the columns' variances.
[<RequireQualifiedAccess>]
module internal CovarianceFloor =

    /// The D x D covariance in units of the columns' standard deviations.
    let standardise (dimension: int) (variances: float[]) (covariance: ReadOnlySpan<float>) =
        let result = Array.zeroCreate (dimension * dimension)

        for i in 0 .. dimension - 1 do
            for j in 0 .. dimension - 1 do
                result[i * dimension + j] <- covariance[i * dimension + j] / (sqrt variances[i] * sqrt variances[j])

        result

    /// Raises the eigenvalues of a D x D covariance, in units of the columns' variances, to at least the floor: the
    /// M-step's exact constrained optimum. In place, with room for D x D numbers; true if something was raised.
    let clip (dimension: int) (variances: float[]) (relative: float) (room: float[]) (covariance: Span<float>) =
        let above =
            // S - floor I is positive definite: nothing to raise, and no eigenvalues needed
            for i in 0 .. dimension - 1 do
                for j in 0..i do
                    room[i * dimension + j] <- covariance[i * dimension + j] / (sqrt variances[i] * sqrt variances[j])

                room[i * dimension + i] <- room[i * dimension + i] - relative

            Cholesky.tryFactorInPlace dimension (Span room)

        if not above then
            let standard = standardise dimension variances (Span.op_Implicit covariance)
            let struct (values, vectors) = Eigen.symmetric dimension standard

            for i in 0 .. dimension - 1 do
                for j in 0..i do
                    let mutable sum = 0.0

                    for m in 0 .. dimension - 1 do
                        sum <-
                            sum
                            + max values[m] relative * vectors[i * dimension + m] * vectors[j * dimension + m]

                    let value = sum * (sqrt variances[i] * sqrt variances[j])
                    covariance[i * dimension + j] <- value
                    covariance[j * dimension + i] <- value

        not above

    /// The floor for a whole set of covariances in the layout of the structure. In place.
    let apply structure components dimension (scale: DataScale) (floor: Floor) (covariances: float[]) =
        let square = dimension * dimension

        match structure with
        | CovarianceStructure.Known -> ()
        | CovarianceStructure.Full ->
            let room = Array.zeroCreate square

            for k in 0 .. components - 1 do
                let one = Span<float>(covariances, k * square, square)

                for i in 0 .. dimension - 1 do
                    one[i * dimension + i] <- one[i * dimension + i] + floor.Absolute

                clip dimension scale.Variances floor.Relative room one |> ignore
        | CovarianceStructure.Tied ->
            for i in 0 .. dimension - 1 do
                covariances[i * dimension + i] <- covariances[i * dimension + i] + floor.Absolute

            clip dimension scale.Variances floor.Relative (Array.zeroCreate square) (Span covariances)
            |> ignore
        | CovarianceStructure.Diagonal ->
            for at in 0 .. covariances.Length - 1 do
                covariances[at] <-
                    max (covariances[at] + floor.Absolute) (floor.Relative * scale.Variances[at % dimension])
        | CovarianceStructure.Spherical ->
            let least = floor.Relative * Array.max scale.Variances

            for k in 0 .. covariances.Length - 1 do
                covariances[k] <- max (covariances[k] + floor.Absolute) least
