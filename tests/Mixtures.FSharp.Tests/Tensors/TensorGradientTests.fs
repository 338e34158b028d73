module Mixtures.Tests.TensorGradientTests

open System
open Xunit
open Mixtures

// Every operation against central differences, first and second derivatives; a wrong rule, a forgotten reduction of a
// stretched axis or a rule that is not itself differentiable would show here.

/// Fixed seeds: where a function has a kink, a random point could fall beside it.
let private forSeeds count (property: RandomStream -> unit) =
    for seed in 1..count do
        property ((RandomKey.ofSeed seed).Stream())

let normals (shape: int[]) (stream: RandomStream) =
    Array.init (Shape.size shape) (fun _ -> stream.NextNormal())
    |> Tensor.ofShape shape

/// Positive numbers, not too small.
let positives shape stream =
    normals shape stream |> Tensor.abs |> (fun t -> t + 0.3)

let spd batch d stream =
    let a = normals (Array.append batch [| d; d |]) stream
    Tensor.matmul a (Tensor.transpose a) + 0.5 * Tensor.eye d

/// Derivatives by central differences, element by element.
let central (f: Tensor -> float) (x: Tensor) =
    let numbers = x.ToArray()

    Array.init numbers.Length (fun i ->
        let h = 1e-5 * max 1.0 (abs numbers[i])

        let at shift =
            let moved = Array.copy numbers
            moved[i] <- moved[i] + shift
            f (Tensor.ofShape (x.Shape) moved)

        // of fourth order
        (8.0 * (at h - at -h) - (at (2.0 * h) - at (-2.0 * h))) / (12.0 * h))

let private close (what: string) (expected: float[]) (actual: Tensor) tolerance =
    let actual = actual.ToArray()
    let scale = expected |> Array.fold (fun m v -> max m (abs v)) 1.0

    for i in 0 .. expected.Length - 1 do
        Assert.True(
            abs (expected[i] - actual[i]) <= tolerance * scale,
            $"{what}: element {i}: central differences {expected[i]}, gradient {actual[i]}"
        )

/// The gradient of a weighted sum of f's results, and its derivative in a direction.
let private check name (f: Tensor -> Tensor) (x: Tensor) (stream: RandomStream) =
    let weights = normals (f x).Shape stream
    let objective x = Tensor.sum (weights * f x)
    let gradient = Tensor.grad objective x
    Assert.Equal<int[]>(x.Shape, gradient.Shape)
    close name (central (objective >> Tensor.toScalar) x) gradient 1e-8

    let direction = normals x.Shape stream

    let slope x =
        Tensor.sum (Tensor.grad objective x * direction)

    close (name + ", second") (central (slope >> Tensor.toScalar) x) (Tensor.grad slope x) 1e-7

    close
        (name + ", Hessian times vector")
        ((Tensor.grad slope x).ToArray())
        (Tensor.hessianVector objective x direction)
        1e-12

let unary: (string * (Tensor -> Tensor) * (int[] -> RandomStream -> Tensor)) list =
    [
        "neg", Tensor.neg, normals
        "exp", Tensor.exp, normals
        "log", Tensor.log, positives
        "log1p", Tensor.log1p, positives
        "expm1", Tensor.expm1, normals
        "sqrt", Tensor.sqrt, positives
        "square", Tensor.square, normals
        "reciprocal", Tensor.reciprocal, positives
        "abs", Tensor.abs, positives
        "power 2.5", Tensor.power 2.5, positives
        "power 3", Tensor.power 3.0, normals
        "power 1", Tensor.power 1.0, normals
        "power -1.5", Tensor.power -1.5, positives
        "sigmoid", Tensor.sigmoid, normals
        "softplus", Tensor.softplus, normals
        "tanh", Tensor.tanh, normals
        "sin", Tensor.sin, normals
        "cos", Tensor.cos, normals
        "erf", Tensor.erf, normals
        "lgamma", Tensor.lgamma, positives
        "digamma", Tensor.digamma, positives
        "polygamma 2", Tensor.polygamma 2, positives
        "logScaledBesselI0", Tensor.logScaledBesselI0, positives
        "logScaledBesselI0, large", (fun x -> Tensor.logScaledBesselI0 (30.0 * x)), positives
        "logScaledBesselI0, small", (fun x -> Tensor.logScaledBesselI0 (1e-4 * x)), positives
        "besselRatioComplement", Tensor.besselRatioComplement, positives
        "clamp", Tensor.clamp -0.5 0.7, normals
        "x - 2 / x + 1", (fun x -> x - 2.0 / x + 1.0), positives
        "(3 - x) * 2 + x / 4", (fun x -> (3.0 - x) * 2.0 + x / 4.0), normals
    ]

[<Fact>]
let ``Element-wise functions have the gradients of central differences, twice`` () =
    forSeeds 3 (fun stream ->
        for name, f, domain in unary do
            check name f (domain [| 2; 3 |] stream) stream)

