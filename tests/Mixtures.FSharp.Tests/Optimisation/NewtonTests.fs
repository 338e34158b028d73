module Mixtures.Tests.NewtonTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SmoothFunctions

let private options = Minimiser.defaults

/// Catches a direction that is not -H⁻¹ g: a quadratic takes one step, however its parameters are scaled.
[<Fact>]
let ``a quadratic takes one step`` () =
    forSeeds 60 (fun stream ->
        let n = between 1 12 stream
        let spectrum = Array.init n (fun _ -> 10.0 ** (2.0 * stream.NextDouble()))
        let struct (objective, a, centre) = quadratic spectrum 0.0 stream
        // parameter i in units of 10^kᵢ
        let units = Array.init n (fun _ -> 10.0 ** float (between -6 6 stream))

        let rescaled y =
            let struct (f, g) = objective (Array.map2 (*) y units)
            struct (f, Array.map2 (*) g units)

        let hessian _ =
            Array.init (n * n) (fun at -> a[at] * units[at / n] * units[at % n])

        let minimiser = Newton.create LineSearch.defaults rescaled hessian

        let state =
            minimiser.Init(Array.map2 (/) (Array.init n (fun _ -> 5.0 * stream.NextNormal())) units)

        let struct (next, info) = minimiser.Step state
        Assert.Equal(MinimiserStep.Moved, info.Step)
        Assert.False info.Corrected
        Assert.Equal(1, info.Evaluations)

        for i in 0 .. n - 1 do
            near 1e-11 (1.0 + abs centre[i]) centre[i] (next.Point.Parameters[i] * units[i]) $"coordinate {i}")

/// Catches convergence slower than quadratic: near the solution each error is at most a constant times the last one's square.
[<Fact>]
let ``digits double to machine precision`` () =
    let b = [| 2.0; 0.5; 3.0 |]
    let c = [| 1.0; 4.0; 0.1 |]

    let hessian (x: float[]) =
        Array.init 9 (fun at ->
            if at / 3 = at % 3 then
                b[at / 3] / (x[at / 3] * x[at / 3])
            else
                0.0)

    let minimiser = Newton.create LineSearch.defaults (barrier b c) hessian
    let mutable state = minimiser.Init [| 1.9; 0.13; 28.0 |]

    // relative errors e of x follow e ← e² exactly here
    let errors =
        [
            for _ in 1..5 do
                let x = state.Point.Parameters
                yield Array.init 3 (fun i -> abs (x[i] * c[i] / b[i] - 1.0)) |> Array.max
                let struct (next, _) = minimiser.Step state
                state <- next
        ]

    for before, after in List.pairwise errors do
        Assert.True(after <= 1.01 * before * before + 4e-16, $"%A{errors}")

    Assert.True(List.last errors <= 4e-16)

[<Theory>]
[<InlineData(2, 30)>]
[<InlineData(20, 60)>]
let ``Rosenbrock's valley is followed to its end`` (n: int, iterations: int) =
    let start = Array.init n (fun i -> if i % 2 = 0 then -1.2 else 1.0)
    let result = Newton.minimise options rosenbrock rosenbrockHessian start
    Assert.Equal(MinimiserTermination.Converged, result.Termination)
    Assert.True(result.Iterations < iterations, $"{result.Iterations} iterations")
    let struct (_, g) = rosenbrock result.Parameters
    Assert.True(g |> Array.forall (fun g -> abs g <= 1e-10))

/// Catches eigenvalues that are not turned to their sizes: [1 3; 3 1] has 4 along (1, 1) and -2 along (1, -1).
[<Fact>]
let ``directions of indefinite Hessians follow the sizes of the eigenvalues`` () =
    let struct (direction, corrected) =
        Newton.direction [| 1.0; 3.0; 3.0; 1.0 |] [| 1.0; 0.0 |]

    Assert.True corrected
    // -((1, 1) / 8 + (1, -1) / 4)
    Assert.Equal(-0.375, direction[0], 14)
    Assert.Equal(0.125, direction[1], 14)

