namespace Mixtures

/// The type of a tensor's numbers. Every computation here is in double precision.
type DType =
    | Float64 = 0

/// What a tensor backend computes element by element from one tensor.
type UnaryOperation =
    | Negate = 0
    | Exp = 1
    | Log = 2
    | Log1p = 3
    | Expm1 = 4
    | Sqrt = 5
    | Abs = 6
    | Sign = 7
    | Sigmoid = 8
    | Softplus = 9
    | Tanh = 10
    | Reciprocal = 11
    | Square = 12
    | Sin = 13
    | Cos = 14
    | Erf = 15
    | LogGamma = 16
    /// With the order as parameter: 0 for digamma, 1 for trigamma, …
    | Polygamma = 17
    /// log(e⁻ˣ I₀(x)) of |x|, with the modified Bessel function of order 0.
    | LogScaledBesselI0 = 18
    /// 1 - I₁(x) / I₀(x) of |x|.
    | BesselRatioComplement = 19
    /// With the exponent as parameter.
    | Power = 20
    /// 1 where the number is not a number, else 0.
    | IsNaN = 21

/// What a tensor backend computes element by element from two tensors.
type BinaryOperation =
    | Add = 0
    | Subtract = 1
    | Multiply = 2
    | Divide = 3
    | Power = 4
    | Maximum = 5
    | Minimum = 6
    /// 1 where a < b, else 0.
    | Less = 7
    /// 1 where a ≤ b, else 0.
    | LessOrEqual = 8
    /// 1 where a = b, else 0.
    | Equal = 9
    /// exp(a - b), 0 where a is minus infinity and 1 where a = b otherwise: a share of a log-sum-exp.
    | ExpDifference = 10
    /// a log b, 0 where a = 0.
    | XLogY = 11

/// What a tensor backend computes along axes.
type Reduction =
    | Sum = 0
    | Max = 1
    | Min = 2
    | LogSumExp = 3

/// A tensor's numbers, wherever they are; contiguous, the last axis innermost.
[<AbstractClass>]
type TensorStorage() =
    /// Who computes with it.
    abstract Backend: ITensorBackend

    /// The type of its numbers.
    abstract DType: DType

    /// How many numbers it holds.
    abstract Length: int

/// Raw arithmetic on storages: no shapes are checked here and nothing is differentiated. Results are new storages;
/// arguments are never written to. Strides count elements.
and ITensorBackend =
    /// The backend's name.
    abstract Name: string

    /// Copies numbers in.
    abstract OfArray: values: float[] -> TensorStorage

    /// Copies numbers out.
    abstract ToArray: storage: TensorStorage -> float[]

    /// The number at an index.
    abstract Item: storage: TensorStorage * index: int -> float

    /// A storage of equal numbers.
    abstract Full: length: int * value: float -> TensorStorage

    /// f(x, parameter), element by element.
    abstract Map: operation: UnaryOperation * x: TensorStorage * parameter: float -> TensorStorage

    /// f(a, b), element by element over the shape that both broadcast to.
    abstract Zip:
        operation: BinaryOperation * a: TensorStorage * aShape: int[] * b: TensorStorage * bShape: int[] * shape: int[] ->
            TensorStorage

    /// a where the condition is not 0, else b; all of one length.
    abstract Where: condition: TensorStorage * a: TensorStorage * b: TensorStorage -> TensorStorage

    /// The reduction of outer x reduced x inner numbers over the middle axis.
    abstract Reduce: operation: Reduction * x: TensorStorage * outer: int * reduced: int * inner: int -> TensorStorage

    /// The elements offset + Σ iₐ strideₐ in the order of the shape: transposes, slices, stretches.
    abstract Strided: x: TensorStorage * offset: int * strides: int[] * shape: int[] -> TensorStorage

    /// Zeros, with the elements added at offset + Σ iₐ strideₐ: what takes back Strided.
    abstract StridedAdd: x: TensorStorage * offset: int * strides: int[] * shape: int[] * length: int -> TensorStorage

    /// The elements at the indices.
    abstract Gather: x: TensorStorage * indices: int[] -> TensorStorage

    /// Zeros, with the elements added at the indices; repeated indices add up.
    abstract ScatterAdd: x: TensorStorage * indices: int[] * length: int -> TensorStorage

    /// outer blocks, each made of a block of every storage in turn; sizes are those of the blocks.
    abstract Concatenate: parts: TensorStorage[] * sizes: int[] * outer: int -> TensorStorage

    /// a b for batches of matrices, a (rows x shared, or its transpose in storage) and b (shared x columns, or its
    /// transpose). Batch strides are 0 for a matrix that serves every batch.
    abstract MatMul:
        a: TensorStorage *
        transposeA: bool *
        aBatch: int *
        b: TensorStorage *
        transposeB: bool *
        bBatch: int *
        batches: int *
        rows: int *
        shared: int *
        columns: int ->
            TensorStorage

    /// Lower Cholesky factors of batches of matrices; the number of the first matrix that is not positive definite, or -1.
    abstract Cholesky: a: TensorStorage * batches: int * dimension: int -> struct (TensorStorage * int)

    /// Solves L X = B (or Lᵀ X = B) for batches of lower triangular matrices; B is dimension x columns.
    abstract SolveLower:
        l: TensorStorage * transposed: bool * b: TensorStorage * batches: int * dimension: int * columns: int ->
            TensorStorage

    /// The lower triangles of batches of matrices up to a diagonal, zeros above.
    abstract LowerTriangle: x: TensorStorage * batches: int * rows: int * columns: int * diagonal: int -> TensorStorage
