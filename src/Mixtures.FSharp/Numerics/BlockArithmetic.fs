namespace Mixtures

open System

/// The kernels that do not depend on a family, for vectors of one width.
[<AbstractClass>]
type internal BlockArithmetic() =
    /// How many lanes a vector has.
    abstract Width: int

    /// See ResponsibilityKernels.Normalise.
    abstract Normalise:
        lanes: Span<float> *
        stride: int *
        rows: int *
        components: int *
        evidence: Span<float> *
        weights: ReadOnlySpan<float> ->
            unit

    /// See ResponsibilityKernels.Weigh.
    abstract Weigh:
        lanes: Span<float> *
        stride: int *
        rows: int *
        components: int *
        weights: Span<float> *
        counts: Span<float> *
        squares: Span<float> ->
            unit

    /// See ResponsibilityKernels.AddWeighted.
    abstract AddWeighted: evidence: Span<float> * weights: Span<float> * rows: int * accumulator: Span<float> -> unit

    /// See DiagonalKernels.AddSums.
    abstract AddSums:
        tile: Span<float> * stride: int * rows: int * weights: Span<float> * centre: Span<float> * sums: Span<float> ->
            unit

    /// See DiagonalKernels.AddSumsAndSquares.
    abstract AddSumsAndSquares:
        tile: Span<float> * stride: int * rows: int * weights: Span<float> * centre: Span<float> * moments: Span<float> ->
            unit

    /// See DiagonalKernels.AddScaledDistance.
    abstract AddScaledDistance:
        tile: Span<float> *
        stride: int *
        rows: int *
        mean: Span<float> *
        scale: Span<float> *
        factor: float *
        constant: float *
        lanes: Span<float> ->
            unit

    /// totals += the sum of the lanes of each vector of accumulators.
    abstract Reduce: accumulators: Span<float> * totals: Span<float> -> unit

    static member For(width: SimdWidth) : BlockArithmetic =
        match width with
        | SimdWidth.Vector512 -> BlockArithmetic<Ops512, _>()
        | SimdWidth.Vector256 -> BlockArithmetic<Ops256, _>()
        | _ -> BlockArithmetic<OpsScalar, _>()

and [<Sealed>] internal BlockArithmetic<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>>() =
    inherit BlockArithmetic()
    override _.Width = 'O.Width

    override _.Normalise(lanes, stride, rows, components, evidence, weights) =
        ResponsibilityKernels<'O, 'V>.Normalise(lanes, stride, rows, components, evidence, weights)

    override _.Weigh(lanes, stride, rows, components, weights, counts, squares) =
        ResponsibilityKernels<'O, 'V>.Weigh(lanes, stride, rows, components, weights, counts, squares)

    override _.AddWeighted(evidence, weights, rows, accumulator) =
        ResponsibilityKernels<'O, 'V>.AddWeighted(evidence, weights, rows, accumulator)

    override _.AddSums(tile, stride, rows, weights, centre, sums) =
        DiagonalKernels<'O, 'V>.AddSums(tile, stride, rows, weights, centre, sums)

    override _.AddSumsAndSquares(tile, stride, rows, weights, centre, moments) =
        DiagonalKernels<'O, 'V>.AddSumsAndSquares(tile, stride, rows, weights, centre, moments)

    override _.AddScaledDistance(tile, stride, rows, mean, scale, factor, constant, lanes) =
        DiagonalKernels<'O, 'V>.AddScaledDistance(tile, stride, rows, mean, scale, factor, constant, lanes)

    override _.Reduce(accumulators, totals) =
        DiagonalKernels<'O, 'V>.Reduce(accumulators, totals)