/// Catches steps up to a maximum or into a saddle where the Hessian is indefinite: x⁴ - x² + y² - xy/10 and its like.
[<Fact>]
let ``it descends where the Hessian is indefinite`` () =
    let objective (x: float[]) =
        let struct (a, b) = struct (x[0], x[1])
        struct (pown a 4 - a * a + b * b, [| 4.0 * pown a 3 - 2.0 * a; 2.0 * b |])

    let hessian (x: float[]) =
        [| 12.0 * x[0] * x[0] - 2.0; 0.0; 0.0; 2.0 |]

    forSeeds 50 (fun stream ->
        let x = [| 0.4 * stream.NextNormal(); stream.NextNormal() |]
        let result = Newton.minimise options objective hessian x
        Assert.Equal(MinimiserTermination.Converged, result.Termination)
        near 1e-9 1.0 (sqrt 0.5) (abs result.Parameters[0]) "minimum"
        near 1e-12 0.25 -0.25 result.Value "value")

/// Catches a singular Hessian that ruins the step: softmax logits can all be shifted by the same number.
[<Fact>]
let ``flat directions do no harm`` () =
    forSeeds 40 (fun stream ->
        let k = between 2 8 stream
        let counts = Array.init k (fun _ -> 1.0 + 100.0 * stream.NextDouble())
        let total = Array.sum counts

        let shares (x: float[]) =
            let top = Array.max x
            let e = x |> Array.map (fun x -> exp (x - top))
            let sum = Array.sum e
            struct (e |> Array.map (fun e -> e / sum), top + log sum)

        let objective x =
            let struct (p, normaliser) = shares x
            let f = Array.fold2 (fun sum n x -> sum - n * (x - normaliser)) 0.0 counts x
            struct (f, Array.map2 (fun p n -> total * p - n) p counts)

        let hessian x =
            let struct (p, _) = shares x
            Array.init (k * k) (fun at -> total * p[at / k] * ((if at / k = at % k then 1.0 else 0.0) - p[at % k]))

        let result =
            Newton.minimise options objective hessian (Array.init k (fun _ -> 2.0 * stream.NextNormal()))

        Assert.Equal(MinimiserTermination.Converged, result.Termination)
        Assert.InRange(result.Iterations, 0, 30)
        let struct (p, _) = shares result.Parameters
        Assert.True(result.Parameters |> Array.forall (fun x -> abs x < 100.0))

        for i in 0 .. k - 1 do
            near 1e-9 1.0 (counts[i] / total) p[i] $"share {i}")

/// Catches runs without end, and infinite results, where there is no minimum or no second derivative.
[<Fact>]
let ``functions without a minimum or a Hessian are told`` () =
    let linear =
        Newton.minimise options (fun x -> struct (x[0], [| 1.0 |])) (fun _ -> [| 0.0 |]) [| 1.0 |]

    Assert.Equal(MinimiserTermination.Unbounded, linear.Termination)
    Assert.True(linear.Point.IsFinite)

    let broken =
        Newton.minimise options (fun x -> struct (x[0] * x[0], [| 2.0 * x[0] |])) (fun _ -> [| nan |]) [| 1.0 |]

    Assert.Equal(MinimiserTermination.NotFinite, broken.Termination)
    Assert.Equal<float[]>([| 1.0 |], broken.Parameters)

    let error =
        Assert.ThrowsAny<ArgumentException>(fun () ->
            Newton.minimise options rosenbrock (fun _ -> [| 1.0 |]) [| 0.0; 0.0 |] |> ignore)

    Assert.Equal("hessian", error.ParamName)
    Assert.Contains("2 x 2", error.Message)

/// Catches runs without end where the tolerance is beyond what rounding allows.
[<Fact>]
let ``without a tolerance it goes as far as rounding allows, and says so`` () =
    forSeeds 20 (fun stream ->
        let struct (objective, hessian) = logistic 300 5 stream
        let reference = Newton.minimise options objective hessian (Array.zeroCreate 5)

        let result =
            Newton.minimise { options with GradientTolerance = 0.0 } objective hessian (Array.zeroCreate 5)

        Assert.Equal(MinimiserTermination.NoProgress, result.Termination)
        // ten idle iterations end it, but every last bit of value gained by chance gives it ten more
        Assert.InRange(result.Iterations, reference.Iterations, reference.Iterations + 100)
        near 1e-13 reference.Value reference.Value result.Value "value"
        Assert.True(result.GradientNorm <= 1e-14))
