namespace Mixtures

open System

/// The M-step of a family without a closed form: the expected complete log-likelihood under the responsibilities of the
/// point it starts from is raised by L-BFGS, never lowered (generalised EM, Dempster, Laird & Rubin 1977).
[<RequireQualifiedAccess>]
module internal NumericalMStep =

    /// Steps of L-BFGS in one M-step: the responsibilities change after it anyway.
    [<Literal>]
    let private Steps = 10

    /// -Σ w Σ_k r_k log p_k(x) / Σ w and its gradient, tile by tile, with the responsibilities of the point.
    let private objective (data: FitData) (kernel: IBlockKernel) (point: Point) : Objective =
        let family = point.Components.Family
        let count = point.Weights.Length

        fun parameters ->
            let length = parameters.Length

            let total =
                data.Pass.Fold(
                    count,
                    kernel.ScratchLength data.Pass.Capacity,
                    1 + length,
                    1 + length,
                    (fun worker -> worker.Accumulators.Span.Clear()),
                    (fun worker _ ->
                        RowPass.FillJoint(worker, kernel, Array.map log point.Weights)
                        RowPass.Normalise(data.Pass.Arithmetic, worker, point.Weights)
                        let tile = worker.Tile
                        let lanes = worker.Lanes.Span
                        let n = tile.Count
                        let shares = Array.zeroCreate<float>(n * count)

                        for k in 0 .. count - 1 do
                            for i in 0 .. n - 1 do
                                shares[i * count + k] <- tile.Weights[i] * lanes[k * tile.Capacity + i]

                        let shares = Tensor.ofShape [| n; count |] shares
                        let rows = LogDensityRows.ofTile tile n

                        let value vector =
                            let densities = family.LogDensity(vector, point.Components, data.Scale, rows)
                            // a responsibility of zero counts for nothing, were the density zero
                            let zero = Tensor.scalar 0.0
                            -(Tensor.sum (Tensor.where (Tensor.eq shares zero) zero (shares * densities)))

                        let struct (v, g) = Tensor.valueAndGrad value (Tensor.ofArray parameters)
                        let sums = worker.Accumulators.Span
                        sums[0] <- sums[0] + v.ToScalar()
                        let g = g.ToArray()

                        for i in 0 .. length - 1 do
                            sums[1 + i] <- sums[1 + i] + g[i]),
                    (fun worker total -> worker.Accumulators.Span.CopyTo(Span total))
                )

            let scale = 1.0 / data.Scale.TotalWeight
            struct (total[0] * scale, Array.init length (fun i -> total[1 + i] * scale))

    /// The components with a greater expected complete log-likelihood than the point's, or the same where there are none.
    let components (data: FitData) (kernel: IBlockKernel) (point: Point) : IComponents =
        let family = point.Components.Family
        let start = family.ToVector(point.Components, data.Scale)

        let result =
            Lbfgs.minimise
                { Minimiser.defaults with
                    MaxIterations = Steps
                }
                (objective data kernel point)
                start

        family.OfVector(result.Parameters, point.Components, data.Scale)
