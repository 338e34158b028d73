namespace Mixtures

open System

/// The kernels that do not depend on a family, for vectors of one width.
[<AbstractClass>]
type internal BlockArithmetic() =
    /// How many lanes a vector has.
    abstract Width: int

    /// See ResponsibilityKernels.Exponentiate.
    abstract Exponentiate:
        lanes: Span<float> *
        stride: int *
        rows: int *
        components: int *
        evidence: Span<float> *
        factors: Span<float> *
        weights: ReadOnlySpan<float> ->
            bool

    /// See ResponsibilityKernels.Scale.
    abstract Scale: lanes: Span<float> * stride: int * rows: int * components: int * factors: Span<float> -> unit

    /// See ResponsibilityKernels.Weigh.
    abstract Weigh:
        lanes: Span<float> *
        stride: int *
        rows: int *
        components: int *
        factors: Span<float> *
        weights: Span<float> *
        counts: Span<float> *
        squares: Span<float> ->
            unit

    /// See ResponsibilityKernels.AddWeighted.
    abstract AddWeighted: evidence: Span<float> * weights: Span<float> * rows: int * accumulator: Span<float> -> unit

    /// See DiagonalKernels.SumsLength.
    abstract SumsLength: components: int * columns: int -> int

    /// See DiagonalKernels.SumsStep.
    abstract SumsStep: columns: int -> int

    /// See DiagonalKernels.AddSums.
    abstract AddSums:
        tile: Span<float> *
        stride: int *
        rows: int *
        columns: int *
        components: int *
        weights: Span<float> *
        centres: Span<float> *
        sums: Span<float> ->
            unit

    /// See DiagonalKernels.MomentsLength.
    abstract MomentsLength: columns: int -> int

    /// See DiagonalKernels.AddMoments: of a single component.
    abstract AddMoments:
        tile: Span<float> *
        stride: int *
        rows: int *
        columns: int *
        weights: Span<float> *
        centre: Span<float> *
        moments: Span<float> ->
            unit

    /// See DiagonalKernels.AddScaledDistances: with one scale for all components, and a factor and constants of 1 and 0.
    abstract AddScaledDistances:
        tile: Span<float> *
        stride: int *
        rows: int *
        columns: int *
        means: Span<float> *
        scale: Span<float> *
        zeros: Span<float> *
        lanes: Span<float> ->
            unit

    /// See LinearKernels.AddProducts.
    abstract AddProducts:
        tile: Span<float> *
        stride: int *
        rows: int *
        columns: int *
        slopes: Span<float> *
        step: int *
        constants: Span<float> *
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

    override _.Exponentiate(lanes, stride, rows, components, evidence, factors, weights) =
        ResponsibilityKernels<'O, 'V>.Exponentiate(lanes, stride, rows, components, evidence, factors, weights)

    override _.Scale(lanes, stride, rows, components, factors) =
        ResponsibilityKernels<'O, 'V>.Scale(lanes, stride, rows, components, factors)

    override _.Weigh(lanes, stride, rows, components, factors, weights, counts, squares) =
        ResponsibilityKernels<'O, 'V>.Weigh(lanes, stride, rows, components, factors, weights, counts, squares)

    override _.AddWeighted(evidence, weights, rows, accumulator) =
        ResponsibilityKernels<'O, 'V>.AddWeighted(evidence, weights, rows, accumulator)

    override _.SumsLength(components, columns) =
        DiagonalKernels<'O, 'V>.SumsLength(components, columns)

    override _.SumsStep columns =
        DiagonalKernels<'O, 'V>.SumsStep columns

    override _.AddSums(tile, stride, rows, columns, components, weights, centres, sums) =
        DiagonalKernels<'O, 'V>.AddSums(tile, stride, rows, columns, components, weights, centres, sums)

    override _.MomentsLength columns =
        DiagonalKernels<'O, 'V>.MomentsLength(1, columns)

    override _.AddMoments(tile, stride, rows, columns, weights, centre, moments) =
        DiagonalKernels<'O, 'V>.AddMoments(tile, stride, rows, columns, 1, weights, centre, 0, moments, 0)

    override _.AddScaledDistances(tile, stride, rows, columns, means, scale, zeros, lanes) =
        DiagonalKernels<'O, 'V>
            .AddScaledDistances(tile, stride, rows, columns, means, columns, scale, 0, 1.0, zeros, lanes)

    override _.AddProducts(tile, stride, rows, columns, slopes, step, constants, lanes) =
        LinearKernels<'O, 'V>.AddProducts(tile, stride, rows, columns, slopes, step, constants, lanes)

    override _.Reduce(accumulators, totals) =
        DiagonalKernels<'O, 'V>.Reduce(accumulators, totals)
