module Mixtures.Tests.BijectorTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.TensorGradientTests

let private bijectors =
    [
        Bijector.identity
        Bijector.exp
        Bijector.softplus
        Bijector.sigmoid
        Bijector.interval -2.0 5.0
        Bijector.angle
        Bijector.ofSupport (Support.RealVector 3)
        Bijector.simplex 2
        Bijector.simplex 5
        Bijector.ordered 1
        Bijector.ordered 4
        Bijector.positiveOrdered 1
        Bijector.positiveOrdered 4
        Bijector.choleskyFactor 1
        Bijector.choleskyFactor 3
        Bijector.positiveDefinite 1
        Bijector.positiveDefinite 3
        Bijector.product
            [
                Bijector.exp
                Bijector.simplex 3
                Bijector.positiveDefinite 2
                Bijector.ofSupport (Support.RealVector 2)
            ]
    ]

/// Which numbers of a value are free, as many as there are unconstrained ones: all but the last of a simplex, the lower
/// triangle of a matrix.
let rec private freeNumbers (support: Support) : int list =
    match support with
    | Support.Simplex k -> [ 0 .. k - 2 ]
    | Support.CholeskyFactor d
    | Support.PositiveDefinite d ->
        [
            for i in 0 .. d - 1 do
                for j in 0..i -> i * d + j
        ]
    | Support.Product parts ->
        let starts = parts |> List.map Support.size |> List.scan (+) 0

        List.zip (List.take parts.Length starts) parts
        |> List.collect (fun (start, part) -> freeNumbers part |> List.map ((+) start))
    | other -> [ 0 .. Support.size other - 1 ]

let private logAbsDeterminant (m: float[,]) =
    // elimination with the largest pivot of each column
    let n = Array2D.length1 m
    let a = Array2D.copy m
    let mutable sum = 0.0

    for c in 0 .. n - 1 do
        let pivot = [ c .. n - 1 ] |> List.maxBy (fun r -> abs a[r, c])

        for j in 0 .. n - 1 do
            let v = a[c, j]
            a[c, j] <- a[pivot, j]
            a[pivot, j] <- v

        sum <- sum + log (abs a[c, c])

        for r in c + 1 .. n - 1 do
            let factor = a[r, c] / a[c, c]

            for j in c .. n - 1 do
                a[r, j] <- a[r, j] - factor * a[c, j]

    sum

/// Catches a map that leaves its support, does not come back, or whose log-determinant is not that of its Jacobian.
[<Fact>]
let ``bijectors map into their supports and back, and know their Jacobians`` () =
    for bijector in bijectors do
        let stream = (RandomKey.ofSeed 81).Stream()

        for _ in 1..20 do
            let u = 1.5 * normals bijector.UnconstrainedShape stream
            let x = bijector.Forward u
            Assert.Equal<int[]>(bijector.ConstrainedShape, x.Shape)

            match Support.violation bijector.Support (ReadOnlySpan(x.ToArray())) with
            | ValueSome text -> Assert.Fail $"{bijector.Name}: {text}"
            | ValueNone -> ()

            let back = (bijector.Inverse x).ToArray()
            Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, 1e-10)) (u.ToArray()) back
            let free = freeNumbers bijector.Support |> List.toArray
            let jacobian = Tensor.jacobian bijector.Forward u
            let columns = max 1 u.Count
            let whole = Tensor.reshape [| x.Count; columns |] jacobian
            let square = Array2D.init free.Length columns (fun i j -> whole.Value(free[i], j))
            Assert.Equal(free.Length, columns)
            let expected = logAbsDeterminant square
            let received = (bijector.LogDeterminant u).ToScalar()

            if not (abs (expected - received) <= 1e-10 * (1.0 + abs expected)) then
                Assert.Fail $"{bijector.Name}: log-determinant of the Jacobian {expected}, received {received}"

            // and the Jacobian itself is that of central differences
            let i = stream.NextInt32 x.Count

            let element u =
                (Tensor.reshape [| -1 |] (bijector.Forward u)).Value i

            Array.iteri
                (fun j (e: float) -> Assert.Equal(e, whole.Value(i, j), 1e-7 * (1.0 + abs e)))
                (central element u)

/// Catches a map that mixes the batch up, or loses its axes.
[<Fact>]
let ``bijectors take batches`` () =
    for bijector in bijectors do
        let stream = (RandomKey.ofSeed 82).Stream()
        let u = normals (Array.append [| 2; 3 |] bijector.UnconstrainedShape) stream
        let x, logs = bijector.Forward u, bijector.LogDeterminant u
        Assert.Equal<int[]>(Array.append [| 2; 3 |] bijector.ConstrainedShape, x.Shape)
        Assert.Equal<int[]>([| 2; 3 |], logs.Shape)
        Assert.Equal<int[]>(u.Shape, (bijector.Inverse x).Shape)

        let pick t =
            t |> Tensor.select 0 1 |> Tensor.select 0 2

        let single = bijector.Forward(pick u)
        Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, 1e-13)) (single.ToArray()) ((pick x).ToArray())
        Assert.Equal((bijector.LogDeterminant(pick u)).ToScalar(), logs.Value(1, 2), 1e-12)

