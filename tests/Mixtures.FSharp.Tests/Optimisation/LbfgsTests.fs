module Mixtures.Tests.LbfgsTests

open System
open System.Threading
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SmoothFunctions

let private options = Minimiser.defaults

let private converges (result: MinimiseResult) =
    Assert.Equal(MinimiserTermination.Converged, result.Termination)
    Assert.True(result.GradientNorm <= 1e-10)

/// Catches test functions whose gradient is not theirs.
[<Fact>]
let ``gradients of the test functions are right`` () =
    forSeeds 20 (fun stream ->
        let x = Array.init 5 (fun _ -> 0.3 + stream.NextDouble())
        Assert.True(gradientError rosenbrock x < 1e-6)
        Assert.True(gradientError (barrier x (Array.rev x)) x < 1e-6)
        let struct (objective, _) = logistic 20 5 stream
        Assert.True(gradientError objective x < 1e-6)
        let struct (objective, _, _) = quadratic x 1.0 stream
        Assert.True(gradientError objective x < 1e-6))

/// Catches a recursion that is not the product of the updates: against the inverse Hessian as a dense matrix, built by
/// H ← (I - s yᵀ / sᵀy) H (I - y sᵀ / sᵀy) + s sᵀ / sᵀy from (sᵀy / yᵀy) I (Nocedal & Wright 2006, equation 6.17).
[<Fact>]
let ``directions are those of the dense update`` () =
    forSeeds 30 (fun stream ->
        let n = between 1 6 stream
        let kept = between 1 5 stream

        let normal () =
            Array.init n (fun _ -> stream.NextNormal())

        let dot (a: float[]) (b: float[]) =
            Array.fold2 (fun sum a b -> sum + a * b) 0.0 a b

        let pairs =
            List.init (between 1 8 stream) (fun _ ->
                let struct (s, y) = struct (normal (), normal ())

                if dot s y < 0.0 then
                    struct (s, Array.map (~-) y)
                else
                    struct (s, y))

        let memory =
            (LbfgsMemory.Empty, pairs)
            ||> List.fold (fun memory (struct (s, y)) -> memory.Add(kept, s, y))

        let used = pairs |> List.skip (max 0 (pairs.Length - kept))
        Assert.Equal(used.Length, memory.Count)
        let struct (lastS, lastY) = List.last used
        let scale = dot lastS lastY / dot lastY lastY
        let identity i j = if i = j then 1.0 else 0.0

        let update (h: float[,]) (struct (s: float[], y: float[])) =
            let rho = 1.0 / dot s y
            let v i j = identity i j - rho * s[i] * y[j]

            Array2D.init n n (fun i j ->
                rho * s[i] * s[j]
                + Seq.sum (
                    seq {
                        for a in 0 .. n - 1 do
                            for b in 0 .. n - 1 -> v i a * h[a, b] * v j b
                    }
                ))

        let inverse =
            (Array2D.init n n (fun i j -> scale * identity i j), used) ||> List.fold update

        let g = normal ()
        let direction = memory.Direction g

        for i in 0 .. n - 1 do
            let terms = Array.init n (fun j -> -inverse[i, j] * g[j])
            // random pairs may be nearly at right angles, which magnifies rounding
            near 1e-7 (1.0 + Array.sumBy abs terms) (Array.sum terms) direction[i] $"coordinate {i}")

/// Catches wrong recursions, wrong scaling, and convergence that is claimed too early.
[<Fact>]
let ``random strictly convex quadratics are solved`` () =
    forSeeds 60 (fun stream ->
        let n = between 1 25 stream
        let spectrum = Array.init n (fun _ -> 10.0 ** (3.0 * stream.NextDouble()))
        let struct (objective, _, centre) = quadratic spectrum 0.0 stream
        let start = Array.init n (fun _ -> 10.0 * stream.NextNormal())
        let result = Lbfgs.minimise options objective start
        converges result

        for i in 0 .. n - 1 do
            near 1e-9 (1.0 + abs centre[i]) centre[i] result.Parameters[i] $"coordinate {i} of {n}")

/// Catches a line search or memory that does not get round the valley's bend, and lost digits at the end.
[<Theory>]
[<InlineData(2, 60)>]
[<InlineData(20, 250)>]
let ``Rosenbrock's valley is followed to its end`` (n: int, iterations: int) =
    let start = Array.init n (fun i -> if i % 2 = 0 then -1.2 else 1.0)
    let result = Lbfgs.minimise options rosenbrock start
    converges result
    Assert.True(result.Iterations < iterations, $"{result.Iterations} iterations")
    let struct (_, g) = rosenbrock result.Parameters
    Assert.True(g |> Array.forall (fun g -> abs g <= 1e-10))
    // for 20 dimensions there is a second, local minimum near (-1, 1, …, 1), which this start does not lead to
    Assert.True(result.Parameters |> Array.forall (fun x -> abs (x - 1.0) < 1e-9))

