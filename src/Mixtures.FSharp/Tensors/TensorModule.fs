namespace Mixtures

/// Functions of tensors, and their derivatives. Axes are counted from 0, or from -1 backwards; arithmetic and functions
/// of two tensors broadcast on both sides. Every function is differentiable, and so are the derivatives, unless it says
/// otherwise. Errors are ArgumentExceptions that name the function and the shapes.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Tensor =

    // making

    /// A tensor of no axes.
    let scalar (value: float) = Tensor.Scalar value

    /// A tensor of one axis.
    let ofArray (values: float[]) = Tensor.OfArray values

    /// A matrix.
    let ofArray2D (values: float[,]) = Tensor.OfArray values

    /// A tensor of a shape from its numbers, last axis innermost.
    let ofShape (shape: int[]) (values: float[]) = Tensor.OfArray(values, shape)

    /// A tensor of one number throughout.
    let full (shape: int[]) (value: float) =
        Tensor.Expand(Tensor.Scalar value, shape)

    /// Zeros.
    let zeros (shape: int[]) = full shape 0.0

    /// Ones.
    let ones (shape: int[]) = full shape 1.0

    /// Zeros of the shape of another tensor.
    let zerosLike (a: Tensor) = zeros a.Dims

    /// The identity matrix.
    let eye (size: int) =
        ShapeOperations.diagonalMatrix (ones [| size |])

    /// 0, 1, …, count - 1.
    let arange (count: int) = Tensor.OfArray(Array.init count float)

    // reading

    /// The number of a tensor with one element.
    let toScalar (a: Tensor) = a.ToScalar()

    /// The numbers, last axis innermost.
    let toArray (a: Tensor) = a.ToArray()

    /// The size of each axis.
    let shape (a: Tensor) = a.Shape

    /// The numbers alone: a constant, whatever is being differentiated.
    let detach (a: Tensor) = a.Detach()

    // element by element

    /// The sum of two tensors.
    let add (a: Tensor) (b: Tensor) : Tensor = a + b

    /// The first minus the second.
    let sub (a: Tensor) (b: Tensor) : Tensor = a - b

    /// The product of two tensors.
    let mul (a: Tensor) (b: Tensor) : Tensor = a * b

    /// The first over the second.
    let div (a: Tensor) (b: Tensor) : Tensor = a / b

    /// The negative.
    let neg (a: Tensor) : Tensor = -a

    /// eˣ
    let exp a = Elementwise.exp a

    /// The natural logarithm.
    let log a = Elementwise.log a

    /// log(1 + x), exact for small x.
    let log1p a = Elementwise.log1p a

    /// eˣ - 1, exact for small x.
    let expm1 a = Elementwise.expm1 a

    /// The square root.
    let sqrt a = Elementwise.sqrt a

    /// x²
    let square a = Elementwise.square a

    /// 1 / x
    let reciprocal a = Elementwise.reciprocal a

    /// The absolute value; its derivative at 0 is 0.
    let abs a = Elementwise.abs a

    /// -1, 0 or 1; not differentiated.
    let sign a = Elementwise.sign a

    /// xᵖ for a constant exponent.
    let power (exponent: float) a = Elementwise.power exponent a

    /// aᵇ
    let pow (a: Tensor) (b: Tensor) = Elementwise.pow a b

    /// 1 / (1 + e⁻ˣ)
    let sigmoid a = Elementwise.sigmoid a

    /// log(1 + eˣ), without overflow.
    let softplus a = Elementwise.softplus a

    /// The hyperbolic tangent.
    let tanh a = Elementwise.tanh a

    /// The sine, of radians.
    let sin a = Elementwise.sin a

    /// The cosine, of radians.
    let cos a = Elementwise.cos a

    /// The error function.
    let erf a = Elementwise.erf a

    /// log |Γ(x)|
    let lgamma a = Elementwise.logGamma a

    /// The digamma function, the derivative of lgamma.
    let digamma a = Elementwise.polygamma 0 a

    /// The polygamma function of an order: 0 for digamma, 1 for trigamma, ….
    let polygamma (order: int) a =
        if order < 0 then
            invalidArg (nameof order) $"expected an order of at least 0, received {order}"

        Elementwise.polygamma order a

    /// log(e^-|x| I₀(|x|)), with the modified Bessel function of order 0: what a von Mises density of concentration x
    /// is divided by, less 2π. The derivative at 0 is that from the right.
    let logScaledBesselI0 a = Elementwise.logScaledBesselI0 a

    /// 1 - I₁(|x|) / I₀(|x|): the circular variance of a von Mises distribution of concentration x.
    let besselRatioComplement a = Elementwise.besselRatioComplement a

    /// a log b, with 0 log 0 = 0.
    let xlogy (a: Tensor) (b: Tensor) = Elementwise.xlogy a b

    /// exp(a - b), 0 where a is minus infinity: the share of a term a in a log-sum-exp b.
    let expDifference (a: Tensor) (b: Tensor) = Elementwise.expDifference a b

    /// The greater of two; where both are equal they share the derivative.
    let maximum (a: Tensor) (b: Tensor) = Elementwise.maximum a b

    /// The lesser of two; where both are equal they share the derivative.
    let minimum (a: Tensor) (b: Tensor) = Elementwise.minimum a b

    /// Limited to [low, high]; the derivative beyond is 0.
    let clamp (low: float) (high: float) a = Elementwise.clamp low high a

    /// a where the condition is not 0, else b; what is not chosen leaves no trace.
    let where (condition: Tensor) (a: Tensor) (b: Tensor) = Elementwise.where condition a b

    /// 1 where a < b, else 0; not differentiated.
    let lt (a: Tensor) (b: Tensor) = Elementwise.less a b

    /// 1 where a ≤ b, else 0; not differentiated.
    let le (a: Tensor) (b: Tensor) = Elementwise.lessOrEqual a b

    /// 1 where a > b, else 0; not differentiated.
    let gt (a: Tensor) (b: Tensor) = Elementwise.less b a

    /// 1 where a ≥ b, else 0; not differentiated.
    let ge (a: Tensor) (b: Tensor) = Elementwise.lessOrEqual b a

    /// 1 where a = b, else 0; not differentiated.
    let eq (a: Tensor) (b: Tensor) = Elementwise.equal a b

    /// 1 where the element is not a number, else 0; not differentiated.
    let isNaN a = Elementwise.isNaN a

    // reductions

    /// The sum of all elements.
    let sum a = Reductions.sum [||] false a

    /// Sums over axes (none given: all); with keepDim these stay, with size 1.
    let sumOver (axes: int[]) (keepDim: bool) a = Reductions.sum axes keepDim a

    /// The mean of all elements.
    let mean a = Reductions.mean [||] false a

    /// Means over axes (none given: all); with keepDim these stay, with size 1.
    let meanOver (axes: int[]) (keepDim: bool) a = Reductions.mean axes keepDim a

    /// The largest element; equal ones share the derivative.
    let max a = Reductions.max [||] false a

    /// The largest over axes (none given: all); with keepDim these stay, with size 1.
    let maxOver (axes: int[]) (keepDim: bool) a = Reductions.max axes keepDim a

    /// The least element; equal ones share the derivative.
    let min a = Reductions.min [||] false a

    /// The least over axes (none given: all); with keepDim these stay, with size 1.
    let minOver (axes: int[]) (keepDim: bool) a = Reductions.min axes keepDim a

    /// log Σ exp over an axis, each sum shifted by its own largest term; minus infinity, with derivative 0, where every
    /// term is.
    let logsumexp (axis: int) a = Reductions.logSumExp [| axis |] false a

    /// log Σ exp over axes (none given: all); with keepDim these stay, with size 1.
    let logsumexpOver (axes: int[]) (keepDim: bool) a = Reductions.logSumExp axes keepDim a

    /// Exponentials over an axis, divided by their sum.
    let softmax (axis: int) a = Reductions.softmax axis a

    /// The logarithm of softmax.
    let logsoftmax (axis: int) a = Reductions.logSoftmax axis a

    // shapes

    /// The same elements in another shape; one size may be -1, and follows from the others.
    let reshape (shape: int[]) a = ShapeOperations.reshape shape a

    /// Stretched to a shape that it broadcasts to.
    let expand (shape: int[]) (a: Tensor) = Tensor.Expand(a, shape)

    /// The last two axes exchanged.
    let transpose a = ShapeOperations.transpose a

    /// The axes in another order.
    let permute (axes: int[]) a = ShapeOperations.permute axes a

    /// A new axis of size 1 at a position.
    let unsqueeze (axis: int) a = ShapeOperations.unsqueeze axis a

    /// Without an axis of size 1.
    let squeeze (axis: int) a = ShapeOperations.squeeze axis a

    /// Count elements of an axis from start.
    let slice (axis: int) (start: int) (count: int) a =
        ShapeOperations.slice axis start count a

    /// One element of an axis, which goes.
    let select (axis: int) (index: int) a = ShapeOperations.select axis index a

    /// The elements of an axis at indices, repeated or not.
    let indexSelect (axis: int) (indices: int[]) a =
        ShapeOperations.indexSelect axis indices a

    /// For every element of indices (whole numbers, as many axes as a), the element of a at the same place but on the
    /// axis, where the index says. Repeated indices are right, also in derivatives.
    let gather (axis: int) (indices: Tensor) a = ShapeOperations.gather axis indices a

    /// Adds every element of source to a at the same place but on the axis, where the index says. Repeated indices add up.
    let scatterAdd (axis: int) (indices: Tensor) (source: Tensor) a =
        ShapeOperations.scatterAdd axis indices source a

    /// Tensors one after the other along an axis.
    let concatenate (axis: int) (parts: Tensor seq) =
        ShapeOperations.concatenate axis (Seq.toArray parts)

    /// Tensors of one shape along a new axis.
    let stack (axis: int) (parts: Tensor seq) =
        ShapeOperations.stack axis (Seq.toArray parts)

    // matrices

    /// The matrix product over the last two axes; those before broadcast. A vector is a row on the left and a column on
    /// the right.
    let matmul (a: Tensor) (b: Tensor) = LinearAlgebra.matmul a b

    /// The lower Cholesky factor of symmetric positive definite matrices; an error names one that is not. The derivative
    /// is symmetric (Murray 2016).
    let cholesky a = LinearAlgebra.cholesky a

    /// X of L X = B for lower triangular L (only its lower triangle is read); B is a matrix or a vector.
    let solveLower (l: Tensor) (b: Tensor) = LinearAlgebra.solveLower false l b

    /// X of Lᵀ X = B for lower triangular L.
    let solveLowerTransposed (l: Tensor) (b: Tensor) = LinearAlgebra.solveLower true l b

    /// The log-determinant of symmetric positive definite matrices.
    let logdet a = LinearAlgebra.logDeterminant a

    /// The diagonals of the last two axes.
    let diagonal a = ShapeOperations.diagonal a

    /// Diagonal matrices of the last axis.
    let diagonalMatrix a = ShapeOperations.diagonalMatrix a

    /// The lower triangles up to a diagonal (0 the main one, -1 that below), zeros above.
    let tril (diagonal: int) a = LinearAlgebra.lowerTriangle diagonal a

    // derivatives

    /// The gradient of a scalar function at x, of the shape of x.
    let grad (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let struct (_, g) = Differentiation.valueAndGradient "grad" f x
        g

    /// The value of a scalar function at x, and its gradient.
    let valueAndGrad (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * Tensor) =
        Differentiation.valueAndGradient "valueAndGrad" f x

    /// The value of a scalar function at x, and its gradient: valueAndGrad by the name that DiffSharp gives it.
    let fgrad (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * Tensor) = valueAndGrad f x

    /// The value of a scalar function of several tensors, and its gradients in the same order.
    let valueAndGrads (f: Tensor[] -> Tensor) (inputs: Tensor[]) : struct (Tensor * Tensor[]) =
        Differentiation.valueAndGradients "valueAndGrads" f inputs

    /// The matrix of derivatives of a function at x: the shape of the result, then that of x.
    let jacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor = Differentiation.jacobian f x

    /// The second derivatives of a scalar function at x: the shape of x, twice.
    let hessian (f: Tensor -> Tensor) (x: Tensor) : Tensor = jacobian (grad f) x

    /// The second derivatives of a scalar function at x times a direction v, at the cost of a few gradients.
    let hessianVector (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor = grad (fun x -> sum (grad f x * v)) x

    /// A scalar function whose value and gradients are computed together by code of one's own, as one step of a
    /// differentiation; where the gradient is differentiated in turn, the composed form, made of tensor functions,
    /// takes its place.
    let fused
        (value: Tensor[] -> Tensor)
        (valueAndGradients: Tensor[] -> struct (Tensor * Tensor[]))
        (composed: Tensor[] -> Tensor)
        (inputs: Tensor[])
        : Tensor =
        Differentiation.fused value valueAndGradients composed inputs