/// Catches exponentials that overflow on the way, and probabilities that vanish by subtraction.
[<Fact>]
let ``bijectors at the extremes`` () =
    for bijector in bijectors do
        for scale in [ -300.0; 300.0 ] do
            let u = Tensor.full bijector.UnconstrainedShape scale

            for v in
                Array.append
                    ((bijector.LogDeterminant u).ToArray())
                    ((Tensor.grad (bijector.LogDeterminant >> Tensor.sum) u).ToArray()) do
                Assert.False(Double.IsNaN v, $"{bijector.Name} at {scale}: {v}")

            Assert.DoesNotContain(nan, (bijector.Forward u).ToArray())

    let simplex = Bijector.simplex 3
    // a first share of nearly one leaves exactly e⁻⁷⁰⁰ log-odds to the rest
    let x = (simplex.Forward(Tensor.ofArray [| 690.0; 0.0 |])).ToArray()
    Assert.Equal(1.0, x[0])
    Assert.Equal(exp -690.0, x[1], exp -690.0 * 1e-12)
    let u = (simplex.Inverse(Tensor.ofArray [| 1.0; 3e-300; 1e-300 |])).ToArray()
    Assert.Equal(log (1.0 / 4e-300) + log 2.0, u[0], 1e-10)
    // each logarithm, near -690, is rounded to 1e-13
    Assert.Equal(log 3.0, u[1], 2e-13)
    // u = 0 is the middle of the simplex
    Assert.All((simplex.Forward(Tensor.zeros [| 2 |])).ToArray(), (fun v -> Assert.Equal(1.0 / 3.0, v, 1e-15)))
    // softplus comes back from tiny and huge values
    let values = Tensor.ofArray [| 1e-300; 1e-10; 1.0; 50.0; 1e300 |]
    let back = Bijector.softplus.Forward(Bijector.softplus.Inverse values)
    Array.iter2 (fun (e: float) r -> Assert.Equal(e, r, e * 1e-13)) (values.ToArray()) (back.ToArray())
    // angles come back by whole turns
    let turned =
        Bijector.angle.Inverse(Tensor.ofArray [| 1.0; 1.0 + 4.0 * Math.PI; 1.0 - 2.0 * Math.PI |])

    Array.iter (fun (v: float) -> Assert.Equal(turned.Value 0, v, 1e-12)) (turned.ToArray())

/// Catches a log-determinant left out: densities over all reals integrate to one.
[<Fact>]
let ``densities in unconstrained coordinates integrate to one`` () =
    let t = Tensor.scalar
    let n = 4001
    let grid = Array.init n (fun i -> -40.0 + 80.0 * float i / float (n - 1))

    for distribution in
        [
            Gamma.distribution (t 2.0) (t 3.0)
            Beta.distribution (t 2.0) (t 3.0)
            LogNormal.distribution (t 0.0) (t 1.0)
            Exponential.distribution (t 2.0)
            Uniform.distribution (t -1.0) (t 4.0)
            VonMises.distribution (t 1.0) (t 2.0)
            Normal.distribution (t 1.0) (t 2.0)
        ] do
        let bijector = Bijector.ofSupport distribution.Support
        let values = Bijector.logDensity bijector distribution (Tensor.ofArray grid)
        let total = Array.sumBy exp (values.ToArray()) * 80.0 / float (n - 1)
        Assert.Equal(1.0, total, 1e-8)

    // Dirichlet over two coordinates
    let m = 301
    let side = Array.init m (fun i -> -15.0 + 30.0 * float i / float (m - 1))

    let points =
        Array2D.init (m * m) 2 (fun at j -> side[if j = 0 then at / m else at % m])

    let values =
        Bijector.logDensity
            (Bijector.simplex 3)
            (Dirichlet.distribution (Tensor.ofArray [| 2.0; 3.0; 4.0 |]))
            (Tensor.ofArray2D points)

    Assert.Equal(1.0, Array.sumBy exp (values.ToArray()) * Math.Pow(30.0 / float (m - 1), 2.0), 1e-6)

/// Catches a support without a map, and one that has none.
[<Fact>]
let ``every continuous support has a bijector`` () =
    for support in
        [
            Support.Real
            Support.Positive
            Support.NonNegative
            Support.UnitInterval
            Support.Interval(1.0, 2.0)
            Support.Angle
            Support.RealVector 2
            Support.Simplex 3
            Support.Ordered 2
            Support.PositiveOrdered 2
            Support.CholeskyFactor 2
            Support.PositiveDefinite 2
            Support.Product [ Support.RealVector 2; Support.PositiveDefinite 2 ]
        ] do
        Assert.Equal(support, (Bijector.ofSupport support).Support)

    for support in [ Support.Boolean; Support.NonNegativeInteger; Support.IntegerRange(0, 3) ] do
        let error =
            Assert.Throws<ArgumentException>(fun () -> Bijector.ofSupport support |> ignore)

        Assert.Contains("expected a support of real numbers", error.Message)