/// Catches NaN taken for a value: long first steps leave the domain, where the function is NaN. Where curvatures differ
/// by 1e7 and more it takes long, and rounding may come before the gradient's tolerance, but not before the value's digits.
[<Theory>]
[<InlineData(0.7, true)>]
[<InlineData(2.0, false)>]
let ``barriers are respected`` (spread: float, wellConditioned: bool) =
    forSeeds 60 (fun stream ->
        let n = between 1 10 stream

        let draw () =
            Array.init n (fun _ -> exp (spread * stream.NextNormal()))

        let struct (b, c) = struct (draw (), draw ())

        let result =
            Lbfgs.minimise { options with MaxIterations = 20000 } (barrier b c) (draw ())

        if wellConditioned || result.Termination <> MinimiserTermination.NoProgress then
            converges result

        let minimum = Array.map2 (fun b c -> b * (1.0 - log (b / c))) b c
        near 1e-12 (Array.sumBy abs minimum) (Array.sum minimum) result.Value "minimum"

        for i in 0 .. n - 1 do
            Assert.True(result.Parameters[i] > 0.0))

/// Catches stopping early: two starts, and Newton's method, agree on the minimum to 1e-12.
[<Fact>]
let ``minima of likelihoods agree to 1e-12`` () =
    forSeeds 15 (fun stream ->
        let struct (objective, hessian) = logistic 400 6 stream

        let there =
            Lbfgs.minimise options objective (Array.init 6 (fun _ -> stream.NextNormal()))

        let again = Lbfgs.minimise options objective (Array.zeroCreate 6)
        let newton = Newton.minimise options objective hessian (Array.zeroCreate 6)
        converges there
        converges again
        converges newton
        near 1e-12 newton.Value newton.Value there.Value "from a random start"
        near 1e-12 newton.Value newton.Value again.Value "from 0")

/// Catches runs without end, and a claim of convergence, where only rounding is left.
[<Fact>]
let ``without a tolerance it goes as far as rounding allows, and says so`` () =
    forSeeds 30 (fun stream ->
        let spectrum = Array.init 6 (fun _ -> 10.0 ** (2.0 * stream.NextDouble()))
        let offset = 1e6 * stream.NextNormal()
        let struct (objective, _, centre) = quadratic spectrum offset stream

        let result =
            Lbfgs.minimise { options with GradientTolerance = 0.0 } objective (Array.create 6 50.0)

        Assert.True(
            (result.Termination = MinimiserTermination.NoProgress
             || result.Point.Gradient |> Array.forall (fun g -> g = 0.0)),
            string result.Termination
        )

        Assert.InRange(result.Iterations, 1, 300)
        near 1e-12 (abs offset + 1.0) offset result.Value "minimum"

        for i in 0..5 do
            near 1e-9 (1.0 + abs centre[i]) centre[i] result.Parameters[i] "solution")

/// Catches a line that is followed for ever, and infinite parameters handed back.
[<Fact>]
let ``functions without a minimum are told`` () =
    let unbounded (objective: Objective) start =
        let result = Lbfgs.minimise options objective start
        Assert.Equal(MinimiserTermination.Unbounded, result.Termination)
        Assert.True(result.Point.IsFinite && Array.forall Double.IsFinite result.Parameters)
        Assert.True(result.Evaluations < 1000)

    unbounded (fun x -> struct (2.0 * x[0] - x[1], [| 2.0; -1.0 |])) [| 1.0; 2.0 |]
    unbounded (fun x -> struct (-x[0] * x[0], [| -2.0 * x[0] |])) [| 1e-3 |]
    unbounded (fun x -> struct (-(log x[0]), [| -1.0 / x[0] |])) [| 1.0 |]

/// Catches objectives that fail at the start, or everywhere around it, taken for a minimum.
[<Fact>]
let ``a function that is not finite is told`` () =
    let nowhere = Lbfgs.minimise options (fun x -> struct (nan, x)) [| 1.0 |]
    Assert.Equal(MinimiserTermination.NotFinite, nowhere.Termination)
    Assert.Equal<float[]>([| 1.0 |], nowhere.Parameters)

    let broken =
        Lbfgs.minimise options (fun x -> struct (1.0, [| nan; x[0] |])) [| 1.0; 1.0 |]

    Assert.Equal(MinimiserTermination.NotFinite, broken.Termination)

    let island x =
        struct ((if x = [| 1.0 |] then 0.0 else nan), [| 1.0 |])

    let alone = Lbfgs.minimise options island [| 1.0 |]
    Assert.Equal(MinimiserTermination.NotFinite, alone.Termination)
    Assert.Equal<float[]>([| 1.0 |], alone.Parameters)