let private shapes =
    [
        [| 2; 3 |], [| 2; 3 |]
        [| 2; 3 |], [| 3 |]
        [| 2; 1 |], [| 1; 3 |]
        [||], [| 2; 3 |]
        [| 4; 1; 3 |], [| 2; 1 |]
    ]

[<Fact>]
let ``Functions of two tensors broadcast on both sides, and so do their gradients`` () =
    let functions: (string * (Tensor -> Tensor -> Tensor)) list =
        [
            "add", Tensor.add
            "sub", Tensor.sub
            "mul", Tensor.mul
            "div", Tensor.div
            "pow", Tensor.pow
            "xlogy", Tensor.xlogy
            "expDifference", Tensor.expDifference
            "maximum", Tensor.maximum
            "minimum", Tensor.minimum
            "where", (fun a b -> Tensor.where (Tensor.ofArray [| 1.0; 0.0; 1.0 |]) a b)
        ]

    forSeeds 2 (fun stream ->
        for name, f in functions do
            for left, right in shapes do
                let a, b = positives left stream, positives right stream
                check $"{name}, left of {Shape.text left} and {Shape.text right}" (fun x -> f x b) a stream
                check $"{name}, right of {Shape.text left} and {Shape.text right}" (fun x -> f a x) b stream
                check $"{name}, both" (fun x -> f x (2.0 * x + 1.0)) a stream)

[<Fact>]
let ``Reductions have the gradients of central differences`` () =
    forSeeds 2 (fun stream ->
        for axes in [ [||]; [| 0 |]; [| 1 |]; [| -1 |]; [| 0; 2 |]; [| 1; 2 |] ] do
            for keepDim in [ false; true ] do
                let functions =
                    [
                        "sum", Tensor.sumOver axes keepDim
                        "mean", Tensor.meanOver axes keepDim
                        "max", Tensor.maxOver axes keepDim
                        "min", Tensor.minOver axes keepDim
                        "logsumexp", Tensor.logsumexpOver axes keepDim
                    ]

                for name, f in functions do
                    check $"{name} over {Shape.text axes}" f (normals [| 2; 3; 4 |] stream) stream

        for axis in [ 0; 1; -1 ] do
            check "softmax" (Tensor.softmax axis) (normals [| 2; 3 |] stream) stream
            check "logsoftmax" (Tensor.logsoftmax axis) (normals [| 2; 3 |] stream) stream)

[<Fact>]
let ``Moving elements moves their derivatives`` () =
    let indices = Tensor.ofShape [| 2; 4 |] [| 0.0; 2.0; 2.0; 1.0; 1.0; 1.0; 0.0; 2.0 |]

    let functions: (string * (Tensor -> Tensor)) list =
        [
            "reshape", Tensor.reshape [| 3; -1 |]
            "transpose", Tensor.transpose
            "permute", Tensor.unsqueeze 0 >> Tensor.permute [| 2; 0; 1 |]
            "expand", Tensor.unsqueeze 1 >> Tensor.expand [| 2; 5; 3 |]
            "slice", Tensor.slice 1 1 2
            "select", Tensor.select -1 2
            "indexSelect, repeated", Tensor.indexSelect 1 [| 2; 0; 2; 2 |]
            "gather, repeated", Tensor.gather 1 indices
            "scatterAdd, repeated",
            (fun x ->
                Tensor.zeros [| 2; 3 |]
                |> Tensor.scatterAdd 1 (Tensor.slice 1 0 3 indices) (Tensor.square x))
            "concatenate", (fun x -> Tensor.concatenate 1 [ x; Tensor.square x; x ])
            "stack", (fun x -> Tensor.stack 1 [ x; Tensor.exp x ])
            "diagonalMatrix", Tensor.diagonalMatrix
            "tril", Tensor.tril 0 >> Tensor.square
            "tril -1", Tensor.tril -1 >> Tensor.square
        ]

    forSeeds 2 (fun stream ->
        for name, f in functions do
            check name f (normals [| 2; 3 |] stream) stream

        check "diagonal" (Tensor.diagonal >> Tensor.square) (normals [| 2; 3; 3 |] stream) stream)

[<Fact>]
let ``Matrix functions have the gradients of central differences`` () =
    forSeeds 2 (fun stream ->
        let pairs =
            [
                [| 3; 4 |], [| 4; 2 |]
                [| 4 |], [| 4; 2 |]
                [| 3; 4 |], [| 4 |]
                [| 4 |], [| 4 |]
                [| 2; 3; 4 |], [| 4; 2 |]
                [| 3; 4 |], [| 2; 4; 2 |]
                [| 5; 1; 3; 4 |], [| 2; 4; 2 |]
            ]

        for left, right in pairs do
            let a, b = normals left stream, normals right stream
            check $"matmul {Shape.text left}, left" (fun x -> Tensor.matmul x b) a stream
            check $"matmul {Shape.text right}, right" (fun x -> Tensor.matmul a x) b stream

        check "matmul, both" (fun x -> Tensor.matmul x (Tensor.transpose x)) (normals [| 3; 4 |] stream) stream

        for batch in [ [||]; [| 2 |] ] do
            let root = normals (Array.append batch [| 3; 3 |]) stream

            let definite x =
                Tensor.matmul x (Tensor.transpose x) + Tensor.eye 3

            check "cholesky" (definite >> Tensor.cholesky) root stream
            check "logdet" (definite >> Tensor.logdet) root stream
            let factor = Tensor.cholesky (spd batch 3 stream)
            let right = normals (Array.append batch [| 3; 2 |]) stream

            for solve in [ Tensor.solveLower; Tensor.solveLowerTransposed ] do
                check "solve, factor" (fun l -> solve l right) factor stream
                check "solve, right" (fun b -> solve factor b) right stream

                check
                    "solve, vector"
                    (fun b -> solve (Tensor.cholesky (spd [||] 3 (RandomKey.ofSeed(3).Stream()))) b)
                    (normals [| 3 |] stream)
                    stream)