/// Catches limits, tolerances, progress and cancellation that are not looked at.
[<Fact>]
let ``limits, tolerances and cancellation stop it`` () =
    let start = Array.init 20 (fun i -> if i % 2 = 0 then -1.2 else 1.0)
    let limited = Lbfgs.minimise { options with MaxIterations = 7 } rosenbrock start
    Assert.Equal(MinimiserTermination.IterationLimit, limited.Termination)
    Assert.Equal(7, limited.Iterations)
    let none = Lbfgs.minimise { options with MaxIterations = 0 } rosenbrock start
    Assert.Equal<float[]>(start, none.Parameters)
    let loose = Lbfgs.minimise { options with ValueTolerance = 1e-3 } rosenbrock start
    Assert.Equal(MinimiserTermination.ValueConverged, loose.Termination)
    use source = new CancellationTokenSource()
    let seen = ResizeArray()
    let mutable calls = 0

    let counted x =
        calls <- calls + 1
        rosenbrock x

    let watch (progress: MinimiserProgress) =
        seen.Add progress

        if progress.Iteration = 5 then
            source.Cancel()

    let watched =
        { options with
            Progress = watch
            Cancellation = source.Token
        }

    let stopped = Lbfgs.minimise watched counted start
    Assert.Equal(MinimiserTermination.Interrupted, stopped.Termination)
    Assert.Equal<int list>([ 1..5 ], [ for p in seen -> p.Iteration ])
    Assert.Equal(calls, stopped.Evaluations)
    Assert.Equal(seen[4].Point.Value, stopped.Value)

    Assert.True(
        seen
        |> Seq.map (fun p -> p.Point.Value)
        |> Seq.pairwise
        |> Seq.forall (fun (a, b) -> b < a)
    )

    // an objective that notices the cancellation itself
    use inner = new CancellationTokenSource()
    let mutable left = 10

    let cancelling x =
        left <- left - 1

        if left = 0 then
            inner.Cancel()
            inner.Token.ThrowIfCancellationRequested()

        rosenbrock x

    let result =
        Lbfgs.minimise
            { options with
                Cancellation = inner.Token
            }
            cancelling
            start

    Assert.Equal(MinimiserTermination.Interrupted, result.Termination)
    Assert.True(result.Point.IsFinite)

/// Catches a state that a step changes, and an objective's own gradient array that is kept.
[<Fact>]
let ``steps are pure, even over an objective that reuses its array`` () =
    let buffer = Array.zeroCreate 4

    let reusing x =
        let struct (f, g) = rosenbrock x
        Array.blit g 0 buffer 0 4
        struct (f, buffer)

    let start = [| -1.2; 1.0; -1.2; 1.0 |]

    let trail (objective: Objective) =
        let minimiser = Lbfgs.create { Lbfgs.defaults with Memory = 3 } objective
        let mutable state = minimiser.Init start

        [
            for _ in 1..10 do
                let struct (once, _) = minimiser.Step state
                let struct (twice, _) = minimiser.Step state
                Assert.Equal<float[]>(once.Point.Parameters, twice.Point.Parameters)
                Assert.InRange(once.Memory.Count, 1, 3)
                state <- once
                yield once.Point.Value
        ]

    Assert.Equal<float list>(trail rosenbrock, trail reusing)
    Assert.Equal<float[]>([| -1.2; 1.0; -1.2; 1.0 |], start)

/// Catches frozen parameters that move, and free ones that are mixed up.
[<Fact>]
let ``a masked objective is minimised over its free parameters`` () =
    let free = [| true; false; true |]
    let full = [| 5.0; 7.0; -5.0 |]

    let objective (x: float[]) =
        let away = Array.map2 (-) x [| 1.0; 2.0; 3.0 |]
        struct (Array.sumBy (fun a -> a * a) away, away |> Array.map ((*) 2.0))

    let result =
        Lbfgs.minimise options (Objective.masked free full objective) (Mask.gather free full)

    let found = Mask.scatter free full result.Parameters
    near 1e-10 1.0 1.0 found[0] "first"
    Assert.Equal(7.0, found[1])
    near 1e-10 1.0 3.0 found[2] "third"

[<Fact>]
let ``bad input is told by name`` () =
    let fails (name: string) options objective start =
        let error =
            Assert.ThrowsAny<ArgumentException>(fun () -> Lbfgs.minimise options objective start |> ignore)

        Assert.Equal(name, error.ParamName)

    fails
        "GradientTolerance"
        { options with
            GradientTolerance = -1.0
        }
        rosenbrock
        [| 1.0; 1.0 |]

    fails "ValueTolerance" { options with ValueTolerance = nan } rosenbrock [| 1.0; 1.0 |]
    fails "MaxIterations" { options with MaxIterations = -1 } rosenbrock [| 1.0; 1.0 |]
    fails "parameters" options rosenbrock [||]
    fails "parameters" options rosenbrock [| 1.0; infinity |]
    fails "gradient" options (fun _ -> struct (0.0, [| 1.0 |])) [| 1.0; 1.0 |]

    let error =
        Assert.ThrowsAny<ArgumentException>(fun () ->
            Lbfgs.create { Lbfgs.defaults with Memory = 0 } rosenbrock |> ignore)

    Assert.Equal("Memory", error.ParamName)