[<Fact>]
let ``Hessians are symmetric and Jacobians have the shape of result and argument`` () =
    forSeeds 5 (fun stream ->
        let x = normals [| 4 |] stream

        let f x =
            Tensor.logsumexp 0 (Tensor.square x) + Tensor.sum (Tensor.sin x) * Tensor.sum x

        let h = (Tensor.hessian f x).ToArray2D()

        for i in 0..3 do
            for j in 0..3 do
                Assert.Equal(h[i, j], h[j, i], 12)

        let jacobian =
            Tensor.jacobian
                (fun x ->
                    Tensor.matmul (Tensor.ofArray2D (array2D [ [ 1.0; 2.0; 3.0; 4.0 ]; [ 5.0; 6.0; 7.0; 8.0 ] ])) x)
                x

        Assert.Equal<int[]>([| 2; 4 |], jacobian.Shape)
        Assert.Equal<float[]>([| 1.0 .. 8.0 |], jacobian.ToArray()))

[<Fact>]
let ``Nested gradients do not confuse their variables`` () =
    // d/da of a d/dx (a x²) at x = 3: a 2 a x = 2 a² x, whose derivative is 4 a x
    let outer (a: Tensor) =
        a * Tensor.grad (fun x -> a * x * x) (Tensor.scalar 3.0)

    Assert.Equal(4.0 * 2.0 * 3.0, (Tensor.grad outer (Tensor.scalar 2.0)).ToScalar())

    // an inner function that ignores its variable has derivative zero, not the outer one's
    let ignoring (a: Tensor) =
        Tensor.grad (fun _ -> a * a) (Tensor.scalar 1.0)

    Assert.Equal(0.0, (ignoring (Tensor.scalar 2.0)).ToScalar())

[<Fact>]
let ``Detached tensors are constants`` () =
    let f x = Tensor.sum (Tensor.detach x * x)
    Assert.Equal<float[]>([| 2.0; 3.0 |], (Tensor.grad f (Tensor.ofArray [| 2.0; 3.0 |])).ToArray())

[<Fact>]
let ``Infinities do not turn into NaN in log-sum-exp, softmax and where`` () =
    let minus = Double.NegativeInfinity
    let x = Tensor.ofShape [| 3; 2 |] [| minus; minus; 0.0; minus; -1e4; 1e4 |]
    let y = Tensor.logsumexp 1 x
    Assert.Equal<float[]>([| minus; 0.0; 1e4 |], y.ToArray())
    let gradient = Tensor.grad (fun x -> Tensor.sum (Tensor.logsumexp 1 x)) x
    Assert.Equal<float[]>([| 0.0; 0.0; 1.0; 0.0; 0.0; 1.0 |], gradient.ToArray())
    let chosen = Tensor.ofArray [| 0.0; 4.0 |]

    let guarded t =
        Tensor.sum (Tensor.where (Tensor.gt t (Tensor.scalar 0.0)) (Tensor.log t) (Tensor.scalar 0.0))

    Assert.True(Double.IsFinite((guarded chosen).ToScalar()))
    let far = Tensor.softmax 0 (Tensor.ofArray [| 0.0; -1e9; minus |])
    Assert.Equal<float[]>([| 1.0; 0.0; 0.0 |], far.ToArray())

[<Fact>]
let ``Records of parameters are differentiated as they are`` () =
    let structure: TensorStructure<Tensor * Tensor> = TensorStructure.pair
    let f (a: Tensor, b: Tensor) = Tensor.sum (a * a) * b
    let parameters = Tensor.ofArray [| 1.0; 2.0 |], Tensor.scalar 3.0
    let struct (value, (da, db)) = TensorStructure.valueAndGrad structure f parameters
    Assert.Equal(15.0, value.ToScalar())
    Assert.Equal<float[]>([| 6.0; 12.0 |], da.ToArray())
    Assert.Equal(5.0, db.ToScalar())
    let vector = TensorStructure.toVector structure parameters

    let byVector =
        Tensor.grad (TensorStructure.ofVector structure parameters >> f) vector

    Assert.Equal<float[]>([| 6.0; 12.0; 5.0 |], byVector.ToArray())
